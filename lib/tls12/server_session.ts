/**
 * Resumption on a server: by session ID from a cache, by ticket from the client itself; what is stored and issued.
 * RFC 5246 §7.4.1.2, §7.4.1.3; RFC 5077 §3; RFC 7627 §5.3.
 * @module
 */

import { toHex } from "../codec/bytes.ts";
import { encode } from "../codec/codec.ts";
import type { CipherSuiteElement } from "../crypto/provider.ts";
import type { CommandTable, Outcome } from "../endpoint.ts";
import { PeerMisbehavedError } from "../error.ts";
import { fragmentLengthCode } from "../extensions/max_fragment_length.ts";
import { CipherSuite } from "../registry.ts";
import { loaded } from "../session/loaded.ts";
import { encodeSession, type ResumableSession } from "../session/resumable_session.ts";
import { openTicket, sealTicket } from "../session/ticket.ts";
import type { ServerSettings, SessionSettings } from "../settings.ts";
import { traitsOf } from "./cipher_suites.ts";
import { fragmentLengthAgreed, provedOf, sent } from "./common_commands.ts";
import { type Known, known } from "./known.ts";
import { newSessionTicket } from "./messages/new_session_ticket.ts";
import { mayResume } from "./resumption.ts";
import type { ServerAnswer, ServerCommands } from "./server_events.ts";
import { renegotiatedFor } from "./server_hello.ts";
import type { Wishes } from "./wishes.ts";

type SessionCommands = Pick<
  ServerCommands,
  "loadSession" | "checkSession" | "sendNewSessionTicketIfAgreed" | "storeSession"
>;

/** Under which key a server's session with this ID is kept. */
export function serverSessionKey(sessionId: Uint8Array): string {
  return `server ${toHex(sessionId)}`;
}

export const serverSessionCommands: CommandTable<SessionCommands, Known, ServerSettings, ServerAnswer> = {
  loadSession: ({ offer, ...all }, _, { config }) => {
    const { ticket } = known({ offer, ...all }, "wishes");
    const missing: Outcome<Known, ServerAnswer> = { answer: { type: "answer.sessionMissing" } };
    if (config.sessions === undefined) return missing;
    // RFC 5077 §3.4 MUST: "If a ticket is presented by the client, the server MUST NOT attempt to use the Session ID in the ClientHello for stateful session resumption."
    if (ticket !== undefined && ticket.length > 0) return openedTicket(ticket, config) ?? missing;
    const { cache } = config.sessions;
    if (cache === undefined || offer.sessionId.length === 0) return missing;
    const key = serverSessionKey(offer.sessionId);
    if (cache === "request") return { question: { type: "loadSession", key } };
    const session = loaded(cache, key);
    return session === undefined ? missing : { answer: { type: "answer.sessionFound", session, isRenewable: false } };
  },

  checkSession: (all, { session: bytes, isRenewable }, { config }) => {
    const wishes = known(all, "wishes");
    // RFC 6066 §3 MUST: "A server that implements this extension MUST NOT accept the request to resume the session if the server_name extension contains a different name."
    // RFC 5077 §3.4 MUST: "Since the client generates a Session ID, the server MUST NOT rely upon the Session ID having a particular value when validating the ticket."
    const session = mayResume(bytes, "server", wishes.serverName, config);
    const suite = config.cipherSuites.find(({ name }) => name === session?.cipherSuite);
    // RFC 5246 §7.4.1.2 MUST: "If the session_id field is not empty (implying a session resumption request), this vector MUST include at least the cipher_suite from that session."
    const isOffered = suite !== undefined && wishes.cipherSuites.includes(CipherSuite[suite.name]);
    const isProved = session !== undefined && provesEnough(session, config) && keepsLength(session, wishes);
    if (
      session === undefined || !isOffered || !isProved || !isStillBest(suite, wishes, config) ||
      !keepsMasterSecret(session, wishes.extendedMasterSecret)
    ) {
      return { answer: { type: "answer.sessionRefused" } };
    }
    const issuesTicket = isRenewable && wishes.ticket !== undefined;
    const negotiated = renegotiatedFor(session, suite, wishes, all.offer, config, issuesTicket);
    const isByTicket = wishes.ticket !== undefined && wishes.ticket.length > 0;
    return {
      learned: { wishes: undefined, negotiated, resumed: session, masterSecret: session.masterSecret },
      recordLimits: negotiated.recordLimits,
      sessionKey: isByTicket ? undefined : serverSessionKey(all.offer.sessionId),
      answer: { type: "answer.sessionAccepted" },
    };
  },

  sendNewSessionTicketIfAgreed: (all, _, { config }) => {
    const { sessions, ticketKeys } = config;
    // RFC 5077 §3.3 MUST: "This message MUST be sent if the server included a SessionTicket extension in the ServerHello."
    // RFC 5077 §3.3 MUST: "This message MUST NOT be sent if the server did not include a SessionTicket extension in the ServerHello."
    if (known(all, "negotiated").answers?.sessionTicket !== true) return {};
    const session = sessions && (all.resumed ?? sessionOf(all, sessions, config));
    const [key] = ticketKeys?.() ?? [];
    // RFC 5077 §3.3: without a ticket after all, an empty one says so.
    const none = { ticketLifetimeHint: 0, ticket: new Uint8Array(0) };
    const ticket = session && key && sealTicket(encodeSession(session), key, config.provider, config.random);
    if (!session || !ticket) return sent("new_session_ticket", encode(newSessionTicket, none));
    const ticketLifetimeHint = Math.max(1, Math.floor((session.expiresAt - config.now()) / 1000));
    return sent("new_session_ticket", encode(newSessionTicket, { ticketLifetimeHint, ticket }));
  },

  storeSession: (all, _, { config }) => {
    const { sessionId } = known(all, "negotiated");
    if (config.sessions === undefined || sessionId.length === 0) return {};
    const session = sessionOf(all, config.sessions, config);
    const key = serverSessionKey(sessionId);
    return {
      sessionKey: key,
      output: { type: "storeSession", key, session: encodeSession(session), expiresAt: session.expiresAt },
    };
  },
};

