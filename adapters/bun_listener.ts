/**
 * A TLS server over Bun.listen: each connection becomes a stream, and belongs to its handler.
 * @module
 */

import { TlsError, TlsUsageError } from "../mod.ts";
import { BunTransport, socketHandlers } from "./bun_socket.ts";
import { bun, type BunSocket } from "./bun_types.ts";
import { prepareServer, type ServerOptions } from "./endpoints.ts";
import type { TlsStream } from "./tls_stream.ts";

/** How to listen, and how to be a server. `signal` ends connections, not the listening. */
export type ListenTlsOptions = ServerOptions & {
  readonly hostname: string;
  /** 0 takes one that is free. */
  readonly port: number;
  /** Gets what a handler throws, unless it is a TlsError, of this connection or another. Default: `console.error`. */
  readonly onError?: ((error: unknown, stream: TlsStream) => void) | undefined;
};

/** What listens. */
export interface TlsListener {
  readonly hostname: string;
  readonly port: number;
  /** Accepts no more; the connections that there are go on. May be called again. */
  stop(): void;
}

/** Serves one connection. When it throws or rejects, the connection ends with that error, and the others go on. */
export type ConnectionHandler = (stream: TlsStream) => unknown;

/**
 * Listens for TLS connections; throws what Bun does when it can't, and TlsUsageError for options that can't work.
 *
 * @example
 * const options = { hostname: "0.0.0.0", port: 8443, credentials: [{ certificateChain, privateKey }], halfClose: true };
 * const listener = listenTls(options, ({ readable, writable }) => readable.pipeTo(writable)); // an echo
 */
export function listenTls(options: ListenTlsOptions, onConnection: ConnectionHandler): TlsListener {
  const { hostname, port, onError = console.error, ...others } = options;
  prepareServer(others, ["hostname", "port", "onError"]);
  if (typeof onConnection !== "function") {
    throw new TlsUsageError("Cannot listen: the second argument is a function that serves a connection");
  }
  const open = (socket: BunSocket<BunTransport>): void => {
    const transport = new BunTransport(socket.remoteAddress);
    socket.data = transport;
    transport.open(socket);
    const broken = new AbortController();
    const signal = others.signal === undefined ? broken.signal : AbortSignal.any([others.signal, broken.signal]);
    const stream = prepareServer({ ...others, signal })(transport);
    handled(onConnection, stream).catch((error) => {
      broken.abort(error);
      if (!(error instanceof TlsError)) onError(error, stream);
    }).catch((error) => console.error(error));
  };
  const listener = bun().listen({ hostname, port, allowHalfOpen: true, socket: { ...socketHandlers, open } });
  return { hostname: listener.hostname, port: listener.port, stop: () => listener.stop() };
}

async function handled(onConnection: ConnectionHandler, stream: TlsStream): Promise<void> {
  await onConnection(stream);
}
