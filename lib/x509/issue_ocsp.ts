/**
 * Makes OCSP responses at run time, for demos, tests, and servers that staple for a CA of their own.
 * Enters: a CA, a certificate that it issued, its status, the time, randomness, a provider. Leaves: DER; the same input
 * gives the same output. RFC 6960 §4.2.1, in the form that RFC 5019 §2.2 wants: one status, the responder told by its key.
 * @module
 */

import { asciiBytes } from "../codec/bytes.ts";
import type { HashElement, IssuingCrypto, PrivateKey, RandomSource } from "../crypto/provider.ts";
import { TlsUsageError } from "../error.ts";
import { encodeSignatureAlgorithm } from "./algorithm.ts";
import type { Certificate } from "./certificate.ts";
import { Tag } from "./der.ts";
import {
  derBitString,
  derConstructed,
  derElement,
  derImplicit,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derSequence,
} from "./der_writer.ts";
import { sameName } from "./distinguished_name.ts";
import { givenCertificate, issuingCertificate, signatureSchemeOf } from "./issue_key.ts";
import type { CertificateAuthority } from "./issue_options.ts";
import { OcspResponseStatus } from "./ocsp_response.ts";
import { HashAlgorithm, KeyPurposeId, OcspId } from "./oids.ts";
import { CrlReason, type CrlReasonName } from "./revocation.ts";

/** What an OCSP response is to say, and who says it. */
export interface IssueOcspResponseOptions {
  readonly provider: IssuingCrypto;
  readonly random: RandomSource;
  /** Who issued the certificate. */
  readonly issuer: CertificateAuthority;
  /** Whose status it is; in DER, or decoded. */
  readonly certificate: Uint8Array | Certificate;
  readonly status: OcspCertificateStatus;
  /** When the status is known and the response signed, in ms since 1970; seconds are what is told. */
  readonly now: number;
  /** How long the response is good. Default: 7. */
  readonly days?: number | undefined;
  /** Who signs in the issuer's place. Default: the issuer itself. */
  readonly responder?: OcspResponder | undefined;
  /** By which hash the issuer is told. Default: sha1, which every client knows; nothing hangs on its strength. */
  readonly hash?: HashElement["name"] | undefined;
}

/** What a response says of a certificate. `revokedAt` in ms since 1970. */
export type OcspCertificateStatus =
  | "good"
  | "unknown"
  | { readonly revokedAt: number; readonly reason?: CrlReasonName | undefined };

/** Who signs responses for a CA: its certificate was issued by that CA for OCSPSigning, and comes with each response. */
export interface OcspResponder {
  /** In DER. */
  readonly certificate: Uint8Array;
  readonly privateKey: PrivateKey;
}

/**
 * A response that says what the status of one certificate is, as a server staples it. Throws TlsUsageError when the
 * certificate isn't the issuer's, or a key not that of its certificate.
 *
 * @example
 * const ocspResponse = issueOcspResponse({ provider, random, issuer, certificate: chain[0], status: "good", now });
 */
export function issueOcspResponse(options: IssueOcspResponseOptions): Uint8Array<ArrayBuffer> {
  const { provider, random, issuer, responder } = options;
  // Who has it signed by a responder needn't have the CA's key at hand.
  const issuerCertificate = responder === undefined
    ? issuingCertificate(issuer, provider)
    : givenCertificate(issuer.certificate, "an OCSP response for a CA whose certificate is broken");
  // RFC 6960 §4.2.2.2 MUST: "Therefore, a certificate's issuer MUST do one of the following: - sign the OCSP responses itself, or - explicitly designate this authority to another entity"
  const signer = responder === undefined ? issuerCertificate : responderOf(responder, issuerCertificate, provider);
  const { privateKey } = responder ?? issuer;
  const scheme = signatureSchemeOf(privateKey, provider);
  // RFC 6960 §2.5 SHALL: "The time at which the status was known to be correct SHALL be reflected in the thisUpdate field of the response."
  const thisUpdate = generalizedTime(options.now);
  const responseData = derSequence(
    derConstructed(2, derOctetString(provider.hashes.sha1.digest(signer.subjectPublicKey))),
    thisUpdate,
    derSequence(singleResponse(options, issuerCertificate, thisUpdate)),
  );
  // RFC 6960 §4.2.1 SHALL: "OCSP responders SHALL be capable of producing responses of the id-pkix-ocsp-basic response type."
  // RFC 6960 §4.2.1 SHALL: "The value for signature SHALL be computed on the hash of the DER encoding of ResponseData."
  const basic = derSequence(
    responseData,
    encodeSignatureAlgorithm(scheme.algorithm),
    derBitString(scheme.sign(privateKey, responseData, random)),
    ...responder === undefined ? [] : [derConstructed(0, derSequence(responder.certificate))],
  );
  return derSequence(
    derElement(Tag.ENUMERATED, Uint8Array.of(OcspResponseStatus.successful)),
    derConstructed(0, derSequence(derObjectIdentifier(OcspId["id-pkix-ocsp-basic"]), derOctetString(basic))),
  );
}

