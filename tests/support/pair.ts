/**
 * Our client and our server, joined in memory. What one transmits the other receives, on one of three wires:
 * as it was transmitted, glued into as few pieces as can be, or cut into single bytes (DESIGN §8 rule 16).
 */
import { concat } from "../../lib/codec/bytes.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import type { TlsConnection } from "../../lib/connection.ts";
import { createTlsClient, createTlsServer } from "../../lib/core.ts";
import type { Output } from "../../lib/output.ts";

export type Wire = "whole" | "glued" | "bytes";
export const wires: readonly Wire[] = ["whole", "glued", "bytes"];

/** One end, with everything that came out of it. */
export class End {
  readonly tls: TlsConnection;
  readonly outputs: Output[] = [];
  /** Transmitted and not delivered yet. */
  readonly outbox: Uint8Array<ArrayBuffer>[] = [];
  /** Every byte ever transmitted, one element for each `transmit`. */
  readonly transmitted: Uint8Array<ArrayBuffer>[] = [];

  constructor(tls: TlsConnection) {
    this.tls = tls;
  }

  /** Notes what a call on the connection handed back. */
  take(outputs: readonly Output[]): void {
    for (const output of outputs) {
      this.outputs.push(output);
      if (output.type !== "transmit") continue;
      this.outbox.push(output.bytes);
      this.transmitted.push(output.bytes);
    }
  }

  send(data: Uint8Array): void {
    this.take(this.tls.send(data));
  }

  close(): void {
    this.take(this.tls.close());
  }

  /** The application data received so far, in one piece. */
  get data(): Uint8Array<ArrayBuffer> {
    return concat(...this.outputs.flatMap((output) => output.type === "data" ? [output.bytes] : []));
  }

  /** The kinds of outputs in their order, without `transmit` and repetitions of `data`. */
  get story(): readonly string[] {
    const types = this.outputs.map(({ type }) => type).filter((type) => type !== "transmit" && type !== "trace");
    return types.filter((type, index) => type !== "data" || types[index - 1] !== "data");
  }

  /** How the connection failed, if it did. */
  get error(): unknown {
    const failed = this.outputs.find(({ type }) => type === "failed");
    return failed?.type === "failed" ? failed.error : undefined;
  }
}

export class Pair {
  readonly client: End;
  readonly server: End;
  readonly #wire: Wire;

  constructor(client: ClientConfig, server: ServerConfig, wire: Wire = "whole") {
    this.client = new End(createTlsClient(client));
    this.server = new End(createTlsServer(server));
    this.#wire = wire;
  }

  /** Starts both and delivers until nothing is left to say. */
  shake(): this {
    this.server.take(this.server.tls.start());
    return this.shakeStarted();
  }

  /** The same, with a server that was started before. */
  shakeStarted(): this {
    this.client.take(this.client.tls.start());
    this.deliver();
    return this;
  }

  /** Delivers everything both ways until both outboxes are empty. */
  deliver(): void {
    while (this.client.outbox.length + this.server.outbox.length > 0) {
      this.#carry(this.client, this.server);
      this.#carry(this.server, this.client);
    }
  }

  #carry(from: End, to: End): void {
    for (const piece of pieces(from.outbox.splice(0), this.#wire)) to.take(to.tls.receive(piece));
  }
}

/** The same bytes, cut as the wire does. */
export function* pieces(flights: readonly Uint8Array[], wire: Wire): Generator<Uint8Array> {
  if (wire === "whole") return yield* flights;
  const glued = concat(...flights);
  if (wire === "glued") return yield* glued.length === 0 ? [] : [glued];
  for (let index = 0; index < glued.length; index++) yield glued.subarray(index, index + 1);
}
