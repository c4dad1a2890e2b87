/** The server's end of a WebSocket by Deno. */
import type { AdapterRuntime } from "./contract.ts";
import type { WebSocketEnds } from "./websocket_runtime.ts";

/** What is used of Deno here, so that Node's types can check it. */
interface DenoLike {
  serve(
    options: { readonly port: number; readonly hostname: string; readonly onListen: () => void },
    answer: (request: Request) => Response,
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
  upgradeWebSocket(request: Request): { readonly socket: WebSocket; readonly response: Response };
}

const { Deno } = globalThis as unknown as { readonly Deno: DenoLike };

export const listenWithDeno: WebSocketEnds["listen"] = (accept) => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    accept(socket);
    return response;
  });
  return Promise.resolve({ port: server.addr.port, close: () => server.shutdown() });
};

export const dropsAfterClose: AdapterRuntime["cannot"] = {
  "gets its alert to a peer that goes on sending": "after its own close() Deno's WebSocket drops what still comes",
};
