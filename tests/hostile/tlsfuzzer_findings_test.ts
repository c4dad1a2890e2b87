/**
 * What tlsfuzzer's scripts brought to light, as tests of the bare core: first the faults that were found, then cases
 * of its scripts that no other test has.
 * RFC 5246 §6.2.1, §7.2.1, §7.4.1.2.
 */
import { assert, suite } from "../harness.ts";
import { concat } from "../../lib/codec/bytes.ts";
import { sampleBytes } from "../support/fixtures.ts";
import { handshakeBytes, hostile, hostileClient, type HostilePeer, hostileServer, type Role } from "./hostile_peer.ts";

const test = suite("tlsfuzzer findings");
const roles: readonly Role[] = ["client", "server"];

/** What is wrong whenever it comes. */
const faults: readonly (readonly [string, (peer: HostilePeer) => unknown])[] = [
  ["a record that can't be decrypted", (peer) => peer.plainRecord("application_data", sampleBytes(50))],
  ["a record of an unknown type", (peer) => peer.raw(Uint8Array.of(99, 3, 3, 0, 1, 0))],
  ["a record of another version", (peer) => peer.raw(Uint8Array.of(23, 3, 1, 0, 1, 0))],
  ["a record that is too long", (peer) => peer.raw(Uint8Array.of(23, 3, 3, 255, 255))],
  ["a handshake message", (peer) => peer.handshake("finished", sampleBytes(12))],
  ["a ChangeCipherSpec", (peer) => peer.changeCipherSpec()],
  ["an alert that is too short", (peer) => peer.record("alert", Uint8Array.of(1))],
];

for (const role of roles) {
  for (const [fault, commit] of faults) {
    test(`sends no alert after its own close_notify for ${fault} of a ${role}, and fails`, () => {
      // RFC 5246 §7.2.1: close_notify "notifies the recipient that the sender will not send any more messages".
      const open = hostile(role).playAll();
      commit(open);
      assert.match(open.alerts.join(), /^fatal \w+$/);
      const peer = hostile(role).playAll();
      peer.take(peer.tls.close());
      commit(peer);
      assert.equal(peer.alerts, ["warning close_notify"]);
      assert.is(peer.story.at(-1), "failed");
      assert.is(peer.error?.alert, open.error?.alert);
      assert.is(peer.error?.constructor, open.error?.constructor);
      assert.is(peer.tls.state, "failed");
    });

    test(`ignores ${fault} of a ${role} after its close_notify with halfClose, and goes on sending`, () => {
      // RFC 5246 §7.2.1: "Any data received after a closure alert is ignored."
      const peer = halfOpen(role).alert(1, 0);
      const { length } = peer.outputs;
      commit(peer);
      assert.is(peer.outputs.length, length, peer.error?.message);
      peer.take(peer.tls.send(sampleBytes(7)));
      peer.take(peer.tls.receiveEnd());
      peer.take(peer.tls.send(sampleBytes(8)));
      peer.take(peer.tls.close());
      assert.equal(peer.data, [sampleBytes(7), sampleBytes(8)]);
      assert.equal(peer.alerts, ["warning close_notify"]);
      assert.is(peer.tls.state, "closed");
    });
  }

  test(`ignores with halfClose what comes in one piece with a ${role}'s close_notify, however much it is`, () => {
    const peer = halfOpen(role);
    const [data, closeNotify] = [
      peer.recordBytes("application_data", sampleBytes(3)),
      peer.recordBytes("alert", Uint8Array.of(1, 0)),
    ];
    peer.raw(concat(data, closeNotify, new Uint8Array(2 ** 20).fill(99)));
    for (let count = 0; count < 20; count++) peer.raw(new Uint8Array(2 ** 16).fill(99));
    assert.equal(peer.story.slice(-2), ["data", "peerClosed"]);
    assert.is(peer.tls.state, "live.peerClosed");
  });

  test(`takes a ${role}'s whole handshake in records of a single byte, and its data too`, () => {
    // RFC 5246 §6.2.1: "a single message MAY be fragmented across several records." (test-record-layer-fragmentation)
    const peer = hostile(role).playUntil("ChangeCipherSpec");
    const message = peer.play("ChangeCipherSpec").bodyOf("Finished");
    for (const byte of handshakeBytes("finished", message)) peer.record("handshake", Uint8Array.of(byte));
    assert.is(peer.tls.state, "live.connected");
    for (const byte of sampleBytes(100)) peer.record("application_data", Uint8Array.of(byte));
    const data = peer.outputs.flatMap((output) => output.type === "data" ? [...output.bytes] : []);
    assert.equal(Uint8Array.from(data), sampleBytes(100));
  });
}

test("takes a ClientHello in records of a single byte", () => {
  const peer = hostileClient();
  const message = handshakeBytes("client_hello", peer.clientHelloBody());
  peer.note(message);
  for (const byte of message) peer.record("handshake", Uint8Array.of(byte));
  assert.is(peer.error, undefined);
  for (const step of ["ClientKeyExchange", "ChangeCipherSpec", "Finished"] as const) peer.play(step);
  assert.is(peer.tls.state, "live.connected");
});

test("refuses a ClientHello whose extensions claim any other length than they have", () => {
  // RFC 5246 §7.4.1.2: "it MUST check that the amount of data in the message precisely matches one of these formats".
  const { length } = hostileClient().clientHelloBody();
  const end = hostileClient().clientHelloBody({ extensions: undefined }).length;
  for (let change = 1; change < 256; change++) {
    const peer = hostileClient();
    const body = peer.clientHelloBody();
    body[end + 1] = (body[end + 1] ?? 0) ^ change;
    assert.is(body.length, length);
    peer.handshake("client_hello", body);
    assert.is(peer.error?.alert, "decode_error");
  }
});

// proves RFC 5246 §7.4.1.2: "it MUST check that the amount of data"
test("refuses a ClientHello that was cut at any byte, or has bytes too many, with decode_error", () => {
  const whole = hostileClient().clientHelloBody();
  const end = hostileClient().clientHelloBody({ extensions: undefined }).length;
  for (let length = 0; length < whole.length; length++) {
    // A ClientHello may end before its extensions: the one cut that is a whole message.
    if (length === end) continue;
    const peer = hostileClient().handshake("client_hello", whole.subarray(0, length));
    assert.is(peer.error?.alert, "decode_error", `cut at ${length}`);
  }
  for (const extra of [1, 2, 255, 2 ** 14, 2 ** 16]) {
    const bytes = handshakeBytes("client_hello", concat(whole, new Uint8Array(extra)));
    const peer = hostileClient();
    for (let offset = 0; offset < bytes.length; offset += 2 ** 14) {
      peer.record("handshake", bytes.subarray(offset, offset + 2 ** 14));
    }
    assert.is(peer.error?.alert, "decode_error", `${extra} bytes too many`);
  }
});

function halfOpen(role: Role): HostilePeer {
  const peer = role === "client" ? hostileClient({ halfClose: true }) : hostileServer({ halfClose: true });
  return peer.playAll();
}

test.run();
