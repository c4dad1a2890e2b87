/**
 * What outlives a connection: sessions, and the keys of tickets.
 * @module
 */

import { createSessionCache, type SessionCache, type TicketKey } from "../../mod.ts";

export class Memory implements SessionCache {
  readonly #cache = createSessionCache({ now: () => this.now() });
  #stored = 0;
  #delay = 0;

  /** How many sessions were stored since this was asked the last time. */
  takeStored(): number {
    const stored = this.#stored;
    this.#stored = 0;
    return stored;
  }

  /** In ms since 1970. */
  now(): number {
    return Date.now() + this.#delay;
  }

  /** Lets that many seconds pass. */
  wait(seconds: number): void {
    this.#delay += seconds * 1000;
  }

  load(key: string): Uint8Array | undefined {
    return this.#cache.load(key);
  }

  store(key: string, session: Uint8Array, expiresAt: number): void {
    this.#stored++;
    this.#cache.store(key, session, expiresAt);
  }

  remove(key: string): void {
    this.#cache.remove(key);
  }
}

/** The same for each connection, as BoringSSL's shim has them; a second one where a ticket is to be renewed. */
export function ticketKeys(isRenewed: boolean): readonly TicketKey[] {
  return isRenewed ? [ticketKey(2), ticketKey(1)] : [ticketKey(1)];
}

function ticketKey(number: number): TicketKey {
  return { name: new Uint8Array(16).fill(number), key: new Uint8Array(32).fill(number) };
}
