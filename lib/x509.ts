/**
 * tlschart/x509: certificates alone, without TLS. Reads, verifies and issues them; pure, synchronous, deterministic.
 * @module
 */

export * from "./certificates.ts";
export { nobleCertificates } from "./crypto/noble_certificates.ts";
export { createCertificateVerifier, spkiPin, verifyCertificate, type WithDefaultProvider } from "./default_verifier.ts";
export {
  CertificateError,
  type CertificateErrorDetails,
  DecodeError,
  type MissingIssuer,
  TlsError,
  TlsUsageError,
} from "./error.ts";
