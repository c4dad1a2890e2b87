/**
 * Whether a peer is to be trusted: the question that TLS asks, and the default way to answer it.
 * Enters: the chain that the peer sent, the name it should have, what for, the time. Leaves: nothing, or
 * CertificateError.
 * RFC 5280 §6, RFC 9525 §6. Knows no TLS.
 * @module
 */

import { TlsUsageError } from "../error.ts";
import type { Certificate } from "./certificate.ts";
import type { CertificateRevocationList } from "./crl.ts";
import { indexedTrustAnchors, type PathLimits } from "./path.ts";
import type { CertificatePurpose } from "./path_checks.ts";
import { parsePins } from "./pins.ts";
import { type CertificatePolicy, checkedPolicy, policies } from "./policy.ts";
import type { PolicyInputs } from "./policy_graph.ts";
import type { TrustAnchor } from "./trust_anchor.ts";
import { type CertificateCrypto, type CertificateQuestion, type Criteria, judge, type Verdict } from "./verdict.ts";
import { createVerdictMemory } from "./verdict_memory.ts";

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

/** What the default verifier goes by. Everything but `trustAnchors` and `provider` has a default. */
export interface CertificateVerifierOptions {
  /** Who is trusted, unconditionally within their own constraints: certificates, or names with keys. */
  readonly trustAnchors: readonly (Certificate | TrustAnchor)[];
  /** What verifies signatures, and hashes. */
  readonly provider: CertificateCrypto;
  /** How strict it is. Default: `policies.compatible`. */
  readonly policy?: CertificatePolicy | undefined;
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
  readonly limits?: Partial<PathLimits> | undefined;
  /** How many accepted chains are remembered, by their hash, so that they cost no signatures again. Default: 0. */
  readonly remember?: number | undefined;
  /** The verifier's `identity`: needed where sessions are kept. */
  readonly identity?: string | undefined;
}

/** The default verifier, which also explains what it decided. */
export interface ExplainingVerifier extends CertificateVerifier {
  /** The verdict with all checks. Throws TlsUsageError for a `serverName` that is none. */
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
  const criteria = criteriaOf(options);
  const memory = createVerdictMemory(options.remember ?? 0, options.provider.hashes.sha256);
  const explain = (request: CertificateQuestion): Verdict => memory.recalled(request, () => judge(request, criteria));
  return {
    identity: options.identity,
    explain,
    verify(request) {
      const { error } = explain(request);
      if (error !== undefined) throw error;
    },
  };
}

/** What is asked of `verifyCertificate`: about which certificate, and by which criteria. */
export interface VerifyCertificateOptions
  extends CertificateVerifierOptions, Omit<CertificateQuestion, "serverName" | "purpose"> {
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
  return judge({ chain, serverName, emailAddress, purpose, now, ocspResponse }, criteriaOf(options));
}

/**
 * Accepts every certificate of everybody. Whoever is on the way can then read and change everything: for tests, and for
 * looking at servers whose certificate is known to be wrong. Nothing else.
 */
export const insecureAcceptAnyCertificate: CertificateVerifier = {
  verify: () => {},
  identity: "insecureAcceptAnyCertificate",
};

function criteriaOf(options: CertificateVerifierOptions): Criteria {
  const { trustAnchors, provider, policy = policies.compatible, crls = [], pins, limits = {} } = options;
  if (!Array.isArray(provider?.signatureSchemes) || provider.hashes === undefined) {
    throw new TlsUsageError(
      "Cannot verify certificates: provider is needed, an object with signatureSchemes and hashes",
    );
  }
  if (!Array.isArray(trustAnchors)) {
    throw new TlsUsageError("Cannot verify certificates: trustAnchors is needed, a list of certificates");
  }
  return {
    provider,
    trustAnchors: indexedTrustAnchors(trustAnchors),
    policy: checkedPolicy(policy),
    crls,
    requiresRevocationStatus: options.requireRevocationStatus === true,
    pins: pins === undefined ? undefined : parsePins(pins),
    certificatePolicies: options.certificatePolicies ?? {},
    isPublicSuffix: options.isPublicSuffix,
    acceptsAnyName: options.acceptAnyName === true,
    limits,
  };
}
