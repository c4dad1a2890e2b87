/** tlschart/websocket over Deno's WebSocketStream: `deno run --unstable-net --no-prompt --allow-net=127.0.0.1 …`. */
import type { WebSocketLike, WebSocketStreamLike } from "../../adapters/websocket.ts";
import { adapterContract } from "./contract.ts";
import { dropsAfterClose, listenWithDeno } from "./websocket_deno_ends.ts";
import { webSocketRuntime } from "./websocket_runtime.ts";

const { WebSocketStream } = globalThis as unknown as {
  readonly WebSocketStream: new (url: string) => WebSocketStreamLike;
};

adapterContract(webSocketRuntime({
  name: "tlschart/websocket, Deno's WebSocketStream",
  listen: listenWithDeno,
  // Beside its own face it gets what the runtime of the contract asks a WebSocket.
  dial: (url) => {
    const socket = new WebSocketStream(url);
    const more = { readyState: 3, terminate: () => socket.close({ closeCode: 4999 }) };
    return Object.assign(socket, more) as unknown as WebSocketLike;
  },
  cannot: dropsAfterClose,
}));
