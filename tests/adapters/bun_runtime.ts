/** tlschart/bun as a runtime of the contract. What is left behind is found among the process's file descriptors (Linux). */
import { readdirSync, readlinkSync } from "node:fs";
import { type BunAddress, connectTls, listenTls } from "../../adapters/bun.ts";
import { BunTransport, socketHandlers } from "../../adapters/bun_socket.ts";
import { bun, type BunSocket, type BunSocketHandlers } from "../../adapters/bun_types.ts";
import { deferred } from "../../adapters/deferred.ts";
import type { AdapterRuntime, Endpoint, RawPeer } from "./contract.ts";
import { watchResources } from "./resources.ts";

export const bunRuntime: AdapterRuntime = {
  name: "tlschart/bun",
  serve: async (options, accept) => {
    const { hostname, port, stop } = listenTls({ ...options, ...anywhere }, accept);
    return await Promise.resolve({ address: { hostname, port }, close: () => Promise.resolve(stop()) });
  },
  connect: ({ address }, options) => connectTls({ ...options, ...addressOf(address) }),
  serveRaw: (accept) => listening((socket) => accept(rawPeer(socket))),
  connectRaw: async ({ address }) => {
    return rawPeer(await connected(addressOf(address)));
  },
  watch: () => {
    const before = openSockets();
    return watchResources(() => openSockets() > before ? [`open sockets: ${openSockets() - before}`] : []);
  },
};

const anywhere: BunAddress = { hostname: "127.0.0.1", port: 0 };

/** Plain sockets on a port that is free. */
export async function listening(accept: (socket: BunSocket<BunTransport>) => void): Promise<Endpoint> {
  const open = (socket: BunSocket<BunTransport>): void => {
    socket.data = new BunTransport("the test's peer");
    socket.data.open(socket);
    accept(socket);
  };
  const { port, stop } = listen({ ...socketHandlers, open });
  return await Promise.resolve({ address: { ...anywhere, port }, close: () => Promise.resolve(stop()) });
}

/** A listener on a port that is free. */
export function listen<Data>(socket: BunSocketHandlers<Data>): { readonly port: number; stop(): void } {
  const listener = bun().listen({ ...anywhere, allowHalfOpen: true, socket });
  return { port: listener.port, stop: () => listener.stop() };
}

/** A plain socket. */
export async function connected(address: BunAddress): Promise<BunSocket<BunTransport>> {
  const data = new BunTransport("the test's peer");
  const opened = deferred<BunSocket<BunTransport>>();
  const open = (socket: BunSocket<BunTransport>): void => {
    data.open(socket);
    opened.resolve(socket);
  };
  await bun().connect({ ...address, allowHalfOpen: true, data, socket: { ...socketHandlers, open } });
  return opened.promise;
}

export function addressOf(address: unknown): BunAddress {
  const { hostname, port } = { ...anywhere, ...(typeof address === "object" ? address : {}) };
  return { hostname, port };
}

function rawPeer(socket: BunSocket<BunTransport>): RawPeer {
  const { readable, writable, opened } = socket.data;
  return { readable, writable, opened, reset: () => socket.terminate() };
}

function openSockets(): number {
  return readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith("socket:");
    } catch {
      return false; // the one with which the folder was read
    }
  }).length;
}
