/**
 * What every provider has to do, whatever library is behind it. Expected values come from RFCs (see tests/vectors);
 * here is behaviour: round trips, and above all what must be refused.
 */
import { concat, equalBytes } from "../../../lib/codec/bytes.ts";
import type {
  AeadElement,
  BlockCipherElement,
  CryptoProvider,
  NamedGroupElement,
  PublicKey,
} from "../../../lib/crypto/provider.ts";
import { CipherSuite, NamedGroup, SignatureScheme } from "../../../lib/registry.ts";
import { assert, suite } from "../../harness.ts";
import { hex, keyFor, named, repeatableRandom } from "./fixtures.ts";
import { ecdsaSuite } from "./ecdsa_suite.ts";

const message = hex("746c736368617274");
const isTypeError = (error: unknown): boolean => error instanceof TypeError;

export function providerSuite(name: string, provider: CryptoProvider): void {
  listsSuite(name, provider);
  hashSuite(name, provider);
  aeadSuite(name, provider);
  blockCipherSuite(name, provider);
  groupSuite(name, provider);
  signatureSuite(name, provider);
  ecdsaSuite(name, provider);
}

function listsSuite(name: string, provider: CryptoProvider): void {
  const test = suite(`${name} lists`);

  test("have each element once, under a registered name", () => {
    const lists = [
      {
        names: [...provider.cipherSuites, ...provider.legacyCipherSuites ?? []].map((each) => each.name),
        registry: CipherSuite,
      },
      { names: provider.namedGroups.map((each) => each.name), registry: NamedGroup },
      { names: provider.signatureSchemes.map((each) => each.name), registry: SignatureScheme },
    ];
    for (const { names, registry } of lists) {
      assert.is(new Set(names).size, names.length);
      for (const each of names) assert.ok(each in registry, each);
    }
  });

  test("give each suite the AEAD and the hash that its name says", () => {
    for (const { name, aead, hash } of provider.cipherSuites) {
      assert.ok(name.includes(`_WITH_${aead.name}_`), name);
      assert.ok(name.endsWith(hash.name.toUpperCase()), name);
    }
  });

  test("give each CBC suite the block cipher and the hashes that its name says", () => {
    for (const { name, blockCipher, mac, hash } of provider.legacyCipherSuites ?? []) {
      const [, cipher, ending = ""] = /_WITH_(.+_CBC)_(SHA\d*)$/.exec(name) ?? [];
      assert.is(blockCipher.name, cipher, name);
      assert.is(blockCipher.name, `AES_${blockCipher.keyLength * 8}_CBC`);
      assert.is(blockCipher.blockLength, 16);
      assert.is(mac.name, ending === "SHA" ? "sha1" : ending.toLowerCase(), name);
      // RFC 5246 §1.2, §5: SHA-256 in the PRF, unless a suite says otherwise; RFC 5289 §3.1 does of those with SHA384.
      assert.is(hash.name, ending === "SHA384" ? "sha384" : "sha256", name);
    }
  });

  test("keep CBC out of what is used without being asked for", () => {
    for (const { name, aead } of provider.cipherSuites) assert.ok(!name.includes("_CBC_") && aead !== undefined, name);
  });

  test.run();
}

function hashSuite(name: string, provider: CryptoProvider): void {
  const test = suite(`${name} hashes`);

  test("have the output length that they say", () => {
    for (const hash of Object.values(provider.hashes)) {
      assert.is(hash.digest(message).length, hash.outputLength, hash.name);
      for (const keyLength of [0, 1, 64, 65, 128, 129, 200]) {
        assert.is(hash.hmac(new Uint8Array(keyLength), message).length, hash.outputLength, hash.name);
      }
    }
  });

  test("don't depend on where in a buffer the message lies", () => {
    const shifted = concat(hex("ffffff"), message).subarray(3);
    for (const hash of Object.values(provider.hashes)) {
      assert.equal(hash.digest(shifted), hash.digest(message));
      assert.equal(hash.hmac(shifted, shifted), hash.hmac(message, message));
    }
  });

  test.run();
}

