/** The relay: what it carries, in which order it ends, and its limits. */
import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { WebSocket } from "ws";
import { deferred } from "../../adapters/deferred.ts";
import { startRelay } from "../../adapters/relay.ts";
import { Link } from "../../adapters/relay_link.ts";
import { TlsUsageError } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { errorOf, isError, pattern } from "./fixtures.ts";
import { closing, inWorld, refusal, type Relaying, type World } from "./relay_support.ts";

const test = suite("the relay");

/** A relay, a WebSocket through it, and the server's end. */
async function joined(
  world: World,
  options: Parameters<World["relay"]>[0] = {},
): Promise<{ readonly relay: Relaying; readonly web: WebSocket; readonly tcp: Socket; readonly target: string }> {
  const accepted = deferred<Socket>();
  const target = `127.0.0.1:${await world.tcpServer(accepted.resolve)}`;
  const relay = await world.relay({ allow: [target], ...options });
  const web = world.dial(relay.url(target));
  await once(web, "open");
  return { relay, web, tcp: await accepted.promise, target };
}

test("carries bytes both ways, in messages of any size, and ends with 1000 when the server ends", () =>
  inWorld(async (world) => {
    const { relay, web, tcp, target } = await joined(world);
    const received: Buffer[] = [];
    const data = pattern(1_000_000);
    const sizes = [0, 1, 7, 16_384, 983_608];
    let offset = 0;
    for (const size of sizes) web.send(data.subarray(offset, offset += size));
    const heard: Buffer[] = [];
    web.on("message", (bytes: Buffer) => heard.push(bytes));
    tcp.on("data", (bytes) => {
      received.push(bytes);
      tcp.write(bytes);
      if (Buffer.concat(received).length === data.length) tcp.end();
    });
    assert.is(await closing(web), "1000");
    assert.ok(Buffer.concat(received).equals(data));
    assert.ok(Buffer.concat(heard).equals(data));
    const { from, ...event } = { from: "", ...await relay.event() };
    assert.match(from, /^127\.0\.0\.1:\d+$/);
    const expected = { type: "ended", to: target, sent: 1_000_000, received: 1_000_000, how: `${target} ended` };
    assert.equal(event, expected);
  }));

test("ends the TCP connection in good order when the WebSocket is closed, and delivers what came before", () =>
  inWorld(async (world) => {
    const { relay, web, tcp } = await joined(world);
    const chunks: Buffer[] = [];
    tcp.on("data", (bytes) => chunks.push(bytes)).on("end", () => tcp.end());
    web.send(pattern(500_000));
    web.close(1000);
    await once(tcp, "end");
    assert.is(Buffer.concat(chunks).length, 500_000);
    assert.match(JSON.stringify(await relay.event()), /the WebSocket was closed \(1000\)/);
  }));

test("resets the TCP connection when the WebSocket breaks", () =>
  inWorld(async (world) => {
    const { relay, web, tcp } = await joined(world);
    const failure = once(tcp, "error");
    web.terminate();
    assert.match(String(await failure), /ECONNRESET/);
    assert.match(JSON.stringify(await relay.event()), /the WebSocket broke/);
  }));

test("tells a reset of the TCP connection as 1011 with the reason", () =>
  inWorld(async (world) => {
    const { web, tcp, target } = await joined(world);
    tcp.write("through");
    await once(web, "message");
    tcp.resetAndDestroy();
    assert.is(await closing(web), `1011 The connection to ${target} broke: connection reset by the peer`);
  }));

test("tells that it can't connect as 1011 with the reason, however long the name is", () =>
  inWorld(async (world) => {
    const long = `${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.invalid:443`;
    const relay = await world.relay({ allow: ["127.0.0.1:9", "host.invalid:443", long] });
    const why = (path: string): Promise<string> => closing(world.dial(relay.url(path)));
    assert.is(await why("127.0.0.1:9"), "1011 Cannot connect to 127.0.0.1:9: connection refused");
    assert.match(await why("host.invalid:443"), /^1011 Cannot connect to host\.invalid:443: (unknown host|EAI_AGAIN)/);
    assert.match(await why(long), /^1011 Cannot connect to a{60}/);
  }));

