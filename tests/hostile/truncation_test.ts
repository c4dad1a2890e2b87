/**
 * Every handshake message of both roles, truncated at each length, one byte longer, and with each of its length fields
 * off by one. The connection refuses it with an alert that fits, or waits for more; it never accepts it, and it never
 * throws or blames itself.
 * RFC 5246 §4, §7.2.2: decode_error, "A message could not be decoded because some field was out of the specified range
 * or the length of the message was incorrect."
 */
import { assert, suite } from "../harness.ts";
import { concat } from "../../lib/codec/bytes.ts";
import { encode } from "../../lib/codec/codec.ts";
import type { AlertDescriptionName, HandshakeTypeName } from "../../lib/registry.ts";
import { certificateRequest } from "../../lib/tls12/messages/certificate_request.ts";
import { handshakeBytes, hostile, type HostilePeer, type Role, type Step } from "./hostile_peer.ts";

const test = suite("truncation");

/** Sizes in bytes; `prefix`: a length field of that size, `of`: what is in it, again and again. */
type Shape = readonly (number | { readonly prefix: number; readonly of?: Shape })[];

const extensions: Shape = [{ prefix: 2, of: [2, { prefix: 2 }] }];

interface Case {
  readonly role: Role;
  readonly message: HandshakeTypeName;
  /** What comes before it. */
  readonly arrive: (peer: HostilePeer) => HostilePeer;
  readonly body: (peer: HostilePeer) => Uint8Array<ArrayBuffer>;
  /** Its structure, from the RFC, not from the codecs. */
  readonly shape: Shape;
  /** Whether these bytes are, by the RFC, another well-formed message: they may then be accepted. */
  readonly isLegal?: (body: Uint8Array) => boolean;
}

const rightly = (step: Step): Pick<Case, "arrive" | "body"> => ({
  arrive: (peer) => peer.playUntil(step),
  body: (peer) => peer.bodyOf(step),
});
const hello = 2 + 32;
/** A hello ends before its extensions or behind them. */
const cases: readonly Case[] = [
  {
    role: "client",
    message: "client_hello",
    ...rightly("ClientHello"),
    shape: [hello, { prefix: 1 }, { prefix: 2, of: [2] }, { prefix: 1 }, ...extensions],
  },
  {
    role: "client",
    message: "client_key_exchange",
    ...rightly("ClientKeyExchange"),
    shape: [{ prefix: 1 }],
  },
  { role: "client", message: "finished", ...rightly("Finished"), shape: [12] },
  {
    role: "server",
    message: "server_hello",
    ...rightly("ServerHello"),
    shape: [hello, { prefix: 1 }, 2, 1, ...extensions],
    isLegal: (body) => body.length === hello + 1 + 2 + 1,
  },
  {
    role: "server",
    message: "certificate",
    ...rightly("Certificate"),
    shape: [{ prefix: 3, of: [{ prefix: 3 }] }],
  },
  {
    role: "server",
    message: "server_key_exchange",
    ...rightly("ServerKeyExchange"),
    shape: [3, { prefix: 1 }, 2, { prefix: 2 }],
  },
  {
    role: "server",
    message: "certificate_request",
    arrive: (peer) => peer.playUntil("ServerHelloDone"),
    body: () =>
      encode(certificateRequest, {
        certificateTypes: [1, 64],
        supportedSignatureAlgorithms: [0x0403, 0x0804],
        certificateAuthorities: [Uint8Array.of(0x30, 0), Uint8Array.of(0x30, 0)],
      }),
    shape: [{ prefix: 1 }, { prefix: 2, of: [2] }, { prefix: 2, of: [{ prefix: 2 }] }],
  },
  { role: "server", message: "server_hello_done", ...rightly("ServerHelloDone"), shape: [] },
  { role: "server", message: "finished", ...rightly("Finished"), shape: [12] },
  {
    role: "server",
    message: "hello_request",
    arrive: (peer) => peer.playAll(),
    body: () => new Uint8Array(0),
    shape: [],
  },
];

