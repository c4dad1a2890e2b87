/**
 * Whether a certificate is to be accepted, with all reasons: path, names, revocation, pins.
 * Enters: what is trusted, what the peer sent, what is asked. Leaves: a Verdict that explains itself, as data.
 * RFC 5280 §6, RFC 9525 §6, RFC 6960, RFC 7633. The same questions have the same answers: time is an argument. Knows no TLS.
 * @module
 */

import type { CertificateCrypto } from "../crypto/provider.ts";
import { CertificateError } from "../error.ts";
import { type Certificate, certificateText } from "./certificate.ts";
import { crlStatus } from "./crl_checks.ts";
import type { CertificateRevocationList } from "./crl.ts";
import {
  broken,
  type CertificatePurpose,
  errorOf,
  type Finding,
  held,
  type PathEntries,
  type PathEntry,
} from "./finding.ts";
import { emailAddressFault, parseServerName, serverNameFault } from "./names.ts";
import { ocspStatus } from "./ocsp.ts";
import { findPath, type PathLimits, type PathWork, type TrustAnchors } from "./path.ts";
import { type ParsedPins, pinFault } from "./pins.ts";
import type { CertificatePolicy } from "./policy.ts";
import { policyFault, type PolicyInputs } from "./policy_graph.ts";
import type { RevocationStatus } from "./revocation.ts";
import { mustStaple, tlsFeatureFault } from "./tls_feature.ts";

/** What is asked about a peer. */
export interface CertificateQuestion {
  /** Its own certificate first, then others in any order. */
  readonly chain: readonly Certificate[];
  /** The name or IP address that it should have. A server needs one; `undefined` is for clients' certificates. */
  readonly serverName: string | undefined;
  /** An email address that it should have (rfc822Name in subjectAltName). */
  readonly emailAddress?: string | undefined;
  /** What its key is used for. */
  readonly purpose: CertificatePurpose;
  /** In ms since 1970. */
  readonly now: number;
  /** RFC 6066 §8: an OCSPResponse in DER that the peer stapled to its certificate. */
  readonly ocspResponse?: Uint8Array | undefined;
}

/** What one goes by. */
export interface Criteria {
  readonly provider: CertificateCrypto;
  readonly trustAnchors: TrustAnchors;
  readonly policy: CertificatePolicy;
  readonly crls: readonly CertificateRevocationList[];
  readonly requiresRevocationStatus: boolean;
  readonly pins: ParsedPins | undefined;
  readonly certificatePolicies: PolicyInputs;
  readonly isPublicSuffix: ((domain: string) => boolean) | undefined;
  readonly acceptsAnyName: boolean;
  readonly limits: Partial<PathLimits>;
}

/** Whether a certificate is accepted, and why. */
export interface Verdict {
  readonly accepted: boolean;
  /** Leaf first, trust anchor last. Where none is valid, the path whose fault is the best reason, as far as it came. */
  readonly path: readonly VerdictStep[];
  /** Every check that was made on this path, in the order in which it was made; the last one failed when it isn't accepted. */
  readonly checks: readonly VerdictCheck[];
  /** Why it isn't accepted; `undefined` when it is. */
  readonly error: CertificateError | undefined;
  /** What the verdict cost. */
  readonly work: PathWork;
  /** From when, and before when, what is accepted stays so, in ms since 1970: for validity, and for what says it isn't revoked. */
  readonly holdsFrom: number;
  readonly holdsUntil: number;
}

/** A certificate of the path. */
export interface VerdictStep {
  /** For people. */
  readonly subject: string;
  /** `undefined` for a trust anchor that is only a name and a key. */
  readonly certificate: Certificate | undefined;
  readonly isTrustAnchor: boolean;
  /** Position in the chain; `undefined` for a trust anchor that isn't in it. */
  readonly index: number | undefined;
}

/** What one check found. */
export interface VerdictCheck {
  /** Position in the verdict's path; `undefined` where the certificate isn't in it. */
  readonly step: number | undefined;
  /** `validity`, `signature`, `name` … */
  readonly check: string;
  /** Where it is written down: `RFC 5280 §4.1.2.5`. */
  readonly rule: string;
  readonly holds: boolean;
  /** Both values: what there is, and what there should be. */
  readonly text: string;
}

