/**
 * A TlsStream in the shape of a Deno.TlsConn: `read` and `write` beside the streams, `close()` at once.
 * What is misused fails as on Deno's own connections, with Deno's own errors. Knows no TLS.
 * @module
 */

import type { ChannelBindingType } from "../mod.ts";
import { denoRuntime, type NetAddr, type TcpConn, type TlsConn, type TlsHandshakeInfo } from "./deno_types.ts";
import type { TlsStream } from "./tls_stream.ts";

/** `tcp` is the connection under the stream. */
export function tlsConn(stream: TlsStream, tcp: TcpConn): TlsConn {
  return new StreamConn(stream, tcp);
}

class StreamConn implements TlsConn {
  readonly localAddr: NetAddr;
  readonly remoteAddr: NetAddr;
  readonly #stream: TlsStream;
  readonly #tcp: TcpConn;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #readable: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;
  /** What came with the last chunk, and was too much for the reader. */
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array();
  #lastRead: Promise<unknown> = Promise.resolve();
  #writeEnd: Promise<void> | undefined;
  #isClosed = false;

  constructor(stream: TlsStream, tcp: TcpConn) {
    this.#stream = stream;
    this.#tcp = tcp;
    this.#reader = stream.readable.getReader();
    this.#writer = stream.writable.getWriter();
    this.localAddr = { ...tcp.localAddr };
    this.remoteAddr = { ...tcp.remoteAddr };
  }

  async handshake(): Promise<TlsHandshakeInfo> {
    this.#checkOpen();
    const info = await this.#stream.opened;
    return { ...info, alpnProtocol: info.alpnProtocol ?? null };
  }

  exportKeyingMaterial(label: string, context: Uint8Array | undefined, length: number): Uint8Array<ArrayBuffer> {
    return this.#stream.exportKeyingMaterial(label, context, length);
  }

  channelBinding(type: ChannelBindingType): Uint8Array<ArrayBuffer> {
    return this.#stream.channelBinding(type);
  }

  async read(p: Uint8Array): Promise<number | null> {
    this.#checkOpen();
    if (p.length === 0) return 0;
    const bytes = await this.#take(p.length);
    if (bytes === undefined) return null;
    p.set(bytes);
    return bytes.length;
  }

  async write(p: Uint8Array): Promise<number> {
    this.#checkOpen();
    const { NotConnected } = denoRuntime().errors;
    if (this.#writeEnd !== undefined) throw new NotConnected("Cannot write: closeWrite() was called before");
    await this.#writer.write(p);
    return p.length;
  }

  async closeWrite(): Promise<void> {
    this.#checkOpen();
    this.#writeEnd ??= this.#writer.close();
    await this.#writeEnd;
  }

  close(): void {
    this.#checkOpen();
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    void this.#stream.close(interrupted());
  }

  ref(): void {
    this.#tcp.ref();
  }

  unref(): void {
    this.#tcp.unref();
  }

  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#readable ??= new ReadableStream({
      type: "bytes",
      pull: async (controller) => {
        const bytes = await this.#take(Infinity);
        // A byte stream takes the whole buffer away from what is enqueued: it gets one of its own.
        if (bytes !== undefined) return controller.enqueue(bytes.slice());
        controller.close();
        controller.byobRequest?.respond(0);
      },
      cancel: (reason) => this.#reader.cancel(reason),
    });
    return this.#readable;
  }

  get writable(): WritableStream<Uint8Array> {
    this.#writable ??= new WritableStream<Uint8Array>({
      start: (controller) =>
        void this.#writer.closed.catch((error) => controller.error(this.#isClosed ? closedBefore() : error)),
      write: async (bytes) => void await this.write(bytes),
      close: () => this.closeWrite(),
      abort: (reason) => this.#writer.abort(reason),
    });
    return this.#writable;
  }

  /** Reads one after another, so that what one leaves is there for the next. */
  async #take(most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#checkOpen();
    const taken = this.#lastRead.then(() => this.#takeNow(most));
    this.#lastRead = taken.catch(() => {});
    return await taken;
  }

  async #takeNow(most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#rest.length === 0) {
      const { done, value } = await this.#reader.read();
      if (this.#isClosed) throw interrupted();
      if (done) return undefined;
      this.#rest = value;
    }
    const bytes = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closedBefore();
  }
}

function closedBefore(): Error {
  const { BadResource } = denoRuntime().errors;
  return new BadResource("Cannot use the connection: it was closed before");
}

function interrupted(): Error {
  const { Interrupted } = denoRuntime().errors;
  return new Interrupted("Cannot go on: the connection was closed meanwhile");
}
