/**
 * Distinguished names: who a certificate is about, and who issued it.
 * Enters: the DER of a Name. Leaves: its text for people, and keys by which names are compared; and DER for new names.
 * RFC 5280 §4.1.2.4, §7.1; text as in RFC 4514. Knows no certificate.
 * @module
 */

import { type DerElement, derError, type DerReader, Tag, tagText } from "./der.ts";
import { derElement, derObjectIdentifier, derSequence, derSet } from "./der_writer.ts";
import { latin1Text, toHex } from "../codec/bytes.ts";
import { AttributeType, oidName } from "./oids.ts";

/** The name of a subject or an issuer. */
export interface DistinguishedName {
  readonly der: Uint8Array;
  /** For people, most specific first: `CN=example.com, O=Example, C=DE`. Control characters are escaped. */
  readonly text: string;
  /** For each RelativeDistinguishedName, in order, a text that is equal exactly when the names match. */
  readonly keys: readonly string[];
  /** All attributes in the name, in order. */
  readonly attributes: readonly NameAttribute[];
}

/** One attribute of a name, as it stands. */
export interface NameAttribute {
  /** Object identifier, see `AttributeType`. */
  readonly type: string;
  /** The value, nothing in it escaped; for what is no string, `#` and the DER in hexadecimal. */
  readonly text: string;
  /** Whether the value is a string, and so can be compared as people read it. */
  readonly isText: boolean;
}

interface Attribute extends NameAttribute {
  /** For people: `CN=example.com`. */
  readonly shown: string;
  readonly key: string;
}

export function decodeDistinguishedName(reader: DerReader, what: string): DistinguishedName {
  const element = reader.expect(Tag.SEQUENCE, what);
  const names = reader.inside(element, what);
  const rdns: (readonly Attribute[])[] = [];
  while (names.remaining > 0) rdns.push(decodeRelativeName(names.enter(Tag.SET, what), what));
  return {
    der: element.whole,
    text: shortened(rdns.toReversed().map((rdn) => rdn.map(({ shown }) => shown).join(" + ")).join(", ")),
    keys: rdns.map((rdn) => JSON.stringify(rdn.map(({ key }) => key).sort())),
    attributes: rdns.flatMap((rdn) => rdn.map(({ type, text, isText }) => ({ type, text, isText }))),
  };
}

/** RFC 5280 §7.1: the same attributes in the same order, compared without regard to case and to surplus blanks. */
export function sameName(one: DistinguishedName, other: DistinguishedName): boolean {
  return one.keys.length === other.keys.length && isWithinName(one, other);
}

/** RFC 5280 §7.1: whether `name` is `base` or something below it. */
export function isWithinName(name: DistinguishedName, base: DistinguishedName): boolean {
  // RFC 5280 §4.2.1.10 MUST: "When applying restrictions of the form directoryName, an implementation MUST compare DN attributes."
  // RFC 5280 §4.2.1.10 MUST: "At a minimum, implementations MUST perform the DN comparison rules specified in Section 7.1."
  return name.keys.length >= base.keys.length && base.keys.every((key, index) => key === name.keys[index]);
}

/** A name with one commonName, or the empty name. */
export function encodeCommonName(commonName: string | undefined): Uint8Array<ArrayBuffer> {
  if (commonName === undefined) return derSequence();
  const value = derElement(Tag.UTF8String, utf8Bytes(commonName));
  return derSequence(derSet(derSequence(derObjectIdentifier(AttributeType.CN), value)));
}

/** Control and format characters escaped: a name must not be able to dress up an error message. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

function decodeRelativeName(reader: DerReader, what: string): readonly Attribute[] {
  const attributes: Attribute[] = [];
  if (reader.remaining === 0) throw derError(what, reader.offset, "an empty RelativeDistinguishedName");
  while (reader.remaining > 0) attributes.push(decodeAttribute(reader.enter(Tag.SEQUENCE, what), what));
  return attributes;
}

function decodeAttribute(reader: DerReader, what: string): Attribute {
  // RFC 5280 §4.1.2.4 MUST: "Implementations of this specification MUST be prepared to receive the following standard attribute types in issuer and subject (Section 4.1.2.6) names:"
  // RFC 5280 §4.1.2.4 MUST: "However, conforming implementations MUST be prepared to receive certificates with issuer names containing the set of attribute types defined below."
  // RFC 5280 §4.1.2.4 MUST: "In addition, implementations of this specification MUST be prepared to receive the domainComponent attribute, as defined in [RFC4519]."
  // RFC 5280 §4.1.2.6 MUST: "Implementations of this specification MUST be prepared to receive subject names containing the attribute types required for the issuer field."
  const type = reader.objectIdentifier(what);
  const value = reader.element(what);
  reader.end(what);
  const name = oidName(AttributeType, type);
  const text = attributeText(value, `${what}.${name}`);
  if (text === undefined) {
    const whole = `#${toHex(value.whole)}`;
    return { type, text: whole, isText: false, shown: `${name}=${whole}`, key: `${type}${whole}` };
  }
  return { type, text, isText: true, shown: `${name}=${escaped(text)}`, key: `${type}=${prepared(text)}` };
}

/** The text of a value, or `undefined` for what is no string: such values are compared as bytes. */
function attributeText({ tag, content, offset }: DerElement, what: string): string | undefined {
  const text = stringText(tag, content);
  if (text === undefined && tag === Tag.UTF8String) throw derError(what, offset, `its ${tagText(tag)} is not UTF-8`);
  if (text === undefined || isPlain(text)) return text;
  // Unicode's Stream-Safe Text Format (UAX #15 §13) has at most 30. Normalizing takes the square of their number.
  // The halfwidth sound marks U+FF9E and U+FF9F become combining marks by it.
  if (/[\p{M}\uff9e\uff9f]{31}/u.test(mapped(text))) {
    throw derError(what, offset, "it has more than 30 combining marks in a row");
  }
  return text;
}

