/**
 * What a server settles with its ServerHello, and the extensions that say so.
 * RFC 5246 §7.4.1.3, §7.4.1.4; RFC 7366 §2; RFC 8449 §4; RFC 6066 §4, §8; RFC 5077 §3.2.
 * @module
 */

import { protocolName, protocolNameList } from "../extensions/application_layer_protocol_negotiation.ts";
import { ecPointFormats, ourPointFormats } from "../extensions/ec_point_formats.ts";
import { encryptThenMac } from "../extensions/encrypt_then_mac.ts";
import { extendedMasterSecret } from "../extensions/extended_master_secret.ts";
import { type Extension, extensionOf } from "../extensions/extension.ts";
import { fragmentLengthOf, maxFragmentLength } from "../extensions/max_fragment_length.ts";
import { recordSizeLimit } from "../extensions/record_size_limit.ts";
import { renegotiationInfo } from "../extensions/renegotiation_info.ts";
import { serverNameAnswer } from "../extensions/server_name.ts";
import { sessionTicket } from "../extensions/session_ticket.ts";
import { signedCertificateTimestampList } from "../extensions/signed_certificate_timestamp.ts";
import { statusRequestAnswer } from "../extensions/status_request.ts";
import type { CipherSuiteElement } from "../crypto/provider.ts";
import type { RecordLimits } from "../endpoint.ts";
import { maxPlaintextLength } from "../record/record.ts";
import { ExtensionType } from "../registry.ts";
import type { ResumableSession } from "../session/resumable_session.ts";
import type { ServerSettings } from "../settings.ts";
import type { Negotiated, Offer } from "./known.ts";
import { agreedProtocol, type Agreement } from "./negotiation.ts";
import type { Wishes } from "./wishes.ts";

/** Of a full handshake. Throws PeerIncompatibleError when no application protocol is in common. */
export function negotiatedBy(wishes: Wishes, agreed: Agreement, config: ServerSettings): Negotiated {
  const { credential, suite } = agreed;
  const issuesTicket = wishes.ticket !== undefined && config.ticketKeys !== undefined && config.sessions !== undefined;
  const issuesSessionId = !issuesTicket && config.sessions?.cache !== undefined;
  const common = settled(wishes, suite, config);
  return {
    ...common,
    // RFC 5246 §7.4.1.3: empty, "to indicate that the session will not be cached and therefore cannot be resumed".
    sessionId: issuesSessionId ? config.random(32) : new Uint8Array(0),
    extendedMasterSecret: wishes.extendedMasterSecret,
    answers: {
      ...common.answers,
      serverName: agreed.serverNameUsed,
      sessionTicket: issuesTicket,
      ocspResponse: wishes.ocspResponse ? credential.ocspResponse : undefined,
      signedCertificateTimestamps: wishes.signedCertificateTimestamps ? credential.signedCertificateTimestamps : [],
    },
  };
}

/** Of an abbreviated one: what isn't the session's is negotiated anew, ALPN (RFC 7301 §3.1) among it. */
export function renegotiatedFor(
  session: ResumableSession,
  suite: CipherSuiteElement,
  wishes: Wishes,
  offer: Offer,
  config: ServerSettings,
  issuesTicket: boolean,
): Negotiated {
  const common = settled(wishes, suite, config);
  return {
    ...common,
    // RFC 5246 §7.4.1.3, RFC 5077 §3.4: the client's is repeated, so that it sees that its session is resumed.
    sessionId: offer.sessionId,
    extendedMasterSecret: session.extendedMasterSecret,
    answers: { ...common.answers, sessionTicket: issuesTicket },
  };
}

function settled(
  wishes: Wishes,
  suite: CipherSuiteElement,
  config: ServerSettings,
): Omit<Negotiated, "sessionId" | "extendedMasterSecret"> & { readonly answers: NonNullable<Negotiated["answers"]> } {
  return {
    serverRandom: config.random(32),
    cipherSuite: suite.name,
    // RFC 7366 §3: it is for block ciphers only.
    encryptThenMac: wishes.encryptThenMac && suite.aead === undefined,
    secureRenegotiation: wishes.secureRenegotiation,
    alpnProtocol: agreedProtocol(wishes, config),
    serverName: wishes.serverName,
    recordLimits: limitsFor(wishes, config),
    signedCertificateTimestamps: [],
    answers: {
      serverName: false,
      sessionTicket: false,
      ocspResponse: undefined,
      signedCertificateTimestamps: [],
      recordSizeLimit: wishes.recordSizeLimit === undefined ? undefined : config.recordSizeLimit ?? maxPlaintextLength,
      // RFC 8449 §5 MUST: "A server that supports the "record_size_limit" extension MUST ignore a "max_fragment_length" that appears in a ClientHello if both extensions appear."
      maxFragmentLength: wishes.recordSizeLimit === undefined ? wishes.maxFragmentLength : undefined,
    },
  };
}

function limitsFor(wishes: Wishes, config: ServerSettings): RecordLimits | undefined {
  if (wishes.recordSizeLimit !== undefined) {
    // RFC 8449 §4: a client may say more than TLS 1.2 permits, for a version that we don't know.
    const send = Math.min(wishes.recordSizeLimit, maxPlaintextLength);
    return { send, receive: config.recordSizeLimit ?? maxPlaintextLength, onlyProtected: true };
  }
  if (wishes.maxFragmentLength === undefined) return undefined;
  const length = fragmentLengthOf(wishes.maxFragmentLength, "ClientHello");
  return { send: length, receive: length, onlyProtected: false };
}

/** The extensions of the ServerHello; none at all for a client that has none. */
export function answeredExtensions(negotiated: Negotiated, offer: Offer): readonly Extension[] | undefined {
  const { answers, alpnProtocol } = negotiated;
  const list: (Extension | false | undefined)[] = [
    answers?.serverName === true && extensionOf("server_name", serverNameAnswer, undefined),
    negotiated.secureRenegotiation && extensionOf("renegotiation_info", renegotiationInfo, new Uint8Array(0)),
    offer.extensionTypes.includes(ExtensionType.ec_point_formats) &&
    extensionOf("ec_point_formats", ecPointFormats, ourPointFormats),
    negotiated.extendedMasterSecret && extensionOf("extended_master_secret", extendedMasterSecret, undefined),
    negotiated.encryptThenMac && extensionOf("encrypt_then_mac", encryptThenMac, undefined),
    alpnProtocol !== undefined &&
    extensionOf("application_layer_protocol_negotiation", protocolNameList, [protocolName(alpnProtocol)]),
    answers?.sessionTicket === true && extensionOf("session_ticket", sessionTicket, new Uint8Array(0)),
    answers?.ocspResponse && extensionOf("status_request", statusRequestAnswer, undefined),
    answers && answers.signedCertificateTimestamps.length > 0 &&
    extensionOf("signed_certificate_timestamp", signedCertificateTimestampList, answers.signedCertificateTimestamps),
    answers?.recordSizeLimit !== undefined &&
    extensionOf("record_size_limit", recordSizeLimit, answers.recordSizeLimit),
    answers?.maxFragmentLength !== undefined &&
    extensionOf("max_fragment_length", maxFragmentLength, answers.maxFragmentLength),
  ];
  const present = list.filter((one): one is Extension => typeof one === "object");
  return present.length === 0 ? undefined : present;
}
