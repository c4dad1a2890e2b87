/**
 * Mailboxes: the addresses of Internet mail, taken apart so that they can be compared.
 * Enters: text as in an rfc822Name. Leaves: local part and domain, or `undefined`.
 * RFC 5280 §4.2.1.6, §7.5; RFC 2821 §4.1.2, the characters as RFC 5321 §4.1.2 has them. Knows no certificate.
 * @module
 */

import { isDnsName } from "./dns_name.ts";
import { ipAddressText, parseIpAddress } from "./ip_address.ts";

/** RFC 5280 §7.5: two are the same when both of these are. */
export interface Mailbox {
  /** Without quotes and backslashes: `a.b`, `"a.b"` and `"a\.b"` name the same mailbox. Case counts. */
  readonly localPart: string;
  /** A DNS name in lower case, or an address in brackets as RFC 5952 writes it: `[192.0.2.1]`, `[ipv6:2001:db8::1]`. */
  readonly domain: string;
}

/**
 * A mailbox `Local-part@Domain`: no name before it, no comment, no angle brackets, ASCII only.
 *
 * @example
 * parseMailbox("Jo.Doe@Example.COM"); // { localPart: "Jo.Doe", domain: "example.com" }
 */
export function parseMailbox(text: string): Mailbox | undefined {
  if (text.length > maxLength) return undefined;
  const [, dotString, quotedString, domainText = ""] = mailbox.exec(text) ?? [];
  const localPart = dotString ?? quotedString?.replace(/\\(.)/g, "$1");
  const domain = parseDomain(domainText.toLowerCase());
  return localPart === undefined || domain === undefined ? undefined : { localPart, domain };
}

function parseDomain(text: string): string | undefined {
  if (isDnsName(text)) return text;
  const [, tag, address = ""] = /^\[(ipv6:)?([0-9a-f.:]+)\]$/.exec(text) ?? [];
  const parsed = parseIpAddress(address);
  if (parsed === undefined || (tag !== undefined) !== (parsed.length === 16)) return undefined;
  return `[${tag ?? ""}${ipAddressText(parsed)}]`;
}

/** RFC 3696 §3: 64 for the local part, 255 for the domain. */
const maxLength = 320;

/** RFC 5321 §4.1.2: a Dot-string of atoms or a Quoted-string, "@", and what may be a domain. */
const mailbox =
  /^(?:([\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*)|"((?:[ !#-[\]-~]|\\[ -~])*)")@([\w.:[\]-]+)$/;
