/**
 * A strict reader of DER, the one encoding of X.690 in which a value has exactly one form.
 * Enters: bytes. Leaves: elements and values, as views of those bytes; DecodeError says which field, where and why.
 * X.690 §8, §10, §11; times as RFC 5280 §4.1.2.5 restricts them. Knows no structure by name.
 * @module
 */

import { DecodeError } from "../error.ts";

/** Identifier octets of the universal types in use here. */
export const Tag = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  "BIT STRING": 0x03,
  "OCTET STRING": 0x04,
  NULL: 0x05,
  "OBJECT IDENTIFIER": 0x06,
  ENUMERATED: 0x0a,
  UTF8String: 0x0c,
  NumericString: 0x12,
  PrintableString: 0x13,
  TeletexString: 0x14,
  IA5String: 0x16,
  UTCTime: 0x17,
  GeneralizedTime: 0x18,
  VisibleString: 0x1a,
  UniversalString: 0x1c,
  BMPString: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

/** The identifier octet of `[number]` around a primitive value (IMPLICIT). */
export function contextTag(number: number): number {
  return 0x80 | number;
}

/** The identifier octet of `[number]` around other elements (EXPLICIT, or IMPLICIT SEQUENCE). */
export function constructedContextTag(number: number): number {
  return 0xa0 | number;
}

export interface DerElement {
  /** The identifier octet. */
  readonly tag: number;
  /** Where it begins, counted from the start of the outermost bytes. */
  readonly offset: number;
  /** Where its content begins, counted likewise. */
  readonly contentOffset: number;
  readonly content: Uint8Array;
  /** Identifier, length and content. */
  readonly whole: Uint8Array;
}

export interface BitString {
  /** Bits of the last byte that don't count (0 to 7); they are zero. */
  readonly unusedBits: number;
  readonly bytes: Uint8Array;
}

/** What is wrong with a field of DER, and where. In TLS the only DER that a peer sends is its certificate. */
export function derError(what: string, offset: number, rule: string): DecodeError {
  return new DecodeError(`Cannot decode ${what} at byte ${offset}: ${rule}`, { alert: "bad_certificate" });
}

