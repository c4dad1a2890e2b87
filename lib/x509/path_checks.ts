/**
 * What RFC 5280 §6 demands of the certificates of every path, one check per function.
 * Enters: a certificate at its place, and what is asked. Leaves: a Finding with both values; `undefined` where there is
 * nothing to check. The clock is an argument.
 * RFC 5280 §4.2.1, §6.1.3, §6.1.4, §6.1.5. How a path is found is `path.ts`; what policies add is `demands.ts`.
 * @module
 */

import { bitLength, rsaLimits, type SignatureSchemeElement } from "../crypto/provider.ts";
import type { Certificate } from "./certificate.ts";
import { certificateText } from "./certificate.ts";
import { sameName } from "./distinguished_name.ts";
import type { KeyUsageBit, NameConstraints } from "./extensions.ts";
import {
  broken,
  type CertificatePurpose,
  type Finding,
  held,
  type LeafEntry,
  type PathEntries,
  type PathEntry,
} from "./finding.ts";
import { signatureFault } from "./issuer.ts";
import { nameConstraintFault } from "./name_constraints.ts";
import { ExtensionId, KeyPurposeId, oidName } from "./oids.ts";
import type { CertificatePolicy } from "./policy.ts";
import { isoText } from "./time_text.ts";

/** What is asked of every certificate of a path. */
export interface PathRules {
  readonly purpose: CertificatePurpose;
  /** In ms since 1970. */
  readonly now: number;
  readonly policy: CertificatePolicy;
}

/** RFC 5280 §4.1.2.4: subject and issuer are the same, whoever's key signed it. Trust anchors without a certificate are. */
export function isSelfIssued({ certificate }: PathEntry): boolean {
  return certificate === undefined || sameName(certificate.subject, certificate.issuer);
}

/** What the peer's own certificate must be like, whoever issued it (RFC 5280 §6.1.5). */
export function* leafFindings(entry: LeafEntry, { purpose, now, policy }: PathRules): Iterable<Finding | undefined> {
  yield validity(entry, now);
  yield criticalExtensions(entry);
  yield keyCertSignOfLeaf(entry);
  yield publicKey(entry, policy);
  yield extendedKeyUsage(entry, purpose);
  yield keyUsageForPurpose(entry, purpose);
}

/** What `issuer` must be like to stand above `below` in a path, signature and names apart (RFC 5280 §6.1.4). */
export function* issuerFindings(
  issuer: PathEntry,
  below: PathEntries,
  { purpose, now, policy }: PathRules,
): Iterable<Finding | undefined> {
  if (!issuer.isAnchor || policy.checksTrustAnchorValidity) yield validity(issuer, now);
  yield* authority(issuer, policy);
  yield pathLength(issuer, below);
  yield criticalExtensions(issuer);
  yield extendedKeyUsage(issuer, purpose);
}

/** RFC 5280 §4.1.2.5: valid "from notBefore through notAfter, inclusive"; notAfter is a whole second. */
export function validity(entry: PathEntry, now: number): Finding | undefined {
  const { notBefore, notAfter } = entry.authority;
  const alert = "certificate_expired";
  // Written so that a time that is no number fails: every comparison with NaN is false.
  if (notBefore !== undefined && !(now >= notBefore)) {
    const hint = now >= 0 && now < secondsOfToday ? ` (the time is wanted in milliseconds since 1970)` : "";
    const text = `it is not valid before ${isoText(notBefore)}, and it is ${isoText(now)}${hint}`;
    return broken(entry, "validity", text, { alert, code: "CERT_NOT_YET_VALID" });
  }
  if (notAfter !== undefined && !(now < notAfter + 1000)) {
    const text = `it was valid until ${isoText(notAfter)}, and it is ${isoText(now)}`;
    return broken(entry, "validity", text, { alert, code: "CERT_HAS_EXPIRED" });
  }
  if (notBefore === undefined && notAfter === undefined) return undefined;
  return held(entry, "validity", () => {
    const from = notBefore === undefined ? "" : `from ${isoText(notBefore)} `;
    const until = notAfter === undefined ? "" : `until ${isoText(notAfter)}`;
    return `it is valid ${from}${until}, and it is ${isoText(now)}`;
  });
}

