/**
 * What every adapter takes and gives: a transport on one side, an encrypted stream on the other, and the errors that
 * only an adapter can meet. Types and words; the work is done in pump.ts. Runtime-neutral.
 * @module
 */

import {
  type Answer,
  type ChannelBindingType,
  TlsError,
  type TlsRequest,
  type TlsSession,
  type TraceEvent,
} from "../mod.ts";

export type { Answer, ChannelBindingType } from "../mod.ts";

/**
 * Where bytes flow, both ways. Web streams of any origin fit: a Deno.Conn, a Socket of the Sockets API, another TlsStream,
 * and what `opened` of a WebSocketStream or TCPSocket resolves to.
 */
export interface ByteTransport {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Resolves once bytes can flow; default: they can at once. */
  readonly opened?: Promise<TransportInfo> | undefined;
  /**
   * Lets go of the transport at once, whatever is under way. What it returns is awaited; that it fails (because the
   * transport has let go by itself, say) doesn't matter.
   */
  readonly close?: ((reason?: unknown) => unknown) | undefined;
}

/** What a transport knows of itself. */
export interface TransportInfo {
  /** As `127.0.0.1:443` or `[::1]:443`. */
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
}

/** The facts of a finished handshake, and where the peer is. */
export interface TlsStreamInfo extends TlsSession, TransportInfo {
  /** The same as `alpnProtocol`, under the name that the Sockets API gives it. */
  readonly alpn: string | undefined;
}

/** TLS as a pair of streams: a Socket of WinterTC's Sockets API on which TLS is on. */
export interface TlsStream {
  /** What the peer says. Ends with its close_notify; an error comes after all data that came before it. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What we say. Writes wait for the handshake. Closing it says close_notify; aborting it ends the connection at once. */
  readonly writable: WritableStream<Uint8Array>;
  /** The handshake is over; rejects with the error when it fails. May be left alone. */
  readonly opened: Promise<TlsStreamInfo>;
  /** The transport has been let go: resolves after an orderly end, rejects with the error. May be left alone. */
  readonly closed: Promise<void>;
  /**
   * Says close_notify, lets written data go out (for five seconds at most) and ends the connection without waiting for
   * the peer's answer. Writes that were not awaited reject, with `reason` if given. To send everything first, close the
   * writable instead. Resolves when the transport has been let go; never rejects.
   */
  close(reason?: unknown): Promise<void>;
  /** Where the chart stands, as text; `connecting` while the transport isn't open. */
  readonly state: string;
  /**
   * RFC 5705: `length` bytes of key material for another protocol, the same on both sides. No `context` isn't the same as
   * an empty one. Throws TlsUsageError before `opened`, and in a session without extended master secret (RFC 7627 §5.4).
   */
  exportKeyingMaterial(label: string, context: Uint8Array | undefined, length: number): Uint8Array<ArrayBuffer>;
  /** RFC 5929, RFC 9266: what ties an authentication above TLS to this connection. Throws TlsUsageError before `opened`. */
  channelBinding(type: ChannelBindingType): Uint8Array<ArrayBuffer>;
  readonly secureTransport: "on";
  /** Whether `startTls()` has handed the transport on: never, as TLS is on already. */
  readonly upgraded: false;
  /** Throws TlsUsageError: TLS is on already. */
  startTls(): never;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A transport on which TLS isn't on yet: the Sockets API's `secureTransport: "starttls"`, for SMTP, PostgreSQL and the like. */
export interface StartTlsSocket {
  /** The transport's own streams, in plaintext. */
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** The transport is open. May be left alone. */
  readonly opened: Promise<TransportInfo>;
  /** Resolves at `close()` and at `startTls()`; rejects with the signal's reason. May be left alone. */
  readonly closed: Promise<void>;
  /** Ends the connection at once. Resolves when the transport has been let go; never rejects. */
  close(reason?: unknown): Promise<void>;
  readonly secureTransport: "starttls";
  /** Whether `startTls()` was called: from then on the connection belongs to what it returned. */
  readonly upgraded: boolean;
  /**
   * Begins the handshake over the same connection. Throws TlsUsageError when it can't: called twice, after `close()`,
   * or while a reader or writer still holds one of the streams.
   */
  startTls(): TlsStream;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What every adapter can be told beside the configuration of the TLS connection. */
export interface TlsStreamOptions {
  /** Ends the connection at once, at any time: everything rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long connecting and the handshake may take together, in ms; default 30 000, `Infinity` for no limit. */
  readonly handshakeTimeout?: number | undefined;
  /** How long nothing may come and go after the handshake, in ms; default: no limit. */
  readonly idleTimeout?: number | undefined;
  /**
   * Answers what the configuration leaves open (`certificateVerifier: "request"`, a signer without `sign` …), now or by a
   * promise. What it throws, or rejects with, ends the handshake: a CertificateError with the alert that it names.
   * The signal aborts when nobody waits for the answer any more, with the reason for which the connection ended.
   */
  readonly onRequest?: ((request: TlsRequest, signal: AbortSignal) => Answer | Promise<Answer>) | undefined;
  /** Where sessions are kept, so that later connections resume them: `createSessionCache`, or a database. Default: nowhere. */
  readonly sessionCache?: AsyncSessionCache | undefined;
  /** Gets lines for a key log file in NSS format. They let others decrypt. */
  readonly onKeyLog?: ((line: string) => void) | undefined;
  /** Gets what happens, as it happens. What a callback throws ends the connection with that error. */
  readonly onTrace?: ((event: TraceEvent) => void) | undefined;
}

/**
 * Keeps sessions: a SessionCache of the core is one, and so is a database, whose functions return promises. What it holds
 * is SECRET. What a function throws, or rejects with, ends the connection with that error.
 */
export interface AsyncSessionCache {
  /** What was stored under this key; `undefined` or `null` when there is nothing, or nothing any more. */
  load(key: string, signal: AbortSignal): StoredSession | Promise<StoredSession>;
  /** Keeps a session, instead of an older one under the same key. `expiresAt` in ms since 1970. Is awaited. */
  store(key: string, session: Uint8Array<ArrayBuffer>, expiresAt: number): unknown;
  /** Forgets a session; nothing happens when there is none. Is awaited. */
  remove(key: string): unknown;
}

/** What a session cache has under a key. */
export type StoredSession = Uint8Array | null | undefined;

/** The transport failed; `cause` is its own error. */
export class TransportError extends TlsError {
  /** Such as `ECONNREFUSED`; `undefined` where the transport's error has none. */
  readonly code: string | undefined;

  constructor(message: string, cause: unknown) {
    super(`${message}: ${errorText(cause)}`, { cause });
    this.code = codeOf(cause);
  }
}

/** The peer took too long. `state` says where it stalled. */
export class TimeoutError extends TlsError {}

/** Errors of several attempts to connect are in an AggregateError, whose own message is empty. */
function errorText(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(errorText).join("; ");
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
