/**
 * What TLS 1.2 authenticates beside a record's content, whatever the cipher, and the error when that fails.
 * In: sequence number, content type, length. Out: 13 bytes.
 * RFC 5246 §6.2.3.1, §6.2.3.3; RFC 7366 §3.
 * @module
 */

import { concat } from "../codec/bytes.ts";
import { PeerMisbehavedError } from "../error.ts";
import { ProtocolVersion } from "../registry.ts";

/** RFC 5246 §6.2.3.1: seq_num + type + version + length; `length` in bytes. */
export function authenticatedHeader(sequenceNumber: number, type: number, length: number): Uint8Array<ArrayBuffer> {
  const version = ProtocolVersion["TLSv1.2"];
  const rest = Uint8Array.of(type, version >> 8, version & 0xff, length >> 8, length & 0xff);
  return concat(uint64(sequenceNumber), rest);
}

/** A number up to 2^53 - 1 in 8 bytes. */
export function uint64(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value % 2 ** 32);
  return bytes;
}

/** One error for every cause, so that a peer learns nothing from it. */
export function badRecordMac(): PeerMisbehavedError {
  // RFC 5246 §7.2.2 MUST: "This alert also MUST be returned if an alert is sent because a TLSCiphertext decrypted in an
  // invalid way: either it wasn't an even multiple of the block length, or its padding values, when checked, weren't
  // correct."
  return new PeerMisbehavedError(
    "bad_record_mac",
    "Cannot decrypt record: it was changed on its way, or made with other keys",
  );
}
