import { assert, suite } from "../../harness.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import type { PrivateKey, PublicKey } from "../../../lib/crypto/provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { decodeCertificate } from "../../../lib/x509/certificate.ts";
import {
  derConstructed,
  derInteger,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derSequence,
} from "../../../lib/x509/der_writer.ts";
import { DerReader, Tag } from "../../../lib/x509/der.ts";
import { decodePem } from "../../../lib/x509/pem.ts";
import { decodePrivateKey, encodePrivateKey, privateKeyFormatOf } from "../../../lib/x509/private_key.ts";
import { publicKeysEqual } from "../../../lib/x509/spki.ts";
import { certificatePem, privateKeyPem } from "../../support/x509_fixtures.ts";
import { Aliasing, bytes, refusesToDecode } from "./builder.ts";

const test = suite("private_key");
const der = (name: keyof typeof privateKeyPem): Uint8Array =>
  decodePem(privateKeyPem[name]).find(({ label }) => label.endsWith("PRIVATE KEY"))?.bytes ?? bytes();
const forms = [
  ["rsaPkcs1", "PKCS#1", "rsa"],
  ["rsaPkcs8", "PKCS#8", "rsa"],
  ["p256Sec1", "SEC1", "p256"],
  ["p256Sec1WithParameters", "SEC1", "p256"],
  ["p256Pkcs8", "PKCS#8", "p256"],
  ["p384Sec1", "SEC1", "p384"],
  ["p384Pkcs8", "PKCS#8", "p384"],
  ["p521Sec1", "SEC1", "p521"],
  ["ed25519Pkcs8", "PKCS#8", "ed25519"],
  ["ed448Pkcs8", "PKCS#8", "ed448"],
] as const;
const sec1 = (scalar: Uint8Array, ...more: readonly Uint8Array[]): Uint8Array =>
  derSequence(derInteger(1), derOctetString(scalar), ...more);
const p256 = derConstructed(0, derObjectIdentifier("1.2.840.10045.3.1.7"));
const order =
  "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551".match(/../g)?.map((byte) =>
    Number.parseInt(byte, 16)
  ) ?? [];

function publicKeyOf(key: PrivateKey): PublicKey | undefined {
  return nobleProvider.signatureSchemes.find(({ keyType }) => keyType === key.type)?.publicKeyOf(key);
}

test("reads every form that OpenSSL writes, and it is the key of the certificate", () => {
  for (const [name, format, certificate] of forms) {
    assert.is(privateKeyFormatOf(der(name)), format, name);
    const publicKey = publicKeyOf(decodePrivateKey(der(name), format));
    const certified = decodeCertificate(decodePem(certificatePem[certificate])[0]?.bytes ?? bytes()).publicKey;
    assert.ok(publicKey && certified && publicKeysEqual(publicKey, certified), name);
  }
});

test("reads back the PKCS#8 that it writes", () => {
  for (const [name, format] of forms) {
    const key = decodePrivateKey(der(name), format);
    if (key.type === "rsa") {
      assert.throws(() => encodePrivateKey(key), (error: unknown) => error instanceof TlsUsageError);
      continue;
    }
    assert.equal(decodePrivateKey(encodePrivateKey(key), "PKCS#8"), key);
  }
});

test("keeps nothing of the bytes that it reads, also where slice() doesn't copy", () => {
  for (const [name, format] of forms) {
    const source = Aliasing.from(der(name));
    const key = decodePrivateKey(source, format);
    source.fill(0);
    assert.equal(key, decodePrivateKey(der(name), format), name);
    for (const value of Object.values(key)) assert.not(value instanceof Aliasing, name);
  }
});

test("tells the structures apart by their first fields", () => {
  assert.is(privateKeyFormatOf(der("rsaEncryptedPkcs8")), "encrypted");
  assert.is(privateKeyFormatOf(derSequence(derInteger(1), derNull())), undefined);
  assert.is(privateKeyFormatOf(derSequence(derNull())), undefined);
  refusesToDecode(() => privateKeyFormatOf(bytes(1, 2, 3)), /SEQUENCE expected/);
});

test("fills up a short scalar, and refuses one that is too long, zero or not below the order", () => {
  const key = decodePrivateKey(sec1(bytes(7), p256), "SEC1");
  assert.ok(key.type === "ec" && key.scalar.length === 32 && key.scalar[31] === 7);
  const largest = [...order.slice(0, 31), 0x50];
  assert.is(decodePrivateKey(sec1(bytes(...largest), p256), "SEC1").type, "ec");
  refusesToDecode(() => decodePrivateKey(sec1(bytes(...order), p256), "SEC1"), /not from 1 to n - 1/);
  refusesToDecode(() => decodePrivateKey(sec1(new Uint8Array(32), p256), "SEC1"), /not from 1 to n - 1/);
  refusesToDecode(() => decodePrivateKey(sec1(bytes(), p256), "SEC1"), /not from 1 to n - 1/);
  refusesToDecode(
    () => decodePrivateKey(sec1(new Uint8Array(33).fill(1), p256), "SEC1"),
    /33 bytes are more than the 32/,
  );
});

