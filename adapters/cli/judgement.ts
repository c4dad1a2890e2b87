/**
 * A verdict on a certificate with all that it was asked about, ready to be told. Types only.
 * @module
 */

import type { Certificate, Verdict } from "../../mod.ts";
import type { VerifyOptions } from "./options.ts";

/** A certificate, and where it was found. */
export interface FoundCertificate {
  readonly certificate: Certificate;
  /** `chain.pem`, `chain.pem, number 2`. */
  readonly from: string;
}

/** A verdict, and all that it was asked about. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly options: VerifyOptions;
  /** In ms since 1970. */
  readonly now: number;
  /** The certificate that was judged first. */
  readonly chain: readonly FoundCertificate[];
  readonly trustAnchors: readonly FoundCertificate[];
  readonly revocationLists: number;
}
