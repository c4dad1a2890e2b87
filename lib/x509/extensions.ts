/**
 * The extensions of a certificate that path validation and names need.
 * Enters: the extension list in DER. Leaves: the raw list, and the known ones decoded.
 * RFC 5280 §4.2. Whether a certificate may be used so is decided in `path_checks.ts`.
 * @module
 */

import { constructedContextTag, contextTag, derError, DerReader, Tag } from "./der.ts";
import { decodeGeneralName, type GeneralName } from "./general_name.ts";
import { ExtensionId, oidName } from "./oids.ts";
import { isContiguousMask } from "./ip_address.ts";

/** One extension of a certificate, as it stands. */
export interface CertificateExtension {
  readonly oid: string;
  readonly critical: boolean;
  /** The content of extnValue. */
  readonly value: Uint8Array;
}

export interface BasicConstraints {
  readonly cA: boolean;
  /** How many further CAs may follow, self-issued ones not counted; `undefined` is no limit. */
  readonly pathLenConstraint: number | undefined;
}

/** RFC 5280 §4.2.1.3, in the order of the bits. */
export const keyUsageBits = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
] as const;
export type KeyUsageBit = typeof keyUsageBits[number];

export interface SubjectAltName {
  readonly names: readonly GeneralName[];
  /** The names of type dNSName, as they stand. */
  readonly dnsNames: readonly string[];
  /** The names of type iPAddress, 4 or 16 bytes each. */
  readonly ipAddresses: readonly Uint8Array[];
}

export interface NameConstraints {
  readonly permittedSubtrees: readonly GeneralName[];
  readonly excludedSubtrees: readonly GeneralName[];
}

/** `undefined` where a certificate doesn't have the extension. */
export interface DecodedExtensions {
  readonly basicConstraints: BasicConstraints | undefined;
  readonly keyUsage: readonly KeyUsageBit[] | undefined;
  /** Object identifiers, see `KeyPurposeId`. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly subjectAltName: SubjectAltName | undefined;
  readonly nameConstraints: NameConstraints | undefined;
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  /** The keyIdentifier of authorityKeyIdentifier. */
  readonly authorityKeyIdentifier: Uint8Array | undefined;
}

interface LocatedExtension extends CertificateExtension {
  /** A reader of the value, and the field's name, both for errors that say where. */
  readonly reader: () => DerReader;
  readonly what: string;
}

/** Reads `Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension`. */
export function decodeExtensions(
  list: DerReader,
  what: string,
): { readonly extensions: readonly CertificateExtension[] } & DecodedExtensions {
  const found = new Map<string, LocatedExtension>();
  // RFC 5280 §4.1.2.9 MUST: "If present, this field is a SEQUENCE of one or more certificate extensions."
  if (list.remaining === 0) throw derError(what, list.offset, "the list is empty");
  while (list.remaining > 0) {
    const offset = list.offset;
    const extension = decodeExtension(list.enter(Tag.SEQUENCE, what), what);
    // RFC 5280 §4.2 MUST: "A certificate MUST NOT include more than one instance of a particular extension."
    if (found.has(extension.oid)) throw derError(extension.what, offset, "the extension appears twice");
    found.set(extension.oid, extension);
  }
  // RFC 5280 §4.2 MUST: "A non-critical extension MAY be ignored if it is not recognized, but MUST be processed if it is recognized."
  // RFC 5280 appendix B MUST: "If an extension containing unexpected values is marked as critical, the implementation MUST reject the certificate or CRL containing the unrecognized extension."
  const decoded = <Value>(oid: string, decode: Decoder<Value>): Value | undefined => {
    const extension = found.get(oid);
    if (extension === undefined) return undefined;
    const reader = extension.reader();
    const value = decode(reader, extension.what);
    reader.end(extension.what);
    return value;
  };
  return {
    extensions: Array.from(found.values(), ({ oid, critical, value }) => ({ oid, critical, value })),
    basicConstraints: decoded(ExtensionId.basicConstraints, decodeBasicConstraints),
    keyUsage: decoded(ExtensionId.keyUsage, decodeKeyUsage),
    extendedKeyUsage: decoded(ExtensionId.extendedKeyUsage, decodeExtendedKeyUsage),
    subjectAltName: decoded(ExtensionId.subjectAltName, decodeSubjectAltName),
    nameConstraints: decoded(ExtensionId.nameConstraints, decodeNameConstraints),
    subjectKeyIdentifier: decoded(ExtensionId.subjectKeyIdentifier, (reader, field) => reader.octetString(field)),
    authorityKeyIdentifier: decoded(ExtensionId.authorityKeyIdentifier, decodeAuthorityKeyIdentifier),
  };
}

