/** Published values for hashes, HMAC and AEADs, as a suite that any provider can run. */
import { asciiBytes, concat } from "../../lib/codec/bytes.ts";
import type { AeadElement, CryptoProvider } from "../../lib/crypto/provider.ts";
import { assert, suite } from "../harness.ts";
import { hex } from "../unit/crypto/fixtures.ts";

export function symmetricVectors(name: string, provider: CryptoProvider): void {
  const test = suite(`${name} vectors`);
  const { sha1, sha256, sha384 } = provider.hashes;

  test("of FIPS 180-4 give the digests of abc", () => {
    const abc = asciiBytes("abc");
    assert.equal(sha1.digest(abc), hex("a9993e364706816aba3e25717850c26c9cd0d89d"));
    assert.equal(sha256.digest(abc), hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    assert.equal(
      sha384.digest(abc),
      hex("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"),
    );
  });

  test("of RFC 2202 §3 and RFC 4231 §4 give the HMACs", () => {
    assert.equal(
      sha1.hmac(asciiBytes("Jefe"), asciiBytes("what do ya want for nothing?")),
      hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    );
    for (const { key, data, hmacSha256, hmacSha384 } of hmacs) {
      assert.equal(sha256.hmac(key, data), hex(hmacSha256));
      assert.equal(sha384.hmac(key, data), hex(hmacSha384));
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

  test.run();
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
  },
  {
    key: asciiBytes("Jefe"),
    data: asciiBytes("what do ya want for nothing?"),
    hmacSha256: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    hmacSha384: "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
  },
  {
    key: new Uint8Array(20).fill(0xaa),
    data: new Uint8Array(50).fill(0xdd),
    hmacSha256: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    hmacSha384: "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
  },
  {
    key: new Uint8Array(131).fill(0xaa),
    data: asciiBytes("Test Using Larger Than Block-Size Key - Hash Key First"),
    hmacSha256: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    hmacSha384: "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
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
