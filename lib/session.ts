/**
 * What both sides agreed on, once it is proved.
 * @module
 */

import type { CipherSuiteName, NamedGroupName, ProtocolVersionName, SignatureSchemeName } from "./registry.ts";

/** What ties an authentication above TLS to its connection: RFC 5929 §3, §4; RFC 9266. */
export type ChannelBindingType = "tls-unique" | "tls-server-end-point" | "tls-exporter";

/** The facts of a finished handshake. Holds no secrets. */
export interface TlsSession {
  readonly version: ProtocolVersionName;
  /** Whether an earlier session was resumed; who the peer is was proved then. */
  readonly resumed: boolean;
  readonly cipherSuite: CipherSuiteName;
  /** The group of the ECDHE key exchange, in a resumed session that of the full handshake; so it is with the scheme. */
  readonly namedGroup: NamedGroupName;
  /** How the server signed its ECDHE key. */
  readonly signatureScheme: SignatureSchemeName;
  /** How the client signed, to prove its certificate; `undefined` when it showed none. */
  readonly clientSignatureScheme: SignatureSchemeName | undefined;
  /** ALPN; `undefined` when none was agreed. */
  readonly alpnProtocol: string | undefined;
  /** The name that the client asked for; `undefined` when it named none. */
  readonly serverName: string | undefined;
  /** The peer's chain in DER, its own certificate first; empty when it sent none. */
  readonly peerCertificates: readonly Uint8Array<ArrayBuffer>[];
  /** The chain that we showed in this handshake, in DER; empty when we showed none. */
  readonly localCertificates: readonly Uint8Array<ArrayBuffer>[];
  /** RFC 6066 §8: the OCSPResponse that the server stapled, in DER. Not verified by the handshake. */
  readonly ocspResponse: Uint8Array<ArrayBuffer> | undefined;
  /** RFC 6962 §3.3: SerializedSCTs that the server sent. Not verified by the handshake. */
  readonly signedCertificateTimestamps: readonly Uint8Array<ArrayBuffer>[];
  /** RFC 7366. */
  readonly encryptThenMac: boolean;
  /** The longest plaintext of a record in each direction, in bytes (RFC 8449, RFC 6066 §4). */
  readonly maxSendLength: number;
  readonly maxReceiveLength: number;
  /** RFC 7627. */
  readonly extendedMasterSecret: boolean;
  /** RFC 5746: whether the peer has the renegotiation_info extension. */
  readonly secureRenegotiation: boolean;
  /** 32 bytes each, as they went over the wire. */
  readonly clientRandom: Uint8Array<ArrayBuffer>;
  readonly serverRandom: Uint8Array<ArrayBuffer>;
  /** verify_data of both Finished messages, 12 bytes each. */
  readonly clientFinished: Uint8Array<ArrayBuffer>;
  readonly serverFinished: Uint8Array<ArrayBuffer>;
}
