/**
 * What is known about the revocation of a certificate, whoever says it: an OCSP response or a revocation list.
 * RFC 5280 §5.3.1, §6.3; RFC 6960 §2.2.
 * @module
 */

/** What one source says about one certificate. `text` says why, for people, with all values that decided it. */
export type RevocationStatus =
  | {
    readonly type: "good";
    readonly text: string;
    /** When this has to be looked up anew, in ms since 1970; `undefined` where the source doesn't say. */
    readonly nextUpdate: number | undefined;
  }
  | {
    readonly type: "revoked";
    readonly text: string;
    /** In ms since 1970. */
    readonly revokedAt: number;
    readonly reason: CrlReasonName | undefined;
  }
  /** The source is about the certificate, or should be, and can't be used: malformed, stale, not properly signed … */
  | { readonly type: "unusable"; readonly text: string };

/** RFC 5280 §5.3.1: CRLReason. */
export const CrlReason = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;
/** Why a certificate was revoked, by its registered name. */
export type CrlReasonName = keyof typeof CrlReason;
