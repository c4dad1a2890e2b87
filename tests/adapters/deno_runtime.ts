/**
 * Deno's TCP connections as a runtime of the contract: the streams under tlschart/deno. What Deno opens is remembered,
 * so that what is left behind is found, because Deno doesn't tell.
 */
import { tcpTransport } from "../../adapters/deno_tcp.ts";
import { prepareClient, prepareServer } from "../../adapters/endpoints.ts";
import type { AdapterRuntime, Endpoint, RawPeer } from "./contract.ts";
import { watchResources } from "./resources.ts";

const hostname = "127.0.0.1";

export const denoRuntime: AdapterRuntime = {
  name: "tlschart/deno's streams",
  serve: (options, accept) => listening((conn) => accept(prepareServer(options)(tcpTransport(Promise.resolve(conn))))),
  connect: ({ address }, options) => {
    const start = prepareClient(options); // throws before there is a connection
    const giveUp = new AbortController();
    const connecting = Deno.connect({ hostname, port: Number(address), signal: giveUp.signal });
    return start(tcpTransport(connecting, (reason) => giveUp.abort(reason)));
  },
  serveRaw: (accept) => listening((conn) => accept(rawPeer(conn))),
  connectRaw: async ({ address }) => rawPeer(await Deno.connect({ hostname, port: Number(address) })),
  watch: () => {
    conns.length = 0;
    listeners.length = 0;
    return watchResources(() => [
      ...conns.filter(isOpen).map(({ localAddr }) => `an open connection from port ${localAddr.port}`),
      ...listeners.filter(isListening).map(({ addr }) => `an open listener on port ${addr.port}`),
    ]);
  },
};

const conns: Deno.TcpConn[] = [];
const listeners: Deno.TcpListener[] = [];
const closedListeners = new WeakSet<Deno.TcpListener>();

/** A server on a port that is free. */
export function listening(accept: (conn: Deno.TcpConn) => void): Promise<Endpoint> {
  const listener = Deno.listen({ hostname, port: 0 });
  const accepting = (async () => {
    for await (const conn of listener) accept(conn);
  })();
  return Promise.resolve({
    address: listener.addr.port,
    close: () => {
      listener.close();
      return accepting;
    },
  });
}

/** It goes away by itself when both sides have said their last word. */
function rawPeer(conn: Deno.TcpConn): RawPeer {
  const { read, closeWrite } = conn;
  let ends = 0;
  const ended = (): void => void (++ends === 2 && conn[Symbol.dispose]());
  conn.read = async (p) => {
    const length = await read.call(conn, p);
    if (length === null) ended();
    return length;
  };
  conn.closeWrite = () => closeWrite.call(conn).then(ended);
  return { ...tcpTransport(Promise.resolve(conn)), reset: () => conn[Symbol.dispose]() };
}

/** Deno tells of a connection that is closed only by refusing what is asked of it. */
export function isOpen(conn: Deno.TcpConn): boolean {
  try {
    conn.setNoDelay(true);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.BadResource) return false;
    throw error;
  }
}

function isListening(listener: Deno.TcpListener): boolean {
  return !closedListeners.has(listener);
}

function rememberWhatDenoOpens(): void {
  const { connect, listen } = Deno;
  const remembered = (conn: Deno.TcpConn): Deno.TcpConn => {
    conns.push(conn);
    return conn;
  };
  Object.assign(Deno, {
    connect: (options: Deno.ConnectOptions) => connect(options).then(remembered),
    listen: (options: Deno.TcpListenOptions) => {
      const listener = listen(options);
      const { accept, close } = listener;
      listeners.push(listener);
      listener.accept = () => accept.call(listener).then(remembered);
      listener.close = () => {
        close.call(listener);
        closedListeners.add(listener);
      };
      listener[Symbol.dispose] = () => void (isListening(listener) && listener.close());
      return listener;
    },
  });
}

rememberWhatDenoOpens();