function aeadSuite(name: string, provider: CryptoProvider): void {
  const test = suite(`${name} AEADs`);
  const random = repeatableRandom(1);
  const aeads: readonly AeadElement[] = [...new Set(provider.cipherSuites.map((each) => each.aead))];
  const sealing = (aead: AeadElement, length: number) => {
    const [key, nonce, data, plaintext] = [random(aead.keyLength), random(12), random(13), random(length)];
    return { key, nonce, data, plaintext, sealed: aead.seal(key, nonce, data, plaintext) };
  };

  test("open what they sealed, at every length around a block and a record", () => {
    for (const aead of aeads) {
      for (const length of [0, 1, 15, 16, 17, 63, 64, 65, 255, 16384]) {
        const { key, nonce, data, plaintext, sealed } = sealing(aead, length);
        assert.is(sealed.length, length + aead.tagLength, aead.name);
        const opened = aead.open(key, nonce, data, sealed);
        assert.ok(opened !== undefined && equalBytes(opened, plaintext), `${aead.name} ${length}`);
      }
    }
  });

  test("refuse a change of any bit of what was sealed", () => {
    for (const aead of aeads) {
      const { key, nonce, data, sealed } = sealing(aead, 20);
      for (let bit = 0; bit < sealed.length * 8; bit++) {
        assert.is(aead.open(key, nonce, data, flipped(sealed, bit)), undefined, `${aead.name} bit ${bit}`);
      }
    }
  });

  test("refuse another key, nonce or additional data", () => {
    for (const aead of aeads) {
      const { key, nonce, data, sealed } = sealing(aead, 20);
      assert.is(aead.open(flipped(key, 7), nonce, data, sealed), undefined, aead.name);
      assert.is(aead.open(key, flipped(nonce, 95), data, sealed), undefined, aead.name);
      assert.is(aead.open(key, nonce, flipped(data, 0), sealed), undefined, aead.name);
      assert.is(aead.open(key, nonce, data.subarray(1), sealed), undefined, aead.name);
    }
  });

  test("refuse everything that is cut short, down to nothing", () => {
    for (const aead of aeads) {
      const { key, nonce, data, sealed } = sealing(aead, 5);
      for (let length = 0; length < sealed.length; length++) {
        assert.is(aead.open(key, nonce, data, sealed.subarray(0, length)), undefined, `${aead.name} ${length}`);
      }
    }
  });

  test("leave their inputs alone and take them from any place in a buffer", () => {
    for (const aead of aeads) {
      const { key, nonce, data, plaintext, sealed } = sealing(aead, 33);
      const parts = [key, nonce, data, plaintext, sealed];
      for (const shift of [0, 1, 2, 3]) {
        const views = parts.map((part) => concat(new Uint8Array(shift), part).subarray(shift));
        const [key2 = key, nonce2 = nonce, data2 = data, plaintext2 = plaintext, sealed2 = sealed] = views;
        assert.equal(aead.seal(key2, nonce2, data2, plaintext2), sealed);
        const opened = aead.open(key2, nonce2, data2, sealed2);
        assert.ok(opened !== undefined && equalBytes(opened, plaintext), `${aead.name} shifted by ${shift}`);
        views.forEach((view, at) => assert.ok(equalBytes(view, parts[at] ?? view), `${aead.name} changed input ${at}`));
      }
    }
  });

  test("throw for keys and nonces of the wrong length: that is no fault of the peer's", () => {
    for (const aead of aeads) {
      const { key, nonce, data, sealed } = sealing(aead, 5);
      const longer = concat(key, key.subarray(0, 16));
      for (const wrongKey of [key.subarray(1), longer, new Uint8Array(0)]) {
        assert.throws(() => aead.seal(wrongKey, nonce, data, message), undefined, aead.name);
        assert.throws(() => aead.open(wrongKey, nonce, data, sealed), undefined, aead.name);
      }
      for (const wrongNonce of [nonce.subarray(1), concat(nonce, nonce.subarray(0, 4))]) {
        assert.throws(() => aead.seal(key, wrongNonce, data, message), undefined, aead.name);
        assert.throws(() => aead.open(key, wrongNonce, data, sealed), undefined, aead.name);
      }
    }
  });

  test.run();
}

