/** What is noble's own: the order of its lists, where its randomness comes from, and the bounds on RSA keys. */
import { concat } from "../../../lib/codec/bytes.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import type { PublicKey } from "../../../lib/crypto/provider.ts";
import { assert, suite } from "../../harness.ts";
import {
  hex,
  keyFor,
  named,
  number,
  numberBytes,
  p521Key,
  repeatableRandom,
  rsa1025Key,
  rsa2048Key,
} from "./fixtures.ts";
import { providerSuite } from "./provider_suite.ts";

providerSuite("noble", nobleProvider);

const test = suite("nobleProvider");
const message = hex("746c736368617274");
const pkcs1 = named(nobleProvider.signatureSchemes, "rsa_pkcs1_sha256");
const pss = named(nobleProvider.signatureSchemes, "rsa_pss_rsae_sha256");

test("prefers ChaCha20-Poly1305, x25519 and ECDSA", () => {
  assert.equal(nobleProvider.cipherSuites.map((each) => each.name), [
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  ]);
  assert.equal(nobleProvider.namedGroups.map((each) => each.name), [
    "x25519",
    "secp256r1",
    "secp384r1",
    "x448",
    "secp521r1",
  ]);
  assert.equal(nobleProvider.signatureSchemes.map((each) => each.name), [
    "ecdsa_secp256r1_sha256",
    "ecdsa_secp384r1_sha384",
    "ecdsa_secp521r1_sha512",
    "ed25519",
    "ed448",
    "rsa_pss_rsae_sha256",
    "rsa_pss_rsae_sha384",
    "rsa_pss_rsae_sha512",
    "rsa_pkcs1_sha256",
    "rsa_pkcs1_sha384",
    "rsa_pkcs1_sha512",
  ]);
});

test("has CBC suites apart, the strong hashes first", () => {
  assert.equal(nobleProvider.legacyCipherSuites?.map((each) => each.name), [
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
  ]);
});

test("makes keys from the given randomness and nothing else", () => {
  for (const group of nobleProvider.namedGroups) {
    const [one, same, other] = [5, 5, 6].map((seed) => group.generateKeyPair(repeatableRandom(seed)));
    assert.equal(one, same, group.name);
    assert.not.equal(one, other, group.name);
  }
});

test("throws when the source of randomness gives too few bytes", () => {
  for (const group of nobleProvider.namedGroups) {
    assert.throws(() => group.generateKeyPair((length) => new Uint8Array(length - 1)), undefined, group.name);
  }
});

test("makes the same ECDSA and EdDSA signatures whatever the randomness", () => {
  for (const scheme of nobleProvider.signatureSchemes.filter((each) => each.keyType !== "rsa")) {
    const key = scheme.keyType === "ec" ? p521Key : keyFor(scheme);
    assert.equal(scheme.sign(key, message, repeatableRandom(7)), scheme.sign(key, message, repeatableRandom(8)));
  }
});

test("refuses RSA exponents of more than 32 bits", () => {
  const groupExponent = number(rsa2048Key.exponent) * number(rsa2048Key.privateExponent) - 1n;
  const accepts = (exponent: bigint): boolean => {
    // What e·d - 1 is a multiple of lets us find the private exponent of any other public one.
    const privateExponent = numberBytes(inverse(exponent, groupExponent) ?? 0n);
    const signature = pkcs1.sign({ ...rsa2048Key, privateExponent }, message, repeatableRandom(1));
    const key: PublicKey = { type: "rsa", modulus: rsa2048Key.modulus, exponent: numberBytes(exponent) };
    return pkcs1.verify(key, message, signature);
  };
  assert.is(accepts(65537n), true);
  assert.is(accepts(coprimeBelow(2n ** 32n, groupExponent)), true);
  assert.is(accepts(coprimeBelow(2n ** 33n, groupExponent)), false);
  assert.is(accepts(coprimeBelow(2n ** 256n, groupExponent)), false);
});

test("refuses RSA exponents that are 1 or even", () => {
  const key: PublicKey = { type: "rsa", modulus: rsa2048Key.modulus, exponent: hex("01") };
  assert.is(pkcs1.verify(key, message, encodedMessage(256)), false);
  for (const exponent of [2, 4]) {
    const even = keyForSignature(256, { exponent });
    assert.is(pkcs1.verify(even.key, message, even.signature), false, `${exponent}`);
  }
});

test("takes RSA moduli up to 8192 bits and no longer", () => {
  for (const [bits, accepted] of [[4096, true], [8192, true], [8200, false]] as const) {
    const { key, signature } = keyForSignature(bits / 8);
    assert.is(pkcs1.verify(key, message, signature), accepted, `${bits} bits`);
  }
});

