/**
 * What the crypto suites share: hexadecimal, repeatable "randomness", ECDSA signatures in DER, and keys that protect
 * nothing. The RSA keys were made with OpenSSL, the others are counting bytes.
 */
import type { PrivateKey, RandomSource, SignatureSchemeElement } from "../../../lib/crypto/provider.ts";
import { concat } from "../../../lib/codec/bytes.ts";

/** Bytes from hexadecimal; whitespace doesn't matter. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replaceAll(/\s/g, "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}

export function number(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

/** A number as big-endian bytes, as many as it needs or as many as asked for. */
export function numberBytes(value: bigint, length?: number): Uint8Array<ArrayBuffer> {
  const digits = value.toString(16);
  return hex(digits.padStart(length === undefined ? digits.length + digits.length % 2 : 2 * length, "0"));
}

/** The same bytes for the same seed, each time it is made. Not random at all. */
export function repeatableRandom(seed: number): RandomSource {
  let state = seed;
  return (length) =>
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    });
}

/** A DER element whose length fits one byte, or two with 0x81. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = concat(...contents);
  const header = content.length < 128 ? [tag, content.length] : [tag, 0x81, content.length];
  return concat(Uint8Array.from(header), content);
}

/** A non-negative INTEGER in as few bytes as DER wants. */
export function derInteger(value: bigint): Uint8Array<ArrayBuffer> {
  const digits = numberBytes(value);
  return der(2, (digits[0] ?? 0) < 128 ? digits : concat(Uint8Array.of(0), digits));
}

/** RFC 8422 §5.4: Ecdsa-Sig-Value. */
export function ecdsaSignature(r: bigint, s: bigint): Uint8Array<ArrayBuffer> {
  return der(0x30, derInteger(r), derInteger(s));
}

/** The element of that name, or an error that says that the provider doesn't have it. */
export function named<Element extends { readonly name: string }>(list: readonly Element[], name: string): Element {
  const element = list.find((each) => each.name === name);
  if (element === undefined) throw new Error(`the provider has no ${name}`);
  return element;
}

/** A key that fits the scheme. */
export function keyFor(scheme: SignatureSchemeElement): PrivateKey {
  return { ec: p256Key, rsa: rsa2048Key, ed25519: ed25519Key, ed448: ed448Key }[scheme.keyType];
}

const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at + 1);

export const p256Key: PrivateKey = { type: "ec", curve: "secp256r1", scalar: counting(32) };
export const p384Key: PrivateKey = { type: "ec", curve: "secp384r1", scalar: counting(48) };
export const p521Key: PrivateKey = { type: "ec", curve: "secp521r1", scalar: concat(Uint8Array.of(0), counting(65)) };
export const ed25519Key: PrivateKey = { type: "ed25519", seed: counting(32) };
export const ed448Key: PrivateKey = { type: "ed448", seed: counting(57) };

type RsaPrivateKey = Extract<PrivateKey, { readonly type: "rsa" }>;

function rsaKey(modulus: string, privateExponent: string): RsaPrivateKey {
  return { type: "rsa", modulus: hex(modulus), exponent: hex("010001"), privateExponent: hex(privateExponent) };
}

export const rsa2048Key: RsaPrivateKey = rsaKey(
  `
    9ed4d4b41efcea540c2c6ce45cabae1066f5097ffe75e8c3435643f4003644ee145750f08e62db60b0bfca52090b0db5371a2ea2d0a0a6ba
    50d0f205c0ff91b85073fb562fdbc87ab9b0634006b8203af26f582a8e9efa7ec9d85bb6a783fdb88d0a1938b20f70ab80cd48c1bc39109b
    5ea70ba8209ab0e46ada91cb513dc96443d2c821d8e7436cfc550241f271e42eede5e93f8a18e45a5ce3efc3813a9bf254b256c7889240ab
    190a1334a0b7737cd2398da503b7d0a0a48a4720fd168dfaeb4e479e2bcc8c4517dd789ebe73c99bcc25ad18398b86986e29948d519c5ad3
    473a8011d80352a277f01ce2bf4fdb0fe50e7d430a69fbc6c40d3c4637c09085
  `,
  `
    0239c1ea9838910c0673a4e9a4f1743f49ecb5bfb3bac692888cafe7be6259a0406c0ccd4ccc23d37cb138a38cf98e57f362b6de94852670
    f1404c493a5ac519a1144ef9a132b78cc8b1fe620a4b658ae33f738127d320782059f0c70ec7dc5ea1534fe67f2594e84250c8c13638527c
    40324a5e866919d61ee285d7cf2bf4ce20dfe6f7229fb21e2a5c2ef0ca47d2892f265d7c430ab71c6071ee20cb295bd169667c4d25dc39bc
    aa850194f3d982f2987f8cb4e512afb19bde0b8ef9950a903c9a1f10cfa6d48bba1665f316df41c8c494c72202e1773a0c94a06050278fc5
    b44ff615b70b0d098f12c5d142f3756b514313730d1e4def29e40d6205db3e4d
  `,
);

/** Too small for PSS with SHA-512. */
export const rsa1024Key: RsaPrivateKey = rsaKey(
  `
    b5ac733991bd254f7b9df459805ca2e3a5cef9bc7415dfef864152e25294316d36f8e38ea57126072ea1b84b0be02ab5e12a14e2a9ad5edd
    11b4472edf3eee02f56debcf6df89cc8c1a21aaf16187335587a61add365885c95920ddec2774273b433ae07186f1fdc73fa94be48d0e716
    47f5ebcb8e3aac85317d95ff1f882eb5
  `,
  `
    2084ecdf2a32344284fb2228ff2c15d02ff6db871b346b3041d4e1943779e55b0a5304d09cd6a31af802e4ad3243ff012d7bcddf40c612cb
    f9864e939a4c7667edcf91a9b0a876d5fa11cf5497b2c99ee79194ff9de6242235e1a5c4d62bf5d03a69edb09fbc42512930baae4ffc0378
    9126ccd1410a25b4d56716caefdc49a5
  `,
);

/** 8n + 1 bits: the encoding of PSS is a byte shorter than the modulus. */
export const rsa1025Key: RsaPrivateKey = rsaKey(
  `
    01948a994cadea8b0f93f82ee55e461ce846048f1df4488cad7edb6f5b242ab25606a410ee2e429d10ec37426e7f5632da18b191a5eb0783
    5b47d4228916d771377dc44ebeb82e5d9fe4f1f55324106da62fe431a824f03020c5712523964a78f3d042e8d27c873e52e17742ae02feb0
    ee9ec523b321b17692e92953900aab2e9d
  `,
  `
    42ad7d8b07f76aa84ca9518178c271ad4f2d1d31c0bbdc84142eb2f200ca10cee11555bd0c5eea6889a6aa0a706e92bf23e6d0acda4a48ba
    58e27c36c04f0e57b4572c15734f7ed541422430e2fd971ea3ca3d59e13f985186a51e15233a5d7d5435753179140bde19e6592ecdccad37
    5ea1bec9b140e282219b65c8fccd8bb9
  `,
);
