/** pump over transports in memory: web streams and nothing else. */
import { maxUnreadBytes, ReceivedData } from "../../adapters/received_data.ts";
import { type ByteTransport, pump, type TlsStream, TransportError } from "../../adapters/pump.ts";
import { deferred } from "../../adapters/deferred.ts";
import { takeApart } from "../../adapters/adapter_options.ts";
import {
  createTlsClient,
  createTlsServer,
  type Output,
  type TlsConnection,
  type TlsSession,
  TlsUsageError,
  TruncationError,
} from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import {
  adapterContract,
  type AdapterRuntime,
  type ClientOptions,
  type RawPeer,
  type ServerOptions,
} from "./contract.ts";
import { credential, errorOf, isError, pattern, readAll, readText, trusting, write, writeAll } from "./fixtures.ts";
import { watchResources } from "./resources.ts";

type Accept = (peer: RawPeer) => void;

const memory: AdapterRuntime = {
  name: "pump",
  serve: (options, accept) => listening((peer) => accept(serverOver(peer, options))),
  serveRaw: (accept) => listening(accept),
  connect: ({ address }, options) => clientOver(() => dial(address), options),
  connectRaw: ({ address }) => Promise.resolve(dial(address)),
  watch: () => watchResources(),
};

adapterContract(memory);

const test = suite("pump with web streams");

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
  const client = clientOver({ ...wire.one, readable: wire.one.readable.pipeThrough(counting) }, trusting);
  const server = serverOver(wire.other, { credentials: [credential] });
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
  const outerClient = clientOver(wire.one, trusting);
  const outerServer = serverOver(wire.other, { credentials: [credential], halfClose: true });
  const client = clientOver(outerClient, trusting);
  const server = serverOver(outerServer, { credentials: [credential], halfClose: true });
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
  const client = clientOver({ ...wire.one, opened }, trusting);
  const server = serverOver(wire.other, { credentials: [credential] });
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
  const client = clientOver(transport, trusting);
  const error = await errorOf(client.opened);
  isError(error, TransportError, /in state live\.awaitServerHello: cable cut/);
  assert.is(error.cause, broken);
  const failed: ByteTransport = { ...transportPair().one, opened: Promise.reject(broken) };
  isError(await errorOf(clientOver(failed, trusting).closed), TransportError, /in state connecting: cable cut/);
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
  const client = clientOver(stuck, { ...trusting, signal: stop.signal });
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

test("can be aborted while the last bytes wait to go out", async () => {
  const stop = new AbortController();
  const slow = slowSink();
  const tls = scripted({ close: () => [transmit(1), { type: "closed" }] });
  const stream = pump(tls, { readable: new ReadableStream(), writable: slow.writable }, { signal: stop.signal });
  await stream.opened;
  const closing = stream.close();
  await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort(new RangeError("enough"));
  isError(await errorOf(stream.closed), RangeError, /enough/);
  await closing;
});

test("ends when the transport takes nothing more, whoever reads or writes", async () => {
  const transport: ByteTransport = {
    readable: new ReadableStream(),
    writable: new WritableStream({ write: () => Promise.reject(new Error("pipe is full")) }),
  };
  const client = clientOver(transport, trusting);
  const closing = errorOf(client.writable.getWriter().closed);
  isError(await errorOf(client.closed), TransportError, /in state live\.awaitServerHello: pipe is full/);
  assert.is(await closing, await errorOf(client.closed));
});

test("ends in good order wherever a write stands when it is closed", async () => {
  for (let moment = 0; moment < 12; moment++) {
    let isSaid = false;
    const tls = scripted({
      send: () => {
        if (isSaid) throw new TlsUsageError("Cannot send: the connection is closed");
        return [transmit(1)];
      },
      close: () => {
        isSaid = true;
        return [transmit(2)];
      },
    });
    const slow = slowSink(1);
    const readable = new ReadableStream<Uint8Array>({ pull: (controller) => slow.gate.then(() => controller.close()) });
    const stream = pump(tls, { readable, writable: slow.writable });
    const writing = write(stream.writable, pattern(200_000)).catch(() => {});
    await stream.opened;
    slow.go();
    for (let turn = 0; turn < moment; turn++) await Promise.resolve();
    await stream.close();
    await Promise.all([writing, stream.closed]);
    assert.is(slow.sent.at(-1), 2);
  }
});

test("sends in order, also when a callback closes the stream", async () => {
  const sent: number[] = [];
  const writable = new WritableStream<Uint8Array>({ write: (bytes) => void sent.push(...bytes) });
  const [first, between, second, last] = [transmit(1), { type: "trace", event } as const, transmit(2), transmit(3)];
  const tls = scripted({ start: () => [first, between, second], close: () => [last, { type: "closed" }] });
  const streams: TlsStream[] = [];
  const stream = pump(tls, { readable: new ReadableStream(), writable }, {
    onTrace: () => void streams[0]?.close(),
  });
  streams.push(stream);
  await stream.closed;
  assert.equal(sent, [1, 2, 3]);
});

