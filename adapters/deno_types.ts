/**
 * What the Deno adapter takes from Deno and gives in Deno's own shapes. Declared here, so that the adapter compiles
 * where Deno's types don't exist; a test lets Deno compare them with its own.
 * @module
 */

import { type ChannelBindingType, TlsUsageError } from "../mod.ts";
import type { TlsStreamInfo } from "./tls_stream.ts";

/** Where an end of a connection is: a `Deno.NetAddr`. */
export interface NetAddr {
  transport: "tcp" | "udp";
  hostname: string;
  port: number;
}

/** What connections of any kind have: a `Deno.Conn`. */
export interface Conn extends Disposable {
  read(p: Uint8Array): Promise<number | null>;
  write(p: Uint8Array): Promise<number>;
  close(): void;
  closeWrite(): Promise<void>;
  ref(): void;
  unref(): void;
  readonly localAddr: NetAddr;
  readonly remoteAddr: NetAddr;
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array>;
}

/** A `Deno.TcpConn`: what `Deno.connect` gives. */
export interface TcpConn extends Conn {
  setNoDelay(noDelay?: boolean): void;
}

/** The facts of a finished handshake: a `Deno.TlsHandshakeInfo`, and more. */
export interface TlsHandshakeInfo extends Omit<TlsStreamInfo, "alpnProtocol"> {
  /** What was agreed on by ALPN, or `null`. */
  alpnProtocol: string | null;
}

/**
 * A `Deno.TlsConn`. The handshake goes on by itself. `read` and `write`, `readable` and `writable` can be mixed; each
 * byte is read once. What fails rejects with the errors of tlschart; what is used after `close()` with Deno's own.
 */
export interface TlsConn extends Conn {
  /** Waits until the handshake is over; rejects with the error when it fails. */
  handshake(): Promise<TlsHandshakeInfo>;
  /** RFC 5705: see `TlsStream`. Throws TlsUsageError before `handshake()` has resolved. */
  exportKeyingMaterial(label: string, context: Uint8Array | undefined, length: number): Uint8Array<ArrayBuffer>;
  /** RFC 5929, RFC 9266: see `TlsStream`. Throws TlsUsageError before `handshake()` has resolved. */
  channelBinding(type: ChannelBindingType): Uint8Array<ArrayBuffer>;
}

/** A `Deno.Listener`. */
export interface Listener<Connection> extends AsyncIterable<Connection>, Disposable {
  accept(): Promise<Connection>;
  close(): void;
  readonly addr: NetAddr;
  [Symbol.asyncIterator](): AsyncIterableIterator<Connection>;
  ref(): void;
  unref(): void;
}

/** A `Deno.TlsListener`. A client that is slow, or fails, keeps no other one waiting. */
export type TlsListener = Listener<TlsConn>;

/** Where `Deno.connect` connects to. */
export interface TcpTarget {
  port: number;
  /** A name or an address; default: 127.0.0.1. */
  hostname?: string | undefined;
  /** Whether IPv6 and IPv4 are tried side by side (RFC 8305); default: true. */
  autoSelectFamily?: boolean | undefined;
  /** How long one try waits for the other, in ms; default: 250. */
  autoSelectFamilyAttemptDelay?: number | undefined;
}

/** Where `Deno.listen` listens. */
export interface TcpPlace {
  /** Default: any port that is free. */
  port?: number | undefined;
  /** Default: 0.0.0.0. */
  hostname?: string | undefined;
  /** How many connections may wait until they are accepted; default: 511. */
  tcpBacklog?: number | undefined;
}

/** The part of the global `Deno` that the adapter uses. */
export interface DenoRuntime {
  connect(options: TcpTarget & { signal?: AbortSignal }): Promise<TcpConn>;
  listen(options: TcpPlace): Listener<TcpConn>;
  readonly errors: {
    readonly BadResource: new (message: string) => Error;
    readonly ConnectionAborted: new (message: string) => Error;
    readonly ConnectionReset: new (message: string) => Error;
    readonly Interrupted: new (message: string) => Error;
    readonly NotConnected: new (message: string) => Error;
  };
}

/** Throws TlsUsageError where there is no Deno. */
export function denoRuntime(): DenoRuntime {
  const { Deno: deno } = globalThis as { Deno?: DenoRuntime };
  if (deno === undefined) {
    throw new TlsUsageError("Cannot use tlschart/deno: this isn't Deno; use tlschart/node or tlschart/streams");
  }
  return deno;
}
