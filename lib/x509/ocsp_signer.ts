/**
 * Who signed an OCSP response, and whether they may.
 * Enters: a response, who issued the certificate that it is about, the time. Leaves: until when it may be believed, or why
 * it isn't signed by that issuer or by whom the issuer has authorized. At most 7 signatures are verified, whatever it holds.
 * RFC 6960 §4.2.2.2. What the response says is for `ocsp.ts`.
 * @module
 */

import { equalBytes, toHex } from "../codec/bytes.ts";
import { bitLength, type CryptoProvider, type SignatureSchemeElement } from "../crypto/provider.ts";
import { DecodeError } from "../error.ts";
import { type Certificate, certificateText, decodeCertificate } from "./certificate.ts";
import { sameName } from "./distinguished_name.ts";
import { type Issuer, signatureFault } from "./issuer.ts";
import type { BasicOcspResponse, ResponderId } from "./ocsp_response.ts";
import { ExtensionId, KeyPurposeId, oidName } from "./oids.ts";

/** What decides about signers. */
export interface OcspSignerRules {
  /** Who issued the certificate that the response is about. */
  readonly issuer: Issuer;
  /** In ms since 1970. */
  readonly now: number;
  readonly signatureSchemes: readonly SignatureSchemeElement[];
  readonly hashes: CryptoProvider["hashes"];
}

/** Whether a response was signed by somebody who may. */
export type OcspSigner =
  /** From `until` on (in ms since 1970) the signer's certificate is no longer valid; infinite for the issuer itself. */
  | { readonly type: "authorized"; readonly until: number }
  | { readonly type: "refused"; readonly fault: string };

/**
 * Finds out who signed a response.
 * RFC 6960 asks nothing of the keyUsage of a CA that signs responses itself, and many CAs have no digitalSignature in it.
 */
export function ocspSigner(basic: BasicOcspResponse, rules: OcspSignerRules): OcspSigner {
  const { issuer, signatureSchemes, hashes } = rules;
  // RFC 6960 §4.2.2.3 MUST: "the information MUST correspond to the certificate that was used to sign the response."
  const isResponder = (signer: Signer): boolean => isNamed(basic.responderId, signer, hashes);
  const isIssuer = isResponder(issuer);
  // RFC 6960 §2.2 SHALL: "All definitive response messages SHALL be digitally signed. The key used to sign the response MUST belong to one of the following:"
  // RFC 6960 §3.2 SHALL: "OCSP clients SHALL confirm that: … 2. The signature on the response is valid"
  // RFC 6960 §4.3 SHALL: "Clients that request OCSP services SHALL be capable of processing responses signed using RSA with SHA-256"
  // RFC 6960 §4.3 DEVIATION: "Clients SHOULD also be capable of processing responses signed using RSA with SHA-1 … and the Digital Signature Algorithm (DSA) with SHA-1" and are not, because collisions of SHA-1 can be made.
  const issuerFault = isIssuer ? signatureFault(basic, issuer, signatureSchemes) : undefined;
  if (isIssuer && issuerFault === undefined) return { type: "authorized", until: Number.POSITIVE_INFINITY };
  // RFC 6960 §4.2.2.2 MUST: "They MUST reject the response if the certificate required to validate the signature on the response does not meet at least one of the following criteria"
  const delegates = basic.certs.flatMap(decoded).filter(isResponder).slice(0, maxDelegates);
  const faults: string[] = [];
  for (const delegate of delegates) {
    const fault = delegateFault(delegate, basic, rules);
    if (fault === undefined) return { type: "authorized", until: delegate.notAfter + 1000 };
    faults.push(`its responder's certificate ${certificateText(delegate)} can't be used: ${fault}`);
  }
  const nobody = `its responder ${responderText(basic.responderId)} is not the issuer "${issuer.subject.text}", ` +
    `and none of its ${basic.certs.length} certificates is the responder's`;
  return { type: "refused", fault: issuerFault ?? faults[0] ?? nobody };
}

type Signer = Pick<Issuer, "subject" | "subjectPublicKey">;

/** RFC 6960 §4.2.1: KeyHash is the SHA-1 hash of the bits of the key. */
function isNamed(responderId: ResponderId, signer: Signer, hashes: CryptoProvider["hashes"]): boolean {
  if (responderId.type === "byName") return sameName(responderId.name, signer.subject);
  return equalBytes(responderId.keyHash, hashes.sha1.digest(signer.subjectPublicKey));
}

/** What isn't a certificate can't be the responder's. */
function decoded(der: Uint8Array): readonly Certificate[] {
  try {
    return [decodeCertificate(der)];
  } catch (error) {
    if (error instanceof DecodeError) return [];
    throw error;
  }
}

