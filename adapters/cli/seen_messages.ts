/**
 * Which handshake messages came and went: what a command has to say depends on some that a session doesn't tell of.
 * @module
 */

import type { Direction, HandshakeTypeName, MessageFields, TraceEvent } from "../../mod.ts";
import type { Narrator } from "./narrator.ts";

export interface SeenMessages {
  /** For the stream: what the narrator wants, too. */
  readonly traceOptions: { readonly trace: "messages" | "secrets"; readonly onTrace: (event: TraceEvent) => void };
  /** The message's length in bytes, with its header; `undefined` as long as there was none. */
  lengthOf(direction: Direction, name: HandshakeTypeName): number | undefined;
  /** What stands in it; `undefined` as long as there was none, and when it can't be read. */
  fieldsOf(direction: Direction, name: HandshakeTypeName): MessageFields | undefined;
}

interface SeenMessage {
  readonly length: number;
  readonly fields: MessageFields | undefined;
}

/** Watches one connection, beside a narrator if there is one. */
export function watchMessages(narrator: Narrator | undefined): SeenMessages {
  const seen = new Map<string, SeenMessage>();
  const others = narrator?.traceOptions;
  return {
    traceOptions: {
      trace: others?.trace ?? "messages",
      onTrace: (event) => {
        if (event.type === "message") {
          seen.set(`${event.direction} ${event.name}`, { length: event.bytes.length, fields: event.fields });
        }
        others?.onTrace(event);
      },
    },
    lengthOf: (direction, name) => seen.get(`${direction} ${name}`)?.length,
    fieldsOf: (direction, name) => seen.get(`${direction} ${name}`)?.fields,
  };
}
