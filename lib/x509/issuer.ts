/**
 * Who signed something (a certificate, a revocation list, an OCSP response), and whether it did.
 * Enters: what was signed, and its issuer: a certificate, or a trust anchor that is only a name and a key. Leaves: why the
 * signature isn't the issuer's, or `undefined`. RFC 5280 §4.1.1.3, §6.1.3 (a)(1). Who may issue is for others to say.
 * @module
 */

import type { PublicKey, SignatureAlgorithm, SignatureSchemeElement } from "../crypto/provider.ts";
import type { DistinguishedName } from "./distinguished_name.ts";
import type { KeyUsageBit } from "./extensions.ts";

/** A name with its key. Every Certificate is one. */
export interface Issuer {
  readonly subject: DistinguishedName;
  /** `undefined` when the type of key isn't supported. */
  readonly publicKey: PublicKey | undefined;
  /** For people: `EC secp256r1`, `RSA 2048 bits`. */
  readonly publicKeyDescription: string;
  /** DER of SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** The bits in it, of which key identifiers are made. */
  readonly subjectPublicKey: Uint8Array;
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  /** `undefined` where nothing limits what the key may be used for. */
  readonly keyUsage: readonly KeyUsageBit[] | undefined;
}

/** What somebody signed. Every Certificate is one. */
export interface Signed {
  /** The bytes that are signed. */
  readonly tbs: Uint8Array;
  /** `undefined` when the algorithm isn't supported. */
  readonly signatureAlgorithm: SignatureAlgorithm | undefined;
  /** For people: `ecdsa-with-SHA256 (1.2.840.10045.4.3.2)`. */
  readonly signatureAlgorithmText: string;
  readonly signature: Uint8Array;
}

/** Why a signature was not made by this issuer's key, as far as can be verified; `undefined` when it was. */
export function signatureFault(
  { tbs, signature, signatureAlgorithm, signatureAlgorithmText }: Signed,
  issuer: Pick<Issuer, "publicKey" | "publicKeyDescription">,
  signatureSchemes: readonly SignatureSchemeElement[],
): string | undefined {
  const scheme = signatureSchemes.find(({ algorithm }) => algorithm === signatureAlgorithm);
  if (scheme === undefined || signatureAlgorithm === undefined) {
    return `its signature algorithm ${signatureAlgorithmText} is not supported`;
  }
  const { publicKey, publicKeyDescription } = issuer;
  // Exactly `true`: a provider of somebody's own may answer with a promise, which is truthy whatever it becomes.
  if (publicKey !== undefined && scheme.verify(publicKey, tbs, signature) === true) return undefined;
  return `its signature (${signatureAlgorithmText}) was not made by the key (${publicKeyDescription}) of its issuer`;
}
