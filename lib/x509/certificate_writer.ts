/**
 * Certificates in the making: extensions as bytes, and a signature around everything.
 * Enters: fields, a key and the scheme that signs with it. Leaves: DER. RFC 5280 §4.1, §4.2.
 * What a certificate should say is decided in `issue.ts`.
 * @module
 */

import { asciiBytes } from "../codec/bytes.ts";
import type { PrivateKey, RandomSource, SignatureSchemeElement } from "../crypto/provider.ts";
import { encodeSignatureAlgorithm } from "./algorithm.ts";
import {
  derBitString,
  derBoolean,
  derConstructed,
  derImplicit,
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derTime,
} from "./der_writer.ts";
import { type BasicConstraints, type KeyUsageBit, keyUsageBits } from "./extensions.ts";
import { parseIpAddress } from "./ip_address.ts";
import { ExtensionId } from "./oids.ts";

export interface CertificateFields {
  /** Big-endian, positive. */
  readonly serialNumber: Uint8Array;
  /** DER of the Name. */
  readonly issuer: Uint8Array;
  /** DER of the Name. */
  readonly subject: Uint8Array;
  /** In ms since 1970. */
  readonly notBefore: number;
  /** In ms since 1970. */
  readonly notAfter: number;
  /** DER of SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** DER of each Extension. */
  readonly extensions: readonly Uint8Array[];
}

export interface CertificateSigning {
  readonly privateKey: PrivateKey;
  readonly scheme: SignatureSchemeElement;
  readonly random: RandomSource;
}

/** A signed certificate of version 3, or of version 1 when there are no extensions. */
export function encodeCertificate(fields: CertificateFields, signing: CertificateSigning): Uint8Array<ArrayBuffer> {
  const { privateKey, scheme, random } = signing;
  const algorithm = encodeSignatureAlgorithm(scheme.algorithm);
  const hasExtensions = fields.extensions.length > 0;
  const tbs = derSequence(
    ...hasExtensions ? [derConstructed(0, derInteger(2))] : [],
    derInteger(fields.serialNumber),
    algorithm,
    fields.issuer,
    derSequence(derTime(fields.notBefore), derTime(fields.notAfter)),
    fields.subject,
    fields.spki,
    ...hasExtensions ? [derConstructed(3, derSequence(...fields.extensions))] : [],
  );
  return derSequence(tbs, algorithm, derBitString(scheme.sign(privateKey, tbs, random)));
}

export function encodeExtension(oid: string, critical: boolean, value: Uint8Array): Uint8Array<ArrayBuffer> {
  return derSequence(derObjectIdentifier(oid), ...critical ? [derBoolean(true)] : [], derOctetString(value));
}

/** Critical, as RFC 5280 §4.2.1.9 wants it. */
export function encodeBasicConstraints({ cA, pathLenConstraint }: BasicConstraints): Uint8Array<ArrayBuffer> {
  const limit = pathLenConstraint === undefined ? [] : [derInteger(pathLenConstraint)];
  const value = derSequence(...cA ? [derBoolean(true)] : [], ...limit);
  return encodeExtension(ExtensionId.basicConstraints, true, value);
}

/** Critical, as RFC 5280 §4.2.1.3 wants it. */
export function encodeKeyUsage(usage: readonly KeyUsageBit[]): Uint8Array<ArrayBuffer> {
  const positions = usage.map((bit) => keyUsageBits.indexOf(bit));
  const last = Math.max(...positions);
  const bytes = new Uint8Array((last >> 3) + 1);
  for (const position of positions) bytes[position >> 3] = (bytes[position >> 3] ?? 0) | 0x80 >> (position & 7);
  return encodeExtension(ExtensionId.keyUsage, true, derBitString(bytes, 7 - (last & 7)));
}

/** Object identifiers, see `KeyPurposeId`. */
export function encodeExtendedKeyUsage(purposes: readonly string[]): Uint8Array<ArrayBuffer> {
  return encodeExtension(ExtensionId.extendedKeyUsage, false, derSequence(...purposes.map(derObjectIdentifier)));
}

/** DNS names and IP addresses; critical where there is no subject (RFC 5280 §4.2.1.6). */
export function encodeSubjectAltName(names: readonly string[], critical: boolean): Uint8Array<ArrayBuffer> {
  const encoded = names.map((name) => {
    const address = parseIpAddress(name);
    return address === undefined ? derImplicit(2, asciiBytes(name)) : derImplicit(7, address);
  });
  return encodeExtension(ExtensionId.subjectAltName, critical, derSequence(...encoded));
}

export function encodeSubjectKeyIdentifier(keyIdentifier: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeExtension(ExtensionId.subjectKeyIdentifier, false, derOctetString(keyIdentifier));
}

export function encodeAuthorityKeyIdentifier(keyIdentifier: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeExtension(ExtensionId.authorityKeyIdentifier, false, derSequence(derImplicit(0, keyIdentifier)));
}
