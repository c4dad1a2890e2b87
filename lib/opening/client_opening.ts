/**
 * What the commands of the client's opening do: send the ClientHello, and hand over to the version that the
 * ServerHello names.
 * RFC 5246 §7.4.1.2, appendix E.1.
 * @module
 */

import { encode } from "../codec/codec.ts";
import { maybe, record } from "../codec/shape.ts";
import { clientVersions } from "../client_versions.ts";
import { type CommandTable, createMachine, type Machine, type MachineParts } from "../endpoint.ts";
import { InternalError, PeerIncompatibleError } from "../error.ts";
import { protocolName, protocolNameList } from "../extensions/application_layer_protocol_negotiation.ts";
import { ecPointFormats, ourPointFormats } from "../extensions/ec_point_formats.ts";
import { encryptThenMac } from "../extensions/encrypt_then_mac.ts";
import { extendedMasterSecret } from "../extensions/extended_master_secret.ts";
import { type Extension, extensionOf } from "../extensions/extension.ts";
import { fragmentLengthCode, maxFragmentLength } from "../extensions/max_fragment_length.ts";
import { recordSizeLimit } from "../extensions/record_size_limit.ts";
import { renegotiationInfo } from "../extensions/renegotiation_info.ts";
import { serverNameList, serverNameListOf } from "../extensions/server_name.ts";
import { sessionTicket } from "../extensions/session_ticket.ts";
import { signatureAlgorithms } from "../extensions/signature_algorithms.ts";
import { sctRequest } from "../extensions/signed_certificate_timestamp.ts";
import { certificateStatusRequest, ocspStatusRequest } from "../extensions/status_request.ts";
import { supportedGroups } from "../extensions/supported_groups.ts";
import { lifecycleCommands } from "../lifecycle.ts";
import { clientHello } from "../messages/client_hello.ts";
import { describeHello } from "../messages/describe_hello.ts";
import { handshakeMessage } from "../messages/handshake.ts";
import { decodeServerHello } from "../messages/server_hello.ts";
import { CipherSuite, CompressionMethod, NamedGroup, nameOf, ProtocolVersion, SignatureScheme } from "../registry.ts";
import type { Question } from "../request.ts";
import { loaded } from "../session/loaded.ts";
import type { ResumableSession } from "../session/resumable_session.ts";
import type { ClientSettings } from "../settings.ts";
import type { Offer } from "../tls12/known.ts";
import { clientSessionKey, recalledSession } from "../tls12/client_session.ts";
import { offerShape, sessionShape } from "../tls12/known_shape.ts";
import { isIpAddress } from "../x509/names.ts";
import { type ClientOpeningAnswer, clientOpeningChart, type ClientOpeningCommands } from "./client_opening_chart.ts";

/** What a client knows at its very beginning. */
export interface ClientOpeningKnown {
  readonly session: ResumableSession | undefined;
  readonly offer: Offer | undefined;
}

type ClientOpeningParts = MachineParts<
  Record<never, never>,
  ClientOpeningAnswer,
  ClientOpeningCommands,
  ClientOpeningKnown,
  ClientSettings
>;

/** A client at its very beginning, or where it stood. */
export function clientOpening(
  config: ClientSettings,
  goesOn: Pick<ClientOpeningParts, "known" | "stands"> = { known: { session: undefined, offer: undefined } },
): Machine {
  return createMachine({
    name: "clientOpening",
    chart: clientOpeningChart,
    commands: openingCommands,
    answered,
    describe: describeHello,
    config,
    shapes: clientOpeningShapes,
    forget: () => ({ session: undefined, offer: undefined }),
    ...goesOn,
  });
}

/** How it is written down. */
export const clientOpeningShapes: NonNullable<ClientOpeningParts["shapes"]> = () => ({
  context: record<Record<never, never>>({}),
  known: record<ClientOpeningKnown>({ session: maybe(sessionShape("client")), offer: maybe(offerShape("client")) }),
});

const openingCommands: CommandTable<ClientOpeningCommands, ClientOpeningKnown, ClientSettings, ClientOpeningAnswer> = {
  ...lifecycleCommands,

  loadSession: (_, __, { config }) => {
    const cache = config.sessions?.cache;
    const key = clientSessionKey(config);
    if (cache === "request") return { question: { type: "loadSession", key } };
    const session = cache && loaded(cache, key);
    return { answer: session ? { type: "answer.sessionFound", session } : { type: "answer.sessionMissing" } };
  },

  recallSession: (_, { session }, { config }) => ({ learned: { session: recalledSession(session, config) } }),

  sendClientHello: ({ session }, _, { config }) => {
    const clientRandom = config.random(32);
    const extensions = offeredExtensions(config, session);
    // RFC 5077 §3.4: with a ticket, an ID that only the client knows shows whether the server has resumed.
    const sessionId = session === undefined
      ? new Uint8Array(0)
      : session.ticket
      ? config.random(32)
      : session.sessionId;
    const body = encode(clientHello, {
      clientVersion: ProtocolVersion["TLSv1.2"],
      random: clientRandom,
      sessionId,
      cipherSuites: offeredSuites(config),
      // RFC 5246 §7.4.1.2 MUST: "If the session_id field is not empty (implying a session resumption request), it MUST include the compression_method from that session."
      compressionMethods: [CompressionMethod.null],
      extensions,
    });
    const { serverName } = config;
    return {
      learned: {
        offer: { clientRandom, sessionId, extensionTypes: extensions.map(({ type }) => type), serverName, session },
        session: undefined,
      },
      sessionKey: session && clientSessionKey(config),
      send: { content: "handshake", message: handshakeMessage("client_hello", body) },
    };
  },

  handOver: ({ offer }, { message }, { config }) => {
    const { serverVersion } = decodeServerHello(message.body, config.limits);
    const endpoint = clientVersions.get(serverVersion);
    if (offer === undefined) throw new InternalError("Cannot hand over: no ClientHello was sent");
    // RFC 5246 appendix E.1 MUST: "If the version chosen by the server is not supported by the client (or not acceptable), the client MUST send a "protocol_version" alert message and close the connection."
    if (endpoint === undefined) {
      throw new PeerIncompatibleError("protocol_version", "Cannot agree on a version", {
        ours: [...clientVersions.keys()].map((version) => nameOf(ProtocolVersion, version)),
        theirs: [nameOf(ProtocolVersion, serverVersion)],
      });
    }
    return { handOver: { machine: endpoint(offer, config), event: { type: "peer.serverHello", message } } };
  },
};

