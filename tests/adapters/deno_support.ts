/** Connections of tlschart/deno and of Deno itself, and small words for tests of them. Runs under Deno only. */
import {
  connectTls,
  type ConnectTlsOptions,
  type DenoClientOptions,
  listenTls,
  type ListenTlsOptions,
} from "../../adapters/deno.ts";
import { nullProvider, nullSigner } from "../bench/null_provider.ts";
import { assert, suite } from "../harness.ts";
import { credential, leafPublicKey, pem, utf8 } from "./fixtures.ts";
import { denoRuntime } from "./deno_runtime.ts";

export const place = { hostname: "127.0.0.1", port: 0 } as const;
export const certified: { readonly cert: string; readonly key: string } = { cert: pem.cert, key: pem.key };
export const trusted: Pick<ConnectTlsOptions, "serverName" | "caCerts"> & { readonly hostname: string } = {
  hostname: "127.0.0.1",
  serverName: "localhost",
  caCerts: [pem.ca],
};
/** Connections whose cryptography does nothing. */
export const quick: { readonly client: DenoClientOptions; readonly server: ListenTlsOptions } = {
  client: { ...trusted, provider: nullProvider },
  server: {
    ...place,
    provider: nullProvider,
    credentials: [{ certificateChain: credential.certificateChain, signer: nullSigner(leafPublicKey) }],
  },
};

type Test = (title: string, body: () => Promise<void>) => void;

/** A suite in which nothing may be left behind. */
export function denoSuite(name: string): Test & { run(): void } {
  const inner = suite(name);
  const test: Test = (title, body) =>
    inner(title, async () => {
      await Promise.resolve();
      const leftovers = denoRuntime.watch();
      await body();
      assert.equal(await leftovers(), [], "something is left behind");
    });
  return Object.assign(test, { run: () => inner.run() });
}

export interface ConnPair {
  readonly client: Deno.TlsConn;
  readonly server: Deno.TlsConn;
  /** Closes what isn't closed, and stops listening. */
  stop(): void;
}

export interface PairOptions {
  readonly client?: Partial<ConnectTlsOptions>;
  readonly server?: Partial<ListenTlsOptions>;
}

/** Our client and our server. The handshake is under way. */
export async function ourPair({ client, server }: PairOptions = {}): Promise<ConnPair> {
  const listener = listenTls({ ...certified, ...place, ...server });
  const { port } = listener.addr;
  return pairOf(listener, await Promise.all([connectTls({ ...trusted, ...client, port }), listener.accept()]));
}

/** Deno's own. */
export async function denoPair(): Promise<ConnPair> {
  const listener = Deno.listenTls({ ...certified, ...place });
  const options = { hostname: "127.0.0.1", port: listener.addr.port, caCerts: [pem.ca] };
  return pairOf(listener, await Promise.all([Deno.connectTls(options), listener.accept()]));
}

export async function handshaken(pair: ConnPair): Promise<ConnPair> {
  await Promise.all([pair.client.handshake(), pair.server.handshake()]);
  return pair;
}

function pairOf(listener: Disposable, [client, server]: readonly [Deno.TlsConn, Deno.TlsConn]): ConnPair {
  const stop = (): void => [client, server, listener].forEach((one) => one[Symbol.dispose]());
  return { client, server, stop };
}

/** What one `read` gives. */
export async function readOnce(conn: Deno.Conn, length: number = 2 ** 14): Promise<string | null> {
  const buffer = new Uint8Array(length);
  const count = await conn.read(buffer);
  return count === null ? null : new TextDecoder().decode(buffer.subarray(0, count));
}

/** Everything until the end, by `read`. */
export async function readToEnd(conn: Deno.Conn, length: number = 2 ** 16): Promise<number> {
  let total = 0;
  for (let count: number | null = 0; count !== null; total += count ?? 0) {
    count = await conn.read(new Uint8Array(length));
  }
  return total;
}

/** All of it, where one `write` may take a part only. */
export async function say(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = utf8(text);
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

export function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