function openedTicket(ticket: Uint8Array, config: ServerSettings): Outcome<Known, ServerAnswer> | undefined {
  const opened = config.ticketKeys && openTicket(ticket, config.ticketKeys(), config.provider);
  // RFC 5246 §7.2.2 DEVIATION: a ticket stays usable when its connection fails, because the server keeps no state of it
  // that could be forgotten; its lifetime is bounded.
  return opened && { answer: { type: "answer.sessionFound", ...opened } };
}

/** Whether a full handshake would choose this suite, too, among those for the same kind of certificate. */
function isStillBest(suite: CipherSuiteElement, { cipherSuites }: Wishes, config: ServerSettings): boolean {
  const { authentication } = traitsOf(suite);
  const best = config.cipherSuites.find((one) =>
    cipherSuites.includes(CipherSuite[one.name]) && traitsOf(one).authentication === authentication
  );
  return best === suite;
}

/** RFC 6066 §4: the length is the session's; a client that asks for another one wants another session. */
function keepsLength({ maxFragmentLength }: ResumableSession, wishes: Wishes): boolean {
  return maxFragmentLength === undefined ||
    (wishes.recordSizeLimit === undefined && fragmentLengthCode(maxFragmentLength) === wishes.maxFragmentLength);
}

/** A session without a certificate is none for a server that requires one. */
function provesEnough({ peerCertificates }: ResumableSession, { clientAuthentication }: ServerSettings): boolean {
  return clientAuthentication?.required !== true || peerCertificates.length > 0;
}

/** Whether both the session and the new ClientHello have extended master secret, or both haven't. */
function keepsMasterSecret({ extendedMasterSecret }: ResumableSession, isOffered: boolean): boolean {
  // RFC 7627 §5.3 MUST: "If the original session used the "extended_master_secret" extension but the new ClientHello does not contain it, the server MUST abort the abbreviated handshake."
  if (extendedMasterSecret && !isOffered) {
    // RFC 7627 §5.4 MUST: "this document recommends that the client and server MUST abort such handshakes."
    throw new PeerMisbehavedError(
      "handshake_failure",
      "Cannot accept ClientHello: it resumes a session with extended master secret, and lacks the extension",
    );
  }
  // RFC 7627 §5.3 MUST: "If the original session did not use the "extended_master_secret" extension but the new ClientHello contains the extension, then the server MUST NOT perform the abbreviated handshake."
  return extendedMasterSecret === isOffered;
}

function sessionOf(all: Known, { lifetime, verifiedBy }: SessionSettings, config: ServerSettings): ResumableSession {
  const { cipherSuite, extendedMasterSecret, serverName } = known(all, "negotiated");
  const { namedGroup, signatureScheme } = known(all, "keyExchange");
  const createdAt = config.now();
  return {
    role: "server",
    cipherSuite,
    masterSecret: known(all, "masterSecret"),
    extendedMasterSecret,
    namedGroup,
    signatureScheme,
    serverName,
    ...provedOf(all),
    verifiedBy,
    createdAt,
    expiresAt: createdAt + lifetime * 1000,
    sessionId: new Uint8Array(0),
    ticket: undefined,
    maxFragmentLength: fragmentLengthAgreed(all),
  };
}
