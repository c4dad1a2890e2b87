/**
 * What there is to say about the messages that a handshake may have and may not: the status of a certificate, a request
 * for the client's, its proof, and tickets. Each is told in the step in which it is sent.
 * Enters: a step. Leaves: facts, none where there is no such message. RFC 5077 §3.3; RFC 5246 §7.4.4, §7.4.8; RFC 6066 §8.
 * @module
 */

import type { MessageFields } from "../../mod.ts";
import { byteLists, bytes, fewer, joined, messageIn, text, texts } from "./fields.ts";
import type { Step } from "./step.ts";
import { byteCount, counted, type Fact, fact, shortHex } from "./terminal.ts";

/** Step 1: the client has been here before. */
export function offeredTicketFacts(fields: MessageFields): readonly Fact[] {
  const ticket = bytes(fields, "session_ticket");
  return ticket.length === 0 ? [] : [fact("session", `to be resumed, with a ticket of ${byteCount(ticket.length)}`)];
}

/** Step 3: stapled to the server's certificate. */
export function certificateStatusFacts(step: Step): readonly Fact[] {
  const status = messageIn(step, "certificate_status");
  if (status === undefined) return [];
  return [
    fact("then", "CertificateStatus: what an OCSP responder says of the certificate"),
    fact("response", shortHex(bytes(status.fields ?? {}, "response"))),
  ];
}

/** Step 5: which certificates the client may show. */
export function certificateRequestFacts(step: Step): readonly Fact[] {
  const request = messageIn(step, "certificate_request");
  if (request === undefined) return [];
  const fields = request.fields ?? {};
  const issuers = byteLists(fields, "certificate_authorities").length;
  return [
    fact("first", "CertificateRequest: the server would like to see a certificate of the client"),
    fact("types", joined(fields, "certificate_types")),
    fact("signatures", fewer(texts(fields, "supported_signature_algorithms")).join(", ")),
    fact("issued by", issuers === 0 ? "anybody" : `one of ${counted(issuers, "issuer")}`),
  ];
}

/** Step 6: the client's certificate is its own. */
export function certificateVerifyFacts(step: Step): readonly Fact[] {
  const proof = messageIn(step, "certificate_verify");
  if (proof === undefined) return [];
  const fields = proof.fields ?? {};
  return [
    fact("then", "CertificateVerify: the client signs all messages so far with its own key"),
    fact("signed with", text(fields, "algorithm")),
    fact("signature", shortHex(bytes(fields, "signature"))),
  ];
}

/** Step 10: the client may come back. */
export function newSessionTicketFacts(step: Step): readonly Fact[] {
  const message = messageIn(step, "new_session_ticket");
  if (message === undefined) return [];
  const fields = message.fields ?? {};
  const ticket = bytes(fields, "ticket");
  if (ticket.length === 0) return [fact("first", "NewSessionTicket: empty, there is none after all")];
  const lifetime = text(fields, "ticket_lifetime_hint");
  return [
    fact("first", "NewSessionTicket: with it the client can resume this session another time"),
    fact("lifetime", lifetime === "0 s" ? "not told" : lifetime),
    fact("ticket", `${shortHex(ticket, 16)}, which only the server can read`),
  ];
}
