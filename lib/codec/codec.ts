/**
 * The presentation language of RFC 5246 §4 as values: a codec is a description that decodes and encodes.
 * Bounds are those of the RFC's text (`<1..2^8-1>`) and hold in both directions.
 * @module
 */

import { DecodeError } from "../error.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

export interface Codec<Value> {
  /** `what` names the field in errors. */
  read(reader: Reader, what: string): Value;
  write(writer: Writer, value: Value): void;
}

/** Decodes bytes that are exactly one value; throws DecodeError on anything else. */
export function decode<Value>(codec: Codec<Value>, bytes: Uint8Array, what: string): Value {
  const reader = new Reader(bytes);
  const value = codec.read(reader, what);
  reader.end(what);
  return value;
}

/** Encodes one value into bytes of their own. */
export function encode<Value>(codec: Codec<Value>, value: Value): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  codec.write(writer, value);
  return writer.bytes();
}

/** RFC 5246 §4.4: numbers, big-endian. */
export const uint8: Codec<number> = uint(1);
export const uint16: Codec<number> = uint(2);
export const uint24: Codec<number> = uint(3);
export const uint32: Codec<number> = uint(4);

/** RFC 5246 §4.3: `opaque field[length]`. */
export function fixed(length: number): Codec<Uint8Array> {
  return {
    read: (reader, what) => reader.take(length, what),
    write: (writer, value) => {
      if (value.length !== length) throw new RangeError(`Cannot encode ${value.length} bytes in ${length}`);
      writer.put(value);
    },
  };
}

/** All bytes that are left: a last field whose length is that of what it stands in. */
export const rest: Codec<Uint8Array> = {
  read: (reader, what) => reader.take(reader.remaining, what),
  write: (writer, value) => writer.put(value),
};

/** RFC 5246 §4.3: `opaque field<min..max>`; the size of the length prefix follows from `max`. */
export function opaque(min: number, max: number): Codec<Uint8Array> {
  const size = prefixSize(max);
  return {
    read: (reader, what) => reader.take(checkedLength(reader.uint(size, what), min, max, what), what),
    write: (writer, value) => checkBounds(writer.prefixed(size, () => writer.put(value)), min, max),
  };
}

/** RFC 5246 §4.3: `Element field<min..max>`, bounds in bytes. */
export function vector<Element>(element: Codec<Element>, min: number, max: number): Codec<readonly Element[]> {
  const size = prefixSize(max);
  return {
    read: (reader, what) => {
      const inner = new Reader(reader.take(checkedLength(reader.uint(size, what), min, max, what), what));
      const elements: Element[] = [];
      while (inner.remaining > 0) elements.push(element.read(inner, what));
      return elements;
    },
    write: (writer, elements) =>
      checkBounds(
        writer.prefixed(size, () => elements.forEach((value) => element.write(writer, value))),
        min,
        max,
      ),
  };
}

/** RFC 5246 §4.5: fields in the order in which they are listed. */
export function struct<Fields extends Record<string, unknown>>(
  fields: { readonly [Name in keyof Fields]: Codec<Fields[Name]> },
): Codec<Readonly<Fields>> {
  const names = Object.keys(fields) as (keyof Fields & string)[];
  return {
    read: (reader, what) => {
      const value: Partial<Fields> = {};
      for (const name of names) value[name] = fields[name].read(reader, `${what}.${name}`);
      return value as Fields;
    },
    write: (writer, value) => names.forEach((name) => fields[name].write(writer, value[name])),
  };
}

/** A last field that may be left out altogether, as the extensions of a hello (RFC 5246 §7.4.1.2). */
export function optional<Value>(codec: Codec<Value>): Codec<Value | undefined> {
  return {
    read: (reader, what) => reader.remaining === 0 ? undefined : codec.read(reader, what),
    write: (writer, value) => {
      if (value !== undefined) codec.write(writer, value);
    },
  };
}

/** A structure without fields (ServerHelloDone, extended_master_secret). */
export const empty: Codec<undefined> = { read: () => undefined, write: () => {} };

function uint(size: number): Codec<number> {
  return {
    read: (reader, what) => reader.uint(size, what),
    write: (writer, value) => writer.uint(size, value),
  };
}

function prefixSize(max: number): number {
  return max < 2 ** 8 ? 1 : max < 2 ** 16 ? 2 : 3;
}

function checkedLength(length: number, min: number, max: number, what: string): number {
  if (length < min || length > max) {
    throw new DecodeError(`Cannot decode ${what}: its length is ${length}, not ${min} to ${max}`);
  }
  return length;
}

function checkBounds(length: number, min: number, max: number): void {
  if (length < min || length > max) throw new RangeError(`Cannot encode ${length} bytes in <${min}..${max}>`);
}
