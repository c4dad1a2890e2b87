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
    // RFC 5246 §7.4.4 MUST: "If the key is a signature key, it MUST be usable with some hash/signature algorithm pair in supported_signature_algorithms."
    // RFC 5246 §7.4.4 DEVIATION: how the chain is signed isn't looked at, though "Any certificates provided by the client MUST be signed using a hash/signature algorithm pair found in supported_signature_algorithms.", because a server verifies more signatures than it lists and knows its anchors anyway.
    // RFC 5246 §7.4.6 DEVIATION: how the chain is signed isn't looked at, where it says that "The certificates MUST be signed using an acceptable hash/ signature algorithm pair", because it is the same rule.
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

// RFC 5246 §7.4.4 MUST: "The end-entity certificate provided by the client MUST contain a key that is compatible with certificate_types."
// RFC 8422 §3.1 MUST: "To use this authentication mechanism, the client MUST possess a certificate containing an ECDSA- or EdDSA-capable public key."
// RFC 8422 §5.6 MUST: "The certificate MUST contain an ECDSA- or EdDSA-capable public key."
function isOfType({ leaf }: LoadedCredential, { certificateTypes }: ClientCredentialWishes): boolean {
  return leaf.publicKey !== undefined && certificateTypes.includes(certificateTypeOf(leaf.publicKey.type));
}

function isByIssuer({ issuers }: LoadedCredential, { certificateAuthorities }: ClientCredentialWishes): boolean {
  // RFC 5246 §7.4.6: "If the certificate_authorities list in the certificate request message was non-empty, one of the
  // certificates in the certificate chain SHOULD be issued by one of the listed CAs."
  return certificateAuthorities.length === 0 ||
    certificateAuthorities.some((name) => issuers.some((issuer) => equalBytes(issuer, name)));
}
