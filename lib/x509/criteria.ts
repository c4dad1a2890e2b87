/**
 * What a caller tells the verifier, checked, with the defaults filled in.
 * Enters: options. Leaves: criteria, or TlsUsageError that says what to do: no rule is left out by a slip of the pen.
 * @module
 */

import type { CertificateCrypto } from "../crypto/provider.ts";
import { TlsUsageError } from "../error.ts";
import type { Certificate } from "./certificate.ts";
import type { CertificateRevocationList } from "./crl.ts";
import { defaultPathLimits, indexedTrustAnchors, type PathLimits, type SomePathLimits } from "./path.ts";
import { parseEmailAddress, parseServerName } from "./names.ts";
import { parsePins } from "./pins.ts";
import { type CertificatePolicy, checkedPolicy, policies } from "./policy.ts";
import type { PolicyInputs } from "./policy_graph.ts";
import type { TrustAnchor } from "./trust_anchor.ts";
import type { CertificateQuestion, Criteria } from "./verdict.ts";

/** What the default verifier goes by. Everything but `trustAnchors` and `provider` has a default. */
export interface CertificateVerifierOptions {
  /** Who is trusted, unconditionally within their own constraints: certificates, or names with keys. */
  readonly trustAnchors: readonly (Certificate | TrustAnchor)[];
  /** What verifies signatures, and hashes. */
  readonly provider: CertificateCrypto;
  /** How strict it is. Default: `policies.compatible`. */
  readonly policy?: CertificatePolicy;
  /** Revocation lists. A certificate whose issuer has one here must not be on it, and the list must be usable. */
  readonly crls?: readonly CertificateRevocationList[] | undefined;
  /** Whether each certificate below the trust anchor must be known not to be revoked. Default: what is at hand decides. */
  readonly requireRevocationStatus?: boolean | undefined;
  /** Keys, one of which must be in the path: `sha256/` and the base64 of the SPKI's SHA-256 (RFC 7469 §2.4), or its hex. */
  readonly pins?: readonly string[] | undefined;
  /** RFC 5280 §6.1.1 (c), (e), (f), (g): which certificate policies are demanded. Default: none. */
  readonly certificatePolicies?: PolicyInputs | undefined;
  /** Whether a domain is a public suffix, below which no wildcard counts. Default: those with one label are. */
  readonly isPublicSuffix?: ((domain: string) => boolean) | undefined;
  /** Whether a server's certificate is accepted without a name to compare it with. Default: it isn't. */
  readonly acceptAnyName?: boolean | undefined;
  /** How much work is done for one chain at most. Default: `defaultPathLimits`. */
  readonly limits?: SomePathLimits | undefined;
  /** How many accepted chains are remembered, by their hash, so that they cost no signatures again. Default: 0. */
  readonly remember?: number | undefined;
  /** The verifier's `identity`: needed where sessions are kept. */
  readonly identity?: string | undefined;
}

/** Throws TlsUsageError for options that can't work. `more`: the names of others that the caller knows. */
export function criteriaOf(
  options: Omit<CertificateVerifierOptions, "remember" | "identity">,
  more: readonly string[],
): Criteria {
  checkNames("option", options, [...optionNames, ...more]);
  const { trustAnchors, provider, policy = policies.compatible, crls = [], pins, certificatePolicies = {} } = options;
  if (!Array.isArray(provider?.signatureSchemes) || provider.hashes === undefined) {
    throw cannotVerify("provider is needed, an object with signatureSchemes and hashes");
  }
  if (!isListOf(trustAnchors, "subjectPublicKey")) {
    throw cannotVerify(
      "trustAnchors is needed, a list of certificates (see loadCertificates) or trust anchors (see createTrustAnchor)",
    );
  }
  if (!isListOf(crls, "revokedCertificates")) {
    throw cannotVerify("crls is a list of decoded revocation lists (see loadCertificateRevocationLists)");
  }
  if (options.isPublicSuffix !== undefined && typeof options.isPublicSuffix !== "function") {
    throw cannotVerify("isPublicSuffix is a function (see publicSuffixMatcher)");
  }
  checkPolicyInputs(certificatePolicies);
  // A policy by a name that there isn't, such as policies.webpki, would be the laxest one.
  if (Object.hasOwn(options, "policy") && options.policy === undefined) {
    throw cannotVerify(
      `policy is undefined: there are ${Object.keys(policies).map((name) => `policies.${name}`).join(", ")}`,
    );
  }
  return {
    provider,
    trustAnchors: indexedTrustAnchors(trustAnchors),
    policy: checkedPolicy(policy),
    crls: [...crls],
    requiresRevocationStatus: flag("requireRevocationStatus", options.requireRevocationStatus),
    pins: pins === undefined ? undefined : parsePins(pins),
    certificatePolicies,
    isPublicSuffix: options.isPublicSuffix,
    acceptsAnyName: flag("acceptAnyName", options.acceptAnyName),
    limits: checkedLimits(options.limits ?? {}),
  };
}

