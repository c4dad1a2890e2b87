/** tlschart/websocket under Deno: `deno run --no-prompt --allow-net=127.0.0.1 tests/adapters/websocket_deno_test.ts`. */
import { adapterContract } from "./contract.ts";
import { dropsAfterClose, listenWithDeno } from "./websocket_deno_ends.ts";
import { cannotWait, webSocketRuntime } from "./websocket_runtime.ts";

adapterContract(webSocketRuntime({
  name: "tlschart/websocket, Deno",
  listen: listenWithDeno,
  dial: (url) => new WebSocket(url),
  cannot: {
    ...dropsAfterClose,
    "lets a write wait while the peer doesn't read, and goes on when it does": cannotWait,
    "notices a transport that broke while nobody read, at the latest when somebody reads": cannotWait,
  },
}));
