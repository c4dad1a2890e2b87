/**
 * Whether what a caller wants to have in a certificate can stand there.
 * Enters: a field's name and its value. Leaves: nothing, or TlsUsageError that says which value is impossible, and why.
 * RFC 5280 §4.1.2, §4.2.1, A.1. Writes nothing: the writers do.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import { TlsError, TlsUsageError } from "../error.ts";
import { DerReader } from "./der.ts";
import { derSequence, isObjectIdentifier, isPrintable } from "./der_writer.ts";
import { decodeDistinguishedName } from "./distinguished_name.ts";
import { isDnsName, isHostName } from "./dns_name.ts";
import { isContiguousMask, parseIpAddress } from "./ip_address.ts";
import { parseMailbox } from "./mailbox.ts";
import { type AttributeTypeName, type GeneralNameInput, type NameInput, parseIpRange } from "./name_writer.ts";
import { AttributeType } from "./oids.ts";
import { uriSyntaxFault } from "./uri.ts";

/** The error for a field that can't be issued. */
export function cannotIssue(field: string, why: string): TlsUsageError {
  return new TlsUsageError(`Cannot issue a certificate: ${field} ${why}`);
}

/** A distinguished name; the empty one too. */
export function checkName(field: string, name: NameInput): void {
  if ("der" in name) return checkNameDer(field, name.der);
  for (const { type, value } of name) {
    if (!Object.hasOwn(AttributeType, type)) throw cannotIssue(field, `has no attribute "${type}" that is known`);
    checkAttribute(`${field}'s ${type}`, type, value);
  }
}

/** A name in subjectAltName. */
export function checkGeneralName(field: string, name: GeneralNameInput): void {
  if (name.type === "iPAddress") return checkAddress(field, name.address);
  if (name.type !== "directoryName") return checkText(field, name.name, textFormOf(field, name.type).name);
  checkName(field, name.name);
  if (isEmptyName(name.name)) throw cannotIssue(field, "has an empty directoryName");
}

/** A name that stands for all names within it, in name constraints. */
export function checkSubtree(field: string, name: GeneralNameInput): void {
  if (name.type === "iPAddress") return checkRange(field, name.address);
  if (name.type === "directoryName") return checkName(field, name.name);
  checkText(field, name.name, textFormOf(field, name.type).base);
}

/** An absolute URI. */
export function checkUrl(field: string, url: string): void {
  checkText(field, url, textForms.uniformResourceIdentifier.name);
}

export function checkObjectIdentifier(field: string, oid: string): void {
  if (!isObjectIdentifier(oid)) throw cannotIssue(field, `has "${oid}", which is not an object identifier`);
}

/** A number of certificates, or of anything else that is counted. */
export function checkCount(field: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 0) throw cannotIssue(field, `is ${count}, not an integer from 0 on`);
}

/** Where the RFC has SEQUENCE SIZE (1..MAX). Leaving an extension out is done by not giving it. */
export function checkNotEmpty(field: string, list: readonly unknown[]): void {
  if (list.length === 0) throw cannotIssue(field, "is an empty list");
}

export function isEmptyName(name: NameInput): boolean {
  return "der" in name ? equalBytes(name.der, derSequence()) : name.length === 0;
}

function checkNameDer(field: string, der: Uint8Array): void {
  try {
    const reader = new DerReader(der);
    decodeDistinguishedName(reader, "Name");
    reader.end("Name");
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    throw cannotIssue(field, `has DER that is no distinguished name: ${error.message}`);
  }
}

function checkAttribute(field: string, type: AttributeTypeName, value: string): void {
  const { max, isLegal, what } = { ...directoryString, ...attributeRules[type] };
  // RFC 5280 A.1: upper bounds are measured in characters.
  const length = Array.from(value).length;
  if (length === 0 || length > max) throw cannotIssue(field, `has ${length} characters, not 1 to ${max}`);
  if (!isLegal(value)) throw cannotIssue(field, `is "${value}", which is not ${what}`);
}

function checkAddress(field: string, address: string | Uint8Array): void {
  if (typeof address === "string") {
    if (parseIpAddress(address) === undefined) throw cannotIssue(field, `has "${address}", which is not an IP address`);
  } else if (address.length !== 4 && address.length !== 16) {
    throw cannotIssue(field, `has an IP address of ${address.length} bytes, not 4 or 16`);
  }
}

