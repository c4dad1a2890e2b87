/**
 * An error as facts: in which state, which check, which alert, and whose fault; the words for it come from elsewhere.
 * @module
 */

import {
  AlertDescription,
  AlertReceivedError,
  CertificateError,
  DecodeError,
  PeerIncompatibleError,
  PeerMisbehavedError,
  TlsError,
  TlsUsageError,
  TruncationError,
} from "../../mod.ts";
import { TimeoutError, TransportError } from "../../adapters/streams.ts";
import { printable } from "./text.ts";
import type { FailureWords } from "./words.ts";

export interface Failure {
  /** Which sentence of the language says it. */
  readonly kind: Exclude<
    keyof FailureWords,
    "where" | "notBegun" | "check" | "alertSent" | "alertReceived" | "noAlert" | "says"
  >;
  readonly says: string;
  readonly state: string | undefined;
  readonly check: string | undefined;
  /** `unknown_ca (48)`, and who sent it. */
  readonly alert: string | undefined;
  readonly isAlertReceived: boolean;
}

export function failureOf(error: unknown): Failure {
  const isTls = error instanceof TlsError;
  return {
    kind: kindOf(error),
    says: printable(error instanceof Error ? error.message : String(error)),
    state: isTls ? error.state : undefined,
    check: error instanceof CertificateError ? error.check : undefined,
    alert: alertOf(error),
    isAlertReceived: error instanceof AlertReceivedError,
  };
}

function alertOf(error: unknown): string | undefined {
  if (error instanceof AlertReceivedError) return `${error.description ?? "?"} (${error.descriptionNumber})`;
  if (!(error instanceof TlsError) || error.alert === undefined) return undefined;
  return `${error.alert} (${AlertDescription[error.alert]})`;
}

function kindOf(error: unknown): Failure["kind"] {
  if (error instanceof CertificateError) return "certificate";
  if (error instanceof AlertReceivedError) return "alert";
  if (error instanceof TransportError) return "transport";
  if (error instanceof TimeoutError) return "timeout";
  if (error instanceof TruncationError) return "truncated";
  if (error instanceof TlsUsageError) return "usage";
  if (error instanceof PeerIncompatibleError) return "incompatible";
  if (error instanceof TlsError && speaksNoTls(error)) return "notTls";
  if (error instanceof PeerMisbehavedError || error instanceof DecodeError) return "misbehaved";
  return "other";
}

/** The library says so itself, where the first bytes look like those of another protocol. */
function speaksNoTls({ message }: TlsError): boolean {
  return message.includes("doesn't speak TLS");
}
