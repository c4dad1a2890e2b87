/**
 * A configuration after its defaults are filled in and its values are checked: what the commands work with.
 * `config.ts` makes these. Functions and elements live here, so that what a handshake knows is plain data.
 * @module
 */

import type {
  CipherSuiteElement,
  CryptoProvider,
  NamedGroupElement,
  RandomSource,
  RemoteSigner,
  SignatureSchemeElement,
  Signer,
} from "./crypto/provider.ts";
import type { Certificate } from "./x509/certificate.ts";
import type { CertificateVerifier } from "./x509/verifier.ts";

export interface Settings {
  readonly provider: CryptoProvider;
  readonly random: RandomSource;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** All three best first, never empty. */
  readonly cipherSuites: readonly CipherSuiteElement[];
  readonly namedGroups: readonly NamedGroupElement[];
  readonly signatureSchemes: readonly SignatureSchemeElement[];
  /** Best first; empty: ALPN isn't spoken. */
  readonly alpnProtocols: readonly string[];
  readonly halfClose: boolean;
  readonly keyLog: boolean;
  readonly trace: "off" | "messages" | "secrets";
  /** In bytes. */
  readonly maxHandshakeMessageLength: number;
  /** In bytes. */
  readonly maxWaitingBytes: number;
}

export interface ClientSettings extends Settings {
  /** The name or IP address that the server's certificate must bear; `undefined` only with a verifier that says so. */
  readonly serverName: string | undefined;
  readonly certificateVerifier: CertificateVerifier | "request";
}

export interface ServerSettings extends Settings {
  /** Never empty; the first one is the default. */
  readonly credentials: readonly ServerCredential[];
}

export interface ServerCredential {
  /** DER, leaf first. */
  readonly certificateChain: readonly Uint8Array[];
  readonly leaf: Certificate;
  readonly signer: Signer | RemoteSigner;
}
