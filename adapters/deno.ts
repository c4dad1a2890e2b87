/**
 * TLS over Deno's TCP connections, in the shapes of Deno's own `connectTls`, `startTls` and `listenTls`.
 * Adds what the core leaves out: connections, the clock, randomness, and whom to trust by default. Needs the permission
 * to use the network, and no other.
 * @module
 */

import { TlsUsageError } from "../mod.ts";
import { tlsConn } from "./deno_conn.ts";
import { tlsListener } from "./deno_listener.ts";
import { completeServer, type DenoClientOptions, type DenoServerOptions, prepareDenoClient } from "./deno_options.ts";
import { tcpTransport } from "./deno_tcp.ts";
import {
  denoRuntime,
  type TcpConn,
  type TcpPlace,
  type TcpTarget,
  type TlsConn,
  type TlsListener,
} from "./deno_types.ts";
import { prepareServer } from "./endpoints.ts";

export type { TicketOptions } from "./endpoints.ts";
export type { DenoClientOptions, DenoServerOptions } from "./deno_options.ts";
export type {
  Conn,
  Listener,
  NetAddr,
  TcpConn,
  TcpPlace,
  TcpTarget,
  TlsConn,
  TlsHandshakeInfo,
  TlsListener,
} from "./deno_types.ts";
export {
  type Answer,
  type AsyncSessionCache,
  type ChannelBindingType,
  type StoredSession,
  TimeoutError,
  type TlsStreamInfo,
  type TlsStreamOptions,
  TransportError,
} from "./tls_stream.ts";

/** Deno's own options and those of every adapter. `signal` and `handshakeTimeout` hold for connecting, too. */
export type ConnectTlsOptions = DenoClientOptions & TcpTarget;

/** Deno's own options and those of every adapter. */
export type StartTlsOptions = DenoClientOptions;

/** What a server needs on a connection that it has accepted. */
export type AcceptTlsOptions = DenoServerOptions;

/** Deno's own options and those of every adapter, which hold for each connection. */
export type ListenTlsOptions = DenoServerOptions & TcpPlace & { readonly transport?: "tcp" | undefined };

/**
 * Connects to a TLS server, as `Deno.connectTls` does: resolves as soon as the TCP connection is there, and the handshake
 * goes on. Rejects with TlsUsageError for options that can't work, before anything is sent; with Deno's own error when
 * there is no connection to be had.
 *
 * @example
 * using conn = await connectTls({ hostname: "example.com", port: 443, caCerts: [pem] });
 * await conn.write(new TextEncoder().encode("GET / HTTP/1.0\r\nHost: example.com\r\n\r\n"));
 * for await (const bytes of conn.readable) await Deno.stdout.write(bytes);
 */
export async function connectTls(options: ConnectTlsOptions): Promise<TlsConn> {
  const { port, autoSelectFamily, autoSelectFamilyAttemptDelay, ...others } = { ...options };
  const { hostname = "127.0.0.1" } = others;
  const start = prepareDenoClient(others, port);
  const giveUp = new AbortController();
  const target = { hostname, port, autoSelectFamily, autoSelectFamilyAttemptDelay, signal: giveUp.signal };
  const connecting = denoRuntime().connect(target).then(withoutDelay);
  const stream = start(tcpTransport(connecting, (reason) => giveUp.abort(reason)));
  return tlsConn(stream, await connecting);
}

/**
 * Begins TLS as a client on a connection, as `Deno.startTls` does: after the plaintext part of SMTP, PostgreSQL and the
 * like. The connection belongs to what is returned from now on: nothing else may use or close it. Rejects with
 * TlsUsageError for options that can't work.
 *
 * @example
 * const tcp = await Deno.connect({ hostname: "mail.example.com", port: 587 });
 * await askForTls(tcp); // in plaintext; no read may be under way when it is over
 * const conn = await startTls(tcp, { hostname: "mail.example.com", caCerts: [pem] });
 */
export function startTls(conn: TcpConn, options: StartTlsOptions = {}): Promise<TlsConn> {
  return new Promise((resolve) => {
    const start = prepareDenoClient(options);
    resolve(tlsConn(start(tcpTransport(consumed(conn))), conn));
  });
}

/**
 * Begins TLS as a server on a connection that was accepted, which Deno itself can't; otherwise like `startTls`.
 * Throws TlsUsageError for options that can't work.
 *
 * @example
 * for await (const tcp of Deno.listen({ port: 5432 })) {
 *   await promiseTls(tcp); // in plaintext; no read may be under way when it is over
 *   talk(acceptTls(tcp, { cert, key }));
 * }
 */
export function acceptTls(conn: TcpConn, options: AcceptTlsOptions): TlsConn {
  const start = prepareServer(completeServer(options));
  return tlsConn(start(tcpTransport(consumed(conn))), conn);
}

/**
 * Listens for TLS clients, as `Deno.listenTls` does. A client that is slow, or fails, neither keeps the others waiting nor
 * ends the listener. Throws TlsUsageError for options that can't work, and Deno's own error when it can't listen.
 *
 * @example
 * for await (const conn of listenTls({ port: 8443, cert, key })) {
 *   conn.readable.pipeTo(conn.writable).catch((error) => console.error(error.message)); // an echo
 * }
 */
export function listenTls(options: ListenTlsOptions): TlsListener {
  const { port, hostname, tcpBacklog, transport = "tcp", ...others } = options;
  if (transport !== "tcp") throw new TlsUsageError(`Cannot listen: transport is "tcp", not ${String(transport)}`);
  const server = completeServer(others);
  prepareServer(server, ["hostname", "port", "cert", "key"]); // what can't work is to be known now, not at the first client
  const secure = (conn: TcpConn): TlsConn =>
    tlsConn(prepareServer(server)(tcpTransport(Promise.resolve(withoutDelay(conn)))), conn);
  return tlsListener(denoRuntime().listen({ port, hostname, tcpBacklog }), secure);
}

/** A record is to go out when it is written, without waiting for more of them. */
function withoutDelay(conn: TcpConn): TcpConn {
  try {
    conn.setNoDelay(true);
  } catch {
    // The peer may be gone already, which reading tells.
  }
  return conn;
}

const inUse = new WeakSet<TcpConn>();

function consumed(conn: TcpConn): Promise<TcpConn> {
  if (typeof conn?.read !== "function") throw new TlsUsageError("Cannot start TLS: a Deno.TcpConn is needed");
  if (inUse.has(conn)) throw new TlsUsageError("Cannot start TLS: it was started on this connection before");
  inUse.add(conn);
  return Promise.resolve(conn);
}
