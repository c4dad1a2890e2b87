/**
 * What RFC 5280 §6 demands of the certificates of a path, one check per function.
 * Enters: a certificate and its place. Leaves: nothing, or CertificateError with both values. The clock is an argument.
 * RFC 5280 §4.2.1, §6.1.3, §6.1.4, §6.1.5. How a path is found is `path.ts`.
 * @module
 */

import { bitLength, rsaLimits, type SignatureSchemeElement } from "../crypto/provider.ts";
import { CertificateError, type MissingIssuer } from "../error.ts";
import type { AlertDescriptionName } from "../registry.ts";
import { type Certificate, certificateText } from "./certificate.ts";
import { sameName } from "./distinguished_name.ts";
import type { NameConstraints } from "./extensions.ts";
import { nameConstraintFault } from "./name_constraints.ts";
import { signatureFault } from "./issuer.ts";
import { ExtensionId, KeyPurposeId, oidName } from "./oids.ts";

/** What the key of a path's first certificate is used for. */
export type CertificatePurpose = "serverAuth" | "clientAuth";

/** A certificate at its place. */
export interface PathEntry {
  readonly certificate: Certificate;
  /** Position in the chain that the peer sent; `undefined` for a trust anchor that it didn't send. */
  readonly index: number | undefined;
  readonly isAnchor: boolean;
}

/** Leaf first, each one issued by the next. */
export type PathEntries = readonly [PathEntry, ...PathEntry[]];

/** RFC 5280 §4.1.2.4: subject and issuer are the same, whoever's key signed it. */
export function isSelfIssued({ subject, issuer }: Certificate): boolean {
  return sameName(subject, issuer);
}

/** What the peer's own certificate must be like, whoever issued it (RFC 5280 §6.1.5). */
export function checkLeaf(entry: PathEntry, purpose: CertificatePurpose, now: number): void {
  checkValidity(entry, now);
  checkCriticalExtensions(entry);
  checkKeyCertSign(entry);
  checkPublicKey(entry);
  const fault = signingFault(entry.certificate);
  if (fault !== undefined) throw refused(entry, "unsupported_certificate", "keyUsage", "INVALID_PURPOSE", fault);
  checkExtendedKeyUsage(entry, purpose);
}

/**
 * Why a certificate's key may not sign handshakes, as it does in ECDHE suites and in CertificateVerify.
 * RFC 5246 §7.4.2 MUST: "RSA public key; the certificate MUST allow the … key to be used for signing (the digitalSignature bit MUST be set if the key usage extension is present)"
 * RFC 5246 §7.4.2 MUST: "ECDSA-capable public key; the certificate MUST allow the key to be used for signing with the hash algorithm that will be employed in the server key exchange message."
 * RFC 5246 §7.4.6 MUST: "RSA public key; the certificate MUST allow the key to be used for signing with the signature scheme and hash algorithm that will be employed in the certificate verify message."
 * RFC 5246 §7.4.6 MUST: "ECDSA-capable public key; the certificate MUST allow the key to be used for signing with the hash algorithm that will be employed in the certificate verify message"
 */
export function signingFault({ keyUsage }: Certificate): string | undefined {
  if (keyUsage === undefined || keyUsage.includes("digitalSignature")) return undefined;
  return `its key may not sign handshakes: keyUsage has ${keyUsage.join(", ")}, not digitalSignature`;
}

/** What `issuer` must be like to stand above `below` in a path, signature and names apart (RFC 5280 §6.1.4). */
export function checkIssuer(issuer: PathEntry, below: PathEntries, purpose: CertificatePurpose): void {
  checkIsAuthority(issuer);
  checkPathLength(issuer, below);
  checkCriticalExtensions(issuer);
  checkExtendedKeyUsage(issuer, purpose);
}

/** A certificate in a path whose names the constraints of another one hold for. */
export interface ConstrainedEntry {
  readonly issuer: PathEntry;
  readonly constraints: NameConstraints;
  readonly entry: PathEntry;
}

/** RFC 5280 §6.1.3 (b), (c): for every certificate below, except self-issued ones that aren't the last. */
export function constrainedEntries(path: PathEntries): readonly ConstrainedEntry[] {
  return path.flatMap((issuer, place) => {
    const { nameConstraints: constraints } = issuer.certificate;
    if (constraints === undefined) return [];
    return path.slice(0, place)
      .filter(({ certificate }, position) => position === 0 || !isSelfIssued(certificate))
      .map((entry) => ({ issuer, constraints, entry }));
  });
}