function checkRange(field: string, address: string | Uint8Array): void {
  if (typeof address !== "string") {
    if (isContiguousMask(address)) return;
    throw cannotIssue(field, `has a range of ${address.length} bytes, which is not an IP address with its mask`);
  }
  const range = parseIpRange(address);
  if (range === undefined) throw cannotIssue(field, `has "${address}", which is not a range like 192.0.2.0/24`);
  const half = range.length / 2;
  const network = range.subarray(0, half).map((byte, index) => byte & (range[half + index] ?? 0));
  if (network.every((byte, index) => byte === range[index])) return;
  throw cannotIssue(field, `has "${address}", whose address goes on behind the range's prefix`);
}

function textFormOf(field: string, type: keyof typeof textForms): typeof textForms[keyof typeof textForms] {
  if (Object.hasOwn(textForms, type)) return textForms[type];
  throw cannotIssue(field, `has a name of type "${type}", which can't be written`);
}

function checkText(field: string, text: string, { what, isLegal }: TextRule): void {
  if (/[^\0-\x7f]/.test(text)) throw cannotIssue(field, `has "${text}", which has characters that are not IA5String`);
  if (!isLegal(text)) throw cannotIssue(field, `has "${text}", which is not ${what}`);
}

interface TextRule {
  readonly what: string;
  readonly isLegal: (text: string) => boolean;
}

/** RFC 5321 §4.5.3.1.1: a local part has at most 64 octets. */
function isMailbox(text: string): boolean {
  const mailbox = parseMailbox(text);
  return mailbox !== undefined && mailbox.localPart.length <= 64;
}

/** RFC 5280 §4.2.1.10: a host, or with a period before it everything below. */
function isHostOrDomain(text: string): boolean {
  return isHostName(text.replace(/^\./, ""));
}

/** As names, and as what name constraints compare names with (RFC 5280 §4.2.1.6, §4.2.1.10). */
const textForms = {
  dNSName: {
    name: { what: "a DNS name", isLegal: (text) => isHostName(text.replace(/^\*\./, "")) },
    base: { what: "a DNS name without wildcard or leading period", isLegal: (text) => text === "" || isHostName(text) },
  },
  rfc822Name: {
    name: { what: "a mailbox like user@example.com", isLegal: isMailbox },
    base: {
      what: "a mailbox, a host or a domain with a leading period",
      isLegal: (text) => isMailbox(text) || isHostOrDomain(text),
    },
  },
  uniformResourceIdentifier: {
    name: { what: "an absolute URI", isLegal: (text) => uriSyntaxFault(text) === undefined },
    base: { what: "a host, or a domain with a leading period", isLegal: isHostOrDomain },
  },
} as const satisfies Readonly<Record<string, { readonly name: TextRule; readonly base: TextRule }>>;

interface AttributeRule extends TextRule {
  /** In characters. */
  readonly max: number;
}

const unbounded = Number.POSITIVE_INFINITY;
/** Of X520name, ub-name (RFC 5280 A.1); attributes that X.520 alone defines have no other. */
const directoryString: AttributeRule = {
  max: 32768,
  what: "Unicode text: it has half of a surrogate pair",
  isLegal: (text) => !/\p{Cs}/u.test(text),
};
const printable = { what: "a PrintableString", isLegal: isPrintable };

/**
 * The bounds and types of RFC 5280 A.1, where they differ from X520name's.
 * RFC 5280 appendix A.1: "specifications of Upper Bounds MUST be regarded as mandatory"
 *
 * RFC 5280 §4.1.2.6 DEVIATION: new certificates with an emailAddress in the subject "MUST use the rfc822Name in the subject alternative name extension", and may lack it here, because what is issued is for demos and tests too, which want certificates as others have made them.
 */
const attributeRules: Readonly<Partial<Record<AttributeTypeName, Partial<AttributeRule>>>> = {
  CN: { max: 64 },
  O: { max: 64 },
  OU: { max: 64 },
  title: { max: 64 },
  L: { max: 128 },
  ST: { max: 128 },
  pseudonym: { max: 128 },
  serialNumber: { ...printable, max: 64 },
  dnQualifier: { ...printable, max: unbounded },
  C: { max: 2, what: "a code of two letters (ISO 3166)", isLegal: (text) => /^[A-Za-z]{2}$/.test(text) },
  DC: { what: "a DNS label", isLegal: (text) => !text.includes(".") && isDnsName(text) },
  emailAddress: { max: 255, what: "a mailbox like user@example.com", isLegal: isMailbox },
};
