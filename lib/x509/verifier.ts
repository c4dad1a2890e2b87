/**
 * Whether a peer is to be trusted: the question that TLS asks, and the default way to answer it.
 * Enters: the chain that the peer sent, the name it should have, what for, the time. Leaves: nothing, or
 * CertificateError; or a Verdict.
 * RFC 5280 §6, RFC 9525 §6. Knows no TLS.
 * @module
 */

import { type CertificateVerifierOptions, checkedQuestion, criteriaOf } from "./criteria.ts";
import type { CertificatePurpose } from "./finding.ts";
import { type CertificateQuestion, judge, type Judgement, type Verdict, verdictOf } from "./verdict.ts";
import { createVerdictMemory } from "./verdict_memory.ts";

export type { CertificateVerifierOptions } from "./criteria.ts";

/** What is asked of a verifier by a connection. The chain isn't empty. */
export interface CertificateVerification extends CertificateQuestion {
  /** RFC 6962 §3.3: SerializedSCTs that the peer sent. */
  readonly signedCertificateTimestamps?: readonly Uint8Array[] | undefined;
}

/** Decides whether a peer is to be trusted. */
export interface CertificateVerifier {
  /** Returns when the peer is to be trusted. Throws CertificateError, with the reason, when it isn't. */
  verify(request: CertificateVerification): void;
  /**
   * Names what is checked: verifiers that don't check the same must not have the same name. A session is only resumed
   * where the verifier has the name that it was made under; without a name none can be kept.
   */
  readonly identity?: string | undefined;
}

/** The default verifier, which also explains what it decided. */
export interface ExplainingVerifier extends CertificateVerifier {
  /** The verdict with all checks. Throws TlsUsageError for a question that can't be asked, such as a `serverName` that is none. */
  explain(request: CertificateQuestion): Verdict;
}

/**
 * The default verifier: a path to a trust anchor (RFC 5280 §6), then the name (RFC 9525 §6). It refuses every server when
 * no name was given: a valid certificate of anybody says nothing about whom one is talking to.
 * Throws TlsUsageError for options that can't work.
 *
 * @example
 * const verifier = createCertificateVerifier({ trustAnchors, provider: nobleProvider });
 * verifier.verify({ chain, serverName: "example.com", purpose: "serverAuth", now });
 */
export function createCertificateVerifier(options: CertificateVerifierOptions): ExplainingVerifier {
  const criteria = criteriaOf(options, ["remember", "identity"]);
  const memory = createVerdictMemory(options.remember ?? 0, options.provider.hashes.sha256);
  const judged = (request: CertificateQuestion): Judgement =>
    memory.recalled(checkedQuestion(request), () => judge(request, criteria));
  return {
    identity: options.identity,
    explain: (request) => verdictOf(judged(request)),
    verify(request) {
      const { error } = judged(request);
      if (error !== undefined) throw error;
    },
  };
}

/** What is asked of `verifyCertificate`: about which certificate, and by which criteria. */
export interface VerifyCertificateOptions
  extends
    Omit<CertificateVerifierOptions, "remember" | "identity">,
    Omit<CertificateQuestion, "serverName" | "purpose"> {
  /** The name or IP address that a server should have. */
  readonly serverName?: string | undefined;
  /** What the key is used for. Default: `serverAuth`. */
  readonly purpose?: CertificatePurpose | undefined;
}

/**
 * Whether a certificate is to be accepted, and why. Never throws for what is in certificates; throws TlsUsageError for
 * options that can't work. Who verifies often makes a verifier once: `createCertificateVerifier`.
 *
 * @example
 * const verdict = verifyCertificate({ chain, trustAnchors, serverName: "example.com", now: Date.now(), provider });
 * if (!verdict.accepted) console.log(verdict.error?.message);
 */
export function verifyCertificate(options: VerifyCertificateOptions): Verdict {
  const { chain, serverName, emailAddress, purpose = "serverAuth", now, ocspResponse } = options;
  const asked = { chain, serverName, emailAddress, purpose, now, ocspResponse };
  return verdictOf(judge(checkedQuestion(asked), criteriaOf(options, Object.keys(asked))));
}

/**
 * Accepts every certificate of everybody. Whoever is on the way can then read and change everything: for tests, and for
 * looking at servers whose certificate is known to be wrong. Nothing else.
 */
export const insecureAcceptAnyCertificate: CertificateVerifier = {
  verify: () => {},
  identity: "insecureAcceptAnyCertificate",
};
