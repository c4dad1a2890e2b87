/** tlschart/websocket under Bun, whose WebSocket is the client and ws the server: `bun run tests/adapters/websocket_bun_test.ts`. */
import { adapterContract } from "./contract.ts";
import { listenWithWs } from "./websocket_ends.ts";
import { webSocketRuntime } from "./websocket_runtime.ts";

adapterContract(webSocketRuntime({
  name: "tlschart/websocket, Bun",
  listen: listenWithWs,
  dial: (url) => new WebSocket(url),
}));
