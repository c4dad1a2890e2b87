/**
 * The eleven steps in which a handshake is told, and which message belongs to which. Types and a table.
 * @module
 */

import type { HandshakeTypeName, MessageFields } from "../../mod.ts";
import type { Operation } from "./stopwatch.ts";

export type Side = "client" | "server";
export const sides: readonly Side[] = ["client", "server"];

export type StepNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11;
export const stepNumbers: readonly StepNumber[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

export interface SeenMessage {
  readonly name: HandshakeTypeName;
  readonly sender: Side;
  readonly bytes: Uint8Array;
  readonly fields: MessageFields | undefined;
}

export interface SeenOperation {
  readonly side: Side;
  readonly operation: Operation;
  /** In ms. */
  readonly duration: number;
}

/** A record with application data. */
export interface SeenRecord {
  readonly sender: Side;
  /** With its header, in bytes. */
  readonly length: number;
}

export interface SeenAlert {
  readonly sender: Side;
  readonly level: string;
  readonly description: string;
}

/** What is known of one step so far. */
export interface Step {
  readonly number: StepNumber;
  /** Each message once, though both sides see it. */
  readonly messages: readonly SeenMessage[];
  readonly alerts: readonly SeenAlert[];
  /** The states that each side was in, in order; empty for a side that isn't watched or hasn't come here. */
  readonly states: Readonly<Record<Side, readonly string[]>>;
  readonly operations: readonly SeenOperation[];
  /** Records on the wire, with their headers. */
  readonly wireBytes: number;
  /** In ms: cryptography, and the way over the wire for the first message of a flight. The sum is the whole time. */
  readonly duration: number;
}

/** Where a message belongs. */
export function stepOfMessage(name: HandshakeTypeName, sender: Side): StepNumber {
  switch (name) {
    case "client_hello":
      return 1;
    case "server_hello":
      return 2;
    case "certificate":
      return sender === "server" ? 3 : 6;
    case "certificate_status":
      return 3;
    case "server_key_exchange":
      return 4;
    case "certificate_request":
    case "server_hello_done":
      return 5;
    case "client_key_exchange":
    // It comes before the keys of step 8 are made: what it signs, the client has with its own ClientKeyExchange.
    case "certificate_verify":
      return 6;
    case "new_session_ticket":
      return 10;
    case "finished":
      return sender === "client" ? 9 : 10;
    default:
      return 11;
  }
}
