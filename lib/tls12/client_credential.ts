/**
 * Which credential a client shows a server that asks for one.
 * RFC 5246 §7.4.4, §7.4.6; RFC 8422 §5.5.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import { SignatureScheme, type SignatureSchemeName } from "../registry.ts";
import type { ChooseCredentialQuestion } from "../request.ts";
import type { ClientSettings, LoadedCredential } from "../settings.ts";
import { type Known, known } from "./known.ts";
import { certificateTypeOf, named } from "./names.ts";
import type { ClientCredentialWishes } from "./wishes.ts";

/**
 * The first credential that is of a type, by an issuer and with a scheme that the server would accept. Whoever chooses by
 * request was told the issuers, and may know better.
 */
export function pickedCredential(
  wishes: ClientCredentialWishes,
  credentials: readonly LoadedCredential[],
  config: ClientSettings,
): { readonly credential: LoadedCredential; readonly scheme: SignatureSchemeName } | undefined {
  for (const credential of credentials) {
    if (!isOfType(credential, wishes)) continue;
    if (config.credentials !== "request" && !isByIssuer(credential, wishes)) continue;
    const scheme = credential.signer.schemes.find((name) =>
      wishes.signatureSchemes.includes(SignatureScheme[name]) &&
      config.signatureSchemes.some((one) => one.name === name)
    );
    if (scheme !== undefined) return { credential, scheme };
  }
  return undefined;
}

/** What the embedder is asked when it wants to choose itself. */
export function questionFor(all: Known): ChooseCredentialQuestion {
  const { signatureSchemes, certificateAuthorities } = known(all, "certificateRequest");
  const { cipherSuite, serverName } = known(all, "negotiated");
  return {
    type: "chooseCredential",
    serverName,
    cipherSuites: [cipherSuite],
    signatureSchemes: named(SignatureScheme, signatureSchemes),
    certificateAuthorities: certificateAuthorities.map((name) => Uint8Array.from(name)),
  };
}

function isOfType({ leaf }: LoadedCredential, { certificateTypes }: ClientCredentialWishes): boolean {
  return leaf.publicKey !== undefined && certificateTypes.includes(certificateTypeOf(leaf.publicKey.type));
}

function isByIssuer({ issuers }: LoadedCredential, { certificateAuthorities }: ClientCredentialWishes): boolean {
  // RFC 5246 §7.4.6: "If the certificate_authorities list in the certificate request message was non-empty, one of the
  // certificates in the certificate chain SHOULD be issued by one of the listed CAs."
  return certificateAuthorities.length === 0 ||
    certificateAuthorities.some((name) => issuers.some((issuer) => equalBytes(issuer, name)));
}
