import { decodeBase64, encodeBase64 } from "../../../lib/codec/base64.ts";
import { assert, suite } from "../../harness.ts";
import { dice, sampleBytes } from "../../support/fixtures.ts";

const test = suite("base64");

test("is that of RFC 4648 §10", () => {
  const vectors = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
  for (const [length, text] of vectors.entries()) {
    const bytes = Uint8Array.from("foobar".slice(0, length), (letter) => letter.charCodeAt(0));
    assert.is(encodeBase64(bytes), text);
    assert.equal(decodeBase64(text), bytes);
  }
});

test("is that of the runtime, for bytes of every value and length", () => {
  const roll = dice(4648);
  for (let length = 0; length < 300; length++) {
    const bytes = length < 100 ? sampleBytes(length) : Uint8Array.from({ length }, () => roll(256));
    const text = btoa(String.fromCharCode(...bytes));
    assert.is(encodeBase64(bytes), text);
    assert.equal(decodeBase64(text), bytes);
  }
});

test("has one text for each value: whatever isn't canonical is none", () => {
  const wrong = [
    "A",
    "AA",
    "AAA",
    "A===",
    "====",
    "=",
    "AB==",
    "AAB=",
    "AA=A",
    "AAAA=",
    "AA==AAAA",
    "AA A",
    "AA\n=",
    "-_==",
    "é===",
  ];
  for (const text of [...wrong, "AAA\u0100", "\ud800AAA"]) {
    assert.is(decodeBase64(text), undefined, JSON.stringify(text));
  }
});

test.run();