function answered({ type }: Question, value: unknown): ClientOpeningAnswer | undefined {
  if (type !== "loadSession") return undefined;
  return value instanceof Uint8Array
    ? { type: "answer.sessionFound", session: value }
    : { type: "answer.sessionMissing" };
}

function offeredSuites({ cipherSuites, fallbackScsv }: ClientSettings): readonly number[] {
  const suites = cipherSuites.map(({ name }) => CipherSuite[name]);
  return fallbackScsv ? [...suites, CipherSuite.TLS_FALLBACK_SCSV] : suites;
}

function offeredExtensions(config: ClientSettings, session: ResumableSession | undefined): readonly Extension[] {
  const { provider, serverName, namedGroups, peerSignatureSchemes, alpnProtocols } = config;
  const groups = namedGroups.map(({ name }) => NamedGroup[name]);
  const certificateSchemes = provider.signatureSchemes.map(({ name }) => SignatureScheme[name]);
  const schemes = peerSignatureSchemes.map(({ name }) => SignatureScheme[name]);
  const fragmentCode = config.maxFragmentLength && fragmentLengthCode(config.maxFragmentLength);
  const list: readonly (Extension | false | undefined)[] = [
    // RFC 6066 §3: "Literal IPv4 and IPv6 addresses are not permitted in "HostName"."
    serverName !== undefined && !isIpAddress(serverName) &&
    extensionOf("server_name", serverNameList, serverNameListOf(serverName)),
    // RFC 7627 §5.2 MUST: "In all handshakes, a client implementing this document MUST send the "extended_master_secret" extension in its ClientHello."
    // RFC 7627 §5.3 MUST: "When offering an abbreviated handshake, the client MUST send the "extended_master_secret" extension in its ClientHello."
    extensionOf("extended_master_secret", extendedMasterSecret, undefined),
    // RFC 5746 §3.4 MUST: "The client MUST include either an empty "renegotiation_info" extension, or the TLS_EMPTY_RENEGOTIATION_INFO_SCSV signaling cipher suite value in the ClientHello."
    extensionOf("renegotiation_info", renegotiationInfo, new Uint8Array(0)),
    extensionOf("supported_groups", supportedGroups, groups),
    // RFC 8422 §5.1.2 MUST: "A client compliant with this specification that supports no other curves MUST send the following octets"
    extensionOf("ec_point_formats", ecPointFormats, ourPointFormats),
    // RFC 5246 §7.4.1.4.1 MUST: "If the client does not support the default algorithms, or supports other hash and signature algorithms (and it is willing to use them for verifying messages sent by the server, i.e., server certificates and server key exchange), it MUST send the signature_algorithms extension"
    extensionOf("signature_algorithms", signatureAlgorithms, schemes),
    // RFC 8446 §4.2.3: for certificates, when they may bear more than what the handshake may be signed with.
    certificateSchemes.some((scheme) => !schemes.includes(scheme)) &&
    extensionOf("signature_algorithms_cert", signatureAlgorithms, certificateSchemes),
    alpnProtocols.length > 0 &&
    extensionOf("application_layer_protocol_negotiation", protocolNameList, alpnProtocols.map(protocolName)),
    // RFC 7366 §2: it has a meaning for block ciphers only.
    config.cipherSuites.some(({ aead }) => aead === undefined) &&
    extensionOf("encrypt_then_mac", encryptThenMac, undefined),
    // RFC 5077 §3.2 MUST: "If the client does not have a ticket and is prepared to receive one in the NewSessionTicket handshake message, then it MUST include a zero-length ticket in the SessionTicket extension."
    // RFC 5077 §3.2 MUST: "If the client is not prepared to receive a ticket in the NewSessionTicket handshake message, then it MUST NOT include a SessionTicket extension"
    config.sessions !== undefined && config.requestsTickets &&
    extensionOf("session_ticket", sessionTicket, session?.ticket ?? new Uint8Array(0)),
    config.requestsOcspResponse && extensionOf("status_request", certificateStatusRequest, ocspStatusRequest),
    config.requestsSignedCertificateTimestamps && extensionOf("signed_certificate_timestamp", sctRequest, undefined),
    // RFC 8449 §4 DEVIATION: a client asks for record_size_limit only where it is told to, though "Endpoints SHOULD advertise the "record_size_limit" extension, even if they have no need to limit the size of records.", because its servers would have nothing to win by default, and every extension makes a hello longer.
    config.recordSizeLimit !== undefined && extensionOf("record_size_limit", recordSizeLimit, config.recordSizeLimit),
    fragmentCode !== undefined && extensionOf("max_fragment_length", maxFragmentLength, fragmentCode),
  ];
  return list.filter((one): one is Extension => typeof one === "object");
}
