/**
 * A socket of Bun as a transport: callbacks on one side, web streams on the other.
 * The socket is paused while nobody asks, and a write waits until the system has taken all of it. Knows no TLS.
 * @module
 */

import type { BunSocket, BunSocketHandlers } from "./bun_types.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { type ByteTransport, TransportError, type TransportInfo } from "./tls_stream.ts";

/** Bun reads up to 512 KiB at once; the reader gets pieces of this length, so that little is decrypted in vain. In bytes. */
const readAtOnce = 2 ** 16;

/** What Bun calls, for every socket whose `data` is its transport. */
export const socketHandlers: BunSocketHandlers<BunTransport> = {
  open: (socket) => socket.data.open(socket),
  data: (socket, bytes) => socket.data.received(bytes),
  drain: (socket) => socket.data.drained(),
  end: (socket) => socket.data.ended(),
  close: (socket, error) => socket.data.gone(error),
};

/** Waits for its socket, which `open` brings. `peer` is how errors call the other side: `example.com:443`. */
export class BunTransport implements ByteTransport {
  readonly opened: Promise<TransportInfo>;
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #peer: string;
  readonly #connected: Deferred<BunSocket<BunTransport>> = deferred<BunSocket<BunTransport>>();
  readonly #gone: Deferred<void> = deferred<void>();
  #socket: BunSocket<BunTransport> | undefined;
  #room: Deferred<void> = deferred<void>();
  #reading: ReadableStreamDefaultController<Uint8Array> | undefined;
  #writing: WritableStreamDefaultController | undefined;
  #failure: unknown;
  #isOver = false;

  constructor(peer: string) {
    this.#peer = peer;
    this.opened = this.#connected.promise.then(infoOf);
    this.opened.catch(() => {});
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#reading = controller),
      pull: async () => {
        if (this.#failure !== undefined) return this.#failWhenRead(this.#failure);
        (await this.#connected.promise).resume();
      },
      cancel: () => {
        this.#reading = undefined;
        return this.close();
      },
    }, { highWaterMark: 0 });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => void (this.#writing = controller),
      write: (bytes) => this.#write(bytes),
      close: async () => (await this.#connected.promise).shutdown(),
      abort: () => this.close(),
    });
  }

  open(socket: BunSocket<BunTransport>): void {
    if (this.#isOver) return socket.terminate();
    socket.pause();
    this.#socket = socket;
    this.#connected.resolve(socket);
  }

  /** It never came to a socket. */
  failed(cause: unknown): void {
    this.#connected.reject(new TransportError(`Cannot connect to ${this.#peer}`, cause));
    this.gone(cause);
  }

  received(bytes: Uint8Array): void {
    this.#socket?.pause();
    for (let offset = 0; offset < bytes.length; offset += readAtOnce) {
      this.#reading?.enqueue(bytes.subarray(offset, offset + readAtOnce));
    }
  }

  drained(): void {
    this.#room.resolve();
    this.#room = deferred<void>();
  }

  ended(): void {
    this.#reading?.close();
    this.#reading = undefined;
  }

  /** Without an error, an end that Bun doesn't tell when our half is shut already. */
  gone(error?: unknown): void {
    const why = error ?? new Error("the socket was closed");
    this.#isOver = true;
    this.#connected.reject(why);
    this.#room.reject(why);
    this.#writing?.error(why);
    if (error === undefined) this.ended();
    else this.#failWhenRead(error);
    this.#gone.resolve();
  }

  /** An error would throw away what is there to be read. */
  #failWhenRead(error: unknown): void {
    this.#failure = error;
    if ((this.#reading?.desiredSize ?? 0) < 0) return;
    this.#reading?.error(error);
    this.#reading = undefined;
  }

  /** What the system has taken still goes out: `end()` closes, where `terminate()` would reset. */
  close(): Promise<void> {
    if (this.#socket === undefined) this.gone();
    else if (!this.#isOver) this.#socket.end();
    return this.#gone.promise;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const socket = await this.#connected.promise;
    for (let offset = 0; offset < bytes.length;) {
      const taken = socket.write(bytes.subarray(offset));
      if (taken < 0) throw new Error("the socket was closed");
      offset += taken;
      if (offset < bytes.length) await this.#room.promise;
    }
  }
}

function infoOf({ remoteAddress, remotePort, localAddress, localPort }: BunSocket<unknown>): TransportInfo {
  return { remoteAddress: addressText(remoteAddress, remotePort), localAddress: addressText(localAddress, localPort) };
}

/** As a URL writes it. */
export function addressText(host: string | undefined, port: number): string {
  if (host === undefined) return "a peer that is gone";
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
