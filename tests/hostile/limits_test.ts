/**
 * Every limit at its edge, in both roles where it has a meaning in both: the last that is allowed, and the first that is
 * refused, as configured; and what makes a count begin anew.
 */
import { assert, suite } from "../harness.ts";
import { encode } from "../../lib/codec/codec.ts";
import type { ClientConfig } from "../../lib/config.ts";
import { InternalError, PeerMisbehavedError } from "../../lib/error.ts";
import { decodeClientHello } from "../../lib/messages/client_hello.ts";
import type { CipherSuiteName } from "../../lib/registry.ts";
import type { Limits } from "../../lib/settings.ts";
import { certificate } from "../../lib/tls12/messages/certificate.ts";
import { loadCertificates } from "../../lib/x509/load.ts";
import { insecureAcceptAnyCertificate } from "../../lib/x509/verifier.ts";
import { clientConfig, rememberingProvider, sampleBytes, serverConfig } from "../support/fixtures.ts";
import { Pair, wires } from "../support/pair.ts";
import { answer, openRequest } from "../support/requests.ts";
import { recordsOf } from "../support/wire_by_hand.ts";
import { certificatePem } from "../support/x509_fixtures.ts";
import {
  extension,
  fails,
  type Failure,
  handshakeBytes,
  hostileClient,
  type HostilePeer,
  hostileServer,
  type Role,
} from "./hostile_peer.ts";

const test = suite("hostile limits");
const [der = new Uint8Array(0)] = loadCertificates(certificatePem.p256).map((each) => each.der);
const roles: readonly Role[] = ["client", "server"];
const trusting = { certificateVerifier: insecureAcceptAnyCertificate };
const misbehaved = (alert: "illegal_parameter" | "unexpected_message", says: RegExp): Failure => ({
  alert,
  error: PeerMisbehavedError,
  says,
});

/** A hostile peer of this role in front of ours, with these limits. */
function against(role: Role, limits: Partial<Limits>): HostilePeer {
  return role === "client"
    ? hostileClient({ ...trusting, clientAuthentication: "required", limits })
    : hostileServer({ ...trusting, limits });
}

/** The client's certificate isn't asked for here. */
function plain(role: Role, limits: Partial<Limits>): HostilePeer {
  return role === "client" ? hostileClient({ limits }) : hostileServer({ limits });
}

