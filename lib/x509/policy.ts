/**
 * How strict one is about certificates, as plain data: what is demanded beyond what every path must fulfil.
 * RFC 5280; CA/Browser Forum, Baseline Requirements for TLS Server Certificates §7.1. What a demand means is said in
 * `demands.ts`.
 * @module
 */

import { TlsUsageError } from "../error.ts";
import { type DemandName, demands } from "./demands.ts";

/** A policy: one of `policies`, or one of your own. */
export interface CertificatePolicy {
  /** For people, and to tell policies apart. */
  readonly name: string;
  /** What is demanded of certificates beyond RFC 5280 §6: see `demands`. */
  readonly demands: readonly DemandName[];
  /** The shortest RSA modulus that is accepted, in bits. */
  readonly minRsaBits: number;
  /** Whether a peer's own certificate may itself be the trust anchor: self-signed ones are, where one is trusted by hand. */
  readonly allowsLeafAsTrustAnchor: boolean;
  /** Whether trust anchors of version 1 and 2, which can't say that they are CAs, may issue: their owner says it. */
  readonly allowsOldTrustAnchors: boolean;
  /** Whether a trust anchor's own validity is checked, as that of every other certificate. */
  readonly checksTrustAnchorValidity: boolean;
}

/** What conforming CAs must do, and nobody needs to be safe: what it is missing from is a sign of a careless CA. */
const profile = [
  "version",
  "serialNumber",
  "validityEncoding",
  "keyIdentifiers",
  "authorityKeyUsage",
  "pathLenConstraintPlacement",
  "criticality",
  "nameConstraintsPlacement",
  "nameConstraintsSyntax",
  "preferredNameSyntax",
] as const;

/** The policies that come with the library. */
export const policies: {
  /** RFC 5280 to the letter: also what it demands of CAs only. */
  readonly rfc5280: CertificatePolicy;
  /** The CA/Browser Forum's profile, as certificates of public web servers have it. */
  readonly webPki: CertificatePolicy;
  /** What OpenSSL-based clients accept, as far as it is without danger: the default of connections. */
  readonly compatible: CertificatePolicy;
} = {
  rfc5280: {
    name: "rfc5280",
    demands: [...profile, "nameConstraintsCriticality", "trustAnchorAuthorityKeyIdentifier"],
    minRsaBits: 2048,
    allowsLeafAsTrustAnchor: false,
    allowsOldTrustAnchors: false,
    checksTrustAnchorValidity: true,
  },
  webPki: {
    name: "webPki",
    demands: [
      ...profile,
      "authorityInfoAccess",
      "commonName",
      "leafExtendedKeyUsage",
      "leafIsNoAuthority",
      "rsaModulusOfWholeBytes",
      "subjectAltNameCriticality",
      "trustAnchorIdentifiers",
      "trustAnchorWithoutExtendedKeyUsage",
    ],
    minRsaBits: 2048,
    allowsLeafAsTrustAnchor: false,
    allowsOldTrustAnchors: false,
    checksTrustAnchorValidity: true,
  },
  compatible: {
    name: "compatible",
    demands: ["leafDigitalSignature"],
    minRsaBits: 2048,
    allowsLeafAsTrustAnchor: true,
    allowsOldTrustAnchors: true,
    checksTrustAnchorValidity: true,
  },
};

/** The policy, if it is one. Throws TlsUsageError for what isn't, so that no demand is left out by a slip of the pen. */
export function checkedPolicy(policy: CertificatePolicy): CertificatePolicy {
  if (typeof policy !== "object" || policy === null) {
    throw new TlsUsageError("Cannot verify certificates: policy is an object, such as policies.webPki");
  }
  const stranger = Object.keys(policy).find((name) => !Object.hasOwn(policies.compatible, name));
  if (stranger !== undefined) {
    const known = Object.keys(policies.compatible).join(", ");
    throw new TlsUsageError(`Cannot verify certificates: a policy has ${known}, not "${stranger}"`);
  }
  const { demands: demanded, minRsaBits } = policy;
  const unknown = Array.isArray(demanded) ? demanded.find((name) => !Object.hasOwn(demands, name)) : "";
  if (unknown !== undefined) {
    const known = Object.keys(demands).join(", ");
    throw new TlsUsageError(`Cannot verify certificates: the policy's demands are of ${known}, not "${unknown}"`);
  }
  if (!Number.isInteger(minRsaBits) || minRsaBits < 1024) {
    throw new TlsUsageError(`Cannot verify certificates: the policy's minRsaBits is 1024 or more, not ${minRsaBits}`);
  }
  for (const flag of ["allowsLeafAsTrustAnchor", "allowsOldTrustAnchors", "checksTrustAnchorValidity"] as const) {
    if (typeof policy[flag] === "boolean") continue;
    throw new TlsUsageError(`Cannot verify certificates: the policy's ${flag} is true or false, not ${policy[flag]}`);
  }
  return policy;
}
