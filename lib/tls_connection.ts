/**
 * A connection as its embedder sees it.
 * @module
 */

import type { Json } from "./codec/shape.ts";
import type { Output } from "./output.ts";
import type { Answer, TlsRequest } from "./request.ts";
import type { ChannelBindingType, TlsSession } from "./session.ts";

/**
 * One TLS connection, client or server. Every call returns everything that it produced, in order; nothing needs to be
 * drained, and nothing that the peer does is thrown. Throws TlsUsageError only.
 */
export interface TlsConnection {
  /** Where the chart stands, as text: `live.handshake.full.awaitCertificate`, `live.connected`, `closed`, `failed` … */
  readonly state: string;
  /** What was agreed; `undefined` until the handshake is over. */
  readonly session: TlsSession | undefined;
  /**
   * What waits for an answer, if anything does: the one that came as an output, here or before the connection was
   * frozen.
   */
  readonly request: TlsRequest | undefined;
  /** Begins the handshake. To be called once, first, in both roles; a server then waits for the client. */
  start(): readonly Output[];
  /** Takes bytes from the peer, in any pieces. Once the connection has ended they are ignored. */
  receive(bytes: Uint8Array): readonly Output[];
  /** The peer's half of the transport has ended. Without a close_notify before, that is a TruncationError. */
  receiveEnd(): readonly Output[];
  /** Encrypts application data. Only after `established`, and before the connection ends. */
  send(data: Uint8Array): readonly Output[];
  /**
   * Answers a request, by its `id`, with what its question says, or with an Error that says why not. After the end of
   * the connection it does nothing: the answer came too late.
   */
  answer(id: number, value: Answer): readonly Output[];
  /**
   * RFC 5705: `length` bytes of key material for another protocol, bound to this handshake. No `context` isn't the same
   * as an empty one. Only after `established`, and not in a session resumed without extended master secret (RFC 7627).
   */
  exportKeyingMaterial(label: string, context: Uint8Array | undefined, length: number): Uint8Array<ArrayBuffer>;
  /** RFC 5929, RFC 9266: what ties an authentication above TLS to this connection. Only after `established`. */
  channelBinding(type: ChannelBindingType): Uint8Array<ArrayBuffer>;
  /**
   * Says close_notify. What the peer sent before it got that is still delivered. May be called at any time, again too.
   */
  close(): readonly Output[];
  /**
   * The connection as a JSON value, at any moment between two calls: `thawTlsClient` or `thawTlsServer` goes on with
   * it, in another process or runtime too. Bytes that came and aren't read yet, half a record, an open request are in
   * it; outputs are not, they have been handed out, nor is the configuration. From now on this object refuses every
   * call: two that go on from one point would protect different data with the same nonces. SECRET: what it returns
   * holds keys.
   */
  freeze(): FrozenConnection;
}

/**
 * A connection that stands still: what `freeze()` gives and `thawTlsClient` or `thawTlsServer` takes. A JSON value, to
 * be kept or carried as text. SECRET: it holds keys. For one use: whoever thaws it twice protects different data with
 * the same nonces, which gives them away. Only what is named here is for reading; all else may change with the format.
 */
export interface FrozenConnection {
  /** The version of the format; a library that doesn't know it refuses it. */
  readonly format: number;
  /** Which function thaws it. */
  readonly role: "client" | "server";
  /** As `TlsConnection.state` says it. */
  readonly state: string;
  readonly [part: string]: Json;
}
