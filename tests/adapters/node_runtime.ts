/** tlschart/node as a runtime of the contract. Every socket is remembered, so that what is left behind is found. */
import { connect, createServer, type Server, Socket } from "node:net";
import { acceptTls, connectTls } from "../../adapters/node.ts";
import { socketTransport } from "../../adapters/node_socket.ts";
import type { AdapterRuntime, Endpoint, RawPeer } from "./contract.ts";
import { watchResources } from "./resources.ts";

export const nodeRuntime: AdapterRuntime = {
  name: "tlschart/node",
  serve: (options, accept) => listening((socket) => accept(acceptTls(socket, options))),
  connect: ({ address }, options) => connectTls({ ...options, host: "127.0.0.1", port: portOf(address) }),
  serveRaw: (accept) => listening((socket) => accept(rawPeer(socket))),
  connectRaw: async ({ address }) => {
    const socket = remembered(connect(portOf(address), "127.0.0.1"));
    const peer = rawPeer(socket);
    await peer.opened;
    return peer;
  },
  watch: () => {
    sockets.length = 0;
    return watchResources(() => sockets.flatMap(leftoverOf));
  },
};

/** More than any test connects at once: by default Node lets 511 wait, and on a busy machine the kernel resets the rest. */
const backlog = 2_048;

const sockets: Socket[] = [];

export function remembered(socket: Socket): Socket {
  sockets.push(socket);
  return socket;
}

/** A server on a port that is free. */
export async function listening(accept: (socket: Socket) => void): Promise<Endpoint> {
  const server = createServer((socket) => accept(remembered(socket)));
  return {
    address: await portOfListening(server),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export function portOfListening(server: Server): Promise<number> {
  const options = { port: 0, host: "127.0.0.1", backlog };
  return new Promise((resolve) => server.listen(options, () => resolve(portOf(server.address()))));
}

export function portOf(address: unknown): number {
  if (typeof address === "number") return address;
  if (typeof address === "object" && address !== null && "port" in address) return portOf(address.port);
  throw new Error(`There is no port in ${String(address)}`);
}

function rawPeer(socket: Socket): RawPeer {
  return { ...socketTransport(socket, "the test's peer"), reset: () => reset(socket) };
}

/**
 * At once, as `resetAndDestroy` isn't: it shuts the socket down first, and when an error comes meanwhile, the reset fails
 * and the socket stays open for good (libuv resets no socket that is being shut down; Node doesn't close it then).
 */
function reset(socket: Socket): void {
  const isShuttingDown = socket.writableEnded && !socket.writableFinished;
  if (!isShuttingDown) Object.assign(socket, { resetAndClosing: true });
  socket.destroy();
}

const listenersOfANewSocket = listenersOf(new Socket());

function leftoverOf(socket: Socket): readonly string[] {
  if (!socket.destroyed) return [`an open socket, ${socket.remoteAddress}:${socket.remotePort}`];
  const listeners = listenersOf(socket);
  return listeners === listenersOfANewSocket ? [] : [`listeners on a closed socket: ${listeners}`];
}

function listenersOf(socket: Socket): string {
  const names = ["connect", "data", "drain", "end", "error", "close", "finish", "timeout"];
  return names.map((name) => `${name} ${socket.listenerCount(name)}`).join(", ");
}
