/**
 * The form that nearly all entries of revocation lists have, seen at a glance.
 * Enters: bytes. Leaves: where an entry of that form ends; `undefined` for any other, right or wrong, which `crl_entries.ts`
 * then decodes. A list has some hundred thousand entries, and decoding one takes a dozen objects.
 * RFC 5280 §5.1, §5.3.1: a serial number, a UTCTime, and no extension but reasonCode.
 * @module
 */

import { Tag } from "./der.ts";

/** Whether what begins at `start` is an entry of the usual form, and where it ends. What is accepted is proper DER. */
export function usualEntryEnd(bytes: Uint8Array, start: number): number | undefined {
  const serialLength = bytes[start + 3] ?? 0xff;
  const date = start + 4 + serialLength;
  const extensions = date + dateLength;
  // What isn't there is neither a date nor a reason; lengths from 0x80 on, which are written otherwise, fit to neither end.
  const end = start + 2 + (bytes[start + 1] ?? 0);
  if (bytes[start] !== Tag.SEQUENCE || bytes[start + 2] !== Tag.INTEGER) return undefined;
  if (!isPositive(bytes, start + 4, serialLength) || !isUsualDate(bytes, date)) return undefined;
  return extensions === end || (extensions + reasonLength === end && isReason(bytes, extensions)) ? end : undefined;
}

/** X.690 §8.3.2: without a zero that isn't needed in front. */
function isPositive(bytes: Uint8Array, start: number, length: number): boolean {
  const first = bytes[start] ?? 0xff;
  if (length < 1 || length > maxSerialLength || first >= 0x80) return false;
  return first > 0 || (length > 1 && (bytes[start + 1] ?? 0) >= 0x80);
}

/** UTCTime, up to the 28th of a month: then no calendar is needed. */
function isUsualDate(bytes: Uint8Array, start: number): boolean {
  const content = start + 2;
  return bytes[start] === Tag.UTCTime && bytes[start + 1] === dateLength - 2 &&
    bytes[start + dateLength - 1] === 0x5a &&
    isWithin(bytes, content, 0, 99) && isWithin(bytes, content + 2, 1, 12) && isWithin(bytes, content + 4, 1, 28) &&
    isWithin(bytes, content + 6, 0, 23) && isWithin(bytes, content + 8, 0, 59) && isWithin(bytes, content + 10, 0, 59);
}

/** Two digits: with another character in the place of the first, the number would be below 0 or above 99. */
function isWithin(bytes: Uint8Array, start: number, least: number, most: number): boolean {
  const ones = (bytes[start + 1] ?? 0) - 0x30;
  const number = ((bytes[start] ?? 0) - 0x30) * 10 + ones;
  return ones >= 0 && ones <= 9 && number >= least && number <= most;
}

/** Any that says something: neither unspecified nor removeFromCRL. */
function isReason(bytes: Uint8Array, start: number): boolean {
  const reason = bytes[start + reasonLength - 1] ?? 0;
  return (reason <= 6 || reason === 9 || reason === 10) && reason > 0 &&
    reasonExtension.every((byte, index) => bytes[start + index] === byte);
}

/** SEQUENCE { SEQUENCE { id-ce-cRLReasons, OCTET STRING { ENUMERATED }}}, without the number. */
const reasonExtension = [0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01] as const;
const reasonLength = reasonExtension.length + 1;
const dateLength = 15;
/** RFC 5280 §4.1.2.2. */
const maxSerialLength = 20;
