/**
 * What revocation lists at hand say about a certificate.
 * Enters: lists, the certificate, its issuer, the time. Leaves: a RevocationStatus that says why, or `undefined` where no
 * list is about the certificate. RFC 5280 §5, §6.3.
 *
 * A list is about a certificate when its issuer's name and its scope fit; what it says of itself there is taken before its
 * signature is verified. Then: what any usable list says is revoked is revoked. Of a certificate that is on a list which
 * can't be used (stale, a delta list, not by this key …) nothing is said to be good. Else one usable list is enough,
 * or several that cover all reasons together: until its nextUpdate the issuer stands for a list, also beside a newer one.
 * RFC 5280 §6.3 DEVIATION: implementations "MUST be functionally equivalent to the external behavior resulting from this procedure", and here lists by others than the certificate's issuer say nothing, indirect and delta lists can't be used, because no path is built for a list's own issuer; what isn't read is never taken for good.
 * RFC 5280 §5 DEVIATION: lists of version 1 are not used, though applications "are REQUIRED to process both version 1 and version 2 complete CRLs", because they have no cRLNumber, and no issuer that keeps to this RFC signs one.
 * @module
 */

import { equalBytes, toHex } from "../codec/bytes.ts";
import type { SignatureSchemeElement } from "../crypto/provider.ts";
import { TlsError } from "../error.ts";
import type { Certificate } from "./certificate.ts";
import type { CertificateRevocationList } from "./crl.ts";
import type { RevokedCertificate } from "./crl_entries.ts";
import { DerReader } from "./der.ts";
import { derConstructed } from "./der_writer.ts";
import { sameName } from "./distinguished_name.ts";
import { allReasons, decodeDistributionPoints, type RevocationReason } from "./distribution_point.ts";
import { type Issuer, signatureFault } from "./issuer.ts";
import { CrlExtensionId, ExtensionId, oidName } from "./oids.ts";
import type { RevocationStatus } from "./revocation.ts";
import { isoText } from "./time_text.ts";

/** What is asked of the lists. */
export interface CrlQuestion {
  /** Those that are at hand, of whatever issuers. */
  readonly crls: readonly CertificateRevocationList[];
  readonly certificate: Certificate;
  /** The certificate's issuer: the next certificate of the path, or a trust anchor. */
  readonly issuer: Issuer;
  /** In ms since 1970. */
  readonly now: number;
  /** What verifies signatures: those of a CryptoProvider. */
  readonly signatureSchemes: readonly SignatureSchemeElement[];
}

/**
 * What the lists of the certificate's issuer say; `undefined` when none of them is by that issuer for that kind of
 * certificate. The signature of each list is verified once at most, and not again for the same list and key.
 *
 * @example
 * crlStatus({ crls, certificate, issuer, now, signatureSchemes })?.type; // "good", "revoked" or "unusable"
 */
export function crlStatus(question: CrlQuestion): RevocationStatus | undefined {
  const answers = question.crls.flatMap((list) => answerOf(list, question) ?? []);
  if (answers.length === 0) return undefined;
  const usable = answers.filter(({ fault }) => fault === undefined);
  for (const { list, entry } of usable) if (entry !== undefined) return revokedStatus(list, entry);
  const unusable = answers.find(({ fault, entry }) => fault !== undefined && entry !== undefined) ??
    (usable.length === 0 ? answers[0] : undefined);
  return unusable === undefined ? goodStatus(usable) : unusableStatus(unusable);
}

/** What one list says that is about the certificate. */
interface Answer {
  readonly list: CertificateRevocationList;
  /** Why it can't be used; `undefined` when it can. */
  readonly fault: string | undefined;
  /** RFC 5280 §6.3.3 (d): which revocations would be on it. */
  readonly reasons: readonly RevocationReason[];
  readonly entry: RevokedCertificate | undefined;
}

/** `undefined` when the list isn't about the certificate. */
function answerOf(list: CertificateRevocationList, question: CrlQuestion): Answer | undefined {
  const { certificate } = question;
  if (!sameName(list.issuer, certificate.issuer)) return undefined;
  const scope = scopeOf(list, certificate);
  if (scope.reasons === undefined) return undefined;
  const entry = list.revokedCertificates.entryOf(certificate.serialNumber);
  // A list by another key of the same name may be another CA's. But one that has the certificate's number may not be passed
  // over: the CA may have changed its key.
  if (entry === undefined && isByNamesake(list, question)) return undefined;
  const fault = listFault(list, question) ?? scope.fault;
  return { list, fault, reasons: scope.reasons, entry };
}

interface Scope {
  /** `undefined` when the certificate is none that would be on the list. */
  readonly reasons: readonly RevocationReason[] | undefined;
  /** Why that can't be known. */
  readonly fault: string | undefined;
}

