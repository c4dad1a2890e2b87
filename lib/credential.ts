/**
 * How an embedder says what an endpoint proves itself with, and whom it trusts. Types only.
 * @module
 */

import type { PrivateKey, RemoteSigner, Signer } from "./crypto/provider.ts";
import type { Certificate } from "./x509/certificate.ts";

/** Certificates as they lie in a file (PEM text, PEM or DER bytes), or loaded already. */
export type CertificateSource = string | Uint8Array | Certificate;

/** A certificate with its key: what a server, or a client, proves itself with. */
export interface Credential {
  /** The own certificate first, then what leads to a trust anchor. */
  readonly certificateChain: CertificateSource | readonly CertificateSource[];
  /** PEM text, PEM or DER bytes (PKCS#8, SEC1, PKCS#1), or a key loaded already; or bring a `signer`. */
  readonly privateKey?: string | Uint8Array | PrivateKey | undefined;
  /**
   * Signs with a key that lives elsewhere. One without a function `sign` makes the connection ask by a request `sign`,
   * which may be answered later.
   */
  readonly signer?: Signer | RemoteSigner | undefined;
  /** A server staples this to its certificate when a client asks: an OCSPResponse in DER (RFC 6960). */
  readonly ocspResponse?: Uint8Array | undefined;
  /** A server sends these when a client asks: SerializedSCTs (RFC 6962 §3.3). */
  readonly signedCertificateTimestamps?: readonly Uint8Array[] | undefined;
}
