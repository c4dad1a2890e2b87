/** What a stranger may try at the relay: slow heads, floods, tricks of HTTP and of WebSocket frames. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { assert, suite } from "../harness.ts";
import { pattern } from "./fixtures.ts";
import { closing, heardBy, inWorld, type Relaying, type World } from "./relay_support.ts";

const test = suite("the relay under attack");

const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
const upgrade = `Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}`;

/** The first line of what the relay answers to these bytes, and whether it ends the connection. */
async function answerTo(world: World, { port }: Relaying, bytes: string): Promise<string> {
  const socket = world.tcp(port);
  socket.write(bytes, "latin1");
  return (await heardBy(socket)).split("\r\n")[0] ?? "";
}

/** A WebSocket by hand, after its handshake. */
async function byHand(world: World, { port }: Relaying, path: string): Promise<Socket> {
  const socket = world.tcp(port);
  socket.write(`GET /${path} HTTP/1.1\r\n${upgrade}\r\n`);
  const [head] = await once(socket, "data");
  assert.match(String(head), /^HTTP\/1\.1 101 /);
  return socket;
}

/** A frame of a client, with a mask of zeros (RFC 6455 §5.2). */
function frame(firstByte: number, length: number): Buffer {
  const head = Buffer.alloc(14);
  head.set([firstByte, 0xff]);
  head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.alloc(length)]);
}

