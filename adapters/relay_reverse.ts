/**
 * The reverse way: WebSockets that wait at `/reverse`, and TCP connections that want one. First come, first served.
 * Whoever goes away is dropped. Of what a TCP connection says meanwhile no more than a little is read.
 * @module
 */

import type { Socket } from "node:net";
import type { WebSocket } from "ws";

/** How long, and how many. */
export interface ReverseLimits {
  /** How long a TCP connection waits for a WebSocket, in ms … */
  readonly waitTimeout: number;
  /** … and how many may. */
  readonly maxWaiting: number;
  /** How often, in ms, a waiting WebSocket is asked whether it is still there. */
  readonly pingInterval: number;
}

/** Called when two have found each other. Neither has a listener of the queue any more. */
export type Join = (web: WebSocket, tcp: Socket) => void;

/** How much of what a waiting TCP connection says is read; a ClientHello fits. In bytes. */
const maxHeard = 2 ** 14;

export class ReverseQueue {
  readonly #limits: ReverseLimits;
  readonly #join: Join;
  readonly #webs: Waiting<WebSocket>[] = [];
  readonly #tcps: Waiting<Socket>[] = [];

  constructor(limits: ReverseLimits, join: Join) {
    this.#limits = limits;
    this.#join = join;
  }

  /** `gone` is called with the reason if it ends before it was joined. */
  addWeb(web: WebSocket, gone: (how: string) => void): void {
    let isThere = true;
    const ping = setInterval(() => {
      if (!isThere) return web.terminate();
      isThere = false;
      web.ping();
    }, this.#limits.pingInterval);
    const pong = (): void => void (isThere = true);
    const error = (): void => {};
    const close = (code: number): void => leave(`the WebSocket went away while it waited (${code})`);
    const message = (): void => {
      remove(this.#webs, waiting); // It may take its time to go, and nobody is to be joined to it.
      web.off("message", message).close(1008, "wait until somebody has connected");
    };
    const stop = (): void => {
      clearInterval(ping);
      web.off("pong", pong).off("error", error).off("close", close).off("message", message);
    };
    const leave = (how: string): void => {
      stop();
      remove(this.#webs, waiting);
      gone(how);
    };
    web.on("pong", pong).on("error", error).on("close", close).on("message", message);
    const waiting = { one: web, stop, refuse: () => web.close(1001, "the relay was stopped") };
    this.#webs.push(waiting);
    this.#match();
  }

  /** `gone` likewise. */
  addTcp(tcp: Socket, gone: (how: string) => void): void {
    const { waitTimeout, maxWaiting } = this.#limits;
    const ends = (how: string) => (): void => {
      stop();
      remove(this.#tcps, waiting);
      tcp.on("error", () => {}).destroy();
      gone(how);
    };
    const close = ends("the connection went away while it waited");
    const timer = setTimeout(ends(`nobody was waiting at /reverse within ${waitTimeout / 1000} s`), waitTimeout);
    // Node tells of an end only when all before it was read: so it is, and is given back to who takes the connection.
    const heard: Uint8Array[] = [];
    let length = 0;
    const data = (bytes: Uint8Array): void => {
      heard.push(bytes);
      length += bytes.length;
      if (length > maxHeard) tcp.pause();
    };
    const stop = (): void => {
      clearTimeout(timer);
      for (const name of ["end", "error", "close"] as const) tcp.off(name, close);
      tcp.off("data", data).pause();
      if (length > 0 && !tcp.readableEnded) tcp.unshift(Buffer.concat(heard));
    };
    const waiting = { one: tcp, stop, refuse: ends("the relay was stopped") };
    for (const name of ["end", "error", "close"] as const) tcp.on(name, close);
    tcp.on("data", data);
    this.#tcps.push(waiting);
    this.#match();
    if (this.#tcps.length > maxWaiting) ends(`more than ${maxWaiting} connections are waiting`)();
  }

  /** Sends all of them away. */
  close(): void {
    for (const { refuse } of [...this.#webs, ...this.#tcps]) refuse();
  }

  #match(): void {
    const [web] = this.#webs;
    const [tcp] = this.#tcps;
    if (web === undefined || tcp === undefined) return;
    this.#webs.shift();
    this.#tcps.shift();
    web.stop();
    tcp.stop();
    this.#join(web.one, tcp.one);
  }
}

interface Waiting<One> {
  readonly one: One;
  /** Listens no more. */
  readonly stop: () => void;
  readonly refuse: () => void;
}

function remove<Item>(list: Item[], item: Item): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