for (const role of roles) {
  test(`maxHandshakeMessageLength: a message of a ${role} may have so many bytes, by its header`, () => {
    const step = role === "client" ? "ClientHello" : "ServerHello";
    const name = role === "client" ? "client_hello" : "server_hello";
    const { length } = plain(role, {}).bodyOf(step);
    const last = plain(role, { maxHandshakeMessageLength: length }).play(step);
    assert.is(last.error, undefined);
    const first = plain(role, { maxHandshakeMessageLength: length - 1 });
    const says = new RegExp(`its length is ${length}, more than ${length - 1}`);
    // Nothing but the header is there: no memory is spent on what won't be read.
    fails(
      first.record("handshake", handshakeBytes(name, first.bodyOf(step)).subarray(0, 4)),
      misbehaved("illegal_parameter", says),
    );
  });

  test(`maxCertificates: a ${role} may show so many certificates`, () => {
    for (const [count, allowed] of [[3, true], [4, false]] as const) {
      const peer = against(role, { maxCertificates: 3 }).play(role === "client" ? "ClientHello" : "ServerHello");
      peer.handshake("certificate", encode(certificate, Array.from({ length: count }, () => der)));
      if (allowed) assert.is(peer.error, undefined, String(peer.error));
      else fails(peer, misbehaved("illegal_parameter", /it has 4 certificates, more than 3/));
    }
  });

  test(`maxExtensions: a hello of a ${role} may have so many extensions`, () => {
    const hello = (peer: HostilePeer, count: number): HostilePeer => {
      if (role === "client") {
        const usual = decodeClientHello(peer.clientHelloBody()).extensions ?? [];
        const more = Array.from({ length: count - usual.length }, (_, index) => extension(5000 + index));
        return peer.handshake("client_hello", peer.clientHelloBody({ extensions: [...usual, ...more] }));
      }
      // All of a server's must have been asked for.
      const known = ["renegotiation_info", "ec_point_formats", "extended_master_secret", "server_name"] as const;
      const data = [[0], [1, 0], [], []];
      const extensions = known.slice(0, count).map((name, index) => extension(name, ...data[index] ?? []));
      return peer.handshake("server_hello", peer.serverHelloBody({ extensions }));
    };
    const max = role === "client" ? 20 : 3;
    assert.is(hello(plain(role, { maxExtensions: max }), max).error, undefined);
    const over = hello(plain(role, { maxExtensions: max }), max + 1);
    fails(over, misbehaved("illegal_parameter", new RegExp(`it has ${max + 1} extensions, more than ${max}`)));
  });

  test(`maxWarningsInARow: a ${role} may send so many warnings, and again after something that counts`, () => {
    const peer = plain(role, { maxWarningsInARow: 2 }).playAll();
    for (let round = 0; round < 3; round++) {
      peer.alert(1, 90).alert(1, 112).record("application_data", Uint8Array.of(1));
      assert.is(peer.error, undefined);
    }
    peer.alert(1, 90).alert(1, 90);
    fails(peer.alert(1, 90), misbehaved("unexpected_message", /more warnings in a row \(the last was user_canceled\)/));
    const one = plain(role, { maxWarningsInARow: 1 }).alert(1, 90);
    assert.is(one.error, undefined);
    fails(one.alert(1, 90), misbehaved("unexpected_message", /more warnings in a row/));
  });

  test(`maxEmptyRecordsInARow: a ${role} may send so many empty records, and again after some data`, () => {
    const empty = new Uint8Array(0);
    const peer = plain(role, { maxEmptyRecordsInARow: 3 }).playAll();
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 3; count++) peer.record("application_data", empty);
      assert.is(peer.record("application_data", Uint8Array.of(1)).error, undefined);
    }
    for (let count = 0; count < 3; count++) peer.record("application_data", empty);
    fails(peer.record("application_data", empty), misbehaved("unexpected_message", /more empty records in a row/));
  });
}

test("maxIdleMessagesInARow: a server may send so many HelloRequests, during the handshake and after it", () => {
  const limits = { maxIdleMessagesInARow: 3 };
  const idle = (peer: HostilePeer): HostilePeer => {
    for (let count = 0; count < 3; count++) peer.handshake("hello_request", new Uint8Array(0));
    assert.is(peer.error, undefined);
    return peer;
  };
  const oneMore = (peer: HostilePeer): void => {
    const says = /more handshake messages in a row that change nothing/;
    fails(peer.handshake("hello_request", new Uint8Array(0)), misbehaved("unexpected_message", says));
  };
  oneMore(idle(idle(hostileServer({ limits })).play("ServerHello")));
  const data = Uint8Array.of(1);
  oneMore(idle(idle(hostileServer({ limits }).playAll()).record("application_data", data)));
});

for (const wire of wires) {
  test(`maxWaitingBytes: so many bytes may wait for an answer, wire ${wire}`, () => {
    const limits = { maxWaitingBytes: 40_000 };
    const waiting = (): Pair =>
      new Pair(clientConfig("p256", { certificateVerifier: "request", limits }), serverConfig("p256"), wire).shake();
    const header = Uint8Array.of(22, 3, 3, 64, 0);
    // What is left of the server's flight waits too: the records of ServerKeyExchange and ServerHelloDone.
    const left = recordsOf(waiting().server.transmitted).slice(2).map(({ fragment }) => 5 + fragment.length);
    assert.is(left.length, 2);
    const edge = limits.maxWaitingBytes - left.reduce((sum, length) => sum + length, 0) - header.length;
    const probe = (count: number): Pair => {
      const pair = waiting();
      openRequest(pair.client, "verifyCertificate");
      pair.client.take(pair.client.tls.receive(header));
      pair.client.take(pair.client.tls.receive(new Uint8Array(count)));
      return pair;
    };
    const last = probe(edge);
    answer(last, "client", "verifyCertificate", true);
    assert.not(last.client.error instanceof InternalError, "what waited is read, in its turn");
    const { client } = probe(edge + 1);
    assert.instance(client.error, InternalError);
    assert.match(
      String(client.error),
      /Cannot hold more than 40000 received bytes: stop reading while an answer is awaited/,
    );
    assert.equal(client.story, ["request", "requestCanceled", "failed"]);
  });
}

