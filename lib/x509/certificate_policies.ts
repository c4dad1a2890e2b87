/**
 * The extensions that say under which policies a path may be used: certificatePolicies, policyMappings,
 * policyConstraints and inhibitAnyPolicy.
 * Enters: a Certificate. Leaves: what they hold; DecodeError says which field is wrong, where and why. Qualifiers are
 * read and not kept. Whether an extension should be critical is for `demands.ts` to say. RFC 5280 §4.2.1.4, §4.2.1.5, §4.2.1.11, §4.2.1.14. What follows for a path is in `policy_graph.ts`.
 * @module
 */

import type { Certificate } from "./certificate.ts";
import { contextTag, decodeUnsignedInteger, type DerElement, derError, DerReader, Tag } from "./der.ts";
import type { CertificateExtension } from "./extensions.ts";
import { anyPolicy, ExtensionId } from "./oids.ts";

/** `undefined` where a certificate doesn't have the extension. Policies are object identifiers in dotted form. */
export interface PolicyExtensions {
  /** Each once, at least one; one of them may be `anyPolicy`. */
  readonly certificatePolicies: readonly string[] | undefined;
  /** At least one; none from or to `anyPolicy`. */
  readonly policyMappings: readonly PolicyMapping[] | undefined;
  readonly policyConstraints: PolicyConstraints | undefined;
  /** How many further certificates, self-issued ones not counted, may follow until anyPolicy doesn't count any more. */
  readonly inhibitAnyPolicy: number | undefined;
}

export interface PolicyMapping {
  readonly issuerDomainPolicy: string;
  /** What the CA's issuer considers to be the same. */
  readonly subjectDomainPolicy: string;
}

/** How many further certificates, self-issued ones not counted, may follow until it holds. At least one is there. */
export interface PolicyConstraints {
  /** From then on the path must have a policy that is acceptable. */
  readonly requireExplicitPolicy: number | undefined;
  /** From then on policies can't be mapped any more. */
  readonly inhibitPolicyMapping: number | undefined;
}

/**
 * How many policies, and how many mappings, a certificate may have. Bridges between large organisations have some tens.
 */
export const maxPolicies = 256;

/** Decodes the extensions anew at each call: whoever needs them twice keeps them. Throws DecodeError. */
export function decodePolicyExtensions({ der, extensions }: Pick<Certificate, "der" | "extensions">): PolicyExtensions {
  const decoded = <Value>(oid: string, name: string, decode: Decoder<Value>): Value | undefined => {
    const extension = extensions.find((one) => one.oid === oid);
    if (extension === undefined) return undefined;
    const what = `tbsCertificate.extensions.${name}`;
    // Both are views of the same bytes, so that errors can say where in the certificate they are.
    const reader = new DerReader(extension.value, extension.value.byteOffset - der.byteOffset);
    const value = decode(reader, what, extension);
    reader.end(what);
    return value;
  };
  return {
    certificatePolicies: decoded(ExtensionId.certificatePolicies, "certificatePolicies", decodeCertificatePolicies),
    policyMappings: decoded(ExtensionId.policyMappings, "policyMappings", decodePolicyMappings),
    policyConstraints: decoded(ExtensionId.policyConstraints, "policyConstraints", decodePolicyConstraints),
    inhibitAnyPolicy: decoded(ExtensionId.inhibitAnyPolicy, "inhibitAnyPolicy", decodeInhibitAnyPolicy),
  };
}

type Decoder<Value> = (reader: DerReader, what: string, extension: CertificateExtension) => Value;

//  certificatePolicies ::= SEQUENCE SIZE (1..MAX) OF PolicyInformation
//  PolicyInformation ::= SEQUENCE {
//    policyIdentifier CertPolicyId, policyQualifiers SEQUENCE SIZE (1..MAX) OF PolicyQualifierInfo OPTIONAL }
function decodeCertificatePolicies(
  reader: DerReader,
  what: string,
  { critical }: CertificateExtension,
): readonly string[] {
  const policies = new Set<string>();
  for (const { information, offset } of sequencesOf(reader, what)) {
    const policy = information.objectIdentifier(`${what}.policyIdentifier`);
    // RFC 5280 §4.2.1.4 MUST: "A certificate policy OID MUST NOT appear more than once in a certificate policies extension."
    if (policies.has(policy)) throw derError(what, offset, `the policy ${policy} appears twice`);
    policies.add(policy);
    const qualifiers = information.enterOptional(Tag.SEQUENCE, `${what}.policyQualifiers`);
    information.end(what);
    // RFC 5280 §4.2.1.4 MUST: "When qualifiers are used with the special policy anyPolicy, they MUST be limited to the qualifiers identified in this section."
    // RFC 5280 §4.2.1.4 MUST: "If this extension is critical, the path validation software MUST be able to interpret this extension (including the optional qualifier), or MUST reject the certificate."
    const onlyKnown = critical || policy === anyPolicy;
    if (qualifiers !== undefined) checkQualifiers(qualifiers, `${what}.policyQualifiers`, onlyKnown);
  }
  return [...policies];
}

