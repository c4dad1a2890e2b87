/** What only a WebSocket does, whoever made it: messages, close codes, the cap, and what is no WebSocket. */
import {
  acceptTls,
  connectTls,
  TransportError,
  WebSocketCloseError,
  type WebSocketLike,
  webSocketTransport,
} from "../../adapters/websocket.ts";
import { maxUnsentBytes } from "../../adapters/websocket_transport.ts";
import { TlsUsageError } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { credential, errorOf, isError, pattern, readAll, readBytes, trusting, write, writeAll } from "./fixtures.ts";
import { FakeWebSocket } from "./websocket_fake.ts";

const test = suite("tlschart/websocket's transport");

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test("takes binary messages of any kind and size as bytes in their order, asking for ArrayBuffers", async () => {
  const socket = new FakeWebSocket();
  const { readable } = webSocketTransport(socket);
  assert.is(socket.binaryType, "arraybuffer");
  const data = pattern(1_000_010);
  socket.hears(data.slice(0, 1).buffer);
  socket.hears(new ArrayBuffer(0));
  const reused = data.slice(1, 10);
  socket.hears(reused);
  reused.fill(0);
  socket.hears(data.slice(10).buffer);
  socket.ends(1000);
  assert.equal(await readAll(readable), data);
  assert.is(socket.listenerCount(), 0);
});

test("sends bytes in messages of at most 128 KiB, which nobody can change any more", async () => {
  const socket = new FakeWebSocket();
  const { writable } = webSocketTransport(socket);
  const data = pattern(300_000);
  const given = data.slice();
  await write(writable, new Uint8Array());
  await write(writable, given);
  given.fill(0);
  assert.equal(socket.sent.map(({ length }) => length), [131_072, 131_072, 37_856]);
  assert.equal(await readAll(new Blob(socket.sent.map((bytes) => new Uint8Array(bytes))).stream()), data);
});

test("lets a write wait until the WebSocket is open", async () => {
  const socket = new FakeWebSocket(0);
  const { writable } = webSocketTransport(socket);
  const writing = write(writable, pattern(3));
  await turn();
  assert.is(socket.sent.length, 0);
  socket.opens();
  await writing;
  assert.is(socket.sent.length, 1);
});

test("lets a write wait while much is unsent, and closes with 1000 when all is sent", async () => {
  const socket = Object.assign(new FakeWebSocket(), { bufferedAmount: 0 });
  const { writable } = webSocketTransport(socket);
  let isWritten = false;
  socket.bufferedAmount = maxUnsentBytes + 1;
  const writing = write(writable, pattern(1)).then(() => isWritten = true);
  await turn();
  assert.not(isWritten);
  socket.bufferedAmount = maxUnsentBytes;
  await writing;
  const closing = writable.close();
  await turn();
  assert.equal(socket.closes, []);
  socket.bufferedAmount = 0;
  await closing;
  assert.equal(socket.closes, [[1000]]);
});

test("refuses text, telling both sides", async () => {
  const socket = new FakeWebSocket();
  const client = connectTls(socket, trusting);
  await turn();
  socket.hears("HTTP/1.1 400");
  isError(await errorOf(client.opened), TransportError, /a text message came; the tunnel carries binary messages/);
  assert.equal(socket.closes[0], [4003, "a text message came; the tunnel carries binary messages"]);
  const other = new FakeWebSocket();
  const { readable } = webSocketTransport(other);
  other.hears(new Blob(["x"]));
  isError(await errorOf(readAll(readable)), Error, /a message of type \[object Blob\] came/);
});

test("fails when more has come than may wait, and closes the WebSocket", async () => {
  const socket = new FakeWebSocket();
  const { readable } = webSocketTransport(socket, { maxBufferedBytes: 2 ** 17 });
  for (let count = 0; count < 3; count++) socket.hears(new ArrayBuffer(40_000));
  assert.is((await readBytes(readable, 40_000)).length, 40_000);
  socket.hears(new ArrayBuffer(40_000));
  assert.equal(socket.closes, []);
  socket.hears(new ArrayBuffer(40_000));
  assert.equal(socket.closes, [[4009, "too much is waiting to be read"]]);
  isError(
    await errorOf(readAll(readable)),
    Error,
    /more than 131072 bytes came that nobody has read \(maxBufferedBytes\)/,
  );
});

