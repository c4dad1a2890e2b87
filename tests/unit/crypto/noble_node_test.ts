/**
 * The default provider against node:crypto (OpenSSL): each side makes keys, secrets, signatures and ciphertexts that the
 * other one has to come to as well, or to accept.
 */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import type { PrivateKey, PublicKey } from "../../../lib/crypto/provider.ts";
import { decodePrivateKey, encodePrivateKey } from "../../../lib/x509/private_key.ts";
import { decodeSubjectPublicKeyInfo, encodeSubjectPublicKeyInfo } from "../../../lib/x509/spki.ts";
import { assert, suite } from "../../harness.ts";
import { ed25519Key, ed448Key, named, p256Key, p384Key, p521Key, repeatableRandom } from "./fixtures.ts";

const test = suite("noble against node:crypto");
const random = repeatableRandom(21);
const rounds = 8;

const weierstrass = [["secp256r1", "prime256v1"], ["secp384r1", "secp384r1"], ["secp521r1", "secp521r1"]] as const;

for (const [group, curve] of weierstrass) {
  test(`agrees on secrets on ${group}, with their leading zeros`, () => {
    const element = named(nobleProvider.namedGroups, group);
    for (let round = 0; round < rounds; round++) {
      const theirs = createECDH(curve);
      const theirPublicKey = theirs.generateKeys();
      const ours = element.generateKeyPair(random);
      const secret = element.sharedSecret(ours.privateKey, Uint8Array.from(theirPublicKey));
      // OpenSSL keeps the zeros: half of all secrets on secp521r1 begin with one, as 521 bits are 65 bytes and a bit.
      assert.equal(Buffer.from(secret ?? []), theirs.computeSecret(ours.publicKey));
      const check = createECDH(curve);
      check.setPrivateKey(ours.privateKey);
      assert.equal(Buffer.from(ours.publicKey), check.getPublicKey());
    }
  });
}

for (const [group, curve, length] of [["x25519", "X25519", 32], ["x448", "X448", 56]] as const) {
  test(`agrees on secrets on ${group}`, () => {
    const element = named(nobleProvider.namedGroups, group);
    const publicKeyOf = (bytes: Uint8Array): KeyObject =>
      createPublicKey({ key: { kty: "OKP", crv: curve, x: Buffer.from(bytes).toString("base64url") }, format: "jwk" });
    for (let round = 0; round < rounds; round++) {
      const theirs = curve === "X448" ? generateKeyPairSync("x448") : generateKeyPairSync("x25519");
      const theirBytes = Buffer.from(theirs.publicKey.export({ format: "jwk" }).x ?? "", "base64url");
      const ours = element.generateKeyPair(random);
      assert.equal([theirBytes.length, ours.publicKey.length, ours.privateKey.length], [length, length, length]);
      const secret = element.sharedSecret(ours.privateKey, Uint8Array.from(theirBytes));
      const same = diffieHellman({ privateKey: theirs.privateKey, publicKey: publicKeyOf(ours.publicKey) });
      assert.equal(Buffer.from(secret ?? []), same);
    }
  });
}

/** As node:crypto takes them: our own DER is proved on the way. */
const nodePrivateKey = (key: PrivateKey): KeyObject =>
  createPrivateKey({ key: Buffer.from(encodePrivateKey(key)), format: "der", type: "pkcs8" });
const nodePublicKey = (key: PublicKey): KeyObject =>
  createPublicKey({ key: Buffer.from(encodeSubjectPublicKeyInfo(key)), format: "der", type: "spki" });

const signing = [
  ["ecdsa_secp256r1_sha256", "sha256", [p256Key, p384Key, p521Key]],
  ["ecdsa_secp384r1_sha384", "sha384", [p256Key, p384Key, p521Key]],
  ["ecdsa_secp521r1_sha512", "sha512", [p256Key, p384Key, p521Key]],
  ["ed25519", undefined, [ed25519Key]],
  ["ed448", undefined, [ed448Key]],
] as const;

