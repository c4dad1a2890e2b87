/**
 * Records and hellos taken apart and put together by hand, with nothing of lib: what is on the wire is judged by the RFC
 * alone. RFC 5246 §6.2.1, §7.4, §7.4.1.2, §7.4.1.3.
 * @module
 */

export interface WireRecord {
  readonly type: number;
  readonly fragment: Uint8Array;
}

export interface Hello {
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  /** A client's suites, or the one that the server chose. */
  readonly suites: readonly number[];
  readonly compressions: readonly number[];
  readonly extensions: ReadonlyMap<number, Uint8Array>;
}

/** The types of records and messages, and of extensions, that the tests speak of (RFC 5246 appendix A; IANA). */
export const changeCipherSpec = 20;
export const handshake = 22;
export const newSessionTicket = 4;

/** Whole records, one after the other. */
export function recordsOf(...pieces: readonly Uint8Array[]): readonly WireRecord[] {
  const bytes = joined(...pieces);
  const records: WireRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = numberAt(bytes, at + 3, 2);
    records.push({ type: numberAt(bytes, at, 1), fragment: bytes.subarray(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return records;
}

/** The types of the handshake messages in the clear, up to the first ChangeCipherSpec. */
export function clearMessages(...pieces: readonly Uint8Array[]): readonly { type: number; body: Uint8Array }[] {
  const records = recordsOf(...pieces);
  const end = records.findIndex(({ type }) => type === changeCipherSpec);
  const clear = records.slice(0, end < 0 ? undefined : end).filter(({ type }) => type === handshake);
  const bytes = joined(...clear.map(({ fragment }) => fragment));
  const messages: { type: number; body: Uint8Array }[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = numberAt(bytes, at + 1, 3);
    messages.push({ type: numberAt(bytes, at, 1), body: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return messages;
}

/** The hello that a flight begins with. */
export function helloOf(flight: Uint8Array): Hello {
  const [message] = clearMessages(flight);
  if (message === undefined) throw new Error("no handshake message is there");
  const { type, body } = message;
  const random = body.subarray(2, 34);
  let at = 35 + numberAt(body, 34, 1);
  const sessionId = body.subarray(35, at);
  const isClient = type === 1;
  const suitesLength = isClient ? numberAt(body, at, 2) : 2;
  if (isClient) at += 2;
  const suites = numbers(body.subarray(at, at + suitesLength), 2);
  at += suitesLength;
  const compressionsLength = isClient ? numberAt(body, at, 1) : 1;
  if (isClient) at += 1;
  const compressions = [...body.subarray(at, at + compressionsLength)];
  at += compressionsLength + 2;
  const extensions = new Map<number, Uint8Array>();
  while (at < body.length) {
    const length = numberAt(body, at + 2, 2);
    extensions.set(numberAt(body, at, 2), body.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return { random, sessionId, suites, compressions, extensions };
}

/** One record with this hello. */
export function helloRecord(type: 1 | 2, hello: Hello): Uint8Array {
  const isClient = type === 1;
  const suites = hello.suites.flatMap((suite) => [suite >> 8, suite & 255]);
  const extensions = [...hello.extensions].flatMap(([number, data]) => [
    ...uint16(number),
    ...uint16(data.length),
    ...data,
  ]);
  const body = [
    3,
    3,
    ...hello.random,
    hello.sessionId.length,
    ...hello.sessionId,
    ...(isClient ? [...uint16(suites.length), ...suites] : suites),
    ...(isClient ? [hello.compressions.length] : []),
    ...hello.compressions,
    ...uint16(extensions.length),
    ...extensions,
  ];
  const message = [type, 0, ...uint16(body.length), ...body];
  return Uint8Array.from([handshake, 3, 3, ...uint16(message.length), ...message]);
}

/** The same hello with other extensions: `undefined` takes one away. */
export function withExtensions(hello: Hello, changes: Readonly<Record<number, Uint8Array | undefined>>): Hello {
  const extensions = new Map(hello.extensions);
  for (const [number, data] of Object.entries(changes)) {
    if (data === undefined) extensions.delete(Number(number));
    else extensions.set(Number(number), data);
  }
  return { ...hello, extensions };
}

/** Big-endian numbers of so many bytes each. */
export function numbers(bytes: Uint8Array, length: number): readonly number[] {
  return Array.from({ length: bytes.length / length }, (_, index) => numberAt(bytes, index * length, length));
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

function numberAt(bytes: Uint8Array, offset: number, length: number): number {
  return bytes.subarray(offset, offset + length).reduce((sum, byte) => sum * 256 + byte, 0);
}

function uint16(value: number): readonly number[] {
  return [value >> 8, value & 255];
}
