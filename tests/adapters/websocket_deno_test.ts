/** tlschart/websocket under Deno: `deno run --no-prompt --allow-net=127.0.0.1 tests/adapters/websocket_deno_test.ts`. */
import { adapterContract } from "./contract.ts";
import { cannotWait, webSocketRuntime } from "./websocket_runtime.ts";

/** What is used of Deno here, so that Node's types can check it. */
interface DenoLike {
  serve(
    options: { readonly port: number; readonly hostname: string; readonly onListen: () => void },
    answer: (request: Request) => Response,
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
  upgradeWebSocket(request: Request): { readonly socket: WebSocket; readonly response: Response };
}

const { Deno } = globalThis as unknown as { readonly Deno: DenoLike };

adapterContract(webSocketRuntime({
  name: "tlschart/websocket, Deno",
  listen: async (accept) => {
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      accept(socket);
      return response;
    });
    return { port: server.addr.port, close: () => server.shutdown() };
  },
  dial: (url) => new WebSocket(url),
  cannot: {
    "lets a write wait while the peer doesn't read, and goes on when it does": cannotWait,
    "notices a transport that broke while nobody read, at the latest when somebody reads": cannotWait,
    "gets its alert to a peer that goes on sending": "after its own close() Deno's WebSocket drops what still comes",
  },
}));
