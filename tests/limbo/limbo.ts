/**
 * x509-limbo: cases of certificate paths, each with the verdict that it should have. Read from JSON in the suite's own
 * schema (github.com/C2SP/x509-limbo, Apache-2.0), judged by our own front door, as a caller would use it.
 * @module
 */

import { nobleProvider } from "../../lib/crypto/noble_provider.ts";
import { TlsError, TlsUsageError } from "../../lib/error.ts";
import { loadCertificateRevocationLists } from "../../lib/x509/load_crl.ts";
import { loadCertificates } from "../../lib/x509/load.ts";
import { type CertificatePolicy, policies } from "../../lib/x509/policy.ts";
import type { Verdict } from "../../lib/x509/verdict.ts";
import { verifyCertificate } from "../../lib/x509/verifier.ts";

interface PeerName {
  readonly kind: "DNS" | "IP" | "RFC822";
  readonly value: string;
}

export interface LimboCase {
  readonly id: string;
  readonly features: readonly string[];
  readonly validation_kind: "SERVER" | "CLIENT";
  /** PEM, as all certificates and lists. */
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  readonly validation_time: string | null;
  readonly extended_key_usage: readonly string[];
  readonly expected_result: "SUCCESS" | "FAILURE";
  readonly expected_peer_name: PeerName | null;
  readonly expected_peer_names: readonly PeerName[];
  readonly max_chain_depth: number | null;
  readonly crls: readonly string[];
}

export interface LimboResult {
  readonly result: LimboCase["expected_result"];
  /** Why it was refused. */
  readonly reason: string;
}

/** The policy follows the prefix of the id, and nothing else: some pairs of cases contradict each other by design. */
export function policyOf(id: string): CertificatePolicy {
  return id.startsWith("rfc5280::") ? policies.rfc5280 : policies.webPki;
}

/** Our verdict on a case. `now`: for the cases that name no time. */
export function judgeCase(
  one: LimboCase,
  now: number,
  isPublicSuffix?: (domain: string) => boolean,
): LimboResult {
  try {
    const refusal = verdictsOn(one, now, isPublicSuffix).find(({ accepted }) => !accepted);
    return { result: refusal === undefined ? "SUCCESS" : "FAILURE", reason: refusal?.error?.message ?? "" };
  } catch (error) {
    // A certificate or a list that can't be read.
    if (!(error instanceof TlsError || error instanceof TlsUsageError)) throw error;
    return { result: "FAILURE", reason: error.message };
  }
}

/** One verdict, or one for each name that a client should have. */
function verdictsOn(
  one: LimboCase,
  now: number,
  isPublicSuffix: ((domain: string) => boolean) | undefined,
): readonly Verdict[] {
  const names = one.expected_peer_names.length > 0 ? one.expected_peer_names : [one.expected_peer_name];
  const load = (pems: readonly string[]) => pems.flatMap((pem) => loadCertificates(pem));
  const options = {
    provider: nobleProvider,
    chain: load([one.peer_certificate, ...one.untrusted_intermediates]),
    trustAnchors: load(one.trusted_certs),
    crls: one.crls.flatMap((pem) => loadCertificateRevocationLists(pem)),
    policy: policyOf(one.id),
    purpose: one.validation_kind === "SERVER" ? "serverAuth" : "clientAuth",
    now: one.validation_time === null ? now : Date.parse(one.validation_time),
    limits: one.max_chain_depth === null ? undefined : { maxIntermediates: one.max_chain_depth },
    isPublicSuffix,
  } as const;
  return names.map((name) => {
    if (name === null) return verifyCertificate({ ...options, acceptAnyName: true });
    return verifyCertificate({ ...options, [name.kind === "RFC822" ? "emailAddress" : "serverName"]: name.value });
  });
}
