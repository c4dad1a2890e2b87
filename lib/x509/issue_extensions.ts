/**
 * The extensions of certificates that are issued: those that authorities and leaves have by default, and all others.
 * Enters: options. Leaves: DER of each extension; TlsUsageError for a value that can't stand there.
 * RFC 5280 §4.2; CA/Browser Forum, Baseline Requirements for TLS Server Certificates §7.1.2.
 * @module
 */

import { ExtensionType } from "../registry.ts";
import {
  encodeAuthorityInfoAccess,
  encodeBasicConstraints,
  encodeCertificatePolicies,
  encodeCrlDistributionPoints,
  encodeExtendedKeyUsage,
  encodeExtension,
  encodeInhibitAnyPolicy,
  encodeKeyUsage,
  encodeNameConstraints,
  encodeOcspNoCheck,
  encodePolicyConstraints,
  encodePolicyMappings,
  encodeSubjectAltName,
  encodeTlsFeature,
  type NameConstraintsInput,
  type PolicyConstraintsInput,
  type PolicyMappingInput,
} from "./extension_writer.ts";
import { type KeyUsageBit, keyUsageBits } from "./extensions.ts";
import {
  cannotIssue,
  checkCount,
  checkGeneralName,
  checkNotEmpty,
  checkObjectIdentifier,
  checkSubtree,
  checkUrl,
} from "./issue_checks.ts";
import type {
  ExtensionName,
  IssueAuthorityOptions,
  IssueExtensionOptions,
  IssueSelfSignedOptions,
  KeyPurposeName,
} from "./issue_options.ts";
import type { GeneralNameInput } from "./name_writer.ts";
import { anyPolicy, ExtensionId, KeyPurposeId } from "./oids.ts";

/** An extension with its name; no DER where the certificate doesn't have it. */
export type NamedExtension = readonly [ExtensionName, Uint8Array | undefined];

/** What an authority has, key identifiers apart. */
export function authorityExtensions(options: IssueAuthorityOptions): readonly NamedExtension[] {
  const { pathLenConstraint, keyUsage = ["keyCertSign", "cRLSign"], purposes = [] } = options;
  const { nameConstraints, policyMappings, policyConstraints, inhibitAnyPolicy } = options;
  if (pathLenConstraint !== undefined) checkCount("pathLenConstraint", pathLenConstraint);
  return [
    // RFC 5280 §4.2 MUST: "Conforming CAs MUST support key identifiers (Sections 4.2.1.1 and 4.2.1.2), basic constraints (Section 4.2.1.9), key usage (Section 4.2.1.3), and certificate policies (Section 4.2.1.4) extensions."
    ["basicConstraints", encodeBasicConstraints({ cA: true, pathLenConstraint })],
    ["keyUsage", keyUsageOf(keyUsage)],
    ["extendedKeyUsage", extendedKeyUsageOf(options, purposes)],
    ["subjectAltName", subjectAltNameOf(options.subjectAltName ?? [], false)],
    ["nameConstraints", given(nameConstraints, nameConstraintsOf)],
    ["policyMappings", given(policyMappings, policyMappingsOf)],
    ["policyConstraints", given(policyConstraints, policyConstraintsOf)],
    ["inhibitAnyPolicy", given(inhibitAnyPolicy, inhibitAnyPolicyOf)],
    ...commonExtensions(options),
  ];
}

/** What a leaf has, key identifiers apart; `names` are checked already. `hasSubject` decides whether subjectAltName is critical. */
export function leafExtensions(
  options: IssueSelfSignedOptions,
  names: readonly string[],
  hasSubject: boolean,
): readonly NamedExtension[] {
  const { keyUsage = ["digitalSignature"], subjectAltName = [], extendedKeyUsage, ocspNoCheck = false } = options;
  const usual: readonly KeyPurposeName[] = extendedKeyUsage === undefined ? ["serverAuth", "clientAuth"] : [];
  return [
    ["basicConstraints", encodeBasicConstraints({ cA: false, pathLenConstraint: undefined })],
    ["keyUsage", keyUsageOf(keyUsage)],
    ["extendedKeyUsage", extendedKeyUsageOf(options, options.purposes ?? usual)],
    // RFC 5280 §4.2.1.6 MUST: "Whenever such identities are to be bound into a certificate, the subject alternative name (or issuer alternative name) extension MUST be used"
    // RFC 5280 §4.2 MUST: "If the CA issues certificates with an empty sequence for the subject field, the CA MUST support the subject alternative name extension (Section 4.2.1.6)."
    ["subjectAltName", subjectAltNameOf([...names, ...subjectAltName], !hasSubject)],
    ["ocspNoCheck", ocspNoCheck ? encodeOcspNoCheck() : undefined],
    ...commonExtensions(options),
  ];
}

