/**
 * Joins what a trace tells with what a wiretap heard: for each message, alert or piece of data the very bytes that it was
 * on the wire. The trace names records in the order of the wire, so the nth of one is the nth of the other.
 * @module
 */

import type { Side, StepNumber } from "../../adapters/cli/step.ts";
import { AlertDescription, type HandshakeTypeName, type TraceEvent } from "../../mod.ts";
import { AlertLevel } from "../../lib/registry.ts";
import { recordHeaderLength, recordsIn, type Span, spansOf, type WireRecord } from "./wire.ts";

export type SentName = HandshakeTypeName | "change_cipher_spec" | "alert" | "application_data";

/** A handshake message, or the record that holds something else. */
export interface Sent {
  readonly step: StepNumber;
  readonly sender: Side;
  readonly name: SentName;
  readonly isProtected: boolean;
  /** As it is without encryption. */
  readonly plaintext: Uint8Array;
  /** All that this sender put on the wire. */
  readonly stream: Uint8Array;
  /** The records that hold it, and the parts of the stream that it is; none before they were tapped. */
  readonly records: readonly WireRecord[];
  readonly spans: readonly Span[];
}

interface Item {
  readonly step: StepNumber;
  readonly name: SentName;
  readonly isProtected: boolean;
  /** `undefined` for application data, which the trace doesn't tell. */
  readonly plaintext: Uint8Array | undefined;
  /** Which records to look in, and in these the first byte or, where each has a record of its own, which one. */
  readonly queue: Queue;
  readonly at: number;
}

type Queue = "openHandshake" | "sealedHandshake" | "change_cipher_spec" | "alert" | "application_data";

/** What one side sent, while it is told. */
export class Lane {
  readonly #sender: Side;
  readonly #items: Item[] = [];
  readonly #recordsOf: Readonly<Record<Queue, number[]>> = {
    openHandshake: [],
    sealedHandshake: [],
    change_cipher_spec: [],
    alert: [],
    application_data: [],
  };
  readonly #taken: Record<Queue, number> = {
    openHandshake: 0,
    sealedHandshake: 0,
    change_cipher_spec: 0,
    alert: 0,
    application_data: 0,
  };
  #records = 0;
  #isProtected = false;

  constructor(sender: Side) {
    this.#sender = sender;
  }

  take(event: TraceEvent, step: StepNumber): void {
    switch (event.type) {
      case "record": {
        const { contentType } = event;
        const queue = contentType === "handshake" ? event.protected ? "sealedHandshake" : "openHandshake" : contentType;
        this.#recordsOf[queue].push(this.#records++);
        if (contentType === "application_data") this.#add(step, "application_data", queue, undefined);
        return;
      }
      case "message":
        return this.#add(step, event.name, this.#isProtected ? "sealedHandshake" : "openHandshake", event.bytes);
      case "changeCipherSpec":
        this.#add(step, "change_cipher_spec", "change_cipher_spec", new Uint8Array([1]));
        this.#isProtected = true;
        return;
      case "alert":
        return this.#add(step, "alert", "alert", alertBytes(event));
    }
  }

  /** `said`: the application data of this side; `overhead`: by how much encryption makes a record longer. */
  sent(stream: Uint8Array, said: Uint8Array, overhead: number): readonly Sent[] {
    const records = recordsIn(stream);
    let dataOffset = 0;
    return this.#items.map(({ queue, at, plaintext, ...item }) => {
      const held = this.#recordsOf[queue].flatMap((index) => records[index] ?? []);
      const common = { ...item, sender: this.#sender, stream };
      if (queue === "openHandshake") {
        const spans = spansOf(held, at, at + (plaintext?.length ?? 0));
        const own = held.filter(({ start, end }) => spans.some((span) => span.start > start && span.end <= end));
        return { ...common, plaintext: plaintext ?? new Uint8Array(), records: own, spans };
      }
      const record = held[at];
      const own = record === undefined ? [] : [record];
      const spans = own.map(({ start, end }) => ({ start: start + recordHeaderLength, end }));
      if (plaintext !== undefined) return { ...common, plaintext, records: own, spans };
      const from = dataOffset;
      dataOffset += spans.reduce((sum, { start, end }) => sum + end - start - overhead, 0);
      return { ...common, plaintext: said.subarray(from, dataOffset), records: own, spans };
    });
  }

  #add(step: StepNumber, name: SentName, queue: Queue, plaintext: Uint8Array | undefined): void {
    const at = this.#taken[queue];
    this.#taken[queue] += queue === "openHandshake" ? plaintext?.length ?? 0 : 1;
    this.#items.push({ step, name, isProtected: this.#isProtected, plaintext, queue, at });
  }
}

/** RFC 5246 §7.2. */
function alertBytes({ level, description }: Extract<TraceEvent, { type: "alert" }>): Uint8Array {
  const numbers = new Map<string, number>(Object.entries(AlertDescription));
  return new Uint8Array([AlertLevel[level], numbers.get(description) ?? Number(description)]);
}
