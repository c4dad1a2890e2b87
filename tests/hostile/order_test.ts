/**
 * A hostile peer that says right things at wrong times: missing, repeated and reordered messages, ChangeCipherSpec out
 * of place, data too early, renegotiation. And wrong proofs at the right time.
 * RFC 5246 §7.1, §7.3, §7.4.
 */
import { assert, suite } from "../harness.ts";
import { concat } from "../../lib/codec/bytes.ts";
import { DecodeError, PeerMisbehavedError } from "../../lib/error.ts";
import { HandshakeType } from "../../lib/registry.ts";
import { sampleBytes } from "../support/fixtures.ts";
import {
  fails,
  type Failure,
  handshakeBytes,
  hostile,
  hostileClient,
  hostileServer,
  type Role,
  type Step,
  stepsOf,
} from "./hostile_peer.ts";

const test = suite("hostile order");
const roles: readonly Role[] = ["client", "server"];

/** RFC 5246 §7.2.2 unexpected_message: "An inappropriate message was received. This alert is always fatal". */
const unexpected = (what: string, state?: string): Failure => ({
  alert: "unexpected_message",
  error: PeerMisbehavedError,
  says: new RegExp(`^Cannot accept ${what} in state live\\..*${state ?? ""}`),
});
const halfRead = {
  alert: "unexpected_message",
  error: PeerMisbehavedError,
  says: /a handshake message is half read/,
} as const;