for (const { role, message, arrive, body, shape, isLegal = () => false } of cases) {
  const fresh = (): HostilePeer => arrive(hostile(role));
  const right = body(fresh());

  /** Says these bytes as the message; they must be refused. */
  const refuses = (wrong: Uint8Array, what: string): void => {
    if (isLegal(wrong)) return;
    refused(fresh().record("handshake", handshakeBytes(message, wrong)), `${message} ${what}`);
  };

  test(`refuses a ${message} of a ${role} truncated at each of its ${right.length} lengths`, () => {
    for (let length = 0; length < right.length; length++) refuses(right.subarray(0, length), `cut at ${length}`);
  });

  test(`refuses a ${message} of a ${role} with bytes behind it`, () => {
    refuses(concat(right, Uint8Array.of(0)), "and a zero");
    refuses(concat(right, Uint8Array.of(255)), "and a byte");
    refuses(concat(right, new Uint8Array(1000)), "and a thousand zeros");
  });

  // proves RFC 6066 §11.1: "Implementations MUST ensure that a buffer"
  test(`refuses a ${message} of a ${role} with any of its inner lengths off by one`, () => {
    for (const { offset, size } of lengthFields(shape, right)) {
      for (const by of [-1, 1]) {
        const wrong = plus(right, offset, size, by);
        if (wrong !== undefined) refuses(wrong, `with the length at ${offset} ${by > 0 ? "+" : "-"} 1`);
      }
    }
  });

  test(`waits for the rest of a ${message} of a ${role}, and refuses it when its header's length is off by one`, () => {
    const bytes = handshakeBytes(message, right);
    for (let length = 1; length < bytes.length; length++) {
      const peer = fresh();
      const { state } = peer.tls;
      const before = peer.outputs.length;
      peer.record("handshake", bytes.subarray(0, length));
      assert.is(peer.outputs.length, before, `${message}, ${length} bytes of it`);
      assert.is(peer.tls.state, state);
    }
    const longer = fresh().record("handshake", plus(bytes, 1, 3, 1) ?? bytes);
    assert.is(longer.error, undefined);
    refused(longer.record("handshake", Uint8Array.of(0)), `${message} with its header's length + 1`);
    if (right.length === 0) return;
    const shorter = fresh().record("handshake", plus(bytes, 1, 3, -1) ?? bytes);
    if (!isLegal(right.subarray(0, -1))) refused(shorter, `${message} with its header's length - 1`);
  });

  test(`refuses a ${message} of a ${role} in a record whose length is off by one, or waits`, () => {
    const longer = fresh();
    const { state } = longer.tls;
    const bytes = handshakeBytes(message, right);
    const record = longer.recordBytes("handshake", bytes);
    longer.raw(plus(record, 3, 2, 1) ?? record);
    assert.is(longer.error, undefined);
    assert.is(longer.tls.state, state, "it waits for one byte more");
    longer.note(bytes).raw(Uint8Array.of(0));
    // In the clear that byte begins another message, which is never whole.
    if (longer.error === undefined) longer.changeCipherSpec();
    assert.ok(["bad_record_mac", "unexpected_message"].some((one) => one === longer.error?.alert));
    const shorter = fresh();
    shorter.raw(plus(shorter.recordBytes("handshake", handshakeBytes(message, right)), 3, 2, -1) ?? record);
    refusedOrWaiting(shorter, state);
  });
}

test("finds the length fields of a ClientHello where RFC 5246 §7.4.1.2 has them", () => {
  const [first] = cases;
  const right = hostile("client").bodyOf("ClientHello");
  const found = lengthFields(first?.shape ?? [], right);
  assert.equal(found.slice(0, 5), [
    { offset: 34, size: 1 },
    { offset: 35, size: 2 },
    { offset: 39, size: 1 },
    { offset: 41, size: 2 },
    { offset: 45, size: 2 },
  ]);
  assert.is(found.length, 4 + 6);
});

/** What a message that can't be read, or says nonsense because it is read at the wrong place, may be answered with. */
const fitting: readonly (AlertDescriptionName | undefined)[] = [
  "decode_error",
  "illegal_parameter",
  "handshake_failure",
  "unsupported_extension",
  "bad_certificate",
  "unsupported_certificate",
  "decrypt_error",
];

function refused(peer: HostilePeer, what: string): void {
  const { error } = peer;
  if (error === undefined) throw new Error(`accepted: ${what} (in ${peer.tls.state})`);
  assert.ok(fitting.includes(error.alert), `${what}: ${error.alert} ${error.message}`);
  assert.is(peer.alerts.at(-1), `fatal ${error.alert}`, what);
  assert.is(peer.tls.state, "failed");
}

/** A record cut wrongly leaves a message half read, or can't be decrypted. */
function refusedOrWaiting(peer: HostilePeer, state: string): void {
  if (peer.error === undefined) return assert.is(peer.tls.state, state);
  const { alert = "" } = peer.error;
  assert.ok([...fitting, "bad_record_mac", "unexpected_message"].some((one) => one === alert), peer.error.message);
}

interface LengthField {
  readonly offset: number;
  readonly size: number;
}

function lengthFields(shape: Shape, bytes: Uint8Array): readonly LengthField[] {
  const fields: LengthField[] = [];
  let offset = 0;
  const walk = (inner: Shape): void => {
    for (const part of inner) {
      if (typeof part === "number") {
        offset += part;
        continue;
      }
      let length = 0;
      for (let index = 0; index < part.prefix; index++) length = length * 256 + (bytes[offset + index] ?? 0);
      fields.push({ offset, size: part.prefix });
      offset += part.prefix;
      const end = offset + length;
      while (part.of !== undefined && offset < end) walk(part.of);
      offset = end;
    }
  };
  walk(shape);
  assert.is(offset, bytes.length, "the shape fits the message");
  return fields;
}

/** The same bytes with one number in them changed; `undefined` when it has no room to change. */
function plus(bytes: Uint8Array, offset: number, size: number, by: number): Uint8Array<ArrayBuffer> | undefined {
  let value = 0;
  for (let index = 0; index < size; index++) value = value * 256 + (bytes[offset + index] ?? 0);
  value += by;
  if (value < 0 || value >= 256 ** size) return undefined;
  const changed = bytes.slice();
  for (let index = size - 1; index >= 0; index--) {
    changed[offset + index] = value % 256;
    value = Math.floor(value / 256);
  }
  return changed;
}

test.run();