/** Why a certificate that came along doesn't make its key a signer of the response. Cheap checks come first. */
function delegateFault(delegate: Certificate, basic: BasicOcspResponse, rules: OcspSignerRules): string | undefined {
  const { issuer, now, signatureSchemes } = rules;
  // RFC 6960 §2.6 MUST: "This certificate MUST be issued directly to the responder by the cognizant CA."
  // RFC 6960 §4.2.2.2 MUST: "This certificate MUST be issued directly by the CA that is identified in the request."
  if (!sameName(delegate.issuer, issuer.subject)) {
    return `it was issued by "${delegate.issuer.text}", not by "${issuer.subject.text}"`;
  }
  const ownFault = validityFault(delegate, now) ?? purposeFault(delegate) ?? keyFault(delegate);
  if (ownFault !== undefined) return ownFault;
  // RFC 6960 §4.2.2.2 MUST: "Systems relying on OCSP responses MUST recognize a delegation certificate as being issued by the CA that issued the certificate in question only if the delegation certificate and the certificate being checked for revocation were signed by the same key."
  const certificateFault = signatureFault(delegate, issuer, signatureSchemes);
  if (certificateFault !== undefined) return certificateFault;
  const fault = signatureFault(basic, delegate, signatureSchemes);
  return fault && `of the response, ${fault}`;
}

/**
 * RFC 5280 §4.1.2.5. The responder's own revocation isn't looked up, whether it has ocspNoCheck or not:
 * RFC 6960 §4.2.2.2.1: "up to the OCSP client's local security policy to decide whether that certificate should be checked"
 */
function validityFault({ notBefore, notAfter }: Certificate, now: number): string | undefined {
  // Written so that a time that is no number fails: every comparison with NaN is false.
  if (now >= notBefore && now < notAfter + 1000) return undefined;
  return `it is valid from ${new Date(notBefore).toISOString()} to ${new Date(notAfter).toISOString()} only`;
}

function purposeFault({ extendedKeyUsage, keyUsage, extensions }: Certificate): string | undefined {
  // RFC 6960 §4.2.2.2 MUST: "Systems or applications that rely on OCSP responses MUST be capable of detecting and enforcing the use of the id-kp-OCSPSigning value as described above."
  // RFC 6960 §4.2.2.2 SHALL: "OCSP signing delegation SHALL be designated by the inclusion of id-kp-OCSPSigning in an extended key usage certificate extension included in the OCSP response signer's certificate."
  if (extendedKeyUsage?.includes(KeyPurposeId.OCSPSigning) !== true) {
    const purposes = extendedKeyUsage?.map((oid) => oidName(KeyPurposeId, oid)).join(", ");
    return `OCSPSigning is wanted, and it has ${purposes ?? "no extendedKeyUsage"}`;
  }
  // RFC 5280 §4.2.1.3: "The digitalSignature bit is asserted when the subject public key is used for verifying digital signatures"
  if (keyUsage !== undefined && !keyUsage.includes("digitalSignature")) {
    return `keyUsage has ${keyUsage.join(", ")}, not digitalSignature`;
  }
  const unknown = extensions.find(({ oid, critical }) => critical && !recognized.includes(oid));
  return unknown && `it has the critical extension ${oidName(ExtensionId, unknown.oid)}, which is not supported`;
}

function keyFault({ publicKey }: Certificate): string | undefined {
  if (publicKey?.type !== "rsa") return undefined;
  const bits = bitLength(publicKey.modulus);
  return bits >= minRsaBits ? undefined : `its RSA key has ${bits} bits, fewer than ${minRsaBits}`;
}

function responderText(responderId: ResponderId): string {
  if (responderId.type === "byName") return `"${responderId.name.text}"`;
  return `with the key ${toHex(responderId.keyHash.subarray(0, 20))}`;
}

/** What is processed, or has no effect here: a responder's certificate issues nothing and has no name to be matched. */
const recognized: readonly string[] = [
  ExtensionId.basicConstraints,
  ExtensionId.keyUsage,
  ExtensionId.extendedKeyUsage,
  ExtensionId.subjectAltName,
  ExtensionId.subjectKeyIdentifier,
  ExtensionId.authorityKeyIdentifier,
  ExtensionId.certificatePolicies,
  ExtensionId.ocspNoCheck,
];

/** Responders by one name that are tried: more than one is there while a key is replaced. Each costs two verifications. */
const maxDelegates = 3;

/** NIST SP 800-57: 112 bits of strength. */
const minRsaBits = 2048;
