/** tlschart/streams: the contract over web streams in memory, and what any pair of streams may do. */
import { maxUnreadBytes } from "../../adapters/received_data.ts";
import { type ByteTransport, TransportError, wrapClient, wrapServer } from "../../adapters/streams.ts";
import { deferred } from "../../adapters/deferred.ts";
import { assert, suite } from "../harness.ts";
import { adapterContract } from "./contract.ts";
import { credential, errorOf, isError, pattern, readAll, readText, trusting, write, writeAll } from "./fixtures.ts";
import { memoryRuntime, transportPair } from "./memory_runtime.ts";

adapterContract(memoryRuntime);

const test = suite("tlschart/streams over any streams");

test("takes no more from the transport than the reader wants and a stated bound", async () => {
  const wire = transportPair();
  let taken = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>(
    {
      transform: (bytes, controller) => {
        taken += bytes.length;
        controller.enqueue(bytes);
      },
    },
  );
  const client = wrapClient({ ...wire.one, readable: wire.one.readable.pipeThrough(counting) }, trusting);
  const server = wrapServer(wire.other, { credentials: [credential] });
  await client.opened;
  const before = taken;
  const data = pattern(10_000_000);
  const writing = writeAll(server.writable, data);
  for (let last = -1; last !== taken;) {
    last = taken;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const chunk = 2 ** 16 + 4 * 29; // what the server writes at once, encrypted
  assert.ok(taken - before <= maxUnreadBytes + 3 * chunk, `${taken - before} bytes were taken`);
  assert.equal(await readAll(client.readable), data);
  await Promise.all([writing, client.closed, server.closed]);
});

test("carries TLS inside TLS", async () => {
  const wire = transportPair();
  const outerClient = wrapClient(wire.one, trusting);
  const outerServer = wrapServer(wire.other, { credentials: [credential], halfClose: true });
  const client = wrapClient(outerClient, trusting);
  const server = wrapServer(outerServer, { credentials: [credential], halfClose: true });
  await writeAll(client.writable, "inside");
  assert.is(await readText(server.readable), "inside");
  await writeAll(server.writable, "outside");
  assert.is(await readText(client.readable), "outside");
  await Promise.all([client.closed, server.closed, outerClient.closed, outerServer.closed]);
});

test("waits until the transport is open, and says so", async () => {
  const wire = transportPair();
  let open = (): void => {};
  const opened = new Promise<{ remoteAddress: string }>((resolve) => {
    open = () => resolve({ remoteAddress: "nearby" });
  });
  const client = wrapClient({ ...wire.one, opened }, trusting);
  const server = wrapServer(wire.other, { credentials: [credential] });
  assert.is(client.state, "connecting");
  open();
  assert.is((await client.opened).remoteAddress, "nearby");
  await Promise.all([client.close(), server.closed]);
});

test("says which state it was in when the transport fails, and keeps the transport's error", async () => {
  const broken = new Error("cable cut");
  const transport: ByteTransport = {
    readable: new ReadableStream({ pull: (controller) => controller.error(broken) }),
    writable: new WritableStream(),
  };
  const client = wrapClient(transport, trusting);
  const error = await errorOf(client.opened);
  isError(error, TransportError, /in state live\.awaitServerHello: cable cut/);
  assert.is(error.cause, broken);
  const failed: ByteTransport = { ...transportPair().one, opened: Promise.reject(broken) };
  isError(await errorOf(wrapClient(failed, trusting).closed), TransportError, /in state connecting: cable cut/);
});

test("lets a stuck transport go when it is aborted, and ends when that is done", async () => {
  const stop = new AbortController();
  const gone = deferred<void>();
  const reasons: unknown[] = [];
  const stuck: ByteTransport = {
    readable: new ReadableStream(),
    writable: new WritableStream({ write: () => new Promise(() => {}) }),
    close: (reason) => {
      reasons.push(reason);
      return gone.promise;
    },
  };
  const client = wrapClient(stuck, { ...trusting, signal: stop.signal });
  const writing = errorOf(write(client.writable, "never"));
  await new Promise((resolve) => setTimeout(resolve, 5));
  const enough = new RangeError("enough");
  stop.abort(enough);
  assert.is(await writing, enough);
  assert.equal(reasons, [enough]);
  let isClosed = false;
  client.closed.catch(() => void (isClosed = true));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.not(isClosed);
  gone.resolve();
  assert.is(await errorOf(client.closed), enough);
});

test("ends when the transport takes nothing more, whoever reads or writes", async () => {
  const transport: ByteTransport = {
    readable: new ReadableStream(),
    writable: new WritableStream({ write: () => Promise.reject(new Error("pipe is full")) }),
  };
  const client = wrapClient(transport, trusting);
  const closing = errorOf(client.writable.getWriter().closed);
  isError(await errorOf(client.closed), TransportError, /in state live\.awaitServerHello: pipe is full/);
  assert.is(await closing, await errorOf(client.closed));
});

test.run();
