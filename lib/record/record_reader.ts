/**
 * Wire bytes in any chunking enter, whole records leave, in order. Fragments may still be protected.
 * RFC 5246 §6.2.1. Knows no keys; holds at most one record that isn't whole yet, and what waits for an answer.
 * @module
 */

import { ByteQueue } from "../codec/byte_queue.ts";
import { decode } from "../codec/codec.ts";
import { latin1Text } from "../codec/bytes.ts";
import { DecodeError, InternalError, PeerMisbehavedError } from "../error.ts";
import { ContentType, nameOf, ProtocolVersion, registeredName } from "../registry.ts";
import { maxCiphertextLength, maxPlaintextLength, type RecordHeader, recordHeader } from "./record.ts";
import { recordHeaderLength, type WireRecord } from "./record.ts";

export class RecordReader {
  readonly #inbox = new ByteQueue();
  readonly #maxWaiting: number;
  #version: number | undefined;
  #protected = false;

  /** `maxWaiting`: how many bytes may wait while the connection waits for an answer. */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** From now on every record must carry the negotiated version. */
  expectVersion(version: number): void {
    this.#version = version;
  }

  /** From now on fragments are protected, and may be longer. */
  expectProtection(): void {
    this.#protected = true;
  }

  /** The bytes that wait. */
  freeze(): Uint8Array {
    return this.#inbox.peek(this.#inbox.length).slice();
  }

  /** How many bytes wait. */
  get waiting(): number {
    return this.#inbox.length;
  }

  push(bytes: Uint8Array): void {
    if (this.#inbox.length + bytes.length > this.#maxWaiting) {
      throw new InternalError(
        `Cannot hold more than ${this.#maxWaiting} received bytes: stop reading while an answer is awaited`,
      );
    }
    this.#inbox.push(bytes);
  }

  /** The next whole record, or `undefined` until more bytes come. The fragment is a view until the next push. */
  next(): WireRecord | undefined {
    if (this.#inbox.length < recordHeaderLength) return undefined;
    const header = decode(recordHeader, this.#inbox.peek(recordHeaderLength), "record header");
    this.#check(header);
    if (this.#inbox.length < recordHeaderLength + header.length) return undefined;
    this.#inbox.take(recordHeaderLength);
    return { type: header.type, version: header.version, fragment: this.#inbox.take(header.length) };
  }

  #check({ type, version, length }: RecordHeader): void {
    // RFC 5246 §6 MUST: "If a TLS implementation receives an unexpected record type, it MUST send an unexpected_message alert."
    if (registeredName(ContentType, type) === undefined) {
      throw new PeerMisbehavedError("unexpected_message", `Cannot read record: content type ${type} ${this.#guess()}`);
    }
    // RFC 5246 appendix E.1 MUST: "Thus, TLS servers compliant with this specification MUST accept any value {03,XX} as the record layer version number for ClientHello."
    if (
      version >> 8 !== ProtocolVersion["TLSv1.2"] >> 8 || (this.#version !== undefined && version !== this.#version)
    ) {
      const expected = this.#version === undefined ? "3.x" : nameOf(ProtocolVersion, this.#version);
      throw new PeerMisbehavedError(
        "protocol_version",
        `Cannot read record: its version is ${nameOf(ProtocolVersion, version)}, not ${expected}`,
      );
    }
    const limit = this.#protected ? maxCiphertextLength : maxPlaintextLength;
    if (length > limit) {
      throw new DecodeError(`Cannot read record: its length is ${length}, more than ${limit}`, {
        alert: "record_overflow",
      });
    }
  }

  /** People who meet this error usually talk to a server that doesn't speak TLS on that port. */
  #guess(): string {
    const start = latin1Text(this.#inbox.peek(Math.min(this.#inbox.length, 12)));
    const printable = /^[\x20-\x7e\r\n\t]+/.exec(start)?.[0] ?? "";
    return printable.length >= 5
      ? `is unknown: the peer doesn't speak TLS, it says ${JSON.stringify(printable)}`
      : "is unknown";
  }
}
