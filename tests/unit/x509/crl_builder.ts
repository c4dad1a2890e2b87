/**
 * Revocation lists for tests, right or wrong in exactly one thing: fields are given by hand, the rest is as it should be.
 * @module
 */

import type { PrivateKey } from "../../../lib/crypto/provider.ts";
import { encodeSignatureAlgorithm } from "../../../lib/x509/algorithm.ts";
import {
  encodeAuthorityKeyIdentifier,
  encodeBasicConstraints,
  encodeExtension,
  encodeKeyUsage,
  encodeSubjectKeyIdentifier,
} from "../../../lib/x509/certificate_writer.ts";
import { type CertificateRevocationList, decodeCertificateRevocationList } from "../../../lib/x509/crl.ts";
import { Tag } from "../../../lib/x509/der.ts";
import {
  derBitString,
  derConstructed,
  derElement,
  derImplicit,
  derInteger,
  derSequence,
  derTime,
} from "../../../lib/x509/der_writer.ts";
import { asciiBytes, joined } from "../../../lib/codec/bytes.ts";
import { CrlExtensionId } from "../../../lib/x509/oids.ts";
import { countingRandom, day, ecdsaSha256, type Made, make, now, type Recipe, testKey } from "./builder.ts";

export interface ListRecipe {
  readonly issuer: Made;
  /** DER of the elements of tbsCertList before revokedCertificates, in place of what they should be. */
  readonly version?: Uint8Array;
  readonly algorithm?: Uint8Array;
  readonly issuerName?: Uint8Array;
  readonly thisUpdate?: Uint8Array;
  readonly nextUpdate?: Uint8Array;
  /** DER of each entry. */
  readonly entries?: readonly Uint8Array[];
  /** DER of the element, in place of `entries`. */
  readonly revokedCertificates?: Uint8Array;
  /** DER of each extension beside cRLNumber. */
  readonly extensions?: readonly Uint8Array[];
  /** DER of the element, in place of `extensions`. */
  readonly crlExtensions?: Uint8Array;
  readonly outerAlgorithm?: Uint8Array;
  /** The key that signs, in place of the issuer's. */
  readonly signer?: PrivateKey;
}

export const none = new Uint8Array();
export const cRLNumber: Uint8Array = encodeExtension(CrlExtensionId.cRLNumber, false, derInteger(7));

/** DER of a list that holds for a day from `now` on. */
export function listDer(recipe: ListRecipe): Uint8Array<ArrayBuffer> {
  const { issuer, entries = [], extensions = [] } = recipe;
  const algorithm = encodeSignatureAlgorithm("ecdsa_sha256");
  const tbs = derSequence(
    recipe.version ?? derInteger(1),
    recipe.algorithm ?? algorithm,
    recipe.issuerName ?? issuer.certificate.subject.der,
    recipe.thisUpdate ?? derTime(now - day),
    recipe.nextUpdate ?? derTime(now + day),
    recipe.revokedCertificates ?? (entries.length === 0 ? none : derSequence(joined(entries))),
    recipe.crlExtensions ?? derConstructed(0, derSequence(cRLNumber, ...extensions)),
  );
  const signature = ecdsaSha256.sign(recipe.signer ?? issuer.key, tbs, countingRandom());
  return derSequence(tbs, recipe.outerAlgorithm ?? algorithm, derBitString(signature));
}

export function makeList(recipe: ListRecipe): CertificateRevocationList {
  return decodeCertificateRevocationList(listDer(recipe));
}

/** A CA that may sign lists, with key number `number`. */
export function makeCrlIssuer(number: number, recipe: Recipe = {}): Made {
  const extensions = [
    encodeBasicConstraints({ cA: true, pathLenConstraint: undefined }),
    encodeKeyUsage(["keyCertSign", "cRLSign"]),
    encodeSubjectKeyIdentifier(Uint8Array.of(number)),
  ];
  return make({ name: "CRL issuer", key: testKey(number), extensions, ...recipe });
}

/** DER of an entry; `extensions` is DER of each. */
export function entry(serialNumber: Uint8Array, ...extensions: readonly Uint8Array[]): Uint8Array {
  const list = extensions.length === 0 ? [] : [derSequence(...extensions)];
  return derSequence(derElement(Tag.INTEGER, serialNumber), derTime(now - day), ...list);
}

export function reasonCode(number: number, critical = false): Uint8Array {
  return encodeExtension(CrlExtensionId.cRLReason, critical, derElement(0x0a, Uint8Array.of(number)));
}

export function keyIdentifier(number: number): Uint8Array {
  return encodeAuthorityKeyIdentifier(Uint8Array.of(number));
}

/** Of its fields in DER. */
export function issuingDistributionPoint(...fields: readonly Uint8Array[]): Uint8Array {
  return encodeExtension(CrlExtensionId.issuingDistributionPoint, true, derSequence(...fields));
}

export function url(name: string): Uint8Array {
  return derImplicit(6, asciiBytes(name));
}

/** DistributionPointName: fullName. */
export function fullName(...names: readonly Uint8Array[]): Uint8Array {
  return derConstructed(0, derConstructed(0, ...names));
}

/** `[number]` BOOLEAN TRUE. */
export function flag(number: number): Uint8Array {
  return derImplicit(number, Uint8Array.of(0xff));
}

/** `[number]` ReasonFlags with these bits: 1 is keyCompromise. */
export function reasonFlags(number: number, ...bits: readonly number[]): Uint8Array {
  const last = Math.max(0, ...bits);
  const bytes = new Uint8Array((last >> 3) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | 0x80 >> (bit & 7);
  return derImplicit(number, Uint8Array.of(bits.length === 0 ? 0 : 7 - (last & 7)), bits.length === 0 ? none : bytes);
}
