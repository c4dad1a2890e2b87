/**
 * GeneralName: the ways in which a subject can be named, as subjectAltName and name constraints list them.
 * Enters: DER. Leaves: names, and their text for errors; forms that nothing here can compare keep only their type.
 * RFC 5280 §4.2.1.6.
 * @module
 */

import { constructedContextTag, contextTag, derError, type DerReader, tagText } from "./der.ts";
import { latin1Text } from "../codec/bytes.ts";
import { decodeDistinguishedName, type DistinguishedName, plainText } from "./distinguished_name.ts";
import { ipAddressText } from "./ip_address.ts";

/** A name as a certificate has it. Text is as it stands there: ASCII, and nothing else is known of it. */
export type GeneralName =
  | { readonly type: "dNSName"; readonly name: string }
  /** 4 or 16 bytes; in name constraints the address and its mask, 8 or 32 bytes. */
  | { readonly type: "iPAddress"; readonly address: Uint8Array }
  | { readonly type: "directoryName"; readonly name: DistinguishedName }
  | { readonly type: "rfc822Name"; readonly name: string }
  | { readonly type: "uniformResourceIdentifier"; readonly name: string }
  /** Object identifier of what the name is. */
  | { readonly type: "otherName"; readonly typeId: string }
  | { readonly type: "x400Address" | "ediPartyName" | "registeredID" };

/** RFC 9598 §3: a mailbox whose local part isn't ASCII, as an otherName. */
export const smtpUtf8Mailbox = "1.3.6.1.5.5.7.8.9";

export function decodeGeneralName(reader: DerReader, what: string): GeneralName {
  const element = reader.element(what);
  const { tag, content, offset } = element;
  const unsupported = unsupportedForms[tag];
  if (unsupported !== undefined) return { type: unsupported };
  if (tag === constructedContextTag(0)) return decodeOtherName(reader.inside(element, what), what);
  if (tag === constructedContextTag(4)) {
    // Name is a CHOICE, so its tag is explicit (X.680 §31.2.7).
    const inner = reader.inside(element, what);
    const name = decodeDistinguishedName(inner, what);
    inner.end(what);
    return { type: "directoryName", name };
  }
  if (tag === contextTag(7)) return { type: "iPAddress", address: content };
  const type = textForms[tag];
  if (type === undefined) throw derError(what, offset, `${tagText(tag)} is not a form of GeneralName`);
  if (content.some((byte) => byte > 127)) {
    throw derError(what, offset, `its ${type} has characters that are not IA5String`);
  }
  return { type, name: latin1Text(content) };
}

/** A name in an error, short and on one line, whoever chose it: `dNSName "example.com"`. */
export function generalNameText(name: GeneralName): string {
  switch (name.type) {
    case "dNSName":
    case "rfc822Name":
    case "uniformResourceIdentifier":
      return `${name.type} ${quotedText(name.name)}`;
    case "directoryName":
      return `${name.type} "${name.name.text}"`;
    case "iPAddress":
      return `${name.type} ${addressText(name.address)}`;
    case "otherName":
      return `a name of type otherName ${name.typeId}`;
    default:
      return `a name of type ${name.type}`;
  }
}

/** A text that a peer chose, in quotes and cut to what is readable. */
export function quotedText(text: string): string {
  if (text.length <= maxTextLength) return plainText(JSON.stringify(text));
  return `${plainText(JSON.stringify(text.slice(0, maxTextLength)))}… (${text.length} characters)`;
}

function addressText(address: Uint8Array): string {
  if (address.length === 4 || address.length === 16) return ipAddressText(address);
  const half = address.length / 2;
  return `${ipAddressText(address.subarray(0, half))} with mask ${ipAddressText(address.subarray(half))}`;
}

/** OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY DEFINED BY type-id } */
function decodeOtherName(fields: DerReader, what: string): GeneralName {
  const typeId = fields.objectIdentifier(`${what}.type-id`);
  const value = fields.enter(constructedContextTag(0), `${what}.value`);
  value.element(`${what}.value`);
  value.end(`${what}.value`);
  fields.end(what);
  return { type: "otherName", typeId };
}

/** The longest DNS name. */
const maxTextLength = 253;

const unsupportedForms: Readonly<Record<number, "x400Address" | "ediPartyName" | "registeredID">> = {
  [constructedContextTag(3)]: "x400Address",
  [constructedContextTag(5)]: "ediPartyName",
  [contextTag(8)]: "registeredID",
};

const textForms: Readonly<Record<number, "rfc822Name" | "dNSName" | "uniformResourceIdentifier">> = {
  [contextTag(1)]: "rfc822Name",
  [contextTag(2)]: "dNSName",
  [contextTag(6)]: "uniformResourceIdentifier",
};
