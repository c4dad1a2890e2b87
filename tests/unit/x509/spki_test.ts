import { assert, suite } from "../../harness.ts";
import { bitLength, type PublicKey } from "../../../lib/crypto/provider.ts";
import { derBitString, derInteger, derNull, derObjectIdentifier, derSequence } from "../../../lib/x509/der_writer.ts";
import { KeyAlgorithm } from "../../../lib/x509/oids.ts";
import { decodeSubjectPublicKeyInfo, encodeSubjectPublicKeyInfo, publicKeysEqual } from "../../../lib/x509/spki.ts";
import { bytes, refusesToDecode } from "./builder.ts";

const test = suite("spki");
const point = (length: number, form = 4): Uint8Array => bytes(form, ...new Array<number>(length - 1).fill(7));
const keys: readonly PublicKey[] = [
  { type: "ec", curve: "secp256r1", point: point(65) },
  { type: "ec", curve: "secp384r1", point: point(97) },
  { type: "ec", curve: "secp521r1", point: point(133) },
  { type: "rsa", modulus: bytes(0xff, 0x01), exponent: bytes(1, 0, 1) },
  { type: "ed25519", key: new Uint8Array(32).fill(5) },
  { type: "ed448", key: new Uint8Array(57).fill(5) },
];
const info = (algorithm: readonly Uint8Array[], key: Uint8Array): Uint8Array =>
  derSequence(derSequence(...algorithm), derBitString(key));
const ec = (curve: string, key: Uint8Array): Uint8Array =>
  info([derObjectIdentifier(KeyAlgorithm["id-ecPublicKey"]), derObjectIdentifier(curve)], key);
const rsa = (n: Uint8Array, e: number): Uint8Array =>
  info([derObjectIdentifier(KeyAlgorithm.rsaEncryption), derNull()], derSequence(derInteger(n), derInteger(e)));
const p256 = "1.2.840.10045.3.1.7";

// proves RFC 8422 §5.3: "ECC public keys MUST be encoded"
// proves RFC 8422 §5.9: "X.509 certificates containing ECC public keys or signed using ECDSA"
// proves RFC 8422 §5.9: "X.509 certificates containing ECC public keys or signed using EdDSA"
test("reads back every type of key that it writes", () => {
  for (const key of keys) assert.equal(decodeSubjectPublicKeyInfo(encodeSubjectPublicKeyInfo(key)).publicKey, key);
});

test("publicKeysEqual tells keys apart", () => {
  for (const [index, one] of keys.entries()) {
    for (const [other, key] of keys.entries()) assert.is(publicKeysEqual(one, key), index === other);
  }
  assert.not(
    publicKeysEqual({ type: "ed25519", key: new Uint8Array(32) }, { type: "ed25519", key: new Uint8Array(32).fill(1) }),
  );
});

// proves RFC 5480 §2.1.1: "MUST NOT be used in PKIX"
test("says which type of key it doesn't support", () => {
  const unsupported = (der: Uint8Array): string => {
    const { publicKey, description } = decodeSubjectPublicKeyInfo(der);
    assert.is(publicKey, undefined);
    return description;
  };
  assert.is(unsupported(ec("1.3.132.0.10", point(65))), "EC secp256k1");
  assert.is(unsupported(ec("1.2.3", point(65))), "EC 1.2.3");
  assert.is(unsupported(ec(p256, point(33, 2))), "EC secp256r1 (compressed point)");
  assert.is(
    unsupported(info([derObjectIdentifier(KeyAlgorithm["id-ecPublicKey"]), derSequence()], point(65))),
    "EC on a curve without a name",
  );
  assert.is(unsupported(info([derObjectIdentifier(KeyAlgorithm["id-dsa"])], bytes())), "id-dsa (1.2.840.10040.4.1)");
  assert.is(unsupported(info([derObjectIdentifier("1.2.3")], bytes())), "1.2.3");
});

test("describes the keys that it supports", () => {
  const descriptions = keys.map((key) => decodeSubjectPublicKeyInfo(encodeSubjectPublicKeyInfo(key)).description);
  assert.equal(descriptions, ["EC secp256r1", "EC secp384r1", "EC secp521r1", "RSA 16 bits", "Ed25519", "Ed448"]);
});

// proves RFC 3279 §2.3.1: "The parameters field MUST"
// proves RFC 8410 §3: "the parameters MUST be absent"
test("refuses keys that are none", () => {
  for (const wrong of [point(64), point(66), point(65, 6), bytes(0), bytes()]) {
    refusesToDecode(() => decodeSubjectPublicKeyInfo(ec(p256, wrong)), /not an uncompressed point of secp256r1/);
  }
  refusesToDecode(() => decodeSubjectPublicKeyInfo(rsa(bytes(4), 3)), /the modulus is even/);
  for (const e of [0, 1, 2, 65536]) {
    refusesToDecode(() => decodeSubjectPublicKeyInfo(rsa(bytes(5), e)), /the exponent is even or 1/);
  }
  refusesToDecode(
    () => decodeSubjectPublicKeyInfo(info([derObjectIdentifier(KeyAlgorithm.rsaEncryption)], bytes())),
    /are not NULL/,
  );
  const trailing = info([derObjectIdentifier(KeyAlgorithm.rsaEncryption), derNull()], bytes(0x30, 0, 0));
  refusesToDecode(() => decodeSubjectPublicKeyInfo(trailing), /1 bytes too many/);
  for (const [name, length] of [["Ed25519", 32], ["Ed448", 57]] as const) {
    const oid = derObjectIdentifier(KeyAlgorithm[`id-${name}`]);
    for (const wrong of [length - 1, length + 1]) {
      refusesToDecode(
        () => decodeSubjectPublicKeyInfo(info([oid], new Uint8Array(wrong))),
        new RegExp(`an ${name} key of ${wrong} bytes, not ${length}`),
      );
    }
    refusesToDecode(
      () => decodeSubjectPublicKeyInfo(info([oid, derNull()], new Uint8Array(length))),
      new RegExp(`id-${name} has parameters`),
    );
  }
  refusesToDecode(() => decodeSubjectPublicKeyInfo(bytes(...ec(p256, point(65)), 0)), /1 bytes too many/);
});

test("bitLength counts bits", () => {
  const cases = [[[], 0], [[0], 0], [[1], 1], [[0, 0x80], 8], [[1, 0, 1], 17], [[0xff, 0], 16]] as const;
  for (const [number, bits] of cases) assert.is(bitLength(bytes(...number)), bits);
});

test.run();
