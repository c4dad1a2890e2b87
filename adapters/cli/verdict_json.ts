/**
 * A verdict as JSON, for programs. The names of its fields are told in docs/verify.md, and stay.
 * Times are ISO 8601 in UTC, bytes hexadecimal; what there isn't is null.
 * @module
 */

import type { Certificate, SignedCertificateTimestamp, VerdictStep } from "../../mod.ts";
import {
  fingerprintOf,
  foundAmong,
  logIdText,
  namesOf,
  pinOf,
  serialText,
  timestampsOf,
  timeText,
} from "./certificate_facts.ts";
import { hex } from "./terminal.ts";
import type { FoundCertificate, Judgement } from "./judgement.ts";

/** Indented; without characters that could spoil a screen. */
export function verdictJson({ verdict, options, now, chain, trustAnchors }: Judgement): string {
  const { serverName, emailAddress, purpose, policy } = options;
  const { accepted, error, path, checks, work, holdsFrom, holdsUntil } = verdict;
  const value = {
    accepted,
    error: error && {
      check: error.check,
      code: error.code,
      index: error.index,
      message: error.message,
      alert: error.alert,
      missingIssuer: error.missingIssuer && {
        issuer: error.missingIssuer.issuerText,
        keyIdentifier: hexOf(error.missingIssuer.keyIdentifier),
        urls: error.missingIssuer.urls,
      },
    },
    asked: { name: serverName, email: emailAddress, purpose, time: timeText(now), policy },
    path: path.map((step) => stepValue(step, step.isTrustAnchor ? trustAnchors : chain)),
    checks: checks.map(({ step, check, rule, holds, text }) => ({ step, check, rule, holds, text })),
    work,
    holdsFrom: timeText(holdsFrom),
    holdsUntil: timeText(holdsUntil),
  };
  // What JSON doesn't escape itself, but for the line ends between its tokens.
  return JSON.stringify(value, (_, each: unknown) => each === undefined ? null : each, 2)
    .replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

/** JSON escapes UTF-16, so that a character may become two. */
function escaped(character: string): string {
  return character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}

function stepValue({ subject, certificate, isTrustAnchor, index }: VerdictStep, found: readonly FoundCertificate[]) {
  if (certificate === undefined) return { subject, isTrustAnchor, index };
  return { isTrustAnchor, index, from: foundAmong(certificate, found)?.from, ...certificateValue(certificate) };
}

function certificateValue(certificate: Certificate) {
  const timestamps = timestampsOf(certificate);
  return {
    subject: certificate.subject.text,
    issuer: certificate.issuer.text,
    serialNumber: serialText(certificate.serialNumber),
    notBefore: timeText(certificate.notBefore),
    notAfter: timeText(certificate.notAfter),
    key: certificate.publicKeyDescription,
    signatureAlgorithm: certificate.signatureAlgorithmText,
    subjectAltName: namesOf(certificate),
    subjectKeyIdentifier: hexOf(certificate.subjectKeyIdentifier),
    authorityKeyIdentifier: hexOf(certificate.authorityKeyIdentifier),
    timestamps: typeof timestamps === "string" ? undefined : timestamps.map(timestampValue),
    sha256: fingerprintOf(certificate),
    pin: pinOf(certificate),
  };
}

function timestampValue(timestamp: SignedCertificateTimestamp) {
  if (timestamp.version !== "v1") return { version: timestamp.version, log: undefined, time: undefined };
  return { version: 1, log: logIdText(timestamp.logId), time: timeText(timestamp.timestamp) };
}

function hexOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : hex(bytes);
}
