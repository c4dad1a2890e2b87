/**
 * tlschart/websocket as a runtime of the contract, whoever makes the WebSockets. Every one is remembered, so that what is
 * left behind is found.
 */
import { acceptTls, connectTls, type WebSocketLike, webSocketTransport } from "../../adapters/websocket.ts";
import { prepareClient } from "../../adapters/endpoints.ts";
import type { AdapterRuntime, Endpoint, RawPeer } from "./contract.ts";
import { watchResources } from "./resources.ts";

/** Both ends, as a test needs them. */
export interface WebSocketEnds {
  readonly name: string;
  /** Listens on a free port of 127.0.0.1. */
  listen(accept: (socket: WebSocketLike) => void): Promise<{ readonly port: number; close(): Promise<void> }>;
  dial(url: string): WebSocketLike;
  /** The listeners that are still on a WebSocket, where that can be told. */
  listenersOn?(socket: WebSocketLike): number;
  /** Node's own WebSocket stays in state 2 when it is closed while it connects. */
  readonly staysClosing?: boolean;
  readonly cannot?: AdapterRuntime["cannot"];
}

/** A WebSocket of the Web takes whatever comes; what then holds is `maxBufferedBytes`, which has tests of its own. */
export const cannotWait = "a WebSocket without pause() can't make the other side wait";

export function webSocketRuntime(ends: WebSocketEnds): AdapterRuntime {
  const sockets: WebSocketLike[] = [];
  const remembered = (socket: WebSocketLike): WebSocketLike => {
    sockets.push(socket);
    return socket;
  };
  const dial = ({ address }: Endpoint): WebSocketLike => remembered(ends.dial(String(address)));
  const listening = async (accept: (socket: WebSocketLike) => void): Promise<Endpoint> => {
    const { port, close } = await ends.listen((socket) => accept(remembered(socket)));
    return { address: `ws://127.0.0.1:${port}/`, close };
  };
  return {
    name: ends.name,
    cannot: ends.cannot ?? {},
    serve: (options, accept) => listening((socket) => accept(acceptTls(socket, options))),
    connect: (endpoint, options) => {
      prepareClient(options); // throws before there is a WebSocket
      return connectTls(dial(endpoint), options);
    },
    serveRaw: (accept) => listening((socket) => accept(rawPeer(socket))),
    connectRaw: async (endpoint) => {
      const peer = rawPeer(dial(endpoint));
      await peer.opened;
      return peer;
    },
    watch: () => {
      sockets.length = 0;
      return watchResources(() => sockets.flatMap((socket) => leftoverOf(socket, ends)));
    },
  };
}

/** Where a WebSocket can't be cut off, an unknown code is the nearest that there is. */
function rawPeer(socket: WebSocketLike): RawPeer {
  const reset = (): void => {
    if (socket.terminate !== undefined) return socket.terminate();
    if (socket.readyState < 2) socket.close(4999, "reset");
  };
  return { ...transportOf(socket), reset };
}

/** Spread would lose the getters of its class. */
function transportOf(socket: WebSocketLike): Pick<RawPeer, "readable" | "writable" | "opened" | "close"> {
  const transport = webSocketTransport(socket);
  const { readable, writable, opened } = transport;
  return { readable, writable, opened, close: (reason) => transport.close?.(reason) };
}

function leftoverOf(socket: WebSocketLike, { listenersOn, staysClosing }: WebSocketEnds): readonly string[] {
  if (staysClosing === true && socket.readyState === 2) return [];
  if (socket.readyState !== 3) return [`a WebSocket in state ${socket.readyState}`];
  const listeners = listenersOn?.(socket) ?? 0;
  return listeners === 0 ? [] : [`${listeners} listeners on a closed WebSocket`];
}
