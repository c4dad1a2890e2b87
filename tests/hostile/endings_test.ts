/**
 * How a connection ends: alerts of every number at both levels, the end of the transport at each step, close at each
 * step, half-close and what comes after it, and calls that come too early, too late or with wrong arguments.
 * RFC 5246 §7.2.
 */
import { assert, suite } from "../harness.ts";
import type { TlsConnection } from "../../lib/connection.ts";
import {
  AlertReceivedError,
  InternalError,
  PeerMisbehavedError,
  TlsUsageError,
  TruncationError,
} from "../../lib/error.ts";
import { AlertDescription, registeredName } from "../../lib/registry.ts";
import { createTlsClient, createTlsServer } from "../../lib/core.ts";
import { clientConfig, rememberingProvider, sampleBytes, serverConfig } from "../support/fixtures.ts";
import {
  fails,
  handshakeBytes,
  hostile,
  hostileClient,
  type HostilePeer,
  hostileServer,
  isOver,
  type Role,
  stepsOf,
} from "./hostile_peer.ts";

const test = suite("endings");
const roles: readonly Role[] = ["client", "server"];
const empty = new Uint8Array(0);

/** The connection at every step of its life, with the step's name; the peer has said everything before it. */
function lives(role: Role): readonly (readonly [string, () => HostilePeer])[] {
  return [
    ...stepsOf[role].map((step) => [`before ${step}`, () => hostile(role).playUntil(step)] as const),
    ["connected", () => hostile(role).playAll()],
  ];
}
function halfClosed(role: Role): HostilePeer {
  const peer = role === "client" ? hostileClient({ halfClose: true }) : hostileServer({ halfClose: true });
  peer.playAll().alert(1, 0);
  assert.is(peer.tls.state, "live.peerClosed");
  return peer;
}

const isUsageError = (says: RegExp) => (thrown: unknown): boolean =>
  thrown instanceof TlsUsageError && thrown instanceof TypeError && says.test(thrown.message);

