/**
 * TLS over any pair of web streams, for clients and servers: a Deno.Conn, a Socket of Cloudflare's `connect()`, what
 * `opened` of a WebSocketStream or of a Direct Sockets TCPSocket resolves to, a WebTransport stream, a MessagePort with
 * streams around it. Gives a Socket of WinterTC's Sockets API. Runs on every runtime that has web streams.
 * @module
 */

import { TlsUsageError } from "../mod.ts";
import { type ClientOptions, prepareClient, prepareServer, type ServerOptions, type Start } from "./endpoints.ts";
import { startTlsSocket } from "./start_tls.ts";
import type { ByteTransport, StartTlsSocket, TlsStream } from "./tls_stream.ts";

export type { ClientOptions, ServerOptions, TicketOptions } from "./endpoints.ts";
export {
  type Answer,
  type AsyncSessionCache,
  type ByteTransport,
  type ChannelBindingType,
  type StartTlsSocket,
  type StoredSession,
  TimeoutError,
  type TlsStream,
  type TlsStreamInfo,
  type TlsStreamOptions,
  TransportError,
  type TransportInfo,
} from "./tls_stream.ts";

/** TLS begins when `startTls()` is called; until then the streams are the transport's own. */
export interface StartTlsOptions {
  readonly secureTransport: "starttls";
}

/** TLS begins at once. */
export interface SecureOptions {
  /** Default: "on". */
  readonly secureTransport?: "on" | undefined;
}

/**
 * Speaks TLS as a client over a transport, which belongs to the stream from now on; returns at once.
 * Throws TlsUsageError for options that can't work, before any byte is sent.
 *
 * @example
 * const conn = await Deno.connect({ hostname: "example.com", port: 443 });
 * const { readable, writable, opened } = wrapClient(conn, { serverName: "example.com", trustAnchors });
 *
 * @example
 * const smtp = wrapClient(socket, { serverName, trustAnchors, secureTransport: "starttls" });
 * await askForTls(smtp.readable, smtp.writable); // in plaintext; it releases the locks that it takes
 * const { readable, writable } = smtp.startTls();
 */
export function wrapClient(transport: ByteTransport, options: ClientOptions & StartTlsOptions): StartTlsSocket;
export function wrapClient(transport: ByteTransport, options: ClientOptions & SecureOptions): TlsStream;
export function wrapClient(
  transport: ByteTransport,
  options: ClientOptions & (SecureOptions | StartTlsOptions),
): TlsStream | StartTlsSocket {
  const { secureTransport, ...others } = { ...options };
  return begun(prepareClient(others, ownNames), transport, secureTransport, others.signal);
}

/**
 * Speaks TLS as a server over a transport, which belongs to the stream from now on; returns at once.
 * Throws TlsUsageError for options that can't work, before any byte is sent.
 *
 * @example
 * const options = { credentials: [{ certificateChain, privateKey }], halfClose: true };
 * for await (const conn of Deno.listen({ port: 8443 })) {
 *   const { readable, writable } = wrapServer(conn, options);
 *   readable.pipeTo(writable).catch((error) => console.error(error.message)); // an echo
 * }
 */
export function wrapServer(transport: ByteTransport, options: ServerOptions & StartTlsOptions): StartTlsSocket;
export function wrapServer(transport: ByteTransport, options: ServerOptions & SecureOptions): TlsStream;
export function wrapServer(
  transport: ByteTransport,
  options: ServerOptions & (SecureOptions | StartTlsOptions),
): TlsStream | StartTlsSocket {
  const { secureTransport, ...others } = { ...options };
  return begun(prepareServer(others, ownNames), transport, secureTransport, others.signal);
}

const ownNames = ["secureTransport"];

function begun(
  start: Start,
  transport: ByteTransport,
  secureTransport: "on" | "starttls" = "on",
  signal: AbortSignal | undefined,
): TlsStream | StartTlsSocket {
  checkTransport(transport);
  switch (secureTransport) {
    case "on":
      return start(transport);
    case "starttls":
      return startTlsSocket(start, transport, signal);
    default:
      throw new TlsUsageError(`Cannot wrap: secureTransport is "on" or "starttls", not ${String(secureTransport)}`);
  }
}

function checkTransport(transport: ByteTransport): void {
  const hasStreams = typeof transport?.readable?.getReader === "function" &&
    typeof transport.writable?.getWriter === "function";
  if (!hasStreams) {
    throw new TlsUsageError(
      "Cannot wrap: a transport has a readable and a writable web stream (for a WebSocketStream, TCPSocket or " +
        "TLSSocket of the browser that is what its `opened` resolves to)",
    );
  }
  for (const side of ["readable", "writable"] as const) {
    if (transport[side].locked) throw new TlsUsageError(`Cannot wrap: the transport's ${side} is locked; release it`);
  }
}
