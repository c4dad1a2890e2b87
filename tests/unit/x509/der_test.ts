import { assert, suite } from "../../harness.ts";
import { decodeTime, DerReader, Tag } from "../../../lib/x509/der.ts";
import { derObjectIdentifier } from "../../../lib/x509/der_writer.ts";
import { DecodeError } from "../../../lib/error.ts";
import { bytes, hex, refusesToDecode } from "./builder.ts";

const test = suite("der");
const reader = (text: string): DerReader => new DerReader(hex(text));
const ascii = (text: string): string => Array.from(text, (c) => c.charCodeAt(0).toString(16)).join("");
const time = (tag: string, text: string): number =>
  reader(tag + text.length.toString(16).padStart(2, "0") + ascii(text)).time("t");

test("reads short and long definite lengths", () => {
  assert.equal(reader("04020102").octetString("x"), bytes(1, 2));
  assert.is(reader(`048180${"00".repeat(128)}`).octetString("x").length, 128);
  assert.is(reader(`04820100${"00".repeat(256)}`).octetString("x").length, 256);
});

test("refuses lengths that are indefinite, not the shortest, too many bytes, or beyond the end", () => {
  refusesToDecode(() => reader("3080020101 0000").element("x"), /x at byte 1: an indefinite length/);
  refusesToDecode(() => reader("04810100").element("x"), /length 1 is not in its shortest form/);
  refusesToDecode(() => reader(`0482007f${"00".repeat(127)}`).element("x"), /length 127 is not in its shortest form/);
  refusesToDecode(() => reader(`048200ff${"00".repeat(255)}`).element("x"), /length 255 is not in its shortest form/);
  refusesToDecode(() => reader("04850000000001 00").element("x"), /a length of 5 bytes/);
  refusesToDecode(() => reader("0484ffffffff").element("x"), /its length is 4294967295, but only 0 bytes are left/);
  refusesToDecode(() => reader("040301").element("x"), /its length is 3, but only 1 bytes are left/);
  refusesToDecode(() => reader("04").element("x"), /the bytes end within an element/);
  refusesToDecode(() => reader("").element("x"), /the bytes end within an element/);
});

test("refuses tag numbers above 30", () =>
  refusesToDecode(() => reader("1f1f00").element("x"), /tag numbers above 30/));

test("refuses another type than the one expected, naming both, and bytes left over", () => {
  refusesToDecode(() => reader("020101").octetString("field"), /field at byte 0: OCTET STRING expected, INTEGER found/);
  refusesToDecode(() => reader("8000").octetString("field"), /OCTET STRING expected, \[0\] found/);
  refusesToDecode(() => reader("").octetString("field"), /OCTET STRING expected, the end found/);
  const twice = reader("05000500");
  twice.null("field");
  refusesToDecode(() => twice.end("field"), /field at byte 2: 2 bytes too many/);
});

test("counts offsets from the start of the outermost bytes", () => {
  const inner = reader("3007 3005 0401aa 0201").enter(Tag.SEQUENCE, "a").enter(Tag.SEQUENCE, "b");
  inner.octetString("c");
  refusesToDecode(() => inner.integer("c"), /c at byte 7: its length is 1/);
});

test("refuses to nest deeper than any certificate does", () => {
  let nested: Uint8Array = bytes();
  for (let depth = 0; depth < 40; depth++) nested = bytes(0x30, nested.length, ...nested);
  refusesToDecode(() => {
    let current = new DerReader(nested);
    while (current.remaining > 0) current = current.enter(Tag.SEQUENCE, "x");
  }, /nested deeper than 24 levels/);
});

test("reads canonical booleans only", () => {
  assert.is(reader("0101ff").boolean("x"), true);
  assert.is(reader("010100").boolean("x"), false);
  for (const wrong of ["010101", "0100", "0102ffff"]) refusesToDecode(() => reader(wrong).boolean("x"), /0x00 or 0xff/);
});

test("reads minimal integers only", () => {
  assert.equal(reader("020100").integer("x"), bytes(0));
  assert.equal(reader("020200ff").unsignedInteger("x"), bytes(0xff));
  assert.equal(reader("0201ff").integer("x"), bytes(0xff));
  assert.is(reader("02047fffffff").smallInteger("x"), 2 ** 31 - 1);
  refusesToDecode(() => reader("0200").integer("x"), /without content/);
  refusesToDecode(() => reader("02020001").integer("x"), /not in its shortest form/);
  refusesToDecode(() => reader("0202ff80").integer("x"), /not in its shortest form/);
  refusesToDecode(() => reader("0201ff").unsignedInteger("x"), /negative/);
  refusesToDecode(() => reader("02050080000000").smallInteger("x"), /larger than 2\^31 - 1/);
  refusesToDecode(() => reader("02050100000000").smallInteger("x"), /larger than 2\^31 - 1/);
});

