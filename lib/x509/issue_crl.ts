/**
 * Makes revocation lists at run time, for demos, tests, and authorities of one's own (see `issue.ts`).
 * Enters: a CA, what it revokes, the time, a provider. Leaves: DER; the same input gives the same output.
 * RFC 5280 §5: complete lists of version 2, for all certificates of the CA and all reasons. Knows no TLS.
 * @module
 */

import { joined, latin1Text, toHex } from "../codec/bytes.ts";
import type { IssuingCrypto, RandomSource } from "../crypto/provider.ts";
import { TlsUsageError } from "../error.ts";
import { encodeSignatureAlgorithm } from "./algorithm.ts";
import type { Certificate } from "./certificate.ts";
import { Tag } from "./der.ts";
import { derBitString, derConstructed, derElement, derInteger, derSequence, derTime } from "./der_writer.ts";
import { encodeAuthorityKeyIdentifier, encodeExtension } from "./extension_writer.ts";
import { issuingCertificate, keyIdentifierOf, signatureSchemeOf } from "./issue_key.ts";
import type { CertificateAuthority } from "./issue_options.ts";
import { CrlExtensionId } from "./oids.ts";
import { CrlReason, type CrlReasonName } from "./revocation.ts";

/** A certificate that is no longer valid. */
export interface Revocation {
  /** As a Certificate has it: big-endian two's complement, as it stands. */
  readonly serialNumber: Uint8Array;
  /** In ms since 1970. */
  readonly revokedAt: number;
  /** `removeFromCRL` is none. Default: the list doesn't say. */
  readonly reason?: CrlReasonName | undefined;
}

/** What a new revocation list is to be like. */
export interface IssueCrlOptions {
  readonly provider: IssuingCrypto;
  readonly random: RandomSource;
  readonly issuer: CertificateAuthority;
  /** Each certificate once. */
  readonly revoked: readonly Revocation[];
  /** In ms since 1970. The list holds from an hour earlier on, for peers whose clock is slow. */
  readonly now: number;
  /** For how long it holds. Default: 7. */
  readonly days?: number | undefined;
  /** Its cRLNumber: larger than that of the list before. Default: `now` in seconds. */
  readonly number?: number | undefined;
}

/**
 * A list of the certificates that a CA has revoked, in DER. Throws TlsUsageError for what no list can say.
 *
 * @example
 * const { serialNumber } = decodeCertificate(leaf);
 * const revoked = [{ serialNumber, revokedAt: now, reason: "keyCompromise" }] as const;
 * const der = issueCertificateRevocationList({ issuer: authority, revoked, provider, random, now });
 */
export function issueCertificateRevocationList(options: IssueCrlOptions): Uint8Array<ArrayBuffer> {
  const { provider, random, issuer: { privateKey }, revoked, now, days = 7 } = options;
  // RFC 5280 §5.2.3 MUST: "If a CRL issuer generates two CRLs (two complete CRLs, two delta CRLs, or a complete CRL and a delta CRL) for the same scope at different times, the two CRLs MUST NOT have the same CRL number. That is, if the this update field (Section 5.1.2.4) in the two CRLs are not identical, the CRL numbers MUST be different."
  const { number = Math.floor(now / 1000) } = options;
  if (!(days > 0)) throw usageError(`for ${days} days: the number must be positive`);
  // RFC 5280 §5.2.3 MUST: "Conforming CRL issuers MUST NOT use CRLNumber values longer than 20 octets."
  if (!Number.isSafeInteger(number) || number < 0) throw usageError(`with the number ${number}`);
  const issuer = crlIssuer(options);
  const scheme = signatureSchemeOf(privateKey, provider);
  const algorithm = encodeSignatureAlgorithm(scheme.algorithm);
  // RFC 5280 §5 MUST: "When CRLs are issued, the CRLs MUST be version 2 CRLs, include the date by which the next CRL will be issued in the nextUpdate field (Section 5.1.2.5), include the CRL number extension (Section 5.2.3), and include the authority key identifier extension (Section 5.2.1)."
  const tbs = derSequence(
    derInteger(1),
    algorithm,
    // RFC 5280 §5.1.2.3 MUST: "The issuer field is defined as the X.501 type Name, and MUST follow the encoding rules for the issuer name field in the certificate (Section 4.1.2.4)."
    // RFC 5280 §4.1.2.6 MUST: "(b) When the subject of the certificate is a CRL issuer, the subject field MUST be encoded in the same way as it is encoded in the issuer field (Section 5.1.2.3) in all CRLs issued by the subject CRL issuer."
    issuer.subject.der,
    encodeTime(now - hour, "thisUpdate"),
    encodeTime(now + days * 24 * hour, "nextUpdate"),
    ...encodeRevoked(revoked),
    derConstructed(
      0,
      derSequence(
        // RFC 5280 §5.2 MUST: "Conforming CRL issuers are REQUIRED to include the authority key identifier (Section 5.2.1) and the CRL number (Section 5.2.3) extensions in all CRLs issued."
        // RFC 5280 §5.2.1 MUST: "Conforming CRL issuers MUST use the key identifier method, and MUST include this extension in all CRLs issued."
        encodeAuthorityKeyIdentifier(issuer.subjectKeyIdentifier ?? keyIdentifierOf(issuer.spki, provider)),
        encodeExtension(CrlExtensionId.cRLNumber, false, derInteger(number)),
      ),
    ),
  );
  return derSequence(tbs, algorithm, derBitString(scheme.sign(privateKey, tbs, random)));
}

