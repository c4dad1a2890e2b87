/**
 * A Signer from a private key in memory: which schemes fit the key, best first, and its public half.
 * Knows no library: the work is that of the schemes it is given.
 * RFC 5246 §7.4.8; RFC 8422 §5.10; RFC 8017 §9.
 * @module
 */

import { TlsUsageError } from "../error.ts";
import type { SignatureSchemeName } from "../registry.ts";
import {
  bitLength,
  type EcCurveName,
  type PrivateKey,
  type RandomSource,
  type SignatureAlgorithm,
  type SignatureSchemeElement,
  type Signer,
} from "./provider.ts";

/**
 * A Signer that keeps `privateKey` in memory and signs with `schemes`, as far as they fit the key.
 *
 * Signing in pure JavaScript is **not constant-time**: who can measure it closely may learn the key; see SECURITY.md.
 * Where that matters, bring a Signer of your own (an HSM, a KMS, the platform's cryptography).
 *
 * Throws TlsUsageError when no scheme fits the key.
 *
 * @example
 * const signer = createSigner(privateKey, nobleProvider.signatureSchemes, random);
 * signer.schemes; // for a P-384 key: ["ecdsa_secp384r1_sha384", "ecdsa_secp256r1_sha256", "ecdsa_secp521r1_sha512"]
 */
export function createSigner(
  privateKey: PrivateKey,
  schemes: readonly SignatureSchemeElement[],
  random: RandomSource,
): Signer {
  const ordered = schemesFor(privateKey, schemes);
  const [best] = ordered;
  if (best === undefined) throw new TlsUsageError(`No signature scheme fits the private key (${keyText(privateKey)})`);
  return {
    schemes: ordered.map((scheme) => scheme.name),
    publicKey: best.publicKeyOf(privateKey),
    sign: (name, message) => {
      const scheme = ordered.find((each) => each.name === name);
      if (scheme === undefined) throw new TlsUsageError(`The private key (${keyText(privateKey)}) can't sign ${name}`);
      return scheme.sign(privateKey, message, random);
    },
  };
}

/** Those of `schemes` that fit the key, in their order, but the one of the key's curve first. */
function schemesFor(
  privateKey: PrivateKey,
  schemes: readonly SignatureSchemeElement[],
): readonly SignatureSchemeElement[] {
  const usable = schemes.filter((scheme) =>
    scheme.keyType === privateKey.type && hasRoom(scheme.algorithm, privateKey)
  );
  return privateKey.type === "ec" ? curveFirst(usable, privateKey.curve) : usable;
}

/** What RFC 8446 §4.2.3 binds together and TLS 1.2 doesn't: peers like the pairs best. */
const schemeOfCurve: { readonly [Curve in EcCurveName]: SignatureSchemeName } = {
  secp256r1: "ecdsa_secp256r1_sha256",
  secp384r1: "ecdsa_secp384r1_sha384",
  secp521r1: "ecdsa_secp521r1_sha512",
};

function curveFirst(schemes: readonly SignatureSchemeElement[], curve: EcCurveName): readonly SignatureSchemeElement[] {
  const matches = (scheme: SignatureSchemeElement): boolean => scheme.name === schemeOfCurve[curve];
  return [...schemes.filter(matches), ...schemes.filter((scheme) => !matches(scheme))];
}

/** The shortest encoded message in bytes. RFC 8017 §9.1.1 step 3: twice the hash and 2; §9.2 step 3: DigestInfo and 11. */
const shortestEncoding: { readonly [Algorithm in SignatureAlgorithm]?: number } = {
  rsa_pkcs1_sha256: 62,
  rsa_pkcs1_sha384: 78,
  rsa_pkcs1_sha512: 94,
  rsa_pss_sha256: 66,
  rsa_pss_sha384: 98,
  rsa_pss_sha512: 130,
};

function hasRoom(algorithm: SignatureAlgorithm, privateKey: PrivateKey): boolean {
  if (privateKey.type !== "rsa") return true;
  const bits = bitLength(privateKey.modulus);
  const isPss = algorithm.startsWith("rsa_pss");
  // RFC 8017 §8.1.1: with 8n + 1 bits the encoding of PSS is one byte shorter than the modulus. micro-rsa-dsa-dh then
  // makes signatures that are too short. Nobody uses such keys; PKCS #1 v1.5 is left to them.
  if (isPss && bits % 8 === 1) return false;
  return Math.ceil(bits / 8) >= (shortestEncoding[algorithm] ?? 0);
}

function keyText(privateKey: PrivateKey): string {
  if (privateKey.type === "ec") return `ec, ${privateKey.curve}`;
  return privateKey.type === "rsa" ? `rsa, ${bitLength(privateKey.modulus)} bits` : privateKey.type;
}
