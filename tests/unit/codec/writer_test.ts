import { assert, suite } from "../../harness.ts";
import { Writer } from "../../../lib/codec/writer.ts";
import { sampleBytes } from "../../support/fixtures.ts";

const test = suite("writer");
const isRangeError = (error: unknown): boolean => error instanceof RangeError;

test("writes numbers, bytes and prefixes that are filled in afterwards", () => {
  const writer = new Writer();
  writer.uint(2, 0x0102);
  const length = writer.prefixed(3, () => {
    writer.put(Uint8Array.of(7));
    writer.prefixed(1, () => writer.uint(1, 8));
  });
  assert.is(length, 3);
  assert.equal(writer.bytes(), Uint8Array.of(1, 2, 0, 0, 3, 7, 1, 8));
});

test("grows as far as it has to", () => {
  const writer = new Writer();
  for (let count = 0; count < 100; count++) writer.put(sampleBytes(777));
  writer.put(sampleBytes(200_000));
  const bytes = writer.bytes();
  assert.is(bytes.length, 77_700 + 200_000);
  assert.equal(bytes.subarray(777, 1554), sampleBytes(777));
  assert.equal(bytes.subarray(77_700), sampleBytes(200_000));
});

test("refuses numbers and contents that don't fit", () => {
  const writer = new Writer();
  for (
    const [size, value] of [[1, 256], [1, -1], [2, 65536], [3, 2 ** 24], [4, 2 ** 32], [1, 0.5], [2, NaN]] as const
  ) {
    assert.throws(() => writer.uint(size, value), isRangeError);
  }
  assert.throws(() => writer.prefixed(1, () => writer.put(new Uint8Array(256))), isRangeError);
  writer.uint(4, 2 ** 32 - 1);
});

test("hands out bytes of their own", () => {
  const writer = new Writer();
  writer.uint(1, 1);
  const before = writer.bytes();
  writer.uint(1, 2);
  assert.equal([before, writer.bytes()], [Uint8Array.of(1), Uint8Array.of(1, 2)]);
});

test.run();
