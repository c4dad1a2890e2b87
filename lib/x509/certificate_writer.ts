/**
 * Certificates in the making: fields and extensions as bytes, and a signature around everything.
 * Enters: fields, a key and the scheme that signs with it. Leaves: DER. RFC 5280 §4.1.
 * What a certificate should say is decided in `issue.ts`; extensions are written in `extension_writer.ts`.
 * @module
 */

import type { PrivateKey, RandomSource, SignatureSchemeElement } from "../crypto/provider.ts";
import { encodeSignatureAlgorithm } from "./algorithm.ts";
import { derBitString, derConstructed, derInteger, derSequence, derTime } from "./der_writer.ts";

export {
  encodeAuthorityKeyIdentifier,
  encodeBasicConstraints,
  encodeExtendedKeyUsage,
  encodeExtension,
  encodeKeyUsage,
  encodeSubjectAltName,
  encodeSubjectKeyIdentifier,
} from "./extension_writer.ts";

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
  // RFC 5280 §4.1.2.8 MUST: "CAs conforming to this profile MUST NOT generate certificates with unique identifiers."
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
