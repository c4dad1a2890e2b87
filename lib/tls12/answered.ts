/**
 * What an embedder's answers are for the charts, where both roles ask the same.
 * Enters: a question and its answer, which was checked. Leaves: the chart's event; `undefined` for other questions.
 * @module
 */

import type { SignatureSchemeName } from "../registry.ts";
import type { Question } from "../request.ts";
import type { LoadedCredential } from "../settings.ts";
import type { Certificate } from "../x509/certificate.ts";

/** The embedder's answers that both charts wait for. */
export type EmbedderAnswer =
  | { readonly type: "answer.signed"; readonly scheme: SignatureSchemeName; readonly signature: Uint8Array }
  | { readonly type: "answer.certificateTrusted" }
  | { readonly type: "answer.issuersGiven"; readonly issuers: readonly Certificate[] }
  | { readonly type: "answer.credentialsGiven"; readonly credentials: readonly LoadedCredential[] };

export function answeredAlike(question: Question, value: unknown): EmbedderAnswer | undefined {
  switch (question.type) {
    case "sign":
      return value instanceof Uint8Array
        ? { type: "answer.signed", scheme: question.scheme, signature: value }
        : undefined;
    case "verifyCertificate":
      return { type: "answer.certificateTrusted" };
    case "issuerMissing":
      return isList<Certificate>(value) ? { type: "answer.issuersGiven", issuers: value } : undefined;
    case "chooseCredential":
      return isList<LoadedCredential>(value) ? { type: "answer.credentialsGiven", credentials: value } : undefined;
    case "loadSession":
    case "inspectClientHello":
      return undefined;
  }
}

/** What the elements of an answer are was checked when it was loaded. */
function isList<Element>(value: unknown): value is readonly Element[] {
  return Array.isArray(value);
}
