/**
 * Two fields of certificates that are issued: how long they are valid, and their serial numbers.
 * Enters: options, randomness. Leaves: values for `certificate_writer.ts`; TlsUsageError for those that can't be.
 * RFC 5280 §4.1.2.2, §4.1.2.5.
 * @module
 */

import { TlsUsageError } from "../error.ts";
import { cannotIssue } from "./issue_checks.ts";
import { drawn } from "./issue_key.ts";
import type { IssueOptions } from "./issue_options.ts";
import { isoText } from "./time_text.ts";

/** In ms since 1970, whole seconds. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** `usualDays` is the default, `limit` the end of the issuer's validity. */
export function validityOf(
  options: IssueOptions,
  usualDays: number,
  limit: number = Number.POSITIVE_INFINITY,
): Validity {
  const { now, days = usualDays } = options;
  if (!(days > 0)) throw new TlsUsageError(`Cannot issue a certificate for ${days} days: the number must be positive`);
  const begin = wholeSeconds("now", now);
  const notBefore = wholeSeconds("notBefore", options.notBefore ?? begin - hour);
  const end = options.notAfter ?? Math.min(begin + days * 24 * hour - 1000, limit);
  const notAfter = wholeSeconds("notAfter", end);
  if (notAfter >= notBefore) return { notBefore, notAfter };
  throw cannotIssue("notAfter", `(${isoText(notAfter)}) would be before notBefore (${isoText(notBefore)})`);
}

/** Big-endian; by default 126 random bits, always 16 bytes. */
export function serialNumberOf({ serialNumber, random }: IssueOptions): Uint8Array {
  if (serialNumber === undefined) return randomSerialNumber(random);
  const number = typeof serialNumber === "bigint" ? serialNumber : signedNumber(serialNumber);
  // RFC 5280 §4.1.2.2 MUST: "CAs MUST force the serialNumber to be a non-negative integer."
  // RFC 5280 §4.1.2.2 MUST: "Conforming CAs MUST NOT use serialNumber values longer than 20 octets."
  if (number > 0n && number < 1n << 159n) return Uint8Array.from(bigEndian(number));
  throw cannotIssue("serialNumber", `is ${number}, not from 1 to 2^159 - 1`);
}

function randomSerialNumber(random: IssueOptions["random"]): Uint8Array {
  // RFC 5280 §4.1.2.2 MUST: "It MUST be unique for each certificate issued by a given CA (i.e., the issuer name and serial number identify a unique certificate)."
  const bytes = drawn(random, 16);
  bytes[0] = (bytes[0] ?? 0) & 0x3f | 0x40;
  return bytes;
}

/** RFC 5280 §4.1.2.5: certificates have whole seconds, of years with four digits. */
function wholeSeconds(field: string, time: number): number {
  if (time >= minTime && time < maxTime) return Math.floor(time / 1000) * 1000;
  throw cannotIssue(field, `is ${time}, which is not a time in ms since 1970 from the years 1950 to 9999`);
}

/** Two's complement, as certificates have it. */
function signedNumber(bytes: Uint8Array): bigint {
  return BigInt.asIntN(bytes.length * 8, bytes.reduce((sum, byte) => sum << 8n | BigInt(byte), 0n));
}

function bigEndian(number: bigint): readonly number[] {
  return number === 0n ? [] : [...bigEndian(number >> 8n), Number(number & 255n)];
}

const hour = 3_600_000;
/** In ms since 1970. */
const minTime = Date.UTC(1950, 0);
const maxTime = Date.UTC(10000, 0);
