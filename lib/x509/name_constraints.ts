/**
 * Name constraints: which names a CA may certify.
 * Enters: the constraints of a CA and a certificate below it. Leaves: why a name isn't allowed, or `undefined`.
 * RFC 5280 §4.2.1.10, §7.1, §7.2. A constraint that can't be compared fails closed. Knows no path.
 * @module
 */

import type { Certificate } from "./certificate.ts";
import { isWithinName } from "./distinguished_name.ts";
import type { NameConstraints } from "./extensions.ts";
import type { GeneralName } from "./general_name.ts";
import { ipAddressText, isWithinRange } from "./ip_address.ts";
import { isDnsName } from "./names.ts";
import { AttributeType } from "./oids.ts";

/** Why the constraints forbid a name of the certificate; `undefined` when they forbid none. */
export function nameConstraintFault(constraints: NameConstraints, certificate: Certificate): string | undefined {
  for (const name of namesOf(certificate)) {
    const fault = faultOf(name, constraints);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** How many comparisons that takes at most, so that the work can be limited. */
export function nameConstraintEffort(constraints: NameConstraints, certificate: Certificate): number {
  return namesOf(certificate).length * (constraints.permittedSubtrees.length + constraints.excludedSubtrees.length);
}

/** RFC 5280 §4.2.1.10: "Restrictions apply to the subject distinguished name and … subject alternative names." */
function namesOf({ subject, subjectAltName }: Certificate): readonly GeneralName[] {
  const names = [...subjectAltName?.names ?? []];
  // RFC 5280 §4.2.1.10 MUST: "the rfc822Name constraint MUST be applied to the attribute of type emailAddress"
  if (subject.attributeTypes.includes(AttributeType.emailAddress)) {
    names.push({ type: "rfc822Name", name: subject.text });
  }
  if (subject.keys.length > 0) names.push({ type: "directoryName", name: subject });
  return names;
}

function faultOf(name: GeneralName, { permittedSubtrees, excludedSubtrees }: NameConstraints): string | undefined {
  const permitted = permittedSubtrees.filter(({ type }) => type === name.type);
  const excluded = excludedSubtrees.filter(({ type }) => type === name.type);
  if (permitted.length === 0 && excluded.length === 0) return undefined;
  // RFC 5280 §4.2.1.10 MUST: "the application MUST either process the constraint or reject the certificate."
  const uncomparable = [name, ...permitted, ...excluded].find((candidate) =>
    !isComparable(candidate, candidate === name)
  );
  if (uncomparable !== undefined) {
    return `a constraint on names of type ${name.type} can't be applied to ${nameText(name)}: ` +
      `${nameText(uncomparable)} can't be compared`;
  }
  const forbidding = excluded.find((base) => isWithin(name, base, true));
  if (forbidding !== undefined) return `${nameText(name)} is within the excluded ${nameText(forbidding)}`;
  if (permitted.length === 0 || permitted.some((base) => isWithin(name, base, false))) return undefined;
  return `${nameText(name)} is not within the permitted ${permitted.slice(0, maxListed).map(nameText).join(", ")}`;
}

/** Names of other forms than these three aren't compared; nor are DNS names that are none. */
function isComparable(name: GeneralName, isPresented: boolean): boolean {
  if (name.type === "iPAddress" || name.type === "directoryName") return true;
  if (name.type !== "dNSName") return false;
  if (isPresented) return isDnsName(name.name.replace(/^\*\./, "").split("."));
  return name.name === "" || isDnsName(name.name.split("."));
}

/** `reach`: whether a wildcard counts as every label it could stand for, as it must where names are excluded. */
function isWithin(name: GeneralName, base: GeneralName, reach: boolean): boolean {
  if (name.type === "dNSName" && base.type === "dNSName") return isWithinDomain(name.name, base.name, reach);
  if (name.type === "iPAddress" && base.type === "iPAddress") return isWithinRange(name.address, base.address);
  return name.type === "directoryName" && base.type === "directoryName" && isWithinName(name.name, base.name);
}

/** RFC 5280 §7.2 MUST: "MUST perform a case-insensitive exact match on a label-by-label basis." */
function isWithinDomain(name: string, base: string, reach: boolean): boolean {
  if (base === "") return true;
  const labels = name.toLowerCase().split(".").reverse();
  const baseLabels = base.toLowerCase().split(".").reverse();
  return baseLabels.every((label, index) => label === labels[index] || (reach && labels[index] === "*"));
}

function nameText(name: GeneralName): string {
  switch (name.type) {
    case "dNSName":
    case "rfc822Name":
    case "uniformResourceIdentifier":
      return `${name.type} ${JSON.stringify(name.name)}`;
    case "directoryName":
      return `${name.type} "${name.name.text}"`;
    case "iPAddress": {
      const { address } = name;
      if (address.length === 4 || address.length === 16) return `${name.type} ${ipAddressText(address)}`;
      const half = address.length / 2;
      return `${name.type} ${ipAddressText(address.subarray(0, half))} with mask ${
        ipAddressText(address.subarray(half))
      }`;
    }
    default:
      return `a name of type ${name.type}`;
  }
}

const maxListed = 8;