/** The key must be of a supported type and strong, and not so large that using it is an attack on our time. */
export function publicKey(entry: PathEntry, { minRsaBits }: CertificatePolicy): Finding {
  const { publicKey: key, publicKeyDescription } = entry.authority;
  const alert = "unsupported_certificate";
  if (key === undefined) {
    return broken(entry, "publicKey", `keys of type ${publicKeyDescription} are not supported`, { alert });
  }
  if (key.type !== "rsa") return held(entry, "publicKey", `its key is ${publicKeyDescription}`);
  const bits = bitLength(key.modulus);
  const exponentBits = bitLength(key.exponent);
  const range = `where ${minRsaBits} to ${rsaLimits.modulus} and at most ${rsaLimits.exponent} are accepted`;
  const text = `its RSA key has ${bits} bits and an exponent of ${exponentBits} bits, ${range}`;
  const isStrong = bits >= minRsaBits && bits <= rsaLimits.modulus && exponentBits <= rsaLimits.exponent;
  return isStrong ? held(entry, "publicKey", text) : broken(entry, "publicKey", text, { alert });
}

/** RFC 5280 §6.1.3 (a)(1). Whether the names fit is known already. */
export function signature(
  entry: PathEntry & { readonly certificate: Certificate },
  issuer: PathEntry,
  signatureSchemes: readonly SignatureSchemeElement[],
): Finding {
  const { certificate } = entry;
  const issuerText = issuer.certificate === undefined
    ? `"${issuer.authority.subject.text}"`
    : certificateText(issuer.certificate);
  const fault = signatureFault(certificate, issuer.authority, signatureSchemes);
  if (fault === undefined) {
    return held(
      entry,
      "signature",
      () =>
        `its signature (${certificate.signatureAlgorithmText}) was made by the key ` +
        `(${issuer.authority.publicKeyDescription}) of its issuer ${issuerText}`,
    );
  }
  const isSupported = signatureSchemes.some(({ algorithm }) => algorithm === certificate.signatureAlgorithm);
  return isSupported
    ? broken(entry, "signature", `${fault} ${issuerText}`, { code: "CERT_SIGNATURE_FAILURE" })
    : broken(entry, "signature", fault, { alert: "unsupported_certificate" });
}

/** A certificate in a path whose names the constraints of another one hold for. */
export interface ConstrainedEntry {
  readonly issuer: PathEntry;
  readonly constraints: NameConstraints;
  readonly entry: PathEntry & { readonly certificate: Certificate };
}

/** RFC 5280 §6.1.3 (b), (c): for every certificate below, except self-issued ones that aren't the last. */
export function constrainedEntries(path: PathEntries): readonly ConstrainedEntry[] {
  // RFC 5280 §4.2.1.10 MUST: "indicates a name space within which all subject names in subsequent certificates in a certification path MUST be located."
  // RFC 5280 §6.1.1 MUST: "(h) initial-permitted-subtrees, which indicates for each name type (e.g., X.500 distinguished names, email addresses, or IP addresses) a set of subtrees within which all subject names in every certificate in the certification path MUST fall."
  // RFC 5280 §6.1.2 MUST: "(b) permitted_subtrees: a set of root names for each name type (e.g., X.500 distinguished names, email addresses, or IP addresses) defining a set of subtrees within which all subject names in subsequent certificates in the certification path MUST fall."
  return path.flatMap((issuer, place) => {
    const { nameConstraints: constraints } = issuer.authority;
    if (constraints === undefined) return [];
    return path.slice(0, place).flatMap((entry, position) => {
      const { certificate } = entry;
      if (certificate === undefined || (position > 0 && isSelfIssued(entry))) return [];
      return [{ issuer, constraints, entry: { ...entry, certificate } }];
    });
  });
}

/** Whether the names of a certificate are among those that a CA above it may certify. */
export function nameConstraints({ issuer, constraints, entry }: ConstrainedEntry): Finding {
  const fault = nameConstraintFault(constraints, entry.certificate);
  const source = `name constraints of "${issuer.authority.subject.text}"`;
  if (fault === undefined) return held(entry, "nameConstraints", `its names are within the ${source}`);
  return broken(entry, "nameConstraints", `${fault} (${source})`);
}

