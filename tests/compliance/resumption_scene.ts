/**
 * One client and one server that meet again and again: each keeps what it remembers of the other.
 * @module
 */

import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { createTlsClient, createTlsServer } from "../../lib/core.ts";
import { createSessionCache, type SessionCache } from "../../lib/session/session_cache.ts";
import { clientConfig, fixedNow, seededRandom, serverConfig } from "../support/fixtures.ts";
import { End, Pair } from "../support/pair.ts";

export interface Meeting {
  readonly client: Partial<ClientConfig>;
  readonly server: Partial<ServerConfig>;
}

export class Acquaintance {
  readonly clientCache: SessionCache = createSessionCache({ now: fixedNow });
  readonly serverCache: SessionCache = createSessionCache({ now: fixedNow });
  readonly #usual: Meeting;
  #seed = 1000;

  /** `by`: what names the session. */
  constructor(by: "id" | "ticket" | "both", { client, server }: Partial<Meeting> = {}) {
    const keys = [{ name: new Uint8Array(16).fill(1), key: new Uint8Array(32).fill(2) }];
    this.#usual = {
      client: { sessionCache: this.clientCache, ...client },
      server: {
        ...(by === "ticket" ? {} : { sessionCache: this.serverCache }),
        ...(by === "id" ? {} : { ticketKeys: keys }),
        ...server,
      },
    };
  }

  /** Both ends of a new connection, not started. */
  pair({ client, server }: Partial<Meeting> = {}): Pair {
    return new Pair(
      clientConfig("p256", { random: seededRandom(this.#seed++), ...this.#usual.client, ...client }),
      serverConfig("p256", { random: seededRandom(this.#seed++), ...this.#usual.server, ...server }),
    );
  }

  /** A whole handshake. */
  meet(meeting: Partial<Meeting> = {}): Pair {
    return this.pair(meeting).shake();
  }

  /** A client's first flight alone. */
  clientHello(client: Partial<ClientConfig> = {}): { readonly end: End; readonly bytes: Uint8Array } {
    const config = clientConfig("p256", { random: seededRandom(this.#seed++), ...this.#usual.client, ...client });
    const end = new End(createTlsClient(config));
    end.take(end.tls.start());
    return { end, bytes: firstOf(end) };
  }

  /** What a server says to a ClientHello. */
  serverFlight(clientHello: Uint8Array, server: Partial<ServerConfig> = {}): End {
    const config = serverConfig("p256", { random: seededRandom(this.#seed++), ...this.#usual.server, ...server });
    const end = new End(createTlsServer(config));
    end.take(end.tls.start());
    end.take(end.tls.receive(clientHello));
    return end;
  }
}

/** The first flight of an end. */
export function firstOf({ transmitted: [first] }: End): Uint8Array {
  if (first === undefined) throw new Error("nothing was transmitted");
  return first;
}
