/**
 * What is fixed by a suite's name beside its AEAD and hash: who may authenticate with it and how nonces are made.
 * RFC 5289 §3, RFC 7905 §2, RFC 8422 §2.
 * @module
 */

import type { CipherSuiteElement, PublicKey } from "../crypto/provider.ts";
import { InternalError } from "../error.ts";
import type { CipherSuiteName } from "../registry.ts";

export interface SuiteTraits {
  /** RFC 8422 §2: the kinds of certificate key that may sign ServerKeyExchange; EdDSA goes with ECDSA (§5.10). */
  readonly authentication: readonly PublicKey["type"][];
  /** `explicit`: RFC 5288 §3, 4 secret bytes and 8 on the wire. `exclusiveOr`: RFC 7905 §2, 12 secret bytes. */
  readonly nonce: "explicit" | "exclusiveOr";
}

const ecdsa: readonly PublicKey["type"][] = ["ec", "ed25519"];
const rsa: readonly PublicKey["type"][] = ["rsa"];

const traits: Partial<Readonly<Record<CipherSuiteName, SuiteTraits>>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: { authentication: ecdsa, nonce: "explicit" },
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: { authentication: ecdsa, nonce: "explicit" },
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: { authentication: ecdsa, nonce: "exclusiveOr" },
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: { authentication: rsa, nonce: "explicit" },
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: { authentication: rsa, nonce: "explicit" },
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: { authentication: rsa, nonce: "exclusiveOr" },
};

/** Throws InternalError for a suite that TLS 1.2 ECDHE doesn't have. */
export function traitsOf({ name }: CipherSuiteElement): SuiteTraits {
  const found = traits[name];
  if (found === undefined) throw new InternalError(`Cannot use cipher suite ${name}: it is no ECDHE suite of TLS 1.2`);
  return found;
}

/** RFC 5288 §3, RFC 7905 §2: length of the implicit part of the nonce, in bytes. */
export function fixedIvLength(suite: CipherSuiteElement): number {
  return traitsOf(suite).nonce === "explicit" ? 4 : 12;
}
