/**
 * What we say to a scene: the one place that knows how certificates are verified.
 * @module
 */

import { DecodeError } from "../../lib/error.ts";
import { decodeCertificate } from "../../lib/x509/certificate.ts";
import { verifyCertificate } from "../../lib/x509/verifier.ts";
import { rememberingProvider } from "../support/fixtures.ts";
import type { Answer } from "./defect.ts";
import type { Scene } from "./random_chain.ts";

export interface Verdict {
  readonly answer: Answer;
  /** In the judge's own words; ours begin with the check that failed. */
  readonly why: string;
  /** The path that was found, from the leaf to the trust anchor, in DER. */
  readonly path?: readonly Uint8Array[];
}

/** What the library says to a scene; nothing but an answer may come of any scene, so that other errors come out. */
export function ourVerdict({ leaf, bag, anchors, serverName, now }: Scene): Verdict {
  try {
    const { error, path } = verifyCertificate({
      chain: [leaf, ...bag].map(decodeCertificate),
      trustAnchors: anchors.map(decodeCertificate),
      provider: rememberingProvider,
      serverName,
      now,
    });
    if (error !== undefined) return { answer: "refused", why: `${error.check}: ${error.message}` };
    return { answer: "accepted", why: "ok", path: path.flatMap(({ certificate }) => certificate?.der ?? []) };
  } catch (error) {
    if (error instanceof DecodeError) return { answer: "refused", why: `decode: ${error.message}` };
    throw error;
  }
}
