/** tlschart/websocket over the WebSocket of Node 22 and later; the server is ws. */
import { adapterContract } from "./contract.ts";
import { listenWithWs } from "./websocket_ends.ts";
import { cannotWait, webSocketRuntime } from "./websocket_runtime.ts";

adapterContract(webSocketRuntime({
  name: "tlschart/websocket, Node's own WebSocket",
  listen: listenWithWs,
  dial: (url) => new WebSocket(url),
  staysClosing: true,
  cannot: {
    "lets a write wait while the peer doesn't read, and goes on when it does": cannotWait,
    "notices a transport that broke while nobody read, at the latest when somebody reads": cannotWait,
  },
}));
