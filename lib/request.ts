/**
 * What a connection asks its embedder, who may answer now or later; meanwhile it sleeps in a state that is named for it.
 * Questions are plain data. Only what the configuration leaves open is asked.
 * @module
 */

import type { PublicKey } from "./crypto/provider.ts";
import { CertificateError, InternalError, type TlsError, TlsUsageError } from "./error.ts";
import type { SignatureSchemeName } from "./registry.ts";
import type { CertificateVerification } from "./x509/verifier.ts";

/** To sign with the key of a credential whose signer has no function `sign`. To be answered with the signature's bytes. */
export interface SignQuestion {
  readonly type: "sign";
  readonly scheme: SignatureSchemeName;
  /** What is to be signed, not hashed yet. */
  readonly message: Uint8Array<ArrayBuffer>;
  /** The credential's: tells which key it is. */
  readonly publicKey: PublicKey;
}

/** Whether the peer is to be trusted, with `certificateVerifier: "request"`. To be answered with `true`, or an error. */
export interface VerifyCertificateQuestion extends CertificateVerification {
  readonly type: "verifyCertificate";
}

/** What may be asked. */
export type Question = SignQuestion | VerifyCertificateQuestion;

/** A question with the number under which it is answered: `answer(request.id, value)`. */
export type TlsRequest = Question & { readonly id: number };

/** Throws TlsUsageError for a value that answers no such question. */
export function checkAnswer(question: Question, value: unknown): void {
  if (value instanceof Error) return;
  switch (question.type) {
    case "sign":
      if (value instanceof Uint8Array && value.length > 0) return;
      throw new TlsUsageError("Cannot answer: sign is answered with the bytes of a signature, or with an Error");
    case "verifyCertificate":
      if (value === true) return;
      throw new TlsUsageError(
        "Cannot answer: verifyCertificate is answered with true, or with an Error that says why not",
      );
  }
}

/**
 * The end of a connection whose question was answered with an error. Only a CertificateError says its alert itself: any
 * other may come from another connection, on the way to an HSM, and is not this peer's fault.
 */
export function answeredWithError({ type }: Question, error: Error): TlsError {
  if (error instanceof CertificateError) return error;
  return new InternalError(`Cannot go on: the request ${type} was answered with an error: ${error.message}`, {
    cause: error,
  });
}
