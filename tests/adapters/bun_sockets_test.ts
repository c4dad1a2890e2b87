/** tlschart/bun: the contract over Bun's own sockets, and what only they can do. Runs under Bun. */
import {
  bunTransport,
  connectTls,
  defaultTrustAnchors,
  listenTls,
  type TlsListener,
  type TlsStream,
  TransportError,
} from "../../adapters/bun.ts";
import { BunTransport, socketHandlers } from "../../adapters/bun_socket.ts";
import { bun } from "../../adapters/bun_types.ts";
import { deferred } from "../../adapters/deferred.ts";
import { wrapClient, wrapServer } from "../../adapters/streams.ts";
import { PeerMisbehavedError, TlsError, TruncationError } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { addressOf, bunRuntime, connected, listening } from "./bun_runtime.ts";
import { adapterContract } from "./contract.ts";
import { rawServer } from "./contract_support.ts";
import {
  credential,
  errorOf,
  isError,
  pattern,
  readAll,
  readBytes,
  readText,
  trusting,
  utf8,
  write,
  writeAll,
} from "./fixtures.ts";
import { watchRejections } from "./resources.ts";

adapterContract(bunRuntime);

const test = suite("tlschart/bun over sockets");
const server = { credentials: [credential], halfClose: true };
const anywhere = { hostname: "127.0.0.1", port: 0 };

function clientOf({ hostname, port }: TlsListener): TlsStream {
  return connectTls({ ...trusting, hostname, port });
}

/** Nothing may be left behind. */
function leavingNothing(title: string, body: () => Promise<void>): void {
  test(title, async () => {
    await Promise.resolve();
    const leftovers = bunRuntime.watch();
    await body();
    assert.equal(await leftovers(), [], "something is left behind");
  });
}

