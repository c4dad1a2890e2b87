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
  const prepared = new Map<GeneralName["type"], Subtrees>();
  for (const name of namesOf(certificate)) {
    const subtrees = prepared.get(name.type) ?? subtreesOf(name.type, constraints);
    prepared.set(name.type, subtrees);
    const fault = faultOf(name, subtrees);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** How many comparisons that takes at most, so that the work can be limited. Each name counts once by itself. */
export function nameConstraintEffort(constraints: NameConstraints, certificate: Certificate): number {
  const names = namesOf(certificate);
  const bases = [...constraints.permittedSubtrees, ...constraints.excludedSubtrees];
  const countByType = new Map<GeneralName["type"], number>();
  for (const { type } of bases) countByType.set(type, (countByType.get(type) ?? 0) + 1);
  return names.reduce((sum, { type }) => sum + 1 + (countByType.get(type) ?? 0), 0);
}

/** The subtrees for names of one type, made ready once to be compared with many names. */
interface Subtrees {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
  /** One that can't be compared: then no name of the type is allowed. */
  readonly uncomparable: GeneralName | undefined;
}

interface Subtree {
  readonly base: GeneralName;
  /** A dNSName in lower case; empty for other types. */
  readonly domain: string;
  /** What stands above the domain: without its first label. */
  readonly above: string;
}

function subtreesOf(type: GeneralName["type"], { permittedSubtrees, excludedSubtrees }: NameConstraints): Subtrees {
  const permitted = permittedSubtrees.filter((base) => base.type === type);
  const excluded = excludedSubtrees.filter((base) => base.type === type);
  return {
    permitted: permitted.map(subtreeOf),
    excluded: excluded.map(subtreeOf),
    uncomparable: [...permitted, ...excluded].find((base) => !isComparable(base, false)),
  };
}

function subtreeOf(base: GeneralName): Subtree {
  const domain = base.type === "dNSName" ? base.name.toLowerCase() : "";
  return { base, domain, above: domain.replace(/^[^.]*\.?/, "") };
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

function faultOf(name: GeneralName, { permitted, excluded, uncomparable }: Subtrees): string | undefined {
  if (permitted.length === 0 && excluded.length === 0) return undefined;
  const wrong = isComparable(name, true) ? uncomparable : name;
  // RFC 5280 §4.2.1.10 MUST: "the application MUST either process the constraint or reject the certificate."
  if (wrong !== undefined) {
    return `a constraint on names of type ${name.type} can't be applied to ${nameText(name)}: ` +
      `${nameText(wrong)} can't be compared`;
  }
  const domain = name.type === "dNSName" ? name.name.toLowerCase() : "";
  const forbidding = excluded.find((subtree) => isWithin(name, domain, subtree, true));
  if (forbidding !== undefined) return `${nameText(name)} is within the excluded ${nameText(forbidding.base)}`;
  if (permitted.length === 0 || permitted.some((subtree) => isWithin(name, domain, subtree, false))) return undefined;
  const listed = permitted.slice(0, maxListed).map(({ base }) => nameText(base)).join(", ");
  return `${nameText(name)} is not within the permitted ${listed}`;
}

/** Names of other forms than these three aren't compared; nor are DNS names that are none. */
function isComparable(name: GeneralName, isPresented: boolean): boolean {
  if (name.type === "iPAddress" || name.type === "directoryName") return true;
  if (name.type !== "dNSName") return false;
  if (isPresented) return isDnsName(name.name.replace(/^\*\./, ""));
  return name.name === "" || isDnsName(name.name);
}

/**
 * `domain`: a dNSName in lower case. `reach`: whether a wildcard counts as every label it could stand for, as it must
 * where names are excluded.
 */
function isWithin(name: GeneralName, domain: string, subtree: Subtree, reach: boolean): boolean {
  const { base } = subtree;
  if (name.type === "dNSName" && base.type === "dNSName") return isWithinDomain(domain, subtree, reach);
  if (name.type === "iPAddress" && base.type === "iPAddress") return isWithinRange(name.address, base.address);
  return name.type === "directoryName" && base.type === "directoryName" && isWithinName(name.name, base.name);
}

/**
 * RFC 5280 §7.2 MUST: "MUST perform a case-insensitive exact match on a label-by-label basis."
 * Both are DNS names in lower case, of which the name may begin with `*.`.
 */
function isWithinDomain(name: string, { domain, above }: Subtree, reach: boolean): boolean {
  if (domain === "" || name === domain) return true;
  const start = name.length - domain.length;
  if (start > 0 && name.charAt(start - 1) === "." && name.endsWith(domain)) return true;
  return reach && name.startsWith("*.") && name.length === above.length + 2 && name.endsWith(above);
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
