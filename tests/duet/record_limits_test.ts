/**
 * Shorter records: record_size_limit (RFC 8449) and max_fragment_length (RFC 6066 §4), each alone, both in one hello, and
 * with every suite's expansion. The records are measured on the wire, by hand.
 */
import { assert, suite } from "../harness.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { createTlsClient, createTlsServer } from "../../lib/core.ts";
import { TlsUsageError } from "../../lib/error.ts";
import type { CipherSuiteName } from "../../lib/registry.ts";
import { decodeSession, encodeSession } from "../../lib/session/resumable_session.ts";
import { clientConfig, sampleBytes, serverConfig } from "../support/fixtures.ts";
import { type End, Pair, type Wire, wires } from "../support/pair.ts";
import { ticketKey, Visits } from "../support/visits.ts";
import { helloOf, recordsOf } from "../support/wire_by_hand.ts";

const test = suite("record limits");
const [recordSizeLimitType, maxFragmentLengthType] = [28, 1];

function meet(client: Partial<ClientConfig>, server: Partial<ServerConfig>, wire?: Wire): Pair {
  const pair = new Pair(clientConfig("p256", client), serverConfig("p256", server), wire).shake();
  for (const end of [pair.client, pair.server]) assert.is(end.tls.state, "live.connected", String(end.error));
  return pair;
}

/** The longest record of a kind that an end has sent: before its ChangeCipherSpec, and after. */
function longest({ transmitted }: End, isProtected: boolean): number {
  const records = recordsOf(transmitted);
  const change = records.findIndex(({ type }) => type === 20);
  const some = isProtected ? records.slice(change + 1) : records.slice(0, change);
  return Math.max(...some.map(({ fragment }) => fragment.length));
}

/** Whether the ClientHello names a session. */
function offers({ transmitted }: End): boolean {
  const { sessionId, extensions } = helloOf(transmitted, "ClientHello");
  return sessionId.length > 0 || (extensions.get(35)?.length ?? 0) > 0;
}

function exchanges(pair: Pair, length: number): void {
  pair.client.send(sampleBytes(length));
  pair.server.send(sampleBytes(length).reverse());
  pair.deliver();
  assert.equal(pair.server.data, sampleBytes(length));
  assert.equal(pair.client.data, sampleBytes(length).reverse());
}

const tag = 16; // of ChaCha20-Poly1305, which adds nothing else (RFC 7905)

for (const wire of wires) {
  test(`record_size_limit: each side sends what the other takes, wire ${wire}`, () => {
    for (const [ours, theirs] of [[64, 1000], [1000, 64], [16384, 65], [64, undefined]] as const) {
      const pair = meet({ recordSizeLimit: ours }, { recordSizeLimit: theirs }, wire);
      const told = (
        end: End,
        name: "ClientHello" | "ServerHello",
      ): readonly number[] => [...helloOf(end.transmitted, name).extensions.get(recordSizeLimitType) ?? []];
      const taken = theirs ?? 16384;
      assert.equal(told(pair.client, "ClientHello"), [ours >> 8, ours & 255]);
      assert.equal(told(pair.server, "ServerHello"), [taken >> 8, taken & 255]);
      const { client: { tls: { session } }, server } = pair;
      assert.equal([session?.maxSendLength, session?.maxReceiveLength], [taken, ours]);
      assert.equal([server.tls.session?.maxSendLength, server.tls.session?.maxReceiveLength], [ours, taken]);
      const length = wire === "bytes" ? 1500 : 20_000;
      exchanges(pair, length);
      assert.is(longest(pair.server, true), Math.min(ours, length) + tag);
      assert.is(longest(pair.client, true), Math.min(taken, length) + tag);
      // RFC 8449 §4: "This limit … applies to protected records only": the certificate goes in one piece.
      assert.ok(longest(pair.server, false) > 64);
    }
  });

  test(`max_fragment_length: both sides fragment by it from the first, wire ${wire}`, () => {
    for (const [code, length] of [[1, 512], [2, 1024], [3, 2048], [4, 4096]] as const) {
      const pair = meet({ maxFragmentLength: length }, {}, wire);
      for (const [end, name] of [[pair.client, "ClientHello"], [pair.server, "ServerHello"]] as const) {
        assert.equal(helloOf(end.transmitted, name).extensions.get(maxFragmentLengthType), Uint8Array.of(code));
        const { session } = end.tls;
        assert.equal([session?.maxSendLength, session?.maxReceiveLength], [length, length]);
      }
      exchanges(pair, length + 1);
      for (const end of [pair.client, pair.server]) assert.is(longest(end, true), length + tag);
      assert.ok(longest(pair.server, false) <= length);
      // The server's certificate, of some 560 bytes, doesn't fit into the shortest.
      if (length === 512) assert.is(longest(pair.server, false), 512);
    }
  });
}

test("record_size_limit hides max_fragment_length where a hello has both (RFC 8449 §5)", () => {
  const pair = meet({ recordSizeLimit: 100, maxFragmentLength: 512 }, { recordSizeLimit: 200 });
  const answered = helloOf(pair.server.transmitted, "ServerHello").extensions;
  assert.ok(answered.has(recordSizeLimitType));
  assert.not(answered.has(maxFragmentLengthType));
  exchanges(pair, 1000);
  assert.equal([longest(pair.client, true), longest(pair.server, true)], [200 + tag, 100 + tag]);
});