function singleResponse(
  { provider, certificate: given, status, now, days = 7, hash = "sha1" }: IssueOcspResponseOptions,
  issuer: Certificate,
  thisUpdate: Uint8Array,
): Uint8Array {
  if (!(days > 0)) throw refused(`it is to be good for ${days} days, and the number must be positive`);
  const certificate = given instanceof Uint8Array
    ? givenCertificate(given, "an OCSP response about a certificate that is broken")
    : given;
  if (!sameName(certificate.issuer, issuer.subject)) {
    throw refused(`the certificate was issued by "${certificate.issuer.text}", not by "${issuer.subject.text}"`);
  }
  if (!Object.hasOwn(HashAlgorithm, `id-${hash}`)) throw refused(`"${hash}" is not a hash that clients know`);
  const element = provider.hashes[hash];
  const certId = derSequence(
    derSequence(derObjectIdentifier(HashAlgorithm[`id-${hash}`]), derNull()),
    derOctetString(element.digest(certificate.issuer.der)),
    derOctetString(element.digest(issuer.subjectPublicKey)),
    derElement(Tag.INTEGER, certificate.serialNumber),
  );
  const nextUpdate = generalizedTime(now + days * 86_400_000);
  return derSequence(certId, certStatus(status), thisUpdate, derConstructed(0, nextUpdate));
}

function certStatus(status: OcspCertificateStatus): Uint8Array {
  if (status === "good") return derImplicit(0);
  if (status === "unknown") return derImplicit(2);
  if (typeof status !== "object" || status === null) {
    throw refused(`the status is "good", "unknown" or { revokedAt, reason }, not ${JSON.stringify(status)}`);
  }
  const { revokedAt, reason } = status;
  if (reason !== undefined && !Object.hasOwn(CrlReason, reason)) throw refused(`there is no CRLReason "${reason}"`);
  const revocationReason = reason === undefined
    ? []
    : [derConstructed(0, derElement(Tag.ENUMERATED, Uint8Array.of(CrlReason[reason])))];
  return derConstructed(1, generalizedTime(revokedAt), ...revocationReason);
}

/** The responder's certificate, if it is one that the issuer has authorized (RFC 6960 §4.2.2.2). */
function responderOf(responder: OcspResponder, issuer: Certificate, provider: IssuingCrypto): Certificate {
  const certificate = issuingCertificate(responder, provider);
  if (!sameName(certificate.issuer, issuer.subject)) {
    throw refused(`the responder's certificate was issued by "${certificate.issuer.text}"`);
  }
  if (certificate.extendedKeyUsage?.includes(KeyPurposeId.OCSPSigning) === true) return certificate;
  throw refused("the responder's certificate is not for OCSPSigning");
}

/** RFC 5280 §4.1.2.5.2: always with four digits of the year, in contrast to the times of certificates. */
function generalizedTime(time: number): Uint8Array {
  const date = new Date(time);
  const text = Number.isNaN(date.getTime()) ? "" : date.toISOString().replace(/[-:T]|\.\d+Z/g, "");
  if (text.length !== 14) throw refused(`${time} is no time between the years 0 and 9999, in ms since 1970`);
  return derElement(Tag.GeneralizedTime, asciiBytes(`${text}Z`));
}

function refused(why: string): TlsUsageError {
  return new TlsUsageError(`Cannot issue an OCSP response: ${why}`);
}
