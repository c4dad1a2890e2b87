/** Alert, ChangeCipherSpec, the handshake frame and its reader, both hellos: their bytes, and what is refused. */
import { assert, suite } from "../../harness.ts";
import { concat } from "../../../lib/codec/bytes.ts";
import { encode } from "../../../lib/codec/codec.ts";
import { DecodeError, PeerMisbehavedError, type TlsError } from "../../../lib/error.ts";
import { alert, decodeAlert } from "../../../lib/messages/alert.ts";
import { checkChangeCipherSpec } from "../../../lib/messages/change_cipher_spec.ts";
import { clientHello, decodeClientHello } from "../../../lib/messages/client_hello.ts";
import { describeHello } from "../../../lib/messages/describe_hello.ts";
import { handshakeMessage } from "../../../lib/messages/handshake.ts";
import { HandshakeReader } from "../../../lib/messages/handshake_reader.ts";
import { decodeServerHello, serverHello } from "../../../lib/messages/server_hello.ts";
import { sampleBytes } from "../../support/fixtures.ts";

const test = suite("messages");
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const refuses = (run: () => unknown, alertName: string, why: RegExp): void =>
  assert.throws(
    run,
    (error: TlsError) =>
      (error instanceof DecodeError || error instanceof PeerMisbehavedError) && error.alert === alertName &&
      why.test(error.message),
  );

test("decode an alert of two bytes, and no other length", () => {
  assert.equal(decodeAlert(bytes(2, 40)), { level: 2, description: 40 });
  assert.equal(encode(alert, { level: 1, description: 0 }), bytes(1, 0));
  for (const wrong of [[], [1], [1, 0, 0], [1, 0, 1, 0]]) {
    refuses(() => decodeAlert(bytes(...wrong)), "decode_error", /alert/);
  }
});

test("know one ChangeCipherSpec", () => {
  checkChangeCipherSpec(bytes(1));
  refuses(() => checkChangeCipherSpec(bytes(2)), "illegal_parameter", /its value is 2, not 1/);
  for (const wrong of [[], [1, 1]]) {
    refuses(() => checkChangeCipherSpec(bytes(...wrong)), "decode_error", /ChangeCipherSpec/);
  }
});

test("frame a handshake message with its type and a length of three bytes", () => {
  const message = handshakeMessage("finished", bytes(7, 8));
  assert.equal(message.bytes, bytes(20, 0, 0, 2, 7, 8));
  assert.is(message.type, 20);
  assert.equal(handshakeMessage("certificate", sampleBytes(70_000)).bytes.subarray(0, 4), bytes(11, 1, 0x11, 0x70));
});

test("come out of fragments whole, own their bytes, and tell when one is half read", () => {
  const reader = new HandshakeReader(100);
  const wire = concat(bytes(14, 0, 0, 0), bytes(20, 0, 0, 2, 7, 8));
  reader.push(wire.subarray(0, 7));
  assert.equal(reader.next()?.bytes, bytes(14, 0, 0, 0));
  assert.is(reader.midMessage, true);
  assert.is(reader.next(), undefined);
  reader.push(wire.subarray(7));
  const message = reader.next();
  assert.equal(message?.body, bytes(7, 8));
  assert.is(reader.midMessage, false);
  reader.push(sampleBytes(50));
  assert.equal(message?.bytes, bytes(20, 0, 0, 2, 7, 8));
});

test("may be as long as allowed, and an empty fragment is refused", () => {
  const reader = new HandshakeReader(100);
  reader.push(bytes(11, 0, 0, 100));
  assert.is(reader.next(), undefined);
  reader.push(new Uint8Array(100));
  assert.is(reader.next()?.body.length, 100);
  reader.push(bytes(11, 0, 0, 101));
  refuses(() => reader.next(), "illegal_parameter", /Cannot accept certificate: its length is 101, more than 100/);
  refuses(() => new HandshakeReader(100).push(bytes()), "decode_error", /it is empty/);
});

const random = sampleBytes(32);
const limits = { maxExtensions: 3 };
const hello = {
  clientVersion: 0x0303,
  random,
  sessionId: bytes(),
  cipherSuites: [0xc02b],
  compressionMethods: [0],
  extensions: undefined,
};

test("write hellos as RFC 5246 §7.4.1 shows them, with and without extensions", () => {
  const without = encode(clientHello, hello);
  assert.equal(without, concat(bytes(3, 3), random, bytes(0, 0, 2, 0xc0, 0x2b, 1, 0)));
  assert.is(decodeClientHello(without, limits).extensions, undefined);
  const empty = encode(clientHello, { ...hello, extensions: [] });
  assert.equal(empty, concat(without, bytes(0, 0)));
  assert.equal(decodeClientHello(empty, limits).extensions, []);
  const server = encode(serverHello, {
    serverVersion: 0x0303,
    random,
    sessionId: bytes(9),
    cipherSuite: 0xc02b,
    compressionMethod: 0,
    extensions: [{ type: 23, data: bytes() }],
  });
  assert.equal(server, concat(bytes(3, 3), random, bytes(1, 9, 0xc0, 0x2b, 0, 0, 4, 0, 23, 0, 0)));
  assert.equal(decodeServerHello(server, limits).sessionId.slice(), bytes(9));
});

