/**
 * Reads what goes over the wire by hand, from the figures of RFC 5246 alone (§6.2.1, §7.4), with no codec of ours: what
 * the library's own reading can be compared with.
 * @module
 */
import { concat } from "../../lib/codec/bytes.ts";

/** Names by the numbers of RFC 5246 §7.4, RFC 5077 §3.3 and RFC 6066 §8. */
const messageNames: Readonly<Record<number, string>> = {
  0: "HelloRequest",
  1: "ClientHello",
  2: "ServerHello",
  4: "NewSessionTicket",
  11: "Certificate",
  12: "ServerKeyExchange",
  13: "CertificateRequest",
  14: "ServerHelloDone",
  15: "CertificateVerify",
  16: "ClientKeyExchange",
  20: "Finished",
  22: "CertificateStatus",
};

interface RecordOnTheWire {
  readonly type: number;
  readonly fragment: Uint8Array<ArrayBuffer>;
}

interface MessageOnTheWire {
  readonly name: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A hello's fields; `cipherSuites` has one element in a ServerHello. */
export interface HelloOnTheWire {
  readonly random: Uint8Array<ArrayBuffer>;
  readonly sessionId: Uint8Array<ArrayBuffer>;
  readonly cipherSuites: readonly number[];
  readonly extensions: ReadonlyMap<number, Uint8Array<ArrayBuffer>>;
}

export function recordsOf(flights: readonly Uint8Array[]): readonly RecordOnTheWire[] {
  const bytes = concat(...flights);
  const records: RecordOnTheWire[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = number(bytes, at + 3, 2);
    records.push({ type: number(bytes, at, 1), fragment: bytes.slice(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return records;
}

/** What one side said, in order: messages by name, `ChangeCipherSpec`, and `protected` for every record after it. */
export function flowOf(flights: readonly Uint8Array[]): readonly string[] {
  const flow: string[] = [];
  const records = recordsOf(flights);
  const change = records.findIndex(({ type }) => type === 20);
  const plain = change < 0 ? records : records.slice(0, change);
  let handshake: Uint8Array[] = [];
  const told = (): void => {
    flow.push(...messagesIn(concat(...handshake)).map(({ name }) => name));
    handshake = [];
  };
  for (const { type, fragment } of plain) {
    if (type === 22) {
      handshake.push(fragment);
      continue;
    }
    told();
    flow.push(type === 21 ? `alert ${[...fragment].join(" ")}` : `type ${type}`);
  }
  told();
  if (change >= 0) flow.push("ChangeCipherSpec", ...records.slice(change + 1).map(({ type }) => `protected ${type}`));
  return flow;
}

/** The first message of this name that went over the wire unprotected. */
export function messageOf(flights: readonly Uint8Array[], name: string): Uint8Array<ArrayBuffer> {
  const records = recordsOf(flights);
  const change = records.findIndex(({ type }) => type === 20);
  const plain = records.slice(0, change < 0 ? undefined : change).filter(({ type }) => type === 22);
  const found = messagesIn(concat(...plain.map(({ fragment }) => fragment))).find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no ${name} on the wire`);
  return found.body;
}

export function helloOf(flights: readonly Uint8Array[], name: "ClientHello" | "ServerHello"): HelloOnTheWire {
  const body = messageOf(flights, name);
  const idLength = number(body, 34, 1);
  let at = 35 + idLength;
  const suiteBytes = name === "ClientHello" ? number(body, at, 2) : 2;
  if (name === "ClientHello") at += 2;
  const cipherSuites = Array.from({ length: suiteBytes / 2 }, (_, index) => number(body, at + 2 * index, 2));
  at += suiteBytes;
  at += name === "ClientHello" ? 1 + number(body, at, 1) : 1; // compression
  const extensions = new Map<number, Uint8Array<ArrayBuffer>>();
  for (at += 2; at < body.length;) {
    const length = number(body, at + 2, 2);
    extensions.set(number(body, at, 2), body.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return { random: body.slice(2, 34), sessionId: body.slice(35, 35 + idLength), cipherSuites, extensions };
}

/** An unsigned number of some bytes, the most significant first. */
export function number(bytes: Uint8Array, from: number, length: number): number {
  return bytes.subarray(from, from + length).reduce((value, byte) => value * 256 + byte, 0);
}

function messagesIn(bytes: Uint8Array): readonly MessageOnTheWire[] {
  const messages: MessageOnTheWire[] = [];
  for (let at = 0; at < bytes.length;) {
    const type = number(bytes, at, 1);
    const length = number(bytes, at + 1, 3);
    messages.push({
      name: messageNames[type] ?? `message ${type}`,
      body: Uint8Array.from(bytes.subarray(at + 4, at + 4 + length)),
    });
    at += 4 + length;
  }
  return messages;
}
