/**
 * Whether a certificate is for the server, or for the mailbox, that was asked for.
 * Enters: a certificate and the name or address wanted. Leaves: why it isn't, with both values, or `undefined`.
 * RFC 9525 §6, RFC 5280 §7.5; subjectAltName only. Whether the certificate is to be trusted is `path.ts`.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import { TlsUsageError } from "../error.ts";
import type { Certificate } from "./certificate.ts";
import { isHostName, matchesDnsName } from "./dns_name.ts";
import { quotedText } from "./general_name.ts";
import { ipAddressText, parseIpAddress } from "./ip_address.ts";
import { type Mailbox, parseMailbox } from "./mailbox.ts";

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
  return reference !== undefined && presentedIdentity(certificate, reference) === "identity";
}

/**
 * RFC 9525 §6: why the certificate isn't for the identity, with both values; `undefined` when its subjectAltName has it. With
 * `isPublicSuffix` (see publicSuffixMatcher) a wildcard directly below a public suffix, such as `*.co.uk`, stands for no name.
 */
export function serverNameFault(
  certificate: Certificate,
  reference: ReferenceIdentity,
  isPublicSuffix?: (domain: string) => boolean,
): string | undefined {
  const found = presentedIdentity(certificate, reference, isPublicSuffix);
  if (found === "identity") return undefined;
  const wanted = reference.type === "iPAddress" ? ipAddressText(reference.address) : reference.name;
  return notFor(wanted, `${presentedText(certificate)}${publicSuffixText(found)} (RFC 9525 §6)`);
}

/**
 * RFC 5280 §7.5: why the certificate isn't for the mailbox; `undefined` when its subjectAltName has it as an rfc822Name: the
 * local part is compared exactly, the domain (A-labels) without regard to case. The subject is not looked at. Throws
 * TlsUsageError for text that is no mailbox.
 */
export function emailAddressFault(certificate: Certificate, address: string): string | undefined {
  const wanted = parseEmailAddress(address);
  const presented = certificate.subjectAltName?.names.flatMap((name) => name.type === "rfc822Name" ? [name.name] : []);
  const isWanted = (mailbox: Mailbox | undefined): boolean =>
    mailbox?.localPart === wanted.localPart && mailbox.domain === wanted.domain;
  if (presented?.some((name) => isWanted(parseMailbox(name)))) return undefined;
  const why = presented === undefined
    ? withoutAltNameText(certificate)
    : listedText(presented) ?? "its subjectAltName has no email addresses";
  return notFor(address, `${why} (RFC 5280 §7.5)`);
}

/** An email address as a reference identity. Throws TlsUsageError for text that is none. */
export function parseEmailAddress(address: string): Mailbox {
  const mailbox = parseMailbox(address);
  if (mailbox !== undefined) return mailbox;
  throw new TlsUsageError(
    `Cannot use ${quotedText(address)} as an email address: it is not of the form local-part@domain in ASCII ` +
      "(international domains need their xn-- form)",
  );
}

function referenceIdentityOf(serverName: string): ReferenceIdentity | undefined {
  const address = parseIpAddress(serverName);
  if (address !== undefined) return { type: "iPAddress", address };
  const name = serverName.toLowerCase().replace(/\.$/, "");
  // A name whose last label is a number would be read as an IPv4 address elsewhere (RFC 1123 §2.1).
  return isHostName(name) ? { type: "dNSName", name } : undefined;
}

/** `identity` where the certificate has it; a wildcard that would, if it didn't stand below a public suffix; or nothing. */
function presentedIdentity(
  { subjectAltName }: Certificate,
  reference: ReferenceIdentity,
  isPublicSuffix?: (domain: string) => boolean,
): "identity" | { readonly wildcard: string } | undefined {
  if (subjectAltName === undefined) return undefined;
  if (reference.type === "iPAddress") {
    // RFC 9525 §6.5: an IP address matches byte for byte, and never a dNSName.
    const isPresented = subjectAltName.ipAddresses.some((address) => equalBytes(address, reference.address));
    return isPresented ? "identity" : undefined;
  }
  const matching = subjectAltName.dnsNames.filter((pattern) => matchesDnsName(pattern, reference.name));
  // RFC 9525 §7.1: whoever holds a name below a public suffix doesn't hold all of them.
  const isTooWide = (pattern: string): boolean =>
    pattern.startsWith("*.") && isPublicSuffix !== undefined &&
    // Exactly `false`: a promise, or whatever else a function of somebody's own may return, is no leave.
    isPublicSuffix(pattern.slice(2).toLowerCase()) !== false;
  const [wildcard] = matching;
  if (wildcard === undefined) return undefined;
  return matching.every(isTooWide) ? { wildcard } : "identity";
}

function notFor(wanted: string, why: string): string {
  return `it is not for ${quotedText(wanted)}: ${why}`;
}

function presentedText(certificate: Certificate): string {
  const { subjectAltName } = certificate;
  if (subjectAltName === undefined) return withoutAltNameText(certificate);
  const presented = [...subjectAltName.dnsNames, ...subjectAltName.ipAddresses.map(ipAddressText)];
  return listedText(presented) ?? "its subjectAltName has neither DNS names nor IP addresses";
}

function publicSuffixText(found: { readonly wildcard: string } | undefined): string {
  if (found === undefined) return "";
  return `; ${quotedText(found.wildcard)} stands directly below the public suffix ` +
    `${quotedText(found.wildcard.slice(2))}, and so for no name`;
}

function withoutAltNameText({ subject }: Certificate): string {
  return `it has no subjectAltName; its subject "${subject.text}" is not looked at`;
}

function listedText(presented: readonly string[]): string | undefined {
  if (presented.length === 0) return undefined;
  const more = presented.length > maxListed ? ` and ${presented.length - maxListed} more` : "";
  return `it is for ${presented.slice(0, maxListed).map(quotedText).join(", ")}${more}`;
}

const maxListed = 8;
