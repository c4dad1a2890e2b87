/**
 * A certificate revocation list, taken apart.
 * Enters: DER. Leaves: a readonly CertificateRevocationList; DecodeError says which field is wrong, where and why.
 * RFC 5280 §5.1, §5.2. Trusts nothing and checks no signature: that is `crl_checks.ts`.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import { decodeAlgorithmIdentifier, namedSignatureAlgorithm } from "./algorithm.ts";
import { decodeRevokedCertificates, noRevokedCertificates, type RevokedCertificates } from "./crl_entries.ts";
import { constructedContextTag, decodeSmallInteger, derError, DerReader, Tag, tagText } from "./der.ts";
import { decodeDistinguishedName, type DistinguishedName } from "./distinguished_name.ts";
import { decodeIssuingDistributionPoint, type IssuingDistributionPoint } from "./distribution_point.ts";
import { type CertificateExtension, decodeExtensions } from "./extensions.ts";
import type { Signed } from "./issuer.ts";
import { CrlExtensionId } from "./oids.ts";

/** A list of revoked certificates. All bytes are views of one copy of its DER. */
export interface CertificateRevocationList extends Signed {
  /** The whole list. */
  readonly der: Uint8Array<ArrayBuffer>;
  /** What is signed: tbsCertList. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2;
  readonly issuer: DistinguishedName;
  /** When it was issued, in ms since 1970. */
  readonly thisUpdate: number;
  /** When the next one is issued, at the latest, in ms since 1970. */
  readonly nextUpdate: number | undefined;
  readonly revokedCertificates: RevokedCertificates;
  readonly extensions: readonly CertificateExtension[];
  /** The keyIdentifier of authorityKeyIdentifier. */
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  /** Big-endian, without leading zeros. */
  readonly cRLNumber: Uint8Array | undefined;
  readonly issuingDistributionPoint: IssuingDistributionPoint | undefined;
}

/**
 * Decodes bytes that are exactly one CertificateList, of up to 64 MiB. The bytes are copied.
 *
 * @example
 * decodeCertificateRevocationList(der).issuer.text; // "CN=Example CA, O=Example"
 */
export function decodeCertificateRevocationList(der: Uint8Array): CertificateRevocationList {
  if (der.length > maxCrlLength) {
    throw derError("CertificateList", 0, `${der.length} bytes are more than the ${maxCrlLength} that are allowed`);
  }
  // Not slice(): that of Node's Buffer is a view.
  const whole = new Uint8Array(der);
  const reader = new DerReader(whole);
  const outer = reader.enter(Tag.SEQUENCE, "CertificateList");
  reader.end("CertificateList");
  const tbsElement = outer.expect(Tag.SEQUENCE, "CertificateList.tbsCertList");
  const { innerAlgorithm, fields } = decodeTbsCertList(outer.inside(tbsElement, "tbsCertList"));
  const { offset } = outer;
  const algorithm = decodeAlgorithm(outer, "CertificateList.signatureAlgorithm");
  const signature = outer.octetAlignedBitString("CertificateList.signatureValue");
  outer.end("CertificateList");
  const named = namedSignatureAlgorithm(algorithm);
  // RFC 5280 §5.1.1.2 MUST: "This field MUST contain the same algorithm identifier as the signature field"
  // RFC 5280 §5.1.2.2 MUST: "This field MUST contain the same algorithm identifier as the signatureAlgorithm field"
  if (!equalBytes(algorithm.der, innerAlgorithm.der)) {
    const inner = namedSignatureAlgorithm(innerAlgorithm).text;
    throw derError("CertificateList.signatureAlgorithm", offset, `outside it says ${named.text}, inside ${inner}`);
  }
  return {
    ...fields,
    der: whole,
    tbs: tbsElement.whole,
    signatureAlgorithm: named.algorithm,
    signatureAlgorithmText: named.text,
    signature,
  };
}

type Algorithm = ReturnType<typeof decodeAlgorithmIdentifier>;

interface TbsCertList {
  readonly innerAlgorithm: Algorithm;
  readonly fields: Omit<CertificateRevocationList, keyof Signed | "der">;
}

