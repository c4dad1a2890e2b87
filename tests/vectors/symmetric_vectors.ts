/** Published values for hashes, HMAC, AEADs and block ciphers, as a suite that any provider can run. */
import { asciiBytes, concat } from "../../lib/codec/bytes.ts";
import type { AeadElement, BlockCipherElement, CryptoProvider } from "../../lib/crypto/provider.ts";
import { assert, suite } from "../harness.ts";
import { hex } from "../unit/crypto/fixtures.ts";

export function symmetricVectors(name: string, provider: CryptoProvider): void {
  const test = suite(`${name} vectors`);
  const { sha1, sha256, sha384, sha512 } = provider.hashes;

  test("of FIPS 180-4 give the digests of abc", () => {
    const abc = asciiBytes("abc");
    assert.equal(sha1.digest(abc), hex("a9993e364706816aba3e25717850c26c9cd0d89d"));
    assert.equal(sha256.digest(abc), hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    assert.equal(
      sha384.digest(abc),
      hex("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"),
    );
    assert.equal(
      sha512.digest(abc),
      hex(`
        ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a
        2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f`),
    );
  });

  test("of RFC 2202 §3 and RFC 4231 §4 give the HMACs", () => {
    assert.equal(
      sha1.hmac(asciiBytes("Jefe"), asciiBytes("what do ya want for nothing?")),
      hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    );
    for (const { key, data, hmacSha256, hmacSha384, hmacSha512 } of hmacs) {
      assert.equal(sha256.hmac(key, data), hex(hmacSha256));
      assert.equal(sha384.hmac(key, data), hex(hmacSha384));
      assert.equal(sha512.hmac(key, data), hex(hmacSha512));
    }
  });

  for (const { source, aead, key, nonce, data, plaintext, ciphertext, tag } of aeads) {
    test(`of ${source} are sealed and opened`, () => {
      const element = aeadNamed(provider, aead);
      const sealed = concat(hex(ciphertext), hex(tag));
      assert.equal(element.seal(hex(key), hex(nonce), hex(data), plaintext), sealed);
      assert.equal(element.open(hex(key), hex(nonce), hex(data), sealed), plaintext);
    });
  }

  for (const { source, name: cipher, key, iv, plaintext, ciphertext } of blockCiphers) {
    test(`of ${source} are encrypted and decrypted`, () => {
      const element = blockCipherNamed(provider, cipher);
      assert.equal(element.encrypt(hex(key), hex(iv), hex(plaintext)), hex(ciphertext));
      assert.equal(element.decrypt(hex(key), hex(iv), hex(ciphertext)), hex(plaintext));
    });
  }

  test.run();
}

function blockCipherNamed(provider: CryptoProvider, name: BlockCipherElement["name"]): BlockCipherElement {
  const found = provider.legacyCipherSuites?.find((each) => each.blockCipher.name === name);
  if (found === undefined) throw new Error(`no suite of the provider has ${name}`);
  return found.blockCipher;
}

function aeadNamed(provider: CryptoProvider, name: AeadElement["name"]): AeadElement {
  const found = provider.cipherSuites.find((each) => each.aead.name === name);
  if (found === undefined) throw new Error(`no suite of the provider has ${name}`);
  return found.aead;
}

const hmacs = [
  {
    key: new Uint8Array(20).fill(0x0b),
    data: asciiBytes("Hi There"),
    hmacSha256: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    hmacSha384: "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
    hmacSha512: `
      87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde
      daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854`,
  },
  {
    key: asciiBytes("Jefe"),
    data: asciiBytes("what do ya want for nothing?"),
    hmacSha256: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    hmacSha384: "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
    hmacSha512: `
      164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554
      9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737`,
  },
  {
    key: new Uint8Array(20).fill(0xaa),
    data: new Uint8Array(50).fill(0xdd),
    hmacSha256: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    hmacSha384: "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
    hmacSha512: `
      fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39
      bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb`,
  },
  {
    key: new Uint8Array(131).fill(0xaa),
    data: asciiBytes("Test Using Larger Than Block-Size Key - Hash Key First"),
    hmacSha256: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    hmacSha384: "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
    hmacSha512: `
      80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352
      6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598`,
  },
] as const;

const gcmPlaintext = hex(`
  d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525
  b16aedf5aa0de657ba637b39`);

/** "The Galois/Counter Mode of Operation" (McGrew and Viega) appendix B, and RFC 8439. */
const aeads = [
  {
    source: "AES-128-GCM test case 1",
    aead: "AES_128_GCM",
    key: "00000000000000000000000000000000",
    nonce: "000000000000000000000000",
    data: "",
    plaintext: new Uint8Array(0),
    ciphertext: "",
    tag: "58e2fccefa7e3061367f1d57a4e7455a",
  },
  {
    source: "AES-128-GCM test case 4",
    aead: "AES_128_GCM",
    key: "feffe9928665731c6d6a8f9467308308",
    nonce: "cafebabefacedbaddecaf888",
    data: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plaintext: gcmPlaintext,
    ciphertext: `
      42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05
      1ba30b396a0aac973d58e091`,
    tag: "5bc94fbc3221a5db94fae95ae7121a47",
  },
  {
    source: "AES-256-GCM test case 13",
    aead: "AES_256_GCM",
    key: "0000000000000000000000000000000000000000000000000000000000000000",
    nonce: "000000000000000000000000",
    data: "",
    plaintext: new Uint8Array(0),
    ciphertext: "",
    tag: "530f8afbc74536b9a963b4f1c4cb738b",
  },
  {
    source: "AES-256-GCM test case 16",
    aead: "AES_256_GCM",
    key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    nonce: "cafebabefacedbaddecaf888",
    data: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plaintext: gcmPlaintext,
    ciphertext: `
      522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838
      c5f61e6393ba7a0abcc9f662`,
    tag: "76fc6ece0f4e1768cddf8853bb2d551b",
  },
  {
    source: "RFC 8439 §2.8.2",
    aead: "CHACHA20_POLY1305",
    key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    nonce: "070000004041424344454647",
    data: "50515253c0c1c2c3c4c5c6c7",
    plaintext: asciiBytes(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    ),
    ciphertext: `
      d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b
      1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc
      3ff4def08e4b7a9de576d26586cec64b6116`,
    tag: "1ae10b594f09e26a7e902ecbd0600691",
  },
] as const;

const modesKey128 = "2b7e151628aed2a6abf7158809cf4f3c";
const modesKey256 = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
const modesPlaintext = `
  6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51
  30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710`;

const blockCiphers = [
  {
    source: "RFC 3602 §4 case 1",
    name: "AES_128_CBC",
    key: "06a9214036b8a15b512e03d534120006",
    iv: "3dafba429d9eb430b422da802c9fac41",
    plaintext: "53696e676c6520626c6f636b206d7367",
    ciphertext: "e353779c1079aeb82708942dbe77181a",
  },
  {
    source: "SP 800-38A F.2.1",
    name: "AES_128_CBC",
    key: modesKey128,
    iv: "000102030405060708090a0b0c0d0e0f",
    plaintext: modesPlaintext,
    ciphertext: `
      7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2
      73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7`,
  },
  {
    source: "SP 800-38A F.2.5",
    name: "AES_256_CBC",
    key: modesKey256,
    iv: "000102030405060708090a0b0c0d0e0f",
    plaintext: modesPlaintext,
    ciphertext: `
      f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d
      39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b`,
  },
] as const;
