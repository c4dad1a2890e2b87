/**
 * What an embedder answers enters; what a command can use leaves, or TlsUsageError, and the question stays open.
 * @module
 */

import { textOf, TlsUsageError } from "./error.ts";
import { certificatesOf, loadCredential } from "./load_credential.ts";
import type { CertificateSource, Credential } from "./credential.ts";
import { checkAnswer, type Question } from "./request.ts";
import type { LoadedCredential, Settings } from "./settings.ts";
import { type Certificate, decodeCertificate } from "./x509/certificate.ts";

/** Answers that are objects of an embedder's, loaded: a list of credentials, of certificates; all others as they are. */
export function checkedAnswer(question: Question, value: unknown, settings: Settings): unknown {
  checkAnswer(question, value);
  if (value instanceof Error) return value;
  try {
    return loaded(question, value, settings);
  } catch (thrown) {
    if (thrown instanceof TlsUsageError) throw thrown;
    // A broken certificate or key of the embedder's is no fault of the peer's.
    throw new TlsUsageError(`Cannot answer: ${textOf(thrown)}`, { cause: thrown });
  }
}

function loaded(question: Question, value: unknown, settings: Settings): unknown {
  switch (question.type) {
    case "chooseCredential":
      return loadedCredentials(value, settings);
    case "issuerMissing":
      return loadedCertificates(value);
    case "sign":
    case "loadSession":
      // A copy: the embedder may use its buffer again.
      return value instanceof Uint8Array ? Uint8Array.from(value) : value;
    case "verifyCertificate":
    case "inspectClientHello":
      return value;
  }
}

function loadedCredentials(value: unknown, settings: Settings): readonly LoadedCredential[] {
  if (value === undefined) return [];
  const list = [value].flat();
  if (list.length > 0 && list.every(isCredential)) return list.map((one) => loadCredential(one, settings));
  throw new TlsUsageError(
    "Cannot answer: chooseCredential is answered with credentials { certificateChain, privateKey }",
  );
}

function isCredential(value: unknown): value is Credential {
  return typeof value === "object" && value !== null && "certificateChain" in value;
}

function loadedCertificates(value: unknown): readonly Certificate[] {
  if (value === undefined) return [];
  const list = [value].flat();
  // Taken apart again, whatever it was taken for: what isn't a certificate isn't given to the verifier.
  if (list.every(isSource)) return certificatesOf(list).map(({ der }) => decodeCertificate(der));
  throw new TlsUsageError("Cannot answer: issuerMissing is answered with certificates (PEM text, PEM or DER bytes)");
}

function isSource(value: unknown): value is CertificateSource {
  return typeof value === "string" || value instanceof Uint8Array ||
    (typeof value === "object" && value !== null && "der" in value);
}
