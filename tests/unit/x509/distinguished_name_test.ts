import { assert, suite } from "../../harness.ts";
import { DerReader, Tag } from "../../../lib/x509/der.ts";
import { derElement, derObjectIdentifier, derSequence, derSet } from "../../../lib/x509/der_writer.ts";
import {
  decodeDistinguishedName,
  type DistinguishedName,
  encodeCommonName,
  isWithinName,
  sameName,
} from "../../../lib/x509/distinguished_name.ts";
import { AttributeType } from "../../../lib/x509/oids.ts";
import { bytes, refusesToDecode } from "./builder.ts";

const test = suite("distinguished_name");
const decode = (der: Uint8Array): DistinguishedName => decodeDistinguishedName(new DerReader(der), "name");
const text = (value: string, tag: number = Tag.PrintableString): Uint8Array =>
  derElement(tag, Uint8Array.from(value, (character) => character.charCodeAt(0)));
const attribute = (type: string, value: Uint8Array): Uint8Array => derSequence(derObjectIdentifier(type), value);
const name = (...rdns: readonly (readonly Uint8Array[])[]): DistinguishedName =>
  decode(derSequence(...rdns.map((rdn) => derSet(...rdn))));
const cn = (value: string, tag?: number): Uint8Array => attribute(AttributeType.CN, text(value, tag));
const o = (value: string): Uint8Array => attribute(AttributeType.O, text(value));

test("is shown with the most specific attribute first", () => {
  assert.is(name([o("Example")], [cn("example.com")]).text, "CN=example.com, O=Example");
  assert.is(name([o("A"), cn("B")]).text, "O=A + CN=B");
  assert.is(name([attribute("1.2.3", text("x"))]).text, "1.2.3=x");
  assert.is(name([attribute(AttributeType.CN, derElement(Tag["OCTET STRING"], bytes(0, 65)))]).text, "CN=#04020041");
  assert.is(name().text, "");
});

test("lists its attributes as they stand, in order, nothing escaped", () => {
  const octets = attribute(AttributeType.emailAddress, derElement(Tag["OCTET STRING"], bytes(0, 65)));
  assert.equal(name([o(" A,  B\n"), cn('"x"')], [octets]).attributes, [
    { type: AttributeType.O, text: " A,  B\n", isText: true },
    { type: AttributeType.CN, text: '"x"', isText: true },
    { type: AttributeType.emailAddress, text: "#04020041", isText: false },
  ]);
  assert.is(name([cn("A".repeat(9999))]).attributes[0]?.text.length, 9999);
  assert.equal(name().attributes, []);
});

test("is shown with everything escaped that could dress up a message", () => {
  assert.is(name([cn('a, O="b"\\')]).text, 'CN=a\\, O\\=\\"b\\"\\\\');
  assert.is(name([cn("a\r\n\x1b[31m\0")]).text, "CN=a\\u{d}\\u{a}\\u{1b}[31m\\u{0}");
  assert.is(decode(encodeCommonName("a\u202eb")).text, "CN=a\\u{202e}b");
});

test("reads back a common name that it wrote, in any script", () => {
  for (const value of ["example", "Rööt", "根", "🔑", "100%"]) {
    assert.is(decode(encodeCommonName(value)).text, `CN=${value}`);
  }
  assert.equal(decode(encodeCommonName(undefined)).keys, []);
  assert.throws(() => encodeCommonName("\ud800"), URIError);
});