/** DER of all that there are, those that the caller wants otherwise replaced, left out or added. */
export function writtenExtensions(
  named: readonly NamedExtension[],
  { extensions = [], omittedExtensions = [] }: IssueExtensionOptions,
): readonly Uint8Array[] {
  for (const { oid } of extensions) checkObjectIdentifier("extensions", oid);
  const unknown = omittedExtensions.find((name) => !Object.hasOwn(ExtensionId, name));
  if (unknown !== undefined) throw cannotIssue("omittedExtensions", `has "${unknown}", which is not a known extension`);
  const kept = named.flatMap(([name, der]) => {
    const isReplaced = extensions.some(({ oid }) => oid === ExtensionId[name]);
    return der === undefined || isReplaced || omittedExtensions.includes(name) ? [] : [der];
  });
  return [...kept, ...extensions.map(({ oid, critical, value }) => encodeExtension(oid, critical, value))];
}

function commonExtensions(options: IssueExtensionOptions): readonly NamedExtension[] {
  const { certificatePolicies, crlDistributionPoints } = options;
  return [
    ["certificatePolicies", given(certificatePolicies, certificatePoliciesOf)],
    ["cRLDistributionPoints", given(crlDistributionPoints, crlDistributionPointsOf)],
    ["authorityInfoAccess", authorityInfoAccessOf(options)],
    ["tlsFeature", tlsFeatureOf(options)],
  ];
}

function given<Value>(value: Value | undefined, encode: (value: Value) => Uint8Array): Uint8Array | undefined {
  return value === undefined ? undefined : encode(value);
}

function keyUsageOf(usage: readonly KeyUsageBit[]): Uint8Array {
  checkNotEmpty("keyUsage", usage);
  const unknown = usage.find((bit) => !keyUsageBits.includes(bit));
  if (unknown !== undefined) throw cannotIssue("keyUsage", `has "${unknown}", which is not one of its bits`);
  return encodeKeyUsage(usage);
}

function extendedKeyUsageOf(
  options: IssueExtensionOptions,
  purposes: readonly KeyPurposeName[],
): Uint8Array | undefined {
  const { extendedKeyUsage = [] } = options;
  const unknown = purposes.find((purpose) => !Object.hasOwn(KeyPurposeId, purpose));
  if (unknown !== undefined) throw cannotIssue("purposes", `has "${unknown}", which is not a known purpose`);
  for (const oid of extendedKeyUsage) checkObjectIdentifier("extendedKeyUsage", oid);
  const oids = [...purposes.map((purpose) => KeyPurposeId[purpose]), ...extendedKeyUsage];
  const isGiven = options.purposes !== undefined || options.extendedKeyUsage !== undefined;
  if (isGiven) checkNotEmpty("extendedKeyUsage", oids);
  return oids.length === 0 ? undefined : encodeExtendedKeyUsage([...new Set(oids)]);
}

function subjectAltNameOf(
  names: readonly (string | GeneralNameInput)[],
  critical: boolean,
): Uint8Array | undefined {
  for (const name of names) if (typeof name !== "string") checkGeneralName("subjectAltName", name);
  return names.length === 0 ? undefined : encodeSubjectAltName(names, critical);
}

function nameConstraintsOf(constraints: NameConstraintsInput): Uint8Array {
  const bases = [...constraints.permittedSubtrees ?? [], ...constraints.excludedSubtrees ?? []];
  if (bases.length === 0) throw cannotIssue("nameConstraints", "neither permit nor exclude anything");
  for (const base of bases) checkSubtree("nameConstraints", base);
  return encodeNameConstraints(constraints);
}