for (const role of roles) {
  for (const [when, live] of lives(role)) {
    test(`ends with every fatal alert of a ${role} ${when}, and answers none`, () => {
      // RFC 5246 §7.2: "Alert messages with a level of fatal result in the immediate termination of the connection."
      const isFirst = when === `before ${stepsOf[role][0]}`;
      const numbers = isFirst ? Array.from({ length: 256 }, (_, number) => number) : [0, 10, 40, 90, 112, 255];
      for (const number of numbers) {
        const peer = live();
        const { state } = peer.tls;
        const before = peer.outputs.length;
        peer.alert(2, number);
        fails(peer, {
          alert: undefined,
          error: AlertReceivedError,
          says: new RegExp(`sent the fatal alert .*\\(${number}\\)`),
        });
        assert.is(peer.outputs.length, before + 1);
        const { error } = peer;
        if (!(error instanceof AlertReceivedError)) throw new Error("of another class");
        assert.is(error.state, state);
        assert.equal(
          [error.level, error.description, error.descriptionNumber],
          ["fatal", registeredName(AlertDescription, number), number],
        );
        assert.ok(error.message.includes(`(${number}) in state ${state}`), error.message);
        const explains = /: (most often that nothing is in common; we know TLS_.*x25519.*ed25519|it takes no version)/;
        assert.is(explains.test(error.message), isFirst && [40, 70, 71].includes(number), error.message);
      }
    });

    test(`survives every warning but close_notify of a ${role} ${when}`, () => {
      const peer = live();
      const { state } = peer.tls;
      if (when !== "connected") {
        for (const number of [10, 90, 100, 255]) peer.alert(1, number);
      } else {
        for (let number = 1; number < 256; number++) peer.alert(1, number).record("application_data", sampleBytes(1));
      }
      assert.is(peer.error, undefined);
      assert.is(peer.tls.state, state);
      assert.equal(peer.alerts, []);
    });

    test(`refuses an alert of a ${role} ${when} of a level that isn't there, too short, too long or doubled`, () => {
      for (const level of [0, 3, 255]) {
        fails(live().alert(level, 0), {
          alert: "illegal_parameter",
          error: PeerMisbehavedError,
          says: new RegExp(`Cannot accept alert: its level is ${level}`),
        });
      }
      for (const bytes of [[2], [1, 0, 0], [1, 90, 1, 90]]) {
        const peer = live().record("alert", Uint8Array.from(bytes));
        assert.is(peer.error?.alert, "decode_error");
      }
    });

    test(`reports a truncation when a ${role}'s transport ends ${when}, and names the state`, () => {
      // RFC 5246 §7.2.1: close_notify is there to tell an end from a truncation attack.
      for (const rest of [0, 1, 4, 5, 6, 20]) {
        const peer = live();
        const { state } = peer.tls;
        peer.raw(
          peer.recordBytes("alert", Uint8Array.of(1, 90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)).subarray(0, rest),
        );
        const before = peer.outputs.length;
        peer.take(peer.tls.receiveEnd());
        const { error } = peer;
        assert.instance(error, TruncationError);
        assert.is(peer.outputs.length, before + 1, "nothing is sent into a closed transport");
        assert.is(error?.state, state);
        assert.match(
          error?.message ?? "",
          new RegExp(rest === 0 ? "without close_notify" : "in the middle of a record"),
        );
        assert.ok(error?.message.endsWith(`in state ${state}`));
        assert.is(peer.tls.state, "failed");
        assert.throws(() => peer.tls.receive(empty), isUsageError(/receiveEnd\(\) was called before/));
      }
    });

    test(`closes by its own wish ${when} (peer: ${role})`, () => {
      const peer = live();
      const wasConnected = peer.tls.session !== undefined;
      peer.take(peer.tls.close());
      // RFC 5246 §7.2.1: each party "is required to send a close_notify alert before closing the write side".
      // §7.2.2 user_canceled: "This alert should be followed by a close_notify."
      assert.equal(
        peer.alerts,
        wasConnected ? ["warning close_notify"] : ["warning user_canceled", "warning close_notify"],
      );
      assert.is(peer.tls.state, wasConnected ? "live.closing" : "closed");
      assert.equal(peer.tls.close(), []);
      assert.throws(() => peer.tls.send(sampleBytes(1)), isUsageError(/Cannot send: the connection is closed/));
      if (wasConnected) return;
      assert.is(peer.story.at(-1), "closed");
      isOver(peer.tls);
    });
  }

  test(`ends with a close_notify of a ${role} before the handshake is over, and answers it`, () => {
    for (const step of stepsOf[role]) {
      const peer = hostile(role).playUntil(step).alert(1, 0);
      assert.equal(peer.alerts, ["warning close_notify"]);
      const { error } = peer;
      assert.instance(error, AlertReceivedError);
      assert.match(error?.message ?? "", /sent the warning alert close_notify \(0\) in state live\./);
      isOver(peer.tls);
    }
  });

  // proves RFC 5246 §7.2.1: "The other party MUST respond"
  // proves RFC 5246 §7.2.1: "Any data received after"
  test(`answers a ${role}'s close_notify and delivers nothing that comes after it`, () => {
    // RFC 5246 §7.2.1: "Any data received after a closure alert is ignored."; the other party "MUST respond with a
    // close_notify alert of its own".
    const peer = hostile(role).playAll();
    const [data, close, late] = [
      peer.recordBytes("application_data", sampleBytes(3)),
      peer.recordBytes("alert", Uint8Array.of(1, 0)),
      peer.recordBytes("application_data", sampleBytes(4)),
    ];
    peer.raw(Uint8Array.from([...data, ...close, ...late]));
    assert.equal(peer.story.slice(-4), ["data", "transmit", "peerClosed", "closed"]);
    assert.equal(peer.alerts, ["warning close_notify"]);
    isOver(peer.tls);
  });

  test(`ignores whatever a ${role} says after its close_notify with halfClose, and goes on sending`, () => {
    // RFC 5246 §7.2.1: "Any data received after a closure alert is ignored."
    const lates: readonly ((peer: HostilePeer) => unknown)[] = [
      (peer) => peer.record("application_data", sampleBytes(4)),
      (peer) => peer.record("application_data", empty),
      (peer) => peer.alert(2, 40),
      (peer) => peer.alert(1, 0),
      (peer) => peer.record("handshake", handshakeBytes("finished", new Uint8Array(12))),
      (peer) => peer.changeCipherSpec(),
      (peer) => peer.take(peer.tls.receiveEnd()),
    ];
    for (const late of lates) {
      const peer = halfClosed(role);
      const before = peer.outputs.length;
      late(peer);
      assert.is(peer.error, undefined, peer.error?.message);
      assert.is(peer.outputs.length, before);
      peer.take(peer.tls.send(sampleBytes(7)));
      assert.equal(peer.data, [sampleBytes(7)]);
      peer.take(peer.tls.close());
      assert.is(peer.tls.state, "closed");
      assert.equal(peer.alerts, ["warning close_notify"]);
    }
  });

  test(`goes on reading from a ${role} after its own close, and tells the answer from a cut`, () => {
    // RFC 5246 §7.2.1: the initiator need not wait for the answer. One that does must learn whether it got everything.
    const ends: readonly (readonly [string, (peer: HostilePeer) => unknown])[] = [
      ["closed", (peer) => peer.alert(1, 0)],
      ["failed", (peer) => peer.take(peer.tls.receiveEnd())],
    ];
    for (const [state, end] of ends) {
      const peer = hostile(role).playAll();
      peer.take(peer.tls.close());
      peer.record("application_data", sampleBytes(8));
      end(peer);
      assert.is(peer.tls.state, state);
      assert.is(peer.outputs.filter(({ type }) => type === "data").length, 1);
      const failure = peer.outputs.find((output) => output.type === "failed");
      assert.is(failure?.error instanceof TruncationError, state === "failed");
    }
  });

  test(`still meets faults of a ${role} with an error after its own close`, () => {
    const peer = hostile(role).playAll();
    peer.take(peer.tls.close());
    peer.plainRecord("application_data", sampleBytes(50));
    assert.instance(peer.error, PeerMisbehavedError);
    isOver(peer.tls);
  });
}

