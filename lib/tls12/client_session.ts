/**
 * Resumption on a client: which stored session may be offered, and what is stored when a handshake is over.
 * RFC 5246 §7.4.1.2; RFC 5077 §3.3, §3.4; RFC 7627 §5.3.
 * @module
 */

import { decode } from "../codec/codec.ts";
import type { CommandTable } from "../endpoint.ts";
import type { ClientSettings, SessionSettings } from "../settings.ts";
import { encodeSession, type ResumableSession } from "../session/resumable_session.ts";
import type { ClientAnswer, ClientCommands } from "./client_events.ts";
import { fragmentLengthAgreed, provedOf } from "./common_commands.ts";
import { type Known, known } from "./known.ts";
import { newSessionTicket } from "./messages/new_session_ticket.ts";
import { mayResume } from "./resumption.ts";

type SessionCommands = Pick<ClientCommands, "readNewSessionTicket" | "storeSession">;

/** Under which key a client's sessions with this server are kept. */
export function clientSessionKey({ sessionKey }: ClientSettings): string {
  return `client ${sessionKey}`;
}

/** A stored session, if it may be offered; whatever else the bytes are, they are as good as none. */
export function recalledSession(bytes: Uint8Array, config: ClientSettings): ResumableSession | undefined {
  const session = mayResume(bytes, "client", config.serverName, config);
  if (session === undefined) return undefined;
  const { ticket, maxFragmentLength } = session;
  // RFC 6066 §4: the length is the session's, and some servers answer it only to a client that asks for it again.
  const keepsLength = maxFragmentLength === undefined || maxFragmentLength === config.maxFragmentLength;
  return keepsLength && (ticket === undefined || config.requestsTickets) ? session : undefined;
}

export const clientSessionCommands: CommandTable<SessionCommands, Known, ClientSettings, ClientAnswer> = {
  // RFC 5077 §4 MUST: "Clients MUST NOT examine the ticket under the assumption that it complies with this document."
  readNewSessionTicket: (_, { message }) => {
    const { ticketLifetimeHint, ticket } = decode(newSessionTicket, message.body, "NewSessionTicket");
    return { learned: { ticket: { lifetimeHint: ticketLifetimeHint, ticket: ticket.slice() } } };
  },

  storeSession: (all, _, { config }) => {
    const { sessions } = config;
    if (sessions === undefined) return {};
    const key = clientSessionKey(config);
    const session = sessionToStore(all, sessions, config);
    if (session === undefined) {
      // The session that was offered wasn't taken, and nothing has come in its place: it would never be taken.
      const isStale = all.offer.session !== undefined && all.resumed === undefined;
      return isStale ? { output: { type: "forgetSession", key } } : {};
    }
    const stored = {
      type: "storeSession",
      key,
      session: encodeSession(session),
      expiresAt: session.expiresAt,
    } as const;
    return { sessionKey: key, output: stored };
  },
};

/** In bytes. A ticket may have 2^16-1, but then no ClientHello has room for it among its other extensions. */
const maxTicketLength = 2 ** 15;

/** What this handshake brings: a session, or a new ticket for the one that was resumed. */
function sessionToStore(all: Known, sessions: SessionSettings, config: ClientSettings): ResumableSession | undefined {
  const { cipherSuite, extendedMasterSecret, sessionId } = known(all, "negotiated");
  const { resumed, ticket } = all;
  // RFC 5077 §3.3: with an empty ticket the server takes back its promise; a session ID may still name the session.
  const hasTicket = ticket !== undefined && ticket.ticket.length > 0 && ticket.ticket.length <= maxTicketLength;
  if (resumed !== undefined && !hasTicket) return undefined;
  if (!hasTicket && sessionId.length === 0) return undefined;
  const now = config.now();
  const createdAt = resumed?.createdAt ?? now;
  const hinted = ticket === undefined || ticket.lifetimeHint === 0 ? sessions.lifetime : ticket.lifetimeHint;
  const { namedGroup, signatureScheme } = resumed ?? known(all, "keyExchange");
  return {
    role: "client",
    cipherSuite,
    masterSecret: known(all, "masterSecret"),
    extendedMasterSecret,
    namedGroup,
    signatureScheme,
    serverName: config.serverName,
    ...provedOf(all),
    verifiedBy: sessions.verifiedBy,
    createdAt,
    // A new ticket doesn't make what was proved any younger.
    expiresAt: Math.min(now + hinted * 1000, createdAt + sessions.lifetime * 1000),
    sessionId: hasTicket ? new Uint8Array(0) : sessionId,
    ticket: hasTicket ? ticket.ticket : undefined,
    maxFragmentLength: fragmentLengthAgreed(all),
  };
}
