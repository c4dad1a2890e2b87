/**
 * Which handshake messages came and went: what a command has to say depends on some that a session doesn't tell of.
 * @module
 */

import type { Direction, HandshakeTypeName, TraceEvent } from "../../mod.ts";
import type { Narrator } from "./narrator.ts";

export interface SeenMessages {
  /** For the stream: what the narrator wants, too. */
  readonly traceOptions: { readonly trace: "messages" | "secrets"; readonly onTrace: (event: TraceEvent) => void };
  /** The message's length in bytes, with its header; `undefined` as long as there was none. */
  lengthOf(direction: Direction, name: HandshakeTypeName): number | undefined;
}

/** Watches one connection, beside a narrator if there is one. */
export function watchMessages(narrator: Narrator | undefined): SeenMessages {
  const lengths = new Map<string, number>();
  const others = narrator?.traceOptions;
  return {
    traceOptions: {
      trace: others?.trace ?? "messages",
      onTrace: (event) => {
        if (event.type === "message") lengths.set(`${event.direction} ${event.name}`, event.bytes.length);
        others?.onTrace(event);
      },
    },
    lengthOf: (direction, name) => lengths.get(`${direction} ${name}`),
  };
}