test("maxRecordsPerKey: each cipher's key protects so many records, and an alert after them says why there are no more", () => {
  const ciphers: readonly (readonly [keyof Limits["maxRecordsPerKey"], CipherSuiteName])[] = [
    ["AES_128_GCM", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
    ["AES_256_GCM", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"],
    ["CHACHA20_POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"],
    ["AES_128_CBC", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"],
    ["AES_256_CBC", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"],
  ];
  for (const [name, cipherSuite] of ciphers) {
    for (const side of ["client", "server"] as const) {
      const common = { legacyCbc: true, cipherSuites: [cipherSuite] } as const;
      const limits = { maxRecordsPerKey: { [name]: 4 } };
      const pair = new Pair(
        clientConfig("p256", { ...common, ...side === "client" ? { limits } : {} }),
        serverConfig("p256", { ...common, ...side === "server" ? { limits } : {} }),
      ).shake();
      const other = side === "client" ? pair.server : pair.client;
      // Finished was the first.
      for (let count = 0; count < 3; count++) pair[side].send(Uint8Array.of(count));
      pair.deliver();
      assert.equal(other.data, Uint8Array.of(0, 1, 2), `${name} ${side}`);
      assert.is(pair[side].tls.state, "live.connected");
      pair[side].send(Uint8Array.of(3));
      assert.instance(pair[side].error, InternalError);
      assert.match(String(pair[side].error), /the key is used up after 4/);
      pair.deliver();
      assert.match(String(other.error), /fatal alert internal_error/);
      assert.equal(other.data.length, 3);
    }
  }
});

test("maxRecordsPerKey: a close after the last record is still said", () => {
  const limits = { maxRecordsPerKey: { CHACHA20_POLY1305: 2 } };
  const pair = new Pair(clientConfig("p256", { limits }), serverConfig("p256")).shake();
  pair.client.send(Uint8Array.of(1));
  pair.client.close();
  pair.deliver();
  assert.equal(pair.server.story, ["established", "data", "peerClosed", "closed"]);
});

test("legacyCbc: without it no suite with CBC is offered, accepted or configured; with it they come last", () => {
  const cbc = 0xc023;
  assert.not(hostileServer().clientHello?.cipherSuites.includes(cbc));
  const legacy = hostileServer({ legacyCbc: true });
  const offered = legacy.clientHello?.cipherSuites ?? [];
  assert.ok(offered.includes(cbc));
  const usual = hostileServer().clientHello?.cipherSuites ?? [];
  assert.equal(offered.slice(0, usual.length), usual);
  const unasked = hostileServer();
  unasked.handshake("server_hello", unasked.serverHelloBody({ cipherSuite: cbc }));
  fails(unasked, misbehaved("illegal_parameter", /was not offered/));
  // A server with it prefers everything else, whatever the client prefers.
  const peer = hostileClient({ legacyCbc: true });
  peer.handshake("client_hello", peer.clientHelloBody({ cipherSuites: [cbc, 0xc02b] }));
  assert.is(peer.serverHello?.cipherSuite, 0xc02b);
  const bytes = sampleBytes(5000);
  const pair = new Pair(
    clientConfig("p256", { legacyCbc: true, cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"] }),
    serverConfig("p256", { legacyCbc: true }),
  ).shake();
  assert.is(pair.client.tls.session?.encryptThenMac, true);
  pair.client.send(bytes);
  pair.deliver();
  assert.equal(pair.server.data, bytes);
});

test("legacyCbc: who is refused without it, as an old peer does, hears of it", () => {
  const refusal = (config: Partial<ClientConfig>, alert: number): string =>
    String(hostileServer(config).alert(2, alert).error?.message);
  const hint = /; old peers may need legacyCbc: true$/;
  for (const alert of [40, 71]) {
    assert.match(refusal({}, alert), hint);
    assert.match(refusal({ cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] }, alert), hint);
    assert.not.match(refusal({ legacyCbc: true }, alert), /legacyCbc/);
    assert.not.match(refusal({ provider: { ...rememberingProvider, legacyCipherSuites: [] } }, alert), /legacyCbc/);
  }
  for (const alert of [70, 80, 112]) assert.not.match(refusal({}, alert), /legacyCbc/);
});

test.run();
