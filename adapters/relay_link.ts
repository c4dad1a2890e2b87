/**
 * A WebSocket and a TCP socket, joined: what comes from one goes to the other. Each side waits for the other, so little
 * is kept here. Bytes are counted and never looked at.
 * @module
 */

import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { type Deferred, deferred } from "./deferred.ts";

/** What one link may take. */
export interface LinkLimits {
  /** Of both directions together. */
  readonly maxBytes: number;
  /** How long nothing may come or go, in ms. */
  readonly idleTimeout: number;
  /** How long connecting by TCP may take, in ms. */
  readonly connectTimeout: number;
}

/** How a link has ended. */
export interface LinkEnd {
  readonly fromWebSocket: number;
  readonly fromTcp: number;
  /** In words. */
  readonly how: string;
}

/** A side that is sent more than this, in bytes, before it has taken it makes the other side wait. */
export const maxUnsentBytes: number = 2 ** 20;
/** How long, in ms, a TCP socket may go on after its WebSocket, to take what is left, before it is let go. */
const lingerTimeout = 30_000;
/** RFC 6455 §5.5: what fits into a close frame beside the code. */
const maxReasonBytes = 123;

/** Close codes of RFC 6455 §7.4.1 that the relay says. */
const goingAway = 1001;
const binaryOnly = 1003;
const policyViolation = 1008;
const targetFailed = 1011;

export class Link {
  readonly #web: WebSocket;
  readonly #tcp: Socket;
  readonly #peer: string;
  readonly #limits: LinkLimits;
  readonly #ended: Deferred<LinkEnd> = deferred<LinkEnd>();
  readonly #idleTimer: ReturnType<typeof setTimeout>;
  #lingerTimer: ReturnType<typeof setTimeout> | undefined;
  #connectTimer: ReturnType<typeof setTimeout> | undefined;
  #fromWebSocket = 0;
  #fromTcp = 0;
  #unsent = 0;
  #isConnected: boolean;
  #tcpHasEnded = false;
  #open = 2;
  #how: string | undefined;

  /** `tcp` is connected or connecting to `peer`. */
  constructor(web: WebSocket, tcp: Socket, peer: string, limits: LinkLimits) {
    this.#web = web;
    this.#tcp = tcp;
    this.#peer = peer;
    this.#limits = limits;
    this.#isConnected = !tcp.connecting;
    const { idleTimeout, connectTimeout } = limits;
    this.#idleTimer = setTimeout(() => this.#stop(policyViolation, `idle for ${idleTimeout / 1000} s`), idleTimeout);
    if (tcp.connecting) {
      const timedOut = (): void => void tcp.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" }));
      this.#connectTimer = setTimeout(timedOut, connectTimeout);
    }
    this.#listenToTcp();
    this.#listenToWeb();
  }

  /** Resolves when both sides have been let go. */
  get ended(): Promise<LinkEnd> {
    return this.#ended.promise;
  }

  /** Whether its WebSocket isn't closed yet. */
  get hasWeb(): boolean {
    return this.#web.readyState !== this.#web.CLOSED;
  }

  /** Ends both sides, because the relay ends. */
  close(): void {
    this.#stop(goingAway, "the relay was stopped");
  }

