/**
 * Whether the names in a certificate are written as RFC 5280 wants them: what strict policies ask.
 * Enters: a certificate. Leaves: what is wrong with a name, or `undefined`. RFC 5280 §4.2.1.6.
 * Names that are wrong here may still be compared: `names.ts`, `name_constraints.ts`.
 * @module
 */

import type { Certificate } from "./certificate.ts";
import { isPreferredName } from "./dns_name.ts";
import { type GeneralName, generalNameText } from "./general_name.ts";
import { parseMailbox } from "./mailbox.ts";
import { uriSyntaxFault } from "./uri.ts";

/**
 * Why a name in subjectAltName isn't of the syntax for its form; `undefined` when all are. A dNSName may have `*` as its
 * whole first label, before a name that has no underscore. iPAddress, and forms that aren't read, are never wrong here.
 */
export function preferredNameSyntaxFault({ subjectAltName }: Certificate): string | undefined {
  for (const name of subjectAltName?.names ?? []) {
    const why = syntaxFault(name);
    if (why !== undefined) return `its subjectAltName has ${generalNameText(name)}: ${why}`;
  }
  return undefined;
}

function syntaxFault(name: GeneralName): string | undefined {
  switch (name.type) {
    case "dNSName":
      return dnsNameFault(name.name);
    case "rfc822Name": {
      // RFC 5280 §4.2.1.6: "The format of an rfc822Name is a "Mailbox" as defined in Section 4.1.2 of [RFC2821]."
      const domain = parseMailbox(name.name)?.domain;
      return domain?.startsWith("[") || isPreferredName(domain ?? "") ? undefined : "that is not a mailbox";
    }
    case "uniformResourceIdentifier":
      return uriSyntaxFault(name.name);
    case "directoryName":
      // RFC 5280 §4.2.1.6 MUST: "conforming CAs MUST NOT issue certificates with subjectAltNames containing empty GeneralName fields."
      return name.name.keys.length > 0 ? undefined : "that is empty";
    default:
      return undefined;
  }
}

function dnsNameFault(name: string): string | undefined {
  // RFC 5280 §4.2.1.6 MUST: "In addition, while the string … is a legal domain name, subjectAltName extensions with a dNSName of … MUST NOT be used."
  // RFC 5280 §4.2.1.6 MUST: "The name MUST be in the "preferred name syntax", as specified by Section 3.5 of [RFC1034] and as modified by Section 2.1 of [RFC1123]."
  if (name.length <= 253 && isPreferredName(name.replace(/^\*\./, ""))) return undefined;
  if (name.includes("_")) return "an underscore is not in the preferred name syntax";
  if (name.endsWith(".")) return "a trailing dot is not in the preferred name syntax";
  return "that is not in the preferred name syntax";
}
