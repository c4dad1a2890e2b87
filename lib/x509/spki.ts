/**
 * SubjectPublicKeyInfo: a public key with the algorithm that it is for.
 * Enters: DER. Leaves: the provider's PublicKey, or a text saying which algorithm isn't supported; and back.
 * RFC 5280 §4.1.2.7, RFC 3279 §2.3.1, RFC 5480 §2, RFC 8410 §4. Whether a point is on its curve, the provider knows.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import { bitLength, type EcCurveName, type PublicKey } from "../crypto/provider.ts";
import { type AlgorithmIdentifier, decodeAlgorithmIdentifier } from "./algorithm.ts";
import { decodeObjectIdentifier, derError, DerReader, Tag } from "./der.ts";
import { derBitString, derInteger, derNull, derObjectIdentifier, derSequence } from "./der_writer.ts";
import { KeyAlgorithm, NamedCurve, oidName } from "./oids.ts";

export interface SubjectPublicKeyInfo {
  /** `undefined` when the type of key isn't supported. */
  readonly publicKey: PublicKey | undefined;
  /** For people: `EC secp256r1`, `RSA 2048 bits`, `id-dsa (1.2.840.10040.4.1)`. */
  readonly description: string;
  /** The content of the BIT STRING, of which key identifiers are made (RFC 5280 §4.2.1.2). */
  readonly subjectPublicKey: Uint8Array;
  readonly der: Uint8Array;
}

/** Bytes of a coordinate, and of a scalar. */
export const ecCurveLength: Readonly<Record<EcCurveName, number>> = { secp256r1: 32, secp384r1: 48, secp521r1: 66 };

/** Decodes bytes that are exactly one SubjectPublicKeyInfo. */
export function decodeSubjectPublicKeyInfo(der: Uint8Array): SubjectPublicKeyInfo {
  const reader = new DerReader(der);
  const info = readSubjectPublicKeyInfo(reader, "SubjectPublicKeyInfo");
  reader.end("SubjectPublicKeyInfo");
  return info;
}

export function readSubjectPublicKeyInfo(reader: DerReader, what: string): SubjectPublicKeyInfo {
  const element = reader.expect(Tag.SEQUENCE, what);
  const fields = reader.inside(element, what);
  const algorithm = decodeAlgorithmIdentifier(fields, `${what}.algorithm`);
  const offset = fields.offset;
  const subjectPublicKey = fields.octetAlignedBitString(`${what}.subjectPublicKey`);
  fields.end(what);
  const key = decodeKey(algorithm, subjectPublicKey, offset, what);
  return { ...key, subjectPublicKey, der: element.whole };
}

export function encodeSubjectPublicKeyInfo(key: PublicKey): Uint8Array<ArrayBuffer> {
  switch (key.type) {
    case "ec":
      return derSequence(ecAlgorithm(key.curve), derBitString(key.point));
    case "rsa":
      return derSequence(
        derSequence(derObjectIdentifier(KeyAlgorithm.rsaEncryption), derNull()),
        derBitString(derSequence(derInteger(key.modulus), derInteger(key.exponent))),
      );
    case "ed25519":
    case "ed448":
      return derSequence(derSequence(derObjectIdentifier(edwardsCurves[key.type].oid)), derBitString(key.key));
  }
}

/**
 * The AlgorithmIdentifier of keys on a curve (RFC 5480 §2.1.1).
 * RFC 8422 §5.3 MUST: "ECC public keys MUST be encoded in certificates as described in Section 5.9."
 * RFC 8422 §5.9 MUST: "X.509 certificates containing ECC public keys or signed using ECDSA MUST comply with [RFC3279] or another RFC that replaces or extends it."
 */
export function ecAlgorithm(curve: EcCurveName): Uint8Array<ArrayBuffer> {
  return derSequence(derObjectIdentifier(KeyAlgorithm["id-ecPublicKey"]), derObjectIdentifier(NamedCurve[curve]));
}

/** The curve that an object identifier stands for, when it is one of ours. */
export function curveOf(oid: string): EcCurveName | undefined {
  return ecCurves.find((curve) => NamedCurve[curve] === oid);
}

export function publicKeysEqual(one: PublicKey, other: PublicKey): boolean {
  return equalBytes(encodeSubjectPublicKeyInfo(one), encodeSubjectPublicKeyInfo(other));
}

/**
 * RFC 8410 §3: keys that one octet string is all of.
 * RFC 8422 §5.9 MUST: "X.509 certificates containing ECC public keys or signed using EdDSA MUST comply with [RFC8410]."
 */
export interface EdwardsCurve {
  readonly type: "ed25519" | "ed448";
  readonly oid: string;
  /** For people. */
  readonly name: string;
  /** Of a public key and of a private one, in bytes (RFC 8032 §5.1.5, §5.2.5). */
  readonly length: number;
}

