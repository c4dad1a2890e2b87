/**
 * The messages of a connection as the flag `-expect-msg-callback` writes them: `write hs 1`, `read ccs`, `read alert 1 0`.
 * @module
 */

import { AlertDescription, type TraceEvent } from "../../mod.ts";
import { nameless } from "./names.ts";

export class MessageLog {
  #text = "";

  add(event: TraceEvent): void {
    if (event.type === "message") this.#write(event.direction, `hs ${event.bytes[0]}`);
    if (event.type === "changeCipherSpec") this.#write(event.direction, "ccs");
    if (event.type === "alert") {
      const level = event.level === "fatal" ? 2 : 1;
      this.#write(event.direction, `alert ${level} ${nameless(AlertDescription, event.description)}`);
    }
  }

  /** Throws when these are other messages than the expected ones. */
  check(expected: string): void {
    if (this.#text !== expected) throw new Error(`The messages are not the expected ones:\n${this.#text}`);
  }

  #write(direction: "sent" | "received", what: string): void {
    this.#text += `${direction === "sent" ? "write" : "read"} ${what}\n`;
  }
}