/** What is asked, if it can be. Throws TlsUsageError. */
export function checkedQuestion(question: CertificateQuestion): CertificateQuestion {
  checkNames("question", question, questionNames);
  const { chain, purpose, ocspResponse } = question;
  if (!isListOf(chain, "subjectPublicKey")) {
    throw cannotVerify("chain is a list of certificates (see loadCertificates)");
  }
  if (!["serverAuth", "clientAuth"].includes(purpose)) {
    throw cannotVerify(`purpose is "serverAuth" or "clientAuth", not ${JSON.stringify(purpose)}`);
  }
  if (typeof question.now !== "number") throw cannotVerify("now is needed, a number of ms since 1970");
  for (const name of ["serverName", "emailAddress"] as const) {
    const value: unknown = question[name];
    if (value !== undefined && typeof value !== "string") throw cannotVerify(`${name} is text, not ${typeof value}`);
  }
  // A name that is none is the caller's mistake, whatever the certificate is like.
  if (question.serverName !== undefined) parseServerName(question.serverName);
  if (question.emailAddress !== undefined) parseEmailAddress(question.emailAddress);
  if (ocspResponse === undefined || ocspResponse instanceof Uint8Array) return question;
  throw cannotVerify("ocspResponse is a Uint8Array, the DER of an OCSPResponse");
}

/** Also what a request of a connection has besides. */
const questionNames: readonly string[] = [
  "chain",
  "serverName",
  "emailAddress",
  "purpose",
  "now",
  "ocspResponse",
  "signedCertificateTimestamps",
  "type",
  "id",
];

const optionNames: readonly (keyof CertificateVerifierOptions)[] = [
  "trustAnchors",
  "provider",
  "policy",
  "crls",
  "requireRevocationStatus",
  "pins",
  "certificatePolicies",
  "isPublicSuffix",
  "acceptAnyName",
  "limits",
];

const policyInputNames: readonly (keyof PolicyInputs)[] = [
  "acceptablePolicies",
  "requireExplicitPolicy",
  "inhibitPolicyMapping",
  "inhibitAnyPolicy",
];

function checkPolicyInputs(inputs: PolicyInputs): void {
  checkNames("certificate policy input", inputs, policyInputNames);
  const { acceptablePolicies, ...flags } = inputs;
  for (const [name, value] of Object.entries(flags)) flag(name, value);
  const isList = Array.isArray(acceptablePolicies) && acceptablePolicies.every((oid) => typeof oid === "string");
  if (acceptablePolicies === undefined || isList) return;
  throw cannotVerify("acceptablePolicies is a list of object identifiers in dotted form");
}

function checkedLimits(limits: SomePathLimits): Partial<PathLimits> {
  checkNames("limit", limits, Object.keys(defaultPathLimits));
  const given = Object.entries(limits).flatMap(([name, value]) => value === undefined ? [] : [[name, value] as const]);
  const wrong = given.find(([, value]) => !(Number.isInteger(value) && value >= 0));
  if (wrong !== undefined) throw cannotVerify(`the limit ${wrong[0]} is a whole number, 0 or more, not ${wrong[1]}`);
  // One that is there and undefined would take the default's place, and limit nothing.
  return Object.fromEntries(given);
}

function checkNames(what: string, given: object, known: readonly string[]): void {
  if (typeof given !== "object" || given === null) throw cannotVerify(`${what}s are an object`);
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) throw cannotVerify(`there is no ${what} "${unknown}" (there are ${known.join(", ")})`);
}

function flag(name: string, value: unknown): boolean {
  if (value === undefined || typeof value === "boolean") return value === true;
  throw cannotVerify(`${name} is true or false, not ${typeof value}`);
}

/** Whether all elements are objects that have such a field. */
function isListOf(list: unknown, field: string): boolean {
  return Array.isArray(list) && list.every((one) => typeof one === "object" && one !== null && field in one);
}

function cannotVerify(why: string): TlsUsageError {
  return new TlsUsageError(`Cannot verify certificates: ${why}`);
}
