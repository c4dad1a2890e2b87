/**
 * What is fixed by a suite's name beside its elements: who may authenticate with it and how it protects records.
 * RFC 5246 §6.3, RFC 5289 §3, RFC 7905 §2, RFC 8422 §2.
 * @module
 */

import type { CipherSuiteElement, PublicKey } from "../crypto/provider.ts";
import { InternalError } from "../error.ts";
import type { CipherSuiteName } from "../registry.ts";

export interface SuiteTraits {
  /** RFC 8422 §2: the kinds of certificate key that may sign ServerKeyExchange; EdDSA goes with ECDSA (§5.10). */
  readonly authentication: readonly PublicKey["type"][];
  /**
   * `explicitNonce`: RFC 5288 §3, 4 secret bytes and 8 on the wire. `exclusiveOrNonce`: RFC 7905 §2, 12 secret bytes.
   * `cbc`: RFC 5246 §6.2.3.2, an IV in each record, and HMAC.
   */
  readonly records: "explicitNonce" | "exclusiveOrNonce" | "cbc";
}

const ecdsa: readonly PublicKey["type"][] = ["ec", "ed25519", "ed448"];
const rsa: readonly PublicKey["type"][] = ["rsa"];

// RFC 5246 §9 DEVIATION: only ECDHE suites are built, though "a TLS-compliant application MUST implement the cipher suite TLS_RSA_WITH_AES_128_CBC_SHA", because it has no forward secrecy and RFC 7525 §4.1 advises against it.
const traits: Partial<Readonly<Record<CipherSuiteName, SuiteTraits>>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: { authentication: ecdsa, records: "explicitNonce" },
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: { authentication: ecdsa, records: "explicitNonce" },
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: { authentication: ecdsa, records: "exclusiveOrNonce" },
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: { authentication: ecdsa, records: "cbc" },
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: { authentication: ecdsa, records: "cbc" },
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: { authentication: ecdsa, records: "cbc" },
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384: { authentication: ecdsa, records: "cbc" },
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: { authentication: rsa, records: "explicitNonce" },
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: { authentication: rsa, records: "explicitNonce" },
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: { authentication: rsa, records: "exclusiveOrNonce" },
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: { authentication: rsa, records: "cbc" },
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: { authentication: rsa, records: "cbc" },
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: { authentication: rsa, records: "cbc" },
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384: { authentication: rsa, records: "cbc" },
};

/** Throws InternalError for a suite that TLS 1.2 ECDHE doesn't have, and for one that comes with the wrong elements. */
export function traitsOf({ name, aead }: CipherSuiteElement): SuiteTraits {
  const found = traits[name];
  // RFC 5246 appendix A.5 MUST: "TLS_NULL_WITH_NULL_NULL is specified and is the initial state of a TLS connection during the first handshake on that channel, but MUST NOT be negotiated"
  // RFC 5246 appendix A.5 MUST: "These cipher suites MUST NOT be used by TLS 1.2 implementations unless the application layer has specifically requested to allow anonymous key exchange."
  if (found === undefined) throw new InternalError(`Cannot use cipher suite ${name}: it is no ECDHE suite of TLS 1.2`);
  if ((found.records === "cbc") !== (aead === undefined)) {
    throw new InternalError(`Cannot use cipher suite ${name}: the provider has ${aead?.name ?? "no AEAD"} for it`);
  }
  return found;
}

/** How much of the key block each direction gets, in bytes. */
export interface KeyLengths {
  /** enc_key_length and the like of RFC 5246 §6.3: `mac` is 0 under AEAD suites. */
  readonly mac: number;
  readonly key: number;
  /** fixed_iv_length: 0 under CBC suites, since TLS 1.1 sends an IV with each record. */
  readonly iv: number;
}

/** RFC 5246 §6.3, RFC 5288 §3, RFC 7905 §2. */
export function keyLengths(suite: CipherSuiteElement): KeyLengths {
  const { records } = traitsOf(suite);
  if (suite.aead === undefined) return { mac: suite.mac.outputLength, key: suite.blockCipher.keyLength, iv: 0 };
  return { mac: 0, key: suite.aead.keyLength, iv: records === "explicitNonce" ? 4 : 12 };
}

/** How much longer than its plaintext a record's fragment may be, in bytes: nonce or IV, tag or MAC, padding. */
export function maxExpansion(suite: CipherSuiteElement): number {
  if (suite.aead === undefined) return suite.blockCipher.blockLength + suite.mac.outputLength + maxPaddingLength;
  return suite.aead.tagLength + (traitsOf(suite).records === "explicitNonce" ? 8 : 0);
}

/** RFC 5246 §6.2.3.2: up to 255 bytes, and the byte that says how many. */
const maxPaddingLength = 256;
