/**
 * Defects of extensions that limit or describe, and of names.
 * @module
 */

import { asciiBytes } from "../../lib/codec/bytes.ts";
import { Tag } from "../../lib/x509/der.ts";
import {
  derBoolean,
  derConstructed,
  derElement,
  derImplicit,
  derInteger,
  derNull,
  derObjectIdentifier,
  derSequence,
  derSet,
} from "../../lib/x509/der_writer.ts";
import { anyPolicy, AttributeType, ExtensionId } from "../../lib/x509/oids.ts";
import { type Answers, type Defect, forging, ofCertificate, undecodable } from "./defect.ts";
import { type Draft, nameOf, type Place, withExtension, withoutExtension } from "./draft.ts";
import { constraintBases, nameConstraints, presentedNames, subjectAltName } from "./general_names.ts";

const everywhere = { leaf: "refused", ca: "refused", anchor: "refused" } as const;
const harmless = { leaf: "accepted", ca: "accepted", anchor: "accepted" } as const;
/** RFC 5280 §6.1: policies of certificates count from the trust anchor's own ones down, those of the trust anchor don't. */
const belowAnchor = { leaf: "refused", ca: "refused", anchor: "accepted" } as const;
const all: readonly Place[] = ["leaf", "ca", "anchor"];

function extended(name: string, ours: Answers, oid: string, critical: boolean, value: Uint8Array): Defect {
  return ofCertificate(name, ours, (draft) => withExtension(draft, oid, critical, value));
}

const unknown = "1.3.6.1.4.1.99999.7";
const policies = (...oids: readonly string[]): Uint8Array =>
  derSequence(...oids.map((oid) => derSequence(derObjectIdentifier(oid))));
const policyConstraints = (explicit: number | undefined, mapping: number | undefined): Uint8Array =>
  derSequence(
    ...explicit === undefined ? [] : [derImplicit(0, derInteger(explicit).subarray(2))],
    ...mapping === undefined ? [] : [derImplicit(1, derInteger(mapping).subarray(2))],
  );
const noNames = derSequence();
const mustStaple = derSequence(derInteger(5));
const distributionPoints = derSequence(derSequence(derConstructed(
  0,
  derConstructed(0, derImplicit(6, asciiBytes("http://crl.example.com/"))),
)));

export const extensionDefects: readonly Defect[] = [
  extended("an unknown critical extension", everywhere, unknown, true, derNull()),
  extended("an unknown extension", harmless, unknown, false, derNull()),
  extended("a precertificate's poison", everywhere, ExtensionId.precertificatePoison, true, derNull()),
  extended("must-staple", everywhere, ExtensionId.tlsFeature, false, mustStaple),
  extended("must-staple, critically", everywhere, ExtensionId.tlsFeature, true, mustStaple),
  extended(
    "cRLDistributionPoints, critically",
    harmless,
    ExtensionId.cRLDistributionPoints,
    true,
    distributionPoints,
  ),
  extended("a policy", harmless, ExtensionId.certificatePolicies, false, policies("1.2.3.4")),
  extended("any policy, critically", harmless, ExtensionId.certificatePolicies, true, policies(anyPolicy)),
  extended("a policy twice", belowAnchor, ExtensionId.certificatePolicies, false, policies("1.2.3.4", "1.2.3.4")),
  extended(
    "an explicit policy required",
    belowAnchor,
    ExtensionId.policyConstraints,
    true,
    policyConstraints(0, undefined),
  ),
  extended(
    "an explicit policy required, not critically",
    belowAnchor,
    ExtensionId.policyConstraints,
    false,
    policyConstraints(0, undefined),
  ),
  extended("no mapping allowed", harmless, ExtensionId.policyConstraints, true, policyConstraints(undefined, 0)),
  extended("empty policyConstraints", belowAnchor, ExtensionId.policyConstraints, false, noNames),
  extended("any policy inhibited", harmless, ExtensionId.inhibitAnyPolicy, true, derInteger(0)),
  ofCertificate("any policy mapped", { ca: "refused" }, (draft) =>
    withExtension(
      withExtension(draft, ExtensionId.certificatePolicies, false, policies(anyPolicy)),
      ExtensionId.policyMappings,
      false,
      derSequence(derSequence(derObjectIdentifier(anyPolicy), derObjectIdentifier("1.2.3.4"))),
    )),
  undecodable("an extension twice", all, (draft) => ({
    ...draft,
    extensions: [...draft.extensions, ...draft.extensions.slice(0, 1)],
  })),
  undecodable("an unknown extension twice", all, (draft) => {
    const extension = { oid: unknown, critical: false, value: derNull() };
    return { ...draft, extensions: [...draft.extensions, extension, extension] };
  }),
  undecodable(
    "an empty list of extensions",
    all,
    forging(() => ({
      parts: () => ({ version: derConstructed(0, derInteger(2)), extensions: derConstructed(3, derSequence()) }),
    })),
  ),
  extended(
    "name constraints on a leaf",
    { leaf: "accepted" },
    ExtensionId.nameConstraints,
    true,
    nameConstraints(constraintBases.slice(0, 1), []),
  ),
  undecodable(
    "empty name constraints",
    ["ca", "anchor"],
    (draft) => withExtension(draft, ExtensionId.nameConstraints, true, derSequence()),
  ),
  undecodable("name constraints with a minimum", ["ca", "anchor"], (draft) =>
    withExtension(
      draft,
      ExtensionId.nameConstraints,
      true,
      derSequence(derConstructed(
        0,
        derSequence(derImplicit(2, asciiBytes("example.com")), derImplicit(0, Uint8Array.of(1))),
      )),
    )),
];