test("carries out everything, then ends, when a callback throws", async () => {
  const slow = slowSink();
  const failed = { type: "failed", error: new TruncationError("the connection's own error") } as const;
  const tls = scripted({ start: () => [{ type: "trace", event }, transmit(1), transmit(2), failed] });
  const onTrace = (): void => {
    throw new RangeError("from the callback");
  };
  const stream = pump(tls, { readable: new ReadableStream(), writable: slow.writable }, { onTrace });
  await new Promise((resolve) => setTimeout(resolve, 5));
  slow.go();
  isError(await errorOf(stream.closed), TruncationError, /the connection's own error/);
  assert.equal(slow.sent, [1, 2]);
});

test("stops reading when replies pile up that the peer doesn't take", async () => {
  let taken = 0;
  const readable = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      taken++;
      controller.enqueue(Uint8Array.of(0));
    },
  });
  const writable = new WritableStream<Uint8Array>({ write: () => new Promise(() => {}) });
  const stop = new AbortController();
  const tls = scripted({ receive: () => [transmit(1)] });
  const stream = pump(tls, { readable, writable }, { signal: stop.signal });
  for (let last = -1; last !== taken && taken < 1000;) {
    last = taken;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(taken < 50, `${taken} chunks were taken`);
  stop.abort(new RangeError("enough"));
  isError(await errorOf(stream.closed), RangeError, /enough/);
});

test("gives a closed writable all the time that its last bytes need", async () => {
  const slow = slowSink();
  const tls = scripted({ send: () => [transmit(1)], close: () => [transmit(2), { type: "closed" }] });
  const stream = pump(tls, { readable: new ReadableStream(), writable: slow.writable });
  const writing = writeAll(stream.writable, "x");
  await new Promise((resolve) => setTimeout(resolve, 5_500));
  slow.go();
  await Promise.all([writing, stream.closed]);
  assert.equal(slow.sent, [1, 2]);
});

test("bounds what tiny chunks cost, too", async () => {
  const received = new ReceivedData(() => {});
  for (let count = 0; count < 600; count++) received.push(Uint8Array.of(1));
  let isRoom = false;
  const room = received.room().then(() => void (isRoom = true));
  await Promise.resolve();
  assert.not(isRoom);
  await received.readable.cancel();
  await room;
});

test.run();

const session: TlsSession = {
  version: "TLSv1.2",
  cipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  namedGroup: "x25519",
  signatureScheme: "ecdsa_secp256r1_sha256",
  alpnProtocol: undefined,
  serverName: undefined,
  peerCertificates: [],
  extendedMasterSecret: true,
  secureRenegotiation: true,
  clientRandom: new Uint8Array(32),
  serverRandom: new Uint8Array(32),
};

const event = { type: "state", from: "here", to: "there" } as const;

interface SlowSink {
  readonly writable: WritableStream<Uint8Array>;
  readonly sent: number[];
  readonly gate: Promise<void>;
  go(): void;
}

/** Takes a few chunks at once, and lets none go before it is told. */
function slowSink(highWaterMark = 9): SlowSink {
  const sent: number[] = [];
  const gate = deferred<void>();
  const write = async (bytes: Uint8Array): Promise<void> => {
    await gate.promise;
    sent.push(...bytes);
  };
  return {
    writable: new WritableStream({ write }, { highWaterMark }),
    sent,
    gate: gate.promise,
    go: () => gate.resolve(),
  };
}

function transmit(byte: number): Output {
  return { type: "transmit", bytes: Uint8Array.of(byte) };
}

/** A connection that does what a test says, and is established from the start. */
function scripted(parts: Partial<TlsConnection>): TlsConnection {
  const nothing = (): readonly Output[] => [];
  const calls = { start: nothing, receive: nothing, receiveEnd: nothing, send: nothing, close: nothing, ...parts };
  return { state: "scripted", session, ...calls, start: () => [{ type: "established", session }, ...calls.start()] };
}

function clientOver(transport: ByteTransport | (() => ByteTransport), options: ClientOptions): TlsStream {
  const { stream, config } = takeApart(options);
  const tls = createTlsClient(config);
  return pump(tls, typeof transport === "function" ? transport() : transport, stream);
}

function serverOver(transport: ByteTransport, options: ServerOptions): TlsStream {
  const { stream, config } = takeApart(options);
  return pump(createTlsServer(config), transport, stream);
}

const servers = new Map<unknown, Accept>();

async function listening(accept: Accept): Promise<{ address: unknown; close(): Promise<void> }> {
  const address = {};
  servers.set(address, accept);
  return await Promise.resolve({ address, close: () => Promise.resolve(void servers.delete(address)) });
}

function dial(address: unknown): RawPeer {
  const { one, other } = transportPair();
  servers.get(address)?.(other);
  return one;
}

function transportPair(): { readonly one: RawPeer; readonly other: RawPeer } {
  const there = pipe();
  const back = pipe();
  const reset = (): void => [there, back].forEach(({ breaks }) => breaks());
  return {
    one: { readable: back.readable, writable: there.writable, reset },
    other: { readable: there.readable, writable: back.writable, reset },
  };
}

interface Pipe {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  breaks(): void;
}

function pipe(): Pipe {
  let breaks = (): void => {};
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => {
      breaks = () => controller.error(new Error("broken in the middle"));
    },
  });
  return { readable, writable, breaks: () => breaks() };
}
