/** tlschart/websocket over a WebSocketStream that a test plays by hand. */
import { deferred } from "../../adapters/deferred.ts";
import {
  acceptTls,
  connectTls,
  TransportError,
  WebSocketCloseError,
  type WebSocketStreamLike,
  webSocketTransport,
} from "../../adapters/websocket.ts";
import { TlsUsageError } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import {
  credential,
  errorOf,
  isError,
  pattern,
  readAll,
  readText,
  trusting,
  utf8,
  write,
  writeAll,
} from "./fixtures.ts";

const test = suite("tlschart/websocket over a WebSocketStream");

type Opened = Awaited<WebSocketStreamLike["opened"]>;
type Closed = Awaited<WebSocketStreamLike["closed"]>;

/** What it says of itself is in the hands of the test; `closes` are those that it was asked for. */
class FakeWebSocketStream implements WebSocketStreamLike {
  readonly url = "wss://relay.example/path?token=secret";
  readonly whenOpened = deferred<Opened>();
  readonly whenClosed = deferred<Closed>();
  readonly opened: Promise<Opened> = this.whenOpened.promise;
  readonly closed: Promise<Closed> = this.whenClosed.promise;
  readonly closes: unknown[] = [];

  close(info?: unknown): void {
    this.closes.push(info);
  }
}

/** Open, with these messages, after which it ends with this code. */
function saying(messages: readonly unknown[], closeCode = 1000, reason = ""): FakeWebSocketStream {
  const socket = new FakeWebSocketStream();
  const readable = new ReadableStream({
    start: (controller) => {
      messages.forEach((message) => controller.enqueue(message));
      controller.close();
    },
  });
  socket.whenOpened.resolve({ readable, writable: new WritableStream() });
  socket.whenClosed.resolve({ closeCode, reason });
  return socket;
}

test("takes ArrayBuffers and views of them", async () => {
  const data = pattern(20);
  const { readable } = webSocketTransport(saying([data.slice(0, 5).buffer, data.subarray(5), new ArrayBuffer(0)]));
  assert.equal(await readAll(readable), data);
});

test("fails with the code of a close that isn't a good one, after what came before", async () => {
  const socket = saying([utf8("data")], 1011, "Cannot connect to a:1: connection refused");
  const reader = webSocketTransport(socket).readable.getReader();
  assert.is((await reader.read()).value?.length, 4);
  const error = await errorOf(reader.read());
  isError(error, WebSocketCloseError, /connection refused .*1011/);
  assert.is(await readText(webSocketTransport(saying([], 1005)).readable), "");
});

test("refuses text, and closes", async () => {
  const socket = saying(["text"]);
  isError(await errorOf(connectTls(socket, trusting).closed), TransportError, /a text message came/);
  assert.ok(socket.closes.length > 0);
});

test("says where it can't connect to, without what the URL may hold in secret", async () => {
  const socket = new FakeWebSocketStream();
  const client = connectTls(socket, trusting);
  socket.whenOpened.reject(new Error("closed before handshake complete"));
  const says = /^Cannot connect to wss:\/\/relay\.example\/path: closed before handshake complete/;
  isError(await errorOf(client.opened), TransportError, says);
});

test("can be let go before it is open, and when the other side says no more", async () => {
  const socket = new FakeWebSocketStream();
  await connectTls(socket, trusting).close();
  assert.equal(socket.closes.at(-1), undefined);
  assert.ok(socket.closes.length > 0);
});

test("closes with 1000 when the writable is closed", async () => {
  const socket = saying([]);
  const { writable } = webSocketTransport(socket);
  await write(writable, "data");
  await writable.close();
  assert.equal(socket.closes, [{ closeCode: 1000 }]);
});

test("is made for a URL only when it is asked for", () => {
  const made: unknown[] = [];
  const spying = class extends FakeWebSocketStream {
    constructor(...how: readonly unknown[]) {
      super();
      made.push(how);
    }
  };
  assert.throws(
    () => connectTls("ws://localhost:1/", { ...trusting, webSocketStream: true }),
    (error: unknown) => error instanceof TlsUsageError && /there is no WebSocketStream here/.test(error.message),
  );
  Object.assign(globalThis, { WebSocketStream: spying });
  try {
    void connectTls("ws://localhost:1/", { ...trusting, webSocketStream: true }).close();
    void connectTls("ws://localhost:1/", { ...trusting, webSocketStream: true, protocols: "tunnel" }).close();
  } finally {
    Reflect.deleteProperty(globalThis, "WebSocketStream");
  }
  assert.equal(made, [["ws://localhost:1/", {}], ["ws://localhost:1/", { protocols: ["tunnel"] }]]);
});

test("carries TLS, with nobody's memory but the streams'", async () => {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  const [one, other] = [new FakeWebSocketStream(), new FakeWebSocketStream()];
  one.whenOpened.resolve({ readable: back.readable, writable: there.writable });
  other.whenOpened.resolve({ readable: there.readable, writable: back.writable });
  const client = connectTls(one, trusting);
  const server = acceptTls(other, { credentials: [credential], halfClose: true });
  const echoing = server.readable.pipeTo(server.writable);
  await writeAll(client.writable, pattern(100_000));
  assert.equal(await readAll(client.readable), pattern(100_000));
  await Promise.all([echoing, client.close(), server.close()]);
  assert.equal(one.closes[0], { closeCode: 1000 });
});

test.run();
