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
  type TlsConfig,
  TlsUsageError,
} from "../mod.ts";
import { defaultTrustAnchors } from "./node_roots.ts";
import { socketTransport } from "./node_socket.ts";
import { pump, type TlsStream, type TlsStreamOptions } from "./pump.ts";

export { defaultTrustAnchors } from "./node_roots.ts";
export {
  TimeoutError,
  type TlsStream,
  type TlsStreamInfo,
  type TlsStreamOptions,
  TransportError,
  type TransportInfo,
} from "./tls_stream.ts";

/** What the adapter supplies: the clock and randomness may be replaced, outputs are asked for by giving callbacks. */
interface Supplied extends Partial<Pick<TlsConfig, "now" | "random">> {}

/** `serverName` defaults to `host`, `trustAnchors` to Node's own roots. */
export type ConnectTlsOptions =
  & Omit<ClientConfig, "now" | "random" | "keyLog">
  & Supplied
  & TlsStreamOptions
  & (
    | { readonly host: string; readonly port: number; readonly socket?: undefined }
    /** Connected, or connecting. It belongs to the stream from now on. */
    | { readonly socket: Socket; readonly host?: string | undefined; readonly port?: undefined }
  );

/** What is in `credentials` is read and checked once for each object in it, not for each connection. */
export type AcceptTlsOptions = Omit<ServerConfig, "now" | "random" | "keyLog"> & Supplied & TlsStreamOptions;

/**
 * Connects to a TLS server; returns at once. Throws TlsUsageError for options that can't work, before any byte is sent.
 *
 * @example
 * const { readable, writable } = connectTls({ host: "example.com", port: 443 });
 * await writable.getWriter().write(new TextEncoder().encode("GET / HTTP/1.0\r\nHost: example.com\r\n\r\n"));
 * for await (const bytes of readable) process.stdout.write(bytes);
 */
export function connectTls(options: ConnectTlsOptions): TlsStream {
  const { host, port, socket, signal, handshakeTimeout, idleTimeout, onKeyLog, onTrace, ...config } = options;
  const tls = createTlsClient({
    ...config,
    ...supplied(options),
    serverName: config.serverName ?? host,
    trustAnchors: config.trustAnchors ?? (config.certificateVerifier === undefined ? defaultTrustAnchors() : undefined),
  });
  const streamOptions = { signal, handshakeTimeout, idleTimeout, onKeyLog, onTrace };
  if (socket !== undefined) return pump(tls, socketTransport(socket, host ?? "the peer"), streamOptions);
  const isPort = Number.isInteger(port) && port > 0 && port < 2 ** 16;
  if (!isPort) throw new TlsUsageError(`Cannot connect: port is ${port}, not a number from 1 to 65535`);
  const peer = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return pump(tls, socketTransport(connect({ host, port, noDelay: true }), peer), streamOptions);
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
  const { signal, handshakeTimeout, idleTimeout, onKeyLog, onTrace, ...config } = options;
  const { random } = supplied(options);
  const prepare = (credential: Credential): Credential =>
    prepared(credential, config.provider ?? nobleProvider, random);
  const tls = createTlsServer({
    ...config,
    ...supplied(options),
    credentials: Array.isArray(config.credentials) ? config.credentials.map(prepare) : config.credentials,
  });
  const peer = socket.remoteAddress ?? "the peer";
  return pump(tls, socketTransport(socket, peer), { signal, handshakeTimeout, idleTimeout, onKeyLog, onTrace });
}

/** `keyLog` and `trace` ask for the outputs that the callbacks get. */
function supplied(
  options: Supplied & TlsStreamOptions & Pick<TlsConfig, "trace">,
): Pick<TlsConfig, "now" | "random" | "keyLog" | "trace"> {
  const { now = Date.now, random = randomBytes, onKeyLog, onTrace } = options;
  const trace = options.trace ?? (onTrace === undefined ? "off" : "messages");
  return { now, random, keyLog: onKeyLog !== undefined, trace };
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

interface Prepared {
  readonly provider: CryptoProvider;
  readonly credential: Credential;
}

const preparedCredentials = new WeakMap<Credential, Prepared>();

/** The same credential with its certificates and its key loaded: that takes longer than the rest of a handshake's set-up. */
function prepared(credential: Credential, provider: CryptoProvider, random: RandomSource): Credential {
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
