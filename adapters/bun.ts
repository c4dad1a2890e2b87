/**
 * TLS over Bun's own sockets, for clients and servers: Bun.connect and Bun.listen.
 * Adds what the core leaves out: sockets, the clock, randomness, and whom to trust by default.
 * @module
 */

import { addressText, BunTransport, socketHandlers } from "./bun_socket.ts";
import { bun } from "./bun_types.ts";
import { type ClientOptions, keyOfPort, prepareClient } from "./endpoints.ts";
import { checkClientNames, checkTarget } from "./option_names.ts";
import { defaultTrustAnchors } from "./node_roots.ts";
import type { ByteTransport, TlsStream } from "./tls_stream.ts";

export type { ClientOptions, ServerOptions, TicketOptions } from "./endpoints.ts";
export { defaultTrustAnchors } from "./node_roots.ts";
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
export { type ConnectionHandler, listenTls, type ListenTlsOptions, type TlsListener } from "./bun_listener.ts";

/** Where to connect, and how to be a client: `serverName` defaults to `hostname`, `trustAnchors` to Bun's own roots. */
export type ConnectTlsOptions = ClientOptions & BunAddress;

/** A name or an address, and a number. */
export interface BunAddress {
  readonly hostname: string;
  readonly port: number;
}

/**
 * Connects to a TLS server; returns at once. Throws TlsUsageError for options that can't work, before a socket is made.
 *
 * @example
 * const { readable, writable } = connectTls({ hostname: "example.com", port: 443 });
 * await writable.getWriter().write(new TextEncoder().encode("GET / HTTP/1.0\r\nHost: example.com\r\n\r\n"));
 * for await (const bytes of readable) process.stdout.write(bytes);
 */
export function connectTls(options: ConnectTlsOptions): TlsStream {
  const { hostname, port, ...others } = { ...options };
  checkClientNames(others, ["hostname", "port"]);
  checkTarget("hostname", hostname, port);
  const { serverName = hostname, certificateVerifier } = others;
  const trustAnchors = others.trustAnchors ?? (certificateVerifier === undefined ? defaultTrustAnchors() : undefined);
  const sessionKey = others.sessionKey ?? keyOfPort(serverName, port);
  const start = prepareClient({ ...others, serverName, trustAnchors, sessionKey });
  return start(bunTransport({ hostname, port }));
}

/**
 * Connects without TLS; returns at once. For `wrapClient` of tlschart/streams, where TLS begins later.
 *
 * @example
 * const transport = bunTransport({ hostname: "mail.example.com", port: 587 });
 * const smtp = wrapClient(transport, { serverName: "mail.example.com", trustAnchors, secureTransport: "starttls" });
 */
export function bunTransport({ hostname, port }: BunAddress): ByteTransport {
  checkTarget("hostname", hostname, port);
  const transport = new BunTransport(addressText(hostname, port));
  bun().connect({ hostname, port, allowHalfOpen: true, socket: socketHandlers, data: transport })
    .catch((error) => transport.failed(error));
  return transport;
}
