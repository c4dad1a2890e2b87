/**
 * WebSockets that wait at the reverse side of a relay, several at once: one that was joined to somebody who says nothing
 * looks like one that waits, and must keep nobody out. Whoever leaves without a word ends one of them; another follows.
 * @module
 */

import type { ByteTransport } from "../../adapters/streams.ts";
import { webSocketTransport } from "../../adapters/websocket.ts";

export interface WaitingEvents {
  /** Somebody has said something. Nothing is lost: the transport has it. */
  heard(transport: ByteTransport): void;
  /** The relay has ended the waiting, or, when nobody has waited yet, can't be reached or refuses. */
  ended(hasWaited: boolean): void;
}

/** How many silent connections at a time keep nobody out: one less than this. */
const waitingAtOnce = 4;
/** How long, in ms, until one that has ended is replaced. */
const pause = 500;
/** How many WebSockets may end without one that opens in between: those of 5 pauses. */
const maxFailures = 5 * waitingAtOnce;
/** RFC 6455 §7.4.1; the relay says it when it is stopped. */
const goingAway = 1001;

export class Waiting {
  readonly #url: string;
  readonly #events: WaitingEvents;
  readonly #sockets: Set<WebSocket> = new Set();
  readonly #timers: Set<ReturnType<typeof setTimeout>> = new Set();
  #isStopped = false;
  #hasWaited = false;
  #failures = 0;

  /** Throws what `WebSocket` does for what is no URL. */
  constructor(relay: string, events: WaitingEvents) {
    this.#url = `${relay.replace(/\/+$/, "")}/reverse`;
    this.#events = events;
    for (let count = 0; count < waitingAtOnce; count++) this.#open();
  }

  /** Waits no more; what was handed out goes on. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.close();
  }

  #open(): void {
    const socket = new WebSocket(this.#url);
    const transport = webSocketTransport(socket);
    this.#sockets.add(socket);
    socket.addEventListener("open", () => {
      this.#hasWaited = true;
      this.#failures = 0;
    });
    socket.addEventListener("message", () => {
      if (this.#isStopped || !this.#sockets.delete(socket)) return;
      this.#open();
      this.#events.heard(transport);
    });
    socket.addEventListener("close", ({ code }) => {
      if (!this.#sockets.delete(socket) || this.#isStopped) return;
      if (code === goingAway || this.#isHopeless()) return this.#end();
      this.#openLater();
    });
  }

  /** A browser doesn't say why a WebSocket has failed, so only many failures tell that no relay is there any more. */
  #isHopeless(): boolean {
    if (!this.#hasWaited) return true;
    const isOneOpen = [...this.#sockets].some(({ readyState }) => readyState === WebSocket.OPEN);
    return ++this.#failures > maxFailures && !isOneOpen;
  }

  #openLater(): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#open();
    }, pause);
    this.#timers.add(timer);
  }

  #end(): void {
    this.stop();
    this.#events.ended(this.#hasWaited);
  }
}