const fresh = (role: Role): TlsConnection =>
  role === "client" ? createTlsClient(clientConfig("p256")) : createTlsServer(serverConfig("p256"));

for (const role of roles) {
  test(`throws for calls on a ${role} that wasn't started, and changes nothing`, () => {
    const tls = fresh(role);
    assert.throws(() => tls.receive(empty), isUsageError(/Cannot receive: call start\(\) first/));
    assert.throws(() => tls.receiveEnd(), isUsageError(/Cannot receiveEnd: call start\(\) first/));
    assert.throws(() => tls.send(empty), isUsageError(/Cannot send: the handshake isn't over/));
    assert.is(tls.state, "live.start");
    assert.is(tls.session, undefined);
    tls.start();
    assert.throws(() => tls.start(), isUsageError(/Cannot start: the connection was started before/));
  });

  test(`closes a ${role} that wasn't started, without a byte, and takes every later call`, () => {
    const tls = fresh(role);
    assert.equal(tls.close(), [{ type: "closed" }]);
    assert.is(tls.state, "closed");
    isOver(tls);
    assert.equal(tls.start(), []);
  });

  test(`throws for a ${role}'s arguments that are no bytes, and changes nothing`, () => {
    const peer = hostile(role === "client" ? "server" : "client").playAll();
    const wrong: readonly unknown[] = ["text", [1, 2], new ArrayBuffer(3), new Uint16Array(2), null, undefined, 7, {}];
    for (const value of wrong) {
      const bytes = value as Uint8Array;
      assert.throws(() => peer.tls.receive(bytes), isUsageError(/Cannot receive: a Uint8Array is needed/));
      assert.throws(() => peer.tls.send(bytes), isUsageError(/Cannot send: a Uint8Array is needed/));
    }
    assert.equal(peer.tls.receive(empty), []);
    assert.equal(peer.tls.send(empty), []);
    assert.is(peer.tls.state, "live.connected");
  });

  // proves RFC 5246 §7.3: "Application data MUST NOT be sent"
  test(`refuses to send before a ${role} is established, at every step`, () => {
    const other = role === "client" ? "server" : "client";
    for (const step of stepsOf[other]) {
      const peer = hostile(other).playUntil(step);
      const { state } = peer.tls;
      assert.throws(
        () => peer.tls.send(sampleBytes(1)),
        (thrown: unknown) => isUsageError(/the handshake isn't over/)(thrown) && String(thrown).includes(state),
      );
      assert.is(peer.tls.state, state);
    }
  });
}

test("fails with internal_error when the random source fails, and says why", () => {
  const failing = (): Uint8Array => {
    throw new Error("the pool is empty");
  };
  const client = createTlsClient(clientConfig("p256", { random: failing }));
  const outputs = client.start();
  const last = outputs.at(-1);
  if (last?.type !== "failed") throw new Error("didn't fail");
  assert.instance(last.error, InternalError);
  assert.match(last.error.message, /the pool is empty/);
  assert.instance(last.error.cause, Error);
  const short = createTlsServer(serverConfig("p256", { random: (length) => new Uint8Array(length - 1) }));
  const peer = hostileClient();
  short.start();
  const failed = short.receive(peer.recordBytes("handshake", handshakeBytes("client_hello", peer.clientHelloBody())))
    .at(-1);
  assert.match(failed?.type === "failed" ? failed.error.message : "", /did not return a Uint8Array of \d+ bytes/);
});

test("uses no random bytes twice when the source hands out one buffer again and again", () => {
  const buffer = new Uint8Array(256);
  let count = 0;
  const random = (length: number): Uint8Array => buffer.subarray(0, length).fill(++count);
  const peer = hostileServer({ random }).playAll();
  assert.equal(peer.tls.session?.clientRandom, peer.clientHello?.random);
  assert.equal(peer.tls.session?.clientRandom, new Uint8Array(32).fill(1));
});

for (const broken of ["seal", "open"] as const) {
  for (const role of roles) {
    test(`ends with an output, never with a throw, when the provider's ${broken} fails (peer: ${role})`, () => {
      let fault = false;
      const cipherSuites = rememberingProvider.cipherSuites.map((each) => ({
        ...each,
        aead: {
          ...each.aead,
          [broken]: (...parts: Parameters<typeof each.aead.seal>) => {
            if (fault) throw new RangeError("the provider is broken");
            return each.aead[broken](...parts);
          },
        },
      }));
      const provider = { ...rememberingProvider, cipherSuites };
      const make = (): HostilePeer => {
        fault = false;
        const peer = (role === "client" ? hostileClient({ provider }) : hostileServer({ provider })).playAll();
        fault = true;
        return peer;
      };
      const deeds: readonly ((peer: HostilePeer) => unknown)[] = broken === "open"
        ? [(peer) => peer.record("application_data", sampleBytes(1))]
        : [
          (peer) => peer.take(peer.tls.send(sampleBytes(1))),
          (peer) => peer.take(peer.tls.close()),
          (peer) => peer.alert(1, 0),
          (peer) => peer.plainRecord("application_data", sampleBytes(50)),
        ];
      for (const deed of deeds) {
        const peer = make();
        deed(peer);
        const { error } = peer;
        if (error === undefined) {
          throw new Error(`no failure was reported: ${peer.story.join(" ")} in ${peer.tls.state}`);
        }
        assert.is(peer.story.filter((type) => type === "failed").length, 1);
        isOver(peer.tls);
      }
    });
  }
}

test.run();
