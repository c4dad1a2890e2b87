/**
 * TLS over Node's sockets, for clients and servers. Runs on every runtime that has node:net: Node, Deno, Bun.
 * Adds what the core leaves out: sockets, the clock, randomness, and whom to trust by default.
 * @module
 */

import { connect, type Socket } from "node:net";
import {
  type ClientConfig,
  createSigner,
  createTlsClient,
  createTlsServer,
  type Credential,
  type CryptoProvider,
  loadCertificates,
  loadPrivateKey,
  nobleProvider,
  type RandomSource,
  type ServerConfig,
  TlsUsageError,
} from "../mod.ts";
import { type AdapterOptions, takeApart } from "./adapter_options.ts";
import { defaultTrustAnchors } from "./node_roots.ts";
import { socketTransport } from "./node_socket.ts";
import { pump, type TlsStream } from "./pump.ts";

export { defaultTrustAnchors } from "./node_roots.ts";
export {
  TimeoutError,
  type TlsStream,
  type TlsStreamInfo,
  type TlsStreamOptions,
  TransportError,
  type TransportInfo,
} from "./tls_stream.ts";

/** `serverName` defaults to `host`, `trustAnchors` to Node's own roots. */
export type ConnectTlsOptions =
  & AdapterOptions<ClientConfig>
  & (
    | { readonly host: string; readonly port: number; readonly socket?: undefined }
    /** Connected, or connecting. It belongs to the stream from now on. */
    | { readonly socket: Socket; readonly host?: string | undefined; readonly port?: undefined }
  );

/** What is in `credentials` is read and checked once for each object in it, not for each connection. */
export type AcceptTlsOptions = AdapterOptions<ServerConfig>;

/**
 * Connects to a TLS server; returns at once. Throws TlsUsageError for options that can't work, before any byte is sent.
 *
 * @example
 * const { readable, writable } = connectTls({ host: "example.com", port: 443 });
 * await writable.getWriter().write(new TextEncoder().encode("GET / HTTP/1.0\r\nHost: example.com\r\n\r\n"));
 * for await (const bytes of readable) process.stdout.write(bytes);
 */
export function connectTls(options: ConnectTlsOptions): TlsStream {
  const { stream, config: { host, port, socket, ...config } } = takeApart(options);
  const tls = createTlsClient({
    ...config,
    serverName: config.serverName ?? host,
    trustAnchors: config.trustAnchors ?? (config.certificateVerifier === undefined ? defaultTrustAnchors() : undefined),
  });
  if (socket !== undefined) return pump(tls, socketTransport(socket, host ?? "the peer"), stream);
  if (typeof host !== "string" || port === undefined || !(Number.isInteger(port) && port > 0 && port < 2 ** 16)) {
    throw new TlsUsageError(`Cannot connect to host ${host}, port ${port}: a name or address and a number are needed`);
  }
  const peer = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return pump(tls, socketTransport(connect({ host, port, noDelay: true }), peer), stream);
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
  const { stream, config } = takeApart(options);
  const { credentials, random, provider = nobleProvider } = config;
  const tls = createTlsServer({
    ...config,
    credentials: Array.isArray(credentials)
      ? credentials.map((credential: Credential) => prepared(credential, provider, random))
      : credentials,
  });
  return pump(tls, socketTransport(socket, socket.remoteAddress ?? "the peer"), stream);
}

interface Prepared {
  readonly provider: CryptoProvider;
  readonly credential: Credential;
}

const preparedCredentials = new WeakMap<Credential, Prepared>();

/** The same credential with its certificates and its key loaded: that takes longer than the rest of a handshake's set-up. */
function prepared(credential: Credential, provider: CryptoProvider, random: RandomSource): Credential {
  // What is no object is refused by the connection, in its own words.
  if (typeof credential !== "object" || credential === null) return credential;
  const before = preparedCredentials.get(credential);
  if (before?.provider === provider) return before.credential;
  const loaded = loadedCredential(credential, provider, random);
  preparedCredentials.set(credential, { provider, credential: loaded });
  return loaded;
}

function loadedCredential(credential: Credential, provider: CryptoProvider, random: RandomSource): Credential {
  const { certificateChain, privateKey, signer } = credential;
  const chain = [certificateChain].flat().flatMap((source) =>
    typeof source === "string" || source instanceof Uint8Array ? loadCertificates(source) : [source]
  );
  if (privateKey === undefined || signer !== undefined) return { certificateChain: chain, privateKey, signer };
  const key = typeof privateKey === "string" || privateKey instanceof Uint8Array
    ? loadPrivateKey(privateKey)
    : privateKey;
  return { certificateChain: chain, signer: createSigner(key, provider.signatureSchemes, random) };
}
