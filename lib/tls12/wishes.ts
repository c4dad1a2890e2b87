/**
 * What a peer asks for, read and checked, as plain data: a client by its ClientHello, a server by its
 * CertificateRequest. RFC 5246 §7.4.1.2 to §7.4.1.4, §7.4.4. Decides nothing.
 * @module
 */

import { decode } from "../codec/codec.ts";
import { PeerMisbehavedError } from "../error.ts";
import { protocolNameList } from "../extensions/application_layer_protocol_negotiation.ts";
import { checkPointFormats, ecPointFormats } from "../extensions/ec_point_formats.ts";
import { encryptThenMac } from "../extensions/encrypt_then_mac.ts";
import { extendedMasterSecret } from "../extensions/extended_master_secret.ts";
import { findExtension, hasExtension } from "../extensions/extension.ts";
import { fragmentLengthOf, maxFragmentLength } from "../extensions/max_fragment_length.ts";
import { checkRecordSizeLimit, recordSizeLimit } from "../extensions/record_size_limit.ts";
import { checkInitialHandshake, renegotiationInfo } from "../extensions/renegotiation_info.ts";
import { hostNameOf, serverNameList } from "../extensions/server_name.ts";
import { sessionTicket } from "../extensions/session_ticket.ts";
import { signatureAlgorithms } from "../extensions/signature_algorithms.ts";
import { sctRequest } from "../extensions/signed_certificate_timestamp.ts";
import { asksForOcsp, certificateStatusRequest } from "../extensions/status_request.ts";
import { supportedGroups } from "../extensions/supported_groups.ts";
import type { ClientHello } from "../messages/client_hello.ts";
import { CipherSuite, CompressionMethod } from "../registry.ts";
import { certificateRequest } from "./messages/certificate_request.ts";

/** What a ClientHello asks for; lists in the client's order, numbers as they came. */
export interface Wishes {
  readonly cipherSuites: readonly number[];
  readonly groups: readonly number[];
  readonly signatureSchemes: readonly number[];
  readonly serverName: string | undefined;
  readonly alpnProtocols: readonly Uint8Array[] | undefined;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly secureRenegotiation: boolean;
  readonly ocspResponse: boolean;
  readonly signedCertificateTimestamps: boolean;
  /** Empty: the client has none, and would like one; `undefined`: it doesn't know tickets. */
  readonly ticket: Uint8Array | undefined;
  /** In bytes. */
  readonly recordSizeLimit: number | undefined;
  /** The code of RFC 6066 §4. */
  readonly maxFragmentLength: number | undefined;
}

/** Reads a ClientHello's extensions and checks each of them on its own. Keeps copies. */
export function wishesOf(hello: ClientHello): Wishes {
  // RFC 5246 §7.4.1.2 MUST: "This vector MUST contain, and all implementations MUST support, CompressionMethod.null."
  if (!hello.compressionMethods.includes(CompressionMethod.null)) {
    throw new PeerMisbehavedError("illegal_parameter", "Cannot accept ClientHello: no null compression is offered");
  }
  const list = hello.extensions;
  // RFC 5746 §3.6 MUST: "The server MUST check if the "renegotiation_info" extension is included in the ClientHello."
  // RFC 5746 §3.6 MUST: "The server MUST then verify that the length of the "renegotiated_connection" field is zero, and if it is not, MUST abort the handshake."
  // RFC 5746 §3.6 MUST: "TLS servers implementing this specification MUST ignore any unknown extensions offered by the client"
  checkInitialHandshake(findExtension(list, "renegotiation_info", renegotiationInfo), "ClientHello");
  checkPointFormats(findExtension(list, "ec_point_formats", ecPointFormats), "ClientHello");
  findExtension(list, "extended_master_secret", extendedMasterSecret);
  findExtension(list, "encrypt_then_mac", encryptThenMac);
  findExtension(list, "signed_certificate_timestamp", sctRequest);
  const names = findExtension(list, "server_name", serverNameList);
  const status = findExtension(list, "status_request", certificateStatusRequest);
  const protocols = findExtension(list, "application_layer_protocol_negotiation", protocolNameList);
  const limit = findExtension(list, "record_size_limit", recordSizeLimit);
  if (limit !== undefined) checkRecordSizeLimit(limit, "ClientHello");
  const fragment = findExtension(list, "max_fragment_length", maxFragmentLength);
  // RFC 8449 §5: beside record_size_limit it is ignored, whatever it says.
  if (fragment !== undefined && limit === undefined) fragmentLengthOf(fragment, "ClientHello");
  return {
    cipherSuites: hello.cipherSuites,
    // RFC 8422 §4 MUST: "Servers implementing ECC cipher suites MUST support these extensions"
    groups: findExtension(list, "supported_groups", supportedGroups) ?? [],
    // RFC 5246 §7.4.1.4.1 MUST: "TLS servers MUST support receiving this extension."
    signatureSchemes: findExtension(list, "signature_algorithms", signatureAlgorithms) ?? [],
    serverName: names && hostNameOf(names),
    alpnProtocols: protocols?.map((name) => Uint8Array.from(name)),
    extendedMasterSecret: hasExtension(list, "extended_master_secret"),
    encryptThenMac: hasExtension(list, "encrypt_then_mac"),
    // RFC 5746 §3.6: the extension or the signalling suite, they mean the same.
    // RFC 5746 §3.6 MUST: "When a ClientHello is received, the server MUST check if it includes the TLS_EMPTY_RENEGOTIATION_INFO_SCSV SCSV."
    secureRenegotiation: hasExtension(list, "renegotiation_info") ||
      hello.cipherSuites.includes(CipherSuite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV),
    ocspResponse: status !== undefined && asksForOcsp(status),
    signedCertificateTimestamps: hasExtension(list, "signed_certificate_timestamp"),
    ticket: findExtension(list, "session_ticket", sessionTicket)?.slice(),
    recordSizeLimit: limit,
    maxFragmentLength: fragment,
  };
}

/** What a CertificateRequest asks for; lists in the server's order, numbers as they came. */
export interface ClientCredentialWishes {
  readonly certificateTypes: readonly number[];
  readonly signatureSchemes: readonly number[];
  /** DER of distinguished names; empty: any issuer will do. */
  readonly certificateAuthorities: readonly Uint8Array[];
}

/** Reads a CertificateRequest. Keeps copies. */
export function clientCredentialWishesOf(body: Uint8Array): ClientCredentialWishes {
  const request = decode(certificateRequest, body, "CertificateRequest");
  return {
    certificateTypes: request.certificateTypes,
    signatureSchemes: request.supportedSignatureAlgorithms,
    certificateAuthorities: request.certificateAuthorities.map((name) => Uint8Array.from(name)),
  };
}
