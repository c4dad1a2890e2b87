/** A WebSocket that a test plays by hand, with no more than those of the Web have. */
import type { WebSocketEvent, WebSocketEventName, WebSocketLike } from "../../adapters/websocket_like.ts";

export class FakeWebSocket implements WebSocketLike {
  readyState: number;
  readonly url = "wss://relay.example/path?token=secret";
  binaryType = "blob";
  readonly sent: Uint8Array[] = [];
  readonly closes: (readonly [code?: number, reason?: string])[] = [];
  readonly #listeners = new Map<WebSocketEventName, Set<(event: WebSocketEvent) => void>>();

  constructor(readyState = 1) {
    this.readyState = readyState;
  }

  send(data: Uint8Array): void {
    this.sent.push(data);
  }

  close(...how: readonly [code?: number, reason?: string]): void {
    this.closes.push(how);
    if (this.readyState < 2) this.readyState = 2;
  }

  addEventListener(type: WebSocketEventName, listener: (event: WebSocketEvent) => void): void {
    this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
  }

  removeEventListener(type: WebSocketEventName, listener: (event: WebSocketEvent) => void): void {
    this.#listeners.get(type)?.delete(listener);
  }

  listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  opens(): void {
    this.readyState = 1;
    this.#tell({ type: "open" });
  }

  hears(data: unknown): void {
    this.#tell({ type: "message", data });
  }

  /** As in a browser: the event says nothing. */
  fails(message?: string): void {
    this.#tell(message === undefined ? { type: "error" } : { type: "error", message });
  }

  ends(code: number, reason = ""): void {
    this.readyState = 3;
    this.#tell({ type: "close", code, reason });
  }

  #tell(event: WebSocketEvent & { readonly type: WebSocketEventName }): void {
    for (const listener of [...this.#listeners.get(event.type) ?? []]) listener(event);
  }
}