function withSubject(draft: Draft, subject: Uint8Array): Draft {
  return { ...draft, subject };
}

/** The capitals of the names in use; nothing else in their DER is any of these. */
function inSmallLetters(name: Uint8Array): Uint8Array {
  return name.map((byte) => asciiBytes("CREO").includes(byte) ? byte + 0x20 : byte);
}

const namesOfLeaf = presentedNames.slice(0, 1);

export const nameDefects: readonly Defect[] = [
  ofCertificate(
    "no subjectAltName",
    { leaf: "refused" },
    (draft) => withoutExtension(draft, ExtensionId.subjectAltName),
  ),
  ofCertificate(
    "its name only in the common name",
    { leaf: "refused" },
    (draft, { serverName }) =>
      withSubject(withoutExtension(draft, ExtensionId.subjectAltName), nameOf([["CN", serverName]])),
  ),
  ofCertificate(
    "its name only in the common name, others in subjectAltName",
    { leaf: "refused" },
    (draft, layout) =>
      withSubject(
        withExtension(draft, ExtensionId.subjectAltName, false, subjectAltName(presentedNames.slice(25, 26))),
        nameOf([["CN", layout.serverName]]),
      ),
  ),
  undecodable(
    "an empty subjectAltName",
    ["leaf"],
    (draft) => withExtension(draft, ExtensionId.subjectAltName, false, noNames),
  ),
  ofCertificate("no subject, and subjectAltName not critical", { leaf: "accepted" }, (draft) => {
    const san = draft.extensions.find(({ oid }) => oid === ExtensionId.subjectAltName);
    const value = san?.value ?? subjectAltName(namesOfLeaf);
    return withSubject(withExtension(draft, ExtensionId.subjectAltName, false, value), noNames);
  }),
  undecodable("an address of five bytes", ["leaf"], (draft) =>
    withExtension(
      draft,
      ExtensionId.subjectAltName,
      false,
      derSequence(...namesOfLeaf.map(({ der }) => der), derImplicit(7, Uint8Array.of(1, 2, 3, 4, 5))),
    )),
  undecodable("a DNS name that is not ASCII", ["leaf"], (draft) =>
    withExtension(
      draft,
      ExtensionId.subjectAltName,
      false,
      derSequence(...namesOfLeaf.map(({ der }) => der), derImplicit(2, Uint8Array.of(0xe4))),
    )),
  ofCertificate("a DNS name with a zero in it", { leaf: "refused" }, (draft) =>
    withExtension(
      draft,
      ExtensionId.subjectAltName,
      false,
      derSequence(derImplicit(2, asciiBytes("www.example.com\0.example.net"))),
    )),
  undecodable("no issuer", ["leaf", "ca", "anchor"], (draft) => ({ ...draft, issuer: noNames })),
  ofCertificate(
    "its issuer's name in small letters",
    { leaf: "accepted", ca: "accepted" },
    (draft) => forging(() => ({ parts: ({ issuer }) => ({ issuer: inSmallLetters(issuer) }) }))(draft),
  ),
  ofCertificate(
    "its issuer's name as another type of string",
    { leaf: "accepted", ca: "accepted" },
    (draft) =>
      forging(() => ({
        parts: ({ issuer }) => ({ issuer: issuer.map((byte) => byte === Tag.UTF8String ? Tag.PrintableString : byte) }),
      }))(draft),
  ),
  ofCertificate("a subject of two values in one RDN", harmless, (draft) =>
    draft.place === "leaf"
      ? withSubject(
        draft,
        derSequence(derSet(
          derSequence(derObjectIdentifier(AttributeType.CN), derElement(Tag.UTF8String, asciiBytes("leaf"))),
          derSequence(derObjectIdentifier(AttributeType.O), derElement(Tag.UTF8String, asciiBytes("Example Org"))),
        )),
      )
      : draft),
  undecodable("a subject that is not UTF-8", ["leaf"], (draft) =>
    withSubject(
      draft,
      derSequence(derSet(derSequence(
        derObjectIdentifier(AttributeType.CN),
        derElement(Tag.UTF8String, Uint8Array.of(0xc3, 0x28)),
      ))),
    )),
  ofCertificate("critical FALSE written", harmless, (draft) =>
    forging(() => ({
      parts: () => ({
        version: derConstructed(0, derInteger(2)),
        extensions: derConstructed(
          3,
          derSequence(...draft.extensions.map(({ oid, critical, value }) =>
            derSequence(derObjectIdentifier(oid), derBoolean(critical), derElement(Tag["OCTET STRING"], value))
          )),
        ),
      }),
    }))(draft)),
];