test("counts a connection until its TCP side is gone, too", () =>
  inWorld(async (world) => {
    const deaf = await deafServer();
    try {
      const target = `127.0.0.1:${deaf.port}`;
      const relay = await world.relay({ allow: [target], maxConnections: 1, connectTimeout: 500 });
      const web = world.dial(relay.url(target));
      await once(web, "open");
      web.close();
      await once(web, "close");
      assert.is(await refusal(world.dial(relay.url(target))), 503);
      await relay.event(); // the first is over
      await relay.event();
      const later = world.dial(relay.url(target));
      await once(later, "open");
      later.close();
    } finally {
      deaf.stop();
    }
  }));

test("gives up on a server that never accepts", () =>
  inWorld(async (world) => {
    const deaf = await deafServer();
    try {
      const relay = await world.relay({ allow: [`127.0.0.1:${deaf.port}`], connectTimeout: 50 });
      const why = await closing(world.dial(relay.url(`127.0.0.1:${deaf.port}`)));
      assert.is(why, `1011 Cannot connect to 127.0.0.1:${deaf.port}: timed out`);
    } finally {
      deaf.stop();
    }
  }));

test("sends everything before it closes, also to a slow reader", () =>
  inWorld(async (world) => {
    const { web, tcp } = await joined(world);
    const data = pattern(12_000_000);
    let heard = 0;
    web.pause();
    tcp.end(data);
    await new Promise((resolve) => setTimeout(resolve, 300));
    web.resume();
    web.on("message", (bytes: Buffer) => heard += bytes.length);
    assert.is(await closing(web), "1000");
    assert.is(heard, data.length);
  }));

test("doesn't begin the closing handshake, which has its time, before all was taken", () =>
  inWorld(async (world) => {
    const closes: unknown[] = [];
    const sent: (() => void)[] = [];
    const slow = Object.assign(new EventEmitter(), {
      OPEN: 1,
      readyState: 1,
      bufferedAmount: 0,
      send: (_: Uint8Array, __: object, done: () => void) => void sent.push(done),
      close: (code: number) => void closes.push(code),
      pause: () => {},
      resume: () => {},
    });
    const port = await world.tcpServer((tcp) => tcp.end("last words"));
    const tcp = world.tcp(port);
    const limits = { maxBytes: Infinity, idleTimeout: 60_000, connectTimeout: 60_000 };
    const link = new Link(slow as unknown as WebSocket, tcp, "a:1", limits);
    await once(tcp, "end");
    assert.equal(closes, []);
    sent.forEach((done) => done());
    assert.equal(closes, [1000]);
    slow.emit("close", 1000);
    assert.is((await link.ended).fromTcp, 10);
  }));

