/**
 * DER in the making: every function returns one whole element.
 * Enters: values. Leaves: their only DER encoding. Throws RangeError on values that have none.
 * X.690 §8, §10, §11; RFC 5280 §4.1.2.5 for times. Knows no structure by name.
 * @module
 */

import { asciiBytes, concat } from "../codec/bytes.ts";
import { constructedContextTag, contextTag, Tag } from "./der.ts";

/** An element with this identifier octet around the given content. */
export function derElement(tag: number, ...content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return concat(Uint8Array.of(tag, ...lengthOctets(length)), ...content);
}

export function derSequence(...elements: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return derElement(Tag.SEQUENCE, ...elements);
}

/** X.690 §11.6: the elements of a SET OF stand in ascending order; sorting them is left to the caller. */
export function derSet(...elements: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return derElement(Tag.SET, ...elements);
}

export function derBoolean(value: boolean): Uint8Array<ArrayBuffer> {
  return derElement(Tag.BOOLEAN, Uint8Array.of(value ? 0xff : 0x00));
}

/** A non-negative INTEGER: a number, or big-endian bytes. */
export function derInteger(value: number | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof value === "number" ? Uint8Array.from(bigEndian(value)) : value;
  const start = bytes.findIndex((byte) => byte !== 0);
  const minimal = start < 0 ? Uint8Array.of(0) : bytes.subarray(start);
  return derElement(Tag.INTEGER, (minimal[0] ?? 0) >= 0x80 ? concat(Uint8Array.of(0), minimal) : minimal);
}

/** A BIT STRING of whole bytes, or one whose last `unusedBits` bits don't count. */
export function derBitString(bytes: Uint8Array, unusedBits = 0): Uint8Array<ArrayBuffer> {
  return derElement(Tag["BIT STRING"], Uint8Array.of(unusedBits), bytes);
}

export function derOctetString(...content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return derElement(Tag["OCTET STRING"], ...content);
}

export function derNull(): Uint8Array<ArrayBuffer> {
  return derElement(Tag.NULL);
}

/** From the dotted form. */
export function derObjectIdentifier(oid: string): Uint8Array<ArrayBuffer> {
  if (!isObjectIdentifier(oid)) throw new RangeError(`Cannot encode "${oid}": it is not an object identifier`);
  const [first = 0, second = 0, ...rest] = oid.split(".").map(Number);
  return derElement(Tag["OBJECT IDENTIFIER"], Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** Whether text is an object identifier in dotted form, with arcs that are not larger than 2^53 - 1. */
export function isObjectIdentifier(oid: string): boolean {
  if (!/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(oid)) return false;
  const [first = 0, second = 0, ...rest] = oid.split(".").map(Number);
  return second < (first < 2 ? 40 : 2 ** 31) && rest.every(Number.isSafeInteger);
}

/** Throws RangeError for text with half of a surrogate pair. */
export function derUtf8String(text: string): Uint8Array<ArrayBuffer> {
  return derElement(Tag.UTF8String, utf8Bytes(text));
}

/** Throws RangeError for characters other than letters of ASCII, digits, blanks and `'()+,-./:=?` (X.680 §41.4). */
export function derPrintableString(text: string): Uint8Array<ArrayBuffer> {
  // RFC 5280 appendix B MUST: "Conforming implementations MUST NOT encode strings that include either the at sign or underscore character as PrintableString."
  if (!isPrintable(text)) {
    throw new RangeError(`Cannot encode "${text}": it has characters that PrintableString hasn't`);
  }
  return derElement(Tag.PrintableString, asciiBytes(text));
}

export function isPrintable(text: string): boolean {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);
}

/** Throws RangeError for characters that are not ASCII. */
export function derIa5String(text: string): Uint8Array<ArrayBuffer> {
  return derElement(Tag.IA5String, asciiBytes(text));
}

/** RFC 5280 §4.1.2.5: UTCTime through the year 2049, GeneralizedTime from 2050 on. `time` in ms since 1970. */
export function derTime(time: number): Uint8Array<ArrayBuffer> {
  const digits = new Date(time).toISOString().replace(/[-:T]|\.\d+Z/g, "");
  const year = Number(digits.slice(0, 4));
  if (digits.length !== 14 || year < 1950) throw new RangeError(`Cannot encode the year of ${time} in a certificate`);
  // RFC 5280 §4.1.2.5 MUST: "CAs conforming to this profile MUST always encode certificate validity dates through the year 2049 as UTCTime; certificate validity dates in 2050 or later MUST be encoded as GeneralizedTime."
  if (year < 2050) return derElement(Tag.UTCTime, asciiBytes(`${digits.slice(2)}Z`));
  return derElement(Tag.GeneralizedTime, asciiBytes(`${digits}Z`));
}

/** `[number] EXPLICIT`, or `[number] IMPLICIT SEQUENCE`. */
export function derConstructed(number: number, ...elements: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return derElement(constructedContextTag(number), ...elements);
}

/** `[number] IMPLICIT` of a primitive type. */
export function derImplicit(number: number, ...content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return derElement(contextTag(number), ...content);
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const octets = bigEndian(length);
  return [0x80 | octets.length, ...octets];
}

function bigEndian(value: number): readonly number[] {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`Cannot encode ${value} as an INTEGER`);
  return value < 256 ? [value] : [...bigEndian(Math.floor(value / 256)), value % 256];
}

function base128(arc: number): readonly number[] {
  const octets = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) octets.unshift(0x80 | rest % 128);
  return octets;
}

function utf8Bytes(text: string): Uint8Array {
  if (/\p{Cs}/u.test(text)) throw new RangeError("Cannot encode half of a surrogate pair");
  const parts = encodeURIComponent(text).match(/%[0-9A-F]{2}|[^%]/g) ?? [];
  return Uint8Array.from(parts, (part) => part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0));
}
