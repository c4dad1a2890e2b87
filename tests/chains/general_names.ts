/**
 * Names of every form, from which random chains choose: those in subjectAltName, the bases of name constraints, and the
 * names that a client wants. Small and close to each other, so that they often match, or nearly do.
 * @module
 */

import { asciiBytes, concat } from "../../lib/codec/bytes.ts";
import { derConstructed, derImplicit, derObjectIdentifier, derSequence } from "../../lib/x509/der_writer.ts";
import { parseIpAddress } from "../../lib/x509/ip_address.ts";
import { derElement } from "../../lib/x509/der_writer.ts";
import { Tag } from "../../lib/x509/der.ts";
import { nameOf } from "./draft.ts";

export type NameForm = "dns" | "ip" | "email" | "uri" | "dn" | "other" | "registeredId";

export interface FormedName {
  readonly form: NameForm;
  readonly text: string;
  /** DER of the GeneralName. */
  readonly der: Uint8Array;
}

const dns = (text: string): FormedName => ({ form: "dns", text, der: derImplicit(2, asciiBytes(text)) });
const email = (text: string): FormedName => ({ form: "email", text, der: derImplicit(1, asciiBytes(text)) });
const uri = (text: string): FormedName => ({ form: "uri", text, der: derImplicit(6, asciiBytes(text)) });
const ip = (text: string): FormedName => ({ form: "ip", text, der: derImplicit(7, ...text.split("/").map(address)) });
const dn = (text: string, name: Uint8Array): FormedName => ({ form: "dn", text, der: derConstructed(4, name) });

function address(text: string): Uint8Array {
  return parseIpAddress(text) ?? Uint8Array.from(text.split(".").map(Number));
}

const other: FormedName = {
  form: "other",
  text: "otherName",
  der: derConstructed(
    0,
    concat(
      derObjectIdentifier("1.3.6.1.4.1.311.20.2.3"),
      derConstructed(0, derElement(Tag.UTF8String, asciiBytes("a@b"))),
    ),
  ),
};
const registered: FormedName = {
  form: "registeredId",
  text: "1.2.3.4",
  der: derImplicit(8, derObjectIdentifier("1.2.3.4").subarray(2)),
};

/** Names for subjectAltName. */
export const presentedNames: readonly FormedName[] = [
  dns("www.example.com"),
  dns("example.com"),
  dns("*.example.com"),
  dns("a.b.example.com"),
  dns("*.b.example.com"),
  dns("WWW.Example.COM"),
  dns("other.example.org"),
  dns("badexample.com"),
  dns("*.com"),
  dns("*"),
  dns("w*.example.com"),
  dns("*.*.example.com"),
  dns("www.*.com"),
  dns("a_b.example.com"),
  dns("-x.example.com"),
  dns("example.com."),
  dns(".example.com"),
  dns(""),
  dns("192.0.2.1"),
  dns("xn--bcher-kva.example.com"),
  ip("192.0.2.1"),
  ip("192.0.3.1"),
  ip("2001:db8::1"),
  ip("2001:db9::1"),
  ip("::ffff:192.0.2.1"),
  email("user@example.com"),
  email("user@mail.example.com"),
  email("User@EXAMPLE.com"),
  email("user@example.org"),
  email("nobody"),
  uri("https://www.example.com/x"),
  uri("https://example.com/"),
  uri("https://user@www.example.com:8443/"),
  uri("https://192.0.2.1/"),
  uri("urn:example:x"),
  dn("O=Example Org, CN=alias", nameOf([["O", "Example Org"], ["CN", "alias"]])),
  dn("O=Other Org, CN=alias", nameOf([["O", "Other Org"], ["CN", "alias"]])),
  other,
  registered,
];

/** Bases of subtrees. */
export const constraintBases: readonly FormedName[] = [
  dns("example.com"),
  dns("www.example.com"),
  dns("b.example.com"),
  dns(".example.com"),
  dns("com"),
  dns(""),
  dns("EXAMPLE.com"),
  dns("ample.com"),
  dns("example.org"),
  dns("*.example.com"),
  dns("example.com."),
  ip("192.0.2.0/255.255.255.0"),
  ip("192.0.2.1/255.255.255.255"),
  ip("0.0.0.0/0.0.0.0"),
  ip("2001:db8::/ffff:ffff::"),
  ip("::/::"),
  ip("192.0.2.0/255.0.255.0"),
  ip("192.0.2.1"),
  email("example.com"),
  email(".example.com"),
  email("user@example.com"),
  email("USER@example.com"),
  uri("www.example.com"),
  uri("example.com"),
  uri(".example.com"),
  dn("O=Example Org", nameOf([["O", "Example Org"]])),
  dn("O=EXAMPLE  org", nameOf([["O", "EXAMPLE  org"]], Tag.PrintableString)),
  dn("O=Other Org", nameOf([["O", "Other Org"]])),
  dn("empty", nameOf([])),
  other,
  registered,
];

/** Names that a client wants. */
export const wantedNames: readonly string[] = [
  "www.example.com",
  "example.com",
  "a.b.example.com",
  "x.b.example.com",
  "other.example.org",
  "WWW.EXAMPLE.COM",
  "badexample.com",
  "xn--bcher-kva.example.com",
  "a_b.example.com",
  "192.0.2.1",
  "192.0.3.1",
  "2001:db8::1",
  "www.example.com.",
];

/** The wanted name that a presented one is for, where there is one. */
export function wantedFor({ form, text }: FormedName): string {
  if (form === "ip") return text;
  const name = text.replace(/^\*\./, "x.").toLowerCase();
  return form === "dns" && /^[a-z][a-z0-9_.-]*[a-z]$/.test(name) ? name : "www.example.com";
}

/** NameConstraints in DER. */
export function nameConstraints(permitted: readonly FormedName[], excluded: readonly FormedName[]): Uint8Array {
  const subtrees = (number: number, bases: readonly FormedName[]): Uint8Array[] =>
    bases.length === 0 ? [] : [derConstructed(number, ...bases.map(({ der }) => derSequence(der)))];
  return derSequence(...subtrees(0, permitted), ...subtrees(1, excluded));
}

export function subjectAltName(names: readonly FormedName[]): Uint8Array {
  return derSequence(...names.map(({ der }) => der));
}
