/**
 * DER made wrong in every way that one can list: bytes changed, cut off, added; lengths that lie; elements taken out,
 * doubled, moved, emptied, or of another type, with everything around them as it should be.
 * @module
 */

import { concat } from "../../lib/codec/bytes.ts";
import { Tag } from "../../lib/x509/der.ts";
import { derElement } from "../../lib/x509/der_writer.ts";

/** Each byte changed to each of these values, told what it was. */
export function* flipped(
  bytes: Uint8Array,
  values: (byte: number, at: number) => readonly number[],
): Iterable<Uint8Array> {
  for (const [at, byte] of bytes.entries()) {
    for (const value of new Set(values(byte, at))) {
      if ((value & 0xff) !== byte) yield Uint8Array.from(bytes).fill(value, at, at + 1);
    }
  }
}

/** Cut at each length, from either end. */
export function* cut(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let length = 0; length < bytes.length; length++) {
    yield bytes.subarray(0, length);
    yield bytes.subarray(bytes.length - length);
  }
}

/** Something more before, after, and in between. */
export function* lengthened(bytes: Uint8Array): Iterable<Uint8Array> {
  for (const more of [[0], [0xff], [0x30, 0x00], [0x05, 0x00], [0x00, 0x00], new Array<number>(1000).fill(0x30)]) {
    yield concat(bytes, Uint8Array.from(more));
    yield concat(Uint8Array.from(more), bytes);
  }
  yield concat(bytes, bytes);
  for (let at = 1; at < bytes.length; at += 7) {
    yield concat(bytes.subarray(0, at), Uint8Array.of(0), bytes.subarray(at));
  }
}

/** An element with what is in it. */
interface Element {
  readonly tag: number;
  readonly offset: number;
  readonly contentOffset: number;
  readonly end: number;
  readonly children: readonly Element[];
  /** Bytes before the children: of a BIT STRING its unused bits. */
  readonly prefix: Uint8Array;
}

/** Each element's length written otherwise, and nothing else changed. */
export function* lyingLengths(der: Uint8Array): Iterable<Uint8Array> {
  for (const { offset, contentOffset, end } of allElements(der)) {
    const length = end - contentOffset;
    const written = [
      [0],
      [0x7f],
      [0x80],
      [0x81, length & 0xff],
      [0x82, length >> 8, length & 0xff],
      [0x84, 0xff, 0xff, 0xff, 0xff],
      [0x88, 0, 0, 0, 0, 0, 0, 0, length & 0xff],
      [0xff],
      lengthOctets(length + 1),
      lengthOctets(Math.max(0, length - 1)),
      lengthOctets(der.length),
    ];
    for (const octets of written) {
      yield concat(der.subarray(0, offset + 1), Uint8Array.from(octets), der.subarray(contentOffset));
    }
  }
}

/** Each element changed, and the lengths of all around it put right. */
export function* changedElements(der: Uint8Array): Iterable<Uint8Array> {
  const root = elementAt(der, 0);
  if (root === undefined) return;
  for (const { replace, element } of placesOf(root, der, (whole) => whole)) {
    const whole = der.subarray(element.offset, element.end);
    const content = der.subarray(element.contentOffset, element.end);
    yield replace(new Uint8Array());
    yield replace(concat(whole, whole));
    yield replace(derElement(element.tag));
    yield replace(derElement(element.tag, content, Uint8Array.of(0)));
    yield replace(derElement(element.tag, Uint8Array.of(0), content));
    yield replace(derElement(element.tag, content.subarray(1)));
    yield replace(derElement(element.tag, content.subarray(0, -1)));
    yield replace(derElement(Tag.SEQUENCE, whole));
    yield replace(nested(whole, 40));
    yield replace(derElement(element.tag, content, new Uint8Array(5000).fill(0x41)));
    for (const tag of tags) if (tag !== element.tag) yield replace(derElement(tag, content));
    for (const one of strange) yield replace(one);
    const others = element.children.map((child) => der.subarray(child.offset, child.end));
    if (others.length > 1) yield replace(derElement(element.tag, element.prefix, ...others.toReversed()));
  }
}