/** Whether the names of a certificate are among those that a CA above it may certify. */
export function checkNameConstraints({ issuer, constraints, entry }: ConstrainedEntry): void {
  const fault = nameConstraintFault(constraints, entry.certificate);
  if (fault === undefined) return;
  throw refused(
    entry,
    "bad_certificate",
    "nameConstraints",
    undefined,
    `${fault} (name constraints of ${certificateText(issuer.certificate)})`,
  );
}

/** RFC 5280 §4.1.2.5: valid "from notBefore through notAfter, inclusive"; notAfter is a whole second. */
export function checkValidity(entry: PathEntry, now: number): void {
  const { notBefore, notAfter } = entry.certificate;
  // Written so that a time that is no number fails: every comparison with NaN is false.
  if (!(now >= notBefore)) {
    throw refused(
      entry,
      "certificate_expired",
      "validity",
      "CERT_NOT_YET_VALID",
      `it is not valid before ${isoText(notBefore)}, and it is ${isoText(now)}`,
    );
  }
  if (!(now < notAfter + 1000)) {
    throw refused(
      entry,
      "certificate_expired",
      "validity",
      "CERT_HAS_EXPIRED",
      `it was valid until ${isoText(notAfter)}, and it is ${isoText(now)}`,
    );
  }
}

/** The key must be of a supported type and strong, and not so large that using it is an attack on our time. */
export function checkPublicKey(entry: PathEntry): void {
  const { publicKey, publicKeyDescription } = entry.certificate;
  if (publicKey === undefined) {
    throw refused(
      entry,
      "unsupported_certificate",
      "publicKey",
      undefined,
      `keys of type ${publicKeyDescription} are not supported`,
    );
  }
  if (publicKey.type !== "rsa") return;
  const bits = bitLength(publicKey.modulus);
  if (bits < minRsaBits || bits > rsaLimits.modulus || bitLength(publicKey.exponent) > rsaLimits.exponent) {
    throw refused(
      entry,
      "unsupported_certificate",
      "publicKey",
      undefined,
      `its RSA key has ${bits} bits and an exponent of ${bitLength(publicKey.exponent)} bits, ` +
        `where ${minRsaBits} to ${rsaLimits.modulus} and at most ${rsaLimits.exponent} are accepted`,
    );
  }
}

/** RFC 5280 §6.1.3 (a)(1). Whether the names fit is known already. */
export function checkSignature(
  entry: PathEntry,
  issuer: PathEntry,
  signatureSchemes: readonly SignatureSchemeElement[],
): void {
  const fault = signatureFault(entry.certificate, issuer.certificate, signatureSchemes);
  if (fault === undefined) return;
  const isSupported = signatureSchemes.some(({ algorithm }) => algorithm === entry.certificate.signatureAlgorithm);
  throw isSupported
    ? refused(
      entry,
      "bad_certificate",
      "signature",
      "CERT_SIGNATURE_FAILURE",
      `${fault} ${certificateText(issuer.certificate)}`,
    )
    : refused(entry, "unsupported_certificate", "signature", undefined, fault);
}

/** The error for a certificate at its place. */
export function refused(
  entry: PathEntry,
  alert: AlertDescriptionName,
  check: string,
  code: string | undefined,
  why: string,
  missingIssuer?: MissingIssuer,
): CertificateError {
  const details = { index: entry.index, check, code, missingIssuer };
  return new CertificateError(alert, `Cannot accept ${entryText(entry)}: ${why}`, details);
}

function checkIsAuthority(entry: PathEntry): void {
  const { version, basicConstraints, keyUsage } = entry.certificate;
  const invalid = (check: string, why: string): CertificateError =>
    refused(entry, "bad_certificate", check, "INVALID_CA", `it may not issue certificates: ${why}`);
  // RFC 5280 §6.1.4 (k): "Conforming implementations may choose to reject all version 1 and version 2 intermediate
  // certificates." A trust anchor of such a version is a CA because the caller says so.
  if (version < 3) {
    if (entry.isAnchor) return;
    throw invalid("basicConstraints", `it is of version ${version}, not 3`);
  }
  // RFC 5280 §4.2.1.9 MUST: "the certified public key MUST NOT be used to verify certificate signatures."
  if (basicConstraints === undefined) throw invalid("basicConstraints", "it has no basicConstraints");
  if (!basicConstraints.cA) throw invalid("basicConstraints", "its basicConstraints have cA FALSE, not TRUE");
  // RFC 5280 §4.2.1.3 MUST: "MUST NOT be used to verify signatures on certificates or CRLs unless"
  if (keyUsage !== undefined && !keyUsage.includes("keyCertSign")) {
    throw invalid("keyUsage", `keyUsage has ${keyUsage.join(", ")}, not keyCertSign`);
  }
}

