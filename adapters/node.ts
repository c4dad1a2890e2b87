/**
 * TLS over Node's sockets, for clients and servers. Runs on every runtime that has node:net: Node, Deno, Bun.
 * Adds what the core leaves out: sockets, the clock, randomness, and whom to trust by default.
 * @module
 */

import { connect, type Socket } from "node:net";
import { TlsUsageError } from "../mod.ts";
import { type ClientOptions, keyOfPort, prepareClient, prepareServer, type ServerOptions } from "./endpoints.ts";
import { defaultTrustAnchors } from "./node_roots.ts";
import { socketTransport } from "./node_socket.ts";
import { checkClientNames, checkTarget } from "./option_names.ts";
import type { TlsStream } from "./tls_stream.ts";

export type { ClientOptions, ServerOptions, TicketOptions } from "./endpoints.ts";
export { defaultTrustAnchors } from "./node_roots.ts";
export {
  type Answer,
  type AsyncSessionCache,
  type ChannelBindingType,
  type StoredSession,
  TimeoutError,
  type TlsStream,
  type TlsStreamInfo,
  type TlsStreamOptions,
  TransportError,
  type TransportInfo,
} from "./tls_stream.ts";

/** `serverName` defaults to `host`, `trustAnchors` to Node's own roots. */
export type ConnectTlsOptions =
  & ClientOptions
  & (
    | { readonly host: string; readonly port: number; readonly socket?: undefined }
    /** Connected, or connecting. It belongs to the stream from now on. */
    | { readonly socket: Socket; readonly host?: string | undefined; readonly port?: undefined }
  );

/** What is in `credentials` is read and checked once for each object in it, not for each connection. */
export type AcceptTlsOptions = ServerOptions;

/**
 * Connects to a TLS server; returns at once. Throws TlsUsageError for options that can't work, before any byte is sent.
 *
 * @example
 * const { readable, writable } = connectTls({ host: "example.com", port: 443 });
 * await writable.getWriter().write(new TextEncoder().encode("GET / HTTP/1.0\r\nHost: example.com\r\n\r\n"));
 * for await (const bytes of readable) process.stdout.write(bytes);
 */
export function connectTls(options: ConnectTlsOptions): TlsStream {
  const { host, port, socket, ...others } = { ...options };
  checkClientNames(others, ownNames);
  if (socket === undefined) checkTarget("host", host, port);
  const { serverName = host, certificateVerifier } = others;
  const trustAnchors = others.trustAnchors ?? (certificateVerifier === undefined ? defaultTrustAnchors() : undefined);
  const sessionKey = others.sessionKey ?? keyOfPort(serverName, port);
  const start = prepareClient({ ...others, serverName, trustAnchors, sessionKey });
  if (socket !== undefined) return start(socketTransport(socket, host ?? "the peer"));
  const peer = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return start(socketTransport(connect({ host, port, noDelay: true }), peer));
}

/**
 * Speaks TLS as a server over an accepted socket, which belongs to the stream from now on; returns at once.
 * Throws TlsUsageError for options that can't work.
 *
 * @example
 * const options = { credentials: [{ certificateChain, privateKey }], halfClose: true };
 * createServer((socket) => {
 *   const { readable, writable } = acceptTls(socket, options);
 *   readable.pipeTo(writable).catch((error) => console.error(error.message)); // an echo
 * }).listen(8443);
 */
export function acceptTls(socket: Socket, options: AcceptTlsOptions): TlsStream {
  const start = prepareServer({ ...options });
  if (typeof socket?.pause !== "function") throw new TlsUsageError("Cannot accept: the first argument is a net.Socket");
  return start(socketTransport(socket, socket.remoteAddress ?? "the peer"));
}

const ownNames = ["host", "port", "socket"];
