/**
 * Content of one type enters, records leave, split where a record is full and protected. Collects a flight until it is flushed.
 * RFC 5246 §6.2.1.
 * @module
 */

import { encode } from "../codec/codec.ts";
import { joined } from "../codec/bytes.ts";
import type { Protection } from "./protection.ts";
import { maxPlaintextLength, recordHeader } from "./record.ts";

export class RecordWriter {
  readonly #protection: Protection;
  #flight: Uint8Array[] = [];

  constructor(protection: Protection) {
    this.#protection = protection;
  }

  /**
   * Appends content to the flight; returns the length of each record's fragment, in bytes. `maxLength`: of a record's
   * plaintext, in bytes, where the peer wants less than 2^14.
   */
  write(
    type: number,
    version: number,
    content: Uint8Array,
    maxLength: number = maxPlaintextLength,
  ): readonly number[] {
    const lengths: number[] = [];
    for (let offset = 0; offset < content.length; offset += maxLength) {
      const plaintext = content.subarray(offset, offset + maxLength);
      // RFC 5246 §6.2.1 MUST: "records MUST be delivered to the network in the same order as they are protected by the record layer."
      const fragment = this.#protection.protect(type, plaintext);
      this.#flight.push(encode(recordHeader, { type, version, length: fragment.length }), fragment);
      lengths.push(fragment.length);
    }
    return lengths;
  }

  /** Everything written since the last flush, in one piece; `undefined` when there is nothing. */
  flush(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#flight.length === 0) return undefined;
    const flight = joined(this.#flight);
    this.#flight = [];
    return flight;
  }
}
