/**
 * The ticket keys that a server has without being told: adapters serve many connections, so they can keep what one
 * connection can't. Enters: a server's options. Leaves: its ticket keys, or none. RFC 5077. Runtime-neutral.
 * @module
 */

import { createTicketKeyRing, type ServerConfig, type TicketKey, TlsUsageError } from "../mod.ts";

/** What a server is told of tickets, beside `ticketKeys`. */
export interface TicketOptions {
  /**
   * Whether clients get tickets (RFC 5077), so that they can resume their sessions; default: true. Without `ticketKeys`,
   * keys are made that live in memory and are replaced every twelve hours; all connections whose `credentials` begin with
   * the same object share them. None are made with `credentials: "request"`, a `certificateVerifier` or a `sessionCache`.
   */
  readonly tickets?: boolean | undefined;
}

type Keys = ServerConfig["ticketKeys"];
type Told =
  & Pick<ServerConfig, "ticketKeys" | "credentials" | "certificateVerifier" | "sessionCache" | "now" | "random">
  & TicketOptions;

/** Throws TlsUsageError for options that contradict each other. */
export function ticketKeysFor({ tickets, ticketKeys, ...told }: Told): Keys {
  if (tickets !== undefined && typeof tickets !== "boolean") {
    throw new TlsUsageError(`Cannot use tickets: it is true or false, not ${typeof tickets}`);
  }
  if (tickets === false && ticketKeys !== undefined) {
    throw new TlsUsageError("Cannot use ticketKeys: tickets is false; leave out one of them");
  }
  if (tickets === false || ticketKeys !== undefined) return ticketKeys;
  const ring = sharedRing(told);
  if (ring !== undefined || tickets === undefined) return ring;
  throw new TlsUsageError(
    'Cannot issue tickets: with credentials: "request", a certificateVerifier or a sessionCache, give ticketKeys ' +
      "(createTicketKeyRing), because only you know which connections may share them",
  );
}

const rings = new WeakMap<object, () => readonly TicketKey[]>();

/**
 * A session is bound to the trust anchors that it was proved by, but two verifiers can't be told apart for certain, so
 * they share nothing. Who has a session cache wants it to be used, and clients prefer tickets.
 */
function sharedRing(told: Omit<Told, "tickets" | "ticketKeys">): Keys {
  const { credentials, certificateVerifier, sessionCache, now, random } = told;
  const [owner]: readonly unknown[] = Array.isArray(credentials) ? credentials : [];
  if (typeof owner !== "object" || owner === null) return undefined;
  if (certificateVerifier !== undefined || sessionCache !== undefined) return undefined;
  const known = rings.get(owner);
  if (known !== undefined) return known;
  let ring: (() => readonly TicketKey[]) | undefined;
  // Made when it is needed: what can't work is refused by the connection, in its own words.
  const keys = (): readonly TicketKey[] => (ring ??= createTicketKeyRing({ now, random }))();
  rings.set(owner, keys);
  return keys;
}
