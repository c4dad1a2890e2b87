/**
 * Tells what a connection does, to whoever asked for it: records, messages, states, and secrets only on demand.
 * Knows no role, no version and no message by name.
 * @module
 */

import type { Machine, Outgoing } from "./endpoint.ts";
import { handshakeHeaderLength, type HandshakeMessage } from "./messages/handshake.ts";
import { recordHeaderLength } from "./record/record.ts";
import { ContentType, HandshakeType, registeredName } from "./registry.ts";
import type { Direction, MessageFields, SecretName, TraceEvent } from "./trace.ts";

export class Tracer {
  readonly #level: "off" | "messages" | "secrets";
  readonly #tell: (event: TraceEvent) => void;

  constructor(level: "off" | "messages" | "secrets", tell: (event: TraceEvent) => void) {
    this.#level = level;
    this.#tell = tell;
  }

  event(event: TraceEvent): void {
    if (this.#level !== "off") this.#tell(event);
  }

  sent(outgoing: Outgoing, machine: Machine): void {
    const { state } = machine;
    switch (outgoing.content) {
      case "handshake":
        return this.message("sent", outgoing.message, machine);
      case "change_cipher_spec":
        return this.event({ type: "changeCipherSpec", direction: "sent", state });
      case "alert": {
        const { level, description } = outgoing;
        return this.event({ type: "alert", direction: "sent", level, description, state });
      }
    }
  }

  /** `fragmentLength`: as on the wire, in bytes. */
  record(direction: Direction, type: number, fragmentLength: number, isProtected: boolean): void {
    const contentType = registeredName(ContentType, type);
    if (this.#level === "off" || contentType === undefined) return;
    const length = fragmentLength + recordHeaderLength;
    this.#tell({ type: "record", direction, contentType, length, protected: isProtected });
  }

  message(direction: Direction, message: HandshakeMessage, machine: Machine): void {
    const name = registeredName(HandshakeType, message.type);
    if (this.#level === "off" || name === undefined) return;
    // A copy: the transcript's own bytes must not be in the embedder's hands.
    const bytes = message.bytes.slice();
    const fields = described({ ...message, bytes, body: bytes.subarray(handshakeHeaderLength) }, machine);
    this.#tell({ type: "message", direction, name, bytes, fields, state: machine.state });
  }

  secrets(secrets: readonly (readonly [SecretName, Uint8Array])[] = []): void {
    if (this.#level !== "secrets") return;
    for (const [name, bytes] of secrets) this.#tell({ type: "secret", name, bytes });
  }
}

/** A message is traced before anybody has checked it, and it may be malformed. */
function described(message: HandshakeMessage, machine: Machine): MessageFields | undefined {
  try {
    return machine.describe(message);
  } catch {
    return undefined;
  }
}