/** What a verdict is made of: findings that aren't words yet, which nobody reads in a handshake. */
export interface Judgement extends Pick<Verdict, "error" | "work" | "holdsFrom" | "holdsUntil"> {
  readonly path: readonly PathEntry[];
  readonly findings: readonly Finding[];
}

/** The judgement in words. */
export function verdictOf({ path, findings, error, ...others }: Judgement): Verdict {
  const checks = findings.map((finding) => checkOf(finding, path));
  return { accepted: error === undefined, path: path.map(stepOf), checks, error, ...others };
}

/** Judges a peer. Throws TlsUsageError for a `serverName` that is none. */
export function judge(question: CertificateQuestion, criteria: Criteria): Judgement {
  const { chain: [leaf, ...others], purpose, now } = question;
  if (leaf === undefined) return refusedWithoutChain();
  const until: number[] = [];
  const outcome = findPath({
    chain: [leaf, ...others],
    trustAnchors: criteria.trustAnchors,
    signatureSchemes: criteria.provider.signatureSchemes,
    limits: criteria.limits,
    policy: criteria.policy,
    purpose,
    now,
    wholePathFindings: (path) => wholePathFindings(path, question, criteria, until),
  });
  const findings = [...outcome.findings];
  const failed = outcome.error === undefined
    ? appendLeafFindings(findings, outcome.path, question, criteria)
    : undefined;
  const error = outcome.error ?? (failed && errorOf(failed));
  return {
    path: outcome.path,
    findings,
    error,
    work: outcome.work,
    holdsFrom: Math.max(...outcome.path.map(({ authority }) => authority.notBefore ?? Number.NEGATIVE_INFINITY)),
    holdsUntil: Math.min(
      ...outcome.path.map(({ authority }) => authority.notAfter ?? Number.POSITIVE_INFINITY),
      ...until,
    ),
  };
}

/** What OCSP and revocation lists say about a certificate whose issuer is known. */
function* revocationFindings(
  entry: PathEntry & { readonly certificate: Certificate },
  issuer: PathEntry,
  { ocspResponse, now, purpose }: CertificateQuestion,
  { provider, crls, requiresRevocationStatus }: Criteria,
  until: number[],
): Iterable<Finding> {
  const { certificate, index } = entry;
  const isLeaf = index === 0;
  const asked = { certificate, issuer: issuer.authority, now, ...provider };
  const response = isLeaf ? ocspResponse : undefined;
  const stapled = response === undefined ? undefined : ocspStatus({ ...asked, response });
  if (stapled !== undefined) {
    // RFC 6066 §8 MUST: "MUST check the OCSP response and abort the handshake if the response is not satisfactory with bad_certificate_status_response(113) alert."
    yield statusFinding(entry, "ocsp", stapled, "bad_certificate_status_response");
  }
  const listed = crls.length === 0 ? undefined : crlStatus({ ...asked, crls });
  if (listed !== undefined) yield statusFinding(entry, "revocation", listed, "certificate_revoked");
  for (const status of [stapled, listed]) {
    if (status?.type === "good" && status.nextUpdate !== undefined) until.push(status.nextUpdate);
  }
  const featureFault = tlsFeatureFault(certificate, issuer.certificate);
  if (featureFault !== undefined) yield broken(entry, "mustStaple", featureFault);
  // RFC 7633 §4.2.3.1: a server whose certificate says so staples its status.
  else if (isLeaf && purpose === "serverAuth" && mustStaple(certificate)) {
    const text = "it says that its server staples an OCSP response (must-staple), and ";
    yield stapled === undefined
      ? broken(entry, "mustStaple", `${text}there is none: it has to be asked for (requestOcspResponse)`, {
        alert: "bad_certificate_status_response",
      })
      : held(entry, "mustStaple", `${text}there is one`);
  }
  if (!requiresRevocationStatus || stapled !== undefined || listed !== undefined) return;
  const text = "nothing says whether it was revoked: there is no OCSP response and no revocation list for it";
  yield broken(entry, "revocation", text, { alert: "certificate_unknown", code: "UNABLE_TO_GET_CRL" });
}