/** Something in this many sequences. */
export function nested(inner: Uint8Array, depth: number): Uint8Array {
  let result = inner;
  for (let level = 0; level < depth; level++) result = derElement(Tag.SEQUENCE, result);
  return result;
}

const tags: readonly number[] = [...Object.values(Tag), 0x00, 0x1f, 0x24, 0x80, 0x82, 0x87, 0xa0, 0xa3, 0xa4, 0xff];

const strange: readonly Uint8Array[] = [
  derElement(Tag.INTEGER, Uint8Array.of(0x80)),
  derElement(Tag.INTEGER, new Uint8Array(300).fill(0x7f)),
  derElement(Tag["OBJECT IDENTIFIER"], new Uint8Array(300).fill(0x81)),
  derElement(Tag["OBJECT IDENTIFIER"], new Uint8Array(300).fill(0x7f)),
  derElement(Tag["BIT STRING"], Uint8Array.of(7, 0x80)),
  derElement(Tag["BIT STRING"], Uint8Array.of(8, 0x80)),
  derElement(Tag.UTF8String, Uint8Array.of(0xed, 0xa0, 0x80)),
  derElement(Tag.UTF8String, Uint8Array.of(0x00, 0x0a, 0xe2, 0x80, 0xae)),
  derElement(Tag.GeneralizedTime, Uint8Array.from("99991231235959Z", (character) => character.charCodeAt(0))),
  derElement(Tag.GeneralizedTime, Uint8Array.from("00000101000000Z", (character) => character.charCodeAt(0))),
];

interface Replaceable {
  readonly element: Element;
  /** All of the DER with this element replaced. */
  readonly replace: (by: Uint8Array) => Uint8Array;
}

function* placesOf(
  element: Element,
  der: Uint8Array,
  replace: (by: Uint8Array) => Uint8Array,
): Iterable<Replaceable> {
  yield { element, replace };
  for (const child of element.children) {
    yield* placesOf(child, der, (by) => {
      const before = der.subarray(element.contentOffset, child.offset);
      return replace(derElement(element.tag, before, by, der.subarray(child.end, element.end)));
    });
  }
}

function allElements(der: Uint8Array): readonly Element[] {
  const root = elementAt(der, 0);
  return root === undefined ? [] : [...placesOf(root, der, (by) => by)].map(({ element }) => element);
}

/** Also what is in strings, where that looks like elements. */
function elementAt(der: Uint8Array, offset: number): Element | undefined {
  const [tag, first] = der.subarray(offset, offset + 2);
  if (tag === undefined || first === undefined || first > 0x83 || first === 0x80) return undefined;
  const octets = first < 0x80 ? [] : [...der.subarray(offset + 2, offset + 2 + (first & 0x7f))];
  const length = first < 0x80 ? first : octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const contentOffset = offset + 2 + octets.length;
  const end = contentOffset + length;
  if (end > der.length) return undefined;
  const skipped = tag === Tag["BIT STRING"] ? 1 : 0;
  const holdsOthers = (tag & 0x20) !== 0 || tag === Tag["BIT STRING"] || tag === Tag["OCTET STRING"];
  const children = holdsOthers ? elementsBetween(der, contentOffset + skipped, end) : [];
  return { tag, offset, contentOffset, end, children, prefix: der.subarray(contentOffset, contentOffset + skipped) };
}

function elementsBetween(der: Uint8Array, start: number, end: number): readonly Element[] {
  const elements: Element[] = [];
  for (let at = start; at < end;) {
    const element = elementAt(der.subarray(0, end), at);
    if (element === undefined) return [];
    elements.push(element);
    at = element.end;
  }
  return elements;
}

function lengthOctets(length: number): readonly number[] {
  return [...derElement(0, new Uint8Array(length)).subarray(1, -length || undefined)];
}
