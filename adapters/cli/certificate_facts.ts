/**
 * What there is to say about a certificate, for people; and its values as text, for them and for programs.
 * Whoever made a certificate chose what is in it: for people all of it is cut short, and can't spoil the screen.
 * @module
 */

import { createHash } from "node:crypto";
import {
  type Certificate,
  certificateTimestamps,
  nobleProvider,
  type SignedCertificateTimestamp,
  spkiPin,
  TlsError,
} from "../../mod.ts";
import { fewer } from "./fields.ts";
import type { FoundCertificate } from "./judgement.ts";
import { counted, type Fact, fact, hex, printable } from "./terminal.ts";

/** A name in subjectAltName: its type, and its value as text; a type whose value isn't read has none. */
export interface NameText {
  readonly type: string;
  readonly name: string | undefined;
}

/** All but its subject, and where it was found. Names are what a peer's own certificate is about, so it's told when it has none. */
export function certificateFacts({ certificate, from }: FoundCertificate, isOwn: boolean): readonly Fact[] {
  const { subject, issuer, notBefore, notAfter, publicKeyDescription, signatureAlgorithmText } = certificate;
  const names = namesOf(certificate).map(shownName);
  const named = names.length === 0 ? ["no names: it has no subjectAltName"] : [fewer(names).join(", ")];
  return [
    fact("in", shown(from)),
    fact("issued by", issuer.text === subject.text ? "itself" : shown(issuer.text)),
    ...isOwn || names.length > 0 ? [fact("for", named)] : [],
    fact("valid", `${shortTime(notBefore)} until ${shortTime(notAfter)}`),
    fact("key", shown(publicKeyDescription)),
    fact("signed with", shown(signatureAlgorithmText)),
    fact("serial number", shown(serialText(certificate.serialNumber), 128)),
    fact("SHA-256", fingerprintOf(certificate)),
    fact("pin", pinOf(certificate)),
    ...timestampFacts(certificate),
  ];
}

/** Everything in subjectAltName, in its order. */
export function namesOf({ subjectAltName }: Certificate): readonly NameText[] {
  return (subjectAltName?.names ?? []).map((name) => {
    switch (name.type) {
      case "dNSName":
      case "rfc822Name":
      case "uniformResourceIdentifier":
        return { type: name.type, name: name.name };
      case "iPAddress":
        return { type: name.type, name: ipAddressText(name.address) };
      case "directoryName":
        return { type: name.type, name: name.name.text };
      case "otherName":
        return { type: name.type, name: name.typeId };
      default:
        return { type: name.type, name: undefined };
    }
  });
}

/** `192.0.2.1`, `2001:db8::1`. */
export function ipAddressText(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  const groups = hex(address).match(/.{4}/g) ?? [];
  // A URL's host is written as RFC 5952 §4 wants it.
  return groups.length === 8 ? new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1) : groups.join(":");
}

/** The number in hexadecimal, two digits for each byte of it. */
export function serialText(bytes: Uint8Array): string {
  const magnitude = BigInt(`0x0${hex(bytes)}`);
  const isNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  const digits = (isNegative ? (1n << BigInt(8 * bytes.length)) - magnitude : magnitude).toString(16);
  return `${isNegative ? "-" : ""}${digits.length % 2 === 0 ? digits : `0${digits}`}`;
}

export function fingerprintOf({ der }: Certificate): string {
  return createHash("sha256").update(der).digest("hex");
}

export function pinOf(certificate: Certificate): string {
  return spkiPin(certificate, nobleProvider.hashes);
}

/** The same certificate with where it was found first; `undefined` when it is none of these. */
export function foundAmong({ der }: Certificate, found: readonly FoundCertificate[]): FoundCertificate | undefined {
  return found.find(({ certificate }) => Buffer.compare(certificate.der, der) === 0);
}

/** As ISO 8601 in UTC; `undefined` for what never comes. */
export function timeText(time: number): string | undefined {
  return Number.isFinite(time) ? new Date(time).toISOString() : undefined;
}

/** For people, without a fraction that is none. */
export function shortTime(time: number): string {
  return timeText(time)?.replace(".000Z", "Z") ?? (time < 0 ? "since ever" : "for ever");
}

/** The timestamps in a certificate, or why they can't be read. */
export function timestampsOf(certificate: Certificate): readonly SignedCertificateTimestamp[] | string {
  try {
    return certificateTimestamps(certificate);
  } catch (error) {
    if (error instanceof TlsError) return error.message;
    throw error;
  }
}

/** In base64, as lists of logs have it. */
export function logIdText(logId: Uint8Array): string {
  return Buffer.from(logId).toString("base64");
}

/** What can't spoil the screen, cut to what is readable. */
export function shown(text: string, limit = 1000): string {
  return printable(text.length > limit ? `${text.slice(0, limit)}… (${text.length} characters)` : text);
}

const prefixes: Readonly<Partial<Record<string, string>>> = {
  dNSName: "",
  iPAddress: "",
  rfc822Name: "email ",
  uniformResourceIdentifier: "URI ",
};

/** Quoted where it is more than one word, so that one name can't look like two. */
function shownName({ type, name }: NameText): string {
  const prefix = prefixes[type] ?? `${type} `;
  if (name === undefined) return type;
  const isPlain = /^[\w.*:/@?=&%+~#-]+$/.test(name);
  return `${prefix}${shown(isPlain ? name : JSON.stringify(name), 253)}`;
}

function timestampFacts(certificate: Certificate): readonly Fact[] {
  const timestamps = timestampsOf(certificate);
  if (typeof timestamps === "string") return [fact("timestamps", `can't be read: ${shown(timestamps)}`)];
  if (timestamps.length === 0) return [];
  const lines = timestamps.map((timestamp) =>
    timestamp.version === "v1"
      ? `${timeText(timestamp.timestamp)}, log ${logIdText(timestamp.logId)}`
      : `of version ${timestamp.version}, which isn't known`
  );
  return [fact("timestamps", [`${counted(timestamps.length, "SCT")}, not verified:`, ...fewer(lines)])];
}