function* authority(entry: PathEntry, { allowsOldTrustAnchors }: CertificatePolicy): Iterable<Finding> {
  const { certificate, isAnchor } = entry;
  // RFC 5280 §6.1.1 (d): a trust anchor may be no certificate at all.
  if (certificate === undefined) return;
  const { version, basicConstraints, keyUsage } = certificate;
  const invalid = (check: "basicConstraints" | "keyUsage", why: string): Finding =>
    broken(entry, check, `it may not issue certificates: ${why}`, { code: "INVALID_CA" });
  // RFC 5280 §6.1.4 MUST: "(If certificate i is a version 1 or version 2 certificate, then the application MUST either verify that certificate i is a CA certificate through out-of-band means or reject the certificate."
  // RFC 5280 §6.1.4 (k): "Conforming implementations may choose to reject all version 1 and version 2 intermediate
  // certificates." A trust anchor of such a version is a CA because the caller says so.
  if (version < 3) {
    const text = `it is of version ${version}, not 3`;
    yield isAnchor && allowsOldTrustAnchors ? held(entry, "basicConstraints", text) : invalid("basicConstraints", text);
    return;
  }
  // RFC 5280 §4.2.1.9 MUST: "Conforming CAs MUST include this extension in all CA certificates that contain public keys used to validate digital signatures on certificates"
  // RFC 5280 §4.2.1.9 MUST: "the certified public key MUST NOT be used to verify certificate signatures."
  if (basicConstraints === undefined) yield invalid("basicConstraints", "it has no basicConstraints");
  else if (!basicConstraints.cA) yield invalid("basicConstraints", "its basicConstraints have cA FALSE, not TRUE");
  else yield held(entry, "basicConstraints", "it may issue certificates: its basicConstraints have cA TRUE");
  // RFC 5280 §4.2.1.3 MUST: "MUST NOT be used to verify signatures on certificates or CRLs unless"
  if (keyUsage !== undefined && !keyUsage.includes("keyCertSign")) {
    yield invalid("keyUsage", `keyUsage has ${keyUsage.join(", ")}, not keyCertSign`);
  } else yield held(entry, "keyUsage", `its key may sign certificates: ${keyUsageText(keyUsage)}`);
}

function keyUsageText(keyUsage: Certificate["keyUsage"]): string {
  return keyUsage === undefined ? "it has no keyUsage, which limits nothing" : `keyUsage has ${keyUsage.join(", ")}`;
}

/** RFC 5280 §6.1.4 (l), (m): self-issued certificates, and the leaf, don't count. */
function pathLength(entry: PathEntry, below: PathEntries): Finding | undefined {
  const limit = entry.certificate?.basicConstraints?.pathLenConstraint;
  if (limit === undefined) return undefined;
  const count = below.slice(1).filter((one) => !isSelfIssued(one)).length;
  const text = `its pathLenConstraint allows ${limit} CAs below it, and there are ${count}`;
  if (count <= limit) return held(entry, "pathLenConstraint", text);
  return broken(entry, "pathLenConstraint", text, { code: "PATH_LENGTH_EXCEEDED" });
}

function criticalExtensions(entry: PathEntry): Finding | undefined {
  const critical = entry.certificate?.extensions.filter((extension) => extension.critical) ?? [];
  // RFC 5280 §4.2 MUST: "MUST reject the certificate if it encounters a critical extension it does not recognize"
  // RFC 5280 §6.1 MUST: "Note that clients MUST reject the certificate if it contains an unsupported critical extension."
  const unknown = critical.find(({ oid }) => !recognized.includes(oid));
  if (unknown !== undefined) {
    const text = `it has the critical extension ${oidName(ExtensionId, unknown.oid)}, which is not supported`;
    return broken(entry, "criticalExtension", text, { alert: "unsupported_certificate" });
  }
  if (critical.length === 0) return undefined;
  return held(entry, "criticalExtension", () => {
    const names = critical.map(({ oid }) => oidName(ExtensionId, oid)).join(", ");
    return `its critical extensions are understood: ${names}`;
  });
}

/** Only for certificates that someone else vouches for: self-signed ones of old tools are often wrong here. */
function keyCertSignOfLeaf(entry: LeafEntry): Finding | undefined {
  const { keyUsage, basicConstraints } = entry.certificate;
  // RFC 5280 §4.2.1.9 MUST: "then the keyCertSign bit in the key usage extension MUST NOT be asserted."
  // RFC 5280 §4.2.1.3 MUST: "If the keyCertSign bit is asserted, then the cA bit in the basic constraints extension (Section 4.2.1.9) MUST also be asserted."
  if (entry.isAnchor || keyUsage?.includes("keyCertSign") !== true || basicConstraints?.cA === true) return undefined;
  return broken(entry, "keyUsage", "keyUsage has keyCertSign, but cA is not TRUE", { code: "INVALID_CA" });
}

