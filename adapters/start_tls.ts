/**
 * A transport in plaintext that waits for `startTls()`: the upgrade in the middle of SMTP, IMAP, PostgreSQL and others.
 * The streams are the transport's own, so what was written before the upgrade goes out before the handshake, and nobody
 * reads ahead. Runtime-neutral.
 * @module
 */

import { TlsUsageError } from "../mod.ts";
import { deferred, within } from "./deferred.ts";
import type { Start } from "./endpoints.ts";
import type { ByteTransport, StartTlsSocket, TlsStream, TransportInfo } from "./tls_stream.ts";

/** How long, in ms, the transport may take to let go before its streams are cut off. */
const letGoTimeout = 1_000;

/** `start` is called with the transport when TLS begins. */
export function startTlsSocket(
  start: Start,
  transport: ByteTransport,
  signal: AbortSignal | undefined,
): StartTlsSocket {
  return new PlaintextSocket(start, transport, signal);
}

class PlaintextSocket implements StartTlsSocket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly opened: Promise<TransportInfo>;
  readonly secureTransport = "starttls";
  readonly #start: Start;
  readonly #transport: ByteTransport;
  readonly #signal: AbortSignal | undefined;
  readonly #closed = deferred<void>();
  readonly #onAbort = (): void => {
    this.#closed.reject(this.#signal?.reason);
    void this.close(this.#signal?.reason);
  };
  #gone: Promise<void> = Promise.resolve();
  #fate: "open" | "closed" | "upgraded" = "open";

  constructor(start: Start, transport: ByteTransport, signal: AbortSignal | undefined) {
    this.#start = start;
    this.#transport = transport;
    this.#signal = signal;
    this.readable = transport.readable;
    this.writable = transport.writable;
    this.opened = Promise.resolve(transport.opened).then((info) => info ?? {});
    this.opened.catch(() => {});
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted) this.#onAbort();
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  get upgraded(): boolean {
    return this.#fate === "upgraded";
  }

  startTls(): TlsStream {
    if (this.#fate !== "open") throw new TlsUsageError(`Cannot start TLS: the socket was ${this.#fate} before`);
    for (const side of ["readable", "writable"] as const) {
      if (!this[side].locked) continue;
      throw new TlsUsageError(`Cannot start TLS: the ${side} is locked; release its ${lockOf[side]} first`);
    }
    this.#end("upgraded");
    return this.#start(this.#transport);
  }

  /** A stream that somebody holds can't be ended from here: what lets go of the transport must do. */
  close(reason: unknown = new TlsUsageError("Cannot go on: the socket was closed")): Promise<void> {
    if (this.#fate === "open") this.#gone = this.#closeNow(reason);
    return this.#gone;
  }

  async #closeNow(reason: unknown): Promise<void> {
    this.#end("closed");
    const { readable, writable } = this;
    const letGo = this.#letGo(reason).catch(() => {});
    // First, and with some time: in workerd, a socket whose writable was aborted stays open until its request is over.
    await within(letGoTimeout, letGo);
    await Promise.allSettled([readable.cancel(reason), writable.abort(reason), letGo]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #letGo(reason: unknown): Promise<void> {
    await this.#transport.close?.(reason);
  }

  #end(fate: "closed" | "upgraded"): void {
    this.#fate = fate;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#closed.resolve();
  }
}

const lockOf = { readable: "reader", writable: "writer" } as const;
