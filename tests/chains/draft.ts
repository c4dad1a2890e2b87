/**
 * A certificate before it is signed, of which each field can be made wrong.
 * Enters: fields. Leaves: DER; where nothing is forged it is written by the library's own writer.
 * @module
 */

import { concat } from "../../lib/codec/bytes.ts";
import { encodeSignatureAlgorithm } from "../../lib/x509/algorithm.ts";
import { encodeCertificate, encodeExtension } from "../../lib/x509/certificate_writer.ts";
import { Tag } from "../../lib/x509/der.ts";
import {
  derBitString,
  derBoolean,
  derConstructed,
  derElement,
  derImplicit,
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derSet,
  derTime,
} from "../../lib/x509/der_writer.ts";
import { keyUsageBits } from "../../lib/x509/extensions.ts";
import { AttributeType, ExtensionId } from "../../lib/x509/oids.ts";
import type { ChainKey } from "./keys.ts";

/** When everything is looked at, in ms since 1970: 2030-06-15. Most certificates are valid then. */
export const now: number = Date.UTC(2030, 5, 15, 12, 0, 0);
/** In ms. */
export const day = 86_400_000;

export type Place = "leaf" | "ca" | "anchor";

export interface ExtensionDraft {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

export interface Draft {
  readonly place: Place;
  /** DER of the Name. */
  readonly subject: Uint8Array;
  /** DER of the Name. */
  readonly issuer: Uint8Array;
  readonly key: ChainKey;
  readonly signer: ChainKey;
  readonly serial: number;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly ExtensionDraft[];
  readonly forgery?: Forgery;
}

/** DER of the fields of tbsCertificate; empty where there is none. */
export interface Parts {
  readonly version: Uint8Array;
  readonly serialNumber: Uint8Array;
  readonly signature: Uint8Array;
  readonly issuer: Uint8Array;
  readonly validity: Uint8Array;
  readonly subject: Uint8Array;
  readonly spki: Uint8Array;
  readonly uniqueIdentifiers: Uint8Array;
  readonly extensions: Uint8Array;
}

/** What the writer wouldn't write. */
export interface Forgery {
  readonly parts?: (parts: Parts) => Partial<Parts>;
  readonly outerAlgorithm?: Uint8Array;
  readonly sign?: (tbs: Uint8Array) => Uint8Array;
  /** Changes the signature. */
  readonly signature?: (signature: Uint8Array) => Uint8Array;
}

export interface Issuer {
  readonly subject: Uint8Array;
  readonly key: ChainKey;
  readonly identifiers: boolean;
}

/** Certificates before they are signed. */
export interface Layout {
  /** From the leaf to the trust anchor. */
  readonly path: readonly Draft[];
  /** What else the peer sends. */
  readonly extras: readonly Draft[];
  /** Other trust anchors. */
  readonly otherAnchors: readonly Draft[];
  /** Whether the peer sends its trust anchor too. */
  readonly sendsAnchor: boolean;
  /** What the peer should have sent, and doesn't. */
  readonly missing: readonly Draft[];
  /** Whether the path's last certificate is trusted. */
  readonly trusted: boolean;
  readonly serverName: string;
  /** In ms since 1970. */
  readonly now: number;
}

/** The certificate, signed. */
export function encodeDraft(draft: Draft): Uint8Array<ArrayBuffer> {
  const { key, signer, forgery, extensions } = draft;
  const encoded = extensions.map(({ oid, critical, value }) => encodeExtension(oid, critical, value));
  const { privateKey, scheme } = signer;
  // No signature in use here needs any.
  const random = (length: number): Uint8Array => new Uint8Array(length);
  if (forgery === undefined) {
    const serialNumber = derInteger(draft.serial).subarray(2);
    return encodeCertificate({ ...draft, serialNumber, spki: key.spki, extensions: encoded }, {
      privateKey,
      scheme,
      random,
    });
  }
  const algorithm = encodeSignatureAlgorithm(scheme.algorithm);
  const parts: Parts = {
    version: encoded.length > 0 ? derConstructed(0, derInteger(2)) : none,
    serialNumber: derInteger(draft.serial),
    signature: algorithm,
    issuer: draft.issuer,
    validity: derSequence(derTime(draft.notBefore), derTime(draft.notAfter)),
    subject: draft.subject,
    spki: key.spki,
    uniqueIdentifiers: none,
    extensions: encoded.length > 0 ? derConstructed(3, derSequence(...encoded)) : none,
  };
  const forged = { ...parts, ...forgery.parts?.(parts) };
  const tbs = derSequence(
    concat(forged.version, forged.serialNumber, forged.signature, forged.issuer, forged.validity, forged.subject),
    concat(forged.spki, forged.uniqueIdentifiers, forged.extensions),
  );
  const signature = forgery.sign?.(tbs) ?? scheme.sign(privateKey, tbs, random);
  const outer = forgery.outerAlgorithm ?? forged.signature;
  return derSequence(tbs, outer, derBitString(forgery.signature?.(signature) ?? signature));
}

const none = new Uint8Array();

/** The draft with this extension, in place of one with the same identifier. */
export function withExtension(draft: Draft, oid: string, critical: boolean, value: Uint8Array): Draft {
  const others = draft.extensions.filter((extension) => extension.oid !== oid);
  return { ...draft, extensions: [...others, { oid, critical, value }] };
}

export function withoutExtension(draft: Draft, oid: string): Draft {
  return { ...draft, extensions: draft.extensions.filter((extension) => extension.oid !== oid) };
}

/** A Name of these attributes, each in an RDN of its own. */
export function nameOf(
  attributes: readonly (readonly [keyof typeof AttributeType, string])[],
  tag: number = Tag.UTF8String,
): Uint8Array {
  return derSequence(...attributes.map(([type, text]) => {
    const value = derElement(type === "emailAddress" ? Tag.IA5String : tag, new TextEncoder().encode(text));
    return derSet(derSequence(derObjectIdentifier(AttributeType[type]), value));
  }));
}

export function basicConstraints(cA: boolean, pathLenConstraint?: number): ExtensionDraft {
  const limit = pathLenConstraint === undefined ? [] : [derInteger(pathLenConstraint)];
  const value = derSequence(...cA ? [derBoolean(true)] : [], ...limit);
  return { oid: ExtensionId.basicConstraints, critical: true, value };
}

export function keyUsage(...usage: readonly (typeof keyUsageBits[number])[]): ExtensionDraft {
  const positions = usage.map((bit) => keyUsageBits.indexOf(bit));
  const last = Math.max(...positions);
  const bits = new Uint8Array((last >> 3) + 1);
  for (const position of positions) bits[position >> 3] = (bits[position >> 3] ?? 0) | 0x80 >> (position & 7);
  return { oid: ExtensionId.keyUsage, critical: true, value: derBitString(bits, 7 - (last & 7)) };
}

export function extendedKeyUsage(...purposes: readonly string[]): ExtensionDraft {
  return {
    oid: ExtensionId.extendedKeyUsage,
    critical: false,
    value: derSequence(...purposes.map(derObjectIdentifier)),
  };
}

/** The certificate from another issuer. */
export function issuedBy(draft: Draft, { subject, key, identifiers }: Issuer): Draft {
  const issued = { ...draft, issuer: subject, signer: key };
  if (!identifiers) return issued;
  const value = derSequence(derImplicit(0, keyIdentifier(key)));
  return withExtension(issued, ExtensionId.authorityKeyIdentifier, false, value);
}

/** The certificate for another key. */
export function withKey(draft: Draft, key: ChainKey): Draft {
  const hasIdentifier = draft.extensions.some(({ oid }) => oid === ExtensionId.subjectKeyIdentifier);
  if (!hasIdentifier) return { ...draft, key };
  return withExtension({ ...draft, key }, ExtensionId.subjectKeyIdentifier, false, subjectKeyIdentifier(key).value);
}

export function subjectKeyIdentifier(key: ChainKey): ExtensionDraft {
  return { oid: ExtensionId.subjectKeyIdentifier, critical: false, value: derOctetString(keyIdentifier(key)) };
}

/** Not as RFC 5280 §4.2.1.2 proposes it, which isn't demanded; but the same for the same key. */
function keyIdentifier({ spki }: ChainKey): Uint8Array {
  return spki.slice(-24, -4);
}
