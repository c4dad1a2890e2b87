/**
 * A client of ours that visits a server of ours again and again: the sessions that both keep, a clock that the test sets,
 * and other randomness on each visit, which is the same in each scene.
 * @module
 */
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import type { SessionCache } from "../../lib/session/session_cache.ts";
import { clientConfig, fixedNow, type KeyKind, seededRandom, serverConfig } from "./fixtures.ts";
import { Pair, type Wire } from "./pair.ts";

/** Keeps every session for ever: what a connection may use is for the connection to decide. */
export class KeepingCache implements SessionCache {
  readonly sessions: Map<string, Uint8Array> = new Map();
  /** When the last one is said to expire. */
  lastExpiry: number | undefined;

  load(key: string): Uint8Array | undefined {
    return this.sessions.get(key);
  }
  store(key: string, session: Uint8Array, expiresAt: number): void {
    this.sessions.set(key, session.slice());
    this.lastExpiry = expiresAt;
  }
  remove(key: string): void {
    this.sessions.delete(key);
  }

  /** Changes each session. */
  change(change: (session: Uint8Array) => Uint8Array): void {
    for (const [key, session] of this.sessions) this.sessions.set(key, change(session));
  }
}

export class Visits {
  /** In ms since 1970. */
  time: number = fixedNow();
  readonly clientCache: KeepingCache = new KeepingCache();
  readonly serverCache: KeepingCache = new KeepingCache();
  readonly #common: {
    readonly kind: KeyKind;
    readonly client: Partial<ClientConfig>;
    readonly server: Partial<ServerConfig>;
  };
  readonly #wire: Wire;
  #visits = 0;

  constructor(
    client: Partial<ClientConfig> = {},
    server: Partial<ServerConfig> = {},
    { wire = "whole", kind = "p256" }: { readonly wire?: Wire; readonly kind?: KeyKind } = {},
  ) {
    this.#common = { kind, client, server };
    this.#wire = wire;
  }

  /** The client comes, with what is different this time; a connection that didn't fail goes on. */
  visit(client: Partial<ClientConfig> = {}, server: Partial<ServerConfig> = {}): Pair {
    return this.prepare(client, server).shake();
  }

  /** The same before anything is said. */
  prepare(client: Partial<ClientConfig> = {}, server: Partial<ServerConfig> = {}): Pair {
    const { kind, ...common } = this.#common;
    const visit = 2 * this.#visits++;
    const now = (): number => this.time;
    return new Pair(
      clientConfig(kind, {
        random: seededRandom(100 + visit),
        now,
        sessionCache: this.clientCache,
        ...common.client,
        ...client,
      }),
      serverConfig(kind, {
        random: seededRandom(101 + visit),
        now,
        sessionCache: this.serverCache,
        ...common.server,
        ...server,
      }),
      this.#wire,
    );
  }
}

/** A key that seals tickets, not random at all. */
export function ticketKey(seed: number): { readonly name: Uint8Array; readonly key: Uint8Array } {
  return { name: new Uint8Array(16).fill(seed), key: new Uint8Array(32).fill(seed + 1) };
}
