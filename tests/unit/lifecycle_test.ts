import { AlertReceivedError, InternalError, PeerMisbehavedError, TruncationError } from "../../lib/error.ts";
import { type LifecycleCommands, lifecycleCommands } from "../../lib/lifecycle.ts";
import type { Effect } from "../../lib/endpoint.ts";
import { handshakeMessage } from "../../lib/messages/handshake.ts";
import { assert, suite } from "../harness.ts";

const test = suite("lifecycle");

const carryOut = <Name extends keyof LifecycleCommands>(name: Name, params: LifecycleCommands[Name]): Effect =>
  lifecycleCommands[name](undefined, params, { state: "live.handshake.awaitServerHello" });

test("fails with the very error that an event carries", () => {
  const error = new TruncationError("The transport ended");
  assert.is(carryOut("fail", { error }).fail, error);
  const received = new AlertReceivedError("fatal", "handshake_failure", 40, "The peer sent an alert");
  assert.is(carryOut("fail", { error: received }).fail?.alert, undefined, "an alert isn't answered with one");
});

test("refuses a message with unexpected_message, and says which and where", () => {
  const event = { type: "peer.finished", message: handshakeMessage("finished", new Uint8Array(12)) } as const;
  const { fail } = carryOut("refuse", { event });
  assert.instance(fail, PeerMisbehavedError);
  assert.is(fail?.alert, "unexpected_message");
  assert.is(fail?.message, "Cannot accept Finished in state live.handshake.awaitServerHello");
});

test("names what it refuses, also what is no handshake message or has no name", () => {
  const text = (event: LifecycleCommands["refuse"]["event"]): string | undefined =>
    carryOut("refuse", { event }).fail?.message.replace(/ in state .*/, "");
  assert.is(text({ type: "peer.changeCipherSpec" }), "Cannot accept ChangeCipherSpec");
  assert.is(text({ type: "peer.applicationData" }), "Cannot accept ApplicationData");
  const unknown = { ...handshakeMessage("finished", new Uint8Array(0)), type: 99 };
  assert.is(text({ type: "peer.unknownMessage", message: unknown }), "Cannot accept handshake message 99");
});

test("blames itself, not the peer, for an event that a chart doesn't know", () => {
  const { fail } = carryOut("failInternally", { event: "answer.signed" });
  assert.instance(fail, InternalError);
  assert.is(fail?.alert, "internal_error");
  assert.match(fail?.message ?? "", /answer\.signed in state live\.handshake\.awaitServerHello/);
});

test("says goodbye with warnings, as RFC 5246 §7.2 wants it", () => {
  const warning = { content: "alert", level: "warning" } as const;
  assert.equal(carryOut("sendCloseNotify", undefined), { send: { ...warning, description: "close_notify" } });
  assert.equal(carryOut("sendUserCanceled", undefined), { send: { ...warning, description: "user_canceled" } });
});

test("tells the embedder which half is closed", () => {
  assert.equal(carryOut("reportPeerClosed", undefined), { output: { type: "peerClosed" } });
  assert.equal(carryOut("reportClosed", undefined), { output: { type: "closed" } });
});

test.run();
