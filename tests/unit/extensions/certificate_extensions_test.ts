/** status_request and signed_certificate_timestamp: bytes as RFC 6066 §8 and RFC 6962 §3.3 have them, and what is refused. */
import { assert, suite } from "../../harness.ts";
import { concat } from "../../../lib/codec/bytes.ts";
import { type Codec, decode, encode } from "../../../lib/codec/codec.ts";
import { DecodeError } from "../../../lib/error.ts";
import { extensionOf } from "../../../lib/extensions/extension.ts";
import { sctRequest, signedCertificateTimestampList } from "../../../lib/extensions/signed_certificate_timestamp.ts";
import {
  asksForOcsp,
  certificateStatusRequest,
  ocspStatusRequest,
  statusRequestAnswer,
} from "../../../lib/extensions/status_request.ts";
import { sampleBytes } from "../../support/fixtures.ts";

const test = suite("extensions about certificates");
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const refuses = (run: () => unknown, why: RegExp): void =>
  assert.throws(
    run,
    (error: unknown) => error instanceof DecodeError && error.alert === "decode_error" && why.test(error.message),
  );
const asked = (...values: readonly number[]): boolean =>
  asksForOcsp(decode(certificateStatusRequest, bytes(...values), "status_request"));

// proves RFC 6066 §8: "The "extension_data" field"
test("ask for OCSP with two empty lists", () => {
  assert.equal(encode(certificateStatusRequest, ocspStatusRequest), bytes(1, 0, 0, 0, 0));
  assert.equal(extensionOf("status_request", certificateStatusRequest, ocspStatusRequest).type, 5);
  assert.is(asksForOcsp(ocspStatusRequest), true);
});

test("take a request with responders and with extensions, and leave both as they are", () => {
  assert.is(asked(1, 0, 0, 0, 2, 0x30, 0), true);
  assert.is(asked(1, 0, 7, 0, 2, 8, 9, 0, 1, 7, 0, 0), true);
  const request = decode(certificateStatusRequest, bytes(1, 0, 3, 0, 1, 7, 0, 1, 9), "status_request");
  assert.equal(request.request.slice(), bytes(0, 3, 0, 1, 7, 0, 1, 9));
});

test("take another type of status for no request, whatever it says", () => {
  assert.is(asked(2, 0, 0), false);
  assert.is(asked(0), false);
  assert.is(asked(255, 1, 2, 3), false);
});

test("refuse an OCSPStatusRequest that is torn, too long or names an empty responder", () => {
  refuses(() => decode(certificateStatusRequest, bytes(), "status_request"), /statusType: 1 bytes needed, 0 left/);
  for (const torn of [[], [0], [0, 0], [0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0, 0], [0, 4, 0, 1, 7]]) {
    refuses(() => asked(1, ...torn), /status_request\.request/);
  }
  refuses(() => asked(1, 0, 2, 0, 0, 0, 0), /its length is 0, not 1 to 65535/);
  refuses(() => asked(1, 0, 0, 0, 0, 0), /1 bytes too many/);
});

test("are answered, or asked for, with nothing in them", () => {
  for (const codec of [statusRequestAnswer, sctRequest]) {
    assert.equal(encode(codec, undefined), bytes());
    assert.is(decode(codec, bytes(), "extension"), undefined);
    refuses(() => decode(codec, bytes(0), "extension"), /1 bytes too many/);
  }
});

test("hold one timestamp or several, each as it is", () => {
  const one = bytes(0, 3, 0, 1, 0xaa);
  assert.equal(encode(signedCertificateTimestampList, [bytes(0xaa)]), one);
  const several = decode(signedCertificateTimestampList, bytes(0, 7, 0, 1, 0xaa, 0, 2, 1, 2), "sct");
  assert.equal(several.map((sct) => sct.slice()), [bytes(0xaa), bytes(1, 2)]);
});

test("hold as long a timestamp as fits into the list, and none that is longer", () => {
  const longest = sampleBytes(2 ** 16 - 3);
  const wire = encode(signedCertificateTimestampList, [longest]);
  assert.equal(wire, concat(bytes(0xff, 0xff, 0xff, 0xfd), longest));
  assert.equal(decode(signedCertificateTimestampList, wire, "sct")[0]?.slice(), longest);
  assert.throws(() => encode(signedCertificateTimestampList, [sampleBytes(2 ** 16 - 2)]), /Cannot encode/);
});

// proves RFC 6962 §3.3: "At least one SCT"
test("refuse a list without timestamps, an empty timestamp, and one that is torn", () => {
  const wrong: readonly (readonly [readonly number[], RegExp])[] = [
    [[], /2 bytes needed, 0 left/],
    [[0, 0], /its length is 0, not 1 to 65535/],
    [[0, 2, 0, 0], /its length is 0, not 1 to 65535/],
    [[0, 5, 0, 1, 7, 0, 0], /its length is 0, not 1 to 65535/],
    [[0, 1, 0], /2 bytes needed, 1 left/],
    [[0, 3, 0, 2, 7], /2 bytes needed, 1 left/],
    [[0, 4, 0, 1, 7], /4 bytes needed, 3 left/],
    [[0, 3, 0, 1, 7, 0], /1 bytes too many/],
  ];
  for (const [wire, why] of wrong) {
    refuses(() => decode(signedCertificateTimestampList, bytes(...wire), "sct"), why);
  }
  const codec: Codec<readonly Uint8Array[]> = signedCertificateTimestampList;
  for (const list of [[], [bytes()]]) assert.throws(() => encode(codec, list), /Cannot encode/);
});

test.run();
