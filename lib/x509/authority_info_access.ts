/**
 * Where a certificate says that its issuer's certificate can be fetched.
 * Enters: a Certificate. Leaves: addresses; none for a certificate that names none, or is malformed there: it is advice,
 * nothing is proved by it. RFC 5280 §4.2.2.1.
 * @module
 */

import { TlsError } from "../error.ts";
import type { Certificate } from "./certificate.ts";
import { DerReader, Tag } from "./der.ts";
import { decodeGeneralName } from "./general_name.ts";
import { AccessMethod, ExtensionId } from "./oids.ts";

/** The URLs of id-ad-caIssuers, as they stand. */
export function issuerUrls({ extensions }: Certificate): readonly string[] {
  const extension = extensions.find(({ oid }) => oid === ExtensionId.authorityInfoAccess);
  if (extension === undefined) return [];
  try {
    return decodedUrls(extension.value);
  } catch (error) {
    if (error instanceof TlsError) return [];
    throw error;
  }
}

//  AuthorityInfoAccessSyntax ::= SEQUENCE SIZE (1..MAX) OF AccessDescription
//  AccessDescription ::= SEQUENCE { accessMethod OBJECT IDENTIFIER, accessLocation GeneralName }
function decodedUrls(value: Uint8Array): readonly string[] {
  const what = "authorityInfoAccess";
  const outer = new DerReader(value);
  const list = outer.enter(Tag.SEQUENCE, what);
  outer.end(what);
  const urls: string[] = [];
  while (list.remaining > 0) {
    const description = list.enter(Tag.SEQUENCE, what);
    const method = description.objectIdentifier(what);
    const location = decodeGeneralName(description, what);
    description.end(what);
    const isUrl = location.type === "uniformResourceIdentifier" && method === AccessMethod.caIssuers;
    if (isUrl) urls.push(location.name);
  }
  return urls;
}