/** The curve that an object identifier of a key stands for, when it is one of these. */
export function edwardsCurveOf(oid: string): EdwardsCurve | undefined {
  return Object.values(edwardsCurves).find((curve) => curve.oid === oid);
}

export const edwardsCurves: Readonly<Record<EdwardsCurve["type"], EdwardsCurve>> = {
  ed25519: { type: "ed25519", oid: KeyAlgorithm["id-Ed25519"], name: "Ed25519", length: 32 },
  ed448: { type: "ed448", oid: KeyAlgorithm["id-Ed448"], name: "Ed448", length: 57 },
};

const ecCurves: readonly EcCurveName[] = ["secp256r1", "secp384r1", "secp521r1"];

interface DecodedKey {
  readonly publicKey: PublicKey | undefined;
  readonly description: string;
}

function decodeKey(algorithm: AlgorithmIdentifier, bits: Uint8Array, offset: number, what: string): DecodedKey {
  if (algorithm.oid === KeyAlgorithm["id-ecPublicKey"]) return decodeEcKey(algorithm, bits, offset, what);
  if (algorithm.oid === KeyAlgorithm.rsaEncryption) return decodeRsaKey(algorithm, bits, offset, what);
  const edwardsCurve = edwardsCurveOf(algorithm.oid);
  if (edwardsCurve !== undefined) return decodeEdwardsKey(edwardsCurve, algorithm, bits, offset, what);
  const name = oidName(KeyAlgorithm, algorithm.oid);
  return { publicKey: undefined, description: name === algorithm.oid ? name : `${name} (${algorithm.oid})` };
}

function decodeEcKey({ parameters }: AlgorithmIdentifier, bits: Uint8Array, offset: number, what: string): DecodedKey {
  // RFC 5480 §2.1.1: implicitCurve and specifiedCurve "MUST NOT be used in PKIX".
  if (parameters?.tag !== Tag["OBJECT IDENTIFIER"]) {
    return { publicKey: undefined, description: "EC on a curve without a name" };
  }
  const oid = decodeObjectIdentifier(parameters, `${what}.algorithm.namedCurve`);
  const curve = curveOf(oid);
  if (curve === undefined) return { publicKey: undefined, description: `EC ${oidName(NamedCurve, oid)}` };
  const length = ecCurveLength[curve];
  const [form] = bits;
  if ((form === 0x02 || form === 0x03) && bits.length === 1 + length) {
    return { publicKey: undefined, description: `EC ${curve} (compressed point)` };
  }
  if (form !== 0x04 || bits.length !== 1 + 2 * length) {
    throw derError(
      `${what}.subjectPublicKey`,
      offset,
      `${bits.length} bytes are not an uncompressed point of ${curve}`,
    );
  }
  return { publicKey: { type: "ec", curve, point: bits }, description: `EC ${curve}` };
}

function decodeRsaKey({ parameters }: AlgorithmIdentifier, bits: Uint8Array, offset: number, what: string): DecodedKey {
  // RFC 3279 §2.3.1: "The parameters field MUST have ASN.1 type NULL for this algorithm identifier."
  if (parameters?.tag !== Tag.NULL || parameters.content.length > 0) {
    throw derError(`${what}.algorithm`, offset, "the parameters of rsaEncryption are not NULL");
  }
  const reader = new DerReader(bits, offset + 1);
  const fields = reader.enter(Tag.SEQUENCE, `${what}.RSAPublicKey`);
  reader.end(`${what}.RSAPublicKey`);
  const modulus = fields.unsignedInteger(`${what}.modulus`);
  const exponent = fields.unsignedInteger(`${what}.publicExponent`);
  fields.end(`${what}.RSAPublicKey`);
  const even = (number: Uint8Array): boolean => (number[number.length - 1] ?? 0) % 2 === 0;
  if (even(modulus)) throw derError(`${what}.modulus`, offset, "the modulus is even");
  if (even(exponent) || bitLength(exponent) < 2) {
    throw derError(`${what}.publicExponent`, offset, "the exponent is even or 1");
  }
  return { publicKey: { type: "rsa", modulus, exponent }, description: `RSA ${bitLength(modulus)} bits` };
}

function decodeEdwardsKey(
  { type, name, length }: EdwardsCurve,
  { parameters }: AlgorithmIdentifier,
  bits: Uint8Array,
  offset: number,
  what: string,
): DecodedKey {
  // RFC 8410 §3: "the parameters MUST be absent".
  if (parameters !== undefined) throw derError(`${what}.algorithm`, offset, `id-${name} has parameters`);
  if (bits.length !== length) {
    throw derError(`${what}.subjectPublicKey`, offset, `an ${name} key of ${bits.length} bytes, not ${length}`);
  }
  return { publicKey: { type, key: bits }, description: name };
}