test("answers malformed and strange requests with an error and ends the connection", () =>
  inWorld(async (world) => {
    let reached = 0;
    const port = await world.tcpServer(() => reached++);
    const target = `127.0.0.1:${port}`;
    const relay = await world.relay({ allow: [target] });
    const asking = (path: string, headers = upgrade): string => `GET ${path} HTTP/1.1\r\n${headers}\r\n`;
    const requests: readonly (readonly [string, RegExp])[] = [
      ["GARBAGE\r\n\r\n", / 400 /],
      ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", / 400 /],
      [asking(`//${target}`), / 400 /],
      [asking(`/%2e%2e/${target}`), / 400 /],
      [asking(`/user@${target}`), / 400 /],
      [asking(`http://${target}/`), / 400 /],
      [asking(`/\xe9:${port}`), / 400 /],
      [asking("/127.0.0.1:0"), / 400 /],
      [asking("/127.0.0.1:99999"), / 400 /],
      [asking("/127.0.0.1:22"), / 403 /],
      [asking(`/${target}`, `${upgrade}Origin: http://evil.example\r\n`), / 403 /],
      [asking(`/${target}`, `${upgrade}Origin: http://localhost:${relay.port}\r\n`), / 403 /],
      [asking(`/${target}`, `${upgrade}Origin: a\r\nOrigin: b\r\n`), / 4(00|03) /],
      [asking(`/${target}`, `${upgrade}Sec-WebSocket-Origin: http://evil.example\r\n`.replace(": 13", ": 8")), / 426 /],
      [asking(`/${target}`, upgrade.replace(/Sec-WebSocket-Key.*\r\n/, "")), / 400 /],
      [asking(`/${target}`, upgrade.replace("websocket", "h2c")), / 426 /],
      [`POST /${target} HTTP/1.1\r\n${upgrade}\r\n`, / 426 /],
      [asking(`/${target}`, "Host: localhost\r\n"), / 426 /],
      [asking(`/${target}`, ""), / 400 /],
      [`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`, /^$/],
      [asking(`/${"a".repeat(20_000)}`), / 431 /],
      [asking(`/${target}`, upgrade + "X: y\r\n".repeat(5_000)), / 431 /],
      [`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, / 400 /],
    ];
    for (const [bytes, expected] of requests) {
      assert.match(await answerTo(world, relay, bytes), expected, bytes.slice(0, 80));
    }
    assert.is(reached, 0);
  }));

test("shows nothing of a refused request on the terminal but what can be printed, and reflects no markup", () =>
  inWorld(async (world) => {
    const relay = await world.relay({ allow: ["a:1"] });
    const socket = world.tcp(relay.port);
    socket.write(`GET /a:1 HTTP/1.1\r\n${upgrade}Origin: http://<script>\r\n\r\n`);
    const answer = await heardBy(socket);
    assert.match(answer, /content-type: text\/plain/);
    assert.match(answer, /x-content-type-options: nosniff/);
  }));

test("bounds connections that never say what they want", () =>
  inWorld(async (world) => {
    const relay = await world.relay({ allow: ["a:1"], maxConnections: 1 });
    const sockets = Array.from({ length: 200 }, () => world.tcp(relay.port));
    for (const socket of sockets) socket.write("GET /a:1 HTTP/1.1\r\nX: ");
    let ended = 0;
    for (const socket of sockets) socket.on("data", () => {}).on("close", () => ended++).on("end", () => socket.end());
    while (ended < 200 - 65) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.is(ended, 200 - 65);
  }));

test("gives up on a head that comes slowly", () =>
  inWorld(async (world) => {
    const relay = await world.relay({ allow: ["a:1"] });
    const socket = world.tcp(relay.port);
    socket.write("GET /a:1 HTTP/1.1\r\n");
    const slowly = setInterval(() => socket.write("X: y\r\n"), 500);
    const answer = await heardBy(socket).finally(() => clearInterval(slowly));
    assert.match(answer, /^HTTP\/1\.1 408 /);
  }));

test("survives a hundred WebSockets that come and go at once", () =>
  inWorld(async (world) => {
    const port = await world.tcpServer((socket) => socket.pipe(socket));
    const relay = await world.relay({ allow: [`127.0.0.1:${port}`], maxConnections: 20 });
    for (let count = 0; count < 100; count++) {
      const web = world.dial(relay.url(`127.0.0.1:${port}`));
      web.on("open", () => count % 2 === 0 ? web.terminate() : web.close());
    }
    while (relay.events.length < 100) await new Promise((resolve) => setTimeout(resolve, 10));
    const web = world.dial(relay.url(`127.0.0.1:${port}`));
    await once(web, "open");
    web.send(pattern(10));
    assert.is((await once(web, "message"))[0].length, 10);
  }));

test("ends a WebSocket that floods it with pings, fragments, wrong frames or a message without end", () =>
  inWorld(async (world) => {
    const port = await world.tcpServer((socket) => socket.resume());
    const path = `127.0.0.1:${port}`;
    const relay = await world.relay({ allow: [path] });
    const floods: readonly (readonly [string, () => Buffer])[] = [
      ["a length of 2^62", () => Buffer.from([0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
      [
        "fragments of a message without end",
        () => Buffer.concat([frame(0x02, 2 ** 19), ...Array(3).fill(frame(0x00, 2 ** 19))]),
      ],
      ["empty fragments", () => Buffer.concat([frame(0x02, 0), ...Array(20_000).fill(frame(0x00, 0))])],
      ["frames without a mask", () => Buffer.from([0x82, 1, 0])],
      ["reserved bits", () => frame(0xf2, 0)],
      ["a text that is none", () => Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff])],
    ];
    for (const [name, bytes] of floods) {
      const socket = await byHand(world, relay, path);
      socket.write(bytes());
      await heardBy(socket);
      assert.is((await relay.event()).type, "ended", name);
    }
    const socket = await byHand(world, relay, path);
    socket.pause();
    const pings = Buffer.concat(
      Array<Buffer>(10_000).fill(Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125)])),
    );
    const flooding = setInterval(() => socket.write(pings), 5);
    await new Promise((resolve) => socket.on("close", resolve));
    clearInterval(flooding);
    assert.is((await relay.event()).type, "ended");
  }));

test("isn't kept from its end by a client that doesn't answer a close", () =>
  inWorld(async (world) => {
    const port = await world.tcpServer((socket) => socket.end());
    const relay = await world.relay({ allow: [`127.0.0.1:${port}`] });
    const web = await byHand(world, relay, `127.0.0.1:${port}`);
    await once(web, "data"); // the close frame
    await relay.close();
    assert.is((await relay.event()).type, "ended");
  }));

test("closes a WebSocket that speaks while it waits, even if it never stops", () =>
  inWorld(async (world) => {
    const relay = await world.relay({ reverse: 0 });
    const web = world.dial(relay.url("reverse"));
    await once(web, "open");
    for (let count = 0; count < 100; count++) web.send(pattern(10_000));
    assert.match(await closing(web), /^1008/);
  }));

test.run();