/** What a certificate without extensions has. */
export const noExtensions: { readonly extensions: readonly CertificateExtension[] } & DecodedExtensions = {
  extensions: [],
  basicConstraints: undefined,
  keyUsage: undefined,
  extendedKeyUsage: undefined,
  subjectAltName: undefined,
  nameConstraints: undefined,
  subjectKeyIdentifier: undefined,
  authorityKeyIdentifier: undefined,
};

/** What has extensions: certificates have, lists and their entries too. */
export interface WithExtensions {
  readonly extensions: readonly CertificateExtension[];
}

/** The extension with this object identifier, see `ExtensionId`; `undefined` where there is none. */
export function extensionOf({ extensions }: WithExtensions, oid: string): CertificateExtension | undefined {
  return extensions.find((extension) => extension.oid === oid);
}

type Decoder<Value> = (reader: DerReader, what: string) => Value;

function decodeExtension(fields: DerReader, what: string): LocatedExtension {
  const oid = fields.objectIdentifier(`${what}.extnID`);
  const name = `${what}.${oidName(ExtensionId, oid)}`;
  // X.690 §11.5 DEVIATION: FALSE may be written, though DER leaves defaults out, because certificates in use have it.
  const critical = fields.nextTag() === Tag.BOOLEAN ? fields.boolean(`${name}.critical`) : false;
  const element = fields.expect(Tag["OCTET STRING"], `${name}.extnValue`);
  fields.end(name);
  return { oid, critical, value: element.content, reader: () => fields.inside(element, name), what: name };
}

function decodeBasicConstraints(reader: DerReader, what: string): BasicConstraints {
  const fields = reader.enter(Tag.SEQUENCE, what);
  const cA = fields.nextTag() === Tag.BOOLEAN ? fields.boolean(`${what}.cA`) : false;
  // RFC 5280 §4.2.1.9 MUST: "Where it appears, the pathLenConstraint field MUST be greater than or equal to zero."
  const pathLenConstraint = fields.remaining > 0 ? fields.smallInteger(`${what}.pathLenConstraint`) : undefined;
  fields.end(what);
  return { cA, pathLenConstraint };
}

function decodeKeyUsage(reader: DerReader, what: string): readonly KeyUsageBit[] {
  const offset = reader.offset;
  const { bytes } = reader.bitString(what);
  const bits = keyUsageBits.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
  // RFC 5280 §4.2.1.3 MUST: "at least one of the bits MUST be set to 1."
  if (bits.length === 0) throw derError(what, offset, "no bit is set");
  // X.690 §11.2.2 DEVIATION: zero bits at the end are accepted, because trust anchors in use have them.
  return bits;
}

function decodeExtendedKeyUsage(reader: DerReader, what: string): readonly string[] {
  const fields = reader.enter(Tag.SEQUENCE, what);
  const purposes: string[] = [];
  if (fields.remaining === 0) throw derError(what, fields.offset, "the list is empty");
  while (fields.remaining > 0) purposes.push(fields.objectIdentifier(what));
  return purposes;
}

function decodeSubjectAltName(reader: DerReader, what: string): SubjectAltName {
  const fields = reader.enter(Tag.SEQUENCE, what);
  const names: GeneralName[] = [];
  const ipAddresses: Uint8Array[] = [];
  // RFC 5280 §4.2.1.6 MUST: "the sequence MUST contain at least one entry."
  if (fields.remaining === 0) throw derError(what, fields.offset, "the list is empty");
  while (fields.remaining > 0) {
    const offset = fields.offset;
    const name = decodeGeneralName(fields, what);
    names.push(name);
    if (name.type !== "iPAddress") continue;
    // RFC 5280 §4.2.1.6 MUST: "For IP version 4, as specified in [RFC791], the octet string MUST contain exactly four octets. For IP version 6, as specified in [RFC2460], the octet string MUST contain exactly sixteen octets."
    const { length } = name.address;
    if (length !== 4 && length !== 16) throw derError(what, offset, `an iPAddress of ${length} bytes, not 4 or 16`);
    ipAddresses.push(name.address);
  }
  return { names, dnsNames: names.flatMap((name) => name.type === "dNSName" ? [name.name] : []), ipAddresses };
}