for (const role of roles) {
  const steps = stepsOf[role];

  for (const left of steps.slice(0, -1)) {
    const next = steps[steps.indexOf(left) + 1];
    if (next === undefined) continue;
    test(`refuses ${next} from a ${role} that leaves ${left} out`, () => {
      // RFC 5246 §7.4: "The handshake protocol messages are presented below in the order they MUST be sent; sending
      // handshake messages in an unexpected order results in a fatal error."
      const peer = hostile(role).playUntil(left);
      if (next === "ChangeCipherSpec") peer.changeCipherSpec();
      else peer.play(next);
      fails(peer, unexpected(next, `await\\w*${left}`));
    });
  }

  for (const step of steps) {
    if (step === "ChangeCipherSpec") continue;
    test(`refuses ${step} from a ${role} that says it twice`, () => {
      const peer = hostile(role).playUntil(step).play(step).play(step);
      const isRenegotiation = step === "ClientHello" && peer.tls.state === "live.connected";
      assert.not(isRenegotiation);
      fails(peer, unexpected(step));
    });
  }

  for (const step of steps) {
    if (step === "ChangeCipherSpec") continue;
    test(`refuses ChangeCipherSpec from a ${role} before ${step}, unless it is its turn`, () => {
      const peer = hostile(role).playUntil(step);
      if (step === "Finished") {
        // Twice: the second one is no longer plaintext. RFC 5246 §7.1: "The ChangeCipherSpec message is sent during the handshake after the
        // security parameters have been agreed upon, but before the verifying Finished message is sent": once.
        fails(peer.changeCipherSpec(), unexpected("ChangeCipherSpec", "awaitFinished"));
      } else fails(peer.changeCipherSpec(), unexpected("ChangeCipherSpec", "await"));
    });
  }

  test(`refuses a second ChangeCipherSpec from a ${role} in the clear, as a record that can't be decrypted`, () => {
    fails(hostile(role).playUntil("Finished").plainRecord("change_cipher_spec", Uint8Array.of(1)), {
      alert: "bad_record_mac",
      error: PeerMisbehavedError,
      says: /Cannot decrypt record/,
    });
  });

  test(`refuses ChangeCipherSpec from a ${role} after the handshake`, () => {
    fails(hostile(role).playAll().changeCipherSpec(), unexpected("ChangeCipherSpec", "connected"));
  });

  test(`refuses a ChangeCipherSpec from a ${role} with another value or another length`, () => {
    // RFC 5246 §7.1: "The message consists of a single byte of value 1."
    for (const value of [0, 2, 255]) {
      fails(hostile(role).playUntil("ChangeCipherSpec").changeCipherSpec(value), {
        // RFC 5246 §7.2.2 illegal_parameter: "A field in the handshake was out of range".
        alert: "illegal_parameter",
        error: PeerMisbehavedError,
        says: new RegExp(`ChangeCipherSpec: its value is ${value}, not 1`),
      });
    }
    fails(hostile(role).playUntil("ChangeCipherSpec").changeCipherSpec(1, 1), {
      // RFC 5246 §7.2.2 decode_error: "the length of the message was incorrect".
      alert: "decode_error",
      error: DecodeError,
      says: /ChangeCipherSpec: 1 bytes too many/,
    });
  });

  test(`refuses ChangeCipherSpec and data from a ${role} while a handshake message is half read`, () => {
    for (const length of [1, 3, 4, 10]) {
      const peer = hostile(role).playUntil("ChangeCipherSpec");
      peer.record("handshake", handshakeBytes("finished", new Uint8Array(12)).subarray(0, length));
      fails(peer.changeCipherSpec(), halfRead);
      const connected = hostile(role).playAll();
      connected.record("handshake", handshakeBytes("finished", new Uint8Array(12)).subarray(0, length));
      fails(connected.record("application_data", sampleBytes(1)), halfRead);
    }
  });

  for (const step of steps) {
    // proves RFC 5246 §7.3: "Application data MUST NOT be sent"
    test(`refuses application data from a ${role} before its ${step}`, () => {
      // RFC 5246 §7.3: "Application data MUST NOT be sent prior to the completion of the first handshake".
      fails(hostile(role).playUntil(step).record("application_data", sampleBytes(3)), unexpected("ApplicationData"));
    });
  }

  // proves RFC 5246 §7.4: "The handshake protocol messages"
  // proves RFC 5246 §7.2.2: "If the implementation chooses to send an alert"
  test(`refuses every other handshake message from a ${role} at every step`, () => {
    const turnOf: Readonly<Record<Step, number>> = {
      ClientHello: HandshakeType.client_hello,
      ServerHello: HandshakeType.server_hello,
      Certificate: HandshakeType.certificate,
      ServerKeyExchange: HandshakeType.server_key_exchange,
      ServerHelloDone: HandshakeType.server_hello_done,
      ClientKeyExchange: HandshakeType.client_key_exchange,
      ChangeCipherSpec: -1,
      Finished: HandshakeType.finished,
    };
    for (const step of steps) {
      for (const type of [...Object.values(HandshakeType), 5, 6, 8, 23, 24, 99, 254, 255]) {
        if (type === turnOf[step]) continue;
        if (role === "server" && type === HandshakeType.hello_request) continue;
        const isRequest = role === "server" && step === "ServerHelloDone" && type === HandshakeType.certificate_request;
        if (isRequest) continue;
        const peer = hostile(role).playUntil(step);
        // Whatever is in it: order comes before content.
        peer.record("handshake", handshakeBytes(type, sampleBytes(5)));
        fails(peer, unexpected("\\w[\\w ]+"));
      }
    }
  });

  test(`refuses every handshake message from a ${role} after the handshake`, () => {
    for (const type of [...Object.values(HandshakeType), 99]) {
      const isHello = type === (role === "server" ? HandshakeType.hello_request : HandshakeType.client_hello);
      if (isHello) continue;
      fails(
        hostile(role).playAll().record("handshake", handshakeBytes(type, sampleBytes(5))),
        unexpected("\\w[\\w ]+"),
      );
    }
  });

  // proves RFC 5246 §7.4.9: "Recipients of Finished"
  test(`refuses a wrong Finished from a ${role}`, () => {
    // RFC 5246 §7.2.2 decrypt_error: "A handshake cryptographic operation failed, including being unable to correctly
    // verify a signature or validate a Finished message."
    for (const at of [0, 5, 11]) {
      const peer = hostile(role).playUntil("Finished");
      fails(peer.finished((verifyData) => verifyData.with(at, (verifyData[at] ?? 0) ^ 1)), {
        alert: "decrypt_error",
        error: PeerMisbehavedError,
        says: /Cannot accept Finished: its verify_data is wrong/,
        state: /checkingFinished$/,
      });
      assert.is(peer.tls.session, undefined);
    }
  });

  test(`refuses a Finished from a ${role} that is too short or too long`, () => {
    for (const length of [0, 11, 13, 36]) {
      fails(hostile(role).playUntil("Finished").finished(() => new Uint8Array(length)), {
        alert: "decode_error",
        error: DecodeError,
        says: /Cannot decode Finished/,
      });
    }
  });

  test(`refuses its own Finished when a ${role} sends it back`, () => {
    const peer = hostile(role).playUntil("Finished");
    // The other side's label: `client finished` and `server finished` differ, so nothing can be reflected.
    const other = hostile(role).playUntil("Finished");
    Object.defineProperty(other, "role", { value: role === "client" ? "server" : "client" });
    const reflected = other.bodyOf("Finished");
    fails(peer.finished(() => reflected), { alert: "decrypt_error", error: PeerMisbehavedError, says: /verify_data/ });
  });

  test(`refuses a Finished from a ${role} that comes before its ChangeCipherSpec, in the clear and right`, () => {
    const peer = hostile(role).playUntil("ChangeCipherSpec");
    fails(peer.finished(), unexpected("Finished", "await\\w*ChangeCipherSpec"));
  });

  test(`refuses a ${role} that renames its message inside the header of another`, () => {
    const peer = hostile(role);
    fails(peer.record("handshake", handshakeBytes("finished", new Uint8Array(12))), unexpected("Finished"));
  });
}

