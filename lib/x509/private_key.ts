/**
 * Private keys in DER: PKCS#8, SEC1 and PKCS#1.
 * Enters: DER. Leaves: the provider's PrivateKey; DecodeError says which field is wrong, never what is in it. And back.
 * RFC 5958 §2, RFC 5915 §3, RFC 8017 A.1.2, RFC 8410 §7. Knows neither PEM nor files: that is `load.ts`.
 * @module
 */

import { concat } from "../codec/bytes.ts";
import { bitLength, type EcCurveName, type PrivateKey } from "../crypto/provider.ts";
import { TlsUsageError } from "../error.ts";
import { type AlgorithmIdentifier, decodeAlgorithmIdentifier } from "./algorithm.ts";
import { constructedContextTag, decodeObjectIdentifier, derError, DerReader, Tag } from "./der.ts";
import { derInteger, derObjectIdentifier, derOctetString, derSequence } from "./der_writer.ts";
import { KeyAlgorithm, NamedCurve, oidName } from "./oids.ts";
import { curveOf, ecAlgorithm, ecCurveLength, type EdwardsCurve, edwardsCurveOf, edwardsCurves } from "./spki.ts";

/** The structures that hold a private key. `encrypted` is EncryptedPrivateKeyInfo, which isn't decrypted here. */
export type PrivateKeyFormat = "PKCS#8" | "SEC1" | "PKCS#1" | "encrypted";

/** Which structure a DER looks like, by its first fields; `undefined` when it looks like none. */
export function privateKeyFormatOf(der: Uint8Array): PrivateKeyFormat | undefined {
  const fields = new DerReader(der).enter(Tag.SEQUENCE, "private key");
  if (fields.nextTag() === Tag.SEQUENCE) {
    // EncryptedPrivateKeyInfo begins with an AlgorithmIdentifier (RFC 5958 §3), a certificate with other fields.
    const isAlgorithm = fields.enter(Tag.SEQUENCE, "private key").nextTag() === Tag["OBJECT IDENTIFIER"];
    return isAlgorithm ? "encrypted" : undefined;
  }
  if (fields.nextTag() !== Tag.INTEGER) return undefined;
  fields.integer("private key version");
  if (fields.nextTag() === Tag.SEQUENCE) return "PKCS#8";
  if (fields.nextTag() === Tag["OCTET STRING"]) return "SEC1";
  return fields.nextTag() === Tag.INTEGER ? "PKCS#1" : undefined;
}

/** Decodes bytes that are exactly one private key in the given structure. An embedded public key isn't looked at. */
export function decodePrivateKey(der: Uint8Array, format: Exclude<PrivateKeyFormat, "encrypted">): PrivateKey {
  const reader = new DerReader(der);
  const key = format === "PKCS#8"
    ? readPrivateKeyInfo(reader)
    : format === "SEC1"
    ? readEcPrivateKey(reader, undefined)
    : readRsaPrivateKey(reader);
  reader.end(`${format} key`);
  return key;
}

/** PKCS#8 (RFC 5958 §2). An RSA key isn't encoded, as its primes aren't kept: throws TlsUsageError. */
export function encodePrivateKey(key: PrivateKey): Uint8Array<ArrayBuffer> {
  switch (key.type) {
    case "ec": {
      // RFC 5915 §3: the curve stands in the AlgorithmIdentifier of PKCS#8 already.
      const ecPrivateKey = derSequence(derInteger(1), derOctetString(key.scalar));
      return derSequence(derInteger(0), ecAlgorithm(key.curve), derOctetString(ecPrivateKey));
    }
    case "ed25519":
    case "ed448": {
      const algorithm = derSequence(derObjectIdentifier(edwardsCurves[key.type].oid));
      return derSequence(derInteger(0), algorithm, derOctetString(derOctetString(key.seed)));
    }
    case "rsa":
      throw new TlsUsageError("Cannot encode an RSA key as PKCS#8: its primes are not known");
  }
}