//  PolicyQualifierInfo ::= SEQUENCE { policyQualifierId PolicyQualifierId, qualifier ANY DEFINED BY policyQualifierId }
function checkQualifiers(reader: DerReader, what: string, onlyKnown: boolean): void {
  if (reader.remaining === 0) throw derError(what, reader.offset, "the list is empty");
  while (reader.remaining > 0) {
    const offset = reader.offset;
    const qualifier = reader.enter(Tag.SEQUENCE, what);
    const id = qualifier.objectIdentifier(`${what}.policyQualifierId`);
    qualifier.element(`${what}.qualifier`);
    qualifier.end(what);
    if (onlyKnown && !knownQualifiers.includes(id)) {
      throw derError(what, offset, `qualifiers of type ${id} are not supported, and must be understood here`);
    }
  }
}

//  PolicyMappings ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE {
//    issuerDomainPolicy CertPolicyId, subjectDomainPolicy CertPolicyId }
function decodePolicyMappings(reader: DerReader, what: string): readonly PolicyMapping[] {
  return sequencesOf(reader, what).map(({ information, offset }) => {
    const issuerDomainPolicy = information.objectIdentifier(`${what}.issuerDomainPolicy`);
    const subjectDomainPolicy = information.objectIdentifier(`${what}.subjectDomainPolicy`);
    information.end(what);
    // RFC 5280 §4.2.1.5 MUST: "Policies MUST NOT be mapped either to or from the special value anyPolicy"
    if (issuerDomainPolicy === anyPolicy || subjectDomainPolicy === anyPolicy) {
      throw derError(what, offset, "anyPolicy can't be mapped");
    }
    return { issuerDomainPolicy, subjectDomainPolicy };
  });
}

//  PolicyConstraints ::= SEQUENCE {
//    requireExplicitPolicy [0] SkipCerts OPTIONAL, inhibitPolicyMapping [1] SkipCerts OPTIONAL }
function decodePolicyConstraints(reader: DerReader, what: string): PolicyConstraints {
  const offset = reader.offset;
  const fields = reader.enter(Tag.SEQUENCE, what);
  const explicit = fields.optional(contextTag(0), `${what}.requireExplicitPolicy`);
  const mapping = fields.optional(contextTag(1), `${what}.inhibitPolicyMapping`);
  fields.end(what);
  // RFC 5280 §4.2.1.11 MUST: "Conforming CAs MUST NOT issue certificates where policy constraints is an empty sequence. That is, either the inhibitPolicyMapping field or the requireExplicitPolicy field MUST be present."
  if (explicit === undefined && mapping === undefined) throw derError(what, offset, "the sequence is empty");
  return {
    requireExplicitPolicy: explicit === undefined ? undefined : skipCerts(explicit, `${what}.requireExplicitPolicy`),
    inhibitPolicyMapping: mapping === undefined ? undefined : skipCerts(mapping, `${what}.inhibitPolicyMapping`),
  };
}

function decodeInhibitAnyPolicy(reader: DerReader, what: string): number {
  return skipCerts(reader.expect(Tag.INTEGER, what), what);
}

/** SkipCerts ::= INTEGER (0..MAX). No path is so long that larger numbers than 2^31 could make a difference. */
function skipCerts(element: DerElement, what: string): number {
  const content = decodeUnsignedInteger(element, what);
  return content.length > 4 ? 2 ** 31 : content.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** The elements of a SEQUENCE SIZE (1..MAX) OF SEQUENCE { … }, not more of them than is allowed. */
function sequencesOf(
  reader: DerReader,
  what: string,
): readonly { readonly information: DerReader; readonly offset: number }[] {
  const list = reader.enter(Tag.SEQUENCE, what);
  const found = [];
  if (list.remaining === 0) throw derError(what, list.offset, "the list is empty");
  while (list.remaining > 0) {
    const offset = list.offset;
    if (found.length === maxPolicies) throw derError(what, offset, `the list has more than ${maxPolicies} elements`);
    found.push({ information: list.enter(Tag.SEQUENCE, what), offset });
  }
  return found;
}

/** id-qt-cps and id-qt-unotice: they say something to people, and nothing that a path depends on. */
const knownQualifiers: readonly string[] = ["1.3.6.1.5.5.7.2.1", "1.3.6.1.5.5.7.2.2"];
