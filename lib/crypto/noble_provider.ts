/**
 * The default provider: noble's cryptography, which runs wherever JavaScript does, as lists in preference order.
 * Only the noble_ files import @noble and micro-rsa-dsa-dh; the elements are thin and compute nothing at import.
 * RFC 5289 §3; RFC 7905 §2; RFC 8422 §5.1.1, §6; RFC 8446 §4.2.3.
 * @module
 */

import { aes128Gcm, aes256Gcm, chacha20Poly1305 } from "./noble_aeads.ts";
import { aes128Cbc, aes256Cbc } from "./noble_block_ciphers.ts";
import { nobleCertificates } from "./noble_certificates.ts";
import { sha1, sha256, sha384 } from "./noble_hashes.ts";
import type { CryptoProvider } from "./provider.ts";

/** Cryptography in pure JavaScript, for every runtime. Not constant-time where it signs: see SECURITY.md. */
export const nobleProvider: CryptoProvider = {
  // Without AES instructions ChaCha20-Poly1305 is 2.4 times as fast as AES-GCM.
  cipherSuites: [
    { name: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", aead: chacha20Poly1305, hash: sha256 },
    { name: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", aead: chacha20Poly1305, hash: sha256 },
    { name: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", aead: aes128Gcm, hash: sha256 },
    { name: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", aead: aes128Gcm, hash: sha256 },
    { name: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", aead: aes256Gcm, hash: sha384 },
    { name: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", aead: aes256Gcm, hash: sha384 },
  ],
  // SHA-1 last: inside HMAC nothing is known against it, but nobody should have to know that.
  legacyCipherSuites: [
    { name: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", blockCipher: aes128Cbc, mac: sha256, hash: sha256 },
    { name: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", blockCipher: aes128Cbc, mac: sha256, hash: sha256 },
    { name: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", blockCipher: aes256Cbc, mac: sha384, hash: sha384 },
    { name: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", blockCipher: aes256Cbc, mac: sha384, hash: sha384 },
    { name: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", blockCipher: aes128Cbc, mac: sha1, hash: sha256 },
    { name: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", blockCipher: aes128Cbc, mac: sha1, hash: sha256 },
    { name: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", blockCipher: aes256Cbc, mac: sha1, hash: sha256 },
    { name: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", blockCipher: aes256Cbc, mac: sha1, hash: sha256 },
  ],
  ...nobleCertificates,
};
