/**
 * DNS names as text: what is one, and whether a name from a certificate stands for it.
 * Enters: text. Leaves: yes or no. RFC 1034 §3.5, RFC 1123 §2.1, RFC 5280 §4.2.1.6, RFC 9525 §6.3.
 * Knows no certificate and no A-label's Unicode.
 * @module
 */

/** RFC 5280 §4.2.1.6: the preferred name syntax, and the underscore that names in use have. No trailing dot. */
export function isDnsName(name: string): boolean {
  return name.length <= maxLength && dnsName.test(name);
}

/** A DNS name that can't be read as an IPv4 address: RFC 1123 §2.1, "at least the highest-level … label will be alphabetic". */
export function isHostName(name: string): boolean {
  return isDnsName(name) && !lastLabelIsNumber.test(name);
}

/** RFC 5280 §4.2.1.6: the preferred name syntax of RFC 1034 §3.5 and RFC 1123 §2.1 to the letter: no underscore. */
export function isPreferredName(name: string): boolean {
  return isHostName(name) && !name.includes("_");
}

/** RFC 9525 §6.3: `pattern` stands in a certificate, maybe with `*` as its first label; `name` is in lower case. */
export function matchesDnsName(pattern: string, name: string): boolean {
  const presented = pattern.toLowerCase();
  // RFC 5280 §7.2 MUST: "When comparing DNS names for equality, conforming implementations MUST perform a case-insensitive exact match on the entire DNS name."
  if (!presented.startsWith("*.")) return presented === name && isHostName(presented);
  // RFC 9525 §6.3: the wildcard stands for exactly one label. Two more must follow, or it would span a whole registry.
  const rest = presented.slice(2);
  return rest.includes(".") && name.endsWith(`.${rest}`) && name.indexOf(".") === name.length - rest.length - 1 &&
    isHostName(name);
}

/** RFC 1035 §2.3.4 allows 255 bytes, of which text lacks two. */
const maxLength = 253;

/** One expression for all labels: a certificate may have tens of thousands of them. */
const dnsName = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

const lastLabelIsNumber = /(?:^|\.)\d+$/;
