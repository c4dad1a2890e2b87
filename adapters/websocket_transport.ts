/**
 * A WebSocket as a transport: binary messages are the bytes of a stream, cut anywhere. Knows no TLS. Runtime-neutral.
 * What comes waits in the readable's queue. Where a WebSocket can be paused it is, above `pauseAbove`; elsewhere there is
 * no way to make the other side wait, so beyond `maxBufferedBytes` the transport fails.
 * @module
 */

import { TlsUsageError } from "../mod.ts";
import { type Deferred, deferred, within } from "./deferred.ts";
import { type ByteTransport, TransportError, type TransportInfo } from "./tls_stream.ts";
import { isGoodEnd, nameOf, WebSocketCloseError, type WebSocketEvent, type WebSocketLike } from "./websocket_like.ts";

/** What a WebSocket as a transport can be told. */
export interface WebSocketTransportOptions {
  /**
   * How many bytes may have come that nobody has taken yet; default 16 MiB. With more the transport fails, as most
   * WebSockets can't be told to wait.
   */
  readonly maxBufferedBytes?: number | undefined;
}

/** The default of `maxBufferedBytes`. */
export const defaultMaxBufferedBytes: number = 2 ** 24;
/** A write waits while more than this was given to the WebSocket and isn't on its way, in bytes. */
export const maxUnsentBytes: number = 2 ** 20;
/** A longer write becomes several messages; many servers refuse messages of more than a megabyte. In bytes. */
const maxMessageBytes = 2 ** 17;
/** A WebSocket that can be paused is, while this much is waiting, in bytes. */
const pauseAbove = 2 ** 16;
/** What a waiting message costs besides its bytes, so that many tiny ones are bounded, too. */
const costPerMessage = 128;
/** How often, in ms, to look whether the WebSocket has sent: at first, and at most. There is no event for it. */
const lookAgain = { first: 1, last: 64 };

/** How long, in ms, the reason of a close is waited for. */
const patience = 1_000;

const [connecting, open, closed] = [0, 1, 3];

/** The transport; the WebSocket belongs to it from now on. Throws TlsUsageError for options that can't work. */
export function socketTransport(socket: WebSocketLike, options: WebSocketTransportOptions): ByteTransport {
  return new SocketTransport(socket, checkedMaxBufferedBytes(options));
}

/** Throws TlsUsageError. */
export function checkedMaxBufferedBytes(options: WebSocketTransportOptions): number {
  const { maxBufferedBytes = defaultMaxBufferedBytes } = options;
  if (typeof maxBufferedBytes === "number" && maxBufferedBytes >= pauseAbove) return maxBufferedBytes;
  throw new TlsUsageError(
    `Cannot use maxBufferedBytes ${maxBufferedBytes}: it is a number of bytes, ${pauseAbove} or more`,
  );
}

class SocketTransport implements ByteTransport {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #socket: WebSocketLike;
  readonly #maxBufferedBytes: number;
  readonly #opened: Deferred<TransportInfo> = deferred<TransportInfo>();
  readonly #gone: Deferred<void> = deferred<void>();
  #receiving: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #sending: WritableStreamDefaultController | undefined;
  #over = false;
  /** Given to the reader when it has taken what came before. */
  #failure: Error | undefined;

