/**
 * A relay from WebSocket to TCP, and, for servers in a page, from TCP to WebSocket: the carrier of TLS for those who have
 * no sockets. It connects to whom its allow-list names, and sees ciphertext only. For Node.
 * @module
 */

import { createServer, type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import { connect, createServer as createTcpServer, type Server as TcpServer, type Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { TlsUsageError } from "../mod.ts";
import { longestTimeout } from "./deferred.ts";
import {
  admit,
  type Refusal,
  refused,
  type RelayRules,
  type RelayTarget,
  rulesOf,
  webSocketNeeded,
} from "./relay_gate.ts";
import { Link, type LinkEnd, type LinkLimits, reasonOf } from "./relay_link.ts";
import { ReverseQueue } from "./relay_reverse.ts";

/** What a relay can be told. One of `allow` and `reverse` is needed. */
export interface RelayOptions {
  /** 0: any free one. */
  readonly port: number;
  /** The address to listen on; default 127.0.0.1. */
  readonly host?: string | undefined;
  /** `HOST:PORT`, each of which a WebSocket at the path `/HOST:PORT` may reach. */
  readonly allow?: readonly string[] | undefined;
  /** The origins whose pages may use it; `*` for all. Default: none. What is no browser isn't asked. */
  readonly origins?: readonly string[] | undefined;
  /** How many WebSockets there may be at a time; default 64. */
  readonly maxConnections?: number | undefined;
  /** How many bytes a connection may carry, both ways together; default: no limit. */
  readonly maxBytes?: number | undefined;
  /** How long nothing may come or go, in ms; default 300 000. */
  readonly idleTimeout?: number | undefined;
  /** How long connecting by TCP may take, in ms; default 10 000. */
  readonly connectTimeout?: number | undefined;
  /** A TCP port whose connections are given to the WebSockets that wait at `/reverse`; 0: any free one. */
  readonly reverse?: number | undefined;
  /** How long a TCP connection waits for such a WebSocket, in ms; default 10 000. */
  readonly reverseTimeout?: number | undefined;
  /** How many TCP connections may wait so; default 16. */
  readonly maxWaiting?: number | undefined;
  readonly onEvent?: ((event: RelayEvent) => void) | undefined;
}

/** One for each connection, when it has ended or was refused, and one for each failure to accept one. */
export type RelayEvent =
  | {
    readonly type: "ended";
    readonly from: string;
    readonly to: string;
    /** Bytes from him who connected, and bytes to him. */
    readonly sent: number;
    readonly received: number;
    readonly how: string;
  }
  | { readonly type: "refused"; readonly from: string; readonly status: number; readonly reason: string }
  | { readonly type: "error"; readonly reason: string };

/** A relay that listens. */
export interface Relay {
  readonly port: number;
  readonly reversePort: number | undefined;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/** The longest message, in bytes. */
const maxPayload = 2 ** 20;
/** TCP connections beyond `maxConnections` that may be busy with asking, or with being refused. */
const maxAsking = 64;
/** How long the head of a request may take, in ms … */
const requestTimeout = 5_000;
/** … and how long it may be, in bytes. */
const maxHeaderSize = 8_192;
/** How long the answer to our close may take, in ms. */
const closeTimeout = 10_000;
/** How often a waiting WebSocket is asked whether it is still there, in ms. */
const pingInterval = 30_000;
/** How long the relay's own end may take, in ms. */
const closingTimeout = 1_000;

/**
 * Begins to listen. Throws TlsUsageError for options that can't work, and the system's error when it can't listen.
 *
 * @example
 * const relay = await startRelay({ port: 9000, allow: ["example.com:443"], origins: ["http://localhost:8080"] });
 * // ws://localhost:9000/example.com:443 is a way to example.com now
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { allow = [], origins = [], port, host = "127.0.0.1", reverse } = options;
  const running = new RunningRelay(rulesOf(allow, origins, reverse !== undefined), options);
  try {
    return await running.listen(host, port, reverse);
  } catch (error) {
    await running.close();
    throw error;
  }
}

class RunningRelay {
  readonly #rules: RelayRules;
  readonly #limits: LinkLimits;
  readonly #maxConnections: number;
  readonly #onEvent: (event: RelayEvent) => void;
  readonly #http: Server;
  readonly #tcp: TcpServer;
  readonly #webSockets: WebSocketServer;
  readonly #queue: ReverseQueue;
  readonly #webs: Set<WebSocket> = new Set();
  readonly #links: Set<Link> = new Set();
  readonly #peers: WeakMap<WebSocket, string> = new WeakMap();

  constructor(rules: RelayRules, options: RelayOptions) {
    const { maxBytes = Infinity, idleTimeout = 300_000, connectTimeout = 10_000, maxConnections = 64 } = options;
    const { reverseTimeout: waitTimeout = 10_000, maxWaiting = 16, onEvent = () => {} } = options;
    for (const [name, value] of Object.entries({ maxBytes, maxConnections, maxWaiting })) checkPositive(name, value);
    for (const [name, value] of Object.entries({ idleTimeout, connectTimeout, reverseTimeout: waitTimeout })) {
      checkPositive(name, value, longestTimeout);
    }
    this.#rules = rules;
    this.#limits = { maxBytes, idleTimeout, connectTimeout };
    this.#maxConnections = maxConnections;
    this.#onEvent = onEvent;
    const serverOptions = { noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload, closeTimeout };
    this.#webSockets = new WebSocketServer(serverOptions);
    const queueLimits = { waitTimeout, maxWaiting, pingInterval };
    this.#queue = new ReverseQueue(queueLimits, (web, tcp) => this.#joinReverse(web, tcp));
    this.#http = this.#httpServer();
    this.#tcp = createTcpServer({ allowHalfOpen: true, noDelay: true }, (tcp) => {
      const from = addressOf(tcp);
      this.#queue.addTcp(tcp, (how) => this.#ended(from, "/reverse", 0, 0, how));
    });
  }

  async listen(host: string, port: number, reverse: number | undefined): Promise<Relay> {
    const realPort = await listening(this.#http, host, port);
    const reversePort = reverse === undefined ? undefined : await listening(this.#tcp, host, reverse);
    for (const server of [this.#http, this.#tcp]) {
      server.on("error", (error: Error) => this.#onEvent({ type: "error", reason: reasonOf(error) }));
    }
    return { port: realPort, reversePort, close: () => this.close() };
  }

  async close(): Promise<void> {
    const closed = [this.#http, this.#tcp].map((server) => new Promise((resolve) => server.close(resolve)));
    this.#queue.close();
    const links = [...this.#links];
    for (const link of links) link.close();
    this.#http.closeAllConnections();
    const timer = setTimeout(() => this.#webs.forEach((web) => web.terminate()), closingTimeout);
    await Promise.all([...closed, ...links.map(({ ended }) => ended)]);
    clearTimeout(timer);
  }

  #httpServer(): Server {
    const timeouts = { headersTimeout: requestTimeout, requestTimeout, connectionsCheckingInterval: 1_000 };
    const server = createServer({ maxHeaderSize, ...timeouts }, (request, response) => {
      const { status, reason } = webSocketNeeded;
      response.writeHead(status, refusalHeaders).end(`${reason}\n`);
      this.#onEvent({ type: "refused", from: addressOf(request.socket), status, reason });
    });
    server.maxConnections = this.#maxConnections + maxAsking;
    server.on(
      "upgrade",
      (request: IncomingMessage, socket: Socket, head: Buffer) => this.#admit(request, socket, head),
    );
    return server;
  }

  #admit(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on("error", () => {});
    const admission = admit(request, this.#rules);
    if (admission.type === "refused") return this.#refuse(socket, admission);
    // A link may outlive its WebSocket: its TCP side is being connected, or has bytes to send.
    const lone = [...this.#links].filter(({ hasWeb }) => !hasWeb).length;
    if (this.#webs.size + lone >= this.#maxConnections) {
      return this.#refuse(socket, refused(503, `there are ${this.#maxConnections} connections already`));
    }
    const from = addressOf(socket);
    this.#webSockets.handleUpgrade(request, socket, head, (web) => {
      this.#webs.add(web);
      web.on("close", () => this.#webs.delete(web));
      if (admission.type === "target") return this.#joinTarget(web, from, admission.target);
      this.#peers.set(web, from);
      this.#queue.addWeb(web, (how) => this.#ended(from, "/reverse", 0, 0, how));
    });
  }

  #refuse(socket: Socket, { status, reason }: Refusal): void {
    const headers = Object.entries(refusalHeaders).map(([name, value]) => `${name}: ${value}\r\n`).join("");
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\n${reason}\n`, () => socket.destroy());
    this.#onEvent({ type: "refused", from: addressOf(socket), status, reason });
  }

  #joinTarget(web: WebSocket, from: string, { host, port, text }: RelayTarget): void {
    const tcp = connect({ host, port, noDelay: true, allowHalfOpen: true });
    this.#link(web, tcp, text, (end) => this.#ended(from, text, end.fromWebSocket, end.fromTcp, end.how));
  }

  #joinReverse(web: WebSocket, tcp: Socket): void {
    const from = addressOf(tcp);
    const to = `/reverse (${this.#peers.get(web)})`;
    this.#link(web, tcp, from, (end) => this.#ended(from, to, end.fromTcp, end.fromWebSocket, end.how));
  }

  #link(web: WebSocket, tcp: Socket, peer: string, ended: (end: LinkEnd) => void): void {
    const link = new Link(web, tcp, peer, this.#limits);
    this.#links.add(link);
    link.ended.then((end) => {
      this.#links.delete(link);
      ended(end);
    });
  }

  #ended(from: string, to: string, sent: number, received: number, how: string): void {
    this.#onEvent({ type: "ended", from, to, sent, received, how });
  }
}

const refusalHeaders = {
  connection: "close",
  upgrade: "websocket",
  "content-type": "text/plain; charset=utf-8",
  "x-content-type-options": "nosniff",
};

function listening(server: Server | TcpServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function addressOf({ remoteAddress = "unknown", remotePort = 0 }: Socket): string {
  return remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

/** What a timer can hold is less than what a count can. */
function checkPositive(name: string, value: number, most = Infinity): void {
  if (typeof value === "number" && value > 0 && value <= most) return;
  throw new TlsUsageError(`Cannot start a relay: ${name} is ${value}; it must be a positive number, ${most} at most`);
}
