import { assert, suite } from "../../harness.ts";
import { Reader } from "../../../lib/codec/reader.ts";
import { DecodeError } from "../../../lib/error.ts";

const test = suite("reader");
const refuses = (run: () => unknown, why: RegExp): void =>
  assert.throws(run, (error: unknown) => error instanceof DecodeError && why.test(error.message));

test("reads numbers of one to four bytes without a sign", () => {
  const reader = new Reader(Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 255, 255, 255]));
  assert.equal([1, 2, 3, 4].map((size) => reader.uint(size, "n")), [255, 65535, 16777215, 4294967295]);
  assert.is(reader.remaining, 0);
});

test("takes views, and refuses to go beyond the end or to leave bytes over", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const reader = new Reader(bytes);
  assert.is(reader.take(2, "two").buffer, bytes.buffer);
  refuses(() => reader.end("all"), /Cannot decode all: 1 bytes too many/);
  refuses(() => reader.take(2, "rest"), /Cannot decode rest: 2 bytes needed, 1 left/);
  refuses(() => reader.uint(2, "number"), /number: 2 bytes needed, 1 left/);
  assert.is(reader.remaining, 1);
  reader.take(1, "last");
  reader.end("all");
});

test("stays within a view of a larger buffer", () => {
  const reader = new Reader(Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
  assert.equal(reader.take(2, "both"), Uint8Array.of(2, 3));
  refuses(() => reader.take(1, "more"), /1 bytes needed, 0 left/);
});

test.run();
