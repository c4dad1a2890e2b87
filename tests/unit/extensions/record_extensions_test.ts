/**
 * record_size_limit, max_fragment_length, encrypt_then_mac, session_ticket, and the number of extensions: bytes as RFC 8449,
 * 6066, 7366 and 5077 have them, and what is refused, at the edges.
 */
import { assert, suite } from "../../harness.ts";
import { decode, encode } from "../../../lib/codec/codec.ts";
import { DecodeError, PeerMisbehavedError } from "../../../lib/error.ts";
import { checkEncryptThenMacAnswer, encryptThenMac } from "../../../lib/extensions/encrypt_then_mac.ts";
import { checkExtensionCount, type Extension, extensionOf, extensions } from "../../../lib/extensions/extension.ts";
import {
  checkFragmentLengthAnswer,
  fragmentLengthCode,
  fragmentLengthOf,
  maxFragmentLength,
} from "../../../lib/extensions/max_fragment_length.ts";
import {
  checkOneRecordLimit,
  checkRecordSizeLimit,
  recordSizeLimit,
  smallestRecordSizeLimit,
} from "../../../lib/extensions/record_size_limit.ts";
import { sessionTicket, sessionTicketAnswer } from "../../../lib/extensions/session_ticket.ts";
import { sampleBytes } from "../../support/fixtures.ts";

const test = suite("extensions about records and sessions");
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const refuses = (run: () => unknown, alert: string, why: RegExp): void =>
  assert.throws(
    run,
    (error: unknown) =>
      (error instanceof PeerMisbehavedError || error instanceof DecodeError) && error.alert === alert &&
      why.test(error.message),
  );

test("say the largest plaintext in two bytes", () => {
  assert.equal(encode(recordSizeLimit, 16_384), bytes(0x40, 0));
  assert.is(decode(recordSizeLimit, bytes(0, 64), "record_size_limit"), 64);
  assert.is(decode(recordSizeLimit, bytes(0xff, 0xff), "record_size_limit"), 65_535);
  assert.equal(extensionOf("record_size_limit", recordSizeLimit, 64), { type: 28, data: bytes(0, 64) });
  for (const wrong of [[], [64], [0, 64, 0]]) {
    refuses(() => decode(recordSizeLimit, bytes(...wrong), "record_size_limit"), "decode_error", /record_size_limit/);
  }
});

// proves RFC 8449 §4: "Endpoints MUST NOT send"
test("limit records to 64 bytes at least", () => {
  assert.is(smallestRecordSizeLimit, 64);
  for (const limit of [64, 65, 16_384, 16_385, 65_535]) checkRecordSizeLimit(limit, "ClientHello");
  for (const limit of [0, 1, 63]) {
    refuses(
      () => checkRecordSizeLimit(limit, "ServerHello"),
      "illegal_parameter",
      new RegExp(`Cannot accept ServerHello: record_size_limit is ${limit}, less than 64`),
    );
  }
});

// proves RFC 8449 §5: "A client MUST treat receipt"
test("limit records in one way only, when a server answers", () => {
  const list = (...types: readonly number[]): readonly Extension[] => types.map((type) => ({ type, data: bytes() }));
  checkOneRecordLimit(undefined);
  for (const types of [[], [1], [28], [1, 23], [28, 65281]]) checkOneRecordLimit(list(...types));
  for (const types of [[1, 28], [28, 23, 1]]) {
    refuses(() => checkOneRecordLimit(list(...types)), "illegal_parameter", /both max_fragment_length and record_size/);
  }
});

// proves RFC 6066 §4: "If a server receives"
// proves RFC 6066 §4: "The "extension_data" field of this extension SHALL contain:"
test("know the four lengths of a fragment by their codes", () => {
  const known = [[1, 512], [2, 1024], [3, 2048], [4, 4096]] as const;
  for (const [code, length] of known) {
    assert.equal(encode(maxFragmentLength, code), bytes(code));
    assert.is(fragmentLengthOf(code, "ClientHello"), length);
    assert.is(fragmentLengthCode(length), code);
  }
  for (const code of [0, 5, 9, 255]) {
    refuses(
      () => fragmentLengthOf(code, "ClientHello"),
      "illegal_parameter",
      new RegExp(`Cannot accept ClientHello: max_fragment_length is ${code},`),
    );
  }
  for (const length of [0, 1, 511, 513, 4095, 8192, 16_384]) assert.is(fragmentLengthCode(length), undefined);
  for (const wrong of [[], [1, 1]]) {
    refuses(() => decode(maxFragmentLength, bytes(...wrong), "max_fragment_length"), "decode_error", /max_fragment/);
  }
});

// proves RFC 6066 §4: "Similarly, if a client"
test("refuse another length of a fragment than the one that was asked for", () => {
  checkFragmentLengthAnswer(2, 2);
  for (const answer of [1, 3, 0, 255]) {
    refuses(() => checkFragmentLengthAnswer(answer, 2), "illegal_parameter", /and 2 was asked for/);
  }
});

test("hold a ticket without its length, or none", () => {
  const ticket = sampleBytes(2 ** 16 - 1);
  for (const value of [bytes(), bytes(0), ticket]) {
    assert.equal(encode(sessionTicket, value), value);
    assert.equal(decode(sessionTicket, value, "session_ticket").slice(), value);
  }
  const tooLong = { type: 35, data: encode(sessionTicket, sampleBytes(2 ** 16)) };
  assert.throws(() => encode(extensions, [tooLong]), /Cannot encode/);
});

// proves RFC 7366 §2: "The "extension_type" value"
test("announce a ticket, and Encrypt-then-MAC, with nothing in them", () => {
  for (const codec of [sessionTicketAnswer, encryptThenMac]) {
    assert.equal(encode(codec, undefined), bytes());
    assert.is(decode(codec, bytes(), "extension"), undefined);
    refuses(() => decode(codec, bytes(0), "extension"), "decode_error", /1 bytes too many/);
  }
});

// proves RFC 7366 §3: "If a server receives"
test("agree to Encrypt-then-MAC with a block cipher only", () => {
  const answer = [extensionOf("encrypt_then_mac", encryptThenMac, undefined)];
  assert.equal(answer, [{ type: 22, data: bytes() }]);
  checkEncryptThenMacAnswer(answer, true);
  for (const list of [undefined, [], [{ type: 23, data: bytes() }]]) checkEncryptThenMacAnswer(list, false);
  refuses(() => checkEncryptThenMacAnswer(answer, false), "illegal_parameter", /encrypt_then_mac has no meaning/);
});

test("may be as many as allowed, and not one more", () => {
  const list = (length: number): readonly Extension[] => Array.from({ length }, (_, type) => ({ type, data: bytes() }));
  checkExtensionCount(undefined, 0, "ClientHello");
  checkExtensionCount([], 0, "ClientHello");
  checkExtensionCount(list(3), 3, "ClientHello");
  refuses(
    () => checkExtensionCount(list(4), 3, "ClientHello"),
    "illegal_parameter",
    /Cannot accept ClientHello: it has 4 extensions, more than 3/,
  );
});

test.run();
