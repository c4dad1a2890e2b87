/** tlschart/deno: its connections do as Deno's own, use and misuse alike. Runs under Deno only. */
import { startTls } from "../../adapters/deno.ts";
import { assert } from "../harness.ts";
import { listening } from "./deno_runtime.ts";
import {
  type ConnPair,
  denoPair,
  denoSuite,
  handshaken,
  ourPair,
  readOnce,
  rest,
  say,
  trusted,
} from "./deno_support.ts";
import { errorOf, isError, utf8 } from "./fixtures.ts";

const test = denoSuite("tlschart/deno connections and Deno's own");
const { BadResource, Interrupted, NotConnected } = Deno.errors;

const both: readonly (readonly [string, () => Promise<ConnPair>])[] = [["ours", ourPair], ["Deno's own", denoPair]];
for (const [whose, pairOf] of both) {
  test(`read, write, and say and hear the end: ${whose}`, async () => {
    const { client, server, stop } = await handshaken(await pairOf());
    await say(client, "hello world");
    assert.is(await server.read(new Uint8Array(0)), 0);
    assert.is(await readOnce(server, 5), "hello");
    assert.is(await readOnce(server, 100), " world");
    assert.is(await client.write(new Uint8Array(0)), 0);
    await client.closeWrite();
    await client.closeWrite();
    isError(await errorOf(client.write(utf8("late"))), NotConnected, /./);
    assert.is(await readOnce(server), null);
    assert.is(await readOnce(server), null);
    await say(server, "still writing");
    assert.is(await readOnce(client), "still writing");
    server.close();
    assert.is(await readOnce(client), null);
    stop();
  });

  test(`give each of several reads at once bytes of its own: ${whose}`, async () => {
    const { client, server, stop } = await handshaken(await pairOf());
    const reads = [readOnce(client, 2), readOnce(client, 2), readOnce(client, 2)];
    await say(server, "abcdef");
    assert.equal(await Promise.all(reads), ["ab", "cd", "ef"]);
    stop();
  });

  test(`refuse everything after close(), and what was waiting: ${whose}`, async () => {
    const { client, server, stop } = await handshaken(await pairOf());
    const waiting = errorOf(client.read(new Uint8Array(1)));
    await rest(10);
    client.close();
    isError(await waiting, Interrupted, /./);
    assert.throws(() => client.close(), (error: Error) => error instanceof BadResource);
    for (
      const use of [() => client.read(new Uint8Array(1)), () => client.write(utf8("x")), () => client.closeWrite()]
    ) {
      isError(await errorOf(use()), BadResource, /./);
    }
    isError(await errorOf(client.handshake()), BadResource, /./);
    isError(await errorOf(client.readable.getReader().read()), BadResource, /./);
    isError(await errorOf(client.writable.getWriter().write(utf8("x"))), BadResource, /./);
    client[Symbol.dispose]();
    client.ref();
    client.unref();
    assert.is(client.remoteAddr.port, server.localAddr.port);
    assert.is(await readOnce(server), null, "close_notify came");
    stop();
  });

  test(`tell both addresses: ${whose}`, async () => {
    const { client, server, stop } = await handshaken(await pairOf());
    assert.is(client.remoteAddr.hostname, "127.0.0.1");
    assert.is(client.remoteAddr.transport, "tcp");
    assert.equal({ ...client.remoteAddr }, { ...server.localAddr });
    assert.equal({ ...client.localAddr }, { ...server.remoteAddr });
    stop();
  });

  test(`are refused when the handshake is interrupted by close(): ${whose}`, async () => {
    const endpoint = await listening((conn) => setTimeout(() => conn[Symbol.dispose](), 200));
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port: Number(endpoint.address) });
    const conn = await (whose === "ours" ? startTls(tcp, trusted) : Deno.startTls(tcp, { hostname: "localhost" }));
    const shaking = errorOf(conn.handshake());
    await rest(20);
    conn.close();
    isError(await shaking, Interrupted, /./);
    await rest(200);
    await endpoint.close();
  });
}

test.run();
