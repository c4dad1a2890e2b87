/**
 * ECDSA, Ed25519 and Ed448 of @noble/curves as elements of a provider.
 * ECDSA takes its curve from the key and its hash from the scheme: TLS 1.2 doesn't bind one to the other (RFC 8446
 * §4.2.3 does). Verification is strict: DER without leniency, points uncompressed, RFC 8032 without ZIP 215.
 * Signing is deterministic and, being JavaScript, not constant-time.
 * RFC 8422 §5.4, §5.10; FIPS 186-5 §6; RFC 6979; RFC 8032 §5.1, §5.2.
 * @module
 */

import { ecdsa } from "@noble/curves/abstract/weierstrass.js";
import { ed25519 as nobleEd25519 } from "@noble/curves/ed25519.js";
import { ed448 as nobleEd448 } from "@noble/curves/ed448.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import type { CHash } from "@noble/hashes/utils.js";
import { withLength } from "./noble_numbers.ts";
import type { EcCurveName, PrivateKey, SignatureAlgorithm, SignatureSchemeElement } from "./provider.ts";

const curves: { readonly [Name in EcCurveName]: typeof p256 } = { secp256r1: p256, secp384r1: p384, secp521r1: p521 };

export const ecdsaSecp256r1Sha256: SignatureSchemeElement = /* @__PURE__ */ ecdsaScheme(
  "ecdsa_secp256r1_sha256",
  "ecdsa_sha256",
  sha256,
);
export const ecdsaSecp384r1Sha384: SignatureSchemeElement = /* @__PURE__ */ ecdsaScheme(
  "ecdsa_secp384r1_sha384",
  "ecdsa_sha384",
  sha384,
);
export const ecdsaSecp521r1Sha512: SignatureSchemeElement = /* @__PURE__ */ ecdsaScheme(
  "ecdsa_secp521r1_sha512",
  "ecdsa_sha512",
  sha512,
);

export const ed25519: SignatureSchemeElement = /* @__PURE__ */ eddsaScheme("ed25519", nobleEd25519);
// RFC 8422 §5.10: "The context parameter for Ed448 MUST be set to the empty string", which is noble's default.
export const ed448: SignatureSchemeElement = /* @__PURE__ */ eddsaScheme("ed448", nobleEd448);

function eddsaScheme(name: "ed25519" | "ed448", curve: typeof nobleEd25519): SignatureSchemeElement {
  const seedOf = (privateKey: PrivateKey): Uint8Array => {
    if (privateKey.type !== name) throw new TypeError(`${name} needs an ${name} key, not ${privateKey.type}`);
    return privateKey.seed;
  };
  return {
    name,
    algorithm: name,
    keyType: name,
    // RFC 8422 §5.10 MUST: "All EdDSA computations MUST be performed according to [RFC8032] or its successors."
    verify: (publicKey, message, signature) => {
      if (publicKey.type !== name) return false;
      try {
        return curve.verify(signature, message, publicKey.key, { zip215: false });
      } catch {
        return false; // a key or signature of the wrong length
      }
    },
    sign: (privateKey, message) => curve.sign(message, seedOf(privateKey)),
    publicKeyOf: (privateKey) => ({ type: name, key: curve.getPublicKey(seedOf(privateKey)) }),
  };
}

function ecdsaScheme(
  name: SignatureSchemeElement["name"],
  algorithm: SignatureAlgorithm,
  hash: CHash,
): SignatureSchemeElement {
  return {
    name,
    algorithm,
    keyType: "ec",
    verify: (publicKey, message, signature) => {
      // RFC 8422 §5.1.2: all formats but the uncompressed one (4) are deprecated, in certificates too (§5.6).
      if (publicKey.type !== "ec" || publicKey.point[0] !== 4) return false;
      // lowS is a rule of blockchains: half of all honest signatures have a high s. What can't be decoded is false.
      // RFC 8422 §5.10 MUST: "All ECDSA computations MUST be performed according to ANSI X9.62 or its successors."
      // RFC 8422 §5.10 MUST: "A secure hash function such as SHA-256, SHA-384, or SHA-512 from [FIPS.180-4] MUST be used."
      const options = { prehash: false, lowS: false, format: "der" } as const;
      return curves[publicKey.curve].verify(signature, hash(message), publicKey.point, options);
    },
    sign: (privateKey, message, random) => {
      const { curve, scalar } = ecKey(privateKey);
      // The nonce is that of RFC 6979 with the scheme's own hash; `random` blinds its inversion.
      const signer = ecdsa(curve.Point, hash, { lowS: false, randomBytes: (length = 32) => ownBytes(random(length)) });
      return signer.sign(message, scalar, { format: "der" });
    },
    publicKeyOf: (privateKey) => {
      const { name: curveName, curve, scalar } = ecKey(privateKey);
      return { type: "ec", curve: curveName, point: curve.getPublicKey(scalar, false) };
    },
  };
}

function ecKey(privateKey: PrivateKey): { name: EcCurveName; curve: typeof p256; scalar: Uint8Array } {
  if (privateKey.type !== "ec") throw new TypeError(`ECDSA needs an ec key, not ${privateKey.type}`);
  const curve = curves[privateKey.curve];
  return { name: privateKey.curve, curve, scalar: withLength(privateKey.scalar, curve.Point.Fn.BYTES) };
}

function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}