/** A name is the same in whichever type of string it is written: an excluded one can't hide in an unusual type. */
function stringText(tag: number, content: Uint8Array): string | undefined {
  switch (tag) {
    // RFC 5280 §7.1 MUST: "Conforming implementations MUST support UTF8String and PrintableString."
    case Tag.UTF8String:
      return content.every((byte) => byte < 0x80) ? latin1Text(content) : utf8Text(content);
    case Tag.PrintableString:
    case Tag.IA5String:
    case Tag.NumericString:
    case Tag.VisibleString:
    // X.690 §8.23 DEVIATION: TeletexString is read as ISO 8859-1, because that is what CAs wrote there, and OpenSSL reads.
    case Tag.TeletexString:
      return latin1Text(content);
    case Tag.BMPString:
      return codePointText(content, 2);
    case Tag.UniversalString:
      return codePointText(content, 4);
    default:
      return undefined;
  }
}

/** Big-endian code points of so many bytes each; `undefined` for bytes that aren't whole characters. */
function codePointText(content: Uint8Array, size: 2 | 4): string | undefined {
  if (content.length % size !== 0) return undefined;
  let text = "";
  for (let start = 0; start < content.length; start += size) {
    const codePoint = content.subarray(start, start + size).reduce((sum, byte) => sum * 256 + byte, 0);
    if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint < 0xe000)) return undefined;
    text += String.fromCodePoint(codePoint);
  }
  return text;
}

/**
 * RFC 5280 §7.1: the string preparation of RFC 4518.
 * RFC 5280 §7.1 DEVIATION: case folding is that of the language's toLowerCase, with ß as ss, not the table of RFC 3454,
 * because the two differ in a few letters of scripts that no authority is known to limit names in.
 *
 * RFC 5280 §7.1 DEVIATION: of the steps that implementations have in "MUST perform the six-step string preparation algorithm described in [RFC4518]" the fourth and fifth are left out, and "attributes MUST be treated as stored values" has no meaning without them: characters that are prohibited, or unassigned, or go both ways, are compared as they stand, because who has certified such a name means that name.
 */
function prepared(text: string): string {
  // RFC 5280 §7.1 MUST: "Conforming implementations MUST use the LDAP StringPrep profile (including insignificant space handling), as specified in [RFC4518], as the basis for comparison"
  // RFC 5280 §7.1 MUST: "Conforming implementations MUST support name comparisons using caseIgnoreMatch."
  // RFC 5280 §7.1 MUST: "Comparisons of domainComponent attributes MUST be performed as specified in Section 7.3."
  // Of plain ASCII, which most names are, nothing is mapped or normalized but blanks.
  if (isPlain(text)) return text.toLowerCase().replace(/ {2,}/g, " ").trim();
  return mapped(text).normalize("NFKC").toLowerCase().replaceAll("ß", "ss").normalize("NFKC").replace(
    /[\s\x85]+/gu,
    " ",
  )
    .trim();
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** RFC 4518 §2.2: without what is mapped to nothing. Otherwise nobody could see that a name isn't the one excluded. */
function mapped(text: string): string {
  return text.replace(mappedToNothing, "");
}

/** RFC 4518 §2.2: controls that aren't spaces, and what nobody sees. */
const mappedToNothing =
  /(?![\t-\r\x85])\p{Cc}|[\xad\u034f\u06dd\u070f\u1806\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2063\u206a-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffc\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/gu;

/** What an error says of a name, at most: a peer chooses how long it is. In characters. */
const maxTextLength = 500;

function shortened(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)}… (${text.length} characters)` : text;
}

/** RFC 4514 §2.4. */
function escaped(text: string): string {
  return plainText(text.replace(/[\\,+"<>;=]/g, (character) => `\\${character}`));
}

/** Strict UTF-8 (no overlong forms, no surrogates); `undefined` for anything else. */
function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return decodeURIComponent(toHex(bytes).replace(/../g, "%$&"));
  } catch {
    return undefined;
  }
}

/** UTF-8; throws URIError on a lone surrogate. */
function utf8Bytes(text: string): Uint8Array {
  const bytes = encodeURIComponent(text).match(/%[0-9A-F]{2}|[^%]/g) ?? [];
  return Uint8Array.from(bytes, (byte) => byte.length === 3 ? Number.parseInt(byte.slice(1), 16) : byte.charCodeAt(0));
}