function decodeNameConstraints(reader: DerReader, what: string): NameConstraints {
  const offset = reader.offset;
  const fields = reader.enter(Tag.SEQUENCE, what);
  const permitted = fields.enterOptional(constructedContextTag(0), `${what}.permittedSubtrees`);
  const excluded = fields.enterOptional(constructedContextTag(1), `${what}.excludedSubtrees`);
  fields.end(what);
  // RFC 5280 §4.2.1.10 MUST: "Conforming CAs MUST NOT issue certificates where name constraints is an empty sequence. That is, either the permittedSubtrees field or the excludedSubtrees MUST be present."
  if (permitted === undefined && excluded === undefined) throw derError(what, offset, "the sequence is empty");
  return {
    permittedSubtrees: permitted === undefined ? [] : decodeSubtrees(permitted, `${what}.permittedSubtrees`),
    excludedSubtrees: excluded === undefined ? [] : decodeSubtrees(excluded, `${what}.excludedSubtrees`),
  };
}

function decodeSubtrees(reader: DerReader, what: string): readonly GeneralName[] {
  const bases: GeneralName[] = [];
  if (reader.remaining === 0) throw derError(what, reader.offset, "the list is empty");
  while (reader.remaining > 0) {
    const offset = reader.offset;
    const subtree = reader.enter(Tag.SEQUENCE, what);
    const base = decodeGeneralName(subtree, `${what}.base`);
    // RFC 5280 §4.2.1.10 MUST: "the minimum MUST be zero, and maximum MUST be absent. … However, if an application encounters a critical name constraints extension that specifies other values for minimum or maximum for a name form that appears in a subsequent certificate, the application MUST either process these fields or reject the certificate."
    if (subtree.remaining > 0) throw derError(what, subtree.offset, "minimum and maximum are not used");
    // RFC 5280 §4.2.1.10 MUST: "The syntax of iPAddress MUST be as described in Section 4.2.1.6 with the following additions specifically for name constraints. For IPv4 addresses, the iPAddress field of GeneralName MUST contain eight (8) octets, encoded in the style of RFC 4632 (CIDR) to represent an address range [RFC4632]. For IPv6 addresses, the iPAddress field MUST contain 32 octets similarly encoded."
    if (base.type === "iPAddress" && !isContiguousMask(base.address)) {
      throw derError(
        what,
        offset,
        `an iPAddress constraint of ${base.address.length} bytes is not an address with its mask`,
      );
    }
    bases.push(base);
  }
  return bases;
}

function decodeAuthorityKeyIdentifier(reader: DerReader, what: string): Uint8Array | undefined {
  return decodeAuthorityKeyIdentifierFields(reader, what).keyIdentifier;
}

/** What an authorityKeyIdentifier says beside the keyIdentifier, which alone helps in finding paths. */
export interface AuthorityKeyIdentifierFields {
  readonly keyIdentifier: Uint8Array | undefined;
  /** Whether it has authorityCertIssuer. */
  readonly namesIssuer: boolean;
  /** Whether it has authorityCertSerialNumber. */
  readonly namesSerialNumber: boolean;
}

/** All that an authorityKeyIdentifier says; `undefined` where a certificate has none. */
export function authorityKeyIdentifierFields(certificate: WithExtensions): AuthorityKeyIdentifierFields | undefined {
  const extension = extensionOf(certificate, ExtensionId.authorityKeyIdentifier);
  return extension && decodeAuthorityKeyIdentifierFields(new DerReader(extension.value), "authorityKeyIdentifier");
}

function decodeAuthorityKeyIdentifierFields(reader: DerReader, what: string): AuthorityKeyIdentifierFields {
  const fields = reader.enter(Tag.SEQUENCE, what);
  const keyIdentifier = fields.optional(contextTag(0), `${what}.keyIdentifier`);
  const issuer = fields.optional(constructedContextTag(1), `${what}.authorityCertIssuer`);
  const serialNumber = fields.optional(contextTag(2), `${what}.authorityCertSerialNumber`);
  fields.end(what);
  return {
    keyIdentifier: keyIdentifier?.content,
    namesIssuer: issuer !== undefined,
    namesSerialNumber: serialNumber !== undefined,
  };
}
