/**
 * What policies demand of certificates beyond RFC 5280 §6: what its profile, or that of the CA/Browser Forum, asks of CAs.
 * Enters: a certificate and its place. Leaves: what is wrong with it, or `undefined`. Which policy demands what is said
 * in `policy.ts`.
 * RFC 5280 §4; CA/Browser Forum, Baseline Requirements for TLS Server Certificates §6.1.5, §7.1.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import { bitLength } from "../crypto/provider.ts";
import { authorityInfoAccessFault } from "./authority_info_access.ts";
import type { Certificate } from "./certificate.ts";
import { constructedContextTag, decodeTime, DerReader, Tag } from "./der.ts";
import { sameName } from "./distinguished_name.ts";
import { authorityKeyIdentifierFields } from "./extensions.ts";
import { type Broken, type CertificatePurpose, type Finding, findingOf, type PathEntry } from "./finding.ts";
import { isHostName } from "./dns_name.ts";
import { ipAddressText } from "./ip_address.ts";
import { nameConstraintSyntaxFault } from "./name_constraints.ts";
import { preferredNameSyntaxFault } from "./name_syntax.ts";
import { AttributeType, ExtensionId, KeyPurposeId, oidName } from "./oids.ts";

/** Where a certificate stands in a path. A leaf that is itself the trust anchor stands as a leaf. */
export type Place = "leaf" | "intermediate" | "trustAnchor";

/** What a policy may demand. */
export interface Demand {
  /** Where it is written down. */
  readonly rule: string;
  /** At which place alone it is demanded. Default: everywhere. */
  readonly only?: Place;
  /** Why a certificate at this place doesn't fulfil it; `undefined` when it does. */
  readonly fault: (certificate: Certificate, at: Standing) => string | undefined;
  /** What is told beside the text when it isn't fulfilled. */
  readonly broken?: Broken;
}

/** A certificate's place, and who stands above it; `undefined` above a trust anchor. */
export interface Standing {
  readonly place: Place;
  readonly purpose: CertificatePurpose;
  readonly issuer: PathEntry | undefined;
}

/** The names of all demands. */
export const demandNames = [
  "version",
  "serialNumber",
  "validityEncoding",
  "keyIdentifiers",
  "trustAnchorAuthorityKeyIdentifier",
  "authorityKeyUsage",
  "pathLenConstraintPlacement",
  "criticality",
  "nameConstraintsPlacement",
  "nameConstraintsSyntax",
  "nameConstraintsCriticality",
  "preferredNameSyntax",
  "authorityInfoAccess",
  "commonName",
  "leafExtendedKeyUsage",
  "leafIsNoAuthority",
  "leafDigitalSignature",
  "rsaModulusOfWholeBytes",
  "subjectAltNameCriticality",
  "trustAnchorIdentifiers",
  "trustAnchorWithoutExtendedKeyUsage",
] as const;
/** The name of a demand. */
export type DemandName = typeof demandNames[number];

