/** Both ends of a WebSocket by the package ws. */
import { createServer } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import type { WebSocketLike } from "../../adapters/websocket.ts";
import { portOfListening } from "./node_runtime.ts";
import type { WebSocketEnds } from "./websocket_runtime.ts";

export const wsEnds: WebSocketEnds = {
  name: "tlschart/websocket, ws",
  listen: listenWithWs,
  dial: (url) => new WebSocket(url),
  listenersOn: (socket) => (socket instanceof WebSocket ? listenersOf(socket) : 0),
};

export async function listenWithWs(
  accept: (socket: WebSocketLike) => void,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer();
  new WebSocketServer({ server, clientTracking: false }).on("connection", accept);
  return {
    port: await portOfListening(server),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function listenersOf(socket: WebSocket): number {
  return socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0);
}
