/**
 * Names and the subtrees of name constraints, made ready to be compared; and whether a name is within a subtree.
 * Enters: names as certificates have them. Leaves: their comparable form, `undefined` where there is none; yes or no.
 * RFC 5280 §4.2.1.10, §7.1, §7.2, §7.5. What follows from it is `name_constraints.ts`.
 * @module
 */

import { type DistinguishedName, isWithinName } from "./distinguished_name.ts";
import { isDnsName, isHostName } from "./dns_name.ts";
import type { GeneralName } from "./general_name.ts";
import { isWithinRange } from "./ip_address.ts";
import { type Mailbox, parseMailbox } from "./mailbox.ts";
import { uriHost } from "./uri.ts";

/** A name that can be compared. */
export type ComparableName =
  /** A dNSName, which may begin with `*.`; the host of a URI; the domain of a mailbox. All in lower case. */
  | { readonly type: "domain"; readonly domain: string; readonly localPart: string | undefined }
  | { readonly type: "iPAddress"; readonly address: Uint8Array }
  | { readonly type: "directoryName"; readonly name: DistinguishedName };

/** A subtree that names can be compared with. */
export type Subtree =
  | DomainSubtree
  | Mailbox & { readonly type: "mailbox" }
  | { readonly type: "iPAddress"; readonly addressAndMask: Uint8Array }
  | { readonly type: "directoryName"; readonly name: DistinguishedName };

interface DomainSubtree {
  readonly type: "domain";
  /** In lower case, without a leading period. */
  readonly domain: string;
  /** The domain with a period before it, which is how all names below it end. */
  readonly suffix: string;
  /** What stands above the domain: without its first label. */
  readonly above: string;
  readonly holds: "itself" | "below" | "itself and below";
}

/** A name as a certificate presents it; `undefined` where no rule says how to compare it, or it doesn't fit the rule. */
export function comparableName(name: GeneralName): ComparableName | undefined {
  switch (name.type) {
    case "dNSName": {
      const domain = name.name.toLowerCase();
      return isDnsName(domain.replace(/^\*\./, "")) ? { type: "domain", domain, localPart: undefined } : undefined;
    }
    case "rfc822Name": {
      const mailbox = hostedMailbox(name.name);
      return mailbox && { type: "domain", ...mailbox };
    }
    case "uniformResourceIdentifier": {
      // RFC 5280 §4.2.1.10 MUST: "If a constraint is applied to the uniformResourceIdentifier name form and a subsequent certificate includes a subjectAltName extension with a uniformResourceIdentifier that does not include an authority component with a host name specified as a fully qualified domain name … then the application MUST reject the certificate."
      const domain = uriHost(name.name);
      return domain === undefined ? undefined : { type: "domain", domain, localPart: undefined };
    }
    case "iPAddress":
      return name;
    case "directoryName":
      // What is no string is compared as bytes, which don't say whether it is another spelling of what is excluded.
      return name.name.attributes.every(({ isText }) => isText) ? name : undefined;
    default:
      return undefined;
  }
}

/** The base of a subtree; `undefined` where nothing can be compared with it. */
export function subtreeOf(base: GeneralName): Subtree | undefined {
  switch (base.type) {
    case "dNSName":
      return dnsSubtree(base.name.toLowerCase());
    case "rfc822Name": {
      if (!base.name.includes("@")) return hostSubtree(base.name.toLowerCase(), isDnsName);
      const mailbox = hostedMailbox(base.name);
      return mailbox && { type: "mailbox", ...mailbox };
    }
    case "uniformResourceIdentifier":
      return hostSubtree(base.name.toLowerCase(), isHostName);
    case "iPAddress":
      return { type: "iPAddress", addressAndMask: base.address };
    case "directoryName":
      return base.name.attributes.every(({ isText }) => isText) ? base : undefined;
    default:
      return undefined;
  }
}

/**
 * Whether a name is within a subtree for the same form of names. `reach`: whether a wildcard counts as every label it could
 * stand for, as it must where names are excluded.
 */
export function isWithinSubtree(name: ComparableName, subtree: Subtree, reach: boolean): boolean {
  switch (name.type) {
    case "domain":
      if (subtree.type === "domain") return isWithinDomain(name.domain, subtree, reach);
      // RFC 5280 §7.5: an exact match of the local parts, and one of the hosts without regard to case.
      return subtree.type === "mailbox" && name.domain === subtree.domain && name.localPart === subtree.localPart;
    case "iPAddress":
      return subtree.type === "iPAddress" && isWithinRange(name.address, subtree.addressAndMask);
    case "directoryName":
      // RFC 5280 §4.2.1.10 MUST: "Applications conforming to this profile MUST be able to process name constraints that are imposed on the directoryName name form"
      return subtree.type === "directoryName" && isWithinName(name.name, subtree.name);
  }
}

/** A mailbox whose domain has a name. One at an address (`a@[192.0.2.1]`) is at no host that a constraint could mean. */
function hostedMailbox(text: string): Mailbox | undefined {
  const mailbox = parseMailbox(text);
  return mailbox !== undefined && isDnsName(mailbox.domain) ? mailbox : undefined;
}

/**
 * RFC 5280 §4.2.1.10: "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand side of the name satisfies the name constraint."
 * That makes the empty one hold every name. A leading period, of which the RFC doesn't know here, demands a label, as
 * other libraries have it; see nameConstraintSyntaxFault.
 */
function dnsSubtree(base: string): DomainSubtree | undefined {
  if (base.startsWith(".")) return domainSubtree(base.slice(1), "below", isDnsName);
  return domainSubtree(base, "itself and below", (domain) => domain === "" || isDnsName(domain));
}

/**
 * RFC 5280 §4.2.1.10: "When the constraint begins with a period, it MAY be expanded with one or more labels." Without
 * one it is a host. The empty one is neither: libraries take it for everything or for nothing, so that it is refused.
 */
function hostSubtree(base: string, isHost: (domain: string) => boolean): DomainSubtree | undefined {
  return base.startsWith(".") ? domainSubtree(base.slice(1), "below", isHost) : domainSubtree(base, "itself", isHost);
}

function domainSubtree(
  domain: string,
  holds: DomainSubtree["holds"],
  isDomain: (domain: string) => boolean,
): DomainSubtree | undefined {
  if (!isDomain(domain)) return undefined;
  return { type: "domain", domain, suffix: `.${domain}`, above: domain.replace(/^[^.]*\.?/, ""), holds };
}

/** RFC 5280 §7.2 MUST: "MUST perform a case-insensitive exact match on a label-by-label basis." */
function isWithinDomain(name: string, { domain, suffix, above, holds }: DomainSubtree, reach: boolean): boolean {
  if (holds === "itself") return name === domain;
  if (name.endsWith(suffix)) return true;
  if (holds === "below") return false;
  if (domain === "" || name === domain) return true;
  return reach && name.startsWith("*.") && name.length === above.length + 2 && name.endsWith(above);
}