function blockCipherSuite(name: string, provider: CryptoProvider): void {
  const test = suite(`${name} block ciphers`);
  const random = repeatableRandom(6);
  const ciphers: readonly BlockCipherElement[] = [
    ...new Set((provider.legacyCipherSuites ?? []).map((each) => each.blockCipher)),
  ];

  test("decrypt what they encrypted, in as many bytes, and leave their inputs alone", () => {
    for (const cipher of ciphers) {
      for (const blocks of [1, 2, 3, 1029]) {
        const parts = [random(cipher.keyLength), random(16), random(16 * blocks)];
        for (const shift of [0, 1, 2, 3]) {
          const views = parts.map((part) => concat(new Uint8Array(shift), part).subarray(shift));
          const [key = parts[0], iv = parts[0], plaintext = parts[0]] = views;
          if (key === undefined || iv === undefined || plaintext === undefined) throw new Error("a part is missing");
          const encrypted = cipher.encrypt(key, iv, plaintext);
          assert.is(encrypted.length, plaintext.length);
          assert.not(equalBytes(encrypted, plaintext));
          const copy = encrypted.slice();
          assert.ok(equalBytes(cipher.decrypt(key, iv, encrypted), plaintext), `${cipher.name} shifted by ${shift}`);
          assert.ok(equalBytes(encrypted, copy), `${cipher.name} changed its input`);
          views.forEach((view, at) => assert.ok(equalBytes(view, parts[at] ?? view), `${cipher.name} changed ${at}`));
        }
      }
    }
  });

  test("chain: a changed bit changes its own block and one bit of the next", () => {
    for (const cipher of ciphers) {
      const [key, iv, plaintext] = [random(cipher.keyLength), random(16), random(64)];
      const changed = cipher.decrypt(key, iv, flipped(cipher.encrypt(key, iv, plaintext), 16 * 8));
      assert.equal(changed.subarray(0, 16), plaintext.subarray(0, 16));
      assert.not.equal(changed.subarray(16, 32), plaintext.subarray(16, 32));
      assert.equal(changed.subarray(32, 48), flipped(plaintext.subarray(32, 48), 0));
      assert.equal(changed.subarray(48), plaintext.subarray(48));
    }
  });

  test("throw for keys, IVs and blocks of the wrong length: padding is not for them", () => {
    for (const cipher of ciphers) {
      const [key, iv, blocks] = [random(cipher.keyLength), random(16), random(32)];
      const otherKey = random(cipher.keyLength === 16 ? 32 : 16);
      for (const call of ["encrypt", "decrypt"] as const) {
        for (const wrong of [key.subarray(1), otherKey, new Uint8Array(0)]) {
          assert.throws(() => cipher[call](wrong, iv, blocks), (error: unknown) => error instanceof RangeError);
        }
        for (const wrong of [iv.subarray(1), random(17), new Uint8Array(0)]) {
          assert.throws(() => cipher[call](key, wrong, blocks), (error: unknown) => error instanceof RangeError);
        }
        for (const length of [1, 15, 17, 31]) {
          assert.throws(
            () => cipher[call](key, iv, blocks.subarray(0, length)),
            (error: unknown) => error instanceof RangeError,
          );
        }
      }
    }
  });

  test.run();
}

/** RFC 7748 §6.1 and cr.yp.to/ecdh.html: the points of small order, canonical or not; all lead to zero. */
const smallOrderX25519 = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

/** The points 0, 1 and -1 of curve448 in all their encodings: p - 1, p and p + 1 beside 0 and 1. */
const smallOrderX448 = [
  "00".repeat(56),
  `01${"00".repeat(55)}`,
  `fe${"ff".repeat(27)}fe${"ff".repeat(27)}`,
  `${"ff".repeat(28)}fe${"ff".repeat(27)}`,
  `${"00".repeat(28)}${"ff".repeat(28)}`,
];

