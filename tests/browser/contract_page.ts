/**
 * The contract of the adapters inside a page: over streams in memory, and over real WebSockets, each of which goes
 * through a relay to TCP and through its reverse side back into the page.
 * @module
 */

import type { WebSocketLike } from "../../adapters/websocket.ts";
import { adapterContract } from "../adapters/contract.ts";
import { memoryRuntime } from "../adapters/memory_runtime.ts";
import { webSocketRuntime } from "../adapters/websocket_runtime.ts";
import { type Result, runCollected } from "./harness_stand_in.ts";

/** What the test outside does for the page. */
export interface Outside {
  /** A relay of its own for each endpoint, so that none gets another's connections. */
  openRelay(): Promise<{ readonly port: number; readonly reversePort: number }>;
  report(result: Result): void;
}

declare global {
  var outside: Outside;
  var runContract: (which: "memory" | "webSocket") => Promise<void>;
}

interface Listening {
  readonly reversePort: number;
  readonly accept: (socket: WebSocketLike) => void;
}

const listening = new Map<string, Listening>();

const relayRuntime = webSocketRuntime({
  name: "tlschart/websocket, Chromium through the relay and back",
  listen: async (accept) => {
    const { port, reversePort } = await outside.openRelay();
    listening.set(`ws://127.0.0.1:${port}/`, { reversePort, accept });
    return { port, close: () => Promise.resolve() };
  },
  dial: (url) => {
    const { reversePort, accept } = listening.get(url) ?? { reversePort: 0, accept: () => {} };
    accept(new WebSocket(`${url}reverse`));
    return new WebSocket(`${url}127.0.0.1:${reversePort}`);
  },
});

globalThis.runContract = (which) => {
  adapterContract(which === "memory" ? memoryRuntime : relayRuntime);
  return runCollected(outside.report, (title) =>
    which === "webSocket" && title.includes("1,000 connections") ? "Chromium opens at most 255 WebSockets" : undefined);
};
