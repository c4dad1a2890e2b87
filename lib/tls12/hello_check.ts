/**
 * What a client makes of a ServerHello: everything in it must be something that was offered.
 * RFC 5246 §7.4.1.3, §7.4.1.4; RFC 7627 §5.2, §5.3; RFC 7366 §2; RFC 8449 §4; RFC 6066 §4.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import type { CipherSuiteElement } from "../crypto/provider.ts";
import type { RecordLimits } from "../endpoint.ts";
import { PeerIncompatibleError, PeerMisbehavedError } from "../error.ts";
import { checkChosenProtocol, protocolNameList } from "../extensions/application_layer_protocol_negotiation.ts";
import { checkPointFormats, ecPointFormats } from "../extensions/ec_point_formats.ts";
import { checkEncryptThenMacAnswer, encryptThenMac } from "../extensions/encrypt_then_mac.ts";
import { extendedMasterSecret } from "../extensions/extended_master_secret.ts";
import { checkSolicited, type Extension, findExtension, hasExtension } from "../extensions/extension.ts";
import {
  checkFragmentLengthAnswer,
  fragmentLengthCode,
  fragmentLengthOf,
  maxFragmentLength,
} from "../extensions/max_fragment_length.ts";
import { checkOneRecordLimit, checkRecordSizeLimit, recordSizeLimit } from "../extensions/record_size_limit.ts";
import { checkInitialHandshake, renegotiationInfo } from "../extensions/renegotiation_info.ts";
import { serverNameAnswer } from "../extensions/server_name.ts";
import { sessionTicketAnswer } from "../extensions/session_ticket.ts";
import { checkNotAnswered } from "../extensions/signature_algorithms.ts";
import { signedCertificateTimestampList } from "../extensions/signed_certificate_timestamp.ts";
import { statusRequestAnswer } from "../extensions/status_request.ts";
import type { ServerHello } from "../messages/server_hello.ts";
import { maxPlaintextLength } from "../record/record.ts";
import { CipherSuite, CompressionMethod, ExtensionType, nameOf } from "../registry.ts";
import type { ResumableSession } from "../session/resumable_session.ts";
import type { ClientSettings } from "../settings.ts";
import type { Negotiated, Offer } from "./known.ts";

/** A ServerHello that was found right. */
export interface CheckedServerHello {
  readonly negotiated: Negotiated;
  /** The session that the server resumes. */
  readonly resumed: ResumableSession | undefined;
  readonly announcesCertificateStatus: boolean;
  readonly announcesTicket: boolean;
}

export function checkedServerHello(hello: ServerHello, offer: Offer, config: ClientSettings): CheckedServerHello {
  const list = hello.extensions;
  checkSolicited(list, offer.extensionTypes, "ServerHello");
  checkNotAnswered(list);
  const resumed = resumedBy(hello, offer);
  const suite = chosenSuite(hello, config);
  if (resumed !== undefined) checkResumption(hello, resumed);
  const secureRenegotiation = checkedRenegotiation(list, config);
  // RFC 8422 §5.2 MUST: "A client that receives a ServerHello message containing a Supported Point Formats Extension MUST respect the server's choice of point formats during the handshake"
  checkPointFormats(findExtension(list, "ec_point_formats", ecPointFormats), "ServerHello");
  findExtension(list, "server_name", serverNameAnswer);
  findExtension(list, "status_request", statusRequestAnswer);
  findExtension(list, "session_ticket", sessionTicketAnswer);
  findExtension(list, "encrypt_then_mac", encryptThenMac);
  checkEncryptThenMacAnswer(list, suite.aead === undefined);
  return {
    negotiated: {
      serverRandom: hello.random.slice(),
      sessionId: hello.sessionId.slice(),
      cipherSuite: suite.name,
      extendedMasterSecret: checkedMasterSecret(list, config),
      encryptThenMac: hasExtension(list, "encrypt_then_mac"),
      secureRenegotiation,
      alpnProtocol: chosenProtocol(list, config),
      serverName: offer.extensionTypes.includes(ExtensionType.server_name) ? config.serverName : undefined,
      recordLimits: agreedLimits(list, resumed, config),
      signedCertificateTimestamps: copiesOf(
        findExtension(list, "signed_certificate_timestamp", signedCertificateTimestampList),
      ),
      answers: undefined,
    },
    resumed,
    announcesCertificateStatus: hasExtension(list, "status_request"),
    announcesTicket: hasExtension(list, "session_ticket"),
  };
}

/** RFC 5246 §7.4.1.3: a server that resumes repeats the ID; RFC 5077 §3.4: also one that took a ticket. */
function resumedBy({ sessionId }: ServerHello, offer: Offer): ResumableSession | undefined {
  const isRepeated = offer.session !== undefined && sessionId.length > 0 && equalBytes(sessionId, offer.sessionId);
  return isRepeated ? offer.session : undefined;
}

