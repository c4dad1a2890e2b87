/**
 * OCSP responses for tests, right or wrong in exactly one thing: fields are given by hand, the rest is as it should be.
 * @module
 */

import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import type { HashElement, PrivateKey, SignatureSchemeElement } from "../../../lib/crypto/provider.ts";
import { encodeSignatureAlgorithm } from "../../../lib/x509/algorithm.ts";
import { asciiBytes } from "../../../lib/codec/bytes.ts";
import type { Certificate } from "../../../lib/x509/certificate.ts";
import {
  derBitString,
  derConstructed,
  derElement,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derSequence,
} from "../../../lib/x509/der_writer.ts";
import { bytes, countingRandom, day, ecdsaSha256, type Made, now } from "./builder.ts";

export const { hashes } = nobleProvider;
export const basicType = "1.3.6.1.5.5.7.48.1.1";
export const hashOids: Readonly<Record<HashElement["name"], string>> = {
  sha1: "1.3.14.3.2.26",
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
};

export interface SingleRecipe {
  readonly hash?: HashElement["name"];
  readonly hashAlgorithm?: Uint8Array;
  readonly nameHash?: Uint8Array;
  readonly keyHash?: Uint8Array;
  /** Content of the INTEGER. */
  readonly serialNumber?: Uint8Array;
  /** DER of CertStatus. */
  readonly status?: Uint8Array;
  readonly thisUpdate?: number;
  /** Default: tomorrow; `undefined` leaves it out. */
  readonly nextUpdate?: number | undefined;
  readonly extensions?: readonly Uint8Array[];
}

export interface BasicRecipe {
  /** DER in front of everything. */
  readonly version?: Uint8Array;
  readonly responderId?: Uint8Array;
  readonly producedAt?: Uint8Array;
  readonly singles?: readonly Uint8Array[];
  readonly extensions?: readonly Uint8Array[];
  /** Default: the issuer's key. */
  readonly signer?: PrivateKey;
  readonly scheme?: SignatureSchemeElement;
  /** DER, in place of the scheme's. */
  readonly algorithm?: Uint8Array;
  readonly certs?: readonly Uint8Array[];
  /** What comes behind everything in ResponseData. */
  readonly dataRest?: Uint8Array;
  /** What comes behind everything. */
  readonly rest?: Uint8Array;
}

export const time = (at: number): Uint8Array =>
  derElement(0x18, asciiBytes(new Date(at).toISOString().replace(/[-:T]|\.\d+Z/g, "") + "Z"));
export const timeText = (text: string): Uint8Array => derElement(0x18, asciiBytes(text));

export const good: Uint8Array = bytes(0x80, 0);
export const unknown: Uint8Array = bytes(0x82, 0);
export const revoked = (at: number, reason?: number): Uint8Array =>
  derConstructed(1, time(at), ...reason === undefined ? [] : [derConstructed(0, bytes(0x0a, 1, reason))]);

export const byName = (name: Uint8Array): Uint8Array => derConstructed(1, name);
export const byKey = ({ subjectPublicKey }: Certificate): Uint8Array =>
  derConstructed(2, derOctetString(hashes.sha1.digest(subjectPublicKey)));

/** A SingleResponse about a certificate. */
export function singleOf(certificate: Certificate, issuer: Certificate, recipe: SingleRecipe = {}): Uint8Array {
  const { hash = "sha1", extensions, status = good, thisUpdate = now - day } = recipe;
  const nextUpdate = "nextUpdate" in recipe ? recipe.nextUpdate : now + day;
  const { digest } = hashes[hash];
  return derSequence(
    derSequence(
      recipe.hashAlgorithm ?? derSequence(derObjectIdentifier(hashOids[hash]), derNull()),
      derOctetString(recipe.nameHash ?? digest(certificate.issuer.der)),
      derOctetString(recipe.keyHash ?? digest(issuer.subjectPublicKey)),
      derElement(0x02, recipe.serialNumber ?? certificate.serialNumber),
    ),
    status,
    time(thisUpdate),
    ...nextUpdate === undefined ? [] : [derConstructed(0, time(nextUpdate))],
    ...extensions === undefined ? [] : [derConstructed(1, derSequence(...extensions))],
  );
}

/** A BasicOCSPResponse that says that a certificate is good. */
export function basicOf(certificate: Certificate, issuer: Made, recipe: BasicRecipe = {}): Uint8Array {
  const { scheme = ecdsaSha256, extensions, certs } = recipe;
  const responseData = derSequence(
    ...recipe.version === undefined ? [] : [recipe.version],
    recipe.responderId ?? byName(issuer.certificate.subject.der),
    recipe.producedAt ?? time(now - day),
    derSequence(...recipe.singles ?? [singleOf(certificate, issuer.certificate)]),
    ...extensions === undefined ? [] : [derConstructed(1, derSequence(...extensions))],
    ...recipe.dataRest === undefined ? [] : [recipe.dataRest],
  );
  return derSequence(
    responseData,
    recipe.algorithm ?? encodeSignatureAlgorithm(scheme.algorithm),
    derBitString(scheme.sign(recipe.signer ?? issuer.key, responseData, countingRandom())),
    ...certs === undefined ? [] : [derConstructed(0, derSequence(...certs))],
    ...recipe.rest === undefined ? [] : [recipe.rest],
  );
}

/** An OCSPResponse around a basic one, or around whatever its type is. */
export function successful(basic: Uint8Array, responseType = basicType): Uint8Array {
  return wrapped(0, derConstructed(0, derSequence(derObjectIdentifier(responseType), derOctetString(basic))));
}

/** An OCSPResponse by its status. */
export function wrapped(status: number, ...responseBytes: readonly Uint8Array[]): Uint8Array {
  return derSequence(bytes(0x0a, 1, status), ...responseBytes);
}
