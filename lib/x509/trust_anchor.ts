/**
 * Trust anchors: whose signatures are believed without asking further.
 * Enters: a certificate, or a name with a key and what limits them. Leaves: a readonly TrustAnchor, or TlsUsageError.
 * RFC 5280 §6.1.1 (d). Whether a path leads to one is for others to find.
 * @module
 */

import { mustBeBytes, TlsError, TlsUsageError } from "../error.ts";
import type { Certificate } from "./certificate.ts";
import { DerReader } from "./der.ts";
import { derBoolean, derObjectIdentifier, derOctetString, derSequence } from "./der_writer.ts";
import { decodeDistinguishedName, type DistinguishedName } from "./distinguished_name.ts";
import { decodeExtensions, type NameConstraints } from "./extensions.ts";
import type { Issuer } from "./issuer.ts";
import { ExtensionId } from "./oids.ts";
import { decodeSubjectPublicKeyInfo } from "./spki.ts";

/** A name with its key that is trusted for itself. */
export interface TrustAnchor extends Issuer {
  /** What it may certify; `undefined` without limits. */
  readonly nameConstraints: NameConstraints | undefined;
  /** When its own validity begins, in ms since 1970; `undefined` where it has none. */
  readonly notBefore: number | undefined;
  /** When its own validity ends, in ms since 1970; `undefined` where it has none. */
  readonly notAfter: number | undefined;
  /** The certificate that it was made of, when it was. */
  readonly certificate: Certificate | undefined;
}

/** What a trust anchor without a certificate consists of. The bytes are copied. */
export interface TrustAnchorFields {
  /** DER of the Name, which must not be empty. */
  readonly subject: Uint8Array;
  /** DER of SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** What it may certify: the DER in a nameConstraints extension (RFC 5280 §4.2.1.10). Default: no limits. */
  readonly nameConstraints?: Uint8Array | undefined;
  /** As certificates below it name its key: their authorityKeyIdentifier. Default: they may say anything. */
  readonly keyIdentifier?: Uint8Array | undefined;
  /** In ms since 1970. Default: since ever. */
  readonly notBefore?: number | undefined;
  /** In ms since 1970. Default: for ever. */
  readonly notAfter?: number | undefined;
}

/** The trust anchor that a certificate stands for, with all limits that the certificate has. */
export function trustAnchorOf(certificate: Certificate): TrustAnchor {
  const { subject, publicKey, publicKeyDescription, spki, subjectPublicKey, subjectKeyIdentifier } = certificate;
  const { keyUsage, nameConstraints, notBefore, notAfter } = certificate;
  return {
    subject,
    publicKey,
    publicKeyDescription,
    spki,
    subjectPublicKey,
    subjectKeyIdentifier,
    keyUsage,
    nameConstraints,
    notBefore,
    notAfter,
    certificate,
  };
}

/**
 * A trust anchor that is a name and a key. Throws TlsUsageError for fields that are malformed, missing or unknown.
 *
 * @example
 * const anchor = createTrustAnchor({ subject: authority.subject.der, spki: authority.spki });
 */
export function createTrustAnchor(fields: TrustAnchorFields): TrustAnchor {
  if (typeof fields !== "object" || fields === null) {
    throw new TlsUsageError(`Cannot ${makeOne}: an object with subject and spki is needed, not ${typeof fields}`);
  }
  for (const name of Object.keys(fields)) {
    // A limit that is misspelt would be none.
    if (!fieldNames.includes(name)) {
      throw new TlsUsageError(`Cannot ${makeOne}: there is no field "${name}" (there are ${fieldNames.join(", ")})`);
    }
  }
  const { notBefore, notAfter } = checkedValidity(fields);
  const subject = decoded(fields.subject, "subject", subjectOf);
  const key = decoded(fields.spki, "spki", decodeSubjectPublicKeyInfo);
  return {
    subject,
    publicKey: key.publicKey,
    publicKeyDescription: key.description,
    spki: key.der,
    subjectPublicKey: key.subjectPublicKey,
    subjectKeyIdentifier: optional(fields.keyIdentifier, "keyIdentifier", (bytes) => bytes),
    keyUsage: undefined,
    nameConstraints: optional(fields.nameConstraints, "nameConstraints", nameConstraintsOf),
    notBefore,
    notAfter,
    certificate: undefined,
  };
}

const makeOne = "make a trust anchor";
const fieldNames = ["subject", "spki", "nameConstraints", "keyIdentifier", "notBefore", "notAfter"];

function checkedValidity({ notBefore, notAfter }: TrustAnchorFields): Pick<TrustAnchor, "notBefore" | "notAfter"> {
  for (const [name, time] of Object.entries({ notBefore, notAfter })) {
    if (time === undefined || Number.isFinite(time)) continue;
    throw new TlsUsageError(`Cannot ${makeOne}: ${name} must be a number of ms since 1970, not ${String(time)}`);
  }
  if (notBefore !== undefined && notAfter !== undefined && notBefore > notAfter) {
    throw new TlsUsageError(`Cannot ${makeOne}: it would end (notAfter ${notAfter}) before it begins (${notBefore})`);
  }
  return { notBefore, notAfter };
}

type Decode<Value> = (bytes: Uint8Array) => Value;

function optional<Value>(bytes: Uint8Array | undefined, name: string, decode: Decode<Value>): Value | undefined {
  return bytes === undefined ? undefined : decoded(bytes, name, decode);
}

function decoded<Value>(bytes: Uint8Array, name: string, decode: Decode<Value>): Value {
  mustBeBytes(`${makeOne} (${name})`, bytes);
  try {
    // Not slice(): that of Node's Buffer is a view.
    return decode(new Uint8Array(bytes));
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    throw new TlsUsageError(`Cannot ${makeOne}: ${error.message}`, { cause: error });
  }
}

function subjectOf(der: Uint8Array): DistinguishedName {
  const reader = new DerReader(der);
  const subject = decodeDistinguishedName(reader, "subject");
  reader.end("subject");
  // RFC 5280 §4.1.2.6 MUST: "then the subject field MUST be populated with a non-empty distinguished name"
  if (subject.keys.length === 0) throw new TlsUsageError(`Cannot ${makeOne}: its subject is empty`);
  return subject;
}

/** Read as the extension that it would be in a certificate; offsets in errors count from the start of the value. */
function nameConstraintsOf(value: Uint8Array): NameConstraints | undefined {
  const id = derObjectIdentifier(ExtensionId.nameConstraints);
  const extension = derSequence(id, derBoolean(true), derOctetString(value));
  const list = new DerReader(extension, value.length - extension.length);
  return decodeExtensions(list, "trustAnchor").nameConstraints;
}
