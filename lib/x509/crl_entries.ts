/**
 * The entries of a revocation list: which certificates are revoked, since when and why.
 * Enters: the element revokedCertificates. Leaves: the entry of a serial number. Every entry is decoded once to prove that
 * it is well-formed, and none is kept: a list has some hundred thousand. DecodeError says which is wrong, where and why.
 * RFC 5280 §5.1.2.6, §5.3. What an entry means for a certificate is decided in `crl_checks.ts`.
 * @module
 */

import { usualEntryEnd } from "./crl_entry_form.ts";
import { registeredName } from "../registry.ts";
import { decodeSmallInteger, decodeTime, type DerElement, derError, DerReader, Tag } from "./der.ts";
import { derElement, derSequence } from "./der_writer.ts";
import { CrlExtensionId, oidName } from "./oids.ts";
import { CrlReason, type CrlReasonName } from "./revocation.ts";

export interface RevokedCertificates {
  /** How many entries there are. */
  readonly count: number;
  /** Why none of them can be used; `undefined` when they can. For people. */
  readonly fault: string | undefined;
  /**
   * The first entry of a certificate, by its serial number: big-endian two's complement, as it stands. The first call
   * takes time and memory that grow with the list, those after it hardly any.
   */
  entryOf(serialNumber: Uint8Array): RevokedCertificate | undefined;
}

export interface RevokedCertificate {
  /** In ms since 1970. */
  readonly revocationDate: number;
  /** `undefined` also for a number that isn't a CRLReason: what is revoked for unknown reasons is revoked. */
  readonly reason: CrlReasonName | undefined;
}

/** What a list without revokedCertificates has. */
export const noRevokedCertificates: RevokedCertificates = { count: 0, fault: undefined, entryOf: () => undefined };

/** Decodes `SEQUENCE OF SEQUENCE { userCertificate, revocationDate, crlEntryExtensions OPTIONAL }`. */
export function decodeRevokedCertificates(revoked: DerElement, version: 1 | 2): RevokedCertificates {
  // RFC 5280 §5.1.2.6 DEVIATION: an empty list is accepted, though it "MUST be absent", because authorities have signed such lists, and they say the same.
  const { content } = revoked;
  let count = 0;
  let fault: string | undefined;
  for (let start = 0; start < content.length; count++) {
    const end = version === 2 ? usualEntryEnd(content, start) : undefined;
    const entry = end === undefined ? entryAt(revoked, start, version) : undefined;
    fault ??= entry?.fault;
    start = end ?? start + (entry?.length ?? 0);
  }
  let sorted: Uint32Array | undefined;
  return {
    count,
    fault,
    entryOf(serialNumber) {
      sorted ??= sortedStarts(content, count);
      const start = startOf(sorted, content, serialNumber);
      if (start === undefined) return undefined;
      const { revocationDate, reason } = entryAt(revoked, start, version);
      return { revocationDate, reason };
    },
  };
}

/** Where the entries begin, by their serial numbers. Sorted, and no Map of texts, which would take more than the list. */
function sortedStarts(entries: Uint8Array, count: number): Uint32Array {
  const starts = new Uint32Array(count);
  for (let start = 0, index = 0; index < count; start = contentEnd(entries, start), index++) starts[index] = start;
  return starts.sort((one, other) => compareSerials(entries, one, entries, other) || one - other);
}

/** Where the first entry of a serial number begins. */
function startOf(sorted: Uint32Array, entries: Uint8Array, serialNumber: Uint8Array): number | undefined {
  const wanted = derSequence(derElement(Tag.INTEGER, serialNumber));
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = from + to >> 1;
    if (compareSerials(entries, sorted[middle] ?? 0, wanted, 0) < 0) from = middle + 1;
    else to = middle;
  }
  const start = sorted[from];
  return start !== undefined && compareSerials(entries, start, wanted, 0) === 0 ? start : undefined;
}

