/**
 * Verifying certificates with noble's cryptography as the default.
 * @module
 */

import {
  type CertificateCrypto,
  type CertificateVerifierOptions,
  createCertificateVerifier as createCoreVerifier,
  type ExplainingVerifier,
  type Issuer,
  spkiPin as spkiPinWith,
  type Verdict,
  verifyCertificate as verifyWith,
  type VerifyCertificateOptions,
} from "./certificates.ts";
import { nobleCertificates } from "./crypto/noble_certificates.ts";

/** Without a provider, it is noble. */
export type WithDefaultProvider<Options extends { readonly provider: unknown }> =
  & Omit<Options, "provider">
  & Partial<Pick<Options, "provider">>;

/**
 * The default verifier: a path to a trust anchor (RFC 5280 §6), then the name (RFC 9525 §6), with noble's cryptography
 * unless `provider` says otherwise. Throws TlsUsageError for options that can't work.
 *
 * @example
 * const verifier = createCertificateVerifier({ trustAnchors: loadCertificates(caPem) });
 * verifier.verify({ chain, serverName: "example.com", purpose: "serverAuth", now: Date.now() });
 */
export function createCertificateVerifier(
  options: WithDefaultProvider<CertificateVerifierOptions>,
): ExplainingVerifier {
  return createCoreVerifier({ ...options, provider: options?.provider ?? nobleCertificates });
}

/**
 * Whether a certificate is to be accepted, and why, with noble's cryptography unless `provider` says otherwise. Never throws
 * for what is in certificates; throws TlsUsageError for options that can't work.
 *
 * @example
 * const verdict = verifyCertificate({
 *   chain: loadCertificates(chainPem),
 *   trustAnchors: loadCertificates(caPem),
 *   serverName: "example.com",
 *   now: Date.now(),
 * });
 * if (!verdict.accepted) console.log(verdict.error?.message);
 */
export function verifyCertificate(options: WithDefaultProvider<VerifyCertificateOptions>): Verdict {
  return verifyWith({ ...options, provider: options?.provider ?? nobleCertificates });
}

/**
 * The pin of a key: `sha256/` and the SHA-256 of its SubjectPublicKeyInfo in base64, with noble's hash unless another is given.
 *
 * @example
 * spkiPin(certificate); // "sha256/++MBgDH5WGvL9Bcn5Be30cRcL0f5O+NyoXuWtQdX1aI="
 */
export function spkiPin(
  key: Pick<Issuer, "spki">,
  hashes: Pick<CertificateCrypto["hashes"], "sha256"> = nobleCertificates.hashes,
): string {
  return spkiPinWith(key, hashes);
}
