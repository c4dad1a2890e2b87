/**
 * Defects of signatures, algorithms, keys, and of how things are written.
 * @module
 */

import { sign as signNatively } from "node:crypto";
import { asciiBytes, concat } from "../../lib/codec/bytes.ts";
import { Tag } from "../../lib/x509/der.ts";
import {
  derBitString,
  derConstructed,
  derElement,
  derImplicit,
  derInteger,
  derNull,
  derObjectIdentifier,
  derSequence,
} from "../../lib/x509/der_writer.ts";
import { encodePem } from "../../lib/x509/pem.ts";
import { encodePrivateKey } from "../../lib/x509/private_key.ts";
import { KeyAlgorithm, NamedCurve, SignatureId } from "../../lib/x509/oids.ts";
import { type Answers, type Defect, forging, ofCertificate, undecodable } from "./defect.ts";
import { type Draft, type Forgery, type Parts, type Place, withKey } from "./draft.ts";
import { type ChainKey, chainKey, schemeOf } from "./keys.ts";

const all: readonly Place[] = ["leaf", "ca", "anchor"];
const issued = { leaf: "refused", ca: "refused", anchor: "accepted" } as const;
const harmless = { leaf: "accepted", ca: "accepted", anchor: "accepted" } as const;

function forged(name: string, ours: Answers, forgery: (draft: Draft) => Forgery): Defect {
  return ofCertificate(name, ours, forging(forgery));
}

function garbled(name: string, parts: (parts: Parts) => Partial<Parts>, places: readonly Place[] = all): Defect {
  return undecodable(name, places, forging(() => ({ parts })));
}

const algorithm = (oid: string, ...parameters: readonly Uint8Array[]): Uint8Array =>
  derSequence(derObjectIdentifier(oid), ...parameters);

/** Whoever signs, it is signed so: the algorithm is true, but weak. */
function signedWith(hash: string, { pem, privateKey }: ChainKey): (tbs: Uint8Array) => Uint8Array {
  const key = pem ?? encodePem("PRIVATE KEY", encodePrivateKey(privateKey));
  return (tbs) => new Uint8Array(signNatively(hash, tbs, key));
}

/** The certificate issued by a key of this kind, which its issuer then has. */
function weaklySigned(draft: Draft): Forgery {
  const { kind } = draft.signer;
  if (kind === "ed25519") return {};
  const oid = kind.startsWith("rsa") ? SignatureId.sha1WithRSAEncryption : SignatureId["ecdsa-with-SHA1"];
  const parameters = kind.startsWith("rsa") ? [derNull()] : [];
  return { parts: () => ({ signature: algorithm(oid, ...parameters) }), sign: signedWith("sha1", draft.signer) };
}

export const algorithmDefects: readonly Defect[] = [
  forged("a bit of the signature flipped", issued, () => ({
    signature: (signature) => signature.with(signature.length - 1, (signature.at(-1) ?? 0) ^ 1),
  })),
  forged("an empty signature", issued, () => ({ signature: () => new Uint8Array() })),
  forged("a byte after the signature", issued, () => ({ signature: (bytes) => concat(bytes, Uint8Array.of(0)) })),
  forged("something else signed", issued, ({ signer }) => ({
    sign: (tbs) => signer.scheme.sign(signer.privateKey, tbs.subarray(1), (length) => new Uint8Array(length)),
  })),
  ofCertificate(
    "a SHA-1 signature",
    issued,
    (draft) =>
      draft.signer.kind === "ed25519" ? { ...draft, signer: chainKey("p256", 98) } : forging(weaklySigned)(draft),
  ),
  ofCertificate(
    "a longer hash than usual",
    harmless,
    (draft) =>
      draft.signer.kind !== "p256"
        ? draft
        : { ...draft, signer: { ...draft.signer, scheme: schemeOf("ecdsa_sha512") } },
  ),
  undecodable(
    "another algorithm outside",
    all,
    forging(() => ({ outerAlgorithm: algorithm(SignatureId["id-Ed448"]) })),
  ),
  undecodable(
    "a NULL more outside",
    all,
    forging(({ signer }) => ({
      outerAlgorithm: signer.kind === "ed25519"
        ? algorithm(SignatureId["id-Ed25519"], derNull())
        : algorithm(SignatureId["ecdsa-with-SHA256"], derNull()),
    })),
  ),
  forged("an unknown signature algorithm", issued, () => ({
    parts: () => ({ signature: algorithm("1.3.6.1.4.1.99999.3") }),
  })),
  forged("parameters of the signature algorithm that it hasn't", issued, ({ signer }) => ({
    parts: ({ signature }) =>
      signer.kind.startsWith("rsa")
        ? { signature: algorithm(SignatureId.sha256WithRSAEncryption, derInteger(1)) }
        : { signature: derSequence(signature.subarray(2), derNull()) },
  })),
  ofCertificate("an RSA key of 1024 bits", { leaf: "refused" }, (draft) => withKey(draft, chainKey("rsa1024", 0))),
  ofCertificate(
    "a key on secp256k1",
    { leaf: "refused" },
    forging(() => ({
      parts: () => ({
        spki: derSequence(
          algorithm(KeyAlgorithm["id-ecPublicKey"], derObjectIdentifier(NamedCurve.secp256k1)),
          derBitString(generatorOfSecp256k1),
        ),
      }),
    })),
  ),
  ofCertificate(
    "a compressed point",
    { leaf: "refused" },
    (draft) => forging(() => ({ parts: () => ({ spki: compressed(chainKey("p256", 99)) }) }))(draft),
  ),
  forged("a point that is not on its curve", { leaf: "accepted" }, () => ({
    parts: () => ({
      spki: chainKey("p256", 99).spki.map((byte, at, { length }) => at === length - 1 ? byte ^ 1 : byte),
    }),
  })),
];

