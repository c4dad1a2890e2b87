import { assert, suite } from "../../harness.ts";
import { asciiBytes, concat, constantTimeEqual, equalBytes, latin1Text, toHex } from "../../../lib/codec/bytes.ts";

const test = suite("bytes");
const isRangeError = (error: unknown): boolean => error instanceof RangeError;

test("joins parts into bytes of their own", () => {
  const part = Uint8Array.of(1, 2);
  const whole = concat(part, new Uint8Array(0), Uint8Array.of(3));
  assert.equal(whole, Uint8Array.of(1, 2, 3));
  part.fill(9);
  assert.equal(whole, Uint8Array.of(1, 2, 3));
  assert.equal(concat(), new Uint8Array(0));
});

test("compares bytes, both ways alike", () => {
  const one = Uint8Array.of(0, 1, 255);
  for (const equal of [equalBytes, constantTimeEqual]) {
    assert.is(equal(one, Uint8Array.of(0, 1, 255)), true);
    for (let index = 0; index < 3; index++) assert.is(equal(one, one.with(index, 7)), false);
    assert.is(equal(one, one.subarray(0, 2)), false);
    assert.is(equal(one.subarray(0, 2), one), false);
    assert.is(equal(new Uint8Array(0), new Uint8Array(0)), true);
  }
});

test("writes hexadecimal, ASCII and ISO 8859-1", () => {
  assert.is(toHex(Uint8Array.of(0, 10, 255)), "000aff");
  assert.equal(asciiBytes("A~\0"), Uint8Array.of(65, 126, 0));
  assert.throws(() => asciiBytes("é"), isRangeError);
  assert.is(latin1Text(Uint8Array.of(65, 233, 255)), "Aéÿ");
});

test.run();