for (const [name, hash, keys] of signing) {
  test(`signs with ${name} what node:crypto verifies, and the other way round`, () => {
    const scheme = named(nobleProvider.signatureSchemes, name);
    for (const key of keys) {
      const publicKey = scheme.publicKeyOf(key);
      const [nodePrivate, nodePublic] = [nodePrivateKey(key), nodePublicKey(publicKey)];
      const derived = createPublicKey(nodePrivate).export({ format: "der", type: "spki" });
      assert.equal(derived, Buffer.from(encodeSubjectPublicKeyInfo(publicKey)));
      for (const length of [0, 1, 130, 1000]) {
        const message = random(length);
        const ours = scheme.sign(key, message, random);
        assert.is(verify(hash, message, nodePublic, ours), true, `${length}`);
        const theirs = Uint8Array.from(sign(hash, message, nodePrivate));
        assert.is(scheme.verify(publicKey, message, theirs), true, `${length}`);
        assert.is(scheme.verify(publicKey, random(length + 1), theirs), false);
        assert.is(verify(hash, random(length + 1), nodePublic, ours), false);
        // RFC 8032: nothing is left to chance.
        if (hash === undefined) assert.equal(ours, theirs);
      }
    }
  });
}

test("takes new keys of OpenSSL's, and they are the same in both", () => {
  const pairs = [
    [generateKeyPairSync("ed448"), "ed448", undefined],
    [generateKeyPairSync("ed25519"), "ed25519", undefined],
    [generateKeyPairSync("ec", { namedCurve: "P-521" }), "ecdsa_secp521r1_sha512", "sha512"],
  ] as const;
  for (const [{ privateKey, publicKey }, name, hash] of pairs) {
    const scheme = named(nobleProvider.signatureSchemes, name);
    const key = decodePrivateKey(Uint8Array.from(privateKey.export({ format: "der", type: "pkcs8" })), "PKCS#8");
    const spki = Uint8Array.from(publicKey.export({ format: "der", type: "spki" }));
    assert.equal(decodeSubjectPublicKeyInfo(spki).publicKey, scheme.publicKeyOf(key));
    const message = random(100);
    assert.is(verify(hash, message, publicKey, scheme.sign(key, message, random)), true, name);
  }
});

test("hashes and authenticates as node:crypto does, at every length around a block", () => {
  for (const hash of Object.values(nobleProvider.hashes)) {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 1000]) {
      const [message, key] = [random(length), random(length % 200)];
      assert.equal(Buffer.from(hash.digest(message)), createHash(hash.name).update(message).digest());
      assert.equal(Buffer.from(hash.hmac(key, message)), createHmac(hash.name, key).update(message).digest());
    }
  }
});

test("encrypts blocks as node:crypto does", () => {
  for (const cipher of new Set(nobleProvider.legacyCipherSuites?.map(({ blockCipher }) => blockCipher))) {
    const name = `aes-${cipher.keyLength * 8}-cbc`;
    for (const blocks of [1, 2, 3, 17, 1029]) {
      const [key, iv, plaintext] = [random(cipher.keyLength), random(16), random(16 * blocks)];
      const theirs = createCipheriv(name, key, iv).setAutoPadding(false);
      const ciphertext = Buffer.concat([theirs.update(plaintext), theirs.final()]);
      assert.ok(Buffer.compare(cipher.encrypt(key, iv, plaintext), ciphertext) === 0);
      const back = createDecipheriv(name, key, iv).setAutoPadding(false);
      assert.ok(Buffer.compare(Buffer.concat([back.update(ciphertext), back.final()]), plaintext) === 0);
      assert.ok(Buffer.compare(cipher.decrypt(key, iv, Uint8Array.from(ciphertext)), plaintext) === 0);
    }
  }
});

test.run();