test("refuse hellos with lists out of bounds and extensions that are there twice", () => {
  const body = (rest: readonly number[]): Uint8Array => concat(bytes(3, 3), random, bytes(...rest));
  refuses(
    () => decodeClientHello(body([33, ...new Uint8Array(33), 0, 2, 0, 0, 1, 0]), limits),
    "decode_error",
    /sessionId: its length is 33/,
  );
  refuses(() => decodeClientHello(body([0, 0, 0, 1, 0]), limits), "decode_error", /cipherSuites: its length is 0/);
  refuses(() => decodeClientHello(body([0, 0, 3, 0, 0, 0, 1, 0]), limits), "decode_error", /cipherSuites/);
  refuses(
    () => decodeClientHello(body([0, 0, 2, 0, 0, 0]), limits),
    "decode_error",
    /compressionMethods: its length is 0/,
  );
  const twice = { ...hello, extensions: [23, 23].map((type) => ({ type, data: bytes() })) };
  refuses(
    () => decodeClientHello(encode(clientHello, twice), limits),
    "decode_error",
    /extended_master_secret is there twice/,
  );
});

test("refuse hellos with more extensions than are allowed", () => {
  const types = [23, 10, 11, 0x0a0a].map((type) => ({ type, data: bytes() }));
  const server = { serverVersion: 0x0303, random, sessionId: bytes(), cipherSuite: 0xc02b, compressionMethod: 0 };
  assert.is(
    decodeClientHello(encode(clientHello, { ...hello, extensions: types.slice(1) }), limits).extensions?.length,
    3,
  );
  refuses(
    () => decodeClientHello(encode(clientHello, { ...hello, extensions: types }), limits),
    "illegal_parameter",
    /Cannot accept ClientHello: it has 4 extensions, more than 3/,
  );
  refuses(
    () => decodeServerHello(encode(serverHello, { ...server, extensions: types }), limits),
    "illegal_parameter",
    /Cannot accept ServerHello: it has 4 extensions, more than 3/,
  );
});

test("are described by names, and numbers where there are none", () => {
  const fields = describeHello(
    handshakeMessage("client_hello", encode(clientHello, { ...hello, cipherSuites: [0xc02b, 0x1a1a, 0xabcd] })),
  );
  assert.equal(fields?.["cipher_suites"], ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "GREASE", "0xabcd"]);
  assert.is(fields?.["client_version"], "TLSv1.2");
  assert.is(describeHello(handshakeMessage("finished", bytes())), undefined);
});

test("are described with what their extensions say of tickets, stapling and records", () => {
  const described = (extensions: readonly (readonly [type: number, data: Uint8Array])[], server = false) => {
    const list = extensions.map(([type, data]) => ({ type, data }));
    const body = server
      ? encode(serverHello, {
        serverVersion: 0x0303,
        random,
        sessionId: bytes(),
        cipherSuite: 0xc02b,
        compressionMethod: 0,
        extensions: list,
      })
      : encode(clientHello, { ...hello, extensions: list });
    return describeHello(handshakeMessage(server ? "server_hello" : "client_hello", body)) ?? {};
  };
  const offered = described([[5, bytes(1, 0, 0, 0, 0)], [35, bytes(7, 8)], [1, bytes(2)], [28, bytes(0x40, 0)]]);
  assert.is(offered["status_request"], "ocsp");
  assert.equal(offered["session_ticket"], bytes(7, 8));
  assert.equal([offered["max_fragment_length"], offered["record_size_limit"]], ["1024", "16384"]);
  assert.equal(described([[5, bytes(9)], [1, bytes(9)]])["status_request"], "0x0009");
  assert.equal(described([[1, bytes(9)]])["max_fragment_length"], "0x0009");
  const answered = described([[18, bytes(0, 3, 0, 1, 7)], [28, bytes(0, 64)], [35, bytes()], [5, bytes()]], true);
  assert.equal(answered["signed_certificate_timestamp"], [bytes(7)]);
  assert.is(answered["record_size_limit"], "64");
  const without = ["status_request", "session_ticket", "max_fragment_length", "signed_certificate_timestamp"];
  for (const fields of [described([]), described([], true)]) {
    for (const name of without) assert.not.ok(name in fields, name);
  }
  refuses(() => described([[28, bytes(1)]]), "decode_error", /record_size_limit/);
});

test.run();
