/**
 * What went wrong, in a line or two for a person, and the exit code: 2 when it couldn't begin (arguments, files, TCP),
 * 1 when the handshake or what came after it failed. Never a stack trace.
 * @module
 */

import {
  AlertDescription,
  type AlertDescriptionName,
  AlertReceivedError,
  CertificateError,
  TlsError,
  TlsUsageError,
} from "../../mod.ts";
import { TimeoutError, TransportError } from "../node.ts";
import { printable } from "./terminal.ts";

export type ExitCode = 0 | 1 | 2;

/** A failure that the command line itself found. Exit code 2 unless it says otherwise. */
export class CliError extends Error {
  readonly exitCode: 1 | 2;
  /** Lines after the first one. */
  readonly more: readonly string[];

  constructor(message: string, exitCode: 1 | 2 = 2, more: readonly string[] = []) {
    super(message);
    this.exitCode = exitCode;
    this.more = more;
  }
}

export interface Failure {
  readonly exitCode: 1 | 2;
  /** One line, or two where an alert was sent, and another that says what may help. */
  readonly lines: readonly string[];
}

/** Any thrown value. `doing` is for errors of the system: `cannot connect to example.com:443`. */
export function failureOf(error: unknown, doing = "cannot go on"): Failure {
  if (error instanceof CliError) {
    return { exitCode: error.exitCode, lines: [error.message, ...error.more].map(oneLine) };
  }
  if (error instanceof TlsUsageError) return { exitCode: 2, lines: [inOurWords(error.message)] };
  if (error instanceof TlsError) return { exitCode: 1, lines: tlsFailureLines(error) };
  const reason = systemReason(error);
  if (reason !== undefined) return { exitCode: 2, lines: [`${doing}: ${reason}`] };
  return { exitCode: 1, lines: [oneLine(`${doing}: ${error instanceof Error ? error.message : String(error)}`)] };
}

/** What failed, then the alert. The text names the alert already when it was the peer that sent it. */
function tlsFailureLines(error: TlsError): readonly string[] {
  const wasConnected = error.state !== undefined && /^live\.(connected|closing|peerClosed)/.test(error.state);
  const line = inOurWords(`the ${wasConnected ? "connection" : "handshake"} failed: ${error.message}`);
  const alert = alertText(error);
  return alert === undefined ? [line] : [line, alert];
}

/** `alert sent: unknown_ca (48), in state live.handshake.full.awaitCertificate`. */
function alertText(error: TlsError): string | undefined {
  if (error instanceof AlertReceivedError) return undefined;
  const state = error.state === undefined ? "" : `, in state ${error.state}`;
  const check = error instanceof CertificateError ? `, check "${error.check}"` : "";
  return error.alert === undefined ? undefined : `alert sent: ${numbered(error.alert)}${state}${check}`;
}

function numbered(name: AlertDescriptionName): string {
  return `${name} (${AlertDescription[name]})`;
}

/** One line for a server's log, where each connection has one. */
export function failureLine(error: unknown): string {
  return failureOf(error, "the connection broke").lines.join("; ");
}

/** Why there is no TCP connection, if it is that which failed; `undefined` for what came after it. */
export function connectionReason(error: unknown): string | undefined {
  const isTransport = error instanceof TransportError || error instanceof TimeoutError;
  if (!isTransport || (error.state !== undefined && error.state !== "connecting")) return undefined;
  if (error instanceof TimeoutError) return "timed out";
  return systemReason(error) ?? systemReason(error.cause) ?? oneLine(error.message);
}

/** The reason in words, for an error of the operating system; `undefined` for any other. */
export function systemReason(error: unknown): string | undefined {
  const code = errorCode(error);
  if (code === undefined) return undefined;
  return systemReasons[code] ?? (/^E[A-Z]+$/.test(code) ? code : undefined);
}

/** The `code` that Node puts on its errors. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

const systemReasons: Readonly<Partial<Record<string, string>>> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  ENOENT: "no such file or folder",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is not a directory",
  EADDRINUSE: "the port is in use",
  EADDRNOTAVAIL: "no such address on this machine",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by the peer",
  EPIPE: "the peer has closed the connection",
  ETIMEDOUT: "timed out",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ENOTFOUND: "unknown host",
  EAI_AGAIN: "the name can't be resolved now",
  EMFILE: "too many open files",
};

/** Where the library names its own option, that of the command line is meant. */
function inOurWords(text: string): string {
  return oneLine(text).replaceAll("legacyCbc: true", "--legacy-cbc");
}

function oneLine(text: string): string {
  return printable(text.replace(/\s*[\r\n]+\s*/g, " ").trim());
}
