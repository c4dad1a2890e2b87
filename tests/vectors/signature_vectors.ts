/** Published signatures, as suites: verification for any provider, signing for those that sign deterministically. */
import { asciiBytes, concat } from "../../lib/codec/bytes.ts";
import type { CryptoProvider, PrivateKey, PublicKey } from "../../lib/crypto/provider.ts";
import { assert, suite } from "../harness.ts";
import { ecdsaSignature, hex, named, repeatableRandom } from "../unit/crypto/fixtures.ts";

export function signatureVectors(name: string, provider: CryptoProvider): void {
  const test = suite(`${name} signature vectors`);

  for (const { source, key, privateKey, signatures } of ecdsaVectors) {
    for (const { scheme, message, r, s } of signatures) {
      // proves RFC 8422 §5.10: "All ECDSA computations"
      // proves RFC 8422 §5.10: "A secure hash function"
      test(`of ${source} with ${scheme} and "${message}" verify`, () => {
        const element = named(provider.signatureSchemes, scheme);
        assert.is(element.verify(key, asciiBytes(message), ecdsaSignature(r, s)), true);
        assert.is(element.verify(key, asciiBytes(`${message}!`), ecdsaSignature(r, s)), false);
        assert.equal(element.publicKeyOf(privateKey), key);
      });
    }
  }

  for (const [type, vectors] of [["ed25519", ed25519Vectors], ["ed448", ed448Vectors]] as const) {
    for (const { source, seed, key, message, signature } of vectors) {
      // proves RFC 8422 §5.10: "All EdDSA computations"
      test(`of ${source} with ${type} verify and are made`, () => {
        const element = named(provider.signatureSchemes, type);
        const privateKey: PrivateKey = { type, seed: hex(seed) };
        assert.is(element.verify({ type, key: hex(key) }, hex(message), hex(signature)), true);
        assert.equal(element.publicKeyOf(privateKey), { type, key: hex(key) });
        assert.equal(element.sign(privateKey, hex(message), repeatableRandom(1)), hex(signature));
      });
    }
  }

  // proves RFC 8422 §5.10: "The context parameter for Ed448"
  test("of RFC 8032 §7.4 with a context don't verify: that of TLS is empty", () => {
    const element = named(provider.signatureSchemes, "ed448");
    assert.is(element.verify({ type: "ed448", key: hex(ed448Key) }, hex("03"), hex(ed448WithContext)), false);
  });

  test("of RFC 8448 §3 verify: the certificate with PKCS #1 v1.5, CertificateVerify with PSS", () => {
    const pkcs1 = named(provider.signatureSchemes, "rsa_pkcs1_sha256");
    const pss = named(provider.signatureSchemes, "rsa_pss_rsae_sha256");
    assert.is(pkcs1.verify(rsaKey, tbsCertificate, certificateSignature), true);
    assert.is(pss.verify(rsaKey, certificateVerifyContent, certificateVerifySignature), true);
    assert.is(pkcs1.verify(rsaKey, certificateVerifyContent, certificateVerifySignature), false);
    assert.is(pss.verify(rsaKey, tbsCertificate, certificateSignature), false);
  });

  test.run();
}

/** RFC 6979 leaves nothing to chance: for providers that follow it. */
export function deterministicSignatureVectors(name: string, provider: CryptoProvider): void {
  const test = suite(`${name} deterministic signature vectors`);

  for (const { source, privateKey, signatures } of ecdsaVectors) {
    for (const { scheme, message, r, s } of signatures) {
      test(`of ${source} with ${scheme} and "${message}" are made, whatever the randomness`, () => {
        const element = named(provider.signatureSchemes, scheme);
        for (const seed of [1, 2]) {
          const signature = element.sign(privateKey, asciiBytes(message), repeatableRandom(seed));
          assert.equal(signature, ecdsaSignature(r, s));
        }
      });
    }
  }

  test.run();
}

interface EcdsaVectors {
  readonly source: string;
  readonly key: PublicKey;
  readonly privateKey: PrivateKey;
  readonly signatures: readonly {
    readonly scheme: string;
    readonly message: string;
    readonly r: bigint;
    readonly s: bigint;
  }[];
}

