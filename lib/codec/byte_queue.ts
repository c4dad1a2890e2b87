/**
 * Bytes that wait: pushed in any pieces, looked at and taken in whole ones. A byte is copied once on its way in and,
 * amortized, at most twice more, so that a wire cut into single bytes costs linear work.
 * @module
 */

/** How much room stays when nothing waits, in bytes: enough for a record. */
const maxKept = 2 ** 16;

export class ByteQueue {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The first `length` bytes, which stay; a view that holds until the next push. */
  peek(length: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#start, this.#start + length);
  }

  /** Removes the first `length` bytes and returns them: a view that holds until the next push. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const taken = this.peek(length);
    this.#start += length;
    if (this.#start < this.#end) return taken;
    this.#start = this.#end = 0;
    // What a peer once made large isn't kept as long as its connection lives.
    if (this.#bytes.length > maxKept) this.#bytes = new Uint8Array(0);
    return taken;
  }

  #makeRoom(extra: number): void {
    const waiting = this.peek(this.length);
    const needed = waiting.length + extra;
    const room = needed > this.#bytes.length / 2 ? new Uint8Array(needed * 2) : this.#bytes;
    room.set(waiting);
    this.#bytes = room;
    this.#end = waiting.length;
    this.#start = 0;
  }
}
