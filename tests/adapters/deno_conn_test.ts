/** tlschart/deno: its connections. Runs under Deno only. */
import { connectTls, listenTls, startTls } from "../../adapters/deno.ts";
import { maxUnreadBytes } from "../../adapters/received_data.ts";
import { type CryptoProvider, TlsError, TruncationError } from "../../mod.ts";
import { nullProvider } from "../bench/null_provider.ts";
import { assert } from "../harness.ts";
import {
  certified,
  denoSuite,
  handshaken,
  ourPair,
  place,
  quick,
  readOnce,
  readToEnd,
  rest,
  say,
  trusted,
} from "./deno_support.ts";
import { isOpen, listening } from "./deno_runtime.ts";
import { errorOf, isError, pattern, readAll, readText, utf8, writeAll } from "./fixtures.ts";
import { watchRejections } from "./resources.ts";

const test = denoSuite("tlschart/deno connections");
const { BadResource, NotConnected } = Deno.errors;

test("tell what was agreed on", async () => {
  const pair = await ourPair({ client: { alpnProtocols: ["b", "a"] }, server: { alpnProtocols: ["a"] } });
  assert.is((await pair.client.handshake()).alpnProtocol, "a");
  assert.is((await pair.server.handshake()).alpnProtocol, "a");
  pair.stop();
  const without = await ourPair();
  const info = await without.client.handshake();
  assert.is(info.alpnProtocol, null);
  assert.is("version" in info && info.version, "TLSv1.2");
  without.stop();
});

test("lose no byte between read() and readable, and between two readers", async () => {
  const { client, server, stop } = await handshaken(await ourPair());
  await say(server, "one two three four");
  assert.is(await readOnce(client, 3), "one");
  const reader = client.readable.getReader({ mode: "byob" });
  const { value } = await reader.read(new Uint8Array(5));
  assert.equal(value, utf8(" two "));
  reader.releaseLock();
  const other = client.readable.getReader();
  assert.equal((await other.read()).value, utf8("three four"));
  other.releaseLock();
  await say(server, "five six");
  assert.is(await readOnce(client, 5), "five ");
  await server.closeWrite();
  assert.is(await readText(client.readable), "six");
  assert.is(await readOnce(client), null);
  stop();
});

test("write by write() and by writable in the order of the calls, and end with either", async () => {
  const { client, server, stop } = await ourPair(); // the handshake is under way
  const writer = client.writable.getWriter();
  await Promise.all([writer.write(utf8("one ")), client.write(utf8("two ")), writer.write(utf8("three"))]);
  await writer.close();
  isError(await errorOf(client.write(utf8("late"))), NotConnected, /closeWrite/);
  const text = await readText(server.readable);
  assert.equal(text.split(/(?<= )/).sort(), ["one ", "three", "two "]);
  await server.writable.close();
  assert.is(await readOnce(client), null);
  stop();
});

test("echo by a pipe until both have ended, and then are let go without close()", async () => {
  const listener = listenTls({ ...certified, ...place });
  const accepted = listener.accept();
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const client = await startTls(tcp, trusted);
  const server = await accepted;
  const piping = server.readable.pipeTo(server.writable);
  const data = pattern(2_000_000);
  const [echoed] = await Promise.all([readAll(client.readable), writeAll(client.writable, data)]);
  assert.equal(echoed, data);
  await piping;
  listener.close();
});

test("are let go when nobody wants to read and nobody wants to write, whatever the peer does", async () => {
  const listener = listenTls({ ...certified, ...place });
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const [client, server] = await Promise.all([startTls(tcp, trusted), listener.accept()]);
  await client.readable.cancel();
  await client.writable.close();
  assert.is(await readOnce(server), null);
  for (let turn = 0; turn < 400 && isOpen(tcp); turn++) await rest(5);
  assert.not(isOpen(tcp));
  server.close();
  isError(await errorOf(server.closeWrite()), BadResource, /closed before/);
  listener.close();
});

test("take no buffer away from the cryptography, and end a byob reader", async () => {
  const shared = new Uint8Array(2 ** 16);
  let used = 0;
  const provider: CryptoProvider = {
    ...nullProvider,
    cipherSuites: nullProvider.cipherSuites.map((suite) => ({
      ...suite,
      aead: {
        ...suite.aead,
        open: (...args) => {
          const plaintext = suite.aead.open(...args);
          if (plaintext === undefined) return undefined;
          shared.set(plaintext, used);
          return shared.subarray(used, used += plaintext.length);
        },
      },
    })),
  };
  const options = {
    client: { ...quick.client, provider },
    server: { ...quick.server, cert: undefined, key: undefined },
  };
  const { client, server, stop } = await handshaken(await ourPair(options));
  await say(server, "shared");
  await server.closeWrite();
  const reader = client.readable.getReader({ mode: "byob" });
  assert.equal((await reader.read(new Uint8Array(100))).value, utf8("shared"));
  assert.is(shared.length, 2 ** 16);
  assert.ok((await reader.read(new Uint8Array(1))).done);
  stop();
});

