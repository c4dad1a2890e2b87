/**
 * Whether a peer is to be trusted: the question that TLS asks, and the default way to answer it.
 * Enters: the chain that the peer sent, the name it should have, what for, the time. Leaves: nothing, or
 * CertificateError.
 * RFC 5280 §6, RFC 9525 §6. Knows no TLS.
 * @module
 */

import type { SignatureSchemeElement } from "../crypto/provider.ts";
import { CertificateError } from "../error.ts";
import { type Certificate, certificateText } from "./certificate.ts";
import { checkServerName, parseServerName } from "./names.ts";
import { type CertificatePurpose, findPath } from "./path.ts";

/** What is asked of a verifier. */
export interface CertificateVerification {
  /** As the peer sent it: its own certificate first, then others in any order. Not empty. */
  readonly chain: readonly Certificate[];
  /** The name or IP address that the peer should have. A server needs one; `undefined` is for clients' certificates. */
  readonly serverName: string | undefined;
  /** What the peer's key is used for. */
  readonly purpose: CertificatePurpose;
  /** In ms since 1970. */
  readonly now: number;
  /** RFC 6066 §8: an OCSPResponse in DER that the peer stapled to its certificate. */
  readonly ocspResponse?: Uint8Array | undefined;
  /** RFC 6962 §3.3: SerializedSCTs that the peer sent. */
  readonly signedCertificateTimestamps?: readonly Uint8Array[] | undefined;
}

/** Decides whether a peer is to be trusted. */
export interface CertificateVerifier {
  /** Returns when the peer is to be trusted. Throws CertificateError, with the reason, when it isn't. */
  verify(request: CertificateVerification): void;
  /**
   * Names what is checked: verifiers that don't check the same must not have the same name. A session is only resumed
   * where the verifier has the name that it was made under; without a name none can be kept.
   */
  readonly identity?: string | undefined;
}

/** What the default verifier trusts, and what it verifies with. */
export interface CertificateVerifierOptions {
  /** Who is trusted, unconditionally within their own constraints. */
  readonly trustAnchors: readonly Certificate[];
  /** What verifies signatures: those of a CryptoProvider. */
  readonly signatureSchemes: readonly SignatureSchemeElement[];
  /** The verifier's `identity`: needed where sessions are kept. */
  readonly identity?: string | undefined;
}

/**
 * The default verifier: a path to a trust anchor (RFC 5280 §6), then the name (RFC 9525 §6). It refuses every server when
 * no name was given: a valid certificate of anybody says nothing about whom one is talking to.
 *
 * @example
 * const verifier = createCertificateVerifier({ trustAnchors, signatureSchemes: nobleProvider.signatureSchemes });
 * verifier.verify({ chain, serverName: "example.com", purpose: "serverAuth", now });
 */
export function createCertificateVerifier(options: CertificateVerifierOptions): CertificateVerifier {
  const { trustAnchors, signatureSchemes, identity } = options;
  return {
    identity,
    verify({ chain, serverName, purpose, now }) {
      const [leaf] = findPath({ chain, trustAnchors, signatureSchemes, purpose, now });
      if (serverName !== undefined) return checkServerName(leaf, parseServerName(serverName));
      if (purpose !== "clientAuth") throw noServerName(leaf);
    },
  };
}

/**
 * Accepts every certificate of everybody. Whoever is on the way can then read and change everything: for tests, and for
 * looking at servers whose certificate is known to be wrong. Nothing else.
 */
export const insecureAcceptAnyCertificate: CertificateVerifier = {
  verify: () => {},
  identity: "insecureAcceptAnyCertificate",
};

function noServerName(leaf: Certificate): CertificateError {
  return new CertificateError(
    "certificate_unknown",
    `Cannot accept the certificate ${certificateText(leaf)} for a server: no server name was given to compare it with`,
    { index: 0, check: "name" },
  );
}