/** A cursor over the elements of one constructed value. */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #depth: number;
  #position = 0;

  /** `base` is the offset of `bytes` in the outermost ones, for errors; `depth` how many elements are around them. */
  constructor(bytes: Uint8Array, base = 0, depth = 0) {
    this.#bytes = bytes;
    this.#base = base;
    this.#depth = depth;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** Offset of the next element, counted from the start of the outermost bytes. */
  get offset(): number {
    return this.#base + this.#position;
  }

  /** The identifier octet of the next element; `undefined` at the end. */
  nextTag(): number | undefined {
    return this.#bytes[this.#position];
  }

  /** The next element, of any type. */
  element(what: string): DerElement {
    const offset = this.offset;
    const start = this.#position;
    const tag = this.#byte(what);
    if ((tag & 0x1f) === 0x1f) throw derError(what, offset, `tag numbers above 30 are not used in certificates`);
    const length = this.#length(what);
    if (length > this.remaining) {
      throw derError(what, offset, `its length is ${length}, but only ${this.remaining} bytes are left`);
    }
    const contentOffset = this.offset;
    const content = this.#bytes.subarray(this.#position, this.#position + length);
    this.#position += length;
    return { tag, offset, contentOffset, content, whole: this.#bytes.subarray(start, this.#position) };
  }

  /** The next element, which must have this identifier octet. */
  expect(tag: number, what: string): DerElement {
    const next = this.nextTag();
    if (next === tag) return this.element(what);
    throw derError(
      what,
      this.offset,
      `${tagText(tag)} expected, ${next === undefined ? "the end" : tagText(next)} found`,
    );
  }

  /** The next element if it has this identifier octet, else `undefined`. */
  optional(tag: number, what: string): DerElement | undefined {
    return this.nextTag() === tag ? this.element(what) : undefined;
  }

  /** A reader of what is inside the next element, which must have this identifier octet. */
  enter(tag: number, what: string): DerReader {
    return this.inside(this.expect(tag, what), what);
  }

  /** The same, if the next element has this identifier octet, else `undefined`. */
  enterOptional(tag: number, what: string): DerReader | undefined {
    return this.nextTag() === tag ? this.enter(tag, what) : undefined;
  }

  /** A reader of what is inside an element of this reader. */
  inside(element: DerElement, what: string): DerReader {
    if (this.#depth >= maxDepth) throw derError(what, element.offset, `nested deeper than ${maxDepth} levels`);
    return new DerReader(element.content, element.contentOffset, this.#depth + 1);
  }

  /** X.690 §8.1: nothing may follow the last element. */
  end(what: string): void {
    if (this.remaining > 0) throw derError(what, this.offset, `${this.remaining} bytes too many`);
  }

  boolean(what: string): boolean {
    return decodeBoolean(this.expect(Tag.BOOLEAN, what), what);
  }

  /** An INTEGER of any size as it stands: big-endian two's complement, minimal. */
  integer(what: string): Uint8Array {
    return decodeInteger(this.expect(Tag.INTEGER, what), what);
  }

  /** A non-negative INTEGER of any size: big-endian bytes without leading zeros (zero is one byte). */
  unsignedInteger(what: string): Uint8Array {
    return decodeUnsignedInteger(this.expect(Tag.INTEGER, what), what);
  }

  /** A non-negative INTEGER below 2^31. */
  smallInteger(what: string): number {
    return decodeSmallInteger(this.expect(Tag.INTEGER, what), what);
  }

  bitString(what: string): BitString {
    return decodeBitString(this.expect(Tag["BIT STRING"], what), what);
  }

  /** A BIT STRING that holds whole bytes. */
  octetAlignedBitString(what: string): Uint8Array {
    const offset = this.offset;
    const { unusedBits, bytes } = this.bitString(what);
    if (unusedBits > 0) throw derError(what, offset, `${unusedBits} unused bits, where whole bytes are expected`);
    return bytes;
  }

  octetString(what: string): Uint8Array {
    return this.expect(Tag["OCTET STRING"], what).content;
  }

  null(what: string): void {
    const { content, offset } = this.expect(Tag.NULL, what);
    if (content.length > 0) throw derError(what, offset, `NULL has ${content.length} bytes of content`);
  }

  /** In dotted form: `2.5.29.17`. */
  objectIdentifier(what: string): string {
    return decodeObjectIdentifier(this.expect(Tag["OBJECT IDENTIFIER"], what), what);
  }

  /** UTCTime or GeneralizedTime, in milliseconds since 1970. */
  time(what: string): number {
    return decodeTime(this.element(what), what);
  }

  #byte(what: string): number {
    const byte = this.#bytes[this.#position];
    if (byte === undefined) throw derError(what, this.offset, "the bytes end within an element");
    this.#position++;
    return byte;
  }

  #length(what: string): number {
    const offset = this.offset;
    const first = this.#byte(what);
    if (first < 0x80) return first;
    if (first === 0x80) throw derError(what, offset, "an indefinite length (X.690 §10.1 forbids it)");
    const size = first & 0x7f;
    if (size > 4) throw derError(what, offset, `a length of ${size} bytes`);
    let length = 0;
    for (let index = 0; index < size; index++) length = length * 256 + this.#byte(what);
    if (length < 0x80 || length < 256 ** (size - 1)) {
      throw derError(what, offset, `the length ${length} is not in its shortest form (X.690 §10.1)`);
    }
    return length;
  }
}

/** The value of a BOOLEAN, also of one with an IMPLICIT tag. */
export function decodeBoolean({ content, offset }: DerElement, what: string): boolean {
  const [value] = content;
  if (content.length === 1 && value === 0xff) return true;
  if (content.length === 1 && value === 0x00) return false;
  throw derError(what, offset, "a BOOLEAN is one byte, 0x00 or 0xff (X.690 §11.1)");
}

/** The content of an INTEGER, also of one with an IMPLICIT tag: big-endian two's complement, minimal. */
export function decodeInteger({ content, offset }: DerElement, what: string): Uint8Array {
  const [first, second = 0] = content;
  if (first === undefined) throw derError(what, offset, "an INTEGER without content");
  const redundant = (first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80);
  if (content.length > 1 && redundant) {
    throw derError(what, offset, "the INTEGER is not in its shortest form (X.690 §8.3.2)");
  }
  return content;
}

/** The value of an INTEGER that must not be negative, also of one with an IMPLICIT tag. */
export function decodeUnsignedInteger(element: DerElement, what: string): Uint8Array {
  const content = decodeInteger(element, what);
  const [first = 0] = content;
  if (first >= 0x80) throw derError(what, element.offset, "the INTEGER is negative");
  return first === 0 && content.length > 1 ? content.subarray(1) : content;
}

/** The value of an INTEGER from 0 to 2^31 - 1, also of one with an IMPLICIT tag. */
export function decodeSmallInteger(element: DerElement, what: string): number {
  const content = decodeUnsignedInteger(element, what);
  const value = content.reduce((sum, byte) => sum * 256 + byte, 0);
  if (content.length > 4 || value >= 2 ** 31) {
    throw derError(what, element.offset, "the INTEGER is larger than 2^31 - 1");
  }
  return value;
}

/** The value of a BIT STRING, also of one with an IMPLICIT tag. */
export function decodeBitString({ content, offset }: DerElement, what: string): BitString {
  const [unusedBits] = content;
  if (unusedBits === undefined) throw derError(what, offset, "a BIT STRING without content");
  const bytes = content.subarray(1);
  if (unusedBits > 7 || (unusedBits > 0 && bytes.length === 0)) {
    throw derError(what, offset, `${unusedBits} unused bits in a BIT STRING of ${bytes.length} bytes`);
  }
  const last = bytes[bytes.length - 1] ?? 0;
  if ((last & ((1 << unusedBits) - 1)) !== 0) throw derError(what, offset, "an unused bit is set (X.690 §11.2.1)");
  return { unusedBits, bytes };
}

/** The value of an OBJECT IDENTIFIER, also of one with an IMPLICIT tag, in dotted form. */
export function decodeObjectIdentifier({ content, offset }: DerElement, what: string): string {
  // RFC 5280 appendix B MUST: "This specification mandates support for OIDs that have arc elements with values that are less than 2^28, that is, they MUST be between 0 and 268,435,455, inclusive."
  // RFC 5280 appendix B MUST: "Implementations MUST also support OIDs where the length of the dotted decimal (see Section 1.4 of [RFC4512]) string representation can be up to 100 bytes (inclusive). Implementations MUST be able to handle OIDs with up to 20 elements (inclusive)."
  if (content.length > maxObjectIdentifierLength) {
    throw derError(
      what,
      offset,
      `an OBJECT IDENTIFIER of ${content.length} bytes, more than ${maxObjectIdentifierLength}`,
    );
  }
  const arcs: number[] = [];
  let arc = 0;
  let begun = false;
  for (const byte of content) {
    if (!begun && byte === 0x80) throw derError(what, offset, "an arc is not in its shortest form (X.690 §8.19.2)");
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER) throw derError(what, offset, "an arc is larger than 2^53 - 1");
    begun = byte >= 0x80;
    if (begun) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first, ...rest] = arcs;
  if (first === undefined || begun) throw derError(what, offset, "the OBJECT IDENTIFIER is empty or cut off");
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join(".");
}

