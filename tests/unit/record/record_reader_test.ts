import { assert, suite } from "../../harness.ts";
import { concat } from "../../../lib/codec/bytes.ts";
import { DecodeError, InternalError, PeerMisbehavedError, type TlsError } from "../../../lib/error.ts";
import { RecordReader } from "../../../lib/record/record_reader.ts";
import { sampleBytes } from "../../support/fixtures.ts";

const test = suite("recordReader");
const header = (type: number, version: number, length: number): Uint8Array =>
  Uint8Array.of(type, version >> 8, version & 0xff, length >> 8, length & 0xff);
const record = (type: number, fragment: Uint8Array): Uint8Array =>
  concat(header(type, 0x0303, fragment.length), fragment);

function refuses(
  bytes: Uint8Array,
  alert: string,
  why: RegExp,
  prepare: (reader: RecordReader) => void = () => {},
): void {
  const reader = new RecordReader(2 ** 17);
  prepare(reader);
  reader.push(bytes);
  assert.throws(
    () => reader.next(),
    (error: TlsError) =>
      (error instanceof DecodeError || error instanceof PeerMisbehavedError) && error.alert === alert &&
      why.test(error.message),
  );
}

test("gives whole records in order, in whatever pieces they come", () => {
  const wire = concat(record(22, sampleBytes(300)), record(20, Uint8Array.of(1)), record(23, new Uint8Array(0)));
  for (const step of [1, 2, 7, 305, wire.length]) {
    const reader = new RecordReader(2 ** 17);
    const read: [number, number, Uint8Array][] = [];
    for (let at = 0; at < wire.length; at += step) {
      reader.push(wire.subarray(at, at + step));
      for (let next = reader.next(); next !== undefined; next = reader.next()) {
        read.push([next.type, next.version, next.fragment.slice()]);
      }
    }
    assert.equal(read, [[22, 0x0303, sampleBytes(300)], [20, 0x0303, Uint8Array.of(1)], [
      23,
      0x0303,
      new Uint8Array(0),
    ]]);
    assert.is(reader.waiting, 0);
  }
});

test("waits for five bytes of header, then for the fragment", () => {
  const reader = new RecordReader(100);
  reader.push(Uint8Array.of(22, 3, 3, 0));
  assert.is(reader.next(), undefined);
  reader.push(Uint8Array.of(2, 9));
  assert.is(reader.next(), undefined);
  assert.is(reader.waiting, 6);
  reader.push(Uint8Array.of(8));
  assert.equal(reader.next()?.fragment, Uint8Array.of(9, 8));
});

// proves RFC 5246 §6.2.1: "The length MUST NOT exceed"
test("refuses a fragment longer than 2^14, and takes 2^14", () => {
  // RFC 5246 §6.2.1: "The length MUST NOT exceed 2^14."
  refuses(header(22, 0x0303, 2 ** 14 + 1), "record_overflow", /its length is 16385, more than 16384/);
  const reader = new RecordReader(2 ** 17);
  reader.push(record(22, sampleBytes(2 ** 14)));
  assert.is(reader.next()?.fragment.length, 2 ** 14);
});

// proves RFC 5246 §6.2.3: "The length MUST NOT exceed"
test("takes 2^14+2048 once fragments are protected, and not one byte more", () => {
  // RFC 5246 §6.2.3: "The length MUST NOT exceed 2^14 + 2048."
  const reader = new RecordReader(2 ** 17);
  reader.expectProtection();
  reader.push(record(23, sampleBytes(2 ** 14 + 2048)));
  assert.is(reader.next()?.fragment.length, 2 ** 14 + 2048);
  refuses(
    header(23, 0x0303, 2 ** 14 + 2049),
    "record_overflow",
    /more than 18432/,
    (other) => other.expectProtection(),
  );
});

test("takes any version 3.x until one is expected", () => {
  for (const version of [0x0300, 0x0301, 0x0303, 0x03ff]) {
    const reader = new RecordReader(100);
    reader.push(header(22, version, 0));
    assert.is(reader.next()?.version, version);
    if (version === 0x0303) continue;
    refuses(header(22, version, 0), "protocol_version", /not TLSv1\.2/, (other) => other.expectVersion(0x0303));
  }
  for (const version of [0x0002, 0x0200, 0x0400, 0xffff]) {
    refuses(header(22, version, 0), "protocol_version", /not 3\.x/);
  }
});

test("refuses unknown types, and guesses what the peer speaks instead", () => {
  refuses(header(24, 0x0303, 0), "unexpected_message", /content type 24 is unknown$/);
  refuses(
    Uint8Array.from("SSH-2.0-OpenSSH", (one) => one.charCodeAt(0)),
    "unexpected_message",
    /it says "SSH-2\.0-Open"/,
  );
  refuses(Uint8Array.of(128, 46, 1, 3, 3, 0), "unexpected_message", /content type 128 is unknown$/);
});

test("holds no more than it may", () => {
  const reader = new RecordReader(10);
  reader.push(new Uint8Array(10));
  assert.throws(() => reader.push(new Uint8Array(1)), (error: unknown) => error instanceof InternalError);
});

test.run();