test("counts tiny messages for more than their bytes", async () => {
  const socket = new FakeWebSocket();
  const { readable } = webSocketTransport(socket, { maxBufferedBytes: 2 ** 16 });
  for (let count = 0; count < 1_000; count++) socket.hears(new ArrayBuffer(1));
  assert.is(socket.closes.length, 1);
  await errorOf(readAll(readable));
});

test("names the cap when a server sends more than a reader takes", async () => {
  const [one, other] = joined();
  const client = connectTls(one, { ...trusting, maxBufferedBytes: 2 ** 17 });
  const server = acceptTls(other, { credentials: [credential] });
  const sending = errorOf(writeAll(server.writable, pattern(2 ** 20)));
  isError(await errorOf(client.closed), TransportError, /connected: more than 131072 bytes came that nobody has read/);
  isError(await errorOf(server.closed), TransportError, /too much is waiting to be read .*4009/);
  await sending;
});

test("makes the other side wait where it can, and goes on when there is room", async () => {
  const calls: string[] = [];
  const pausable = { pause: () => void calls.push("pause"), resume: () => void calls.push("resume") };
  const socket = Object.assign(new FakeWebSocket(), pausable);
  const { readable } = webSocketTransport(socket);
  await turn();
  calls.length = 0;
  socket.hears(new ArrayBuffer(40_000));
  socket.hears(new ArrayBuffer(40_000));
  assert.is(calls.at(-1), "pause");
  await readBytes(readable, 40_000);
  assert.is(calls.at(-1), "resume");
});

test("ends with 1000 and 1005, and fails with any other code, after what came before", async () => {
  for (const code of [1000, 1005]) {
    const socket = new FakeWebSocket();
    const { readable } = webSocketTransport(socket);
    socket.hears(new ArrayBuffer(3));
    socket.ends(code);
    assert.is((await readAll(readable)).length, 3);
  }
  for (
    const [code, says] of [[1006, /broke/], [0, /broke/], [1011, /no such server .*1011/], [4000, /4000/]] as const
  ) {
    const socket = new FakeWebSocket();
    const { readable } = webSocketTransport(socket);
    socket.hears(new ArrayBuffer(3));
    if (code === 1006) socket.fails();
    socket.ends(code, code === 1011 ? "no such server" : "");
    assert.is((await readBytes(readable, 3)).length, 3);
    const error = await errorOf(readAll(readable));
    isError(error, WebSocketCloseError, says);
    if (error instanceof WebSocketCloseError) assert.is(error.closeCode, code);
    assert.is(socket.listenerCount(), 0);
  }
});

test("says where it can't connect to, without what the URL may hold in secret", async () => {
  const socket = new FakeWebSocket(0);
  const client = connectTls(socket, trusting);
  socket.fails();
  socket.ends(1006);
  const error = await errorOf(client.opened);
  isError(error, TransportError, /^Cannot connect to wss:\/\/relay\.example\/path: the WebSocket broke/);
  const talkative = new FakeWebSocket(0);
  const { opened } = webSocketTransport(talkative);
  talkative.fails("connect ECONNREFUSED");
  isError(await errorOf(Promise.resolve(opened)), TransportError, /path: connect ECONNREFUSED/);
  isError(await errorOf(connectTls(new FakeWebSocket(3), trusting).opened), TransportError, /path: it is closed/);
});

test("lets go at once: with terminate() where there is one, without waiting where there is none", async () => {
  const socket = new FakeWebSocket();
  const transport = webSocketTransport(socket);
  await transport.close?.();
  assert.equal(socket.closes, [[]]);
  assert.is(socket.listenerCount(), 0);
  const terminated: number[] = [];
  const other = Object.assign(new FakeWebSocket(), { terminate: () => void terminated.push(1) });
  const closing = Promise.resolve(webSocketTransport(other).close?.());
  await turn();
  assert.equal(terminated, [1]);
  other.fails("closed before it was open");
  other.ends(1006);
  await closing;
  assert.is(other.listenerCount(), 0);
});

test("refuses to write when the WebSocket is closing", async () => {
  const socket = new FakeWebSocket();
  const { writable } = webSocketTransport(socket);
  await write(writable, pattern(1));
  socket.close();
  isError(await errorOf(write(writable, pattern(1))), Error, /the WebSocket was closed/);
  assert.is(socket.sent.length, 1);
});

