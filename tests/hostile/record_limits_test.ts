/**
 * Peers that send records longer than agreed, at the edge, in both roles; and hellos that agree on what nobody may.
 * RFC 8449 §4, §5; RFC 6066 §4.
 */
import { assert, suite } from "../harness.ts";
import { DecodeError, PeerMisbehavedError } from "../../lib/error.ts";
import { decodeClientHello } from "../../lib/messages/client_hello.ts";
import { sampleBytes } from "../support/fixtures.ts";
import {
  extension,
  fails,
  type Failure,
  handshakeBytes,
  hostileClient,
  type HostilePeer,
  hostileServer,
  uint16,
} from "./hostile_peer.ts";

const test = suite("hostile record limits");
const overflow: Failure = { alert: "record_overflow", error: DecodeError, says: /Cannot read record/ };
type Extensions = readonly ReturnType<typeof extension>[];

/** A server that answers with these extensions, up to its Certificate. */
function answering(config: object, ...extensions: Extensions): HostilePeer {
  const usual = [extension("renegotiation_info", 0), extension("extended_master_secret")];
  const peer = hostileServer(config);
  return peer.handshake("server_hello", peer.serverHelloBody({ extensions: [...usual, ...extensions] }));
}

/** A client that asks with these extensions. */
function asking(config: object, ...extensions: Extensions): HostilePeer {
  const peer = hostileClient(config);
  const usual = decodeClientHello(peer.clientHelloBody()).extensions ?? [];
  return peer.handshake("client_hello", peer.clientHelloBody({ extensions: [...usual, ...extensions] }));
}

const limited = (limit: number): ReturnType<typeof extension> => extension("record_size_limit", ...uint16(limit));

function finish(peer: HostilePeer): HostilePeer {
  const steps = peer.role === "client"
    ? ["ClientKeyExchange", "ChangeCipherSpec", "Finished"] as const
    : ["Certificate", "ServerKeyExchange", "ServerHelloDone", "ChangeCipherSpec", "Finished"] as const;
  for (const step of steps) peer.play(step);
  assert.is(peer.tls.state, "live.connected", String(peer.error));
  return peer;
}

const ends: readonly (readonly [string, (limit: number) => HostilePeer])[] = [
  ["server", (limit) => finish(answering({ recordSizeLimit: limit }, limited(16384)))],
  ["client", (limit) => finish(asking({ recordSizeLimit: limit }, limited(16384)))],
];

for (const [who, connect] of ends) {
  test(`record_size_limit: takes a record of the limit from a ${who}, and none of a byte more`, () => {
    for (const limit of [64, 1000, 16384]) {
      const right = connect(limit).record("application_data", sampleBytes(limit));
      assert.equal(right.outputs.at(-1), { type: "data", bytes: sampleBytes(limit) });
      fails(connect(limit).record("application_data", sampleBytes(limit + 1)), overflow);
    }
    // Handshake messages in protected records are held to it too.
    const kind = who === "server" ? "hello_request" : "client_hello";
    fails(connect(64).record("handshake", handshakeBytes(kind, new Uint8Array(61))), overflow);
  });
}

test("record_size_limit: says nothing of records that aren't protected", () => {
  const peer = answering({ recordSizeLimit: 64 }, limited(64)).play("Certificate");
  assert.is(peer.error, undefined);
  assert.is(asking({ recordSizeLimit: 64 }, limited(64)).error, undefined);
});

test("record_size_limit: nobody may say less than 64, and a server no more than TLS 1.2 permits", () => {
  for (const limit of [0, 1, 63]) {
    const illegal: Failure = { alert: "illegal_parameter", error: PeerMisbehavedError, says: /record_size_limit/ };
    // RFC 8449 §4: "An endpoint MUST treat receipt of a smaller value as a fatal error and generate an "illegal_parameter" alert."
    fails(answering({ recordSizeLimit: 64 }, limited(limit)), illegal);
    fails(asking({}, limited(limit)), illegal);
  }
  const much: Failure = { alert: "illegal_parameter", error: PeerMisbehavedError, says: /more than TLS 1\.2 permits/ };
  fails(answering({ recordSizeLimit: 64 }, limited(16385)), much);
  fails(answering({ recordSizeLimit: 64 }, limited(65535)), much);
  assert.is(answering({ recordSizeLimit: 64 }, limited(16384)).error, undefined);
  // A client may know a version with longer records: what is more than ours counts as ours.
  const generous = finish(asking({}, limited(65535)));
  assert.is(generous.tls.session?.maxSendLength, 16384);
});

