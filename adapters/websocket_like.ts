/**
 * What a WebSocket is to this adapter: the shape that those of browsers, Deno, Bun, Node, Workers and the package ws
 * share, and that of a WebSocketStream. Types, and the error of a close that isn't a good one. Runtime-neutral.
 * @module
 */

/** A WebSocket of a browser, Deno, Bun, Node or Workers, or one of the package ws, on either side. */
export interface WebSocketLike {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Workers have none. */
  readonly bufferedAmount?: number;
  readonly url?: string | null;
  binaryType?: string;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: WebSocketEventName, listener: (event: WebSocketEvent) => void): void;
  removeEventListener(type: WebSocketEventName, listener: (event: WebSocketEvent) => void): void;
  /** Lets go at once: ws and Bun have it. */
  terminate?(): void;
  /** Stops and goes on reading: ws has them. */
  pause?(): void;
  resume?(): void;
}

/** The events of a WebSocket. */
export type WebSocketEventName = "open" | "message" | "error" | "close";

/** What is read of an event; each kind has some of it. */
export interface WebSocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: unknown;
}

/** A WebSocketStream: of Chromium, and of Deno behind a flag. */
export interface WebSocketStreamLike {
  readonly url?: string;
  readonly opened: Promise<{ readonly readable: ReadableStream; readonly writable: WritableStream }>;
  readonly closed: Promise<{ readonly closeCode?: number | undefined; readonly reason?: string | undefined }>;
  close(info?: { readonly closeCode?: number; readonly reason?: string }): void;
}

/** The WebSocket ended with something else than 1000, or without a word (1006). */
export class WebSocketCloseError extends Error {
  /** RFC 6455 §7.4. */
  readonly closeCode: number;
  /** What the other side gave as its reason; empty when it gave none. */
  readonly reason: string;

  constructor(closeCode: number, reason: string) {
    super(closeText(closeCode, reason));
    this.name = "WebSocketCloseError";
    this.closeCode = closeCode;
    this.reason = reason;
  }
}

/** 1005 is a close that names no code. */
export function isGoodEnd(closeCode: number): boolean {
  return closeCode === 1000 || closeCode === 1005;
}

/** Where a WebSocket leads to, for error messages: without what may be secret, in a query. */
export function nameOf({ url }: { readonly url?: string | null }): string {
  if (typeof url !== "string" || !URL.canParse(url)) return "the WebSocket's peer";
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function closeText(code: number, reason: string): string {
  // Deno says 0 where others say 1006.
  if (code === 1006 || code === 0) return "the WebSocket broke, without a closing handshake (1006)";
  return reason === ""
    ? `the WebSocket was closed with code ${code}`
    : `${reason} (the WebSocket's close code ${code})`;
}
