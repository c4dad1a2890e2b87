import { assert, suite } from "../harness.ts";
import { handshakeMessage } from "../../lib/messages/handshake.ts";
import { Transcript } from "../../lib/transcript.ts";

const test = suite("transcript");
const message = (...body: readonly number[]) => handshakeMessage("finished", Uint8Array.from(body));

test("joins every message with its header, in order", () => {
  const transcript = new Transcript();
  assert.equal(transcript.whole(), new Uint8Array(0));
  assert.equal(transcript.beforeLast(), new Uint8Array(0));
  transcript.append(message(7));
  transcript.append(message(8, 9));
  assert.equal(transcript.whole(), Uint8Array.of(20, 0, 0, 1, 7, 20, 0, 0, 2, 8, 9));
  assert.equal(transcript.beforeLast(), Uint8Array.of(20, 0, 0, 1, 7));
});

test("leaves HelloRequest out", () => {
  // RFC 5246 §7.4.1.1: "This message MUST NOT be included in the message hashes".
  const transcript = new Transcript();
  transcript.append(message(7));
  transcript.append(handshakeMessage("hello_request", new Uint8Array(0)));
  assert.equal(transcript.whole(), message(7).bytes);
});

test("keeps nothing once it is over", () => {
  const transcript = new Transcript();
  transcript.append(message(7));
  transcript.forget();
  transcript.append(message(8));
  assert.equal(transcript.whole(), new Uint8Array(0));
});

test.run();
