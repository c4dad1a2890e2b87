/**
 * Names in the making: distinguished names of attributes, and the forms of GeneralName.
 * Enters: attributes, text, addresses; what was decoded may be given again. Leaves: DER. Throws RangeError for what has
 * none. Whether a name is a sensible one is checked in `issue_checks.ts`: wrong ones can be written for tests.
 * RFC 5280 §4.1.2.4, §4.2.1.6, §4.2.1.10, A.1.
 * @module
 */

import { asciiBytes, concat } from "../codec/bytes.ts";
import {
  derConstructed,
  derIa5String,
  derImplicit,
  derObjectIdentifier,
  derPrintableString,
  derSequence,
  derSet,
  derUtf8String,
} from "./der_writer.ts";
import { parseIpAddress } from "./ip_address.ts";
import { AttributeType } from "./oids.ts";

/** A short name of an attribute: `CN`, `O`, `C` … */
export type AttributeTypeName = keyof typeof AttributeType;

/** An attribute of a distinguished name: `{ type: "O", value: "Example" }`. */
export interface NameAttributeInput {
  readonly type: AttributeTypeName;
  readonly value: string;
}

/**
 * A distinguished name: its attributes, most general first, each a RelativeDistinguishedName of its own; or its DER, as
 * decoded names have it.
 */
export type NameInput = readonly NameAttributeInput[] | { readonly der: Uint8Array };

/** A name to be written. Decoded names of these types may be given again. */
export type GeneralNameInput =
  | { readonly type: "dNSName" | "rfc822Name" | "uniformResourceIdentifier"; readonly name: string }
  /**
   * As text (`192.0.2.1`), or 4 or 16 bytes. In name constraints a range: as text (`192.0.2.0/24`), or the address and
   * its mask, 8 or 32 bytes.
   */
  | { readonly type: "iPAddress"; readonly address: string | Uint8Array }
  | { readonly type: "directoryName"; readonly name: NameInput };

/** DER of a Name. */
export function encodeName(name: NameInput): Uint8Array<ArrayBuffer> {
  if ("der" in name) return Uint8Array.from(name.der);
  return derSequence(...name.map(({ type, value }) => {
    const encode = stringTypes[type] ?? derUtf8String;
    return derSet(derSequence(derObjectIdentifier(AttributeType[type]), encode(value)));
  }));
}

/** DER of a GeneralName. */
export function encodeGeneralName(name: GeneralNameInput): Uint8Array<ArrayBuffer> {
  switch (name.type) {
    case "iPAddress":
      // RFC 5280 §4.2.1.6 MUST: "When the subjectAltName extension contains an iPAddress, the address MUST be stored in the octet string in "network byte order", as specified in [RFC791]."
      return derImplicit(7, addressBytes(name.address));
    case "directoryName":
      // Name is a CHOICE, so its tag is explicit (X.680 §31.2.7).
      return derConstructed(4, encodeName(name.name));
    default:
      return derImplicit(textForms[name.type], asciiBytes(name.name));
  }
}

/** The address and its mask of a range in CIDR notation (RFC 4632 §3.1), 8 or 32 bytes; `undefined` for other text. */
export function parseIpRange(text: string): Uint8Array | undefined {
  const [, addressText = "", length] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const address = parseIpAddress(addressText);
  const ones = Number(length);
  if (address === undefined || ones > address.length * 8) return undefined;
  const mask = address.map((_, index) => 0xff00 >> Math.min(8, Math.max(0, ones - index * 8)));
  return concat(address, mask);
}

function addressBytes(address: string | Uint8Array): Uint8Array {
  if (typeof address !== "string") return address;
  const bytes = parseIpAddress(address) ?? parseIpRange(address);
  if (bytes === undefined) throw new RangeError(`Cannot encode "${address}": it is neither an IP address nor a range`);
  return bytes;
}

/**
 * RFC 5280 A.1: what isn't a DirectoryString. Those are UTF8String.
 * RFC 5280 §4.1.2.4 MUST: "CAs conforming to this profile MUST use either the PrintableString or UTF8String encoding of DirectoryString, with two exceptions."
 * RFC 5280 §4.1.2.6 MUST: "When encoding attribute values of type DirectoryString, conforming CAs MUST use PrintableString or UTF8String encoding"
 * RFC 5280 appendix B MUST: "Such addresses MUST be encoded using an ASN.1 type that supports them."
 */
const stringTypes: Readonly<Partial<Record<AttributeTypeName, (text: string) => Uint8Array>>> = {
  C: derPrintableString,
  serialNumber: derPrintableString,
  dnQualifier: derPrintableString,
  DC: derIa5String,
  emailAddress: derIa5String,
};

// RFC 5280 §4.2.1.6 MUST: "When the subjectAltName extension contains an Internet mail address, the address MUST be stored in the rfc822Name."
// RFC 5280 §4.2.1.6 MUST: "When the subjectAltName extension contains a domain name system label, the domain name MUST be stored in the dNSName (an IA5String)."
// RFC 5280 §4.2.1.6 MUST: "When the subjectAltName extension contains a URI, the name MUST be stored in the uniformResourceIdentifier (an IA5String)."
const textForms = { rfc822Name: 1, dNSName: 2, uniformResourceIdentifier: 6 } as const;