function statusFinding(
  entry: PathEntry,
  check: "ocsp" | "revocation",
  { type, text }: RevocationStatus,
  alert: "bad_certificate_status_response" | "certificate_revoked",
): Finding {
  if (type === "good") return held(entry, check, text);
  if (type === "revoked") return broken(entry, check, text, { alert, code: "CERT_REVOKED" });
  // A list that can't be used says nothing about the certificate.
  return broken(entry, check, text, { alert: check === "ocsp" ? alert : "certificate_unknown" });
}

/** What concerns all certificates together. */
function* wholePathFindings(
  path: PathEntries,
  question: CertificateQuestion,
  criteria: Criteria,
  until: number[],
): Iterable<Finding> {
  const { certificatePolicies, pins, provider } = criteria;
  const [leaf] = path;
  const below = path.slice(0, -1).flatMap(({ certificate }) => certificate ?? []);
  const fault = policyFault(below, certificatePolicies);
  if (fault !== undefined) yield broken(path[fault.index] ?? leaf, "policies", fault.text);
  else yield held(leaf, "policies", "its certificate policies are acceptable, or none is required");
  if (pins !== undefined) {
    const unpinned = pinFault(path.map(({ authority }) => authority), pins, provider.hashes);
    yield unpinned === undefined
      ? held(leaf, "pins", "a key of its path is pinned")
      : broken(leaf, "pins", unpinned, { alert: "certificate_unknown" });
  }
  for (const [place, issuer] of path.slice(1).entries()) {
    const { certificate, ...entry } = path[place] ?? leaf;
    if (certificate === undefined) continue;
    yield* revocationFindings({ ...entry, certificate }, issuer, question, criteria, until);
  }
}

/** Appends what concerns the leaf of a valid path; returns the finding that doesn't hold, if there is one. */
function appendLeafFindings(
  findings: Finding[],
  [leaf]: PathEntries,
  question: CertificateQuestion,
  criteria: Criteria,
): Finding | undefined {
  for (const finding of nameFindings(leaf, question, criteria)) {
    findings.push(finding);
    if (!finding.holds) return finding;
  }
  return undefined;
}

function* nameFindings(
  leaf: PathEntry & { readonly certificate: Certificate },
  { serverName, emailAddress, purpose }: CertificateQuestion,
  { isPublicSuffix, acceptsAnyName }: Criteria,
): Iterable<Finding> {
  const { certificate } = leaf;
  if (serverName !== undefined) {
    const fault = serverNameFault(certificate, parseServerName(serverName), isPublicSuffix);
    yield nameFinding(leaf, serverName, fault, "ERR_TLS_CERT_ALTNAME_INVALID");
  }
  if (emailAddress !== undefined) {
    yield nameFinding(leaf, emailAddress, emailAddressFault(certificate, emailAddress), undefined);
  }
  if (serverName !== undefined || purpose !== "serverAuth" || acceptsAnyName) return;
  // A valid certificate of anybody says nothing about whom one is talking to.
  const text = "no server name was given to compare it with";
  yield broken(leaf, "name", text, { alert: "certificate_unknown" });
}

function nameFinding(leaf: PathEntry, name: string, fault: string | undefined, code: string | undefined): Finding {
  if (fault === undefined) return held(leaf, "name", `it is for ${JSON.stringify(name)}`);
  return broken(leaf, "name", fault, { code });
}

function stepOf({ authority, certificate, isAnchor, index }: PathEntry): VerdictStep {
  const subject = certificate === undefined ? `"${authority.subject.text}"` : certificateText(certificate);
  return { subject, certificate, isTrustAnchor: isAnchor, index };
}

function checkOf({ entry, check, rule, holds, text }: Finding, path: readonly PathEntry[]): VerdictCheck {
  const step = path.findIndex(({ authority }) => authority === entry.authority);
  return { step: step < 0 ? undefined : step, check, rule, holds, text: text() };
}

function refusedWithoutChain(): Judgement {
  const text = "Cannot accept the peer: it sent no certificate";
  return {
    path: [],
    findings: [],
    error: new CertificateError("bad_certificate", text, { check: "path" }),
    work: { signatureChecks: 0, issuersTried: 0, nameComparisons: 0 },
    holdsFrom: Number.NEGATIVE_INFINITY,
    holdsUntil: Number.POSITIVE_INFINITY,
  };
}
