/**
 * Bytes in the making: a buffer that grows, with length prefixes filled in afterwards.
 * Throws RangeError when a value doesn't fit its field: that is a fault of ours, not of the peer's.
 * @module
 */

export class Writer {
  // Most of what is written is this short; V8 keeps up to 64 bytes in its own heap, which is much cheaper.
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  #length = 0;

  /** Appends bytes. */
  put(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends a number as `size` bytes (1 to 4), big-endian. */
  uint(size: number, value: number): void {
    this.#reserve(size);
    this.#patch(this.#length, size, value);
    this.#length += size;
  }

  /** Appends what `write` writes, preceded by its length in `size` bytes; returns that length. */
  prefixed(size: number, write: () => void): number {
    const start = this.#length;
    this.uint(size, 0);
    write();
    const length = this.#length - start - size;
    this.#patch(start, size, length);
    return length;
  }

  /** Everything written so far, as bytes of their own. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #patch(offset: number, size: number, value: number): void {
    if (!Number.isInteger(value) || value < 0 || value >= 256 ** size) {
      throw new RangeError(`Cannot encode ${value} in ${size} bytes`);
    }
    for (let index = size - 1, rest = value; index >= 0; index--, rest = Math.floor(rest / 256)) {
      this.#bytes[offset + index] = rest % 256;
    }
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