leavingNothing("reads no more from the socket than the reader wants and a stated bound", async () => {
  const data = pattern(10_000_000);
  const listener = listenTls({ ...server, ...anywhere }, ({ writable }) => writeAll(writable, data));
  let taken = 0;
  const counting: typeof socketHandlers = {
    ...socketHandlers,
    data: (socket, bytes) => {
      taken += bytes.length;
      socketHandlers.data(socket, bytes);
    },
  };
  const transport = new BunTransport("the server");
  const { hostname, port } = listener;
  await bun().connect({ hostname, port, allowHalfOpen: true, data: transport, socket: counting });
  const stream = wrapClient(transport, trusting);
  await stream.opened;
  for (let last = -1; last !== taken;) {
    last = taken;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(taken <= 2 ** 20, `${taken} bytes were taken from the socket`);
  assert.equal(await readAll(stream.readable), data);
  await stream.closed;
  listener.stop();
});

leavingNothing("says to whom it can't connect, and why", async () => {
  const gone = await listening(() => {});
  await gone.close();
  const { port } = addressOf(gone.address);
  const stream = connectTls({ ...trusting, hostname: "127.0.0.1", port });
  const error = await errorOf(stream.opened);
  isError(error, TransportError, new RegExp(`^Cannot connect to 127\\.0\\.0\\.1:${port}: `));
  if (error instanceof TransportError) assert.is(error.code, "ECONNREFUSED");
  assert.is(await errorOf(stream.closed), error);
  assert.is(await errorOf(readAll(stream.readable)), error);
  assert.is(await errorOf(write(stream.writable, "never")), error);
  const unknown = connectTls({ ...trusting, hostname: "nowhere.invalid", port });
  isError(await errorOf(unknown.opened), TransportError, /^Cannot connect to nowhere\.invalid:\d+: .*ENOTFOUND/);
});

leavingNothing("says that the peer reset the connection", async () => {
  const accepted = deferred<TlsStream>();
  const listener = listenTls({ ...server, ...anywhere }, accepted.resolve);
  const socket = await connected(listener);
  const stream = wrapClient(socket.data, trusting);
  const peer = await accepted.promise;
  await Promise.all([stream.opened, peer.opened]);
  socket.terminate();
  const error = await errorOf(peer.closed);
  isError(error, TransportError, /in state live\.connected: .*ECONNRESET/);
  if (error instanceof TransportError) assert.is(error.code, "ECONNRESET");
  isError(await errorOf(stream.closed), TlsError, /in state live\.connected/);
  listener.stop();
});

leavingNothing("gets its alert to a peer that writes a lot and listens late", async () => {
  const { stream, peer, stop } = await rawServer(bunRuntime);
  const sending = writeAll(peer.writable, utf8("HTTP/1.1 400 Bad Request\r\n\r\n".padEnd(10_000_000, "x")));
  isError(await errorOf(stream.closed), PeerMisbehavedError, /doesn't speak TLS/);
  await sending;
  assert.equal([...(await readAll(peer.readable)).slice(-7)], [21, 3, 1, 0, 2, 2, 10]);
  await stop();
});

leavingNothing("ends the connection of a handler that throws or rejects with its error, and no other", async () => {
  const reported: unknown[] = [];
  const closings: Promise<void>[] = [];
  const faulty = new RangeError("from the handler");
  const handlers = [
    (): void => {
      throw faulty;
    },
    async ({ writable }: TlsStream): Promise<void> => {
      await write(writable, "half of it");
      writable.getWriter(); // a lock is no obstacle
      throw faulty;
    },
    ({ readable, writable }: TlsStream): Promise<void> => readable.pipeTo(writable),
  ];
  const onError = (error: unknown, { closed }: TlsStream): void => {
    reported.push(error);
    closings.push(closed);
  };
  const listener = listenTls({ ...server, ...anywhere, onError }, (stream) => handlers.shift()?.(stream));
  const first = clientOf(listener);
  isError(await errorOf(first.closed), TlsError, /in state live\.awaitServerHello/);
  const second = clientOf(listener);
  assert.is(new TextDecoder().decode(await readBytes(second.readable, 10)), "half of it");
  isError(await errorOf(readAll(second.readable)), TlsError, /in state live\.connected/);
  await errorOf(second.closed);
  const third = clientOf(listener);
  await writeAll(third.writable, "still served");
  assert.is(await readText(third.readable), "still served");
  await third.closed;
  assert.equal(reported, [faulty, faulty]);
  for (const closed of closings) assert.is(await errorOf(closed), faulty);
  listener.stop();
});

leavingNothing("reports no error of a handler that is only the connection's own", async () => {
  const unhandled = watchRejections();
  const reported: unknown[] = [];
  const handled: Promise<void>[] = [];
  const onError = (error: unknown): void => void reported.push(error);
  const listener = listenTls({ ...server, ...anywhere, onError }, ({ readable, writable }) => {
    const echo = readable.pipeTo(writable);
    handled.push(echo);
    return echo;
  });
  const socket = await connected(listener);
  await socket.data.close();
  isError(await errorOf(Promise.all(handled)), TruncationError, /in state live\.awaitClientHello/);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal([...reported, ...unhandled()], []);
  listener.stop();
});

leavingNothing("serves on after stop(), and bears it twice", async () => {
  const listener = listenTls({ ...server, ...anywhere }, ({ readable, writable }) => readable.pipeTo(writable));
  const stream = clientOf(listener);
  await stream.opened;
  listener.stop();
  listener.stop();
  await writeAll(stream.writable, "after the stop");
  assert.is(await readText(stream.readable), "after the stop");
  await stream.closed;
  isError(await errorOf(clientOf(listener).closed), TransportError, /ECONNREFUSED|connect/);
});

leavingNothing("says that a port is in use, and leaves who has it alone", async () => {
  const listener = listenTls({ ...server, ...anywhere }, ({ readable, writable }) => readable.pipeTo(writable));
  const { hostname, port } = listener;
  assert.throws(() => listenTls({ ...server, hostname, port }, () => {}), /EADDRINUSE|Failed to listen/);
  const stream = clientOf(listener);
  await writeAll(stream.writable, "mine");
  assert.is(await readText(stream.readable), "mine");
  await stream.closed;
  listener.stop();
});

leavingNothing("ends all connections of a server whose signal is aborted", async () => {
  const stop = new AbortController();
  const accepted: TlsStream[] = [];
  const options = { ...server, ...anywhere, signal: stop.signal };
  const listener = listenTls(options, (stream) => void accepted.push(stream));
  const streams = [1, 2, 3].map(() => clientOf(listener));
  await Promise.all(streams.map(({ opened }) => opened));
  listener.stop();
  stop.abort(new RangeError("shutting down"));
  for (const { closed } of accepted) isError(await errorOf(closed), RangeError, /shutting down/);
  for (const { closed } of streams) assert.instance(await errorOf(closed), TlsError);
  assert.is(accepted.length, 3);
});

leavingNothing("answers a client that has ended its half of TCP, too", async () => {
  const data = pattern(1_000_000);
  const listener = listenTls({ ...server, ...anywhere }, async ({ readable, writable }) => {
    assert.is(await readText(readable), "all that I say");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await writeAll(writable, data);
  });
  const socket = await connected(listener);
  const stream = wrapClient(socket.data, trusting);
  await writeAll(stream.writable, "all that I say");
  socket.shutdown();
  assert.equal(await readAll(stream.readable), data);
  await stream.closed;
  listener.stop();
});

leavingNothing("tells the addresses of both ends", async () => {
  const accepted = deferred<TlsStream>();
  const listener = listenTls({ ...server, ...anywhere }, accepted.resolve);
  const stream = clientOf(listener);
  const [ours, theirs] = await Promise.all([stream.opened, accepted.promise.then(({ opened }) => opened)]);
  assert.is(ours.remoteAddress, `127.0.0.1:${listener.port}`);
  assert.is(theirs.localAddress, ours.remoteAddress);
  assert.is(theirs.remoteAddress, ours.localAddress);
  await Promise.all([stream.close(), accepted.promise.then((peer) => peer.close())]);
  listener.stop();
});

leavingNothing("begins with TLS in the middle of a connection", async () => {
  const endpoint = await listening(async ({ data }) => {
    const smtp = wrapServer(data, { ...server, secureTransport: "starttls" });
    await write(smtp.writable, "220 hello\r\n");
    await readBytes(smtp.readable, 10);
    await write(smtp.writable, "220 go\r\n");
    const { readable, writable } = smtp.startTls();
    await readable.pipeTo(writable);
  });
  const smtp = wrapClient(bunTransport(addressOf(endpoint.address)), { ...trusting, secureTransport: "starttls" });
  assert.is(new TextDecoder().decode(await readBytes(smtp.readable, 11)), "220 hello\r\n");
  await write(smtp.writable, "STARTTLS\r\n");
  await readBytes(smtp.readable, 8);
  const { readable, writable, closed } = smtp.startTls();
  await writeAll(writable, "secret");
  assert.is(await readText(readable), "secret");
  await closed;
  await endpoint.close();
});

test("refuses options that can't work before it makes a socket", () => {
  const target = { ...trusting, hostname: "127.0.0.1", port: 443 };
  assert.throws(
    () => connectTls({ ...target, port: 0 }),
    /Cannot connect to 127.0.0.1: port must be a number from 1 to 65535, not 0/,
  );
  assert.throws(() => connectTls({ ...target, handshakeTimeout: -1 }), /Cannot use a timeout of -1/);
  assert.throws(() => connectTls({ ...target, trustAnchors: "none" }), /Cannot load certificates/);
  assert.throws(() => listenTls({ ...server, ...anywhere, idleTimeout: 0 }, () => {}), /Cannot use a timeout of 0/);
  assert.throws(() => listenTls({ ...anywhere, credentials: [] }, () => {}), /Cannot .*credential/);
});

test("trusts the runtime's own roots by default", () => {
  assert.ok(defaultTrustAnchors().length > 100);
  assert.throws(() => connectTls({ hostname: "127.0.0.1", port: 0 }), /Cannot connect/);
});

test.run();