const ecdsaVectors: readonly EcdsaVectors[] = [
  {
    source: "RFC 6979 A.2.5 (P-256)",
    key: {
      type: "ec",
      curve: "secp256r1",
      point: hex(`04
        60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6
        7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299`),
    },
    privateKey: {
      type: "ec",
      curve: "secp256r1",
      scalar: hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"),
    },
    signatures: [
      {
        scheme: "ecdsa_secp256r1_sha256",
        message: "sample",
        r: 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716n,
        s: 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8n,
      },
      {
        scheme: "ecdsa_secp256r1_sha256",
        message: "test",
        r: 0xf1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367n,
        s: 0x019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083n,
      },
      {
        scheme: "ecdsa_secp384r1_sha384",
        message: "sample",
        r: 0x0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef7719n,
        s: 0x4861f0491e6998b9455193e34e7b0d284ddd7149a74b95b9261f13abde940954n,
      },
    ],
  },
  {
    source: "RFC 6979 A.2.6 (P-384)",
    key: {
      type: "ec",
      curve: "secp384r1",
      point: hex(`04
        ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13
        8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720`),
    },
    privateKey: {
      type: "ec",
      curve: "secp384r1",
      scalar: hex("6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5"),
    },
    signatures: [
      {
        scheme: "ecdsa_secp384r1_sha384",
        message: "sample",
        r: 0x94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46n,
        s: 0x99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8n,
      },
      {
        scheme: "ecdsa_secp256r1_sha256",
        message: "sample",
        r: 0x21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355d92fa2b3c36d8fb2cdn,
        s: 0xf3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0n,
      },
    ],
  },
  {
    source: "RFC 6979 A.2.7 (P-521)",
    key: {
      type: "ec",
      curve: "secp521r1",
      point: hex(`04
        01894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd371123d46e45db6b5d5370a7f20fb633155d38ff
        a16d2bd761dcac474b9a2f5023a4
        00493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28a0db25741b5b34a828008b22acc23f924faafb
        d4d33f81ea66956dfeaa2bfdfcf5`),
    },
    privateKey: {
      type: "ec",
      curve: "secp521r1",
      scalar: hex(`
        00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75
        caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538`),
    },
    signatures: [
      {
        scheme: "ecdsa_secp521r1_sha512",
        message: "sample",
        r: 0x00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fan,
        s: 0x00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67an,
      },
      {
        scheme: "ecdsa_secp521r1_sha512",
        message: "test",
        r: 0x013e99020abf5cee7525d16b69b229652ab6bdf2affcaef38773b4b7d08725f10cdb93482fdcc54edcee91eca4166b2a7c6265ef0ce2bd7051b7cef945babd47ee6dn,
        s: 0x01fbd0013c674aa79cb39849527916ce301c66ea7ce8b80682786ad60f98f7e78a19ca69eff5c57400e3b3a0ad66ce0978214d13baf4e9ac60752f7b155e2de4dce3n,
      },
      {
        scheme: "ecdsa_secp384r1_sha384",
        message: "sample",
        r: 0x01ea842a0e17d2de4f92c15315c63ddf72685c18195c2bb95e572b9c5136ca4b4b576ad712a52be9730627d16054ba40cc0b8d3ff035b12ae75168397f5d50c67451n,
        s: 0x01f21a3cee066e1961025fb048bd5fe2b7924d0cd797babe0a83b66f1e35eeaf5fde143fa85dc394a7dee766523393784484bdf3e00114a1c857cde1aa203db65d61n,
      },
    ],
  },
];

const ed25519Vectors = [
  {
    source: "RFC 8032 §7.1 test 1",
    seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    message: "",
    signature: `
      e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155
      5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b`,
  },
  {
    source: "RFC 8032 §7.1 test 2",
    seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature: `
      92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
      085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00`,
  },
  {
    source: "RFC 8032 §7.1 test 3",
    seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    key: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature: `
      6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac
      18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a`,
  },
];