// proves RFC 5746 §4.2: "Clients that do so MUST respond"
test("answers HelloRequest with no_renegotiation and goes on", () => {
  const peer = hostileServer().playAll().record("handshake", handshakeBytes("hello_request", new Uint8Array(0)));
  // RFC 5246 §7.2.2 no_renegotiation: "Sent by the client in response to a hello request ... always a warning."
  assert.equal(peer.alerts, ["warning no_renegotiation"]);
  peer.record("application_data", sampleBytes(4));
  peer.take(peer.tls.send(sampleBytes(2)));
  assert.equal(peer.data, [sampleBytes(2)]);
  assert.is(peer.tls.state, "live.connected");
});

// proves RFC 5246 §7.4.1.1: "This message MUST NOT be included"
test("ignores HelloRequest during a handshake, and leaves it out of the transcript", () => {
  // RFC 5246 §7.4.1.1: "This message will be ignored by the client if the client is currently negotiating a session";
  // "MUST NOT be included in the message hashes".
  const peer = hostileServer();
  for (const step of stepsOf.server) {
    peer.record("handshake", handshakeBytes("hello_request", new Uint8Array(0))).play(step);
  }
  assert.is(peer.tls.state, "live.connected");
  assert.equal(peer.alerts, []);
});

test("hands data out behind the answer to what came before it, so that an echo doesn't overtake that", () => {
  const peer = hostileServer().playAll();
  const both = [
    peer.recordBytes("handshake", handshakeBytes("hello_request", new Uint8Array(0))),
    peer.recordBytes("application_data", sampleBytes(4)),
  ];
  const outputs = peer.tls.receive(concat(...both));
  assert.equal(outputs.map(({ type }) => type), ["transmit", "data"]);
});

test("refuses a HelloRequest that isn't empty", () => {
  // RFC 5246 §7.4.1.1: "struct { } HelloRequest;"
  fails(hostileServer().playAll().record("handshake", handshakeBytes("hello_request", Uint8Array.of(1))), {
    alert: "decode_error",
    error: DecodeError,
    says: /HelloRequest: 1 bytes too many/,
  });
});

test("survives 32 HelloRequests in a row, not 33, in every state", () => {
  const helloRequest = handshakeBytes("hello_request", new Uint8Array(0));
  const plays = [
    ...stepsOf.server.map((step) => () => hostileServer().playUntil(step)),
    () => hostileServer().playAll(),
  ];
  for (const play of plays) {
    const peer = play();
    for (let count = 0; count < 32; count++) peer.record("handshake", helloRequest);
    assert.is(peer.error, undefined);
    fails(peer.record("handshake", helloRequest), {
      // Each of them is answered: whoever sends them without end wants us to work. rustls gives up after the first.
      alert: "unexpected_message",
      error: PeerMisbehavedError,
      says: /Cannot accept more handshake messages in a row that change nothing/,
    });
  }
});

test("doesn't let HelloRequests hide a flood of warnings", () => {
  const peer = hostileServer().playAll();
  for (let count = 0; count < 5; count++) {
    peer.alert(1, 90).record("handshake", handshakeBytes("hello_request", new Uint8Array(0)));
  }
  fails(peer, { alert: "unexpected_message", error: PeerMisbehavedError, says: /warnings in a row/ });
});

test("refuses a renegotiation that a client begins, with no_renegotiation", () => {
  for (const body of ["right", "empty"]) {
    const peer = hostileClient().playAll();
    peer.record(
      "handshake",
      handshakeBytes("client_hello", body === "right" ? peer.clientHelloBody() : new Uint8Array(0)),
    );
    fails(peer, {
      // RFC 5246 §7.2.2; fatal is a named deviation.
      alert: "no_renegotiation",
      error: PeerMisbehavedError,
      says: /renegotiation is not supported/,
      state: /^live\.connected$/,
    });
  }
});

test("lets a client's data and a close through that cross a renegotiation attempt after our close", () => {
  const peer = hostileClient().playAll();
  peer.take(peer.tls.close());
  peer.record("application_data", sampleBytes(9)).alert(1, 0);
  assert.equal(peer.story.slice(-3), ["data", "peerClosed", "closed"]);
});

test.run();
