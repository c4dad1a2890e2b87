/**
 * Defects of who may issue what and when: validity, basicConstraints, keyUsage, purposes, issuers.
 * @module
 */

import { derBitString, derInteger, derOctetString, derSequence } from "../../lib/x509/der_writer.ts";
import { derConstructed, derImplicit } from "../../lib/x509/der_writer.ts";
import { Tag } from "../../lib/x509/der.ts";
import { ExtensionId, KeyPurposeId } from "../../lib/x509/oids.ts";
import { type Defect, ofCertificate, undecodable } from "./defect.ts";
import {
  basicConstraints,
  day,
  type Draft,
  extendedKeyUsage,
  type ExtensionDraft,
  keyUsage,
  type Layout,
  nameOf,
  now,
  withExtension,
  withKey,
  withoutExtension,
} from "./draft.ts";
import { chainKey } from "./keys.ts";

const everywhere = { leaf: "refused", ca: "refused", anchor: "refused" } as const;
const authorities = { ca: "refused", anchor: "refused" } as const;
const issued = { leaf: "refused", ca: "refused" } as const;

function put(draft: Draft, { oid, critical, value }: ExtensionDraft): Draft {
  return withExtension(draft, oid, critical, value);
}

function pathLengthBelow({ path }: Layout, at: number): number {
  return path.slice(1, at).filter(({ subject, issuer }) => subject.join() !== issuer.join()).length;
}

const validity: readonly Defect[] = [
  ofCertificate("expired", everywhere, (draft) => ({ ...draft, notAfter: now - day })),
  ofCertificate("expired a second ago", everywhere, (draft) => ({ ...draft, notAfter: now - 1000 })),
  ofCertificate("in its last second", { leaf: "accepted", ca: "accepted", anchor: "accepted" }, (draft) => ({
    ...draft,
    notAfter: now,
  })),
  ofCertificate("not yet valid", everywhere, (draft) => ({ ...draft, notBefore: now + day })),
  ofCertificate("valid in a second", everywhere, (draft) => ({ ...draft, notBefore: now + 1000 })),
  ofCertificate("in its first second", { leaf: "accepted", ca: "accepted", anchor: "accepted" }, (draft) => ({
    ...draft,
    notBefore: now,
  })),
  ofCertificate("valid never", everywhere, (draft) => ({ ...draft, notBefore: now + day, notAfter: now - day })),
  ofCertificate("valid for ever", { leaf: "accepted", ca: "accepted", anchor: "accepted" }, (draft) => ({
    ...draft,
    notAfter: Date.UTC(9999, 11, 31, 23, 59, 59),
  })),
];

const constraints: readonly Defect[] = [
  ofCertificate("cA FALSE", authorities, (draft) => put(draft, basicConstraints(false))),
  ofCertificate("no basicConstraints", authorities, (draft) => withoutExtension(draft, ExtensionId.basicConstraints)),
  ofCertificate(
    "basicConstraints not critical",
    { ca: "accepted", anchor: "accepted" },
    (draft) => put(draft, { ...basicConstraints(true), critical: false }),
  ),
  ofCertificate(
    "pathLenConstraint too small",
    { ca: "refused", anchor: "refused" },
    (draft, layout, at) => put(draft, basicConstraints(true, Math.max(0, pathLengthBelow(layout, at) - 1))),
  ),
  ofCertificate(
    "pathLenConstraint 0",
    { ca: "refused", anchor: "refused" },
    (draft) => put(draft, basicConstraints(true, 0)),
  ),
  ofCertificate(
    "pathLenConstraint of three bytes",
    { ca: "accepted", anchor: "accepted" },
    (draft) => put(draft, basicConstraints(true, 70_000)),
  ),
  undecodable("pathLenConstraint negative", ["ca", "anchor"], (draft) =>
    withExtension(
      draft,
      ExtensionId.basicConstraints,
      true,
      derSequence(Uint8Array.of(Tag.BOOLEAN, 1, 0xff), Uint8Array.of(Tag.INTEGER, 1, 0xff)),
    )),
  undecodable(
    "basicConstraints cut off",
    ["ca", "anchor", "leaf"],
    (draft) => withExtension(draft, ExtensionId.basicConstraints, true, Uint8Array.of(Tag.SEQUENCE, 3, Tag.BOOLEAN, 1)),
  ),
  ofCertificate(
    "pathLenConstraint without cA",
    { leaf: "accepted" },
    (draft) => put(draft, basicConstraints(false, 0)),
  ),
  ofCertificate(
    "a leaf that is a CA",
    { leaf: "accepted" },
    (draft) => put(put(draft, basicConstraints(true)), keyUsage("digitalSignature", "keyCertSign")),
  ),
  ofCertificate(
    "a leaf with keyCertSign and no cA",
    { leaf: "refused" },
    (draft) => put(draft, keyUsage("digitalSignature", "keyCertSign")),
  ),
];

