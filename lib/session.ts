/**
 * What both sides agreed on, once it is proved.
 * @module
 */

import type { CipherSuiteName, NamedGroupName, ProtocolVersionName, SignatureSchemeName } from "./registry.ts";

/** The facts of a finished handshake. Holds no secrets. */
export interface TlsSession {
  readonly version: ProtocolVersionName;
  readonly cipherSuite: CipherSuiteName;
  /** The group of the ECDHE key exchange. */
  readonly namedGroup: NamedGroupName;
  /** How the server signed its ECDHE key. */
  readonly signatureScheme: SignatureSchemeName;
  /** ALPN; `undefined` when none was agreed. */
  readonly alpnProtocol: string | undefined;
  /** The name that the client asked for; `undefined` when it named none. */
  readonly serverName: string | undefined;
  /** The peer's chain in DER, its own certificate first; empty when it sent none. */
  readonly peerCertificates: readonly Uint8Array<ArrayBuffer>[];
  /** RFC 7627. */
  readonly extendedMasterSecret: boolean;
  /** RFC 5746: whether the peer has the renegotiation_info extension. */
  readonly secureRenegotiation: boolean;
  /** 32 bytes each, as they went over the wire. */
  readonly clientRandom: Uint8Array<ArrayBuffer>;
  readonly serverRandom: Uint8Array<ArrayBuffer>;
}