test("needs to know the curve, once", () => {
  refusesToDecode(() => decodePrivateKey(sec1(bytes(7)), "SEC1"), /nothing says which curve/);
  const secp256k1 = derConstructed(0, derObjectIdentifier("1.3.132.0.10"));
  refusesToDecode(() => decodePrivateKey(sec1(bytes(7), secp256k1), "SEC1"), /the curve secp256k1 is not supported/);
  const p384 = derSequence(derObjectIdentifier("1.2.840.10045.2.1"), derObjectIdentifier("1.3.132.0.34"));
  const pkcs8 = derSequence(derInteger(0), p384, derOctetString(sec1(bytes(7), p256)));
  refusesToDecode(() => decodePrivateKey(pkcs8, "PKCS#8"), /the curve is secp256r1 inside and secp384r1 outside/);
});

test("refuses RSA keys that are weak or whose numbers don't fit together", () => {
  refusesToDecode(() => decodePrivateKey(der("rsa1024Pkcs8"), "PKCS#8"), /1024 bits are fewer than 2048/);
  const number = (first: number, last: number): Uint8Array =>
    derInteger(bytes(first, ...new Array<number>(254).fill(1), last));
  const rsa = (...numbers: readonly Uint8Array[]): Uint8Array => derSequence(derInteger(0), ...numbers);
  const rest = [derInteger(3), derInteger(5), derInteger(7), derInteger(1), derInteger(1), derInteger(1)];
  refusesToDecode(
    () => decodePrivateKey(rsa(number(0x80, 1), derInteger(3), ...rest), "PKCS#1"),
    /not prime1 · prime2/,
  );
  const n = number(0x80, 1);
  const trivial = (e: number, d: number): Uint8Array =>
    rsa(n, derInteger(e), derInteger(d), n, derInteger(1), derInteger(1), derInteger(1), derInteger(1));
  for (const [e, d] of [[1, 3], [4, 3], [3, 4], [3, 1]] as const) {
    refusesToDecode(() => decodePrivateKey(trivial(e, d), "PKCS#1"), /an exponent is even, too small or larger/);
  }
  refusesToDecode(() => decodePrivateKey(trivial(3, 5), "PKCS#1"), /not the product of two primes/);
  refusesToDecode(() => decodePrivateKey(derSequence(derInteger(1)), "PKCS#1"), /more than two primes/);
});

test("refuses RSA keys whose private exponent is another key's", () => {
  const fields = new DerReader(der("rsaPkcs1")).enter(Tag.SEQUENCE, "key");
  const [version = bytes(), n = bytes(), e = bytes(), d = bytes(), ...rest] = Array.from(
    { length: 9 },
    () => fields.integer("field"),
  );
  const rsa = (exponent: Uint8Array, privateExponent: Uint8Array): Uint8Array =>
    derSequence(...[version, n, exponent, privateExponent, ...rest].map((number) => derInteger(number)));
  assert.is(decodePrivateKey(rsa(e, d), "PKCS#1").type, "rsa");
  const changed = Uint8Array.from(d);
  changed[20] = (changed[20] ?? 0) ^ 1;
  for (const wrong of [rsa(bytes(3), d), rsa(e, changed), rsa(e, bytes(3))]) {
    refusesToDecode(
      () => decodePrivateKey(wrong, "PKCS#1"),
      /^Cannot decode RSAPrivateKey at byte \d+: the private exponent does not belong to the public one$/,
    );
  }
});

test("refuses versions and types that it doesn't know", () => {
  refusesToDecode(() => decodePrivateKey(derSequence(derInteger(2)), "PKCS#8"), /version 2 is not 0 or 1/);
  refusesToDecode(() => decodePrivateKey(derSequence(derInteger(0), derOctetString()), "SEC1"), /version 0 is not 1/);
  const dsa = derSequence(derInteger(0), derSequence(derObjectIdentifier("1.2.840.10040.4.1")), derOctetString());
  refusesToDecode(() => decodePrivateKey(dsa, "PKCS#8"), /keys of type id-dsa are not supported/);
  const edwards = (oid: string, length: number): Uint8Array =>
    derSequence(
      derInteger(0),
      derSequence(derObjectIdentifier(oid)),
      derOctetString(derOctetString(new Uint8Array(length))),
    );
  refusesToDecode(() => decodePrivateKey(edwards("1.3.101.112", 1), "PKCS#8"), /an Ed25519 key of 1 bytes, not 32/);
  refusesToDecode(() => decodePrivateKey(edwards("1.3.101.113", 56), "PKCS#8"), /an Ed448 key of 56 bytes, not 57/);
  refusesToDecode(() => decodePrivateKey(edwards("1.3.101.113", 58), "PKCS#8"), /an Ed448 key of 58 bytes, not 57/);
  refusesToDecode(() => decodePrivateKey(edwards("1.3.101.112", 57), "PKCS#8"), /an Ed25519 key of 57 bytes, not 32/);
  refusesToDecode(() => decodePrivateKey(edwards("1.3.101.111", 56), "PKCS#8"), /keys of type 1.3.101.111 are not/);
});

test("gives nothing but DecodeError for a key cut off anywhere, and never shows a key", () => {
  for (const [name, format] of forms) {
    const whole = der(name);
    for (let length = 0; length < whole.length; length += whole.length > 500 ? 7 : 1) {
      refusesToDecode(
        () => decodePrivateKey(whole.subarray(0, length), format),
        /^Cannot decode [A-Za-z0-9. #]+ at byte \d+: /,
      );
    }
    refusesToDecode(() => decodePrivateKey(bytes(...whole, 0), format), /too many/);
  }
});

test.run();
