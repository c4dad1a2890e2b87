/**
 * Extensions in the making: each function returns one whole Extension in DER.
 * Enters: values as they are decoded. Leaves: DER, critical where the RFC wants it. Throws RangeError for what has none.
 * RFC 5280 §4.2; RFC 7633 §4.1; RFC 6960 §4.2.2.2.1. What a certificate should say is decided in `issue_extensions.ts`:
 * wrong extensions can be written for tests.
 * @module
 */

import {
  derBitString,
  derBoolean,
  derConstructed,
  derImplicit,
  derInteger,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derSequence,
} from "./der_writer.ts";
import { type BasicConstraints, type KeyUsageBit, keyUsageBits } from "./extensions.ts";
import { parseIpAddress } from "./ip_address.ts";
import { encodeGeneralName, type GeneralNameInput } from "./name_writer.ts";
import { AccessMethod, ExtensionId } from "./oids.ts";

/** Which names a CA may certify. A decoded NameConstraints is one. */
export interface NameConstraintsInput {
  readonly permittedSubtrees?: readonly GeneralNameInput[] | undefined;
  readonly excludedSubtrees?: readonly GeneralNameInput[] | undefined;
}

/** RFC 5280 §4.2.1.5: object identifiers of policies that the issuer holds to be the same. */
export interface PolicyMappingInput {
  readonly issuerDomainPolicy: string;
  readonly subjectDomainPolicy: string;
}

/** RFC 5280 §4.2.1.11: after how many further certificates each of them holds. */
export interface PolicyConstraintsInput {
  readonly requireExplicitPolicy?: number | undefined;
  readonly inhibitPolicyMapping?: number | undefined;
}

export function encodeExtension(oid: string, critical: boolean, value: Uint8Array): Uint8Array<ArrayBuffer> {
  return derSequence(derObjectIdentifier(oid), ...critical ? [derBoolean(true)] : [], derOctetString(value));
}

/** Critical, as RFC 5280 §4.2.1.9 wants it. */
export function encodeBasicConstraints({ cA, pathLenConstraint }: BasicConstraints): Uint8Array<ArrayBuffer> {
  const limit = pathLenConstraint === undefined ? [] : [derInteger(pathLenConstraint)];
  const value = derSequence(...cA ? [derBoolean(true)] : [], ...limit);
  return encodeExtension(ExtensionId.basicConstraints, true, value);
}

/** Critical, as RFC 5280 §4.2.1.3 wants it. */
export function encodeKeyUsage(usage: readonly KeyUsageBit[]): Uint8Array<ArrayBuffer> {
  // RFC 5280 appendix B MUST: "When DER encoding a named bit list, trailing zeros MUST be omitted."
  const positions = usage.map((bit) => keyUsageBits.indexOf(bit));
  const last = Math.max(0, ...positions);
  const bytes = new Uint8Array((last >> 3) + 1);
  for (const position of positions) bytes[position >> 3] = (bytes[position >> 3] ?? 0) | 0x80 >> (position & 7);
  return encodeExtension(ExtensionId.keyUsage, true, derBitString(bytes, 7 - (last & 7)));
}

/** Object identifiers, see `KeyPurposeId`. */
export function encodeExtendedKeyUsage(purposes: readonly string[]): Uint8Array<ArrayBuffer> {
  return encodeExtension(ExtensionId.extendedKeyUsage, false, derSequence(...purposes.map(derObjectIdentifier)));
}

/** Texts are DNS names and IP addresses; critical where there is no subject (RFC 5280 §4.2.1.6). */
export function encodeSubjectAltName(
  names: readonly (string | GeneralNameInput)[],
  critical: boolean,
): Uint8Array<ArrayBuffer> {
  const encoded = names.map((name) => encodeGeneralName(typeof name === "string" ? generalNameOf(name) : name));
  return encodeExtension(ExtensionId.subjectAltName, critical, derSequence(...encoded));
}

export function encodeSubjectKeyIdentifier(keyIdentifier: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeExtension(ExtensionId.subjectKeyIdentifier, false, derOctetString(keyIdentifier));
}

export function encodeAuthorityKeyIdentifier(keyIdentifier: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeExtension(ExtensionId.authorityKeyIdentifier, false, derSequence(derImplicit(0, keyIdentifier)));
}

/** Critical, as RFC 5280 §4.2.1.10 wants it. Empty lists are left out. */
export function encodeNameConstraints(constraints: NameConstraintsInput): Uint8Array<ArrayBuffer> {
  const { permittedSubtrees = [], excludedSubtrees = [] } = constraints;
  const lists = [permittedSubtrees, excludedSubtrees].flatMap((bases, number) =>
    bases.length === 0 ? [] : [derConstructed(number, ...bases.map((base) => derSequence(encodeGeneralName(base))))]
  );
  return encodeExtension(ExtensionId.nameConstraints, true, derSequence(...lists));
}

