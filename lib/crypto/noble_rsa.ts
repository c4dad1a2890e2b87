/**
 * RSA signatures of micro-rsa-dsa-dh as elements of a provider: PKCS #1 v1.5 and PSS with a salt as long as the hash.
 * Verification is what this is for. Signing is slow and neither constant-time nor blinded: where an attacker can
 * measure, bring a Signer of your own. The salt of PSS is drawn by the library from the runtime's `crypto`, since it
 * takes none from outside: signing with PSS is the one act here that needs that global and can't be repeated.
 * RFC 5246 §4.7 DEVIATION: a DigestInfo without its NULL is refused, though "implementations MUST accept both", because
 * the library has none, nobody sends it, and OpenSSL, BoringSSL and Go refuse it as well.
 * How long a modulus has to be is for the judge of certificates to say, not for this file.
 * RFC 8017 §8.1, §8.2; RFC 8446 §4.2.3.
 * @module
 */

import { bytesToNumberBE } from "@noble/curves/utils.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { mgf1, PKCS1_SHA256, PKCS1_SHA384, PKCS1_SHA512, PSS, type Signer as RsaSigner } from "micro-rsa-dsa-dh/rsa.js";
import { withoutLeadingZeros } from "./noble_numbers.ts";
import {
  bitLength,
  type PrivateKey,
  type PublicKey,
  rsaLimits,
  type SignatureAlgorithm,
  type SignatureSchemeElement,
} from "./provider.ts";

type RsaPublicKey = Extract<PublicKey, { readonly type: "rsa" }>;

export const rsaPssRsaeSha256: SignatureSchemeElement = /* @__PURE__ */ rsaScheme(
  "rsa_pss_rsae_sha256",
  "rsa_pss_sha256",
  () => PSS(sha256, mgf1(sha256), 32),
);
export const rsaPssRsaeSha384: SignatureSchemeElement = /* @__PURE__ */ rsaScheme(
  "rsa_pss_rsae_sha384",
  "rsa_pss_sha384",
  () => PSS(sha384, mgf1(sha384), 48),
);
export const rsaPssRsaeSha512: SignatureSchemeElement = /* @__PURE__ */ rsaScheme(
  "rsa_pss_rsae_sha512",
  "rsa_pss_sha512",
  () => PSS(sha512, mgf1(sha512), 64),
);
// RFC 5246 §4.7 MUST: "As discussed in [PKCS1], the DigestInfo MUST be DER-encoded"
// RFC 5246 §4.7 MUST: "the DigestInfo.AlgorithmIdentifier.parameters field MUST be NULL"
export const rsaPkcs1Sha256: SignatureSchemeElement = /* @__PURE__ */ rsaScheme(
  "rsa_pkcs1_sha256",
  "rsa_pkcs1_sha256",
  () => PKCS1_SHA256,
);
export const rsaPkcs1Sha384: SignatureSchemeElement = /* @__PURE__ */ rsaScheme(
  "rsa_pkcs1_sha384",
  "rsa_pkcs1_sha384",
  () => PKCS1_SHA384,
);
export const rsaPkcs1Sha512: SignatureSchemeElement = /* @__PURE__ */ rsaScheme(
  "rsa_pkcs1_sha512",
  "rsa_pkcs1_sha512",
  () => PKCS1_SHA512,
);

function rsaScheme(
  name: SignatureSchemeElement["name"],
  algorithm: SignatureAlgorithm,
  signer: () => RsaSigner,
): SignatureSchemeElement {
  return {
    name,
    algorithm,
    keyType: "rsa",
    verify: (publicKey, message, signature) => {
      if (publicKey.type !== "rsa") return false;
      const numbers = publicNumbers(publicKey);
      if (numbers === undefined) return false;
      try {
        return signer().verify(numbers, message, signature);
      } catch {
        return false; // a modulus too small for the encoding, a result too large for it
      }
    },
    sign: (privateKey, message) => {
      const { modulus, privateExponent } = rsaKey(privateKey);
      return signer().sign({ n: bytesToNumberBE(modulus), d: bytesToNumberBE(privateExponent) }, message);
    },
    publicKeyOf: (privateKey) => {
      const { modulus, exponent } = rsaKey(privateKey);
      return { type: "rsa", modulus: withoutLeadingZeros(modulus), exponent: withoutLeadingZeros(exponent) };
    },
  };
}

/** `undefined` for numbers that are no RSA key, or one that is made to keep us busy. */
function publicNumbers(publicKey: RsaPublicKey): { readonly n: bigint; readonly e: bigint } | undefined {
  const { modulus, exponent } = publicKey;
  if (bitLength(modulus) > rsaLimits.modulus || bitLength(exponent) > rsaLimits.exponent) return undefined;
  const n = bytesToNumberBE(modulus);
  const e = bytesToNumberBE(exponent);
  const isKey = n % 2n === 1n && e % 2n === 1n && e > 1n;
  return isKey ? { n, e } : undefined;
}

function rsaKey(privateKey: PrivateKey): Extract<PrivateKey, { readonly type: "rsa" }> {
  if (privateKey.type !== "rsa") throw new TypeError(`RSA needs an rsa key, not ${privateKey.type}`);
  return privateKey;
}