/** RFC 5280 §6.3.3 (b)(2), (d). */
function scopeOf({ issuingDistributionPoint: point }: CertificateRevocationList, certificate: Certificate): Scope {
  if (point === undefined) return { reasons: allReasons, fault: undefined };
  const isAuthority = certificate.basicConstraints?.cA === true;
  const outside = point.onlyContains === "attributeCerts" ||
    point.onlyContains === (isAuthority ? "userCerts" : "cACerts");
  // RFC 5280 §5.2.5 MUST: "If either onlyContainsUserCerts or onlyContainsCACerts is set to TRUE, then the scope of the CRL MUST NOT include any version 1 or version 2 certificates."
  const isTooOld = point.onlyContains !== undefined && certificate.version < 3;
  if (outside || isTooOld) return { reasons: undefined, fault: undefined };
  const reasons = point.onlySomeReasons ?? allReasons;
  if (point.names === undefined) return { reasons, fault: undefined };
  try {
    const covered = reasonsAt(point.names, certificate);
    return { reasons: covered && reasons.filter((reason) => covered.includes(reason)), fault: undefined };
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    return { reasons, fault: `whether it is about the certificate can't be known (${error.message})` };
  }
}

/** Which revocations are found at one of these distribution points of a certificate; `undefined` when it has none of them. */
function reasonsAt(
  names: readonly Uint8Array[],
  { issuer, extensions }: Certificate,
): readonly RevocationReason[] | undefined {
  const value = extensions.find(({ oid }) => oid === ExtensionId.cRLDistributionPoints)?.value;
  const points = value === undefined ? [] : decodeDistributionPoints(new DerReader(value, value.byteOffset));
  // RFC 5280 §6.3.3: "assume a DP with both the reasons and the cRLIssuer fields omitted and a distribution point name of the certificate issuer."
  const assumed = { names: [derConstructed(4, issuer.der)], reasons: undefined, hasCrlIssuer: false };
  const matching = [...points, assumed].filter((point) =>
    // Where there is a cRLIssuer, the list is by somebody else, and an indirect one.
    // RFC 5280 §5.2.5 MUST: "The identical encoding MUST be used in the distributionPoint fields of the certificate and the CRL."
    !point.hasCrlIssuer && point.names.some((one) => names.some((other) => equalBytes(one, other)))
  );
  if (matching.length === 0) return undefined;
  return allReasons.filter((reason) => matching.some(({ reasons }) => reasons?.includes(reason) ?? true));
}

/**
 * Whether a list is by another issuer who has the same name: its authorityKeyIdentifier says so, and its signature doesn't
 * say otherwise. Certificates of one key may have different identifiers.
 */
function isByNamesake(list: CertificateRevocationList, { issuer, signatureSchemes }: CrlQuestion): boolean {
  const { authorityKeyIdentifier } = list;
  const { subjectKeyIdentifier } = issuer;
  if (authorityKeyIdentifier === undefined || subjectKeyIdentifier === undefined) return false;
  if (equalBytes(authorityKeyIdentifier, subjectKeyIdentifier)) return false;
  return listSignatureFault(list, issuer, signatureSchemes) !== undefined;
}

/** Why a list can't be used, what is cheap to find out first. */
function listFault(list: CertificateRevocationList, question: CrlQuestion): string | undefined {
  const { issuer, signatureSchemes, now } = question;
  // RFC 5280 §5.1.1.3 MUST: "Applications that perform CRL checking MUST support certification path validation when certificates and CRLs are digitally signed with the same CA private key."
  // RFC 5280 §6.3.3 MUST: "The trust anchor for the certification path MUST be the same as the trust anchor used to validate the target certificate."
  // RFC 5280 §8 MUST: "At a minimum, implementations validating CRLs MUST ensure that the certification path of a certificate and the CRL issuer certification path used to validate the certificate terminate at the same trust anchor."
  return profileFault(list) ?? timeFault(list, now) ?? keyUsageFault(issuer) ??
    listSignatureFault(list, issuer, signatureSchemes);
}

