/**
 * A cursor over received bytes. Fields are views of them, never copies.
 * Throws DecodeError on too few bytes and on bytes left over; knows no message.
 * RFC 5246 §4.
 * @module
 */

import { DecodeError } from "../error.ts";

export class Reader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** The next `length` bytes, as a view. */
  take(length: number, what: string): Uint8Array {
    const start = this.#advance(length, what);
    return this.#bytes.subarray(start, this.#offset);
  }

  /** The next `size` bytes (1 to 4) as an unsigned big-endian number. */
  uint(size: number, what: string): number {
    let value = 0;
    for (let index = this.#advance(size, what); index < this.#offset; index++) {
      value = value * 256 + (this.#bytes[index] ?? 0);
    }
    return value;
  }

  /** RFC 5246 §7.4: a structure fills its length exactly. */
  end(what: string): void {
    if (this.remaining > 0) throw new DecodeError(`Cannot decode ${what}: ${this.remaining} bytes too many`);
  }

  /** Moves on; returns where it was. */
  #advance(length: number, what: string): number {
    if (length > this.remaining) {
      throw new DecodeError(`Cannot decode ${what}: ${length} bytes needed, ${this.remaining} left`);
    }
    const start = this.#offset;
    this.#offset += length;
    return start;
  }
}