  constructor(socket: WebSocketLike, maxBufferedBytes: number) {
    this.#socket = socket;
    this.#maxBufferedBytes = maxBufferedBytes;
    socket.binaryType = "arraybuffer";
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#receiving = controller;
      },
      pull: () => this.#wanted(),
      cancel: () => this.#letGo(),
    }, { highWaterMark: pauseAbove, size: ({ length }) => length + costPerMessage });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#sending = controller;
      },
      write: (bytes) => this.#write(bytes),
      close: () => this.#close(),
      abort: () => this.#letGo(),
    });
    for (const [name, listener] of this.#listeners) socket.addEventListener(name, listener);
    if (socket.readyState === open) this.#opened.resolve({});
    else if (socket.readyState !== connecting) this.#fail(new Error("it is closed"));
    if (socket.readyState === closed) this.#forget();
  }

  get opened(): Promise<TransportInfo> {
    return this.#opened.promise;
  }

  async close(): Promise<void> {
    this.#letGo();
    await this.#gone.promise;
  }

  readonly #listeners: readonly (readonly ["open" | "message" | "error" | "close", (event: WebSocketEvent) => void])[] =
    [
      ["open", () => this.#opened.resolve({})],
      ["message", ({ data }) => this.#receive(data)],
      // Browsers say nothing here, and the code of the close event comes next.
      ["error", ({ message }) => {
        if (typeof message === "string" && message !== "") this.#fail(new Error(message));
      }],
      ["close", ({ code = 1005, reason = "" }) => {
        this.#forget();
        if (isGoodEnd(code)) this.#end();
        else this.#fail(new WebSocketCloseError(code, reason));
      }],
    ];

  #receive(data: unknown): void {
    if (this.#over || this.#receiving === undefined) return;
    const bytes = bytesOf(data);
    if (bytes === undefined) return this.#refuse(4003, `a ${kindOf(data)} came; the tunnel carries binary messages`);
    if (bytes.length === 0) return;
    this.#receiving.enqueue(bytes);
    const waiting = pauseAbove - (this.#receiving.desiredSize ?? 0);
    if (waiting > this.#maxBufferedBytes) {
      this.#receiving.error(
        new Error(`more than ${this.#maxBufferedBytes} bytes came that nobody has read (maxBufferedBytes)`),
      );
      return this.#refuse(4009, "too much is waiting to be read");
    }
    if (waiting >= pauseAbove) this.#socket.pause?.();
  }

  #wanted(): void {
    if (this.#failure === undefined) return this.#socket.resume?.();
    if (this.#receiving?.desiredSize !== pauseAbove) return;
    this.#receiving.error(this.#failure);
    this.#sending?.error(this.#failure);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#opened.promise;
    for (let offset = 0; offset < bytes.length; offset += maxMessageBytes) {
      await this.#mustBeOpen();
      // A copy, as ws sends a server's messages from where they lie, after the write.
      this.#socket.send(new Uint8Array(bytes.subarray(offset, offset + maxMessageBytes)));
      await this.#sentDownTo(maxUnsentBytes);
      await this.#mustBeOpen();
    }
  }

  /** While it is closing, the event that says why is on its way. */
  async #mustBeOpen(): Promise<void> {
    if (this.#socket.readyState === open) return;
    await within(patience, this.#gone.promise);
    throw this.#failure ?? new Error("the WebSocket was closed");
  }

  async #close(): Promise<void> {
    await this.#opened.promise;
    await this.#sentDownTo(0);
    if (this.#socket.readyState === open) this.#socket.close(1000);
  }

  async #sentDownTo(rest: number): Promise<void> {
    const { first, last } = lookAgain;
    for (let ms = first; (this.#socket.bufferedAmount ?? 0) > rest; ms = Math.min(2 * ms, last)) {
      if (this.#socket.readyState !== open) return;
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }

  /** Codes that a browser may send are 1000 and those from 3000 on. */
  #refuse(code: number, reason: string): void {
    this.#fail(new Error(reason));
    this.#socket.close(code, reason);
    this.#socket.resume?.();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#receiving?.close();
    this.#opened.reject(new TransportError(`Cannot connect to ${nameOf(this.#socket)}`, new Error("it was closed")));
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#failure = error;
    this.#wanted();
    this.#opened.reject(new TransportError(`Cannot connect to ${nameOf(this.#socket)}`, error));
  }

  #letGo(): void {
    this.#fail(new Error("the WebSocket was let go"));
    if (this.#socket.readyState === closed) return this.#forget();
    if (this.#socket.terminate !== undefined) return this.#socket.terminate();
    // The closing handshake may take the other side's time; nobody waits for it.
    this.#socket.close();
    this.#forget();
  }

  #forget(): void {
    for (const [name, listener] of this.#listeners) this.#socket.removeEventListener(name, listener);
    this.#gone.resolve();
  }
}

function bytesOf(data: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  return undefined;
}

function kindOf(data: unknown): string {
  return typeof data === "string" ? "text message" : `message of type ${Object.prototype.toString.call(data)}`;
}