test("refuses an RSA modulus that is even, and numbers not smaller than the modulus", () => {
  const signature = pkcs1.sign(rsa2048Key, message, repeatableRandom(1));
  const key = pkcs1.publicKeyOf(rsa2048Key);
  if (key.type !== "rsa") throw new Error("an RSA key was expected");
  assert.is(pkcs1.verify(key, message, signature), true);
  const beyond = number(signature) + number(key.modulus);
  if (beyond < 2n ** 2048n) assert.is(pkcs1.verify(key, message, numberBytes(beyond, 256)), false);
  assert.is(pkcs1.verify(key, message, numberBytes(number(key.modulus), 256)), false);
  const { key: even, signature: evenSignature } = keyForSignature(256, { even: true });
  assert.is(pkcs1.verify(even, message, evenSignature), false);
});

test("refuses an RSA modulus that has no room for the encoding", () => {
  const key: PublicKey = { type: "rsa", modulus: new Uint8Array(32).fill(255), exponent: hex("03") };
  const signature = numberBytes(2n, 32);
  for (const scheme of nobleProvider.signatureSchemes) assert.is(scheme.verify(key, message, signature), false);
});

test("takes RSA keys with leading zeros, as some encoders leave them", () => {
  const signature = pkcs1.sign(rsa2048Key, message, repeatableRandom(1));
  const modulus = concat(hex("00"), rsa2048Key.modulus);
  assert.is(pkcs1.verify({ type: "rsa", modulus, exponent: hex("00010001") }, message, signature), true);
  assert.equal(pkcs1.publicKeyOf({ ...rsa2048Key, modulus }), pkcs1.publicKeyOf(rsa2048Key));
});

test("verifies PSS under a modulus of 8n + 1 bits (RFC 8017 §8.1.2)", () => {
  assert.is(pss.verify(pss.publicKeyOf(rsa1025Key), message, pss1025), true);
  assert.is(pss.verify(pss.publicKeyOf(rsa1025Key), hex("00"), pss1025), false);
});

/** Made with OpenSSL 3.0 (by way of node:crypto), with a salt of 32 bytes. */
const pss1025 = hex(`
  017c235b3febbc51d1c956a698ee1bc6729bfd136a604dc223f30ec14fbdf79d01166607e2ccf6be01ac80e0f37a541d5972fdb8c9475a43
  a537a6a3305ecf7a69432b182891f8e208e4107d8c00ccb1259c36561884edd00bddbe476260b10c895ffca59b336110de6eb5578c484165
  275e1e159ecef46d62b402cc462d6d5381`);

/** RFC 8017 §9.2: EMSA-PKCS1-v1_5 with SHA-256 of the message. */
function encodedMessage(length: number): Uint8Array {
  const digestInfo = hex("3031300d060960864801650304020105000420");
  const digest = nobleProvider.hashes.sha256.digest(message);
  const padding = new Uint8Array(length - 3 - digestInfo.length - digest.length).fill(255);
  return concat(hex("0001"), padding, hex("00"), digestInfo, digest);
}

/** A "key" of so many bytes that is made for its signature: n = s^e - EM, so that s^e mod n = EM. Odd unless told. */
function keyForSignature(
  length: number,
  { exponent = 3, even = false } = {},
): { readonly key: PublicKey; readonly signature: Uint8Array } {
  const encoded = number(encodedMessage(length));
  const signature = root(2n ** BigInt(8 * length) - 1n + encoded, BigInt(exponent));
  const right = ((signature + encoded) % 2n === 0n) === even ? signature : signature - 1n;
  const modulus = numberBytes(right ** BigInt(exponent) - encoded);
  assert.is(modulus.length, length);
  return { key: { type: "rsa", modulus, exponent: Uint8Array.of(exponent) }, signature: numberBytes(right, length) };
}

/** The largest number whose power is not above `value`. */
function root(value: bigint, power: bigint): bigint {
  let low = 0n;
  let high = 2n ** (BigInt(value.toString(2).length) / power + 1n);
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** power <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** The largest odd number below `limit` that has an inverse. */
function coprimeBelow(limit: bigint, modulus: bigint): bigint {
  let candidate = limit - 1n;
  while (inverse(candidate, modulus) === undefined) candidate -= 2n;
  return candidate;
}

function inverse(value: bigint, modulus: bigint): bigint | undefined {
  let [rest, divisor, before, factor] = [modulus, value % modulus, 0n, 1n];
  while (divisor !== 0n) {
    const quotient = rest / divisor;
    [rest, divisor, before, factor] = [divisor, rest - quotient * divisor, factor, before - quotient * factor];
  }
  return rest === 1n ? (before + modulus) % modulus : undefined;
}

test.run();
