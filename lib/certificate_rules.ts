/**
 * Whom an embedder trusts, and by which rules, for the built-in verifier.
 * Enters: trust anchors and rules as they are configured. Leaves: a verifier, and a text that names it: sessions are
 * bound to that. Throws TlsUsageError.
 * @module
 */

import { asciiBytes, concat, jsonBytes, toHex } from "./codec/bytes.ts";
import type { CertificateSource } from "./credential.ts";
import type { CryptoProvider } from "./crypto/provider.ts";
import { TlsUsageError } from "./error.ts";
import { certificatesOf } from "./load_credential.ts";
import type { Certificate } from "./x509/certificate.ts";
import type { TrustAnchor } from "./x509/trust_anchor.ts";
import {
  type CertificateVerifier,
  type CertificateVerifierOptions,
  createCertificateVerifier,
} from "./x509/verifier.ts";

/** A trust anchor as an embedder gives it: a certificate in any form, or a name with a key (see `createTrustAnchor`). */
export type TrustAnchorSource = CertificateSource | TrustAnchor;

/** How the built-in verifier judges certificates: all that it can be told but whom to trust. */
export type CertificateRules = Omit<
  CertificateVerifierOptions,
  "trustAnchors" | "provider" | "identity" | "acceptAnyName" | "remember"
>;

const ruleNames: readonly (keyof CertificateRules)[] = [
  "policy",
  "crls",
  "requireRevocationStatus",
  "pins",
  "certificatePolicies",
  "isPublicSuffix",
  "limits",
];

/** At least one. `role`: of who trusts. */
export function trustAnchorsOf(
  source: TrustAnchorSource | readonly TrustAnchorSource[],
  role: "client" | "server",
): readonly (Certificate | TrustAnchor)[] {
  const sources: readonly TrustAnchorSource[] = isList(source) ? source : [source];
  const anchors = sources.flatMap((one): readonly (Certificate | TrustAnchor)[] =>
    isTrustAnchor(one) ? [one] : certificatesOf(one)
  );
  if (anchors.length > 0) return anchors;
  const peer = role === "client" ? "server" : "client";
  throw new TlsUsageError(`Cannot create a ${role}: trustAnchors is empty, so no ${peer} could ever be trusted`);
}

/** The built-in verifier. Throws TlsUsageError for rules that there aren't. */
export function builtInVerifier(
  trustAnchors: readonly (Certificate | TrustAnchor)[],
  rules: CertificateRules | undefined,
  provider: CryptoProvider,
): CertificateVerifier {
  for (const name of Object.keys(rules ?? {})) {
    if (ruleNames.some((known) => known === name)) continue;
    throw new TlsUsageError(
      `Cannot create a connection: there is no "${name}" in certificateRules (there are ${ruleNames.join(", ")})`,
    );
  }
  // RFC 5246 §7.4.2 DEVIATION: the option signatureSchemes doesn't restrict the signatures on certificates, because
  // who chooses how a server signs its key exchange seldom chooses how authorities sign; the provider's list does.
  return createCertificateVerifier({ ...rules, trustAnchors, provider });
}

/** Names what the built-in verifier goes by: whoever has the same text accepts the same peers. */
export function builtInTrustText(
  trustAnchors: readonly (Certificate | TrustAnchor)[],
  rules: CertificateRules | undefined,
  provider: CryptoProvider,
): string {
  const { crls = [], pins, isPublicSuffix, ...others } = rules ?? {};
  const digest = (bytes: Uint8Array): string => toHex(provider.hashes.sha256.digest(bytes));
  const schemes = provider.signatureSchemes.map(({ algorithm }) => algorithm).sort().join(" ");
  const anchors = trustAnchors.map((anchor) => digest(bytesOf(anchor))).sort().join(" ");
  const lists = crls.map(({ der }) => digest(der)).sort();
  // A function can't be named: only whether there is one.
  const told = [lists, pins === undefined ? null : [...pins].sort(), isPublicSuffix !== undefined, sorted(others)];
  const isPlain = Object.values(rules ?? {}).every((rule) => rule === undefined);
  const ruled = isPlain ? "" : ` ${digest(jsonBytes(told))}`;
  return `anchors ${digest(asciiBytes(`${digest(asciiBytes(anchors))} ${schemes}`))}${ruled}`;
}

function bytesOf(anchor: Certificate | TrustAnchor): Uint8Array {
  if (!isTrustAnchor(anchor)) return anchor.der;
  // Also of one that was made of a certificate: it may have been given other limits since.
  const { subject, spki, nameConstraints, subjectKeyIdentifier, notBefore, notAfter } = anchor;
  const limits = { nameConstraints, subjectKeyIdentifier, notBefore, notAfter };
  const text = JSON.stringify(limits, (_, value: unknown) => value instanceof Uint8Array ? toHex(value) : value);
  return concat(subject.der, spki, asciiBytes(text));
}

/** The same rules in another order are the same. */
function sorted(rules: object): readonly (readonly [string, unknown])[] {
  return Object.entries(rules).filter(([, value]) => value !== undefined).sort(([one], [other]) =>
    one < other ? -1 : 1
  );
}

function isTrustAnchor(source: TrustAnchorSource): source is TrustAnchor {
  return typeof source === "object" && source !== null && "spki" in source && !("der" in source);
}

function isList(
  source: TrustAnchorSource | readonly TrustAnchorSource[],
): source is readonly TrustAnchorSource[] {
  return Array.isArray(source);
}