function checkResumption({ cipherSuite, extensions }: ServerHello, session: ResumableSession): void {
  // RFC 5246 §7.4.1.3: "For resumed sessions, this field is the value from the state of the session being resumed."
  if (CipherSuite[session.cipherSuite] !== cipherSuite) {
    throw new PeerMisbehavedError(
      "illegal_parameter",
      `Cannot accept ServerHello: it resumes a session with ${
        nameOf(CipherSuite, cipherSuite)
      }, not ${session.cipherSuite}`,
    );
  }
  // RFC 7627 §5.4 MUST: "this document recommends that the client and server MUST abort such handshakes."
  // RFC 7627 §5.3 MUST: "If the original session did not use the "extended_master_secret" extension but the new ServerHello contains the extension, the client MUST abort the handshake."
  // RFC 7627 §5.3 MUST: "If the original session used the extension but the new ServerHello does not contain the extension, the client MUST abort the handshake."
  const hasIt = hasExtension(extensions, "extended_master_secret");
  if (hasIt === session.extendedMasterSecret) return;
  throw new PeerMisbehavedError(
    "handshake_failure",
    hasIt
      ? "Cannot accept ServerHello: it resumes a session without extended master secret as one with it"
      : "Cannot accept ServerHello: it resumes a session with extended master secret as one without it",
  );
}

function chosenSuite({ cipherSuite, compressionMethod }: ServerHello, config: ClientSettings): CipherSuiteElement {
  const suite = config.cipherSuites.find(({ name }) => CipherSuite[name] === cipherSuite);
  if (suite === undefined) throw refused("cipher suite", nameOf(CipherSuite, cipherSuite));
  if (compressionMethod !== CompressionMethod.null) throw refused("compression method", `${compressionMethod}`);
  return suite;
}

function checkedRenegotiation(list: readonly Extension[] | undefined, config: ClientSettings): boolean {
  // RFC 5746 §3.4 MUST: "When a ServerHello is received, the client MUST check if it includes the "renegotiation_info" extension"
  const info = findExtension(list, "renegotiation_info", renegotiationInfo);
  checkInitialHandshake(info, "ServerHello");
  if (info !== undefined || !config.requireSecureRenegotiation) return info !== undefined;
  // RFC 5746 §3.4: without the extension, "some clients may want to terminate the handshake instead of continuing".
  // RFC 5746 §4.1 MUST: "Such clients MUST generate a fatal "handshake_failure" alert prior to terminating the connection."
  throw new PeerIncompatibleError(
    "handshake_failure",
    "Cannot accept ServerHello: it has no renegotiation_info, and requireSecureRenegotiation wants it",
  );
}

function checkedMasterSecret(list: readonly Extension[] | undefined, config: ClientSettings): boolean {
  findExtension(list, "extended_master_secret", extendedMasterSecret);
  const hasIt = hasExtension(list, "extended_master_secret");
  if (hasIt || !config.requireExtendedMasterSecret) return hasIt;
  // RFC 7627 §5.2: a client that doesn't wish to interoperate with legacy servers aborts.
  throw new PeerIncompatibleError(
    "handshake_failure",
    "Cannot accept ServerHello: it has no extended_master_secret, and requireExtendedMasterSecret wants it",
  );
}

function chosenProtocol(list: readonly Extension[] | undefined, config: ClientSettings): string | undefined {
  const answer = findExtension(list, "application_layer_protocol_negotiation", protocolNameList);
  return answer && checkChosenProtocol(config.alpnProtocols, answer);
}

/** RFC 8449 §4: each side says what it takes. RFC 6066 §4: one length for both directions. */
function agreedLimits(
  list: readonly Extension[] | undefined,
  resumed: ResumableSession | undefined,
  config: ClientSettings,
): RecordLimits | undefined {
  checkOneRecordLimit(list);
  const limit = findExtension(list, "record_size_limit", recordSizeLimit);
  if (limit !== undefined) {
    checkRecordSizeLimit(limit, "ServerHello");
    // RFC 8449 §4: a client "MAY abort the handshake" when the limit is greater than the version permits.
    if (limit > maxPlaintextLength) {
      throw new PeerMisbehavedError(
        "illegal_parameter",
        `Cannot accept ServerHello: record_size_limit is ${limit}, more than TLS 1.2 permits (${maxPlaintextLength})`,
      );
    }
    return { send: limit, receive: config.recordSizeLimit ?? maxPlaintextLength, onlyProtected: true };
  }
  const code = findExtension(list, "max_fragment_length", maxFragmentLength);
  if (code === undefined) return fragmentLimits(resumed?.maxFragmentLength);
  checkFragmentLengthAnswer(code, fragmentLengthCode(config.maxFragmentLength ?? 0) ?? 0);
  return fragmentLimits(fragmentLengthOf(code, "ServerHello"));
}

/** RFC 6066 §4: "The negotiated length applies for the duration of the session including session resumptions." */
function fragmentLimits(length: number | undefined): RecordLimits | undefined {
  return length === undefined ? undefined : { send: length, receive: length, onlyProtected: false };
}

function copiesOf(list: readonly Uint8Array[] = []): readonly Uint8Array[] {
  return list.map((bytes) => Uint8Array.from(bytes));
}

function refused(what: string, value: string): PeerMisbehavedError {
  return new PeerMisbehavedError("illegal_parameter", `Cannot accept ServerHello: ${what} ${value} was not offered`);
}
