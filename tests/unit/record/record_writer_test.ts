import { assert, suite } from "../../harness.ts";
import { Protection } from "../../../lib/record/protection.ts";
import { RecordWriter } from "../../../lib/record/record_writer.ts";
import { sampleBytes } from "../../support/fixtures.ts";

const test = suite("recordWriter");

test("collects a flight until it is flushed, in one piece", () => {
  const writer = new RecordWriter(new Protection());
  assert.is(writer.flush(), undefined);
  assert.equal(writer.write(22, 0x0303, Uint8Array.of(7, 8)), [2]);
  assert.equal(writer.write(20, 0x0303, Uint8Array.of(1)), [1]);
  assert.equal(writer.flush(), Uint8Array.of(22, 3, 3, 0, 2, 7, 8, 20, 3, 3, 0, 1, 1));
  assert.is(writer.flush(), undefined);
});

// proves RFC 5246 §6.2.1: "The length MUST NOT exceed"
test("splits content at 2^14 bytes, and writes no record for no content", () => {
  const writer = new RecordWriter(new Protection());
  assert.equal(writer.write(23, 0x0303, new Uint8Array(0)), []);
  assert.is(writer.flush(), undefined);
  assert.equal(writer.write(23, 0x0303, sampleBytes(2 ** 14)), [2 ** 14]);
  writer.flush();
  assert.equal(writer.write(23, 0x0303, sampleBytes(2 ** 15 + 1)), [2 ** 14, 2 ** 14, 1]);
  const flight = writer.flush();
  assert.equal(flight?.subarray(0, 5), Uint8Array.of(23, 3, 3, 0x40, 0));
  assert.is(flight?.length, 2 ** 15 + 1 + 15);
});

// proves RFC 5246 §6.2.1: "records MUST be delivered to the network in the same order"
test("seals each record with the next sequence number", () => {
  const protection = new Protection();
  const sealed: number[][] = [];
  protection.use({
    seal: (sequenceNumber, type, plaintext) => {
      sealed.push([sequenceNumber, type, plaintext.length]);
      return new Uint8Array(3);
    },
    open: () => new Uint8Array(0),
  });
  const writer = new RecordWriter(protection);
  assert.equal(writer.write(23, 0x0303, sampleBytes(2 ** 14 + 5)), [3, 3]);
  writer.write(21, 0x0303, Uint8Array.of(1, 0));
  assert.equal(sealed, [[0, 23, 2 ** 14], [1, 23, 5], [2, 21, 2]]);
});

test.run();
