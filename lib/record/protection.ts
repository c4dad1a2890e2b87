/**
 * One direction's connection state: none at first, then keys with a sequence number.
 * RFC 5246 §6.1. How a record is sealed belongs to the version (tls12/record_protection).
 * @module
 */

import { InternalError } from "../error.ts";
import { maxPlaintextLength } from "./record.ts";
import { DecodeError } from "../error.ts";

/** Seals and opens records under one key. `sequenceNumber` counts records from 0. */
export interface RecordCipher {
  /** The fragment to send. */
  seal(sequenceNumber: number, type: number, plaintext: Uint8Array): Uint8Array<ArrayBuffer>;
  /** The plaintext. Throws PeerMisbehavedError bad_record_mac, always with the same words. */
  open(sequenceNumber: number, type: number, fragment: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** One direction of a connection. */
export class Protection {
  #cipher: RecordCipher | undefined;
  #sequenceNumber = 0;

  /** Whether keys are in use. */
  get active(): boolean {
    return this.#cipher !== undefined;
  }

  /** New keys: the sequence number starts at 0 (RFC 5246 §6.1). */
  use(cipher: RecordCipher): void {
    this.#cipher = cipher;
    this.#sequenceNumber = 0;
  }

  /** Fragment to wire. */
  protect(type: number, plaintext: Uint8Array): Uint8Array {
    return this.#cipher === undefined ? plaintext : this.#cipher.seal(this.#count(), type, plaintext);
  }

  /** Wire to fragment. */
  unprotect(type: number, fragment: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.#cipher === undefined) return fragment;
    const plaintext = this.#cipher.open(this.#count(), type, fragment);
    if (plaintext.length > maxPlaintextLength) {
      throw new DecodeError(`Cannot read record: its plaintext has ${plaintext.length} bytes, more than 2^14`, {
        alert: "record_overflow",
      });
    }
    return plaintext;
  }

  #count(): number {
    // RFC 5246 §6.1: sequence numbers "may not exceed 2^64-1" and never wrap; ours end where a number is exact.
    if (this.#sequenceNumber >= Number.MAX_SAFE_INTEGER) {
      throw new InternalError("Cannot protect more records: the sequence number is at its end");
    }
    return this.#sequenceNumber++;
  }
}
