/**
 * Records in a stream of bytes, as anybody on the way sees them. RFC 5246 §6.2.1.
 * @module
 */

export interface WireRecord {
  /** 20 change_cipher_spec, 21 alert, 22 handshake, 23 application_data. */
  readonly type: number;
  /** Where it begins in the stream. */
  readonly start: number;
  /** Where the next one begins. */
  readonly end: number;
}

/** In bytes: type, version, length. */
export const recordHeaderLength = 5;

/** The whole records so far. */
export function recordsIn(stream: Uint8Array): readonly WireRecord[] {
  const records: WireRecord[] = [];
  for (let start = 0; start + recordHeaderLength <= stream.length;) {
    const [type = 0, , , high = 0, low = 0] = stream.subarray(start, start + recordHeaderLength);
    const end = start + recordHeaderLength + (high << 8 | low);
    if (end > stream.length) break;
    records.push({ type, start, end });
    start = end;
  }
  return records;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Where some bytes of a content stand on the wire: in one piece for each record that has a part of them. `from` and `to`
 * count from the beginning of the content of all these records together.
 */
export function spansOf(records: readonly WireRecord[], from: number, to: number): readonly Span[] {
  let offset = 0;
  return records.flatMap((record) => {
    const content = record.start + recordHeaderLength;
    const length = record.end - content;
    const [first, last] = [Math.max(from, offset), Math.min(to, offset + length)];
    const span = { start: content + first - offset, end: content + last - offset };
    offset += length;
    return first < last ? [span] : [];
  });
}
