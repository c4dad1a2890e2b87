/** The contract, first part: what flows, how much of it waits, and when. */
import { assert } from "../harness.ts";
import type { AdapterRuntime, ContractTest } from "./contract.ts";
import { client, connected, echoed, quick, rawServer, server, wireTo } from "./contract_support.ts";
import { errorOf, isError, pattern, readAll, readBytes, readText, utf8, write, writeAll } from "./fixtures.ts";
import { deferred } from "../../adapters/deferred.ts";
import type { TlsStream } from "../../adapters/tls_stream.ts";
import { TlsUsageError } from "../../mod.ts";

export function dataPromises(test: ContractTest, runtime: AdapterRuntime): void {
  test("carries data both ways, tells what was agreed, and ends in good order", async () => {
    const pair = await connected(runtime, { client: { alpnProtocols: ["b", "a"] }, server: { alpnProtocols: ["a"] } });
    const [ours, theirs] = await Promise.all([pair.client.opened, pair.server.opened]);
    assert.is(ours.version, "TLSv1.2");
    assert.is(ours.alpn, "a");
    assert.is(theirs.serverName, "localhost");
    assert.equal(ours.clientRandom, theirs.clientRandom);
    await writeAll(pair.client.writable, "question");
    assert.is(await readText(pair.server.readable), "question");
    await writeAll(pair.server.writable, "answer");
    assert.is(await readText(pair.client.readable), "answer");
    await Promise.all([pair.client.closed, pair.server.closed]);
    assert.is(pair.client.state, "closed");
    assert.is(pair.server.state, "closed");
    await pair.stop();
  });

  for (const [how, cut] of wires) {
    test(`works over a wire ${how}`, async () => {
      const accepted = deferred<TlsStream>();
      const endpoint = await runtime.serve(server, accepted.resolve);
      const wire = await wireTo(runtime, endpoint, cut);
      const stream = runtime.connect(wire.endpoint, client);
      const echo = accepted.promise.then(echoed);
      const data = pattern(20_000);
      await writeAll(stream.writable, data);
      assert.equal(await readAll(stream.readable), data);
      await Promise.all([echo, stream.closed]);
      await wire.stop();
      await endpoint.close();
    });
  }

  test("lets writes wait for the handshake", async () => {
    const endpoint = await runtime.serve(server, echoed);
    const stream = runtime.connect(endpoint, client);
    const writer = stream.writable.getWriter();
    const writes = [
      writer.write(utf8("one ")),
      writer.write(utf8("two ")),
      writer.write(utf8("three")),
      writer.close(),
    ];
    assert.is(await readText(stream.readable), "one two three");
    await Promise.all([...writes, stream.closed]);
    await endpoint.close();
  });

  test("carries an empty write and a write of a megabyte", async () => {
    const pair = await connected(runtime);
    const data = pattern(2 ** 20);
    const sending = write(pair.client.writable, new Uint8Array())
      .then(() => writeAll(pair.client.writable, data));
    assert.equal(await readAll(pair.server.readable), data);
    await Promise.all([sending, pair.server.close(), pair.client.closed]);
    await pair.stop();
  });

  test("carries a lot both ways at once", async () => {
    const pair = await connected(runtime);
    const data = pattern(2 ** 20);
    const [toServer, toClient] = await Promise.all([
      readAll(pair.server.readable),
      readAll(pair.client.readable),
      writeAll(pair.client.writable, data),
      writeAll(pair.server.writable, data),
    ]);
    assert.equal(toServer, data);
    assert.equal(toClient, data);
    await Promise.all([pair.client.closed, pair.server.closed]);
    await pair.stop();
  });

  test("lets a write wait while the peer doesn't read, and goes on when it does", async () => {
    const sent: number[] = [];
    const onTrace = (): void => void sent.push(1);
    const pair = await connected(runtime, { client: quick.client, server: { ...quick.server, onTrace } });
    const data = pattern(2 ** 26); // more than TCP holds on the way, also over two hops
    await pair.client.opened;
    const writing = writeAll(pair.server.writable, data);
    const before = await whenStill(() => sent.length);
    assert.ok(before < 2 ** 26 / 2 ** 14, `${before} records were encrypted although nobody reads`);
    assert.equal(await readAll(pair.client.readable), data);
    await Promise.all([writing, pair.client.close(), pair.server.closed]);
    await pair.stop();
  });

  test("goes on to receive when nobody wants to read any more", async () => {
    const pair = await connected(runtime, { client: { halfClose: true } });
    await pair.client.readable.cancel();
    await writeAll(pair.server.writable, pattern(2 ** 20));
    await writeAll(pair.client.writable, "still writing");
    assert.is(await readText(pair.server.readable), "still writing");
    await Promise.all([pair.client.closed, pair.server.closed]);
    await pair.stop();
  });

  test("doesn't wait for the peer when nobody reads and nobody writes any more", async () => {
    const pair = await connected(runtime);
    await pair.client.readable.cancel();
    await pair.client.writable.close();
    assert.is(await readText(pair.server.readable), "");
    assert.is(pair.server.state, "live.peerClosed");
    await pair.client.closed;
    await pair.server.close();
    await pair.stop();
  });

  test("refuses to write what is no Uint8Array, and ends", async () => {
    const pair = await connected(runtime);
    const text: unknown = "text";
    const writer: { write(data: unknown): Promise<void> } = pair.client.writable.getWriter();
    isError(await errorOf(writer.write(text)), TlsUsageError, /a Uint8Array is needed, not string/);
    isError(await errorOf(pair.client.closed), TlsUsageError, /a Uint8Array is needed/);
    await errorOf(pair.server.closed);
    await pair.stop();
  });

  test("keeps its hands off a transport when an option is wrong", async () => {
    const accepted: unknown[] = [];
    const endpoint = await runtime.serveRaw((peer) => void accepted.push(peer));
    assert.throws(() => runtime.connect(endpoint, { ...client, handshakeTimeout: 0 }), /Cannot use a timeout of 0/);
    assert.throws(() => runtime.connect(endpoint, { ...client, idleTimeout: Number.NaN }), /timeout of NaN/);
    assert.throws(() => runtime.connect(endpoint, { ...client, cipherSuites: [] }), /cipherSuites is empty/);
    const unknown = { ...client, trustAnchor: "" };
    assert.throws(() => runtime.connect(endpoint, unknown), /there is no option "trustAnchor"/);
    assert.is(accepted.length, 0);
    await endpoint.close();
  });

  test("shows where the chart stands", async () => {
    const { stream, peer, stop } = await rawServer(runtime);
    assert.ok((await readBytes(peer.readable, 5)).length >= 5);
    assert.is(stream.state, "live.awaitServerHello");
    peer.reset();
    await stream.close();
    await stop();
  });
}

const wires: readonly (readonly [string, (bytes: Uint8Array) => Iterable<Uint8Array>])[] = [
  ["that is cut into single bytes", function* (bytes) {
    for (let offset = 0; offset < bytes.length; offset++) yield bytes.subarray(offset, offset + 1);
  }],
  ["that is cut into sevens", function* (bytes) {
    for (let offset = 0; offset < bytes.length; offset += 7) yield bytes.subarray(offset, offset + 7);
  }],
];

/** A number once it has stopped growing. */
async function whenStill(count: () => number): Promise<number> {
  let last = -1;
  while (count() !== last) {
    last = count();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return last;
}
