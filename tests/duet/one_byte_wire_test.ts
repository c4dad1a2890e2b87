/**
 * A wire cut into single bytes costs linear work: twice as many bytes, twice as many bytes copied, and no more.
 * Copies are counted, not timed: `set` and `slice` of typed arrays are what copies bytes on their way in.
 */
import { assert, suite } from "../harness.ts";
import { concat } from "../../lib/codec/bytes.ts";
import { handshakeMessage } from "../../lib/messages/handshake.ts";
import { clientConfig, sampleBytes, serverConfig } from "../support/fixtures.ts";
import { Pair } from "../support/pair.ts";
import { createTlsClient } from "../../lib/core.ts";

const test = suite("one-byte wire");

/** How many bytes are copied while `work` runs. */
function copiedBytes(work: () => void): number {
  const typedArray: { set: Uint8Array["set"]; slice: Uint8Array["slice"] } = Object.getPrototypeOf(
    Uint8Array.prototype,
  );
  const { set, slice } = typedArray;
  let copied = 0;
  typedArray.set = function (source, offset): void {
    copied += source.length;
    set.call(this, source, offset);
  };
  typedArray.slice = function (this: Uint8Array<ArrayBuffer>, start, end): Uint8Array<ArrayBuffer> {
    const taken = slice.call(this, start, end);
    copied += taken.length;
    return taken as Uint8Array<ArrayBuffer>;
  };
  try {
    work();
  } finally {
    Object.assign(typedArray, { set, slice });
  }
  return copied;
}

/** Plaintext handshake records with fragments of this length. */
function recordsOf(content: Uint8Array, length: number): Uint8Array {
  const wire = new Uint8Array(content.length + 5 * Math.ceil(content.length / length));
  for (let from = 0, to = 0; from < content.length; from += length) {
    const fragment = content.subarray(from, from + length);
    wire.set([22, 3, 3, fragment.length >> 8, fragment.length & 0xff], to);
    wire.set(fragment, to + 5);
    to += 5 + fragment.length;
  }
  return wire;
}

function* singleBytes(bytes: Uint8Array): Generator<Uint8Array> {
  for (let index = 0; index < bytes.length; index++) yield bytes.subarray(index, index + 1);
}

test("copies each byte of a handshake message that is as long as allowed a few times only", () => {
  const costOf = (length: number, recordLength: number): number => {
    const client = createTlsClient(clientConfig("p256"));
    client.start();
    const message = handshakeMessage("server_hello", sampleBytes(length)).bytes;
    // The last byte is held back, so that only the waiting is measured.
    const wire = recordsOf(message.subarray(0, -1), recordLength);
    const cost = copiedBytes(() => {
      for (const byte of singleBytes(wire)) assert.is(client.receive(byte).length, 0);
    });
    assert.is(client.state, "live.awaitServerHello");
    return cost / wire.length;
  };
  for (const recordLength of [1, 100, 2 ** 14]) {
    const [half, whole] = [costOf(2 ** 16, recordLength), costOf(2 ** 17, recordLength)];
    assert.ok(whole < 8, `${whole} copies of each byte, records of ${recordLength}`);
    assert.ok(whole < half * 1.5, `${half} copies of each byte, then ${whole}, records of ${recordLength}`);
  }
});

test("copies each byte of application data a few times only, whatever waits behind it", () => {
  const costOf = (length: number): number => {
    const pair = new Pair(clientConfig("p256"), serverConfig("p256")).shake();
    pair.server.send(sampleBytes(length));
    const wire = concat(...pair.server.outbox.splice(0));
    const cost = copiedBytes(() => {
      for (const byte of singleBytes(wire)) pair.client.take(pair.client.tls.receive(byte));
    });
    assert.equal(pair.client.data, sampleBytes(length));
    return cost / wire.length;
  };
  const [half, whole] = [costOf(50_000), costOf(100_000)];
  assert.ok(whole < 12, `${whole} copies of each byte`);
  assert.ok(whole < half * 1.5, `${half} copies of each byte, then ${whole}`);
});

test("takes a piece of ten megabytes in linear work too, and delivers all of it", () => {
  const pair = new Pair(clientConfig("p256"), serverConfig("p256")).shake();
  const data = sampleBytes(10_000_000);
  pair.server.send(data);
  const wire = concat(...pair.server.outbox.splice(0));
  const cost = copiedBytes(() => pair.client.take(pair.client.tls.receive(wire))) / wire.length;
  assert.ok(cost < 12, `${cost} copies of each byte`);
  assert.is(pair.client.data.length, data.length);
});

test.run();
