/**
 * Handshake fragments enter, whole handshake messages leave: several in one record, or one over several records.
 * RFC 5246 §6.2.1, §7.4. Knows no order; a message owns its bytes.
 * @module
 */

import { ByteQueue } from "../codec/byte_queue.ts";
import { DecodeError, PeerMisbehavedError } from "../error.ts";
import { Reader } from "../codec/reader.ts";
import { HandshakeType, nameOf } from "../registry.ts";
import { handshakeHeaderLength, type HandshakeMessage } from "./handshake.ts";

export class HandshakeReader {
  readonly #fragments = new ByteQueue();
  readonly #maxLength: number;

  /** `maxLength`: the longest message that is accepted, in bytes. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** Whether a message has begun and isn't whole. */
  get midMessage(): boolean {
    return this.#fragments.length > 0;
  }

  /** The part of a message that is there, and whole ones that wait. */
  freeze(): Uint8Array {
    return this.#fragments.peek(this.#fragments.length).slice();
  }

  push(fragment: Uint8Array): void {
    // RFC 5246 §6.2.1 MUST: "Implementations MUST NOT send zero-length fragments of Handshake, Alert, or ChangeCipherSpec content types."
    if (fragment.length === 0) throw new DecodeError("Cannot decode handshake record: it is empty");
    this.#fragments.push(fragment);
  }

  /** The next whole message, or `undefined` until more fragments come. */
  next(): HandshakeMessage | undefined {
    if (this.#fragments.length < handshakeHeaderLength) return undefined;
    const header = new Reader(this.#fragments.peek(handshakeHeaderLength));
    const type = header.uint(1, "msg_type");
    const length = header.uint(3, "length");
    if (length > this.#maxLength) {
      throw new PeerMisbehavedError(
        "illegal_parameter",
        `Cannot accept ${nameOf(HandshakeType, type)}: its length is ${length}, more than ${this.#maxLength}`,
      );
    }
    if (this.#fragments.length < handshakeHeaderLength + length) return undefined;
    const bytes = this.#fragments.take(handshakeHeaderLength + length).slice();
    return { type, body: bytes.subarray(handshakeHeaderLength), bytes };
  }
}