test("reads bit strings whose unused bits are zero", () => {
  assert.equal(reader("0303 07 0580").bitString("x"), { unusedBits: 7, bytes: bytes(0x05, 0x80) });
  assert.equal(reader("0301 00").octetAlignedBitString("x"), bytes());
  refusesToDecode(() => reader("0300").bitString("x"), /without content/);
  refusesToDecode(() => reader("0302 0880").bitString("x"), /8 unused bits/);
  refusesToDecode(() => reader("0301 01").bitString("x"), /1 unused bits in a BIT STRING of 0 bytes/);
  refusesToDecode(() => reader("0302 0101").bitString("x"), /an unused bit is set/);
  refusesToDecode(() => reader("0302 0180").octetAlignedBitString("x"), /whole bytes are expected/);
});

// proves RFC 5280 §B: "This specification mandates support for OIDs"
// proves RFC 5280 §B: "Implementations MUST also support OIDs"
test("reads object identifiers", () => {
  const wide = `2.999.${new Array<number>(9).fill(2 ** 28 - 1).join(".")}.1.22`;
  const many = `1.3.${new Array<number>(18).fill(2 ** 16 - 1).join(".")}`;
  assert.equal([wide.length, many.split(".").length], [100, 20]);
  for (const oid of [wide, many]) assert.is(new DerReader(derObjectIdentifier(oid)).objectIdentifier("x"), oid);
  assert.is(reader("0603551d11").objectIdentifier("x"), "2.5.29.17");
  assert.is(reader("06092a864886f70d01010b").objectIdentifier("x"), "1.2.840.113549.1.1.11");
  assert.is(reader("0602 8837").objectIdentifier("x"), "2.999");
  assert.is(reader("0601 27").objectIdentifier("x"), "0.39");
  refusesToDecode(() => reader("0600").objectIdentifier("x"), /empty or cut off/);
  refusesToDecode(() => reader("06022a86").objectIdentifier("x"), /empty or cut off/);
  refusesToDecode(() => reader("06032a8001").objectIdentifier("x"), /shortest form/);
  refusesToDecode(() => reader("060b2affffffffffffffffff7f").objectIdentifier("x"), /larger than 2\^53 - 1/);
});

// proves RFC 5280 §4.1.2.5: "Conforming applications MUST be able"
// proves RFC 5280 §4.1.2.5.1: "Conforming systems MUST interpret"
test("reads times of both types, the century as RFC 5280 §4.1.2.5.1 says", () => {
  assert.is(time("17", "491231235959Z"), Date.UTC(2049, 11, 31, 23, 59, 59));
  assert.is(time("17", "500101000000Z"), Date.UTC(1950, 0, 1));
  assert.is(time("18", "20500101000000Z"), Date.UTC(2050, 0, 1));
  assert.is(time("18", "99991231235959Z"), Date.UTC(9999, 11, 31, 23, 59, 59));
  assert.is(time("17", "240229000000Z"), Date.UTC(2024, 1, 29));
});

// proves RFC 5280 §4.1.2.5.1: "For the purposes of this profile"
// proves RFC 5280 §4.1.2.5.2: "For the purposes of this profile"
// proves RFC 5280 §4.1.2.5.2: "GeneralizedTime values MUST NOT"
test("refuses times without seconds, with fractions, with a zone, or that don't exist", () => {
  for (
    const wrong of ["4912312359Z", "491231235959", "491231235959+0100", "491231235959.5Z", "49123123595 Z", "x", ""]
  ) {
    refusesToDecode(() => time("17", wrong), /is not of the form YYMMDDHHMMSSZ/);
  }
  for (const wrong of ["20491231235959.5Z", "204912312359Z", "20491231235959", "491231235959Z", "20491231235959ZZ"]) {
    refusesToDecode(() => time("18", wrong), /is not of the form YYYYMMDDHHMMSSZ/);
  }
  for (
    const wrong of [
      "230229000000Z",
      "231301000000Z",
      "230100000000Z",
      "230101240000Z",
      "230101006000Z",
      "230101000060Z",
    ]
  ) {
    refusesToDecode(() => time("17", wrong), /not a date and time that exists/);
  }
  refusesToDecode(() => time("18", "00500101000000Z"), /not a date and time that exists/);
  refusesToDecode(() => time("04", "491231235959Z"), /UTCTime or GeneralizedTime expected, OCTET STRING found/);
  refusesToDecode(() => decodeTime({ ...reader("1701ff").element("t") }, "t"), /"\?" is not of the form/);
});

test("says with every error that a certificate is bad", () => {
  const thrown: unknown[] = [];
  try {
    reader("").element("x");
  } catch (error) {
    thrown.push(error);
  }
  assert.ok(thrown[0] instanceof DecodeError && thrown[0].alert === "bad_certificate");
});

test.run();
