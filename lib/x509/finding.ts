/**
 * What a check found out about a certificate at its place in a path.
 * Enters: which check, and both values in words. Leaves: a Finding, and the error for one that doesn't hold.
 * @module
 */

import { CertificateError, type MissingIssuer } from "../error.ts";
import type { AlertDescriptionName } from "../registry.ts";
import { type Certificate, certificateText } from "./certificate.ts";
import type { TrustAnchor } from "./trust_anchor.ts";

/** What the key of a path's first certificate is used for. */
export type CertificatePurpose = "serverAuth" | "clientAuth";

/** A certificate, or a trust anchor that is none, at its place. */
export interface PathEntry {
  /** Its name and key. */
  readonly authority: Certificate | TrustAnchor;
  /** `undefined` for a trust anchor that is only a name and a key. */
  readonly certificate: Certificate | undefined;
  /** Position in the chain that the peer sent; `undefined` for a trust anchor that it didn't send. */
  readonly index: number | undefined;
  readonly isAnchor: boolean;
}

/** The peer's own certificate: always a certificate. */
export interface LeafEntry extends PathEntry {
  readonly certificate: Certificate;
}

/** Leaf first, each one issued by the next. */
export type PathEntries = readonly [LeafEntry, ...PathEntry[]];

/** What is checked of every path, whatever the policy, and where that is said. */
const checkRules = {
  path: "RFC 5280 §6.1",
  effort: "RFC 5280 §8",
  validity: "RFC 5280 §4.1.2.5",
  publicKey: "RFC 5280 §4.1.2.7",
  signature: "RFC 5280 §6.1.3 (a) (1)",
  revocation: "RFC 5280 §6.3",
  ocsp: "RFC 6960 §3.2",
  mustStaple: "RFC 7633 §4.2.3",
  criticalExtension: "RFC 5280 §4.2",
  basicConstraints: "RFC 5280 §4.2.1.9",
  pathLenConstraint: "RFC 5280 §6.1.4 (l), (m)",
  keyUsage: "RFC 5280 §4.2.1.3",
  extendedKeyUsage: "RFC 5280 §4.2.1.12",
  nameConstraints: "RFC 5280 §4.2.1.10",
  policies: "RFC 5280 §6.1.5 (g)",
  pins: "RFC 7469 §2.6",
  name: "RFC 9525 §6",
} as const;

export interface Finding {
  readonly entry: PathEntry;
  /** A check that every path goes through (`validity`, `signature` …), or a demand of a policy, by its name. */
  readonly check: string;
  /** Where it is written down: `RFC 5280 §4.1.2.5`. */
  readonly rule: string;
  readonly holds: boolean;
  /** Both values: what there is, and what there should be. Made into words only where somebody reads them. */
  readonly text: () => string;
  /** Why it doesn't hold, for the peer and for programs. */
  readonly alert: AlertDescriptionName;
  readonly code: string | undefined;
  readonly missingIssuer: MissingIssuer | undefined;
}

/** What a broken check may say beside its text. */
export interface Broken {
  /** Default: bad_certificate. */
  readonly alert?: AlertDescriptionName;
  /** Node's code for the same fault, where it has one. */
  readonly code?: string | undefined;
  readonly missingIssuer?: MissingIssuer | undefined;
}

/** The check holds. */
export function held(entry: PathEntry, check: keyof typeof checkRules, text: string | (() => string)): Finding {
  return findingOf(entry, check, checkRules[check], true, typeof text === "string" ? () => text : text, {});
}

/** The check doesn't hold. */
export function broken(entry: PathEntry, check: keyof typeof checkRules, text: string, more: Broken = {}): Finding {
  return findingOf(entry, check, checkRules[check], false, () => text, more);
}

/** A finding under a rule of one's own. */
export function findingOf(
  entry: PathEntry,
  check: string,
  rule: string,
  holds: boolean,
  text: () => string,
  { alert = "bad_certificate", code, missingIssuer }: Broken,
): Finding {
  return { entry, check, rule, holds, text, alert, code, missingIssuer };
}

/** The error for a check that doesn't hold. */
export function errorOf({ entry, check, text, alert, code, missingIssuer }: Finding): CertificateError {
  const details = { index: entry.index, check, code, missingIssuer };
  return new CertificateError(alert, `Cannot accept ${entryText(entry)}: ${text()}`, details);
}

/** A certificate as people recognise it, with its place. */
export function entryText({ authority, certificate, index, isAnchor }: PathEntry): string {
  const text = certificate === undefined ? `"${authority.subject.text}"` : certificateText(certificate);
  if (isAnchor) return `the trust anchor ${text}`;
  return index === 0 ? `the certificate ${text}` : `the certificate ${text} (number ${index} of the chain)`;
}