/** Whoever issues lists: others would refuse one that this certificate doesn't allow. */
function crlIssuer({ issuer, provider }: IssueCrlOptions): Certificate {
  const certificate = issuingCertificate(issuer, provider);
  const { subject, keyUsage } = certificate;
  // RFC 5280 §4.2.1.3: "The cRLSign bit is asserted when the subject public key is used for verifying signatures on certificate revocation lists"
  if (keyUsage === undefined || keyUsage.includes("cRLSign")) return certificate;
  throw usageError(`with "${subject.text}": keyUsage of its certificate has ${keyUsage.join(", ")}, not cRLSign`);
}

/** RFC 5280 §5.1.2.6 MUST: "When there are no revoked certificates, the revoked certificates list MUST be absent." */
function encodeRevoked(revoked: readonly Revocation[]): readonly Uint8Array[] {
  if (revoked.length === 0) return [];
  const seen = new Set<string>();
  const entries = revoked.map((revocation) => {
    const key = latin1Text(revocation.serialNumber);
    if (seen.has(key)) throw usageError(`that revokes ${certificateText(revocation)} twice`);
    seen.add(key);
    return encodeEntry(revocation);
  });
  return [derSequence(joined(entries))];
}

function encodeEntry(revocation: Revocation): Uint8Array {
  const { serialNumber, revokedAt, reason = "unspecified" } = revocation;
  const [first, second = 0] = serialNumber;
  const isMinimal = first !== 0 || serialNumber.length === 1 || second >= 0x80;
  if (first === undefined || first >= 0x80 || !isMinimal) {
    throw usageError(
      `that revokes ${certificateText(revocation)}: its serial number is not a minimal INTEGER that isn't negative`,
    );
  }
  if (!Object.hasOwn(CrlReason, reason) || reason === "removeFromCRL") {
    throw usageError(`that revokes ${certificateText(revocation)} for the reason "${reason}"`);
  }
  // RFC 5280 §5.1.2.6 MUST: "The time for revocationDate MUST be expressed as described in Section 5.1.2.4."
  const date = encodeTime(revokedAt, "revokedAt");
  // RFC 5280 §5.3.1 SHOULD: "the reason code CRL entry extension SHOULD be absent instead of using the unspecified (0) reasonCode value."
  const extensions = reason === "unspecified" ? [] : [derSequence(encodeReason(reason))];
  return derSequence(derElement(Tag.INTEGER, serialNumber), date, ...extensions);
}

function encodeReason(reason: CrlReasonName): Uint8Array {
  return encodeExtension(CrlExtensionId.cRLReason, false, derElement(Tag.ENUMERATED, Uint8Array.of(CrlReason[reason])));
}

function encodeTime(time: number, what: string): Uint8Array {
  try {
    // RFC 5280 §5.1.2.4 MUST: "CRL issuers conforming to this profile MUST encode thisUpdate as UTCTime for dates through the year 2049. CRL issuers conforming to this profile MUST encode thisUpdate as GeneralizedTime for dates in the year 2050 or later."
    // RFC 5280 §5.1.2.5 MUST: "CRL issuers conforming to this profile MUST encode nextUpdate as UTCTime for dates through the year 2049. CRL issuers conforming to this profile MUST encode nextUpdate as GeneralizedTime for dates in the year 2050 or later."
    return derTime(time);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw usageError(`with ${what} ${time}: that is no time from 1950 to 9999`);
  }
}

function certificateText({ serialNumber }: Revocation): string {
  return `the certificate 0x${toHex(serialNumber)}`;
}

function usageError(why: string): TlsUsageError {
  return new TlsUsageError(`Cannot issue a revocation list ${why}`);
}

const hour = 3_600_000;