/** On the leaf as RFC 5280 §4.2.1.12 demands; a CA that has it limits its leaves, as browsers hold it. */
function extendedKeyUsage(entry: PathEntry, purpose: CertificatePurpose): Finding | undefined {
  // RFC 5280 §4.2.1.12 MUST: "the certificate MUST only be used for one of the purposes indicated."
  const usage = entry.certificate?.extendedKeyUsage;
  if (usage === undefined) return undefined;
  const text = (): string => {
    const names = usage.slice(0, maxListed).map((oid) => oidName(KeyPurposeId, oid)).join(", ");
    const more = usage.length > maxListed ? ` and ${usage.length - maxListed} more` : "";
    return `${purpose} is wanted, and extendedKeyUsage has ${names}${more}`;
  };
  if (usage.includes(KeyPurposeId[purpose]) || usage.includes(KeyPurposeId.anyExtendedKeyUsage)) {
    return held(entry, "extendedKeyUsage", text);
  }
  return broken(entry, "extendedKeyUsage", text(), { alert: "unsupported_certificate", code: "INVALID_PURPOSE" });
}

/** What a leaf's key may do must be of use for the purpose: in TLS with ephemeral keys `signingFault` asks for more. */
function keyUsageForPurpose(entry: LeafEntry, purpose: CertificatePurpose): Finding | undefined {
  const { keyUsage, extendedKeyUsage: purposes } = entry.certificate;
  // RFC 5280 §4.2.1.12 MUST: "If a certificate contains both a key usage extension and an extended key usage extension, then both extensions MUST be processed independently and the certificate MUST only be used for a purpose consistent with both extensions. If there is no purpose consistent with both extensions, then the certificate MUST NOT be used for any purpose."
  if (keyUsage === undefined || purposes === undefined) return undefined;
  if (keyUsage.some((bit) => consistentUsage[purpose].includes(bit))) return undefined;
  const text = `${purpose} is wanted, and keyUsage has ${keyUsage.join(", ")}, where that needs one of ` +
    consistentUsage[purpose].join(", ");
  return broken(entry, "keyUsage", text, { alert: "unsupported_certificate", code: "INVALID_PURPOSE" });
}

/** RFC 5280 §4.2.1.12: "Key usage bits that may be consistent". */
const consistentUsage: Readonly<Record<CertificatePurpose, readonly KeyUsageBit[]>> = {
  serverAuth: ["digitalSignature", "keyEncipherment", "keyAgreement"],
  clientAuth: ["digitalSignature", "keyAgreement"],
};

/** A time before 1973 is most likely one in seconds. */
const secondsOfToday = 1e11;

/** What an error lists, at most: whoever made the certificate chooses how many there are. */
const maxListed = 8;

/** What is processed, here or in `policy_graph.ts` and `tls_feature.ts`. */
// RFC 5280 §4.2 MUST: "At a minimum, applications conforming to this profile MUST recognize the following extensions: key usage (Section 4.2.1.3), certificate policies (Section 4.2.1.4), subject alternative name (Section 4.2.1.6), basic constraints (Section 4.2.1.9), name constraints (Section 4.2.1.10), policy constraints (Section 4.2.1.11), extended key usage (Section 4.2.1.12), and inhibit anyPolicy (Section 4.2.1.14)."
const recognized: readonly string[] = [
  ExtensionId.basicConstraints,
  ExtensionId.keyUsage,
  ExtensionId.extendedKeyUsage,
  ExtensionId.subjectAltName,
  ExtensionId.nameConstraints,
  ExtensionId.subjectKeyIdentifier,
  ExtensionId.authorityKeyIdentifier,
  ExtensionId.certificatePolicies,
  ExtensionId.policyMappings,
  ExtensionId.policyConstraints,
  ExtensionId.inhibitAnyPolicy,
  ExtensionId.tlsFeature,
  // It says where revocation lists can be found, and limits what the lists at hand say (`crl_checks.ts`).
  ExtensionId.cRLDistributionPoints,
];