/** RFC 5958 §2: OneAsymmetricKey, of which PKCS#8's PrivateKeyInfo is version 0. */
function readPrivateKeyInfo(reader: DerReader): PrivateKey {
  const fields = reader.enter(Tag.SEQUENCE, "PrivateKeyInfo");
  const offset = fields.offset;
  const version = fields.smallInteger("PrivateKeyInfo.version");
  if (version > 1) throw derError("PrivateKeyInfo.version", offset, `version ${version} is not 0 or 1`);
  const algorithm = decodeAlgorithmIdentifier(fields, "PrivateKeyInfo.privateKeyAlgorithm");
  const privateKey = fields.expect(Tag["OCTET STRING"], "PrivateKeyInfo.privateKey");
  fields.optional(constructedContextTag(0), "PrivateKeyInfo.attributes");
  if (version === 1) fields.optional(0x81, "PrivateKeyInfo.publicKey");
  fields.end("PrivateKeyInfo");
  const inner = fields.inside(privateKey, "PrivateKeyInfo.privateKey");
  const key = readAlgorithmKey(inner, algorithm, offset);
  inner.end("PrivateKeyInfo.privateKey");
  return key;
}

function readAlgorithmKey(inner: DerReader, { oid, parameters }: AlgorithmIdentifier, offset: number): PrivateKey {
  if (oid === KeyAlgorithm.rsaEncryption) return readRsaPrivateKey(inner);
  const edwardsCurve = edwardsCurveOf(oid);
  if (edwardsCurve !== undefined) return readEdwardsPrivateKey(inner, edwardsCurve);
  const what = "PrivateKeyInfo.privateKeyAlgorithm";
  if (oid !== KeyAlgorithm["id-ecPublicKey"]) {
    throw derError(what, offset, `keys of type ${oidName(KeyAlgorithm, oid)} are not supported`);
  }
  if (parameters?.tag !== Tag["OBJECT IDENTIFIER"]) throw derError(what, offset, "the curve has no name");
  return readEcPrivateKey(inner, supportedCurve(decodeObjectIdentifier(parameters, what), offset));
}

/** RFC 5915 §3: ECPrivateKey. `curve` where it is known from the structure around it. */
function readEcPrivateKey(reader: DerReader, curve: EcCurveName | undefined): PrivateKey {
  const fields = reader.enter(Tag.SEQUENCE, "ECPrivateKey");
  const offset = fields.offset;
  const version = fields.smallInteger("ECPrivateKey.version");
  if (version !== 1) throw derError("ECPrivateKey.version", offset, `version ${version} is not 1`);
  const scalar = fields.octetString("ECPrivateKey.privateKey");
  const parameters = fields.enterOptional(constructedContextTag(0), "ECPrivateKey.parameters");
  const named = parameters && supportedCurve(parameters.objectIdentifier("ECPrivateKey.parameters"), offset);
  parameters?.end("ECPrivateKey.parameters");
  fields.optional(constructedContextTag(1), "ECPrivateKey.publicKey");
  fields.end("ECPrivateKey");
  const known = curve ?? named;
  if (known === undefined) throw derError("ECPrivateKey.parameters", offset, "nothing says which curve the key is on");
  if (named !== undefined && named !== known) {
    throw derError("ECPrivateKey.parameters", offset, `the curve is ${named} inside and ${known} outside`);
  }
  return { type: "ec", curve: known, scalar: checkedScalar(scalar, known, offset) };
}

function supportedCurve(oid: string, offset: number): EcCurveName {
  const curve = curveOf(oid);
  if (curve === undefined) throw derError("EC key", offset, `the curve ${oidName(NamedCurve, oid)} is not supported`);
  return curve;
}

