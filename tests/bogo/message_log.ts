/**
 * The messages of a connection, as a trace shows them: for what only the messages themselves tell.
 * @module
 */

import { AlertDescription, type TraceEvent } from "../../mod.ts";
import { numberOf } from "./names.ts";

export class MessageLog {
  #text = "";
  /** ClientCertificateTypes of the server's CertificateRequest. */
  certificateTypes: Uint8Array = new Uint8Array();

  add(event: TraceEvent): void {
    if (event.type === "message") this.#addMessage(event);
    if (event.type === "changeCipherSpec") this.#write(event.direction, "ccs");
    if (event.type === "alert") {
      const level = event.level === "fatal" ? 2 : 1;
      this.#write(event.direction, `alert ${level} ${numberOf(AlertDescription, event.description)}`);
    }
  }

  /** In the words of the flag `-expect-msg-callback`: `write hs 1`, `read ccs`, `read alert 1 0`. */
  get text(): string {
    return this.#text;
  }

  #addMessage({ direction, name, bytes }: Extract<TraceEvent, { readonly type: "message" }>): void {
    this.#write(direction, `hs ${bytes[0]}`);
    if (direction === "sent" || name !== "certificate_request") return;
    const headerLength = 4;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.certificateTypes = bytes.slice(headerLength + 1, headerLength + 1 + view.getUint8(headerLength));
  }

  #write(direction: "sent" | "received", what: string): void {
    this.#text += `${direction === "sent" ? "write" : "read"} ${what}\n`;
  }
}