const usage: readonly Defect[] = [
  ofCertificate("keyUsage without keyCertSign", authorities, (draft) => put(draft, keyUsage("cRLSign"))),
  ofCertificate(
    "no keyUsage",
    { leaf: "accepted", ca: "accepted", anchor: "accepted" },
    (draft) => withoutExtension(draft, ExtensionId.keyUsage),
  ),
  ofCertificate("a leaf for key encipherment", { leaf: "refused" }, (draft) => put(draft, keyUsage("keyEncipherment"))),
  ofCertificate("a leaf for key agreement", { leaf: "refused" }, (draft) => put(draft, keyUsage("keyAgreement"))),
  undecodable(
    "keyUsage without a bit",
    ["leaf", "ca", "anchor"],
    (draft) => withExtension(draft, ExtensionId.keyUsage, true, derBitString(Uint8Array.of(0))),
  ),
  ofCertificate(
    "keyUsage with zeros at its end",
    { ca: "accepted", anchor: "accepted" },
    (draft) => withExtension(draft, ExtensionId.keyUsage, true, derBitString(Uint8Array.of(0x06, 0))),
  ),
  ofCertificate("for clients", everywhere, (draft) => put(draft, extendedKeyUsage(KeyPurposeId.clientAuth))),
  ofCertificate(
    "for any purpose",
    { leaf: "accepted", ca: "accepted", anchor: "accepted" },
    (draft) => put(draft, extendedKeyUsage(KeyPurposeId.anyExtendedKeyUsage)),
  ),
  ofCertificate("for an unknown purpose", everywhere, (draft) => put(draft, extendedKeyUsage("1.3.6.1.4.1.99999.1"))),
  ofCertificate(
    "for no purpose in particular",
    { leaf: "accepted", ca: "accepted", anchor: "accepted" },
    (draft) => withoutExtension(draft, ExtensionId.extendedKeyUsage),
  ),
  ofCertificate(
    "for clients, critically",
    everywhere,
    (draft) => put(draft, { ...extendedKeyUsage(KeyPurposeId.clientAuth), critical: true }),
  ),
  undecodable(
    "an empty list of purposes",
    ["leaf", "ca", "anchor"],
    (draft) => withExtension(draft, ExtensionId.extendedKeyUsage, false, derSequence()),
  ),
];

const issuers: readonly Defect[] = [
  ofCertificate("signed by another key", issued, (draft) => ({ ...draft, signer: chainKey("p256", 96) })),
  ofCertificate("issued by another name", issued, (draft) => ({ ...draft, issuer: nameOf([["CN", "Nobody"]]) })),
  ofCertificate("its issuer's name in a shorter form", issued, (draft) => ({
    ...draft,
    issuer: nameOf([["O", "Example Org"]]),
  })),
  ofCertificate("authorityKeyIdentifier of another key", { leaf: "accepted", ca: "accepted" }, (draft) =>
    withExtension(
      draft,
      ExtensionId.authorityKeyIdentifier,
      false,
      derSequence(derImplicit(0, new Uint8Array(20).fill(7))),
    )),
  ofCertificate(
    "authorityKeyIdentifier of another serial number",
    { leaf: "accepted", ca: "accepted" },
    (draft) =>
      withExtension(
        draft,
        ExtensionId.authorityKeyIdentifier,
        false,
        derSequence(
          derConstructed(1, derConstructed(4, nameOf([["CN", "Nobody"]]))),
          derImplicit(2, derInteger(77).subarray(2)),
        ),
      ),
  ),
  ofCertificate(
    "subjectKeyIdentifier of another key",
    { leaf: "accepted", ca: "accepted", anchor: "accepted" },
    (draft) =>
      withExtension(draft, ExtensionId.subjectKeyIdentifier, false, derOctetString(new Uint8Array(20).fill(7))),
  ),
  ofCertificate("another key", authorities, (draft) => withKey(draft, chainKey("p256", 97))),
  ofCertificate(
    "a leaf with its issuer's name",
    { leaf: "accepted" },
    (draft) => ({ ...draft, subject: draft.issuer }),
  ),
];

export const authorityDefects: readonly Defect[] = [...validity, ...constraints, ...usage, ...issuers];
