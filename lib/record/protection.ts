/**
 * One direction's connection state: none at first, then keys with a sequence number and an end.
 * RFC 5246 §6.1. How a record is sealed, and how often one key may do it, belongs to the version (tls12/).
 * @module
 */

import { DecodeError, InternalError } from "../error.ts";
import { ContentType } from "../registry.ts";
import { maxPlaintextLength } from "./record.ts";

/** Seals and opens records under one key. `sequenceNumber` counts records from 0. */
export interface RecordCipher {
  /** The fragment to send. */
  seal(sequenceNumber: number, type: number, plaintext: Uint8Array): Uint8Array<ArrayBuffer>;
  /** The plaintext. Throws PeerMisbehavedError bad_record_mac, always with the same words. */
  open(sequenceNumber: number, type: number, fragment: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** Where a key stands. */
export interface ProtectionOptions {
  /** Of the next record. Default: 0; another one for keys that were in use before. */
  readonly sequenceNumber?: number | undefined;
  /** How many records the key may protect. Default: as many as there are sequence numbers. */
  readonly maxRecords?: number | undefined;
}

/** One direction of a connection. */
export class Protection {
  #cipher: RecordCipher | undefined;
  #sequenceNumber = 0;
  #maxRecords = lastSequenceNumber;

  /** Whether keys are in use. */
  get active(): boolean {
    return this.#cipher !== undefined;
  }

  /** Of the next record: how many records the keys in use have protected. */
  get sequenceNumber(): number {
    return this.#sequenceNumber;
  }

  /** New keys: the sequence number starts at 0 (RFC 5246 §6.1). */
  use(cipher: RecordCipher, { sequenceNumber = 0, maxRecords = lastSequenceNumber }: ProtectionOptions = {}): void {
    // RFC 5246 §6.1 MUST: "The sequence number MUST be set to zero whenever a connection state is made the active state."
    // RFC 5246 §6.1 MUST: "the first record transmitted under a particular connection state MUST use sequence number 0."
    this.#cipher = cipher;
    this.#sequenceNumber = sequenceNumber;
    this.#maxRecords = Math.min(maxRecords, lastSequenceNumber - alertsLeft);
  }

  /** Fragment to wire. */
  protect(type: number, plaintext: Uint8Array): Uint8Array {
    return this.#cipher === undefined ? plaintext : this.#cipher.seal(this.#count(type), type, plaintext);
  }

  /** Wire to fragment. */
  unprotect(type: number, fragment: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.#cipher === undefined) return fragment;
    const plaintext = this.#cipher.open(this.#count(type), type, fragment);
    if (plaintext.length > maxPlaintextLength) {
      throw new DecodeError(`Cannot read record: its plaintext has ${plaintext.length} bytes, more than 2^14`, {
        alert: "record_overflow",
      });
    }
    return plaintext;
  }

  #count(type: number): number {
    // An alert may come after the last record, to say that it was the last one.
    const end = type === ContentType.alert ? lastSequenceNumber : this.#maxRecords;
    if (this.#sequenceNumber >= end) {
      throw new InternalError(
        `Cannot protect more records: the key is used up after ${this.#sequenceNumber}; a new connection has others`,
      );
    }
    // RFC 5246 §6.1 MUST: "These current states MUST be updated for each record processed."
    return this.#sequenceNumber++;
  }
}

/**
 * Sequence numbers end where a number is exact.
 * RFC 5246 §6.1 DEVIATION: who would need to wrap a sequence number "must renegotiate instead"; here the connection
 * ends, because renegotiation is not built.
 */
const lastSequenceNumber = Number.MAX_SAFE_INTEGER;

/** How many sequence numbers only alerts may use. */
const alertsLeft = 1024;