for (const direction of ["the server", "the WebSocket"] as const) {
  test(`makes who sends wait when ${direction} doesn't read`, () =>
    inWorld(async (world) => {
      const { web, tcp } = await joined(world);
      const total = 64 * 2 ** 20;
      const chunk = pattern(2 ** 20);
      let taken = 0;
      if (direction === "the server") {
        tcp.pause();
        for (let sent = 0; sent < total; sent += chunk.length) web.send(chunk, () => taken += chunk.length);
      } else {
        web.pause();
        for (let sent = 0; sent < total; sent += chunk.length) tcp.write(chunk, () => taken += chunk.length);
      }
      for (let last = -1; last !== taken;) {
        last = taken;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      // Two TCP connections take some 20 MB on their way.
      assert.ok(taken < total / 2, `${taken} bytes were taken although ${direction} doesn't read`);
      let received = 0;
      const all = deferred<void>();
      const count = (bytes: Uint8Array): void => {
        received += bytes.length;
        if (received === total) all.resolve();
      };
      if (direction === "the server") tcp.on("data", count).resume();
      else web.on("message", count).resume();
      await all.promise;
    }));
}

test("ends both sides when nothing comes and goes for too long, and not while something does", () =>
  inWorld(async (world) => {
    const { web, tcp } = await joined(world, { idleTimeout: 400 });
    const closed = closing(web);
    const tcpClosed = once(tcp.resume(), "close");
    tcp.on("end", () => tcp.end());
    for (let round = 0; round < 10; round++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (round % 2 === 0) web.send("x", { binary: true });
      else tcp.write("x");
    }
    assert.is(web.readyState, WebSocket.OPEN);
    // Nothing, so no sign of life.
    const nothing = setInterval(() => {
      web.send(new Uint8Array());
      web.ping();
    }, 50);
    assert.is(await closed.finally(() => clearInterval(nothing)), "1008 idle for 0.4 s");
    await tcpClosed;
  }));

test("ends both sides when more bytes came than it may carry, both ways together", () =>
  inWorld(async (world) => {
    const { relay, web, tcp } = await joined(world, { maxBytes: 1_000 });
    tcp.on("data", () => tcp.write(pattern(400)));
    web.send(pattern(400));
    const closed = closing(web);
    await once(web, "message");
    web.send(pattern(201));
    assert.is(await closed, "1008 more than 1000 bytes");
    assert.match(JSON.stringify(await relay.event()), /"how":"more than 1000 bytes"/);
  }));

test("refuses with 503 when there are too many, and goes on when there are fewer", () =>
  inWorld(async (world) => {
    const { relay, web, target } = await joined(world, { maxConnections: 2 });
    const second = world.dial(relay.url(target));
    await once(second, "open");
    assert.is(await refusal(world.dial(relay.url(target))), 503);
    web.close();
    await once(web, "close");
    await relay.event();
    await relay.event();
    await once(world.dial(relay.url(target)), "open");
  }));

test("refuses text messages, and messages of more than a megabyte", () =>
  inWorld(async (world) => {
    const { relay, web, tcp, target } = await joined(world);
    tcp.resume();
    web.send("text");
    assert.is(await closing(web), "1003 a text message came; the tunnel carries binary messages");
    const other = world.dial(relay.url(target));
    await once(other, "open");
    other.send(new Uint8Array(2 ** 20 + 1));
    assert.is(await closing(other), "1009");
  }));

test("ends every connection when it is closed", () =>
  inWorld(async (world) => {
    const { relay, web, tcp } = await joined(world);
    const ends = [closing(web), once(tcp.on("end", () => tcp.end()).resume(), "close")];
    await relay.close();
    assert.is((await Promise.all(ends))[0], "1001 the relay was stopped");
    await errorOf(fetch(`http://127.0.0.1:${relay.port}/`));
  }));

test("can be closed while a client neither reads nor answers", () =>
  inWorld(async (world) => {
    const { relay, web, tcp } = await joined(world);
    web.pause();
    tcp.write(pattern(20_000_000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await relay.close();
  }));

test("says what is wrong with its options, before it listens", async () => {
  const refused = async (options: object, says: RegExp): Promise<void> =>
    isError(await errorOf(startRelay({ port: 0, allow: ["a:1"], ...options })), TlsUsageError, says);
  await refused({ allow: [] }, /relay to everywhere/);
  await refused({ allow: undefined }, /relay to everywhere/);
  await refused({ maxConnections: 0 }, /maxConnections is 0; it must be a positive number/);
  await refused({ maxBytes: -1 }, /maxBytes is -1/);
  await refused({ idleTimeout: Number.NaN }, /idleTimeout is NaN/);
  await refused({ idleTimeout: 2 ** 31 }, /idleTimeout is 2147483648; .* 2147483647 at most/);
  const taken = await startRelay({ port: 0, allow: ["a:1"] });
  assert.match(String(await errorOf(startRelay({ port: taken.port, allow: ["a:1"] }))), /EADDRINUSE/);
  assert.match(String(await errorOf(startRelay({ port: 0, reverse: taken.port }))), /EADDRINUSE/);
  await taken.close();
});

test.run();

/** A process that listens and then does nothing: its queue is full after a few connections, and more get no answer. */
async function deafServer(): Promise<{ readonly port: number; stop(): void }> {
  const script = "require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {" +
    "require('node:fs').writeSync(1, this.address().port + '\\n');" +
    "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); })";
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
  const [said] = await once(child.stdout, "data");
  const port = Number(said);
  const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  await Promise.all(fillers.slice(0, 2).map((socket) => once(socket, "connect")));
  return {
    port,
    stop: () => {
      for (const socket of fillers) socket.destroy();
      child.kill("SIGKILL");
    },
  };
}