/** A scalar from 1 to n - 1, in as many bytes as the curve's order has (RFC 5915 §3); shorter ones are filled up. */
function checkedScalar(scalar: Uint8Array, curve: EcCurveName, offset: number): Uint8Array {
  const length = ecCurveLength[curve];
  if (scalar.length > length) {
    throw derError("ECPrivateKey.privateKey", offset, `${scalar.length} bytes are more than the ${length} of ${curve}`);
  }
  const value = bigIntOf(scalar);
  if (value === 0n || value >= curveOrders[curve]) {
    throw derError(
      "ECPrivateKey.privateKey",
      offset,
      `the number is not from 1 to n - 1, n being the order of ${curve}`,
    );
  }
  return concat(new Uint8Array(length - scalar.length), scalar);
}

/** RFC 8017 A.1.2: RSAPrivateKey. The primes are used to check the modulus, and not kept. */
function readRsaPrivateKey(reader: DerReader): PrivateKey {
  const fields = reader.enter(Tag.SEQUENCE, "RSAPrivateKey");
  const offset = fields.offset;
  const version = fields.smallInteger("RSAPrivateKey.version");
  if (version !== 0) {
    throw derError("RSAPrivateKey.version", offset, "keys with more than two primes are not supported");
  }
  const [modulus, exponent, privateExponent, prime1, prime2] = [
    "modulus",
    "publicExponent",
    "privateExponent",
    "prime1",
    "prime2",
    "exponent1",
    "exponent2",
    "coefficient",
  ].map((name) => fields.unsignedInteger(`RSAPrivateKey.${name}`));
  fields.end("RSAPrivateKey");
  if (!modulus || !exponent || !privateExponent || !prime1 || !prime2) {
    throw derError("RSAPrivateKey", offset, "too short");
  }
  const [n, e, d, p, q] = [
    bigIntOf(modulus),
    bigIntOf(exponent),
    bigIntOf(privateExponent),
    bigIntOf(prime1),
    bigIntOf(prime2),
  ];
  if (bitLength(modulus) < 2048) {
    throw derError(
      "RSAPrivateKey.modulus",
      offset,
      `${bitLength(modulus)} bits are fewer than 2048: peers refuse such keys`,
    );
  }
  if (p * q !== n) {
    throw derError("RSAPrivateKey", offset, "the modulus is not prime1 · prime2");
  }
  if (e < 3n || e % 2n === 0n || d < 3n || d % 2n === 0n || e >= n || d >= n) {
    throw derError("RSAPrivateKey", offset, "an exponent is even, too small or larger than the modulus");
  }
  if (p < 3n || q < 3n) throw derError("RSAPrivateKey", offset, "the modulus is not the product of two primes");
  // RFC 8017 §3.2: e·d ≡ 1 (mod λ(n)), that is, modulo p - 1 and modulo q - 1.
  if (e * d % (p - 1n) !== 1n || e * d % (q - 1n) !== 1n) {
    throw derError("RSAPrivateKey", offset, "the private exponent does not belong to the public one");
  }
  return {
    type: "rsa",
    modulus: new Uint8Array(modulus),
    exponent: new Uint8Array(exponent),
    privateExponent: new Uint8Array(privateExponent),
  };
}

/** RFC 8410 §7: CurvePrivateKey ::= OCTET STRING. */
function readEdwardsPrivateKey(reader: DerReader, { type, name, length }: EdwardsCurve): PrivateKey {
  const offset = reader.offset;
  const seed = reader.octetString("CurvePrivateKey");
  if (seed.length !== length) {
    throw derError("CurvePrivateKey", offset, `an ${name} key of ${seed.length} bytes, not ${length}`);
  }
  return { type, seed: new Uint8Array(seed) };
}

function bigIntOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => sum << 8n | BigInt(byte), 0n);
}

/** n of SEC 2 §2.4.2, §2.5.1, §2.6.1. */
const curveOrders: Readonly<Record<EcCurveName, bigint>> = {
  secp256r1: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  secp384r1: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  secp521r1:
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
};
