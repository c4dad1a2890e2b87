/**
 * Every handshake message sent or received, in order: what Finished and the session hash are computed over.
 * RFC 5246 §7.4.9. Keeps bytes until the handshake is over.
 * @module
 */

import { joined } from "./codec/bytes.ts";
import type { HandshakeMessage } from "./messages/handshake.ts";
import { HandshakeType } from "./registry.ts";

export interface TranscriptView {
  /** All messages so far, the one that is being looked at included. */
  whole(): Uint8Array;
  /** All messages before the last one: what a Finished or CertificateVerify that has just arrived speaks of. */
  beforeLast(): Uint8Array;
}

export class Transcript implements TranscriptView {
  #messages: Uint8Array[] = [];
  #over = false;

  append(message: HandshakeMessage): void {
    // RFC 5246 §7.4.1.1 MUST: "This message MUST NOT be included in the message hashes that are maintained throughout the handshake and used in the Finished messages and the certificate verify message."
    // RFC 6066 §1.1 MUST: "any messages associated with these extensions that are sent during the TLS handshake MUST be included in the hash calculations involved in "Finished" messages."
    if (!this.#over && message.type !== HandshakeType.hello_request) this.#messages.push(message.bytes);
  }

  whole(): Uint8Array {
    return joined(this.#messages);
  }

  beforeLast(): Uint8Array {
    return joined(this.#messages.slice(0, -1));
  }

  /** The messages so far; `undefined` once the handshake is over. */
  freeze(): readonly Uint8Array[] | undefined {
    return this.#over ? undefined : [...this.#messages];
  }

  /** Goes on where a frozen one stood. */
  thaw(messages: readonly Uint8Array[] | undefined): void {
    this.#over = messages === undefined;
    this.#messages = [...(messages ?? [])];
  }

  /** The handshake is over: nobody will ask again. */
  forget(): void {
    this.#over = true;
    this.#messages = [];
  }
}
