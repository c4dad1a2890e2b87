import { assert, suite } from "../../harness.ts";
import { DerReader, Tag } from "../../../lib/x509/der.ts";
import {
  derBitString,
  derBoolean,
  derConstructed,
  derElement,
  derIa5String,
  derImplicit,
  derInteger,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derPrintableString,
  derSequence,
  derSet,
  derTime,
  derUtf8String,
} from "../../../lib/x509/der_writer.ts";
import { bytes, hex } from "./builder.ts";

const test = suite("der_writer");

test("writes the shortest lengths, which the reader accepts", () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65535, 65536]) {
    const der = derOctetString(new Uint8Array(length));
    assert.is(new DerReader(der).octetString("x").length, length);
  }
  assert.equal(derElement(0x04, bytes(1), bytes(2)), hex("04020102"));
});

test("writes minimal, non-negative integers", () => {
  assert.equal(derInteger(0), hex("020100"));
  assert.equal(derInteger(127), hex("02017f"));
  assert.equal(derInteger(128), hex("02020080"));
  assert.equal(derInteger(65537), hex("0203010001"));
  assert.equal(derInteger(bytes(0, 0, 0x80)), hex("02020080"));
  assert.equal(derInteger(bytes()), hex("020100"));
  for (const wrong of [-1, 1.5, Number.NaN, 2 ** 53]) assert.throws(() => derInteger(wrong), /Cannot encode/);
});

test("writes object identifiers that read back the same", () => {
  for (const oid of ["2.5.29.17", "1.2.840.113549.1.1.11", "2.999", "0.39", "1.0", "2.16.840.1.101.3.4.2.1"]) {
    assert.is(new DerReader(derObjectIdentifier(oid)).objectIdentifier("x"), oid);
  }
  for (
    const wrong of [
      "",
      "1",
      "3.1",
      "1.40",
      "1.2.-3",
      "1.2.x",
      "1.2.1.5e400",
      "1..2",
      "1.2.03",
      "1.2.0x1",
      "1.2. 3",
      "1.2.9007199254740992",
    ]
  ) {
    assert.throws(() => derObjectIdentifier(wrong), /is not an object identifier/);
  }
});

// proves RFC 5280 §4.1.2.5: "CAs conforming to this profile MUST always"
test("writes UTCTime through 2049 and GeneralizedTime from 2050 on", () => {
  assert.equal(derTime(Date.UTC(2049, 11, 31, 23, 59, 59)).subarray(0, 2), bytes(Tag.UTCTime, 13));
  assert.equal(derTime(Date.UTC(2050, 0, 1)).subarray(0, 2), bytes(Tag.GeneralizedTime, 15));
  for (
    const time of [Date.UTC(1950, 0, 1), Date.UTC(2049, 11, 31, 23, 59, 59), Date.UTC(2050, 0, 1), Date.UTC(9999, 0)]
  ) {
    assert.is(new DerReader(derTime(time)).time("x"), time);
  }
  for (const wrong of [Date.UTC(1949, 11, 31), Date.UTC(10000, 0)]) {
    assert.throws(() => derTime(wrong), /Cannot encode/);
  }
});

// proves RFC 5280 §B: "Conforming implementations MUST NOT encode"
test("writes text in three types, and no characters that they haven't", () => {
  assert.equal(derUtf8String("aü€😀"), hex("0c0a 61c3bce282acf09f9880"));
  assert.equal(derPrintableString("A (b)'+,-./:=?9"), hex("130f 412028622927 2b2c2d2e2f3a3d3f39"));
  assert.equal(derIa5String("a@*"), hex("1603 61402a"));
  assert.throws(() => derUtf8String("a\udc00"), /half of a surrogate pair/);
  for (const wrong of ["a*", "a@", "a_", "ü", "a&b"]) assert.throws(() => derPrintableString(wrong), /PrintableString/);
  assert.throws(() => derIa5String("ü"), /only ASCII/);
});

test("writes the other types", () => {
  assert.equal(derSequence(derNull(), derBoolean(true)), hex("3005 0500 0101ff"));
  assert.equal(derSet(derBoolean(false)), hex("3103 010100"));
  assert.equal(derBitString(bytes(0x80), 7), hex("0302 0780"));
  assert.equal(derConstructed(3, derNull()), hex("a302 0500"));
  assert.equal(derImplicit(2, bytes(0x61)), hex("8201 61"));
});

test.run();
