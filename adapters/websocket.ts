/**
 * TLS over a WebSocket, for clients and servers: in browsers, Deno, Bun, Node and Workers. TLS is end to end; whoever
 * carries the WebSocket on sees ciphertext. Runs wherever there are web streams.
 * @module
 */

import { TlsUsageError } from "../mod.ts";
import { type ClientOptions, prepareClient, prepareServer, type ServerOptions } from "./endpoints.ts";
import { checkClientNames } from "./option_names.ts";
import type { ByteTransport, TlsStream } from "./tls_stream.ts";
import type { WebSocketLike, WebSocketStreamLike } from "./websocket_like.ts";
import { streamTransport } from "./websocket_stream.ts";
import { checkedMaxBufferedBytes, socketTransport, type WebSocketTransportOptions } from "./websocket_transport.ts";

export type { ClientOptions, ServerOptions, TicketOptions } from "./endpoints.ts";
export {
  type Answer,
  type AsyncSessionCache,
  type ByteTransport,
  type ChannelBindingType,
  type StoredSession,
  TimeoutError,
  type TlsStream,
  type TlsStreamInfo,
  type TlsStreamOptions,
  TransportError,
  type TransportInfo,
} from "./tls_stream.ts";
export {
  WebSocketCloseError,
  type WebSocketEventName,
  type WebSocketLike,
  type WebSocketStreamLike,
} from "./websocket_like.ts";
export type { WebSocketTransportOptions } from "./websocket_transport.ts";

/** How to be a client over a WebSocket. The URL's host is the relay's: `serverName` and `trustAnchors` have no default. */
export interface ConnectTlsOptions extends ClientOptions, WebSocketTransportOptions {
  /** The subprotocols to offer, for a URL. */
  readonly protocols?: string | readonly string[] | undefined;
  /**
   * Whether to use a WebSocketStream for a URL, which makes the other side wait instead of failing beyond
   * `maxBufferedBytes`. Default: false, as only Chromium has one (and Deno, behind a flag), and Chromium's is young.
   */
  readonly webSocketStream?: boolean | undefined;
}

/** How to be a server over a WebSocket. */
export interface AcceptTlsOptions extends ServerOptions, WebSocketTransportOptions {}

/**
 * Speaks TLS as a client over a WebSocket: to this URL, or one that exists and is connecting or open. It belongs to the
 * stream from now on; returns at once. Throws TlsUsageError for options that can't work, before there is a WebSocket.
 *
 * @example
 * const { readable, writable } = connectTls("ws://localhost:9000/example.com:443", {
 *   serverName: "example.com",
 *   trustAnchors,
 * });
 *
 * @example
 * import { WebSocket } from "ws"; // Node 20 has none of its own
 * const { readable, writable } = connectTls(new WebSocket("ws://localhost:9000/example.com:443"), options);
 */
export function connectTls(
  urlOrSocket: string | URL | WebSocketLike | WebSocketStreamLike,
  options: ConnectTlsOptions,
): TlsStream {
  const { maxBufferedBytes, protocols, webSocketStream, ...others } = { ...options };
  checkClientNames(others, ["maxBufferedBytes", "protocols", "webSocketStream"]);
  checkClient(others);
  const start = prepareClient(others);
  checkedMaxBufferedBytes({ maxBufferedBytes });
  if (typeof urlOrSocket !== "string" && !(urlOrSocket instanceof URL)) {
    if (protocols === undefined) return start(webSocketTransport(urlOrSocket, { maxBufferedBytes }));
    throw new TlsUsageError("Cannot use protocols: the WebSocket exists already");
  }
  const socket = openSocket(checkedUrl(urlOrSocket), protocols, webSocketStream);
  return start(webSocketTransport(socket, { maxBufferedBytes }));
}

/**
 * Speaks TLS as a server over a WebSocket, which belongs to the stream from now on; returns at once.
 * Throws TlsUsageError for options that can't work.
 *
 * @example
 * const options = { credentials: [{ certificateChain, privateKey }], halfClose: true };
 * new WebSocketServer({ port: 9000 }).on("connection", (socket) => {
 *   const { readable, writable } = acceptTls(socket, options);
 *   readable.pipeTo(writable).catch((error) => console.error(error.message)); // an echo
 * });
 */
export function acceptTls(socket: WebSocketLike | WebSocketStreamLike, options: AcceptTlsOptions): TlsStream {
  const { maxBufferedBytes, ...others } = { ...options };
  return prepareServer(others, ["maxBufferedBytes"])(webSocketTransport(socket, { maxBufferedBytes }));
}

/**
 * A WebSocket as a pair of byte streams, without TLS: one to wrap, or to speak something else over. It belongs to the
 * transport from now on. Throws TlsUsageError for what is no WebSocket, and for options that can't work.
 *
 * @example
 * const smtp = wrapClient(webSocketTransport(socket), { serverName, trustAnchors, secureTransport: "starttls" });
 */
export function webSocketTransport(
  socket: WebSocketLike | WebSocketStreamLike,
  options: WebSocketTransportOptions = {},
): ByteTransport {
  if (isStream(socket)) return streamTransport(socket);
  if (isSocket(socket)) return socketTransport(socket, options);
  throw new TlsUsageError("Cannot use the WebSocket: it is none; give a URL, a WebSocket or a WebSocketStream");
}

/** The connection checks the rest, and says what any connection needs; here nothing can stand in for these two. */
function checkClient({ serverName, trustAnchors, certificateVerifier }: ClientOptions): void {
  if (certificateVerifier !== undefined) return;
  if (trustAnchors === undefined) {
    throw new TlsUsageError(
      "Cannot connect: trustAnchors is needed, the CA certificates to trust (PEM or DER), or rootTrustAnchors() of tlschart/roots; a browser's own can't be read",
    );
  }
  if (serverName === undefined) {
    throw new TlsUsageError(
      "Cannot connect: serverName is needed, the name that the server's certificate must bear; the URL only leads to the relay",
    );
  }
}

function checkedUrl(url: string | URL): string {
  if (!URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol)) {
    throw new TlsUsageError(`Cannot connect to "${url}": a URL that begins with ws:// or wss:// is needed`);
  }
  return String(url);
}

interface Constructors {
  readonly WebSocket?: new (url: string, protocols?: string | string[]) => WebSocketLike;
  readonly WebSocketStream?: new (url: string, options: { protocols?: string[] }) => WebSocketStreamLike;
}

function openSocket(
  url: string,
  protocols: string | readonly string[] = [],
  webSocketStream = false,
): WebSocketLike | WebSocketStreamLike {
  const { WebSocket, WebSocketStream }: Constructors = globalThis;
  const list = [protocols].flat();
  try {
    if (webSocketStream) {
      if (WebSocketStream === undefined) throw new Error("there is no WebSocketStream here; leave out webSocketStream");
      return new WebSocketStream(url, list.length === 0 ? {} : { protocols: list });
    }
    if (WebSocket !== undefined) return new WebSocket(url, list);
    throw new Error("there is no WebSocket here; instead of the URL give new WebSocket(url) of the package ws, say");
  } catch (cause) {
    throw new TlsUsageError(`Cannot connect to ${url}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

function isStream(socket: WebSocketLike | WebSocketStreamLike): socket is WebSocketStreamLike {
  return typeof socket === "object" && socket !== null && "opened" in socket && "closed" in socket;
}

function isSocket(socket: unknown): socket is WebSocketLike {
  return typeof socket === "object" && socket !== null && "readyState" in socket && "send" in socket &&
    "addEventListener" in socket;
}