/** Object identifiers of policies, without qualifiers (RFC 5280 §4.2.1.4). */
export function encodeCertificatePolicies(policies: readonly string[]): Uint8Array<ArrayBuffer> {
  const information = policies.map((policy) => derSequence(derObjectIdentifier(policy)));
  return encodeExtension(ExtensionId.certificatePolicies, false, derSequence(...information));
}

/** Critical, as RFC 5280 §4.2.1.5 advises. */
export function encodePolicyMappings(mappings: readonly PolicyMappingInput[]): Uint8Array<ArrayBuffer> {
  const encoded = mappings.map(({ issuerDomainPolicy, subjectDomainPolicy }) =>
    derSequence(derObjectIdentifier(issuerDomainPolicy), derObjectIdentifier(subjectDomainPolicy))
  );
  return encodeExtension(ExtensionId.policyMappings, true, derSequence(...encoded));
}

/** Critical, as RFC 5280 §4.2.1.11 wants it. */
export function encodePolicyConstraints(constraints: PolicyConstraintsInput): Uint8Array<ArrayBuffer> {
  const fields = [constraints.requireExplicitPolicy, constraints.inhibitPolicyMapping].flatMap((count, number) =>
    count === undefined ? [] : [derImplicit(number, integerContent(count))]
  );
  return encodeExtension(ExtensionId.policyConstraints, true, derSequence(...fields));
}

/** After how many further certificates; critical, as RFC 5280 §4.2.1.14 wants it. */
export function encodeInhibitAnyPolicy(skipCerts: number): Uint8Array<ArrayBuffer> {
  return encodeExtension(ExtensionId.inhibitAnyPolicy, true, derInteger(skipCerts));
}

/** One DistributionPoint for each URL (RFC 5280 §4.2.1.13). */
export function encodeCrlDistributionPoints(urls: readonly string[]): Uint8Array<ArrayBuffer> {
  // RFC 5280 §4.2.1.13 MUST: "If the certificate issuer is also the CRL issuer, then conforming CAs MUST omit the cRLIssuer field and MUST include the distributionPoint field."
  // RFC 5280 §4.2.1.13 MUST: "When a conforming CA includes a cRLDistributionPoints extension in a certificate, it MUST include at least one DistributionPoint that points to a CRL that covers the certificate for all reasons."
  const points = urls.map((url) => {
    const fullName = derConstructed(0, encodeGeneralName({ type: "uniformResourceIdentifier", name: url }));
    return derSequence(derConstructed(0, fullName));
  });
  return encodeExtension(ExtensionId.cRLDistributionPoints, false, derSequence(...points));
}

/** Where OCSP responders and the issuer's certificate are, URLs both (RFC 5280 §4.2.2.1). */
export function encodeAuthorityInfoAccess(
  ocspUrls: readonly string[],
  issuerUrls: readonly string[],
): Uint8Array<ArrayBuffer> {
  const described = (accessMethod: string) => (url: string): Uint8Array => {
    const accessLocation = encodeGeneralName({ type: "uniformResourceIdentifier", name: url });
    return derSequence(derObjectIdentifier(accessMethod), accessLocation);
  };
  const descriptions = [
    ...ocspUrls.map(described(AccessMethod.ocsp)),
    ...issuerUrls.map(described(AccessMethod.caIssuers)),
  ];
  return encodeExtension(ExtensionId.authorityInfoAccess, false, derSequence(...descriptions));
}

/** RFC 7633 §4.1: numbers of TLS extensions that a server has to support; 5 is must-staple. */
export function encodeTlsFeature(features: readonly number[]): Uint8Array<ArrayBuffer> {
  return encodeExtension(ExtensionId.tlsFeature, false, derSequence(...features.map((number) => derInteger(number))));
}

/** RFC 6960 §4.2.2.2.1: an OCSP responder's certificate that isn't to be checked itself. */
export function encodeOcspNoCheck(): Uint8Array<ArrayBuffer> {
  // RFC 6960 §4.2.2.2.1 SHALL: "The value of the extension SHALL be NULL."
  return encodeExtension(ExtensionId.ocspNoCheck, false, derNull());
}

function generalNameOf(text: string): GeneralNameInput {
  const address = parseIpAddress(text);
  return address === undefined ? { type: "dNSName", name: text } : { type: "iPAddress", address };
}

/** What stands in an INTEGER, for an implicit tag in place of its own. */
function integerContent(value: number): Uint8Array {
  // Numbers have at most 8 bytes here, so that the header of a whole element has two.
  return derInteger(value).subarray(2);
}