/** Each demand by its name. */
export const demands: Readonly<Record<DemandName, Demand>> = {
  /** Version 3: only then can it say what it is for. */
  version: {
    rule: "RFC 5280 §4.1.2.1",
    // RFC 5280 §4.1.2.1 MUST: "When extensions are used, as expected in this profile, version MUST be 3 (value is 2)."
    fault: ({ version }) => unless(version === 3, `it is of version ${version}`),
  },
  /** A positive serial number of at most 20 bytes. */
  serialNumber: { rule: "RFC 5280 §4.1.2.2", fault: serialNumberFault },
  /** Validity is written as UTCTime where that has the year. Those of trust anchors in use are not. */
  validityEncoding: { rule: "RFC 5280 §4.1.2.5", fault: validityEncodingFault },
  /** Key identifiers of issuer and subject, so that paths can be told apart. */
  keyIdentifiers: { rule: "RFC 5280 §4.2.1.1, §4.2.1.2", fault: keyIdentifiersFault },
  /** A trust anchor that somebody else signed names that key, too. */
  trustAnchorAuthorityKeyIdentifier: {
    rule: "RFC 5280 §4.2.1.1",
    only: "trustAnchor",
    fault: (certificate) => authorityKeyIdentifierFault(certificate),
  },
  /** A CA says what its key may do. Trust anchors in use don't. */
  authorityKeyUsage: {
    rule: "RFC 5280 §4.2.1.3",
    fault: ({ basicConstraints, keyUsage }, { place }) =>
      // RFC 5280 §4.2.1.3 MUST: "Conforming CAs MUST include this extension in certificates that contain public keys that are used to validate digital signatures on other public key certificates or CRLs."
      unless(place === "trustAnchor" || basicConstraints?.cA !== true || keyUsage !== undefined, "it has no keyUsage"),
  },
  /** Only CAs whose key may sign certificates limit the path below them. */
  pathLenConstraintPlacement: { rule: "RFC 5280 §4.2.1.9", fault: pathLenConstraintFault },
  /** Extensions are critical, or not, as the RFC says, those apart that have a demand of their own. */
  criticality: { rule: "RFC 5280 §4.2", fault: criticalityFault },
  /** Only CAs limit names. */
  nameConstraintsPlacement: {
    rule: "RFC 5280 §4.2.1.10",
    fault: ({ nameConstraints, basicConstraints }) =>
      // RFC 5280 §4.2.1.10 MUST: "The name constraints extension, which MUST be used only in a CA certificate"
      unless(nameConstraints === undefined || basicConstraints?.cA === true, "it has name constraints, and is no CA"),
  },
  /** Name constraints say nothing that the RFC doesn't know. */
  nameConstraintsSyntax: {
    rule: "RFC 5280 §4.2.1.10",
    fault: ({ nameConstraints }) => nameConstraints && nameConstraintSyntaxFault(nameConstraints),
  },
  /** Name constraints are critical: not so in the CA/Browser Forum's profile. */
  nameConstraintsCriticality: {
    rule: "RFC 5280 §4.2.1.10",
    // RFC 5280 §4.2.1.10 MUST: "Conforming CAs MUST mark this extension as critical"
    fault: (certificate) => criticalityOf(certificate, "nameConstraints", true),
  },
  /** Names in subjectAltName are of the preferred syntax: no underscore. */
  preferredNameSyntax: { rule: "RFC 5280 §4.2.1.6", fault: (certificate) => preferredNameSyntaxFault(certificate) },
  /** Where the issuer can be found is readable. */
  authorityInfoAccess: {
    rule: "RFC 5280 §4.2.2.1, BR §7.1.2.7.7",
    fault: (certificate) => authorityInfoAccessFault(certificate),
  },
  /** A server's commonName is one of the names in subjectAltName, character for character. */
  commonName: { rule: "BR §7.1.4.3", only: "leaf", fault: ofSubscribers(commonNameFault) },
  /** A server's certificate says what it is for, and not "anything". */
  leafExtendedKeyUsage: { rule: "BR §7.1.2.7.10", only: "leaf", fault: ofSubscribers(leafExtendedKeyUsageFault) },
  /** A server's certificate is not that of a CA, unless its issuer lets no CA stand below it: then nobody takes it for one. */
  leafIsNoAuthority: { rule: "BR §7.1.2.7.8", only: "leaf", fault: leafIsNoAuthorityFault },
  /** Where a leaf's keyUsage is limited, it may sign: what TLS with ephemeral keys needs. */
  leafDigitalSignature: {
    rule: "RFC 5246 §7.4.2",
    only: "leaf",
    fault: signingFault,
    broken: { alert: "unsupported_certificate", code: "INVALID_PURPOSE" },
  },
  /** RSA moduli have a length that is divisible by 8. */
  rsaModulusOfWholeBytes: { rule: "BR §6.1.5", fault: rsaModulusFault },
  /** subjectAltName is critical only where there is no subject. */
  subjectAltNameCriticality: {
    rule: "BR §7.1.2.7.12",
    fault: (certificate) =>
      certificate.subject.keys.length === 0 ? undefined : criticalityOf(certificate, "subjectAltName", false),
  },
  /** A trust anchor that names its issuer's key names its own, by its identifier alone. */
  trustAnchorIdentifiers: { rule: "BR §7.1.2.1.3", only: "trustAnchor", fault: trustAnchorIdentifiersFault },
  /** Trust anchors aren't limited to purposes. */
  trustAnchorWithoutExtendedKeyUsage: {
    rule: "BR §7.1.2.1.2",
    only: "trustAnchor",
    fault: ({ extendedKeyUsage }) => unless(extendedKeyUsage === undefined, "it has extendedKeyUsage"),
  },
};