function groupSuite(name: string, provider: CryptoProvider): void {
  const test = suite(`${name} groups`);
  const random = repeatableRandom(2);
  const coordinateLengths = { x25519: 32, secp256r1: 32, secp384r1: 48, x448: 56, secp521r1: 66 };

  test("give both sides the same secret, as long as a coordinate", () => {
    for (const group of provider.namedGroups) {
      const [ours, theirs] = [group.generateKeyPair(random), group.generateKeyPair(random)];
      const secret = group.sharedSecret(ours.privateKey, theirs.publicKey);
      assert.equal(secret, group.sharedSecret(theirs.privateKey, ours.publicKey), group.name);
      assert.is(secret?.length, new Map(Object.entries(coordinateLengths)).get(group.name), group.name);
      assert.not.equal(ours.publicKey, theirs.publicKey);
    }
  });

  test("refuse public keys that are too short, too long or empty", () => {
    for (const group of provider.namedGroups) {
      const { privateKey, publicKey } = group.generateKeyPair(random);
      const wrong = [publicKey.subarray(1), publicKey.subarray(0, -1), concat(publicKey, hex("00")), new Uint8Array(0)];
      for (const key of wrong) assert.is(group.sharedSecret(privateKey, key), undefined, `${group.name} ${key.length}`);
    }
  });

  for (const [group, points] of [["x25519", smallOrderX25519], ["x448", smallOrderX448]] as const) {
    // proves RFC 8422 §5.11: "a receiving party MUST check whether"
    test(`refuse on ${group} every point that makes the secret zero (RFC 8422 §5.11)`, () => {
      const element = named(provider.namedGroups, group);
      const { privateKey } = element.generateKeyPair(random);
      for (const key of points) assert.is(element.sharedSecret(privateKey, hex(key)), undefined, key);
    });
  }

  // proves RFC 8422 §5.10: "leading zeros found"
  test("keep on secp521r1 the zeros that a secret begins with: half of all secrets do (RFC 8422 §5.10)", () => {
    const group = named(provider.namedGroups, "secp521r1");
    const ours = group.generateKeyPair(random);
    const secrets = Array.from(
      { length: 8 },
      () => group.sharedSecret(ours.privateKey, group.generateKeyPair(random).publicKey),
    );
    for (const secret of secrets) assert.is(secret?.length, 66);
    assert.ok(secrets.some((secret) => secret?.[0] === 0));
  });

  test("ignore on x25519 the highest bit of the public key (RFC 7748 §5)", () => {
    const group = named(provider.namedGroups, "x25519");
    const { privateKey, publicKey } = group.generateKeyPair(random);
    assert.equal(group.sharedSecret(privateKey, flipped(publicKey, 255)), group.sharedSecret(privateKey, publicKey));
  });

  for (const group of provider.namedGroups.filter((each) => each.name.startsWith("secp"))) {
    // proves RFC 8422 §5.1.2: "Implementations of this document MUST support"
    // proves RFC 8422 §5.11: "MUST check that the x and y"
    test(`refuse on ${group.name} every point that isn't uncompressed and on the curve (RFC 8422 §5.4.1)`, () => {
      const { privateKey, publicKey } = group.generateKeyPair(random);
      assert.ok(group.sharedSecret(privateKey, publicKey));
      for (const [what, key] of Object.entries(wrongPoints(publicKey))) {
        assert.is(group.sharedSecret(privateKey, key), undefined, what);
      }
    });
  }

  test("don't take the point of another curve", () => {
    for (const group of provider.namedGroups) {
      const others: readonly NamedGroupElement[] = provider.namedGroups.filter((each) => each !== group);
      const { privateKey } = group.generateKeyPair(random);
      for (const other of others) {
        const { publicKey } = other.generateKeyPair(random);
        assert.is(group.sharedSecret(privateKey, publicKey), undefined, `${group.name} takes ${other.name}`);
      }
    }
  });

  test.run();
}

