/**
 * The public face with noble as the default provider.
 * @module
 */

import type { ClientConfig, ServerConfig } from "./config.ts";
import type { TlsConnection } from "./tls_connection.ts";
import {
  type ClientHelloFacts,
  createTlsClient as createCoreClient,
  createTlsServer as createCoreServer,
  type FrozenConnection,
  type Hash,
  ja3 as ja3With,
  ja4 as ja4With,
  thawTlsClient as thawCoreClient,
  thawTlsServer as thawCoreServer,
} from "./core.ts";
import { md5, sha256 } from "./crypto/noble_fingerprint_hashes.ts";
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

/**
 * A client that goes on exactly where it was frozen, with noble's cryptography unless `provider` says otherwise.
 * Throws TlsUsageError for whatever isn't a client's frozen connection. A frozen value is to be thawed once.
 *
 * @example
 * const tls = thawTlsClient(JSON.parse(text), { serverName, trustAnchors: caPem, now: Date.now, random });
 * if (tls.request?.type === "verifyCertificate") carryOut(tls.answer(tls.request.id, true));
 */
export function thawTlsClient(frozen: FrozenConnection, config: ClientConfig): TlsConnection {
  return thawCoreClient(frozen, { ...config, provider: config?.provider ?? nobleProvider });
}

/**
 * A server that goes on exactly where it was frozen, with noble's cryptography unless `provider` says otherwise.
 * Throws TlsUsageError for whatever isn't a server's frozen connection. A frozen value is to be thawed once.
 *
 * @example
 * const tls = thawTlsServer(JSON.parse(text), { credentials, now: Date.now, random });
 */
export function thawTlsServer(frozen: FrozenConnection, config: ServerConfig): TlsConnection {
  return thawCoreServer(frozen, { ...config, provider: config?.provider ?? nobleProvider });
}

/** JA3: 32 hexadecimal digits, the same for all ClientHellos of one client program. A name that proves nothing. */
export function ja3(facts: ClientHelloFacts, hash: Hash = md5): string {
  return ja3With(facts, hash);
}

/** JA4: 36 characters, such as `t12d1516h2_8daaf6152771_e5627efa2ab1`. A name that proves nothing. */
export function ja4(facts: ClientHelloFacts, hash: Hash = sha256): string {
  return ja4With(facts, hash);
}