test("nothing is asked for, and nothing answered, where nobody configures anything", () => {
  for (const server of [{}, { recordSizeLimit: 64 }]) {
    const pair = meet({}, server);
    for (const [end, name] of [[pair.client, "ClientHello"], [pair.server, "ServerHello"]] as const) {
      const { extensions } = helloOf(end.transmitted, name);
      assert.not(extensions.has(recordSizeLimitType) || extensions.has(maxFragmentLengthType));
    }
    exchanges(pair, 20_000);
    assert.is(longest(pair.client, true), 16384 + tag);
  }
});

test("the limits are of the plaintext, whatever the suite adds to it", () => {
  const expansions: readonly (readonly [CipherSuiteName, boolean, number])[] = [
    ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", false, 100 + 8 + 16],
    ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", false, 100 + 16],
    // RFC 7366 §3: IV, 100 bytes and 12 of padding, MAC.
    ["TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", true, 16 + 112 + 32],
    ["TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", true, 16 + 112 + 20],
  ];
  for (const [cipherSuite, legacyCbc, length] of expansions) {
    const pair = meet({ recordSizeLimit: 100, legacyCbc, cipherSuites: [cipherSuite] }, { legacyCbc });
    exchanges(pair, 1000);
    assert.is(longest(pair.server, true), length, cipherSuite);
  }
});

test("the limits are settled anew where a session is resumed", () => {
  for (
    const [option, type, length] of [["recordSizeLimit", recordSizeLimitType, 64], [
      "maxFragmentLength",
      maxFragmentLengthType,
      512,
    ]] as const
  ) {
    const scene = new Visits();
    scene.visit();
    const pair = scene.visit({ [option]: length });
    assert.is(pair.client.tls.session?.resumed, true);
    assert.ok(helloOf(pair.server.transmitted, "ServerHello").extensions.has(type));
    exchanges(pair, 1000);
    assert.is(longest(pair.server, true), length + tag);
    const other = scene.visit();
    assert.is(other.client.tls.session?.resumed, true);
    assert.is(other.client.tls.session?.maxReceiveLength, 16384);
  }
});

for (const server of [{}, { ticketKeys: [ticketKey(1)], sessionCache: undefined }]) {
  const by = "ticketKeys" in server ? "ticket" : "session ID";
  const how = ({ client, server }: Pair): "full" | "resumed" => {
    assert.is(client.error ?? server.error, undefined, String(client.error ?? server.error));
    assert.is(client.tls.session?.resumed, server.tls.session?.resumed);
    return client.tls.session?.resumed === true ? "resumed" : "full";
  };
  const lengthsOf = ({ client, server }: Pair): readonly (number | undefined)[] =>
    [client, server].flatMap(({ tls: { session } }) => [session?.maxSendLength, session?.maxReceiveLength]);

  test(`max_fragment_length: a session keeps its length, by ${by}, and is offered with the same option only`, () => {
    const scene = new Visits({}, server);
    assert.is(how(scene.visit({ maxFragmentLength: 512 })), "full");
    const again = scene.visit({ maxFragmentLength: 512 });
    assert.is(how(again), "resumed");
    assert.equal(lengthsOf(again), [512, 512, 512, 512]);
    exchanges(again, 1000);
    for (const end of [again.client, again.server]) assert.is(longest(end, true), 512 + tag);
    for (const other of [{}, { maxFragmentLength: 1024 }, { recordSizeLimit: 100 }]) {
      scene.clientCache.sessions.clear();
      scene.visit({ maxFragmentLength: 512 });
      const pair = scene.visit(other);
      assert.is(how(pair), "full");
      assert.is(offers(pair.client), false);
    }
  });

  test(`max_fragment_length: a server makes a full handshake, by ${by}, with a client that asks for another one`, () => {
    const others = [
      [undefined, {}, 16384],
      [1024, { maxFragmentLength: 1024 }, 1024],
      // RFC 8449 §5: with record_size_limit the other extension isn't looked at.
      [512, { maxFragmentLength: 512, recordSizeLimit: 16384 }, 16384],
    ] as const;
    for (const [believed, options, length] of others) {
      const scene = new Visits({}, server);
      scene.visit({ maxFragmentLength: 512 });
      // The client remembers it wrongly, as one of an older version would.
      scene.clientCache.change((session) => encodeSession({ ...decodeSession(session), maxFragmentLength: believed }));
      const pair = scene.visit(options);
      assert.ok(offers(pair.client));
      assert.is(how(pair), "full");
      assert.equal(lengthsOf(pair), [length, length, length, length]);
      exchanges(pair, 1000);
    }
  });
}

test("options that no record could obey are refused", () => {
  const usage = (says: RegExp) => (error: unknown): boolean =>
    error instanceof TlsUsageError && says.test(error.message);
  for (const recordSizeLimit of [63, 0, -1, 16385, 100.5, NaN, "64" as unknown as number]) {
    const says = usage(/recordSizeLimit is a number of bytes from 64 to 16384/);
    assert.throws(() => createTlsClient(clientConfig("p256", { recordSizeLimit })), says);
    assert.throws(() => createTlsServer(serverConfig("p256", { recordSizeLimit })), says);
  }
  for (const maxFragmentLength of [0, 1, 511, 513, 8192, 16384, NaN, "512" as unknown as number]) {
    assert.throws(
      () => createTlsClient(clientConfig("p256", { maxFragmentLength })),
      usage(/maxFragmentLength is 512, 1024, 2048 or 4096/),
    );
  }
});

test.run();
