/**
 * GeneralName: the ways in which a subject can be named, as subjectAltName and name constraints list them.
 * Enters: DER. Leaves: names; forms that nothing here can compare keep only their type. RFC 5280 §4.2.1.6.
 * @module
 */

import { constructedContextTag, contextTag, derError, type DerReader, tagText } from "./der.ts";
import { latin1Text } from "../codec/bytes.ts";
import { decodeDistinguishedName, type DistinguishedName } from "./distinguished_name.ts";

export type GeneralName =
  | { readonly type: "dNSName"; readonly name: string }
  /** 4 or 16 bytes; in name constraints the address and its mask, 8 or 32 bytes. */
  | { readonly type: "iPAddress"; readonly address: Uint8Array }
  | { readonly type: "directoryName"; readonly name: DistinguishedName }
  | { readonly type: "rfc822Name"; readonly name: string }
  | { readonly type: "uniformResourceIdentifier"; readonly name: string }
  | { readonly type: "otherName" | "x400Address" | "ediPartyName" | "registeredID" };

export function decodeGeneralName(reader: DerReader, what: string): GeneralName {
  const element = reader.element(what);
  const { tag, content, offset } = element;
  const unsupported = unsupportedForms[tag];
  if (unsupported !== undefined) return { type: unsupported };
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

const unsupportedForms: Readonly<Record<number, "otherName" | "x400Address" | "ediPartyName" | "registeredID">> = {
  [constructedContextTag(0)]: "otherName",
  [constructedContextTag(3)]: "x400Address",
  [constructedContextTag(5)]: "ediPartyName",
  [contextTag(8)]: "registeredID",
};

const textForms: Readonly<Record<number, "rfc822Name" | "dNSName" | "uniformResourceIdentifier">> = {
  [contextTag(1)]: "rfc822Name",
  [contextTag(2)]: "dNSName",
  [contextTag(6)]: "uniformResourceIdentifier",
};