/** RFC 5280 §6.1.4 (l), (m): self-issued certificates, and the leaf, don't count. */
function checkPathLength(entry: PathEntry, below: PathEntries): void {
  const limit = entry.certificate.basicConstraints?.pathLenConstraint;
  const count = below.slice(1).filter(({ certificate }) => !isSelfIssued(certificate)).length;
  if (limit === undefined || count <= limit) return;
  throw refused(
    entry,
    "bad_certificate",
    "pathLenConstraint",
    "PATH_LENGTH_EXCEEDED",
    `its pathLenConstraint allows ${limit} CAs below it, and there are ${count}`,
  );
}

function checkCriticalExtensions(entry: PathEntry): void {
  // RFC 5280 §4.2 MUST: "MUST reject the certificate if it encounters a critical extension it does not recognize"
  const unknown = entry.certificate.extensions.find(({ oid, critical }) => critical && !recognized.includes(oid));
  if (unknown === undefined) return;
  throw refused(
    entry,
    "unsupported_certificate",
    "criticalExtension",
    undefined,
    `it has the critical extension ${oidName(ExtensionId, unknown.oid)}, which is not supported`,
  );
}

/** Only for certificates that someone else vouches for: self-signed ones of old tools are often wrong here. */
function checkKeyCertSign(entry: PathEntry): void {
  const { keyUsage, basicConstraints } = entry.certificate;
  // RFC 5280 §4.2.1.9 MUST: "then the keyCertSign bit in the key usage extension MUST NOT be asserted."
  if (entry.isAnchor || keyUsage?.includes("keyCertSign") !== true || basicConstraints?.cA === true) return;
  throw refused(entry, "bad_certificate", "keyUsage", "INVALID_CA", "keyUsage has keyCertSign, but cA is not TRUE");
}

/** On the leaf as RFC 5280 §4.2.1.12 demands; a CA that has it limits its leaves, as browsers hold it. */
function checkExtendedKeyUsage(entry: PathEntry, purpose: CertificatePurpose): void {
  const { extendedKeyUsage } = entry.certificate;
  // RFC 5280 §4.2.1.12 MUST: "the certificate MUST only be used for one of the purposes indicated."
  if (extendedKeyUsage === undefined || extendedKeyUsage.includes(KeyPurposeId[purpose])) return;
  if (extendedKeyUsage.includes(KeyPurposeId.anyExtendedKeyUsage)) return;
  const purposes = extendedKeyUsage.map((oid) => oidName(KeyPurposeId, oid)).join(", ");
  throw refused(
    entry,
    "unsupported_certificate",
    "extendedKeyUsage",
    "INVALID_PURPOSE",
    `${purpose} is wanted, and extendedKeyUsage has ${purposes}`,
  );
}

function entryText({ certificate, index, isAnchor }: PathEntry): string {
  const text = certificateText(certificate);
  if (isAnchor) return `the trust anchor ${text}`;
  return index === 0 ? `the certificate ${text}` : `the certificate ${text} (number ${index} of the chain)`;
}

function isoText(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? `no time (${time})` : date.toISOString();
}

/**
 * What is processed, or has no effect here. Without policyConstraints, which are not in the list and so refused when
 * critical, no certificate policy can make a path invalid: no caller demands one (RFC 5280 §6.1.1 (c) is any-policy).
 * RFC 5280 §4.2 DEVIATION: policyConstraints are not recognized because certificate policies decide nothing in TLS.
 */
const recognized: readonly string[] = [
  ExtensionId.basicConstraints,
  ExtensionId.keyUsage,
  ExtensionId.extendedKeyUsage,
  ExtensionId.subjectAltName,
  ExtensionId.nameConstraints,
  ExtensionId.subjectKeyIdentifier,
  ExtensionId.authorityKeyIdentifier,
  ExtensionId.certificatePolicies,
  ExtensionId.inhibitAnyPolicy,
];

/** NIST SP 800-57: 112 bits of strength. */
const minRsaBits = 2048;
