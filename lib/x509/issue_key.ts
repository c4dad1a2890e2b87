/**
 * The keys of certificates that are issued: new ones, their public halves, how they sign and how they are identified.
 * Enters: a provider, randomness, keys. Leaves: keys and schemes; TlsUsageError for a key that the provider can't use.
 * RFC 5280 §4.2.1.2; RFC 5480 §4; RFC 7093 §2; RFC 8032 §5.1.5, §5.2.5.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import type {
  EcCurveName,
  IssuingCrypto,
  PrivateKey,
  RandomSource,
  SignatureAlgorithm,
  SignatureSchemeElement,
} from "../crypto/provider.ts";
import { textOf, TlsError, TlsUsageError } from "../error.ts";
import { type Certificate, decodeCertificate } from "./certificate.ts";
import { decodeSubjectPublicKeyInfo, type EdwardsCurve, edwardsCurves, encodeSubjectPublicKeyInfo } from "./spki.ts";

/** The types of keys that can be made; RSA keys have to be brought along. */
export type NewKeyType = EcCurveName | EdwardsCurve["type"];

/** A new key. */
export function newKey(type: NewKeyType, provider: IssuingCrypto, random: RandomSource): PrivateKey {
  switch (type) {
    case "ed25519":
    case "ed448":
      return { type, seed: drawn(random, edwardsCurves[type].length) };
    case "secp256r1":
    case "secp384r1":
    case "secp521r1": {
      const group = provider.namedGroups.find(({ name }) => name === type);
      if (group === undefined) throw new TlsUsageError(`Cannot make a key: the crypto provider has no group ${type}`);
      return { type: "ec", curve: type, scalar: group.generateKeyPair(random).privateKey };
    }
  }
  throw new TlsUsageError(`Cannot make a key of type ${type satisfies never}: bring one along`);
}

/** DER of the SubjectPublicKeyInfo that belongs to a private key. */
export function spkiOf(key: PrivateKey, provider: IssuingCrypto): Uint8Array {
  const scheme = signatureSchemeOf(key, provider);
  try {
    return encodeSubjectPublicKeyInfo(scheme.publicKeyOf(key));
  } catch (error) {
    throw new TlsUsageError(`Cannot use the ${key.type} key: the crypto provider refuses it: ${textOf(error)}`);
  }
}

/** How a key signs: as its caller wants, or with the hash that fits to its strength. */
export function signatureSchemeOf(
  key: PrivateKey,
  provider: IssuingCrypto,
  wanted?: SignatureAlgorithm,
): SignatureSchemeElement {
  const fitting = provider.signatureSchemes.filter(({ keyType }) => keyType === key.type);
  const best = wanted ?? bestAlgorithm(key);
  const scheme = fitting.find(({ algorithm }) => algorithm === best);
  if (scheme !== undefined) return scheme;
  if (wanted !== undefined) {
    throw new TlsUsageError(
      `Cannot sign with ${wanted}: the crypto provider has no such scheme for keys of type ${key.type}`,
    );
  }
  const other = fitting.find(({ algorithm }) => !algorithm.startsWith("rsa_pss")) ?? fitting[0];
  if (other !== undefined) return other;
  throw new TlsUsageError(`Cannot sign with a key of type ${key.type}: the crypto provider has no scheme for it`);
}

/** RFC 5280 §4.2.1.2 with SHA-256 in place of SHA-1, as RFC 7093 §2 (1) does: its leftmost 160 bits. */
export function keyIdentifierOf(spki: Uint8Array, provider: IssuingCrypto): Uint8Array {
  return provider.hashes.sha256.digest(decodeSubjectPublicKeyInfo(spki).subjectPublicKey).subarray(0, 20);
}

/** So many random bytes, copied: what is drawn belongs to whoever lent it. */
export function drawn(random: RandomSource, length: number): Uint8Array {
  const bytes = new Uint8Array(random(length));
  if (bytes.length === length) return bytes;
  throw new TlsUsageError(`Cannot issue a certificate: random(${length}) gave ${bytes.length} bytes`);
}

function bestAlgorithm(key: PrivateKey): SignatureAlgorithm {
  switch (key.type) {
    case "ec":
      return algorithmOfCurve[key.curve];
    case "rsa":
      // Not PSS, whose salt is random: the same input is to give the same certificate.
      return "rsa_pkcs1_sha256";
    case "ed25519":
    case "ed448":
      return key.type;
  }
}

/** RFC 5480 §4: the hash that is as strong as the curve. */
const algorithmOfCurve: Readonly<Record<EcCurveName, SignatureAlgorithm>> = {
  secp256r1: "ecdsa_sha256",
  secp384r1: "ecdsa_sha384",
  secp521r1: "ecdsa_sha512",
};

/**
 * The decoded certificate of whoever issues. Throws TlsUsageError for one that is broken, or isn't that of the key: nobody
 * could verify what it issues.
 */
export function issuingCertificate(
  { certificate: der, privateKey }: { readonly certificate: Uint8Array; readonly privateKey: PrivateKey },
  provider: IssuingCrypto,
): Certificate {
  const certificate = givenCertificate(der, "with a CA whose certificate is broken");
  if (equalBytes(certificate.spki, spkiOf(privateKey, provider))) return certificate;
  const { text } = certificate.subject;
  throw new TlsUsageError(`Cannot issue with "${text}": its private key does not belong to its certificate`);
}

/** A certificate that the caller gives, decoded. Throws TlsUsageError. `what`: `Cannot issue …: why`. */
export function givenCertificate(der: Uint8Array, what: string): Certificate {
  try {
    return decodeCertificate(der);
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    throw new TlsUsageError(`Cannot issue ${what}: ${error.message}`, { cause: error });
  }
}