test("record_size_limit: an answer that wasn't asked for, or is no number, is refused", () => {
  const unasked: Failure = { alert: "unsupported_extension", error: PeerMisbehavedError, says: /was not offered/ };
  fails(answering({}, limited(100)), unasked);
  fails(answering({}, extension("max_fragment_length", 1)), unasked);
  for (const data of [[], [1], [1, 0, 0]]) {
    const broken: Failure = { alert: "decode_error", error: DecodeError, says: /record_size_limit/ };
    fails(answering({ recordSizeLimit: 64 }, extension("record_size_limit", ...data)), broken);
    fails(asking({}, extension("record_size_limit", ...data)), broken);
  }
});

test("record_size_limit: both answers in one ServerHello are refused", () => {
  // RFC 8449 §5: "A client MUST treat receipt of both "max_fragment_length" and "record_size_limit" as a fatal error, and
  // it SHOULD generate an "illegal_parameter" alert."
  const peer = answering(
    { recordSizeLimit: 64, maxFragmentLength: 512 },
    limited(64),
    extension("max_fragment_length", 1),
  );
  fails(peer, { alert: "illegal_parameter", error: PeerMisbehavedError, says: /max_fragment_length/ });
});

test("max_fragment_length: takes a record of the length, and none of a byte more, from the hellos on", () => {
  const length = 512;
  const server = (): HostilePeer => answering({ maxFragmentLength: length }, extension("max_fragment_length", 1));
  const client = (): HostilePeer => asking({}, extension("max_fragment_length", 1));
  for (const make of [server, client]) {
    // A message that waits for more: its header says 2000 bytes.
    const begun = (fragment: number): Uint8Array => {
      const peer = make();
      const type = peer.role === "server" ? "certificate" : "client_key_exchange";
      return handshakeBytes(type, sampleBytes(2000)).subarray(0, fragment);
    };
    assert.is(make().record("handshake", begun(length)).error, undefined);
    fails(make().record("handshake", begun(length + 1)), overflow);
  }
  const protectedClient = (): HostilePeer => finish(client());
  assert.is(protectedClient().record("application_data", sampleBytes(length)).outputs.at(-1)?.type, "data");
  fails(protectedClient().record("application_data", sampleBytes(length + 1)), overflow);
});

test("max_fragment_length: another answer than the question is refused, and so are codes that there aren't", () => {
  const illegal: Failure = { alert: "illegal_parameter", error: PeerMisbehavedError, says: /max_fragment_length/ };
  for (const code of [0, 2, 4, 5, 255]) {
    fails(answering({ maxFragmentLength: 512 }, extension("max_fragment_length", code)), illegal);
  }
  // RFC 6066 §4: "If a server receives a maximum fragment length negotiation request for a value other than the allowed
  // values, it MUST abort the handshake with an "illegal_parameter" alert."
  for (const code of [0, 5, 255]) fails(asking({}, extension("max_fragment_length", code)), illegal);
  for (const data of [[], [1, 1]]) {
    const broken: Failure = { alert: "decode_error", error: DecodeError, says: /max_fragment_length/ };
    fails(asking({}, extension("max_fragment_length", ...data)), broken);
    fails(answering({ maxFragmentLength: 512 }, extension("max_fragment_length", ...data)), broken);
  }
  // Beside record_size_limit it is ignored, whatever it says (RFC 8449 §5).
  assert.is(asking({}, extension("max_fragment_length", 77), limited(100)).error, undefined);
});

test("max_fragment_length: a server that doesn't answer leaves records as they are", () => {
  const peer = finish(answering({ maxFragmentLength: 512 }));
  assert.equal([peer.tls.session?.maxSendLength, peer.tls.session?.maxReceiveLength], [16384, 16384]);
  assert.is(peer.record("application_data", sampleBytes(16384)).outputs.at(-1)?.type, "data");
});

test.run();