const generatorOfSecp256k1 = Uint8Array.from(
  ("0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798" +
    "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8").match(/../g) ?? [],
  (pair) => Number.parseInt(pair, 16),
);

function compressed({ spki }: ChainKey): Uint8Array {
  const point = spki.subarray(-65);
  return derSequence(
    algorithm(KeyAlgorithm["id-ecPublicKey"], derObjectIdentifier(NamedCurve.secp256r1)),
    derBitString(concat(Uint8Array.of(2 + ((point.at(-1) ?? 0) & 1)), point.subarray(1, 33))),
  );
}

const serial = (...content: readonly number[]): Uint8Array => derElement(Tag.INTEGER, Uint8Array.from(content));
const generalizedTime = (text: string): Uint8Array => derElement(Tag.GeneralizedTime, asciiBytes(text));
const utcTime = (text: string): Uint8Array => derElement(Tag.UTCTime, asciiBytes(text));
const withValidity = (notBefore: Uint8Array, notAfter: Uint8Array) => (): Partial<Parts> => ({
  validity: derSequence(notBefore, notAfter),
});
const before = utcTime("300101000000Z");

export const encodingDefects: readonly Defect[] = [
  forged("version 1", { leaf: "refused", ca: "refused", anchor: "accepted" }, () => ({
    parts: () => ({ version: new Uint8Array(), extensions: new Uint8Array() }),
  })),
  garbled("extensions in version 1", () => ({ version: new Uint8Array() })),
  garbled("extensions in version 2", () => ({ version: derConstructed(0, derInteger(1)) })),
  garbled("version 4", () => ({ version: derConstructed(0, derInteger(3)) })),
  garbled("version 1 written", () => ({ version: derConstructed(0, derInteger(0)) })),
  forged("a negative serial number", harmless, () => ({ parts: () => ({ serialNumber: serial(0x85, 1) }) })),
  forged("a serial number of zero", harmless, () => ({ parts: () => ({ serialNumber: serial(0) }) })),
  forged("a serial number of 20 bytes", harmless, () => ({
    parts: () => ({ serialNumber: serial(...new Array<number>(20).fill(0x41)) }),
  })),
  forged("a serial number of 21 bytes", harmless, () => ({
    parts: () => ({ serialNumber: serial(...new Array<number>(21).fill(0x41)) }),
  })),
  garbled("a serial number with a zero too many", () => ({ serialNumber: serial(0, 5) })),
  garbled("a serial number without content", () => ({ serialNumber: serial() })),
  forged("a GeneralizedTime where UTCTime would do", harmless, () => ({
    parts: withValidity(before, generalizedTime("20310101000000Z")),
  })),
  garbled("a time without seconds", withValidity(before, utcTime("3101010000Z"))),
  garbled("a time with an offset", withValidity(before, utcTime("310101000000+0000"))),
  garbled("a time with fractions", withValidity(before, generalizedTime("20310101000000.5Z"))),
  garbled("a 30th of February", withValidity(before, utcTime("310230000000Z"))),
  garbled("a leap second", withValidity(before, utcTime("301231235960Z"))),
  garbled("a time that is a number", withValidity(before, derInteger(5))),
  forged("unique identifiers", harmless, () => ({
    parts: () => ({
      uniqueIdentifiers: concat(derImplicit(1, Uint8Array.of(0, 7)), derImplicit(2, Uint8Array.of(0, 8))),
    }),
  })),
  garbled("an element after the extensions", ({ extensions }) => ({ extensions: concat(extensions, derNull()) })),
  garbled("a length not in its shortest form", ({ issuer }) => ({
    issuer: concat(Uint8Array.of(Tag.SEQUENCE, 0x81), issuer.subarray(1)),
  })),
  garbled("an indefinite length", ({ issuer }) => ({
    issuer: concat(Uint8Array.of(Tag.SEQUENCE, 0x80), issuer.subarray(2), Uint8Array.of(0, 0)),
  })),
  garbled("a BOOLEAN of 1", ({ extensions }) => ({
    extensions: extensions.map((byte, at) =>
      byte === 0xff && extensions[at - 1] === 1 && extensions[at - 2] === Tag.BOOLEAN ? 1 : byte
    ),
  })),
  garbled("eight unused bits in the key", ({ spki }) => ({
    spki: spki.length < 128 && spki[spki.length - 66] === 0 ? spki.with(spki.length - 66, 8) : derSequence(derNull()),
  })),
  garbled("an RSA key that is even", () => ({
    spki: chainKey("rsa2048", 0).spki.map((byte, at, { length }) => at === length - 6 ? byte & 0xfe : byte),
  }), ["leaf"]),
];