test("is refused with so many combining marks in a row that normalizing them takes long", () => {
  const marked = (count: number): Uint8Array => encodeCommonName("a" + "\u0301\u0316".repeat(count / 2));
  decode(marked(30));
  refusesToDecode(() => decode(marked(32)), /more than 30 combining marks in a row/);
  // What is mapped to nothing parts them no more when they are normalized.
  const parted = encodeCommonName("a" + `${"\u0301\u0316".repeat(8)}\u200b`.repeat(4));
  refusesToDecode(() => decode(parted), /more than 30 combining marks in a row/);
  // Halfwidth sound marks are no marks, and become some by normalizing.
  for (const sound of ["\uff9e", "\uff9f"]) {
    refusesToDecode(() => decode(encodeCommonName("a" + `\u0301${sound}`.repeat(16))), /more than 30 combining marks/);
    decode(encodeCommonName(`\u30ab${sound}`.repeat(50)));
  }
});

test("is the same in whichever type of string it is written", () => {
  const wide = (size: number, value: string): Uint8Array =>
    bytes(...[...value].flatMap((one) => {
      const code = one.codePointAt(0) ?? 0;
      return [code >> 24 & 255, code >> 16 & 255, code >> 8 & 255, code & 255].slice(4 - size);
    }));
  const written = (tag: number, content: Uint8Array) => name([attribute(AttributeType.O, derElement(tag, content))]);
  const evil = name([o("Evil Corp")]);
  for (const tag of [Tag.PrintableString, Tag.IA5String, Tag.TeletexString, Tag.VisibleString, Tag.NumericString]) {
    assert.ok(sameName(written(tag, wide(1, "EVIL  corp")), evil), `${tag}`);
  }
  assert.ok(sameName(written(Tag.TeletexString, bytes(0x52, 0xf6)), name([o("Rö")])));
  assert.ok(sameName(written(Tag.BMPString, wide(2, "Evil Corp")), evil));
  const key = name([attribute(AttributeType.CN, derElement(Tag.UniversalString, wide(4, "Evil 🔑")))]);
  assert.ok(sameName(key, decode(encodeCommonName("evil 🔑"))));
  assert.ok(sameName(name([o("STRASSE")]), name([o("straße")])));
  // What is no text in its type is compared as bytes.
  for (
    const [tag, content] of [[Tag.BMPString, bytes(0)], [Tag.BMPString, bytes(0xd8, 0)], [
      Tag.UniversalString,
      bytes(0, 0x11, 0, 0),
    ]] as const
  ) {
    assert.is(written(tag, content).attributes[0]?.isText, false);
  }
  const marks = bytes(...Array.from({ length: 32 }, () => [0x03, 0x01]).flat());
  refusesToDecode(() => written(Tag.BMPString, marks), /more than 30 combining marks/);
});

test("is cut where people read it, and compared whole", () => {
  assert.match(name([cn("A".repeat(9999))]).text, /^CN=A{497}… \(10002 characters\)$/);
  assert.ok(sameName(name([cn("A".repeat(9999))]), name([cn("a".repeat(9999))])));
  assert.not.ok(sameName(name([cn("A".repeat(9999))]), name([cn("A".repeat(9998))])));
});

// proves RFC 5280 §7.1: "Conforming implementations MUST use the LDAP"
// proves RFC 5280 §7.1: "Conforming implementations MUST support name comparisons"
// proves RFC 5280 §7.1: "Conforming implementations MUST support UTF8String"
test("matches without regard to case, surplus blanks and the type of string, as RFC 5280 §7.1 wants", () => {
  assert.ok(sameName(name([cn("Example CA")]), name([cn("  example   ca ", Tag.UTF8String)])));
  assert.ok(sameName(decode(encodeCommonName("RÖÖT")), decode(encodeCommonName("röo\u0308t"))));
  assert.ok(sameName(name([o("a"), cn("b")]), name([cn("b"), o("a")])));
});

