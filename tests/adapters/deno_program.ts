/**
 * A program of Deno's that a test outside of Deno plays with: `deno run tests/adapters/deno_program.ts <part> <argument …>`.
 * It knows nothing but its arguments, and may do nothing but use the network of this machine.
 */
import { connectTls, listenTls, TransportError } from "../../adapters/deno.ts";

const hostname = "127.0.0.1";
const [part = "", ...args] = Deno.args;
const [first = "", second = "", third = ""] = args;

/** What each part is told, and what it does. */
const parts: Readonly<Record<string, () => Promise<void>>> = {
  /** Certificate, key: echoes to one client, until that has ended. */
  serve: async () => {
    const listener = listenTls({ hostname, port: 0, cert: first, key: second, handshakeTimeout: 5_000 });
    console.log(`listening ${listener.addr.port}`);
    using conn = await listener.accept();
    listener.close();
    await conn.readable.pipeTo(conn.writable);
    console.log("ended");
  },
  /** Port, authority, name: says hello, reads a line, ends. */
  connect: async () => {
    using conn = await connectTls({ hostname, port: Number(first), caCerts: [second], serverName: third });
    await conn.write(new TextEncoder().encode("hello from Deno\n"));
    const buffer = new Uint8Array(100);
    const count = await conn.read(buffer) ?? 0;
    console.log(`heard ${new TextDecoder().decode(buffer.subarray(0, count))}`);
  },
  /** Port, authority, name: reads until the connection fails, and tells how. */
  fail: async () => {
    using conn = await connectTls({ hostname, port: Number(first), caCerts: [second], serverName: third });
    try {
      await conn.read(new Uint8Array(1));
    } catch (error) {
      console.log(`failed ${error instanceof TransportError ? error.code : ""}: ${String(error)}`);
    }
  },
  /** Certificate, key, authority: leaves an idle connection and a listener behind, with nothing that waits for them. */
  idle: async () => {
    const listener = listenTls({ hostname, port: 0, cert: first, key: second });
    const options = { hostname, port: listener.addr.port, caCerts: [third] };
    const [client, server] = await Promise.all([connectTls(options), listener.accept()]);
    await Promise.all([client.handshake(), server.handshake()]);
    for (const each of [listener, client, server]) each.unref();
    if (args.includes("ref")) server.ref();
    void client.read(new Uint8Array(1)).catch(() => {});
    void listener.accept().catch(() => {});
    console.log("idle");
  },
  /** Port: connects to a server that only Deno's own roots could vouch for. */
  roots: async () => {
    const conn = await connectTls({ hostname, port: Number(first) });
    await conn.handshake().catch((error) => console.log(`refused ${error.name}: ${error.message}`));
  },
};

await parts[part]?.();
