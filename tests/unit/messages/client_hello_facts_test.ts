/** The facts of ClientHellos: of OpenSSL's, of one that browsers would send, and of some that no server would accept. */
import { assert, suite } from "../../harness.ts";
import { concat } from "../../../lib/codec/bytes.ts";
import { encode } from "../../../lib/codec/codec.ts";
import { DecodeError } from "../../../lib/error.ts";
import type { Extension } from "../../../lib/extensions/extension.ts";
import { clientHello } from "../../../lib/messages/client_hello.ts";
import { type ClientHelloFacts, clientHelloFacts } from "../../../lib/messages/client_hello_facts.ts";
import { handshakeMessage } from "../../../lib/messages/handshake.ts";
import { client12, clientBoth, serverP256 } from "../../messages/openssl_captures.ts";
import { sampleBytes } from "../../support/fixtures.ts";
import { hex } from "../crypto/fixtures.ts";
import { Aliasing } from "../x509/builder.ts";

const test = suite("the facts of a ClientHello");
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const refuses = (message: Uint8Array, why: RegExp): void =>
  assert.throws(
    () => clientHelloFacts(message),
    (error: unknown) => error instanceof DecodeError && error.alert === "decode_error" && why.test(error.message),
  );

function helloWith(extensions: readonly Extension[] | undefined): Uint8Array<ArrayBuffer> {
  const body = encode(clientHello, {
    clientVersion: 0x0303,
    random: sampleBytes(32),
    sessionId: bytes(1, 2, 3),
    cipherSuites: [0x2a2a, 0xc02b],
    compressionMethods: [0, 1],
    extensions,
  });
  return handshakeMessage("client_hello", body).bytes;
}
const factsWith = (...extensions: readonly (readonly [type: number, data: Uint8Array])[]): ClientHelloFacts =>
  clientHelloFacts(helloWith(extensions.map(([type, data]) => ({ type, data }))));

test("are what OpenSSL has offered", () => {
  const { bytes: message, ...facts } = clientHelloFacts(hex(clientBoth.clientHello));
  assert.equal(message, hex(clientBoth.clientHello));
  // tshark 4.0.17 reads the same lists from these bytes.
  assert.equal(facts.versions, [0x0304, 0x0303, 0x0302, 0x0301]);
  assert.equal([facts.clientVersion, facts.sessionIdLength, facts.cipherSuites.length], [0x0303, 32, 31]);
  assert.equal(facts.extensions, [0, 11, 10, 35, 16, 22, 23, 13, 43, 45, 51]);
  assert.equal(facts.namedGroups, [29, 23, 30, 25, 24, 256, 257, 258, 259, 260]);
  assert.equal(facts.signatureSchemes.slice(0, 3), [0x0403, 0x0503, 0x0603]);
  assert.equal([facts.serverName, facts.pointFormats, facts.alpnProtocols, facts.compressionMethods], [
    "p256.fixture.example",
    [0, 1, 2],
    ["h2", "http/1.1"],
    [0],
  ]);
  const old = clientHelloFacts(hex(client12.clientHello));
  assert.equal([old.versions, old.serverName, old.alpnProtocols, old.sessionIdLength], [[0x0303], undefined, [], 0]);
});

test("are plain data, and their bytes are a copy", () => {
  const message = helloWith(undefined);
  const facts = clientHelloFacts(message);
  assert.equal(structuredClone(facts), facts);
  message.fill(0);
  assert.is(facts.bytes[0], 1);
  assert.equal(clientHelloFacts(facts.bytes), facts);
});

test("are a copy also of a buffer whose slice() is a view, such as that of Node", () => {
  const message = Aliasing.from(factsWith([16, bytes(0, 3, 2, 104, 50)]).bytes);
  const facts = clientHelloFacts(message);
  const before = structuredClone(facts);
  message.fill(0xff);
  assert.equal(facts, before);
  assert.is(facts.bytes.constructor, Uint8Array);
});

test("keep GREASE, the order, and an extension that is there twice", () => {
  const facts = factsWith([0x0a0a, bytes()], [23, bytes()], [0xfafa, bytes(0)], [23, bytes()]);
  assert.equal(facts.extensions, [0x0a0a, 23, 0xfafa, 23]);
  assert.equal(facts.cipherSuites, [0x2a2a, 0xc02b]);
  assert.equal(facts.compressionMethods, [0, 1]);
});

test("are the same whether there is an empty list of extensions or none", () => {
  for (const extensions of [undefined, []]) {
    const { bytes: _, ...facts } = clientHelloFacts(helloWith(extensions));
    assert.equal(facts, {
      clientVersion: 0x0303,
      versions: [0x0303],
      sessionIdLength: 3,
      cipherSuites: [0x2a2a, 0xc02b],
      compressionMethods: [0, 1],
      extensions: [],
      serverName: undefined,
      namedGroups: [],
      signatureSchemes: [],
      pointFormats: [],
      alpnProtocols: [],
    });
  }
});

test("list an extension that can't be read, and tell what the others say", () => {
  const facts = factsWith(
    [10, bytes(0, 3, 0, 29, 0)],
    [13, bytes(0, 0)],
    [11, bytes()],
    [16, bytes(0, 1, 0)],
    [43, bytes(3, 3, 4, 3)],
    [0, bytes(0, 4, 0, 0, 1, 97)],
  );
  assert.equal(facts.extensions, [10, 13, 11, 16, 43, 0]);
  assert.equal([facts.namedGroups, facts.signatureSchemes, facts.pointFormats, facts.alpnProtocols], [[], [], [], []]);
  assert.equal(facts.versions, [0x0303]);
  assert.is(facts.serverName, "a");
});

test("have a server name only when it is one host name", () => {
  const names = (...list: readonly (readonly number[])[]): Uint8Array => {
    const entries = list.map((name) => bytes(0, 0, name.length, ...name));
    const length = entries.reduce((sum, entry) => sum + entry.length, 0);
    return concat(bytes(0, length), ...entries);
  };
  assert.is(factsWith([0, names([0x41, 0x2e, 0x62])]).serverName, "a.b");
  for (const wrong of [names([97], [98]), names([97, 46]), names([97, 0]), bytes(), bytes(0, 4, 1, 0, 1, 97)]) {
    const facts = factsWith([0, wrong]);
    assert.equal([facts.serverName, facts.extensions], [undefined, [0]]);
  }
});

test("have a protocol's bytes one by one in its text", () => {
  assert.equal(factsWith([16, bytes(0, 5, 2, 0xff, 0, 1, 120)]).alpnProtocols, ["\xff\0", "x"]);
});

test("are told of nothing but one whole ClientHello", () => {
  const message = helloWith([]);
  for (let length = 0; length < message.length; length++) refuses(message.subarray(0, length), /ClientHello/);
  refuses(concat(message, bytes(0)), /its length is 49, and 50 bytes follow/);
  refuses(hex(serverP256.serverHello), /it is server_hello/);
  refuses(bytes(1, 0, 0, 0), /clientVersion: 2 bytes needed, 0 left/);
  const torn = helloWith([{ type: 10, data: bytes(0, 0) }]);
  torn[torn.length - 3] = 3;
  refuses(torn, /3 bytes needed, 2 left/);
});

test.run();
