/**
 * What the peer sent and nobody has read yet: a queue with a web stream at its end.
 * Enters: decrypted data, and how it ends. Leaves: `readable`, which delivers everything that came before an error, too
 * (a stream's own queue would drop it). Knows no TLS and no transport. Runtime-neutral.
 * @module
 */

import { type Deferred, deferred } from "./deferred.ts";

/** Nothing more is taken from the transport while this much is waiting, in bytes. */
export const maxUnreadBytes: number = 2 ** 16;

/** What a waiting chunk costs besides its bytes, so that many tiny chunks are bounded, too. */
const costPerChunk = 128;

export class ReceivedData {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  #unread = 0;
  #unwanted = false;
  #end: { readonly error: unknown } | undefined;
  #changed: Deferred<void> = deferred<void>();

  /** `onCancel` is called when the reader wants no more. */
  constructor(onCancel: (reason: unknown) => void) {
    this.readable = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => this.#deliver(controller),
      cancel: (reason) => {
        this.#unwanted = true;
        this.#drop();
        onCancel(reason);
      },
    }, { highWaterMark: 0 });
  }

  push(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#unwanted || this.#end !== undefined) return;
    this.#chunks.push(bytes);
    this.#unread += bytes.length + costPerChunk;
    this.#notify();
  }

  /** No more will come. The reader still gets what is waiting, then the end, or the error if there is one. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#notify();
  }

  /** As `end`, but what is waiting is thrown away. */
  abort(error: unknown): void {
    this.#end = { error };
    this.#drop();
  }

  /** Resolves when more may be taken from the transport. */
  async room(): Promise<void> {
    while (this.#unread >= maxUnreadBytes && this.#end === undefined) await this.#changed.promise;
  }

  async #deliver(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    while (this.#chunks.length === 0 && this.#end === undefined) await this.#changed.promise;
    const bytes = this.#chunks.shift();
    if (bytes !== undefined) {
      this.#unread -= bytes.length + costPerChunk;
      this.#notify();
      return controller.enqueue(bytes);
    }
    if (this.#unwanted) return;
    if (this.#end?.error === undefined) return controller.close();
    controller.error(this.#end.error);
  }

  #drop(): void {
    this.#chunks.length = 0;
    this.#unread = 0;
    this.#notify();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = deferred<void>();
  }
}
