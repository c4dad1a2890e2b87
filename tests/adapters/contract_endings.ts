/** The contract, second part: how a connection ends when both sides behave. */
import { deferred } from "../../adapters/deferred.ts";
import type { TlsStream } from "../../adapters/tls_stream.ts";
import { AlertReceivedError, TlsError, TlsUsageError, TruncationError } from "../../mod.ts";
import { assert } from "../harness.ts";
import type { AdapterRuntime, ContractTest } from "./contract.ts";
import { client, connected, rawServer, server, wireTo } from "./contract_support.ts";
import { errorOf, isError, pattern, readAll, readBytes, readText, utf8, write, writeAll } from "./fixtures.ts";

export function endingPromises(test: ContractTest, runtime: AdapterRuntime): void {
  test("reads on after it has closed its writable", async () => {
    const pair = await connected(runtime);
    await writeAll(pair.client.writable, "all that I say");
    assert.is(await readText(pair.server.readable), "all that I say");
    const data = pattern(300_000);
    const answering = writeAll(pair.server.writable, data);
    assert.equal(await readAll(pair.client.readable), data);
    await Promise.all([answering, pair.client.closed, pair.server.closed]);
    await pair.stop();
  });

  test("ends both directions at the peer's close_notify when there is no half close", async () => {
    const pair = await connected(runtime, { server: { halfClose: false } });
    await pair.client.writable.close();
    assert.is(await readText(pair.server.readable), "");
    isError(await errorOf(write(pair.server.writable, "late")), TlsUsageError, /the connection is closed/);
    await Promise.all([pair.client.closed, pair.server.closed]);
    await pair.stop();
  });

  test("lets go of the connection at close(), and delivers what was written", async () => {
    const pair = await connected(runtime);
    const data = pattern(200_000);
    const receiving = readAll(pair.server.readable);
    await write(pair.client.writable, data);
    await Promise.all([pair.client.close(), receiving.then(() => pair.server.close())]);
    assert.equal(await receiving, data);
    await Promise.all([pair.client.closed, pair.server.closed]);
    await pair.stop();
  });

  test("lets close() overtake writes that nobody has awaited, in good order", async () => {
    const pair = await connected(runtime);
    await pair.client.opened;
    const writer = pair.client.writable.getWriter();
    const writes = [1, 2, 3].map(() => errorOf(writer.write(pattern(500_000))));
    const received = readAll(pair.server.readable);
    await Promise.all([pair.client.close(new RangeError("enough")), received.then(() => pair.server.close())]);
    await Promise.all([pair.client.closed, pair.server.closed]);
    assert.ok((await received).length < 1_500_000);
    for (const error of await Promise.all(writes)) isError(error, RangeError, /enough/);
    await pair.stop();
  });

  test("bears close() twice, and after the end", async () => {
    const pair = await connected(runtime);
    await pair.client.opened;
    await Promise.all([pair.client.close(), pair.client.close()]);
    await pair.client.close();
    assert.is(await readText(pair.server.readable), "");
    await pair.server.close();
    await pair.server.close();
    await pair.stop();
  });

  test("ends when an await using block ends", async () => {
    const pair = await connected(runtime);
    await pair.client.opened;
    await pair.client[Symbol.asyncDispose]();
    await pair.client.closed;
    await pair.server[Symbol.asyncDispose]();
    await pair.stop();
  });

  test("refuses writes after close(), with the reason when there is one", async () => {
    const first = await connected(runtime);
    await first.client.opened;
    await first.client.close();
    isError(await errorOf(write(first.client.writable, "late")), TlsUsageError, /the stream was closed/);
    await Promise.all([first.server.close(), first.stop()]);
    const second = await connected(runtime);
    await second.client.opened;
    await second.client.close(new RangeError("enough"));
    isError(await errorOf(write(second.client.writable, "late")), RangeError, /enough/);
    await second.client.closed;
    await Promise.all([second.server.close(), second.stop()]);
  });

  test("refuses writes after the writable was closed", async () => {
    const pair = await connected(runtime);
    const writer = pair.client.writable.getWriter();
    await writer.close();
    // Node 20 throws an internal assertion here for every WritableStream, others a TypeError.
    assert.instance(await errorOf(Promise.resolve().then(() => writer.write(utf8("late")))), Error);
    await Promise.all([pair.client.close(), pair.server.close()]);
    await pair.stop();
  });

  test("can be closed before the handshake is over, and tells the peer", async () => {
    const { stream, peer, stop } = await rawServer(runtime);
    await readBytes(peer.readable, 40);
    const writing = errorOf(write(stream.writable, "never sent"));
    await Promise.all([
      stream.close(),
      readAll(peer.readable).then((bytes) => {
        // user_canceled, then close_notify (RFC 5246 §7.2.2), each a warning in a record of its own.
        assert.equal([...bytes.slice(-14)], [21, 3, 1, 0, 2, 1, 90, 21, 3, 1, 0, 2, 1, 0]);
      }),
    ]);
    await stream.closed;
    isError(await errorOf(stream.opened), TlsUsageError, /the stream was closed/);
    isError(await writing, TlsUsageError, /the stream was closed/);
    assert.is(await readText(stream.readable), "");
    peer.reset();
    await stop();
  });

  test("can be closed before the transport is open", async () => {
    const endpoint = await runtime.serveRaw((peer) => peer.reset());
    const stream = runtime.connect(endpoint, client);
    await stream.close();
    await stream.closed;
    isError(await errorOf(stream.opened), TlsUsageError, /the stream was closed/);
    await endpoint.close();
  });

  test("gives what came before the transport ended without close_notify, then TruncationError", async () => {
    const accepted = deferred<TlsStream>();
    const endpoint = await runtime.serve(server, accepted.resolve);
    const wire = await wireTo(runtime, endpoint);
    const stream = runtime.connect(wire.endpoint, client);
    await write((await accepted.promise).writable, "cut");
    await stream.opened;
    const reader = stream.readable.getReader();
    const first = await reader.read();
    await write((await accepted.promise).writable, "again");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await wire.end();
    isError(await errorOf(stream.closed), TruncationError, /without close_notify/);
    assert.equal(first.value, utf8("cut"));
    assert.equal((await reader.read()).value, utf8("again"));
    isError(await errorOf(reader.read()), TruncationError, /without close_notify/);
    isError(await errorOf(write(stream.writable, "late")), TruncationError, /without close_notify/);
    wire.reset();
    await errorOf((await accepted.promise).closed);
    await Promise.all([wire.stop(), endpoint.close()]);
  });

  test("lets the peer know by no close_notify that an aborted writable was not all", async () => {
    const pair = await connected(runtime);
    await Promise.all([pair.client.opened, pair.server.opened]);
    await pair.server.writable.abort(new RangeError("no more"));
    isError(await errorOf(pair.server.closed), RangeError, /no more/);
    assert.instance(await errorOf(pair.client.closed), TlsError);
    assert.instance(await errorOf(readAll(pair.client.readable)), TlsError);
    await pair.stop();
  });

  test("can be aborted by its writable while a write waits for a peer that doesn't read", async () => {
    const pair = await connected(runtime);
    await Promise.all([pair.client.opened, pair.server.opened]);
    const writer = pair.client.writable.getWriter();
    // A WebSocket that can't be paused takes it all.
    const writing = writer.write(pattern(15 * 2 ** 20)).catch((error) => isError(error, RangeError, /no more/));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await writer.abort(new RangeError("no more"));
    await writing;
    isError(await errorOf(pair.client.closed), RangeError, /no more/);
    await errorOf(readAll(pair.server.readable));
    await errorOf(pair.server.closed);
    await pair.stop();
  });

  test("rejects everything with the alert when the peer refuses the handshake", async () => {
    const pair = await connected(runtime, { client: { serverName: "elsewhere.example" } });
    const refused = await errorOf(pair.server.opened);
    isError(refused, AlertReceivedError, /bad_certificate|certificate_unknown/);
    assert.is(await errorOf(pair.server.closed), refused);
    assert.is(await errorOf(readAll(pair.server.readable)), refused);
    assert.is(await errorOf(write(pair.server.writable, "late")), refused);
    await errorOf(pair.client.closed);
    await pair.stop();
  });
}