/** What complete lists that RFC 5280 §5 describes don't have, or must have. */
function profileFault(list: CertificateRevocationList): string | undefined {
  const { version, extensions, cRLNumber, issuingDistributionPoint, revokedCertificates } = list;
  if (version !== 2) return `it is of version ${version}, not 2`;
  if (extensions.some(({ oid }) => oid === CrlExtensionId.deltaCRLIndicator)) {
    return "it is a delta list (deltaCRLIndicator), which isn't supported";
  }
  // RFC 5280 §5.2.3 MUST: "CRL issuers conforming to this profile MUST include this extension in all CRLs and MUST mark this extension as non-critical."
  if (cRLNumber === undefined) return "it has no cRLNumber";
  // RFC 5280 §5.2 MUST: "If a CRL contains a critical extension that the application cannot process, then the application MUST NOT use that CRL to determine the status of certificates."
  // Of those that can be, only issuingDistributionPoint is critical where an issuer keeps to the RFC.
  const critical = extensions.find(({ oid, critical }) => critical && oid !== CrlExtensionId.issuingDistributionPoint);
  if (critical !== undefined) {
    return `its extension ${oidName(CrlExtensionId, critical.oid)} is critical, which isn't supported`;
  }
  if (issuingDistributionPoint?.indirectCRL === true) {
    return "it is an indirect list (indirectCRL), which isn't supported";
  }
  return revokedCertificates.fault;
}

function timeFault({ thisUpdate, nextUpdate }: CertificateRevocationList, now: number): string | undefined {
  if (now < thisUpdate) return `it was issued at ${isoText(thisUpdate)}, and it is ${isoText(now)}`;
  // RFC 5280 §5.1.2.5 MUST: "Conforming CRL issuers MUST include the nextUpdate field in all CRLs."
  if (nextUpdate === undefined) return "it has no nextUpdate, so that nobody knows how long it holds";
  // A time that is no number fails here: every comparison with NaN is false.
  if (now <= nextUpdate) return undefined;
  return `its nextUpdate was ${isoText(nextUpdate)}, and it is ${isoText(now)}`;
}

function keyUsageFault({ keyUsage }: Issuer): string | undefined {
  // RFC 5280 §6.3.3 (f): "If a key usage extension is present in the CRL issuer's certificate, verify that the cRLSign bit is set."
  if (keyUsage === undefined || keyUsage.includes("cRLSign")) return undefined;
  return `its issuer may not sign lists: keyUsage has ${keyUsage.join(", ")}, not cRLSign`;
}

interface Verified {
  readonly scheme: SignatureSchemeElement | undefined;
  readonly spki: Uint8Array;
  readonly fault: string | undefined;
}

/** What was verified last of each list: the hash of 10 MB takes long, and the next handshake asks the same. */
const verified = new WeakMap<CertificateRevocationList, Verified>();

function listSignatureFault(
  list: CertificateRevocationList,
  issuer: Issuer,
  signatureSchemes: readonly SignatureSchemeElement[],
): string | undefined {
  const scheme = signatureSchemes.find(({ algorithm }) => algorithm === list.signatureAlgorithm);
  const known = verified.get(list);
  if (known !== undefined && known.scheme === scheme && equalBytes(known.spki, issuer.spki)) return known.fault;
  const fault = signatureFault(list, issuer, signatureSchemes);
  verified.set(list, { scheme, spki: new Uint8Array(issuer.spki), fault });
  return fault;
}

/** A date in the future changes nothing: it says when the issuer will have done it, and the issuer has listed it. */
function revokedStatus(
  list: CertificateRevocationList,
  { revocationDate, reason }: RevokedCertificate,
): RevocationStatus {
  const why = reason === undefined ? "without a reason" : `for the reason ${reason}`;
  const text = `it was revoked at ${isoText(revocationDate)} ${why}, says ${listText(list)}`;
  return { type: "revoked", text, revokedAt: revocationDate, reason };
}

function unusableStatus({ list, fault, entry }: Answer): RevocationStatus {
  const listed = entry === undefined ? "" : ", and the certificate is on it";
  return { type: "unusable", text: `${listText(list)} can't be used: ${fault}${listed}` };
}

/** RFC 5280 §6.3.3 (l): good is what is on none of the lists that cover all reasons together. */
function goodStatus(usable: readonly Answer[]): RevocationStatus {
  const missing = allReasons.filter((reason) => !usable.some(({ reasons }) => reasons.includes(reason)));
  const texts = usable.map(({ list }) => listText(list)).join(", ");
  if (missing.length > 0) {
    return {
      type: "unusable",
      text: `no list would say that it was revoked for ${missing.join(", ")}: there is ${texts}`,
    };
  }
  const nextUpdates = usable.flatMap(({ list }) => list.nextUpdate ?? []).sort((one, other) => one - other);
  return { type: "good", text: `it is not on ${texts}`, nextUpdate: nextUpdates[0] };
}

function listText({ cRLNumber, issuer, thisUpdate }: CertificateRevocationList): string {
  const number = cRLNumber === undefined ? "" : `number 0x${toHex(cRLNumber)} `;
  return `the revocation list ${number}of "${issuer.text}" of ${isoText(thisUpdate)}`;
}
