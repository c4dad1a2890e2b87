import { type Conn, connectTls, type DenoClientOptions, listenTls, type TlsListener } from "../adapters/deno.ts";

/** `Deno.serve` with our TLS before it: each client of the listener is joined to a plain server behind it. */
export function serveHttps(port: number, cert: string, key: string, handler: Deno.ServeHandler): TlsListener {
  const plain = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const behind = { hostname: "127.0.0.1", port: plain.addr.port };
  const listener = listenTls({ hostname: "127.0.0.1", port, cert, key, alpnProtocols: ["http/1.1"] });
  const serving = async (): Promise<void> => {
    for await (const client of listener) void join(client, Deno.connect(behind));
    await plain.shutdown();
  };
  void serving();
  return listener;
}

/** `fetch` with our TLS under it: Deno speaks HTTP to a port of this machine, and what comes there is encrypted. */
export async function fetchHttps(url: string, options: DenoClientOptions, init?: RequestInit): Promise<Response> {
  const { host, hostname, port, pathname, search } = new URL(url);
  const conn = await connectTls({ ...options, hostname, port: Number(port || 443), alpnProtocols: ["http/1.1"] });
  await conn.handshake(); // here it is said whether the server is to be trusted
  using entrance = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  void join(conn, entrance.accept());
  const proxy = { transport: "tcp", hostname: "127.0.0.1", port: entrance.addr.port } as const;
  using client = Deno.createHttpClient({ proxy, poolMaxIdlePerHost: 0 });
  // A redirect would lead out of our TLS: it is for the caller to follow.
  return await fetch(`http://${host}${pathname}${search}`, { ...init, client, redirect: "manual" });
}

/** Carries what each of two connections says to the other, until both have ended or one is broken. */
async function join(one: Conn, connecting: Promise<Conn>): Promise<void> {
  using first = one;
  try {
    using second = await connecting;
    await Promise.all([carry(first, second), carry(second, first)]);
  } catch (error) {
    console.error(`A connection with ${one.remoteAddr.hostname} is over:`, error);
  }
}

async function carry(from: Conn, to: Conn): Promise<void> {
  const buffer = new Uint8Array(2 ** 14);
  for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
    for (let sent = 0; sent < count;) sent += await to.write(buffer.subarray(sent, count));
  }
  await to.closeWrite();
}