function decodeTbsCertList(reader: DerReader): TbsCertList {
  const version = decodeVersion(reader);
  const innerAlgorithm = decodeAlgorithm(reader, "tbsCertList.signature");
  const issuer = decodeIssuer(reader);
  // RFC 5280 §5.1.2.4 MUST: "Conforming applications MUST be able to process dates that are encoded in either UTCTime or GeneralizedTime. Where encoded as UTCTime, thisUpdate MUST be specified and interpreted as defined in Section 4.1.2.5.1. Where encoded as GeneralizedTime, thisUpdate MUST be specified and interpreted as defined in Section 4.1.2.5.2."
  // RFC 5280 §5.1.2.5 MUST: "Conforming applications MUST be able to process dates that are encoded in either UTCTime or GeneralizedTime. Where encoded as UTCTime, nextUpdate MUST be specified and interpreted as defined in Section 4.1.2.5.1. Where encoded as GeneralizedTime, nextUpdate MUST be specified and interpreted as defined in Section 4.1.2.5.2."
  const thisUpdate = reader.time("tbsCertList.thisUpdate");
  const isTime = reader.nextTag() === Tag.UTCTime || reader.nextTag() === Tag.GeneralizedTime;
  const nextUpdate = isTime ? reader.time("tbsCertList.nextUpdate") : undefined;
  const revoked = reader.optional(Tag.SEQUENCE, "tbsCertList.revokedCertificates");
  const revokedCertificates = revoked === undefined
    ? noRevokedCertificates
    : decodeRevokedCertificates(revoked, version);
  const extensions = decodeCrlExtensions(reader, version);
  reader.end("tbsCertList");
  return { innerAlgorithm, fields: { version, issuer, thisUpdate, nextUpdate, revokedCertificates, ...extensions } };
}

function decodeVersion(reader: DerReader): 1 | 2 {
  const element = reader.optional(Tag.INTEGER, "tbsCertList.version");
  if (element === undefined) return 1;
  const version = decodeSmallInteger(element, "tbsCertList.version");
  // RFC 5280 §5.1: "if present, MUST be v2"
  if (version === 1) return 2;
  throw derError("tbsCertList.version", element.offset, `the number ${version} is not v2 (1)`);
}

function decodeAlgorithm(reader: DerReader, what: string): Algorithm {
  return decodeAlgorithmIdentifier(limited(reader, Tag.SEQUENCE, what), what);
}

function decodeIssuer(reader: DerReader): DistinguishedName {
  const { offset } = reader;
  const issuer = decodeDistinguishedName(limited(reader, Tag.SEQUENCE, "tbsCertList.issuer"), "tbsCertList.issuer");
  // RFC 5280 §5.1.2.3 MUST: "The issuer field MUST contain a non-empty X.500 distinguished name (DN)."
  if (issuer.keys.length === 0) throw derError("tbsCertList.issuer", offset, "the name is empty");
  return issuer;
}

type CrlExtensions = Pick<
  CertificateRevocationList,
  "extensions" | "authorityKeyIdentifier" | "cRLNumber" | "issuingDistributionPoint"
>;

function decodeCrlExtensions(reader: DerReader, version: 1 | 2): CrlExtensions {
  const what = "tbsCertList.crlExtensions";
  const { offset } = reader;
  if (reader.remaining === 0) {
    const absent = undefined;
    return { extensions: [], authorityKeyIdentifier: absent, cRLNumber: absent, issuingDistributionPoint: absent };
  }
  const tag = constructedContextTag(0);
  const explicit = limited(reader, tag, what).enter(tag, what);
  // RFC 5280 §5.1: "crlExtensions [0] EXPLICIT Extensions OPTIONAL -- if present, version MUST be v2"
  // RFC 5280 §5.1.2.1 MUST: "When extensions are used, … this field MUST be present and MUST specify version 2"
  if (version !== 2) throw derError(what, offset, "they must not appear in a list of version 1");
  const list = explicit.enter(Tag.SEQUENCE, what);
  explicit.end(what);
  const { extensions, authorityKeyIdentifier } = decodeExtensions(list, what);
  const decoded = <Value>(oid: string, decode: (reader: DerReader) => Value): Value | undefined => {
    const value = extensions.find((extension) => extension.oid === oid)?.value;
    // Views of the whole list, which has its memory for itself: so errors say where in it.
    return value && decode(new DerReader(value, value.byteOffset));
  };
  return {
    extensions,
    authorityKeyIdentifier,
    cRLNumber: decoded(CrlExtensionId.cRLNumber, decodeCrlNumber),
    issuingDistributionPoint: decoded(CrlExtensionId.issuingDistributionPoint, decodeIssuingDistributionPoint),
  };
}

function decodeCrlNumber(reader: DerReader): Uint8Array {
  const { offset } = reader;
  const number = reader.unsignedInteger("cRLNumber");
  reader.end("cRLNumber");
  // RFC 5280 §5.2.3 MUST: "CRL verifiers MUST be able to handle CRLNumber values up to 20 octets."
  if (number.length > 20) throw derError("cRLNumber", offset, `${number.length} bytes are more than 20`);
  return number;
}

/** A reader of the next element alone, which must not be larger than it ever is: the whole list may be. */
function limited(reader: DerReader, tag: number, what: string): DerReader {
  const { whole, offset } = reader.expect(tag, what);
  if (whole.length <= maxPartLength) return new DerReader(whole, offset, tbsDepth);
  throw derError(what, offset, `${tagText(tag)} of ${whole.length} bytes, where ${maxPartLength} are allowed`);
}

/** The largest lists of public authorities have some 10 MB, with 300,000 entries. */
const maxCrlLength = 2 ** 26;
/** Everything but the entries and the signature: as much as a whole certificate may have. */
const maxPartLength = 2 ** 17;
/** CertificateList, tbsCertList. */
const tbsDepth = 2;
