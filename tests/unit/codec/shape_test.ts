import {
  bytes,
  checked,
  flag,
  type Json,
  list,
  mapped,
  maybe,
  nameIn,
  oneOf,
  record,
  type Shape,
  text,
  time,
  union,
  unread,
  whole,
} from "../../../lib/codec/shape.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { assert, suite } from "../../harness.ts";

const test = suite("a shape");

/** What is written is read again as the same; what is wrong is refused in these words. */
function holds<Value>(
  shape: Shape<Value>,
  right: readonly (readonly [Value, Json])[],
  wrong: readonly (readonly [unknown, string])[],
): void {
  for (const [value, json] of right) {
    assert.equal(shape.freeze(value), json);
    assert.equal(shape.thaw(JSON.parse(JSON.stringify(json)), "it"), value);
  }
  for (const [json, says] of wrong) {
    assert.throws(
      () => shape.thaw(json, "it"),
      (error: unknown) => error instanceof TlsUsageError && error.message === `Cannot thaw: ${says}`,
      says,
    );
  }
}

test("of true or false is nothing that passes for it", () => {
  holds(flag, [[true, true], [false, false]], [
    [1, "it must be true or false, not 1"],
    ["true", "it must be true or false, not text of 4 characters"],
    [undefined, "it is missing, and must be true or false"],
    [null, "it must be true or false, not null"],
  ]);
});

test("of a whole number is exact, and within its bounds", () => {
  const says = "it must be a whole number from 0 to 9, not";
  holds(whole(0, 9), [[0, 0], [9, 9]], [
    [-1, `${says} -1`],
    [10, `${says} 10`],
    [1.5, `${says} 1.5`],
    [2 ** 53, `${says} 9007199254740992`],
    [Number.NaN, `${says} NaN`],
    [7n, `${says} a bigint`],
    ["7", `${says} text of 1 characters`],
  ]);
  holds(whole(0, Number.MAX_SAFE_INTEGER), [[2 ** 53 - 1, 2 ** 53 - 1]], [
    [2 ** 53, "it must be a whole number from 0 to 9007199254740991, not 9007199254740992"],
  ]);
});

test("of a time may have fractions, and an end", () => {
  const says = "it must be a time in milliseconds, not";
  holds(time, [[0.5, 0.5], [-1e12, -1e12]], [[Infinity, `${says} Infinity`], [null, `${says} null`]]);
});

test("of text has an end, and is shown in no error", () => {
  holds(text(3), [["", ""], ["abc", "abc"]], [
    ["abcd", "it must be text of up to 3 characters, not text of 4 characters"],
    [["a"], "it must be text of up to 3 characters, not a list"],
  ]);
});

test("of a name is one of the list's own, not of an object's ancestors", () => {
  holds(oneOf(["one", "two"], "a number"), [["two", "two"]], [
    ["three", 'it is "three", which is not a number'],
    ["x".repeat(999), `it is "${"x".repeat(80)}", which is not a number`],
    [2, "it must be a number, not 2"],
  ]);
  holds(nameIn({ one: 1 }, "a number"), [["one", "one"]], [["toString", 'it is "toString", which is not a number']]);
});

test("of bytes is canonical base64, of a length within its bounds", () => {
  holds(bytes(1, 2), [[Uint8Array.of(0, 255), "AP8="], [Uint8Array.of(1), "AQ=="]], [
    ["", "it must be 1 to 2 bytes as base64, not 0"],
    ["AAAA", "it must be 1 to 2 bytes as base64, not 3"],
    ["AP8", "it must be 1 to 2 bytes as base64, and is no base64"],
    ["AP9=", "it must be 1 to 2 bytes as base64, and is no base64"],
    [[0, 255], "it must be 1 to 2 bytes as base64, not a list"],
  ]);
  holds(bytes(2, 2), [], [["AQ==", "it must be 2 bytes as base64, not 1"]]);
});

test("of a list tells which element is wrong, and has an end", () => {
  holds(list(flag, 2), [[[], []], [[true, false], [true, false]]], [
    [[true, 0], "it[1] must be true or false, not 0"],
    [[true, true, true], "it is a list of 3, which is more than 2"],
    [{ 0: true, length: 1 }, "it must be a list, not an object"],
    // deno-lint-ignore no-sparse-arrays -- a hole is what is tested
    [[, true], "it[0] is missing, and must be true or false"],
  ]);
});

test("of a record has these fields and no others, and leaves out what is undefined", () => {
  interface Pair {
    readonly one: boolean;
    readonly other: number | undefined;
  }
  const pair = record<Pair>({ one: flag, other: maybe(whole(0, 9)) });
  holds(pair, [[{ one: true, other: 3 }, { one: true, other: 3 }], [{ one: true, other: undefined }, { one: true }]], [
    [{}, "it.one is missing, and must be true or false"],
    [{ one: true, other: null }, "it.other must be a whole number from 0 to 9, not null"],
    [{ one: true, more: 1 }, 'there is no "more" in it (there are one, other)'],
    [JSON.parse('{"one":true,"__proto__":{"other":1}}'), 'there is no "__proto__" in it (there are one, other)'],
    [Object.create({ one: true }), "it.one is missing, and must be true or false"],
    [[true], "it must be an object, not a list"],
    [null, "it must be an object, not null"],
  ]);
  assert.equal(Object.keys(pair.freeze({ one: false, other: undefined })), ["one"]);
});

test("of one of several is chosen by its type", () => {
  type Animal = { readonly type: "cat"; readonly lives: number } | { readonly type: "dog" };
  const animal = union<Animal>({
    cat: record<Extract<Animal, { type: "cat" }>>({ type: oneOf(["cat"], "cat"), lives: whole(0, 9) }),
    dog: record<Extract<Animal, { type: "dog" }>>({ type: oneOf(["dog"], "dog") }),
  });
  holds(animal, [[{ type: "cat", lives: 9 }, { type: "cat", lives: 9 }], [{ type: "dog" }, { type: "dog" }]], [
    [{ type: "cow" }, 'it.type is "cow", which is not one of cat, dog'],
    [{ type: "dog", lives: 1 }, 'there is no "lives" in it (there are type)'],
    [{ lives: 1 }, "it.type is missing, and must be one of cat, dog"],
    ["cat", "it must be an object, not text of 3 characters"],
  ]);
});

test("may have another form in memory, and rules beyond its form", () => {
  const halved = mapped<number, number>(whole(0, 9), { freeze: (value) => value * 2, thaw: (form) => form / 2 });
  holds(halved, [[2, 4]], [[11, "it must be a whole number from 0 to 9, not 11"]]);
  const even = checked(whole(0, 9), (value) => value % 2 === 0 ? undefined : `is ${value}, and odd`);
  holds(even, [[4, 4]], [[3, "it is 3, and odd"]]);
});

test("that is left unread is JSON all the same", () => {
  holds(unread, [[{ any: [1, null] }, { any: [1, null] }]], [
    [undefined, "it is missing, and must be JSON"],
    [() => 1, "it must be JSON, not a function"],
  ]);
});

test.run();