/** Compares the serial numbers of two entries: as bytes, a shorter one first. */
function compareSerials(der: Uint8Array, start: number, otherDer: Uint8Array, otherStart: number): number {
  const [element, otherElement] = [contentStart(der, start), contentStart(otherDer, otherStart)];
  const [from, otherFrom] = [contentStart(der, element), contentStart(otherDer, otherElement)];
  const length = contentEnd(der, element) - from;
  const lengths = length - (contentEnd(otherDer, otherElement) - otherFrom);
  if (lengths !== 0) return lengths;
  for (let index = 0; index < length; index++) {
    const difference = (der[from + index] ?? 0) - (otherDer[otherFrom + index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Of the element that begins at `start`, in bytes that are known to be DER. */
function contentStart(der: Uint8Array, start: number): number {
  const first = der[start + 1] ?? 0;
  return start + 2 + (first < 0x80 ? 0 : first & 0x7f);
}

function contentEnd(der: Uint8Array, start: number): number {
  const begin = contentStart(der, start);
  if (begin === start + 2) return begin + (der[start + 1] ?? 0);
  return begin + der.subarray(start + 2, begin).reduce((length, byte) => length * 256 + byte, 0);
}

interface DecodedEntry extends RevokedCertificate {
  readonly fault: string | undefined;
  /** Of the whole entry, in bytes. */
  readonly length: number;
}

function entryAt({ content, contentOffset }: DerElement, start: number, version: 1 | 2): DecodedEntry {
  const list = new DerReader(content.subarray(start), contentOffset + start, entryDepth);
  const element = list.expect(Tag.SEQUENCE, what);
  const { length } = element.whole;
  if (length > maxEntryLength) throw derError(what, element.offset, `an entry of more than ${maxEntryLength} bytes`);
  const fields = list.inside(element, what);
  fields.integer(`${what}.userCertificate`);
  const revocationDate = fields.time(`${what}.revocationDate`);
  const { offset } = fields;
  const extensions = fields.enterOptional(Tag.SEQUENCE, `${what}.crlEntryExtensions`);
  fields.end(what);
  if (extensions === undefined) return { revocationDate, reason: undefined, fault: undefined, length };
  // RFC 5280 §5.1: "if present, version MUST be v2"
  if (version !== 2) {
    throw derError(`${what}.crlEntryExtensions`, offset, "they must not appear in a list of version 1");
  }
  const { reason, fault } = decodeEntryExtensions(extensions);
  return { revocationDate, reason, fault: fault && `its entry at byte ${element.offset} ${fault}`, length };
}

function decodeEntryExtensions(list: DerReader): Pick<DecodedEntry, "reason" | "fault"> {
  let reason: CrlReasonName | undefined;
  let fault: string | undefined;
  const seen = new Set<string>();
  if (list.remaining === 0) throw derError(`${what}.crlEntryExtensions`, list.offset, "the list is empty");
  while (list.remaining > 0) {
    const { offset } = list;
    const fields = list.enter(Tag.SEQUENCE, `${what}.crlEntryExtensions`);
    const oid = fields.objectIdentifier(`${what}.crlEntryExtensions.extnID`);
    const name = oidName(CrlExtensionId, oid);
    // X.690 §11.5 DEVIATION: FALSE may be written, as in certificates (see `extensions.ts`).
    const critical = fields.nextTag() === Tag.BOOLEAN ? fields.boolean(`${name}.critical`) : false;
    const element = fields.expect(Tag["OCTET STRING"], `${name}.extnValue`);
    fields.end(name);
    if (seen.has(oid)) throw derError(name, offset, "the extension appears twice in an entry");
    seen.add(oid);
    const value = (): DerReader => fields.inside(element, name);
    if (oid === CrlExtensionId.cRLReason) reason = decodeReason(value(), name);
    else if (oid === CrlExtensionId.invalidityDate) decodeInvalidityDate(value(), name);
    else fault ??= extensionFault(oid, name, critical);
  }
  // RFC 5280 §5.3.1: "The removeFromCRL (8) reasonCode value may only appear in delta CRLs"
  if (reason === "removeFromCRL") fault ??= "has the reason removeFromCRL, which only delta lists can have";
  return { reason, fault };
}

function extensionFault(oid: string, name: string, critical: boolean): string | undefined {
  // Wherever it stands, entries are of another issuer's certificates.
  if (oid === CrlExtensionId.certificateIssuer) {
    return "names another issuer (certificateIssuer), which isn't supported";
  }
  // RFC 5280 §5.3 MUST: "If a CRL contains a critical CRL entry extension that the application cannot process, then the application MUST NOT use that CRL to determine the status of any certificates."
  return critical ? `has the critical extension ${name}, which isn't supported` : undefined;
}

function decodeReason(reader: DerReader, name: string): CrlReasonName | undefined {
  const number = decodeSmallInteger(reader.expect(Tag.ENUMERATED, name), name);
  reader.end(name);
  return registeredName(CrlReason, number);
}

function decodeInvalidityDate(reader: DerReader, name: string): void {
  // RFC 5280 §5.3.2 MUST: "The GeneralizedTime values included in this field MUST be expressed in Greenwich Mean Time (Zulu), and MUST be specified and interpreted as defined in Section 4.1.2.5.2."
  decodeTime(reader.expect(Tag.GeneralizedTime, name), name);
  reader.end(name);
}

const what = "tbsCertList.revokedCertificates";
/** CertificateList, tbsCertList, revokedCertificates. */
const entryDepth = 3;
/** Real ones have less than a hundred bytes. In bytes. */
const maxEntryLength = 2 ** 14;
