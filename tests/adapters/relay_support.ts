/** A relay with its events, TCP servers, and WebSockets of the package ws, all let go at the end of a test. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { WebSocket } from "ws";
import { type Relay, type RelayEvent, type RelayOptions, startRelay } from "../../adapters/relay.ts";
import { portOfListening } from "./node_runtime.ts";

export interface Relaying extends Relay {
  readonly events: readonly RelayEvent[];
  /** `ws://127.0.0.1:…/path`. */
  url(path: string): string;
  /** The event that comes next, or has come and was not asked for. */
  event(): Promise<RelayEvent>;
}

/** Runs a test's body with what it opens; then all of it is closed. */
export type World = {
  relay(options: Omit<RelayOptions, "port">): Promise<Relaying>;
  /** A TCP server on a free port; returns the port. */
  tcpServer(accept: (socket: Socket) => void): Promise<number>;
  tcp(port: number): Socket;
  dial(url: string, options?: { readonly headers?: Readonly<Record<string, string>> }): WebSocket;
};

export async function inWorld(body: (world: World) => Promise<void>): Promise<void> {
  const undo: (() => unknown)[] = [];
  const tcpOf = (socket: Socket): Socket => {
    undo.push(() => socket.destroy());
    return socket.on("error", () => {});
  };
  try {
    await body({
      relay: async (options) => {
        const relay = await relayWithEvents(options);
        undo.push(() => relay.close());
        return relay;
      },
      tcpServer: async (accept) => {
        const server: Server = createServer({ allowHalfOpen: true }, (socket) => accept(tcpOf(socket)));
        undo.push(() => new Promise((resolve) => server.close(resolve)));
        return await portOfListening(server);
      },
      tcp: (port) => tcpOf(connect({ port, host: "127.0.0.1", allowHalfOpen: true })),
      dial: (url, options) => {
        const web = new WebSocket(url, options);
        undo.push(() => web.terminate());
        return web.on("error", () => {});
      },
    });
  } finally {
    await Promise.all(undo.reverse().map((each) => each()));
  }
}

async function relayWithEvents(options: Omit<RelayOptions, "port">): Promise<Relaying> {
  const events: RelayEvent[] = [];
  let heard = (): void => {};
  let asked = 0;
  const onEvent = (event: RelayEvent): void => {
    events.push(event);
    heard();
  };
  const { port, reversePort, close } = await startRelay({ ...options, port: 0, onEvent });
  return {
    port,
    reversePort,
    close,
    events,
    url: (path) => `ws://127.0.0.1:${port}/${path}`,
    event: async () => {
      const index = asked++;
      for (;;) {
        const event = events[index];
        if (event !== undefined) return event;
        await new Promise<void>((resolve) => heard = resolve);
      }
    },
  };
}

/** Code and reason with which a WebSocket is closed. */
export async function closing(web: WebSocket): Promise<string> {
  const [code, reason] = await once(web, "close");
  return `${code} ${reason}`.trim();
}

/** The HTTP status with which a WebSocket is refused. */
export async function refusal(web: WebSocket): Promise<number> {
  const [, response] = await once(web, "unexpected-response");
  response.resume();
  web.terminate();
  return response.statusCode;
}

/** What comes until the socket ends. */
export async function heardBy(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (bytes) => chunks.push(bytes)).on("end", () => socket.end());
  // Also when it is reset.
  await new Promise((resolve) => socket.on("close", resolve));
  return Buffer.concat(chunks).toString("latin1");
}
