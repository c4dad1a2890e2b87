/**
 * The record header and its limits.
 * RFC 5246 §6.2.
 * @module
 */

import { type Codec, struct, uint16, uint8 } from "../codec/codec.ts";

//  struct {
//      ContentType type;
//      ProtocolVersion version;
//      uint16 length;
//      opaque fragment[length];
//  } TLSPlaintext, TLSCiphertext;
export interface RecordHeader {
  readonly type: number;
  readonly version: number;
  readonly length: number;
}
export const recordHeader: Codec<RecordHeader> = struct<{ type: number; version: number; length: number }>({
  type: uint8,
  version: uint16,
  length: uint16,
});

/** A record as it is on the wire: `fragment` may be protected. */
export interface WireRecord {
  readonly type: number;
  readonly version: number;
  readonly fragment: Uint8Array<ArrayBuffer>;
}

/** In bytes. */
export const recordHeaderLength = 5;

/** RFC 5246 §6.2.1: "The length MUST NOT exceed 2^14." */
export const maxPlaintextLength: number = 2 ** 14;

/** RFC 5246 §6.2.3: "The length MUST NOT exceed 2^14 + 2048." */
export const maxCiphertextLength: number = 2 ** 14 + 2048;
