import { assert, suite } from "../../harness.ts";
import { ByteQueue } from "../../../lib/codec/byte_queue.ts";
import { dice, sampleBytes } from "../../support/fixtures.ts";

const test = suite("byteQueue");

test("gives bytes in the order in which they came, whatever the pieces", () => {
  const queue = new ByteQueue();
  queue.push(Uint8Array.of(1, 2));
  queue.push(Uint8Array.of());
  queue.push(Uint8Array.of(3));
  assert.is(queue.length, 3);
  assert.equal(queue.peek(2), Uint8Array.of(1, 2));
  assert.is(queue.length, 3);
  assert.equal(queue.take(2), Uint8Array.of(1, 2));
  assert.equal(queue.take(1), Uint8Array.of(3));
  assert.is(queue.length, 0);
  assert.equal(queue.take(0), new Uint8Array(0));
});

test("keeps what waits over thousands of random pushes and takes", () => {
  const queue = new ByteQueue();
  const source = sampleBytes(200_000);
  const roll = dice(1);
  let [pushed, taken] = [0, 0];
  while (taken < source.length) {
    const more = Math.min(roll(3000), source.length - pushed);
    queue.push(source.subarray(pushed, pushed + more));
    pushed += more;
    const less = pushed === source.length ? queue.length : Math.min(roll(3000), queue.length);
    assert.equal(queue.take(less), source.subarray(taken, taken + less));
    taken += less;
    assert.is(queue.length, pushed - taken);
  }
});

test("copies what is pushed: the source may be used again", () => {
  const queue = new ByteQueue();
  const source = Uint8Array.of(1, 2, 3);
  queue.push(source);
  source.fill(0);
  assert.equal(queue.take(3), Uint8Array.of(1, 2, 3));
});

test("gives large buffers back when nothing waits, and keeps small ones", () => {
  const room = (queue: ByteQueue): number => queue.peek(0).buffer.byteLength;
  const large = new ByteQueue();
  large.push(sampleBytes(200_000));
  assert.ok(room(large) >= 200_000);
  const kept = large.take(199_999);
  assert.ok(room(large) >= 200_000, "something still waits");
  assert.equal(large.take(1), sampleBytes(200_000).subarray(-1));
  assert.is(room(large), 0);
  // What was taken is still there: it is a view of the buffer that was given up.
  assert.equal(kept, sampleBytes(199_999));
  large.push(Uint8Array.of(1, 2));
  assert.equal(large.take(2), Uint8Array.of(1, 2));
  const small = new ByteQueue();
  small.push(sampleBytes(16_389));
  const before = room(small);
  small.take(16_389);
  assert.is(room(small), before);
  small.push(sampleBytes(16_389));
  assert.is(room(small), before, "record after record in the same buffer");
});

test.run();
