/**
 * What a connection asks its embedder, who may answer now or later; meanwhile it sleeps in a state that is named for it.
 * Questions are plain data. Only what the configuration leaves open is asked.
 * @module
 */

import type { CertificateSource, Credential } from "./credential.ts";
import type { PublicKey } from "./crypto/provider.ts";
import {
  CertificateError,
  InternalError,
  type MissingIssuer,
  PeerIncompatibleError,
  type TlsError,
  TlsUsageError,
} from "./error.ts";
import type { ClientHelloFacts } from "./messages/client_hello_facts.ts";
import type { CipherSuiteName, SignatureSchemeName } from "./registry.ts";
import type { Settings } from "./settings.ts";
import type { Certificate } from "./x509/certificate.ts";
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

/**
 * Which credential to show, with `credentials: "request"`. To be answered with a credential or a list of them, best
 * first, or with `undefined` for none: a client then goes on without, a server can't. Of a list, the first one is shown
 * that fits what the peer takes; where none fits it is as if there were none. What one role can't know is empty.
 */
export interface ChooseCredentialQuestion {
  readonly type: "chooseCredential";
  /** The name that the client asked for. */
  readonly serverName: string | undefined;
  /** What may be used, by name, in the peer's order; numbers that have no name here are left out. */
  readonly cipherSuites: readonly CipherSuiteName[];
  readonly signatureSchemes: readonly SignatureSchemeName[];
  /** To a client only: the issuers that the server would like, DER of distinguished names. Empty: any. */
  readonly certificateAuthorities: readonly Uint8Array[];
}

/**
 * To look up a session, with `sessionCache: "request"`. To be answered with the bytes that `storeSession` gave under the
 * same key, or with `undefined` when there are none.
 */
export interface LoadSessionQuestion {
  readonly type: "loadSession";
  readonly key: string;
}

/**
 * A certificate that would help to verify the peer, with `onMissingIssuer: "request"`. To be answered with a certificate
 * or a list of them, or with `undefined` when it is not to be had. They are checked like those that the peer sent.
 */
export interface IssuerMissingQuestion extends MissingIssuer {
  readonly type: "issuerMissing";
}

/**
 * What the client says, before anything is decided, with `onClientHello: "request"`. To be answered with `true` to go
 * on, or an error that says why not: `new PeerIncompatibleError(alert, why)` chooses the alert.
 */
export interface InspectClientHelloQuestion {
  readonly type: "inspectClientHello";
  readonly clientHello: ClientHelloFacts;
}

/** What may be asked. */
export type Question =
  | SignQuestion
  | VerifyCertificateQuestion
  | ChooseCredentialQuestion
  | LoadSessionQuestion
  | IssuerMissingQuestion
  | InspectClientHelloQuestion;

/** A question with the number under which it is answered: `answer(request.id, value)`. */
export type TlsRequest = Question & { readonly id: number };

/** What a question may be answered with: see there. */
export type Answer =
  | Uint8Array
  | true
  | string
  | Credential
  | Certificate
  | readonly (Credential | CertificateSource)[]
  | undefined
  | Error;

/** Makes of an embedder's answer what commands can use. Throws TlsUsageError for what answers no such question. */
export type CheckAnswer = (question: Question, value: unknown, settings: Settings) => unknown;

/** Throws TlsUsageError for a value that answers no such question; credentials and certificates are looked at later. */
export function checkAnswer(question: Question, value: unknown): void {
  if (value instanceof Error) return;
  const { fits, words } = rules[question.type];
  if (fits(value)) return;
  throw new TlsUsageError(`Cannot answer: ${question.type} is answered with ${words}`);
}

interface Rule {
  readonly fits: (value: unknown) => boolean;
  readonly words: string;
}

const isTrue = (value: unknown): boolean => value === true;
const isBytes = (value: unknown): boolean => value instanceof Uint8Array && value.length > 0;
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

const rules: { readonly [Type in Question["type"]]: Rule } = {
  sign: { fits: isBytes, words: "the bytes of a signature, or with an Error" },
  verifyCertificate: { fits: isTrue, words: "true, or with an Error that says why not" },
  inspectClientHello: { fits: isTrue, words: "true, or with an Error that says why not" },
  chooseCredential: {
    fits: (value) => value === undefined || isObject(value),
    words: "a credential, a list of them, undefined for none, or an Error",
  },
  loadSession: {
    fits: (value) => value === undefined || isBytes(value),
    words: "the bytes that storeSession gave, undefined when there are none, or an Error",
  },
  issuerMissing: {
    fits: (value) => value === undefined || typeof value === "string" || isObject(value),
    words: "certificates (PEM text, PEM or DER bytes, or loaded already), undefined for none, or an Error",
  },
};

/**
 * The end of a connection whose question was answered with an error. A CertificateError says its alert itself, and so does
 * a PeerIncompatibleError where the question was what to do with this client; any other error may come from another
 * connection, on the way to an HSM, and is not this peer's fault.
 */
export function answeredWithError({ type }: Question, error: Error): TlsError {
  const isVerdict = type === "inspectClientHello" || type === "chooseCredential";
  if (error instanceof CertificateError || (isVerdict && error instanceof PeerIncompatibleError)) return error;
  return new InternalError(`Cannot go on: the request ${type} was answered with an error: ${error.message}`, {
    cause: error,
  });
}