test("matches without regard to what RFC 4518 §2.2 maps to nothing, and takes all separators for blanks", () => {
  const same = (one: string, other: string): boolean =>
    sameName(decode(encodeCommonName(one)), decode(encodeCommonName(other)));
  const nothing =
    "\0\b\x0e\x1f\x7f\x84\x86\x9f\xad\u034f\u06dd\u070f\u1806\u180b\u180d\u180e\u200b\u200f\u202a\u202e\u2060" +
    "\u2063\u206a\u206f\ufe00\ufe0f\ufeff\ufff9\ufffb\ufffc\u{1d173}\u{1d17a}\u{e0001}\u{e0020}\u{e007f}";
  for (const character of nothing) {
    const code = character.codePointAt(0)?.toString(16);
    assert.ok(same(`Exa${character}mple`, "example"), code);
    assert.not(same(`Exa${character}mple`, "exa mple"), code);
  }
  for (const character of "\t\n\v\f\r\x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000") {
    const code = character.codePointAt(0)?.toString(16);
    assert.ok(same(`Exa${character}mple`, "exa mple"), code);
    assert.ok(same(`${character}Example${character}`, "example"), code);
  }
  assert.ok(isWithinName(name([o("a")], [cn("b")]), name([o("a\0")])));
});

// proves RFC 5280 §4.1.2.4: "Implementations of this specification MUST"
// proves RFC 5280 §4.1.2.4: "However, conforming implementations MUST"
// proves RFC 5280 §4.1.2.4: "In addition, implementations of this"
// proves RFC 5280 §4.1.2.6: "Implementations of this specification MUST"
// proves RFC 5280 §7.1: "Comparisons of domainComponent"
test("reads and compares every attribute that names are made of, in each type of string", () => {
  const types = ["C", "O", "OU", "dnQualifier", "ST", "CN", "serialNumber", "DC", "L", "title", "SN", "GN"] as const;
  for (const type of [...types, "initials", "pseudonym", "generationQualifier"] as const) {
    for (const tag of [Tag.PrintableString, Tag.UTF8String, Tag.IA5String]) {
      const one = name([attribute(AttributeType[type], text("Example", tag))]);
      assert.is(one.text, `${type}=Example`);
      assert.ok(sameName(one, name([attribute(AttributeType[type], text("eXAMPLE", Tag.UTF8String))])));
      assert.not(sameName(one, name([attribute(AttributeType[type], text("Example2", tag))])));
    }
  }
});

test("doesn't match another value, type, order or number", () => {
  const base = name([o("a")], [cn("b")]);
  for (
    const other of [
      name([o("a")]),
      name([cn("b")], [o("a")]),
      name([o("a"), cn("b")]),
      name([o("a")], [cn("c")]),
      name(),
    ]
  ) {
    assert.not(sameName(base, other));
  }
  assert.not(sameName(name([o("x")]), name([cn("x")])));
  assert.not(sameName(name([cn("a b")]), name([cn("ab")])));
  assert.not(
    sameName(name([attribute("2.5.4.3", derElement(Tag["OCTET STRING"], bytes(0, 65)))]), name([cn("#04020041")])),
  );
});

test("is within another name that it begins with", () => {
  const base = name([o("a")]);
  assert.ok(isWithinName(name([o("A")], [cn("b")]), base));
  assert.ok(isWithinName(base, base));
  assert.ok(isWithinName(base, name()));
  assert.not(isWithinName(base, name([o("a")], [cn("b")])));
  assert.not(isWithinName(name([cn("b")], [o("a")]), base));
});

test("refuses an empty RelativeDistinguishedName, fields too many, and text that is not UTF-8", () => {
  refusesToDecode(() => name([]), /an empty RelativeDistinguishedName/);
  refusesToDecode(
    () => decode(derSequence(derSet(derSequence(derObjectIdentifier("2.5.4.3"), text("a"), text("b"))))),
    /3 bytes too many/,
  );
  for (const wrong of [bytes(0xff), bytes(0xc0, 0x80), bytes(0xed, 0xa0, 0x80), bytes(0xe2, 0x82)]) {
    refusesToDecode(
      () => name([attribute(AttributeType.CN, derElement(Tag.UTF8String, wrong))]),
      /name\.CN at byte .* is not UTF-8/,
    );
  }
});

test.run();
