/**
 * Whether a certificate is for the server that was asked for.
 * Enters: a certificate and the name or address wanted. Leaves: nothing, or CertificateError with both values.
 * RFC 9525 §6; subjectAltName only. Whether the certificate is to be trusted is `path.ts`.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import { CertificateError, TlsUsageError } from "../error.ts";
import type { Certificate } from "./certificate.ts";
import { ipAddressText, parseIpAddress } from "./ip_address.ts";

/** RFC 9525 §6.1: whom one wants to talk to. */
export type ReferenceIdentity =
  /** In lower case, without a trailing dot. */
  | { readonly type: "dNSName"; readonly name: string }
  /** 4 or 16 bytes. */
  | { readonly type: "iPAddress"; readonly address: Uint8Array };

/**
 * A server's name as a reference identity: a DNS name (A-labels, `xn--…`, for international ones) or an IP address.
 * Throws TlsUsageError for text that is neither.
 *
 * @example
 * parseServerName("Example.COM."); // { type: "dNSName", name: "example.com" }
 */
export function parseServerName(serverName: string): ReferenceIdentity {
  const reference = referenceIdentityOf(serverName);
  if (reference !== undefined) return reference;
  throw new TlsUsageError(
    `Cannot use "${serverName}" as a server name: it is neither a DNS name (international names need their ` +
      `xn-- form) nor an IPv4 or IPv6 address`,
  );
}

/** Whether a server's name is an IP address, which has no place in a server_name extension (RFC 6066 §3). */
export function isIpAddress(serverName: string): boolean {
  return parseIpAddress(serverName) !== undefined;
}

/** Whether the certificate's subjectAltName has this DNS name or IP address; `false` also for text that is neither. */
export function certifies(certificate: Certificate, serverName: string): boolean {
  const reference = referenceIdentityOf(serverName);
  return reference !== undefined && hasIdentity(certificate, reference);
}

/** RFC 9525 §6: throws CertificateError unless the certificate's subjectAltName has the identity. */
export function checkServerName(certificate: Certificate, reference: ReferenceIdentity): void {
  if (hasIdentity(certificate, reference)) return;
  const wanted = reference.type === "iPAddress" ? ipAddressText(reference.address) : reference.name;
  throw new CertificateError(
    "bad_certificate",
    `Cannot accept the certificate for "${wanted}": ${presentedText(certificate)} (RFC 9525 §6)`,
    { index: 0, check: "name", code: "ERR_TLS_CERT_ALTNAME_INVALID" },
  );
}

/** RFC 9525 §6.3: `pattern` stands in a certificate, maybe with `*` as its first label; `name` is in lower case. */
export function matchesDnsName(pattern: string, name: string): boolean {
  const presented = pattern.toLowerCase();
  if (!presented.startsWith("*.")) return presented === name && isDnsName(presented);
  // RFC 9525 §6.3: the wildcard stands for exactly one label. Two more must follow, or it would span a whole registry.
  const rest = presented.slice(2);
  return rest.includes(".") && rest === name.split(".").slice(1).join(".") && isDnsName(rest);
}

/** RFC 5280 §4.2.1.6: the preferred name syntax, and the underscore that names in use have. */
export function isDnsName(name: string): boolean {
  return name.length <= 253 && dnsName.test(name);
}

/** One expression for all labels: a certificate may have tens of thousands of them. */
const dnsName = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

function referenceIdentityOf(serverName: string): ReferenceIdentity | undefined {
  const address = parseIpAddress(serverName);
  if (address !== undefined) return { type: "iPAddress", address };
  const name = serverName.toLowerCase().replace(/\.$/, "");
  // A name whose last label is a number would be read as an IPv4 address elsewhere (RFC 1123 §2.1).
  const isName = isDnsName(name) && !/(?:^|\.)\d+$/.test(name);
  return isName ? { type: "dNSName", name } : undefined;
}

function hasIdentity({ subjectAltName }: Certificate, reference: ReferenceIdentity): boolean {
  if (subjectAltName === undefined) return false;
  // RFC 9525 §6.5: an IP address matches byte for byte, and never a dNSName.
  return reference.type === "iPAddress"
    ? subjectAltName.ipAddresses.some((address) => equalBytes(address, reference.address))
    : subjectAltName.dnsNames.some((pattern) => matchesDnsName(pattern, reference.name));
}

function presentedText({ subject, subjectAltName }: Certificate): string {
  if (subjectAltName === undefined) return `it has no subjectAltName; its subject "${subject.text}" is not looked at`;
  const presented = [...subjectAltName.dnsNames, ...subjectAltName.ipAddresses.map(ipAddressText)];
  if (presented.length === 0) return "its subjectAltName has neither DNS names nor IP addresses";
  const more = presented.length > maxListed ? ` and ${presented.length - maxListed} more` : "";
  return `it is for ${presented.slice(0, maxListed).map((name) => JSON.stringify(name)).join(", ")}${more}`;
}

const maxListed = 8;
