import { assert, suite } from "../../harness.ts";
import {
  decode,
  encode,
  fixed,
  opaque,
  optional,
  rest,
  struct,
  uint16,
  uint24,
  uint32,
  uint8,
  vector,
} from "../../../lib/codec/codec.ts";
import { DecodeError } from "../../../lib/error.ts";

const test = suite("codec");
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const refuses = (run: () => unknown, why: RegExp): void =>
  assert.throws(run, (error: unknown) => error instanceof DecodeError && why.test(error.message));

test("writes numbers big-endian, as RFC 5246 §4.4 shows", () => {
  assert.equal(encode(uint8, 0xab), bytes(0xab));
  assert.equal(encode(uint16, 0x0102), bytes(1, 2));
  assert.equal(encode(uint24, 0x010203), bytes(1, 2, 3));
  assert.equal(encode(uint32, 0xfffefdfc), bytes(0xff, 0xfe, 0xfd, 0xfc));
  assert.is(decode(uint24, bytes(1, 2, 3), "n"), 0x010203);
  assert.is(decode(uint32, bytes(0xff, 0xfe, 0xfd, 0xfc), "n"), 0xfffefdfc);
});

test("refuses a number that doesn't fit", () => {
  for (const wrong of [-1, 256, 1.5, Number.NaN]) assert.throws(() => encode(uint8, wrong), /Cannot encode/);
});

test("enforces the bounds of a vector in both directions", () => {
  const twoToFour = opaque(2, 4);
  assert.equal(encode(twoToFour, bytes(7, 8)), bytes(2, 7, 8));
  assert.throws(() => encode(twoToFour, bytes(7)), /<2\.\.4>/);
  refuses(() => decode(twoToFour, bytes(1, 7), "field"), /field: its length is 1, not 2 to 4/);
  refuses(() => decode(twoToFour, bytes(5, 1, 2, 3, 4, 5), "field"), /its length is 5/);
});

test("takes the size of the prefix from the upper bound", () => {
  assert.is(encode(opaque(0, 255), bytes(1)).length, 2);
  assert.is(encode(opaque(0, 256), bytes(1)).length, 3);
  assert.is(encode(opaque(0, 2 ** 16), bytes(1)).length, 4);
});

test("refuses a vector that ends within an element", () => {
  refuses(() => decode(vector(uint16, 0, 255), bytes(3, 0, 1, 2), "list"), /list: 2 bytes needed, 1 left/);
});

test("refuses too few and too many bytes, naming the field", () => {
  const pair = struct<{ one: number; two: Uint8Array }>({ one: uint8, two: fixed(2) });
  assert.equal(decode(pair, bytes(1, 2, 3), "pair"), { one: 1, two: bytes(2, 3) });
  refuses(() => decode(pair, bytes(1, 2), "pair"), /pair\.two: 2 bytes needed, 1 left/);
  refuses(() => decode(pair, bytes(1, 2, 3, 4), "pair"), /pair: 1 bytes too many/);
});

test("reads an optional last field only when something is left", () => {
  const maybe = struct<{ one: number; two: number | undefined }>({ one: uint8, two: optional(uint8) });
  assert.equal(decode(maybe, bytes(1), "maybe"), { one: 1, two: undefined });
  assert.equal(decode(maybe, bytes(1, 2), "maybe"), { one: 1, two: 2 });
  assert.equal(encode(maybe, { one: 1, two: undefined }), bytes(1));
});

test("takes all that is left as the rest of a structure, which may be nothing", () => {
  const open = struct<{ one: number; rest: Uint8Array }>({ one: uint8, rest });
  assert.equal(decode(open, bytes(1), "open"), { one: 1, rest: bytes() });
  assert.equal(decode(open, bytes(1, 2, 3), "open"), { one: 1, rest: bytes(2, 3) });
  assert.equal(encode(open, { one: 1, rest: bytes(2, 3) }), bytes(1, 2, 3));
  assert.equal(decode(vector(rest, 0, 255), bytes(2, 7, 8), "inner"), [bytes(7, 8)]);
});

test("returns views of the bytes, not copies", () => {
  const source = bytes(2, 7, 8);
  assert.is(decode(opaque(0, 255), source, "field").buffer, source.buffer);
});

test.run();
