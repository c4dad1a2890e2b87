/**
 * URIs as far as certificates need them: whether one is absolute, and which host it names.
 * Enters: text as in a uniformResourceIdentifier. Leaves: the host, or `undefined`. RFC 3986 §3, RFC 5280 §4.2.1.6.
 * Knows no certificate, and resolves nothing.
 * @module
 */

import { isHostName } from "./dns_name.ts";
import { parseIpAddress } from "./ip_address.ts";

/**
 * The host in the authority of a URI, in lower case, where that is a DNS name. `undefined` for URIs without an authority,
 * with an IP address in it, or with anything that readers of URIs could understand differently.
 *
 * @example
 * uriHost("https://user@Example.COM:8443/path"); // "example.com"
 */
export function uriHost(text: string): string | undefined {
  const host = authority.exec(text)?.[1]?.toLowerCase();
  return host !== undefined && isHostName(host) ? host : undefined;
}

/** Why a text is not a URI with a scheme; where it has an authority, its host must be a DNS name or an IP address. */
export function uriSyntaxFault(text: string): string | undefined {
  // RFC 5280 §4.2.1.6 MUST: "The name MUST include both a scheme (e.g., "http" or "ftp") and a scheme-specific-part."
  // RFC 5280 §4.2.1.6 MUST: "The name MUST NOT be a relative URI, and it MUST follow the URI syntax and encoding rules specified in [RFC3986]."
  const [, rest = ""] = /^[a-z][a-z0-9+.-]*:(.+)$/is.exec(text) ?? [];
  if (rest === "") return "it has no scheme, or nothing after it";
  if (!/^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[0-9a-f]{2})+$/i.test(rest)) return "it has characters that URIs don't have";
  if (!rest.startsWith("//") || uriHost(text) !== undefined) return undefined;
  // RFC 5280 §4.2.1.6 MUST: "URIs that include an authority … MUST include a fully qualified domain name or IP address as the host."
  const [, ipv6, ipv4 = ""] = addressAuthority.exec(text) ?? [];
  const isAddress = parseIpAddress(ipv6 ?? ipv4)?.length === (ipv6 === undefined ? 4 : 16);
  return isAddress ? undefined : "its host is neither a DNS name nor an IP address";
}

/** Scheme, userinfo, host, port, and then a path, a query, a fragment or nothing. */
const authority = /^[a-z][a-z0-9+.-]*:\/\/(?:[\w.~!$&'()*+,;=:%-]*@)?([\w.-]+)(?::\d*)?(?:[/?#]|$)/i;

const addressAuthority =
  /^[a-z][a-z0-9+.-]*:\/\/(?:[\w.~!$&'()*+,;=:%-]*@)?(?:\[([0-9a-f:.]+)\]|([0-9.]+))(?::\d*)?(?:[/?#]|$)/i;