  #listenToTcp(): void {
    this.#tcp
      .on("connect", () => {
        this.#isConnected = true;
        clearTimeout(this.#connectTimer);
      })
      .on("data", (bytes) => this.#fromTheTcp(bytes))
      .on("drain", () => {
        this.#touch();
        this.#web.resume();
      })
      .on("end", () => {
        this.#how ??= `${this.#peer} ended`;
        this.#tcpHasEnded = true;
        this.#closeWhenSent();
      })
      .on("error", (error) => this.#tcpFailed(error))
      .on("close", () => this.#oneHasClosed());
    // One that waited for its WebSocket was paused.
    this.#tcp.resume();
  }

  #listenToWeb(): void {
    this.#web
      .on("message", (bytes: Uint8Array, isBinary: boolean) => this.#fromTheWeb(bytes, isBinary))
      // What it is stands in the log; ws itself says the close code.
      .on("error", (error) => this.#how ??= `the WebSocket failed: ${error.message}`)
      .on("close", (code) => this.#webHasClosed(code));
  }

  #fromTheTcp(bytes: Uint8Array): void {
    if (this.#web.readyState !== this.#web.OPEN) return;
    this.#fromTcp += bytes.length;
    if (this.#isTooMuch()) return;
    this.#unsent++;
    this.#web.send(bytes, { binary: true }, () => {
      this.#unsent--;
      this.#touch();
      if (this.#web.bufferedAmount <= maxUnsentBytes) this.#tcp.resume();
      this.#closeWhenSent();
    });
    if (this.#web.bufferedAmount > maxUnsentBytes) this.#tcp.pause();
  }

  #fromTheWeb(bytes: Uint8Array, isBinary: boolean): void {
    if (!this.#tcp.writable || this.#web.readyState !== this.#web.OPEN) return;
    if (!isBinary) return this.#stop(binaryOnly, "a text message came; the tunnel carries binary messages");
    if (bytes.length === 0) return;
    this.#fromWebSocket += bytes.length;
    if (this.#isTooMuch()) return;
    this.#touch();
    if (!this.#tcp.write(bytes)) this.#web.pause();
  }

  /** A timer that was cleared would run again. */
  #touch(): void {
    if (this.#open > 0) this.#idleTimer.refresh();
  }

  #isTooMuch(): boolean {
    if (this.#fromTcp + this.#fromWebSocket <= this.#limits.maxBytes) return false;
    this.#stop(policyViolation, `more than ${this.#limits.maxBytes} bytes`);
    return true;
  }

  /** A WebSocket can't be half closed: with the end of one direction goes the other. */
  #closeWhenSent(): void {
    if (this.#tcpHasEnded && this.#unsent === 0) this.#closeWeb(1000, "");
  }

  #tcpFailed(error: Error): void {
    const reason = reasonOf(error);
    const what = this.#isConnected ? `The connection to ${this.#peer} broke: ` : `Cannot connect to ${this.#peer}: `;
    this.#stop(targetFailed, `${what}${reason}`);
  }

  #stop(code: number, how: string): void {
    this.#how ??= how;
    this.#closeWeb(code, how);
    this.#tcp.destroy();
  }

  /** One that is paused would never hear the other side's answer. */
  #closeWeb(code: number, reason: string): void {
    this.#web.close(code, Buffer.from(reason).subarray(0, maxReasonBytes));
    this.#web.resume();
  }

  #webHasClosed(code: number): void {
    this.#oneHasClosed();
    this.#how ??= code === 1006 ? "the WebSocket broke" : `the WebSocket was closed (${code})`;
    if (code === 1006) return void this.#tcp.resetAndDestroy();
    if (this.#open > 0) this.#lingerTimer = setTimeout(() => this.#tcp.destroy(), lingerTimeout);
    // What it still says has nowhere to go.
    this.#tcp.resume();
    this.#tcp.end();
  }

  #oneHasClosed(): void {
    if (--this.#open > 0) return;
    for (const timer of [this.#idleTimer, this.#lingerTimer, this.#connectTimer]) clearTimeout(timer);
    this.#ended.resolve({ fromWebSocket: this.#fromWebSocket, fromTcp: this.#fromTcp, how: this.#how ?? "" });
  }
}

/** Why there is no connection, or none any more, in words. */
export function reasonOf(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return reasons[code ?? ""] ?? code ?? error.message;
}

const reasons: Readonly<Partial<Record<string, string>>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by the peer",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ENOTFOUND: "unknown host",
  EPIPE: "the peer has closed the connection",
  ETIMEDOUT: "timed out",
};