/** What comes of these demands for a certificate at its place; nothing for a trust anchor that is no certificate. */
export function* demandFindings(entry: PathEntry, at: Standing, names: readonly DemandName[]): Iterable<Finding> {
  const { certificate } = entry;
  if (certificate === undefined) return;
  for (const name of names) {
    const { rule, only, fault: faultOf, broken = {} } = demands[name];
    if (only !== undefined && only !== at.place) continue;
    const fault = faultOf(certificate, at);
    yield findingOf(entry, name, rule, fault === undefined, () => fault ?? "it is as it should be", broken);
  }
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

function unless(holds: boolean, why: string): string | undefined {
  return holds ? undefined : why;
}

/** Of leaves that don't claim to be CAs: what those are like is for `leafIsNoAuthority` to say. */
function ofSubscribers(fault: (certificate: Certificate) => string | undefined): Demand["fault"] {
  return (certificate, { purpose }) =>
    purpose !== "serverAuth" || certificate.basicConstraints?.cA === true ? undefined : fault(certificate);
}

/** Nobody revokes a trust anchor by its number. */
function serialNumberFault({ serialNumber }: Certificate, { place }: Standing): string | undefined {
  if (place === "trustAnchor") return undefined;
  const [first = 0] = serialNumber;
  // RFC 5280 §4.1.2.2 MUST: "The serial number MUST be a positive integer assigned by the CA to each certificate."
  if (first >= 0x80) return "its serial number is negative";
  if (serialNumber.every((byte) => byte === 0)) return "its serial number is zero";
  // RFC 5280 §4.1.2.2 MUST: "Conforming CAs MUST NOT use serialNumber values longer than 20 octets."
  const length = first === 0 ? serialNumber.length - 1 : serialNumber.length;
  return unless(length <= 20, `its serial number has ${length} bytes, more than 20`);
}

function validityEncodingFault({ tbs }: Certificate, { place }: Standing): string | undefined {
  const fields = new DerReader(tbs).enter(Tag.SEQUENCE, "tbsCertificate");
  fields.optional(constructedContextTag(0), "version");
  for (const name of ["serialNumber", "signature", "issuer"]) fields.element(name);
  const validity = fields.enter(Tag.SEQUENCE, "validity");
  const times = ["notBefore", "notAfter"].map((name) => ({ name, element: validity.element(name) }));
  // RFC 5280 §4.1.2.5 MUST: "CAs conforming to this profile MUST always encode certificate validity dates through the year 2049 as UTCTime; certificate validity dates in 2050 or later MUST be encoded as GeneralizedTime."
  const wrong = times.find(({ element }) =>
    element.tag === Tag.GeneralizedTime && decodeTime(element, "validity") < Date.UTC(2050, 0)
  );
  return unless(place === "trustAnchor" || wrong === undefined, `its ${wrong?.name}, before 2050, is no UTCTime`);
}

function pathLenConstraintFault({ basicConstraints, keyUsage }: Certificate): string | undefined {
  if (basicConstraints?.pathLenConstraint === undefined) return undefined;
  // RFC 5280 §4.2.1.9 MUST: "CAs MUST NOT include the pathLenConstraint field unless the cA boolean is asserted and the key usage extension asserts the keyCertSign bit."
  const mayIssue = basicConstraints.cA && keyUsage?.includes("keyCertSign") === true;
  return unless(mayIssue, "it has a pathLenConstraint, and may not issue certificates");
}

function keyIdentifiersFault(certificate: Certificate, { place, issuer }: Standing): string | undefined {
  const fault = place === "trustAnchor"
    ? undefined
    : authorityKeyIdentifierFault(certificate) ?? foreignIdentifierFault(certificate, issuer);
  if (fault !== undefined) return fault;
  const { subjectKeyIdentifier, basicConstraints } = certificate;
  // RFC 5280 §4.2.1.2 MUST: "this extension MUST appear in all conforming CA certificates"
  return unless(basicConstraints?.cA !== true || subjectKeyIdentifier !== undefined, "it has no subjectKeyIdentifier");
}

function authorityKeyIdentifierFault({ authorityKeyIdentifier, subject, issuer }: Certificate): string | undefined {
  // RFC 5280 §4.2.1.1 MUST: "The keyIdentifier field of the authorityKeyIdentifier extension MUST be included in all certificates generated by conforming CAs"
  // Of self-signed certificates the RFC doesn't demand it.
  const hasIdentifier = authorityKeyIdentifier !== undefined || sameName(subject, issuer);
  return unless(hasIdentifier, "it has no authorityKeyIdentifier with a keyIdentifier");
}

function foreignIdentifierFault(certificate: Certificate, issuer: PathEntry | undefined): string | undefined {
  const { keyIdentifier, namesIssuer, namesSerialNumber } = authorityKeyIdentifierFields(certificate) ?? {};
  // RFC 5280 appendix A.2: "authorityCertIssuer and authorityCertSerialNumber MUST both -- be present or both be absent"
  if (namesIssuer !== namesSerialNumber) {
    return "its authorityKeyIdentifier has one of authorityCertIssuer and authorityCertSerialNumber, and not the other";
  }
  // RFC 5280 §4.2.1.2 MUST: "In conforming CA certificates, the value of the subject key identifier MUST be the value placed in the key identifier field of the authority key identifier extension (Section 4.2.1.1) of certificates issued by the subject of this certificate."
  const issuers = issuer?.authority.subjectKeyIdentifier;
  const isSame = keyIdentifier === undefined || issuers === undefined || equalBytes(keyIdentifier, issuers);
  return unless(isSame, "its authorityKeyIdentifier is not the subjectKeyIdentifier of its issuer");
}

/** What must be critical (true), and what must not. */
const criticality = {
  // RFC 5280 §4.2.1.1 MUST: "Conforming CAs MUST mark this extension as non-critical."
  authorityKeyIdentifier: false,
  // RFC 5280 §4.2.1.2 MUST: "Conforming CAs MUST mark this extension as non-critical."
  subjectKeyIdentifier: false,
  // RFC 5280 §4.2.2.1 MUST: "Conforming CAs MUST mark this extension as non-critical."
  authorityInfoAccess: false,
  // RFC 5280 §4.2.2.2 MUST: "Conforming CAs MUST mark this extension as non-critical."
  subjectInfoAccess: false,
  // RFC 5280 §4.2.1.8 MUST: "Conforming CAs MUST mark this extension as non-critical."
  subjectDirectoryAttributes: false,
  // RFC 5280 §4.2.1.15 MUST: "The extension MUST be marked as non-critical by conforming CAs."
  freshestCRL: false,
  // RFC 5280 §4.2.1.11 MUST: "Conforming CAs MUST mark this extension as critical."
  policyConstraints: true,
  // RFC 5280 §4.2.1.14 MUST: "Conforming CAs MUST mark this extension as critical."
  inhibitAnyPolicy: true,
} as const;

function criticalityFault(certificate: Certificate): string | undefined {
  for (const [name, critical] of Object.entries(criticality)) {
    const fault = criticalityOf(certificate, name, critical);
    if (fault !== undefined) return fault;
  }
  // RFC 5280 §4.2.1.9 MUST: "MUST mark the extension as critical in such certificates."
  if (certificate.basicConstraints?.cA === true) {
    const fault = criticalityOf(certificate, "basicConstraints", true);
    if (fault !== undefined) return fault;
  }
  // RFC 5280 §4.2.1.6 MUST: "the issuing CA MUST include a subjectAltName extension that is marked as critical."
  return certificate.subject.keys.length > 0 ? undefined : criticalityOf(certificate, "subjectAltName", true);
}

function criticalityOf(certificate: Certificate, name: string, critical: boolean): string | undefined {
  const extension = certificate.extensions.find(({ oid }) => oidName(ExtensionId, oid) === name);
  if (extension === undefined || extension.critical === critical) return undefined;
  return `its ${name} is ${critical ? "not critical, and must be" : "critical, and must not be"}`;
}

/**
 * BR §7.1.4.3 DEVIATION: the commonName may be the domain of a wildcard (example.com beside *.example.com), and any DNS name
 * where no DNS name is in subjectAltName, because nobody who looks at subjectAltName alone takes either for a name of the
 * server, and certificates in use are so.
 */
function commonNameFault({ subject, subjectAltName }: Certificate): string | undefined {
  const dnsNames = new Set(subjectAltName?.dnsNames);
  const addresses = new Set(subjectAltName?.ipAddresses.map(ipAddressText));
  const foreign = subject.attributes.find(({ type, text }) => {
    if (type !== AttributeType.CN || dnsNames.has(text) || addresses.has(text)) return false;
    return dnsNames.size === 0 ? !isDomain(text) : !dnsNames.has(`*.${text}`);
  });
  if (foreign === undefined) return undefined;
  return `its commonName ${JSON.stringify(foreign.text)} is not one of the names in subjectAltName`;
}

/** A DNS name of several labels, the last one of which no number of an IPv4 address begins like. */
function isDomain(text: string): boolean {
  return isHostName(text) && /\.[a-z][^.]*$/i.test(text);
}

function leafIsNoAuthorityFault({ basicConstraints }: Certificate, { issuer, purpose }: Standing): string | undefined {
  const isVoid = issuer?.certificate?.basicConstraints?.pathLenConstraint === 0;
  return unless(purpose !== "serverAuth" || basicConstraints?.cA !== true || isVoid, "it is a CA (cA is TRUE)");
}

function leafExtendedKeyUsageFault(certificate: Certificate): string | undefined {
  const { extendedKeyUsage } = certificate;
  if (extendedKeyUsage === undefined) return "it has no extendedKeyUsage";
  if (extendedKeyUsage.includes(KeyPurposeId.anyExtendedKeyUsage)) {
    return "its extendedKeyUsage has anyExtendedKeyUsage";
  }
  return criticalityOf(certificate, "extendedKeyUsage", false);
}

function rsaModulusFault({ publicKey }: Certificate): string | undefined {
  if (publicKey?.type !== "rsa") return undefined;
  const bits = bitLength(publicKey.modulus);
  return unless(bits % 8 === 0, `its RSA modulus has ${bits} bits, which is not divisible by 8`);
}

function trustAnchorIdentifiersFault(certificate: Certificate): string | undefined {
  const fields = authorityKeyIdentifierFields(certificate);
  if (fields === undefined) return undefined;
  const { keyIdentifier, namesIssuer, namesSerialNumber } = fields;
  if (namesIssuer || namesSerialNumber) {
    return "its authorityKeyIdentifier has authorityCertIssuer or authorityCertSerialNumber";
  }
  const { subjectKeyIdentifier } = certificate;
  const isOwn = keyIdentifier !== undefined && subjectKeyIdentifier !== undefined &&
    equalBytes(keyIdentifier, subjectKeyIdentifier);
  return unless(isOwn, "the keyIdentifier of its authorityKeyIdentifier is not its subjectKeyIdentifier");
}
