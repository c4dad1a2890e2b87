/**
 * The public face with noble as the default provider.
 * @module
 */

import type { ClientConfig, ServerConfig } from "./config.ts";
import type { TlsConnection } from "./connection.ts";
import { createTlsClient as createCoreClient, createTlsServer as createCoreServer } from "./core.ts";
import { nobleProvider } from "./crypto/noble_provider.ts";

/**
 * A TLS 1.2 client, with noble's cryptography unless `provider` says otherwise.
 * Throws TlsUsageError for a configuration that can't work; sends nothing before `start()`.
 *
 * @example
 * const tls = createTlsClient({
 *   serverName: "example.com",
 *   trustAnchors: caPem,
 *   now: Date.now,
 *   random: (length) => crypto.getRandomValues(new Uint8Array(length)),
 * });
 */
export function createTlsClient(config: ClientConfig): TlsConnection {
  return createCoreClient({ ...config, provider: config?.provider ?? nobleProvider });
}

/**
 * A TLS 1.2 server for one connection, with noble's cryptography unless `provider` says otherwise.
 * Throws TlsUsageError for a configuration that can't work.
 *
 * @example
 * const tls = createTlsServer({
 *   credentials: [{ certificateChain: chainPem, privateKey: keyPem }],
 *   now: Date.now,
 *   random: (length) => crypto.getRandomValues(new Uint8Array(length)),
 * });
 */
export function createTlsServer(config: ServerConfig): TlsConnection {
  return createCoreServer({ ...config, provider: config?.provider ?? nobleProvider });
}
