/** pump with scripted connections: what the loop does with outputs, whatever TLS would do. */
import { pump, type TlsStream } from "../../adapters/pump.ts";
import { ReceivedData } from "../../adapters/received_data.ts";
import { deferred } from "../../adapters/deferred.ts";
import { type Output, type TlsConnection, TlsUsageError, TruncationError } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { errorOf, isError, pattern, someSession, write, writeAll } from "./fixtures.ts";
import { watchResources } from "./resources.ts";

const test = suite("pump with scripted connections");

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

test("carries out nothing more than bytes when a callback has ended it: no timer, no question", async () => {
  await Promise.resolve(); // so that the harness's own timer is there already
  const leftovers = watchResources();
  const stop = new AbortController();
  const asked: unknown[] = [];
  const request = { type: "request", request: { type: "sign", id: 1 } } as unknown as Output; // all that matters of it
  const stream = pump(
    {
      ...scripted({}),
      start: () => [{ type: "trace", event }, { type: "established", session: someSession }, request],
    },
    { readable: new ReadableStream(), writable: new WritableStream() },
    {
      signal: stop.signal,
      idleTimeout: 60_000,
      onTrace: () => stop.abort(new RangeError("enough")),
      onRequest: () => {
        asked.push(1);
        return true;
      },
    },
  );
  isError(await errorOf(stream.opened), RangeError, /enough/);
  isError(await errorOf(stream.closed), RangeError, /enough/);
  assert.equal(asked, []);
  assert.equal(await leftovers(), []);
});

test("ends with an error also when a callback throws nothing", async () => {
  const onTrace = (): void => {
    throw undefined;
  };
  const tls = scripted({ start: () => [{ type: "trace", event }] });
  const stream = pump(tls, { readable: new ReadableStream(), writable: new WritableStream() }, { onTrace });
  isError(await errorOf(stream.closed), TypeError, /threw nothing/);
});

test("reads nothing more while a request is open, and takes no answer after its end", async () => {
  let taken = 0;
  const readable = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      taken++;
      controller.enqueue(Uint8Array.of(0));
    },
  }, { highWaterMark: 0 });
  const answers: unknown[] = [];
  const late = deferred<true>();
  const request = { type: "request", request: { type: "verifyCertificate", id: 1 } } as unknown as Output;
  const tls = scripted({
    start: () => [request],
    answer: (id, value) => {
      answers.push([id, value]);
      return [];
    },
  });
  const stop = new AbortController();
  const stream = pump(tls, { readable, writable: new WritableStream() }, {
    signal: stop.signal,
    onRequest: () => late.promise,
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(taken, 0);
  stop.abort(new RangeError("enough"));
  await errorOf(stream.closed);
  late.resolve(true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(answers, []);
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
  const readable = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
  const stream = pump(tls, { readable, writable: slow.writable });
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
  const calls = {
    start: nothing,
    receive: nothing,
    receiveEnd: nothing,
    send: nothing,
    close: nothing,
    answer: nothing,
    exportKeyingMaterial: () => new Uint8Array(),
    channelBinding: () => new Uint8Array(),
    request: undefined,
    freeze: () => ({ format: 1, role: "client", state: "scripted" } as const),
    ...parts,
  };
  return {
    state: "scripted",
    session: someSession,
    ...calls,
    start: () => [{ type: "established", session: someSession }, ...calls.start()],
  };
}