function certificatePoliciesOf(policies: readonly string[]): Uint8Array {
  checkNotEmpty("certificatePolicies", policies);
  for (const policy of policies) checkObjectIdentifier("certificatePolicies", policy);
  const twice = policies.find((policy, index) => policies.indexOf(policy) !== index);
  // RFC 5280 §4.2.1.4 MUST: "A certificate policy OID MUST NOT appear more than once in a certificate policies extension."
  if (twice !== undefined) throw cannotIssue("certificatePolicies", `has ${twice} twice`);
  return encodeCertificatePolicies(policies);
}

function policyMappingsOf(mappings: readonly PolicyMappingInput[]): Uint8Array {
  checkNotEmpty("policyMappings", mappings);
  for (const policy of mappings.flatMap((mapping) => [mapping.issuerDomainPolicy, mapping.subjectDomainPolicy])) {
    checkObjectIdentifier("policyMappings", policy);
    // RFC 5280 §4.2.1.5 MUST: "Policies MUST NOT be mapped either to or from the special value anyPolicy"
    if (policy === anyPolicy) throw cannotIssue("policyMappings", "map to or from anyPolicy");
  }
  return encodePolicyMappings(mappings);
}

function policyConstraintsOf(constraints: PolicyConstraintsInput): Uint8Array {
  const { requireExplicitPolicy, inhibitPolicyMapping } = constraints;
  const counts = [requireExplicitPolicy, inhibitPolicyMapping].filter((count) => count !== undefined);
  if (counts.length === 0) throw cannotIssue("policyConstraints", "constrain nothing");
  for (const count of counts) checkCount("policyConstraints", count);
  return encodePolicyConstraints(constraints);
}

function inhibitAnyPolicyOf(skipCerts: number): Uint8Array {
  checkCount("inhibitAnyPolicy", skipCerts);
  return encodeInhibitAnyPolicy(skipCerts);
}

function crlDistributionPointsOf(urls: readonly string[]): Uint8Array {
  checkNotEmpty("crlDistributionPoints", urls);
  for (const url of urls) checkUrl("crlDistributionPoints", url);
  return encodeCrlDistributionPoints(urls);
}

function authorityInfoAccessOf({ ocspUrls, issuerUrls }: IssueExtensionOptions): Uint8Array | undefined {
  // RFC 6960 §3.1 SHALL: "In order to convey to OCSP clients a well-known point of information access, CAs SHALL provide the capability to include the authority information access extension (defined in [RFC5280], Section 4.2.2.1) in certificates that can be checked using OCSP."
  // RFC 6960 §3.1 MUST: "CAs that support an OCSP service, either hosted locally or provided by an Authorized Responder, MUST provide for the inclusion of a value for a Uniform Resource Identifier (URI) [RFC3986] accessLocation and the OID value id-ad-ocsp for the accessMethod in the AccessDescription SEQUENCE."
  if (ocspUrls === undefined && issuerUrls === undefined) return undefined;
  for (const [field, urls] of Object.entries({ ocspUrls, issuerUrls })) {
    if (urls !== undefined) checkNotEmpty(field, urls);
    for (const url of urls ?? []) checkUrl(field, url);
  }
  return encodeAuthorityInfoAccess(ocspUrls ?? [], issuerUrls ?? []);
}

function tlsFeatureOf({ tlsFeatures, mustStaple = false }: IssueExtensionOptions): Uint8Array | undefined {
  if (tlsFeatures !== undefined) checkNotEmpty("tlsFeatures", tlsFeatures);
  for (const feature of tlsFeatures ?? []) {
    if (!Number.isInteger(feature) || feature < 0 || feature > 0xffff) {
      throw cannotIssue("tlsFeatures", `has ${feature}, which is not the number of a TLS extension`);
    }
  }
  const features = [...new Set([...tlsFeatures ?? [], ...mustStaple ? [ExtensionType.status_request] : []])];
  return features.length === 0 ? undefined : encodeTlsFeature(features);
}
