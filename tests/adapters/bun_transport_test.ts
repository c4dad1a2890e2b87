/** A socket of Bun as a pair of web streams, without TLS. Runs under Bun. */
import { bunTransport, type ByteTransport, connectTls } from "../../adapters/bun.ts";
import { BunTransport, socketHandlers } from "../../adapters/bun_socket.ts";
import { bun, type BunSocket } from "../../adapters/bun_types.ts";
import { deferred } from "../../adapters/deferred.ts";
import { assert, suite } from "../harness.ts";
import { addressOf, bunRuntime, listening } from "./bun_runtime.ts";
import { errorOf, isError, pattern, readAll, readText, trusting, utf8, write, writeAll } from "./fixtures.ts";

type Socket = BunSocket<BunTransport>;

const test = suite("the transport of tlschart/bun");

/** Nothing may be left behind. */
function leavingNothing(title: string, body: () => Promise<void>): void {
  test(title, async () => {
    await Promise.resolve();
    const leftovers = bunRuntime.watch();
    await body();
    assert.equal(await leftovers(), [], "something is left behind");
  });
}

/** A transport, and the socket at its other end. */
async function pair(): Promise<{ transport: ByteTransport; peer: Socket; stop(): Promise<void> }> {
  const accepted = deferred<Socket>();
  const endpoint = await listening(accepted.resolve);
  const transport = bunTransport(addressOf(endpoint.address));
  return { transport, peer: await accepted.promise, stop: () => endpoint.close() };
}

/** A socket of which a test decides what it does. */
function fake(transport: BunTransport, parts: Partial<Socket>): Socket {
  const address = { remoteAddress: "::1", remotePort: 1, localAddress: "::1", localPort: 2 };
  const deaf = { pause: () => {}, resume: () => {}, shutdown: () => {}, terminate: () => {}, write: () => 0 };
  return { data: transport, ...address, ...deaf, end: () => transport.gone(), ...parts };
}

leavingNothing("takes nothing from the socket until somebody reads", async () => {
  const accepted = deferred<Socket>();
  const endpoint = await listening((socket) => {
    socket.write(utf8("early"));
    accepted.resolve(socket);
  });
  let taken = 0;
  const data: typeof socketHandlers.data = (socket, bytes) => {
    taken += bytes.length;
    socketHandlers.data(socket, bytes);
  };
  const transport = new BunTransport("the server");
  const socket = { ...socketHandlers, data };
  await bun().connect({ ...addressOf(endpoint.address), allowHalfOpen: true, data: transport, socket });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(taken, 0);
  await transport.readable.getReader().read();
  assert.is(taken, 5);
  await Promise.all([transport.close(), accepted.promise.then(({ data }) => data.close())]);
  await endpoint.close();
});

test("hands on what came at once in pieces, and pauses the socket until they are read", async () => {
  const transport = new BunTransport("nobody");
  const calls: string[] = [];
  transport.open(fake(transport, { pause: () => void calls.push("pause"), resume: () => void calls.push("resume") }));
  const data = pattern(300_000);
  const reader = transport.readable.getReader();
  const first = reader.read();
  await new Promise((resolve) => setTimeout(resolve));
  transport.received(data);
  transport.ended();
  assert.is((await first).value?.length, 2 ** 16);
  reader.releaseLock();
  assert.equal(await readAll(transport.readable), data.subarray(2 ** 16));
  assert.equal(calls, ["pause", "resume", "pause"]);
  await transport.close();
});

for (const [how, allowed] of [["the peer", "ours"], ["we", "the peer's"]] as const) {
  leavingNothing(`keeps ${allowed} half open when ${how} ended the other one`, async () => {
    const { transport, peer, stop } = await pair();
    const [first, second] = how === "we" ? [transport, peer.data] : [peer.data, transport];
    await writeAll(first.writable, "all that I say");
    assert.is(await readText(second.readable), "all that I say");
    await new Promise((resolve) => setTimeout(resolve, 20));
    const data = pattern(1_000_000);
    const [received] = await Promise.all([readAll(first.readable), writeAll(second.writable, data)]);
    assert.equal(received, data);
    await stop();
  });
}

leavingNothing("tells a reset to who reads and to who only holds the writable", async () => {
  const { transport, peer, stop } = await pair();
  const reading = errorOf(transport.readable.getReader().read());
  const writing = errorOf(transport.writable.getWriter().closed);
  await transport.opened;
  await new Promise((resolve) => setTimeout(resolve, 20));
  peer.terminate();
  isError(await reading, Error, /ECONNRESET/);
  isError(await writing, Error, /ECONNRESET/);
  await stop();
});

leavingNothing("lets a connection go that was closed before it was open", async () => {
  const accepted = deferred<Socket>();
  const endpoint = await listening(accepted.resolve);
  await connectTls({ ...trusting, ...addressOf(endpoint.address) }).close();
  const peer = await accepted.promise;
  await readAll(peer.data.readable).catch(() => {}); // which ends only when the other side lets go
  await peer.data.close();
  await endpoint.close();
});

test("refuses to write when the socket takes nothing any more", async () => {
  const transport = new BunTransport("nobody");
  transport.open(fake(transport, { write: () => -1 }));
  isError(await errorOf(write(transport.writable, "late")), Error, /the socket was closed/);
  await transport.close();
});

for (const takes of [1, 1000]) {
  test(`writes on when the system takes ${takes} of the bytes, and nothing in between`, async () => {
    const transport = new BunTransport("nobody");
    const sent: number[] = [];
    let calls = 0;
    const write = (bytes: Uint8Array): number => {
      const taken = calls++ % 2 === 0 ? bytes.subarray(0, takes) : bytes.subarray(0, 0);
      sent.push(...taken);
      setTimeout(() => transport.drained());
      return taken.length;
    };
    transport.open(fake(transport, { write }));
    const data = pattern(takes * 5 + 1);
    await writeAll(transport.writable, data);
    assert.equal(sent, [...data]);
    assert.equal(await transport.opened, { remoteAddress: "[::1]:1", localAddress: "[::1]:2" });
    await transport.close();
  });
}

leavingNothing("ends a write that the system doesn't take, when the peer resets and when it is closed", async () => {
  const endpoint = await listening((socket) => void accepted.push(socket)); // which read nothing
  const accepted: { terminate(): void; end(): void }[] = [];
  for (const how of ["reset", "close"]) {
    const transport = bunTransport(addressOf(endpoint.address));
    const stuck = errorOf(write(transport.writable, pattern(2 ** 24)));
    await transport.opened;
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (how === "reset") accepted.shift()?.terminate();
    else await transport.close?.();
    assert.instance(await stuck, Error);
    accepted.shift()?.end();
  }
  await endpoint.close();
});

test.run();