test("let a write wait while the peer doesn't read, and read no more than a bound", async () => {
  const listener = listenTls(quick.server);
  const accepted = listener.accept();
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  let taken = 0;
  const { read } = tcp;
  tcp.read = async (p) => {
    const count = await read.call(tcp, p);
    taken += count ?? 0;
    return count;
  };
  const client = await startTls(tcp, quick.client);
  const server = await accepted;
  await client.handshake();
  let isWritten = false;
  const writing = server.write(pattern(10_000_000)).then((count) => {
    isWritten = true;
    return count;
  });
  for (let last = -1; last !== taken;) {
    last = taken;
    await rest(100);
  }
  assert.ok(taken <= maxUnreadBytes + 2 ** 15, `${taken} bytes were taken`);
  assert.not(isWritten);
  const all = readToEnd(client);
  assert.is(await writing, 10_000_000);
  await server.closeWrite();
  assert.is(await all, 10_000_000);
  client.close();
  server.close();
  listener.close();
});

test("write on after the peer's end, as a client too", async () => {
  const { client, server, stop } = await handshaken(await ourPair());
  await server.closeWrite();
  assert.is(await readOnce(client), null);
  await say(client, "still writing");
  assert.is(await readOnce(server), "still writing");
  stop();
});

test("end both directions at the peer's end when halfClose is off", async () => {
  const { client, server, stop } = await handshaken(await ourPair({ server: { halfClose: false } }));
  await client.closeWrite();
  assert.is(await readOnce(server), null);
  isError(await errorOf(server.write(utf8("late"))), TypeError, /the connection is closed/);
  stop();
});

test("give what came before a cut, then TruncationError, to each way to read", async () => {
  for (const way of ["read", "readable"] as const) {
    const peers: Deno.TcpConn[] = [];
    const listener = listenTls({ ...certified, ...place });
    const relay = await listening(async (conn) => {
      const to = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
      peers.push(conn, to);
      await Promise.allSettled([conn.readable.pipeTo(to.writable), to.readable.pipeTo(conn.writable)]);
    });
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port: Number(relay.address) });
    const client = await startTls(tcp, trusted);
    const server = await listener.accept();
    await say(server, "cut here");
    assert.is(await readOnce(client, 3), "cut");
    for (const peer of peers) peer[Symbol.dispose]();
    isError(await errorOf(server.read(new Uint8Array(1))), TruncationError, /without close_notify/);
    if (way === "read") {
      assert.is(await readOnce(client), " here");
      isError(await errorOf(client.read(new Uint8Array(1))), TruncationError, /without close_notify/);
    } else {
      const reader = client.readable.getReader();
      assert.equal((await reader.read()).value, utf8(" here"));
      isError(await errorOf(reader.read()), TruncationError, /without close_notify/);
    }
    isError(await errorOf(client.write(utf8("late"))), TruncationError, /./);
    const lost = errorOf(client.writable.getWriter().closed);
    isError(await lost, TruncationError, /./);
    client.close();
    server.close();
    listener.close();
    await relay.close();
  }
});

test("can be aborted before, during and after the handshake", async () => {
  const endpoint = await listening((conn) => void readToEnd(conn).catch(() => {}).then(() => conn[Symbol.dispose]()));
  const silent = { ...trusted, port: Number(endpoint.address) };

  const before = connectTls({ ...silent, signal: AbortSignal.abort(new RangeError("not at all")) });
  isError(await errorOf(before), RangeError, /not at all/);
  const during = new AbortController();
  const conn = await connectTls({ ...silent, signal: during.signal });
  const waiting = [conn.handshake(), conn.read(new Uint8Array(1)), conn.write(utf8("x"))].map(errorOf);
  during.abort(new RangeError("not now"));
  for (const error of await Promise.all(waiting)) isError(error, RangeError, /not now/);
  conn.close();
  const after = new AbortController();
  const pair = await handshaken(await ourPair({ client: { signal: after.signal } }));
  const reading = errorOf(pair.client.read(new Uint8Array(1)));
  after.abort(new RangeError("no more"));
  isError(await reading, RangeError, /no more/);
  isError(await errorOf(pair.server.read(new Uint8Array(1))), TlsError, /./);
  pair.stop();
  await endpoint.close();
});

test("leave no rejection unhandled when nobody looks", async () => {
  const unhandled = watchRejections();
  const pair = await ourPair({ client: { caCerts: undefined, trustAnchors: certified.cert, serverName: "elsewhere" } });
  void pair.client.readable;
  void pair.client.writable;
  await rest(200);
  pair.stop();
  const other = await ourPair();
  void other.server.writable;
  other.stop();
  await rest(50);
  assert.equal(unhandled(), []);
});

test.run();
