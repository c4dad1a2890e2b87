/** Connections as the tests of the contract need them: two of ours, one of ours against bytes, and a wire that is cut. */
import { deferred } from "../../adapters/deferred.ts";
import type { TlsStream } from "../../adapters/tls_stream.ts";
import type { AdapterRuntime, ClientOptions, Endpoint, RawPeer, ServerOptions } from "./contract.ts";
import { nullProvider, nullSigner } from "../bench/null_provider.ts";
import { credential, leafPublicKey, trusting } from "./fixtures.ts";

export const server: ServerOptions = { credentials: [credential], halfClose: true };
export const client: ClientOptions = trusting;

/** Connections whose cryptography does nothing: a thousand of them cost as much as ten. */
export const quick: { readonly client: ClientOptions; readonly server: ServerOptions } = {
  client: { ...client, provider: nullProvider },
  server: {
    ...server,
    provider: nullProvider,
    credentials: [{ certificateChain: credential.certificateChain, signer: nullSigner(leafPublicKey) }],
  },
};

export interface Pair {
  readonly client: TlsStream;
  readonly server: TlsStream;
  /** Stops listening. */
  stop(): Promise<void>;
}

/** Both ends of a connection, as soon as the server has accepted the transport. */
export async function connected(
  runtime: AdapterRuntime,
  options: { readonly client?: Partial<ClientOptions>; readonly server?: Partial<ServerOptions> } = {},
): Promise<Pair> {
  const accepted = deferred<TlsStream>();
  const endpoint = await runtime.serve({ ...server, ...options.server }, accepted.resolve);
  const stream = runtime.connect(endpoint, { ...client, ...options.client });
  return { client: stream, server: await accepted.promise, stop: () => endpoint.close() };
}

export interface RawPair {
  readonly stream: TlsStream;
  readonly peer: RawPeer;
  stop(): Promise<void>;
}

/** Our client against a server that a test plays by hand. */
export async function rawServer(runtime: AdapterRuntime, options: Partial<ClientOptions> = {}): Promise<RawPair> {
  const accepted = deferred<RawPeer>();
  const endpoint = await runtime.serveRaw(accepted.resolve);
  const stream = runtime.connect(endpoint, { ...client, ...options });
  return { stream, peer: await accepted.promise, stop: () => endpoint.close() };
}

/** Our server against a client that a test plays by hand. */
export async function rawClient(runtime: AdapterRuntime, options: Partial<ServerOptions> = {}): Promise<RawPair> {
  const accepted = deferred<TlsStream>();
  const endpoint = await runtime.serve({ ...server, ...options }, accepted.resolve);
  const peer = await runtime.connectRaw(endpoint);
  return { stream: await accepted.promise, peer, stop: () => endpoint.close() };
}

/**
 * Sends back what comes. May be left alone: what breaks it is told by `closed`, too, and a test that fails for another
 * reason meanwhile must not end the whole run by an unhandled rejection.
 */
export function echoed({ readable, writable }: TlsStream): Promise<void> {
  const echoing = readable.pipeTo(writable);
  echoing.catch(() => {});
  return echoing;
}

export interface Wire {
  readonly endpoint: Endpoint;
  /** Ends it towards the client, in good order as far as the transport can tell. */
  end(): Promise<void>;
  /** Breaks it towards both sides. */
  reset(): void;
  stop(): Promise<void>;
}

type Cut = (bytes: Uint8Array) => Iterable<Uint8Array>;

/** A wire between a client and a server on which every chunk is replaced by others. */
export async function wireTo(
  runtime: AdapterRuntime,
  endpoint: Endpoint,
  cut: Cut = (bytes) => [bytes],
): Promise<Wire> {
  const ended = deferred<void>();
  const broken = deferred<void>();
  const breaksWithIt = (peer: RawPeer): void => void broken.promise.then(() => peer.reset());
  const listening = await runtime.serveRaw(async (from) => {
    breaksWithIt(from);
    const to = await runtime.connectRaw(endpoint);
    breaksWithIt(to);
    const never = new Promise<void>(() => {});
    const relays = [relay(from, to, cut, never), relay(to, from, cut, ended.promise)];
    for (const relaying of relays) relaying.catch(() => {});
  });
  return {
    endpoint: listening,
    end: async () => {
      ended.resolve();
      await new Promise((resolve) => setTimeout(resolve));
    },
    reset: () => broken.resolve(),
    stop: () => listening.close(),
  };
}

async function relay(from: RawPeer, to: RawPeer, cut: Cut, ended: Promise<void>): Promise<void> {
  const reader = from.readable.getReader();
  const writer = to.writable.getWriter();
  const end = ended.then((): { done: true; value: undefined } => ({ done: true, value: undefined }));
  for (;;) {
    const { done, value } = await Promise.race([end, reader.read()]);
    if (done) return writer.close();
    for (const piece of cut(value)) await writer.write(piece);
  }
}
