/** ECDSA as every provider has to verify it: any listed hash on any curve, strict in its encodings. RFC 8422 §5.4. */
import { concat } from "../../../lib/codec/bytes.ts";
import type { CryptoProvider, PublicKey } from "../../../lib/crypto/provider.ts";
import { assert, suite } from "../../harness.ts";
import {
  der,
  derInteger,
  ecdsaSignature,
  hex,
  named,
  numberBytes,
  p256Key,
  p384Key,
  p521Key,
  repeatableRandom,
} from "./fixtures.ts";
import { wrongPoints } from "./provider_suite.ts";

/** RFC 6979 A.2.5: P-256, SHA-256, "sample". Both numbers begin with a bit that is set. */
const sample = hex("73616d706c65");
const r = 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716n;
const s = 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8n;
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const point = hex(`04
  60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6
  7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299`);
const keyAt = (at: Uint8Array): PublicKey => ({ type: "ec", curve: "secp256r1", point: at });

export function ecdsaSuite(name: string, provider: CryptoProvider): void {
  const test = suite(`${name} ECDSA`);
  const scheme = named(provider.signatureSchemes, "ecdsa_secp256r1_sha256");
  const verifies = (signature: Uint8Array): boolean => scheme.verify(keyAt(point), sample, signature);

  test("takes s and its negative alike: a low s is no rule of TLS", () => {
    assert.is(verifies(ecdsaSignature(r, s)), true);
    assert.is(verifies(ecdsaSignature(r, order - s)), true);
  });

  test("refuses numbers outside 1 to the order minus one", () => {
    for (const wrong of [0n, order, order + r]) {
      assert.is(verifies(ecdsaSignature(wrong, s)), false, `r ${wrong}`);
      assert.is(verifies(ecdsaSignature(r, wrong)), false, `s ${wrong}`);
    }
    assert.is(verifies(ecdsaSignature(r, s + order)), false);
    assert.is(verifies(ecdsaSignature(r + order, s)), false);
  });

  test("refuses every encoding that is not DER", () => {
    const [r2, s2] = [derInteger(r), derInteger(s)];
    const bare = (value: bigint): Uint8Array => numberBytes(value, 32);
    const right = der(0x30, r2, s2);
    assert.is(verifies(right), true);
    const wrong: Readonly<Record<string, Uint8Array>> = {
      "bytes behind the sequence": concat(right, hex("00")),
      "bytes within, behind s": der(0x30, r2, s2, hex("00")),
      "a third element": der(0x30, r2, s2, hex("0500")),
      "a length in long form": concat(hex("3081"), right.subarray(1)),
      "a length with a leading zero": concat(hex("308200"), right.subarray(1)),
      "an indefinite length": concat(hex("3080"), right.subarray(2), hex("0000")),
      "a length of r in long form": der(0x30, concat(hex("0281"), r2.subarray(1)), s2),
      "r with a superfluous zero": der(0x30, der(2, hex("0000"), bare(r)), s2),
      "s with a superfluous zero": der(0x30, r2, der(2, hex("0000"), bare(s))),
      "r that reads as negative": der(0x30, der(2, bare(r)), s2),
      "s that reads as negative": der(0x30, r2, der(2, bare(s))),
      "a set": der(0x31, r2, s2),
      "octet strings": der(0x30, der(4, bare(r)), der(4, bare(s))),
      "s alone": der(0x30, s2),
      "no sequence": concat(r2, s2),
      "the form of IEEE P1363": concat(bare(r), bare(s)),
      "an empty r": der(0x30, hex("0200"), s2),
    };
    for (const [what, signature] of Object.entries(wrong)) assert.is(verifies(signature), false, what);
    for (let length = 0; length < right.length; length++) {
      assert.is(verifies(right.subarray(0, length)), false, `cut to ${length}`);
    }
  });

  test("refuses keys that aren't uncompressed points of their curve (RFC 8422 §5.1.2)", () => {
    const signature = ecdsaSignature(r, s);
    for (const [what, wrong] of Object.entries(wrongPoints(point))) {
      assert.is(scheme.verify(keyAt(wrong), sample, signature), false, what);
    }
    assert.is(scheme.verify({ type: "ec", curve: "secp384r1", point }, sample, signature), false);
  });

  test("takes the curve from the key and the hash from the scheme, as TLS 1.2 does", () => {
    for (const each of provider.signatureSchemes.filter((candidate) => candidate.keyType === "ec")) {
      for (const key of [p256Key, p384Key, p521Key]) {
        const signature = each.sign(key, sample, repeatableRandom(4));
        const known = each.publicKeyOf(key);
        assert.is(known.type === "ec" && key.type === "ec" && known.curve === key.curve, true);
        const takers = provider.signatureSchemes.filter((other) => other.verify(known, sample, signature));
        assert.equal(takers.map((other) => other.name), [each.name]);
      }
    }
  });

  test("takes a private key with leading zeros or without", () => {
    const scalar = hex("0123");
    const longer = concat(new Uint8Array(30), scalar);
    assert.equal(
      scheme.publicKeyOf({ type: "ec", curve: "secp256r1", scalar }),
      scheme.publicKeyOf({ type: "ec", curve: "secp256r1", scalar: longer }),
    );
  });

  test.run();
}
