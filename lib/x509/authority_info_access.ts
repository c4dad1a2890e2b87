/**
 * Where a certificate says that its issuer's certificate, and its status, can be fetched.
 * Enters: a Certificate. Leaves: addresses, and what is wrong with the extension. They are advice: nothing is proved by
 * them, so that one which is malformed makes a certificate useless only where a policy says so.
 * RFC 5280 §4.2.2.1.
 * @module
 */

import { TlsError } from "../error.ts";
import type { Certificate } from "./certificate.ts";
import { derError, DerReader, Tag } from "./der.ts";
import { extensionOf } from "./extensions.ts";
import { decodeGeneralName, type GeneralName } from "./general_name.ts";
import { AccessMethod, ExtensionId } from "./oids.ts";

/** RFC 5280 §4.2.2.1: what can be fetched (see `AccessMethod`), and where. */
export interface AccessDescription {
  readonly accessMethod: string;
  readonly accessLocation: GeneralName;
}

/** The URLs of id-ad-caIssuers, as they stand; none for a certificate that names none, or is malformed there. */
export function issuerUrls(certificate: Certificate): readonly string[] {
  return urlsOf(certificate, AccessMethod.caIssuers);
}

/** The URLs of id-ad-ocsp, likewise. */
export function ocspUrls(certificate: Certificate): readonly string[] {
  return urlsOf(certificate, AccessMethod.ocsp);
}

/** Why the extension can't be read; `undefined` when it can, or isn't there. */
export function authorityInfoAccessFault(certificate: Certificate): string | undefined {
  return readAccess(certificate).fault;
}

function urlsOf(certificate: Certificate, method: string): readonly string[] {
  return readAccess(certificate).descriptions.flatMap(({ accessMethod, accessLocation }) =>
    accessMethod === method && accessLocation.type === "uniformResourceIdentifier" ? [accessLocation.name] : []
  );
}

interface Access {
  readonly descriptions: readonly AccessDescription[];
  readonly fault: string | undefined;
}

function readAccess(certificate: Certificate): Access {
  const extension = extensionOf(certificate, ExtensionId.authorityInfoAccess);
  if (extension === undefined) return { descriptions: [], fault: undefined };
  try {
    return { descriptions: decodeDescriptions(extension.value), fault: undefined };
  } catch (error) {
    if (error instanceof TlsError) return { descriptions: [], fault: error.message };
    throw error;
  }
}

//  AuthorityInfoAccessSyntax ::= SEQUENCE SIZE (1..MAX) OF AccessDescription
//  AccessDescription ::= SEQUENCE { accessMethod OBJECT IDENTIFIER, accessLocation GeneralName }
function decodeDescriptions(value: Uint8Array): readonly AccessDescription[] {
  const what = "authorityInfoAccess";
  const outer = new DerReader(value);
  const list = outer.enter(Tag.SEQUENCE, what);
  outer.end(what);
  const descriptions: AccessDescription[] = [];
  if (list.remaining === 0) throw derError(what, list.offset, "the list is empty");
  while (list.remaining > 0) {
    const description = list.enter(Tag.SEQUENCE, what);
    const accessMethod = description.objectIdentifier(what);
    const accessLocation = decodeGeneralName(description, what);
    description.end(what);
    descriptions.push({ accessMethod, accessLocation });
  }
  return descriptions;
}