const ed448Key = `
  43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c086
  6aea01eb00742802b8438ea4cb82169c235160627b4c3a9480`;

const ed448Vectors = [
  {
    source: "RFC 8032 §7.4 blank",
    seed: `
      6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3
      528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b`,
    key: `
      5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778
      edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180`,
    message: "",
    signature: `
      533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d78
      28c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4db
      b61149f05a7363268c71d95808ff2e652600`,
  },
  {
    source: "RFC 8032 §7.4 1 octet",
    seed: `
      c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463a
      fbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e`,
    key: ed448Key,
    message: "03",
    signature: `
      26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633
      fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0f
      f3348ab21aa4adafd1d234441cf807c03a00`,
  },
];

/** RFC 8032 §7.4: the same key and message with the context "foo". */
const ed448WithContext = `
  d4f8f6131770dd46f40867d6fd5d5055de43541f8c5e35abbcd001b32a89f7d2151f7647f11d8ca2ae279fb842d60721
  7fce6e042f6815ea000c85741de5c8da1144a6a1aba7f96de42505d7a7298524fda538fccbbb754f578c1cad10d54d0d
  5428407e85dcbc98a49155c13764e66c3c00`;

/** RFC 8448 §2: the server's key. */
const rsaKey: PublicKey = {
  type: "rsa",
  modulus: hex(`
  b4bb498f8279303d980836399b36c6988c0c68de55e1bdb826d3901a2461eafd2de49a91d015abbc9a95137ace6c1af1
  9eaa6af98c7ced43120998e187a80ee0ccb0524b1b018c3e0b63264d449a6d38e22a5fda430846748030530ef0461c8c
  a9d9efbfae8ea6d1d03e2bd193eff0ab9a8002c47428a6d35a8d88d79f7f1e3f`),
  exponent: hex("010001"),
};

const tbsCertificate = hex(`
  30820115a003020102020102300d06092a864886f70d01010b0500300e310c300a06035504031303727361301e170d31
  36303733303031323335395a170d3236303733303031323335395a300e310c300a0603550403130372736130819f300d
  06092a864886f70d010101050003818d0030818902818100b4bb498f8279303d980836399b36c6988c0c68de55e1bdb8
  26d3901a2461eafd2de49a91d015abbc9a95137ace6c1af19eaa6af98c7ced43120998e187a80ee0ccb0524b1b018c3e
  0b63264d449a6d38e22a5fda430846748030530ef0461c8ca9d9efbfae8ea6d1d03e2bd193eff0ab9a8002c47428a6d3
  5a8d88d79f7f1e3f0203010001a31a301830090603551d1304023000300b0603551d0f0404030205a0`);
const certificateSignature = hex(`
  85aad2a0e5b9276b908c65f73a7267170618a54c5f8a7b337d2df7a594365417f2eae8f8a58c8f8172f9319cf36b7fd6
  c55b80f21a03015156726096fd335e5e67f2dbf102702e608ccae6bec1fc63a42a99be5c3eb7107c3c54e9b9eb2bd520
  3b1c3b84e0a8b2f759409ba3eac9d91d402dcc0cc8f8961229ac9187b42b4de1`);

/** RFC 8446 §4.4.3; the last part is the hash of the transcript up to the certificate. */
const certificateVerifyContent = concat(
  new Uint8Array(64).fill(0x20),
  asciiBytes("TLS 1.3, server CertificateVerify\0"),
  hex(`
  764d6632b3c35c3f3205e3499ac3edbaabb88295fba751461d3678e2e5ea0687`),
);
const certificateVerifySignature = hex(`
  5a747c5d88fa9bd2e55ab085a61015b7211f824cd484145ab3ff52f1fda8477b0b7abc90db78e2d33a5c141a078653fa
  6bef780c5ea248eeaaa785c4f394cab6d30bbe8d4859ee511f602957b15411ac027671459e46445c9ea58c181e818e95
  b8c3fb0bf3278409d3be152a3da5043e063dda65cdf5aea20d53dfacd42f74f3`);