/** The value of a UTCTime or GeneralizedTime, in milliseconds since 1970. */
export function decodeTime({ tag, content, offset }: DerElement, what: string): number {
  if (tag !== Tag.UTCTime && tag !== Tag.GeneralizedTime) {
    throw derError(what, offset, `UTCTime or GeneralizedTime expected, ${tagText(tag)} found`);
  }
  // RFC 5280 §4.1.2.5 MUST: "Conforming applications MUST be able to process validity dates that are encoded in either UTCTime or GeneralizedTime."
  // RFC 5280 §4.1.2.5.1 MUST: "For the purposes of this profile, UTCTime values MUST be expressed in Greenwich Mean Time (Zulu) and MUST include seconds (i.e., times are YYMMDDHHMMSSZ), even where the number of seconds is zero."
  // RFC 5280 §4.1.2.5.2 MUST: "For the purposes of this profile, GeneralizedTime values MUST be expressed in Greenwich Mean Time (Zulu) and MUST include seconds (i.e., times are YYYYMMDDHHMMSSZ), even where the number of seconds is zero."
  // RFC 5280 §4.1.2.5.2 MUST: "GeneralizedTime values MUST NOT include fractional seconds."
  const text = String.fromCharCode(...content.subarray(0, 16));
  const fields =
    (tag === Tag.UTCTime ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/)
      .exec(text);
  if (fields === null) {
    throw derError(
      what,
      offset,
      `"${printable(text)}" is not of the form ${tag === Tag.UTCTime ? "YY" : "YYYY"}MMDDHHMMSSZ`,
    );
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.slice(1).map(Number);
  // RFC 5280 §4.1.2.5.1 MUST: "Conforming systems MUST interpret the year field (YY) as follows: Where YY is greater than or equal to 50, the year SHALL be interpreted as 19YY; and Where YY is less than 50, the year SHALL be interpreted as 20YY."
  const fullYear = tag === Tag.GeneralizedTime ? year : year < 50 ? 2000 + year : 1900 + year;
  const time = Date.UTC(fullYear, month - 1, day, hour, minute, second);
  const date = new Date(time);
  const exists = date.getUTCFullYear() === fullYear && date.getUTCMonth() === month - 1 && date.getUTCDate() === day &&
    date.getUTCHours() === hour && date.getUTCMinutes() === minute && date.getUTCSeconds() === second;
  if (!exists) throw derError(what, offset, `"${text}" is not a date and time that exists`);
  return time;
}

/** A tag as people read it. */
export function tagText(tag: number): string {
  const universal = Object.entries(Tag).find(([, value]) => value === tag)?.[0];
  const number = tag & 0x1f;
  return universal ?? ((tag & 0xc0) === 0x80 ? `[${number}]` : `tag 0x${tag.toString(16).padStart(2, "0")}`);
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

/** Those in use have some ten bytes; errors tell them as they are. */
const maxObjectIdentifierLength = 128;

/** A certificate nests about ten levels deep; more is an attack on the stack. */
const maxDepth = 24;
