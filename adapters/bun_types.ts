/**
 * The little of Bun's API that is used, so that no types of Bun are needed, and where it is found.
 * @module
 */

import { TlsUsageError } from "../mod.ts";

/** A TCP socket. `data` is whatever its owner put there. */
export interface BunSocket<Data> {
  data: Data;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Says how many of the bytes were taken; the others have to wait for `drain`. Negative: the socket is closed. */
  write(bytes: Uint8Array): number;
  pause(): void;
  resume(): void;
  /** Ends our half. */
  shutdown(): void;
  /** Ends both halves. */
  end(): void;
  /** Resets the connection. */
  terminate(): void;
}

/** What Bun calls. A paused socket still delivers what had come before a reset. */
export interface BunSocketHandlers<Data> {
  open(socket: BunSocket<Data>): void;
  data(socket: BunSocket<Data>, bytes: Uint8Array): void;
  drain(socket: BunSocket<Data>): void;
  end(socket: BunSocket<Data>): void;
  close(socket: BunSocket<Data>, error?: unknown): void;
}

interface Target<Data> {
  readonly hostname: string;
  readonly port: number;
  /** Otherwise Bun ends our half as soon as the peer ends its own. */
  readonly allowHalfOpen: true;
  readonly socket: BunSocketHandlers<Data>;
}

export interface BunListener {
  readonly hostname: string;
  readonly port: number;
  stop(): void;
}

interface BunGlobal {
  connect<Data>(target: Target<Data> & { readonly data: Data }): Promise<unknown>;
  listen<Data>(target: Target<Data>): BunListener;
}

/** Throws TlsUsageError in any other runtime. */
export function bun(): BunGlobal {
  const { Bun } = globalThis as { Bun?: BunGlobal };
  if (Bun === undefined) throw new TlsUsageError("Cannot open a socket: this isn't Bun; use tlschart/node, or streams");
  return Bun;
}