/** RFC 8032 §5.1, §5.2. `length` of a key; `neutral`: the point that changes nothing, and its y once more plus p. */
const edwardsCurves = [
  {
    type: "ed25519",
    length: 32,
    order: "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed",
    neutral: `01${"00".repeat(31)}`,
    neutralPlusP: `ee${"ff".repeat(30)}7f`,
  },
  {
    type: "ed448",
    length: 57,
    order: `
      3fffffffffffffffffffffffffffffffffffffffffffffffffffffff
      7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3`,
    neutral: `01${"00".repeat(56)}`,
    neutralPlusP: `${"00".repeat(28)}${"ff".repeat(28)}00`,
  },
] as const;

function signatureSuite(name: string, provider: CryptoProvider): void {
  const test = suite(`${name} signatures`);
  const random = repeatableRandom(3);
  const signed = provider.signatureSchemes.map((scheme) => {
    const key = keyFor(scheme);
    return { scheme, key, publicKey: (): PublicKey => scheme.publicKeyOf(key) };
  });

  for (const { scheme, key, publicKey } of signed) {
    test(`of ${scheme.name} verify, and not for another message, signature or key type`, () => {
      const signature = scheme.sign(key, message, random);
      assert.is(scheme.verify(publicKey(), message, signature), true);
      assert.is(scheme.verify(publicKey(), hex("00"), signature), false);
      assert.is(scheme.verify(publicKey(), message, flipped(signature, signature.length * 8 - 5)), false);
      for (const other of signed.filter((each) => each.scheme.keyType !== scheme.keyType)) {
        assert.is(scheme.verify(other.publicKey(), message, signature), false, other.scheme.name);
        assert.throws(() => scheme.sign(other.key, message, random), isTypeError);
        assert.throws(() => scheme.publicKeyOf(other.key), isTypeError);
      }
    });
  }

  test("are false, and never an exception, for bytes of any length", () => {
    for (const { scheme, publicKey } of signed) {
      const key = publicKey();
      for (const length of [0, 1, 2, 8, 63, 64, 65, 70, 128, 255, 256, 257, 1000]) {
        for (const byte of [0, 0x30, 0xff]) {
          assert.is(scheme.verify(key, message, new Uint8Array(length).fill(byte)), false, `${scheme.name} ${length}`);
        }
      }
    }
  });

  test("are false, and never an exception, for keys that are none", () => {
    const nothing = new Uint8Array(0);
    const keys: readonly PublicKey[] = [
      { type: "rsa", modulus: nothing, exponent: nothing },
      { type: "rsa", modulus: hex("00"), exponent: hex("03") },
      { type: "rsa", modulus: hex("01"), exponent: hex("03") },
      { type: "rsa", modulus: hex("0f"), exponent: hex("03") },
      { type: "ec", curve: "secp256r1", point: nothing },
      { type: "ec", curve: "secp521r1", point: hex("04") },
      { type: "ed25519", key: nothing },
      { type: "ed25519", key: new Uint8Array(31) },
      { type: "ed25519", key: new Uint8Array(33) },
      { type: "ed448", key: nothing },
      { type: "ed448", key: new Uint8Array(32) },
      { type: "ed448", key: new Uint8Array(56) },
      { type: "ed448", key: new Uint8Array(58) },
    ];
    for (const { scheme, key } of signed) {
      const signature = scheme.sign(key, message, random);
      for (const wrong of keys) assert.is(scheme.verify(wrong, message, signature), false, scheme.name);
    }
  });

  for (const { type, order, length, neutral, neutralPlusP } of edwardsCurves) {
    test(`of ${type} are refused with an s beyond the group order (RFC 8032 §5.1.7, §5.2.7)`, () => {
      const scheme = named(provider.signatureSchemes, type);
      const signature = scheme.sign(keyFor(scheme), message, random);
      const digits = hex(order).reverse();
      let carry = 0;
      const beyond = signature.map((byte, at) => {
        if (at < length) return byte;
        const sum = byte + (digits[at - length] ?? 0) + carry;
        carry = sum >> 8;
        return sum & 0xff;
      });
      assert.is(scheme.verify(scheme.publicKeyOf(keyFor(scheme)), message, beyond), false);
    });

    test(`of ${type} are refused when R is not encoded canonically`, () => {
      const scheme = named(provider.signatureSchemes, type);
      const signature = concat(hex(neutralPlusP), new Uint8Array(length));
      assert.is(scheme.verify({ type, key: hex(neutral) }, message, signature), false);
    });

    test(`of ${type} are refused under keys of small order, for which one signature fits every message`, () => {
      const scheme = named(provider.signatureSchemes, type);
      const signature = concat(hex(neutral), new Uint8Array(length));
      assert.is(scheme.verify({ type, key: hex(neutral) }, message, signature), false);
    });

    test(`of ${type} are a matter of keys that say so, whatever their bytes`, () => {
      const scheme = named(provider.signatureSchemes, type);
      const key = keyFor(scheme);
      const publicKey = scheme.publicKeyOf(key);
      if (key.type !== type || publicKey.type !== type) throw new Error(`a key of ${type} was expected`);
      const other = type === "ed25519" ? "ed448" : "ed25519";
      const signature = scheme.sign(key, message, random);
      assert.is(scheme.verify({ ...publicKey, type: other }, message, signature), false);
      assert.throws(() => scheme.sign({ ...key, type: other }, message, random), isTypeError);
      assert.throws(() => scheme.publicKeyOf({ ...key, type: other }), isTypeError);
    });

    test(`of ${type} aren't taken when they are longer or shorter`, () => {
      const scheme = named(provider.signatureSchemes, type);
      const signature = scheme.sign(keyFor(scheme), message, random);
      const key = scheme.publicKeyOf(keyFor(scheme));
      assert.is(signature.length, 2 * length);
      assert.is(scheme.verify(key, message, signature), true);
      assert.is(scheme.verify(key, message, concat(signature, hex("00"))), false);
      assert.is(scheme.verify(key, message, signature.subarray(0, -1)), false);
    });
  }

  test("of RSA are exactly as long as the modulus", () => {
    for (const { scheme, key, publicKey } of signed.filter((each) => each.scheme.keyType === "rsa")) {
      const signature = scheme.sign(key, message, random);
      assert.is(signature.length, 256, scheme.name);
      assert.is(scheme.verify(publicKey(), message, concat(hex("00"), signature)), false, scheme.name);
      assert.is(scheme.verify(publicKey(), message, signature.subarray(1)), false, scheme.name);
    }
  });

  test("of one RSA scheme aren't taken by another", () => {
    const rsa = signed.filter((each) => each.scheme.keyType === "rsa");
    for (const { scheme, key, publicKey } of rsa) {
      const signature = scheme.sign(key, message, random);
      const takers = rsa.filter((other) => other.scheme.verify(publicKey(), message, signature));
      assert.equal(takers.map((each) => each.scheme.name), [scheme.name]);
    }
  });

  test.run();
}

/** A point in every form but the right one. */
export function wrongPoints(point: Uint8Array): Readonly<Record<string, Uint8Array>> {
  const x = point.subarray(1, 1 + (point.length - 1) / 2);
  const y = point.subarray(1 + x.length);
  const even = ((y[y.length - 1] ?? 0) & 1) === 0;
  return {
    compressed: concat(hex(even ? "02" : "03"), x),
    "compressed, but as long": concat(hex(even ? "02" : "03"), x, y),
    hybrid: concat(hex(even ? "06" : "07"), x, y),
    "without its first byte": concat(hex("00"), x, y),
    infinity: hex("00"),
    "zeros": concat(hex("04"), new Uint8Array(2 * x.length)),
    "off the curve": flipped(point, point.length * 8 - 1),
    "beyond the field": concat(hex("04"), new Uint8Array(2 * x.length).fill(255)),
    "coordinates exchanged": concat(hex("04"), y, x),
  };
}

export function flipped(bytes: Uint8Array, bit: number): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
