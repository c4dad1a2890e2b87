/**
 * tlschart: TLS 1.2 as a statechart, for every place that has a byte pipe and no TLS it can trust.
 * Bytes in, bytes out: no I/O, no clock, no randomness of its own.
 * @module
 */

export * from "./lib/core.ts";
export { nobleProvider } from "./lib/crypto/noble_provider.ts";
export { createTlsClient, createTlsServer, ja3, ja4, thawTlsClient, thawTlsServer } from "./lib/default_provider.ts";
export {
  createCertificateVerifier,
  spkiPin,
  verifyCertificate,
  type WithDefaultProvider,
} from "./lib/default_verifier.ts";