test("refuses with the reason of the close, which comes after the WebSocket has begun to close", async () => {
  const socket = new FakeWebSocket();
  const { writable } = webSocketTransport(socket);
  socket.readyState = 2;
  const writing = errorOf(write(writable, "too late"));
  await new Promise((resolve) => setTimeout(resolve, 5));
  socket.ends(1011, "Cannot connect to example.com:443: connection refused");
  isError(await writing, WebSocketCloseError, /^Cannot connect to example\.com:443: connection refused .* 1011\)$/);
});

test("checks every option before there is a WebSocket", () => {
  const made: string[] = [];
  const { WebSocket: before } = globalThis;
  const spying = class extends FakeWebSocket {
    constructor(url: string) {
      super(0);
      made.push(url);
    }
  };
  Object.assign(globalThis, { WebSocket: spying });
  try {
    const refuses = (options: object, says: RegExp, url: string | URL = "ws://localhost:9000/example.com:443"): void =>
      assert.throws(
        () => connectTls(url, { ...trusting, ...options }),
        (error: unknown) => error instanceof TlsUsageError && says.test(error.message),
      );
    refuses({ trustAnchors: undefined }, /trustAnchors is needed, .*a browser's own can't be read/);
    refuses({ serverName: undefined }, /serverName is needed, .* the URL only leads to the relay/);
    refuses({ handshakeTimeout: 0 }, /timeout of 0/);
    refuses({ trustAnchor: "" }, /there is no option "trustAnchor"/);
    refuses({ maxBufferedBytes: 10 }, /maxBufferedBytes 10: it is a number of bytes, 65536 or more/);
    refuses({ maxBufferedBytes: Number.NaN }, /maxBufferedBytes NaN/);
    refuses({ webSocketStream: true }, /there is no WebSocketStream here/);
    for (const url of ["", "example.com:443", "https://example.com/", "/path"]) refuses({}, /ws:\/\/ or wss:\/\//, url);
    assert.equal(made, []);
    connectTls(new URL("ws://localhost:9000/a:1"), { ...trusting }).close();
    assert.equal(made, ["ws://localhost:9000/a:1"]);
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, "WebSocket");
    else globalThis.WebSocket = before;
  }
});

test("says how to get a WebSocket where there is none, and what isn't one", () => {
  const { WebSocket: before } = globalThis;
  Reflect.deleteProperty(globalThis, "WebSocket");
  try {
    assert.throws(() => connectTls("ws://localhost:9000/", { ...trusting }), /new WebSocket\(url\) of the package ws/);
  } finally {
    if (before !== undefined) globalThis.WebSocket = before;
  }
  const notOne: unknown[] = [{}, null, 7, { send: () => {} }, Promise.resolve()];
  for (const one of notOne) {
    const socket = one as WebSocketLike;
    assert.throws(() => connectTls(socket, trusting), /it is none; give a URL, a WebSocket or a WebSocketStream/);
    assert.throws(() => acceptTls(socket, { credentials: [credential] }), /it is none/);
  }
  assert.throws(() => connectTls(new FakeWebSocket(), { ...trusting, protocols: "x" }), /exists already/);
});

test("lets TLS end in good order over what is no more than a WebSocket of the Web", async () => {
  const [one, other] = joined();
  const client = connectTls(one, trusting);
  const server = acceptTls(other, { credentials: [credential], halfClose: true });
  const echoing = server.readable.pipeTo(server.writable);
  await writeAll(client.writable, pattern(200_000));
  assert.equal(await readAll(client.readable), pattern(200_000));
  await Promise.all([echoing, client.closed, server.closed]);
  assert.is(one.listenerCount() + other.listenerCount(), 0);
});

/** Two that hear each other, without a way to make anybody wait. */
function joined(): readonly [FakeWebSocket, FakeWebSocket] {
  const ends = [new FakeWebSocket(), new FakeWebSocket()] as const;
  for (const [from, to] of [ends, [ends[1], ends[0]]] as const) {
    from.send = (bytes) => queueMicrotask(() => to.hears(bytes.slice().buffer));
    from.close = (code = 1005, reason = "") => {
      if (from.readyState > 1) return;
      from.readyState = 2;
      queueMicrotask(() => ends.forEach((end) => end.readyState < 3 && end.ends(code, reason)));
    };
  }
  return ends;
}

test.run();
