/**
 * The contract of the adapters inside a page: over streams in memory, and over real WebSockets, each of which goes
 * through a relay to TCP and through its reverse side back into the page.
 * @module
 */

import { prepareClient } from "../../adapters/endpoints.ts";
import {
  acceptTls,
  connectTls,
  type WebSocketLike,
  type WebSocketStreamLike,
  webSocketTransport,
} from "../../adapters/websocket.ts";
import { adapterContract, type AdapterRuntime, type Endpoint, type RawPeer } from "../adapters/contract.ts";
import { memoryRuntime } from "../adapters/memory_runtime.ts";
import { watchResources } from "../adapters/resources.ts";
import { type Result, runCollected } from "./harness_stand_in.ts";

export type Transport = "memory" | "WebSocket" | "WebSocketStream";

/** What the test outside does for the page. */
export interface Outside {
  /** A relay of its own for each endpoint, so that none gets another's connections. */
  openRelay(): Promise<{ readonly port: number; readonly reversePort: number }>;
  report(result: Result): void;
}

type AnyWebSocket = WebSocketLike | WebSocketStreamLike;

declare global {
  var outside: Outside;
  var runContract: (transport: Transport) => Promise<void>;
  var WebSocketStream: new (url: string) => WebSocketStreamLike;
}

globalThis.runContract = (transport) => {
  adapterContract(runtimes[transport]);
  return runCollected(outside.report, (title) => reasonToSkip(title, transport));
};

const runtimes: Readonly<Record<Transport, AdapterRuntime>> = {
  memory: memoryRuntime,
  WebSocket: relayRuntime("WebSocket", (url) => new WebSocket(url)),
  WebSocketStream: relayRuntime("WebSocketStream", (url) => new WebSocketStream(url)),
};

const rendererCrashes = "the renderer of Chromium 156 crashes when the other side ends it while a write waits";

/** What a transport can't do, whoever is at its ends. */
function reasonToSkip(title: string, transport: Transport): string | undefined {
  if (transport === "memory") return undefined;
  const reasons = {
    "serves 1,000 connections at once": "Chromium opens 255 WebSockets at most",
    "gets its alert to a peer that goes on sending":
      "a WebSocket can't be half closed: the peer closes it after sending, and a relay passes that on before the alert",
    ...transport === "WebSocketStream"
      ? { "broke while nobody read": rendererCrashes, "at whatever step of the": rendererCrashes }
      : {},
    ...transport === "WebSocket" ? { "lets a write wait while": "a WebSocket of the Web can't be told to wait" } : {},
  };
  return Object.entries(reasons).find(([part]) => title.includes(part))?.[1];
}

/** Both ends are in this page. */
function relayRuntime(name: string, open: (url: string) => AnyWebSocket): AdapterRuntime {
  const opened = new Set<AnyWebSocket>();
  const remembered = (url: string): AnyWebSocket => {
    const socket = open(url);
    opened.add(socket);
    void endOf(socket).then(() => opened.delete(socket));
    return socket;
  };
  const listening = new Map<
    unknown,
    { readonly reversePort: number; readonly accept: (socket: AnyWebSocket) => void }
  >();
  const listen = async (accept: (socket: AnyWebSocket) => void): Promise<Endpoint> => {
    const { port, reversePort } = await outside.openRelay();
    const address = `ws://127.0.0.1:${port}/`;
    listening.set(address, { reversePort, accept });
    return { address, close: () => Promise.resolve() };
  };
  const dial = ({ address }: Endpoint): AnyWebSocket => {
    const { reversePort = 0, accept = () => {} } = listening.get(address) ?? {};
    const waiting = remembered(`${address}reverse`);
    const dialled = remembered(`${address}127.0.0.1:${reversePort}`);
    // Whoever waits at the reverse side may speak only when it has been joined, and isn't told when that is.
    startOf(dialled).then(() => accept(waiting), () => endNow(waiting));
    return dialled;
  };
  return {
    name: `tlschart/websocket, ${name} in Chromium, through the relay and back`,
    serve: (options, accept) => listen((socket) => accept(acceptTls(socket, options))),
    serveRaw: (accept) => listen((socket) => accept(rawPeer(socket))),
    connect: (endpoint, options) => {
      prepareClient(options); // throws before there is a WebSocket
      return connectTls(dial(endpoint), options);
    },
    connectRaw: async (endpoint) => {
      const peer = rawPeer(dial(endpoint));
      await peer.opened;
      return peer;
    },
    watch: () => {
      opened.clear();
      return watchResources(() => [...opened].map(() => `an open ${name}`));
    },
  };
}

/** A page can't cut a WebSocket off; an unknown code is the nearest that there is. */
function rawPeer(socket: AnyWebSocket): RawPeer {
  const transport = webSocketTransport(socket);
  const { readable, writable, opened } = transport;
  return {
    readable,
    writable,
    opened,
    close: (reason) => transport.close?.(reason),
    reset: () => endNow(socket, 4999),
  };
}

function isStream(socket: AnyWebSocket): socket is WebSocketStreamLike {
  return "opened" in socket;
}

async function startOf(socket: AnyWebSocket): Promise<void> {
  if (isStream(socket)) return void await socket.opened;
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
}

async function endOf(socket: AnyWebSocket): Promise<void> {
  if (isStream(socket)) return void await socket.closed.catch(() => {});
  await new Promise((resolve) => socket.addEventListener("close", resolve));
}

function endNow(socket: AnyWebSocket, closeCode?: number): void {
  if (isStream(socket)) return socket.close(closeCode === undefined ? {} : { closeCode });
  if (socket.readyState < 2) socket.close(closeCode);
}
