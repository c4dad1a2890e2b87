/**
 * A certificate, its issuer and an OCSP response about it, and what is expected of a response.
 * @module
 */

import { assert } from "../../harness.ts";
import type { SignatureSchemeElement } from "../../../lib/crypto/provider.ts";
import { encodeExtendedKeyUsage } from "../../../lib/x509/certificate_writer.ts";
import { type OcspQuestion, ocspStatus } from "../../../lib/x509/ocsp.ts";
import { KeyPurposeId } from "../../../lib/x509/oids.ts";
import type { RevocationStatus } from "../../../lib/x509/revocation.ts";
import { type Made, make, makeAuthority, makeLeaf, now, type Recipe, signatureSchemes } from "./builder.ts";
import { basicOf, type BasicRecipe, byName, hashes, singleOf, type SingleRecipe, successful } from "./ocsp_builder.ts";

export const root: Made = makeAuthority({ name: "root" });
export const leaf: Made = makeLeaf({ name: "leaf", issuer: root });
export const other: Made = makeLeaf({ name: "other", issuer: root });

/** DER of a response that says that the leaf is good, signed by the root. */
export const response = (recipe: BasicRecipe = {}): Uint8Array => successful(basicOf(leaf.certificate, root, recipe));
export const single = (recipe: SingleRecipe = {}): Uint8Array => singleOf(leaf.certificate, root.certificate, recipe);

export const signing: Uint8Array = encodeExtendedKeyUsage([KeyPurposeId.OCSPSigning]);
/** A responder that the root has authorized. */
export const makeDelegate = (recipe: Recipe = {}): Made =>
  make({ name: "responder", issuer: root, extensions: [signing], ...recipe });

/** The same response, signed by a responder. */
export function delegated(delegate: Made, recipe: BasicRecipe = {}): Uint8Array {
  const responderId = byName(delegate.certificate.subject.der);
  return response({ responderId, signer: delegate.key, certs: [delegate.certificate.der], ...recipe });
}

/** What is to be made of a response, as to the leaf. */
export const ask = (der: Uint8Array, more: Partial<OcspQuestion> = {}): RevocationStatus =>
  ocspStatus({
    response: der,
    certificate: leaf.certificate,
    issuer: root.certificate,
    now,
    signatureSchemes,
    hashes,
    ...more,
  });

export function isGood(der: Uint8Array, more: Partial<OcspQuestion> = {}): void {
  const { type, text } = ask(der, more);
  assert.is(type, "good", text);
}

export function isUnusable(der: Uint8Array, why: RegExp, more: Partial<OcspQuestion> = {}): void {
  const { type, text } = ask(der, more);
  assert.is(type, "unusable", text);
  assert.match(text, /^the OCSP response can't be used: /);
  assert.match(text, why);
}

export const schemeOf = (algorithm: string): SignatureSchemeElement => {
  const scheme = signatureSchemes.find((one) => one.algorithm === algorithm);
  if (scheme === undefined) throw new Error(`the provider has no ${algorithm}`);
  return scheme;
};
