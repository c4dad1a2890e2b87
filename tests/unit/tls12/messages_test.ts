/** Messages of TLS 1.2 that not every handshake has: their bytes by hand, their bounds, and what is refused. */
import { assert, suite } from "../../harness.ts";
import { concat } from "../../../lib/codec/bytes.ts";
import { type Codec, decode, encode } from "../../../lib/codec/codec.ts";
import { DecodeError } from "../../../lib/error.ts";
import { handshakeMessage } from "../../../lib/messages/handshake.ts";
import type { HandshakeTypeName } from "../../../lib/registry.ts";
import { describe } from "../../../lib/tls12/describe.ts";
import { certificateRequest } from "../../../lib/tls12/messages/certificate_request.ts";
import { certificateStatus } from "../../../lib/tls12/messages/certificate_status.ts";
import { certificateVerify } from "../../../lib/tls12/messages/certificate_verify.ts";
import { newSessionTicket } from "../../../lib/tls12/messages/new_session_ticket.ts";
import { sampleBytes } from "../../support/fixtures.ts";

const test = suite("tls12 messages");
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const refuses = (run: () => unknown, why: RegExp): void =>
  assert.throws(
    run,
    (error: unknown) => error instanceof DecodeError && error.alert === "decode_error" && why.test(error.message),
  );
const described = (name: HandshakeTypeName, ...body: readonly number[]): ReturnType<typeof describe> =>
  describe(handshakeMessage(name, bytes(...body)));

/** Each beginning of the bytes, and the bytes with one more, is refused. */
function takesExactly(codec: Codec<unknown>, wire: Uint8Array): void {
  decode(codec, wire, "message");
  for (let length = 0; length < wire.length; length++) {
    refuses(() => decode(codec, wire.subarray(0, length), "message"), /bytes needed/);
  }
  refuses(() => decode(codec, concat(wire, bytes(0)), "message"), /1 bytes too many/);
}

test("hand out a ticket with a lifetime in seconds of four bytes", () => {
  const wire = bytes(0, 1, 0x51, 0x80, 0, 2, 7, 8);
  assert.equal(encode(newSessionTicket, { ticketLifetimeHint: 86_400, ticket: bytes(7, 8) }), wire);
  assert.is(decode(newSessionTicket, bytes(0xff, 0xff, 0xff, 0xff, 0, 0), "t").ticketLifetimeHint, 2 ** 32 - 1);
  takesExactly(newSessionTicket, wire);
  for (const ticketLifetimeHint of [-1, 2 ** 32, 0.5]) {
    assert.throws(() => encode(newSessionTicket, { ticketLifetimeHint, ticket: bytes() }), /Cannot encode/);
  }
});

test("hand out a ticket of any length from none on, up to what two bytes can say", () => {
  assert.equal(encode(newSessionTicket, { ticketLifetimeHint: 0, ticket: bytes() }), bytes(0, 0, 0, 0, 0, 0));
  const ticket = sampleBytes(2 ** 16 - 1);
  const wire = encode(newSessionTicket, { ticketLifetimeHint: 1, ticket });
  assert.equal(wire.subarray(0, 6).slice(), bytes(0, 0, 0, 1, 0xff, 0xff));
  assert.equal(decode(newSessionTicket, wire, "t").ticket.slice(), ticket);
  assert.throws(
    () => encode(newSessionTicket, { ticketLifetimeHint: 1, ticket: sampleBytes(2 ** 16) }),
    /Cannot encode/,
  );
});

test("staple one OCSP response of at least one byte, with a length of three", () => {
  const wire = bytes(1, 0, 0, 2, 0x30, 0);
  assert.equal(encode(certificateStatus, { statusType: 1, response: bytes(0x30, 0) }), wire);
  takesExactly(certificateStatus, wire);
  refuses(() => decode(certificateStatus, bytes(1, 0, 0, 0), "s"), /response: its length is 0, not 1 to 16777215/);
  assert.throws(() => encode(certificateStatus, { statusType: 1, response: bytes() }), /Cannot encode/);
  const response = sampleBytes(70_000);
  const long = encode(certificateStatus, { statusType: 1, response });
  assert.equal(long.subarray(0, 4).slice(), bytes(1, 1, 0x11, 0x70));
  assert.equal(decode(certificateStatus, long, "s").response.slice(), response);
});

test("refuse a certificate status of another type: nobody has said what it looks like", () => {
  for (const type of [0, 2, 255]) {
    refuses(
      () => decode(certificateStatus, bytes(type, 0, 0, 1, 7), "CertificateStatus"),
      new RegExp(`CertificateStatus\\.statusType: it is ${type}, and only ocsp is defined`),
    );
  }
});

test("sign with a scheme and a signature", () => {
  const wire = bytes(4, 3, 0, 2, 7, 8);
  assert.equal(encode(certificateVerify, { algorithm: 0x0403, signature: bytes(7, 8) }), wire);
  takesExactly(certificateVerify, wire);
  assert.is(decode(certificateVerify, bytes(4, 3, 0, 0), "v").signature.length, 0);
  const signature = sampleBytes(2 ** 16 - 1);
  assert.is(encode(certificateVerify, { algorithm: 0xffff, signature }).length, 4 + signature.length);
  assert.throws(
    () => encode(certificateVerify, { algorithm: 1, signature: sampleBytes(2 ** 16) }),
    /Cannot encode/,
  );
});

test("ask for certificates of some types, schemes and issuers", () => {
  const wire = bytes(1, 64, 0, 2, 4, 3, 0, 4, 0, 2, 0x30, 0);
  const request = {
    certificateTypes: [64],
    supportedSignatureAlgorithms: [0x0403],
    certificateAuthorities: [bytes(0x30, 0)],
  };
  assert.equal(encode(certificateRequest, request), wire);
  takesExactly(certificateRequest, wire);
  refuses(() => decode(certificateRequest, bytes(0, 0, 2, 4, 3, 0, 0), "r"), /certificateTypes: its length is 0/);
  refuses(() => decode(certificateRequest, bytes(1, 1, 0, 0, 0, 0), "r"), /supportedSignatureAlgorithms: its length/);
  refuses(() => decode(certificateRequest, bytes(1, 1, 0, 3, 4, 3, 0, 0, 0), "r"), /2 bytes needed, 1 left/);
  refuses(
    () => decode(certificateRequest, bytes(1, 1, 0, 2, 4, 3, 0, 2, 0, 0), "r"),
    /its length is 0, not 1 to 65535/,
  );
});

test("are described by the words of their RFCs", () => {
  assert.equal(described("new_session_ticket", 0, 1, 0x51, 0x80, 0, 2, 7, 8), {
    ticket_lifetime_hint: "86400 s",
    ticket: bytes(7, 8),
  });
  assert.equal(described("certificate_status", 1, 0, 0, 1, 7), { status_type: "ocsp", response: bytes(7) });
  assert.equal(described("certificate_verify", 8, 7, 0, 1, 9), { algorithm: "ed25519", signature: bytes(9) });
  assert.equal(described("certificate_verify", 0xab, 0xcd, 0, 0), { algorithm: "0xabcd", signature: bytes() });
  assert.equal(described("certificate_request", 2, 1, 7, 0, 2, 4, 3, 0, 3, 0, 1, 5), {
    certificate_types: ["rsa_sign", "0x0007"],
    supported_signature_algorithms: ["ecdsa_secp256r1_sha256"],
    certificate_authorities: [bytes(5)],
  });
  for (const name of ["new_session_ticket", "certificate_status", "certificate_verify"] as const) {
    refuses(() => described(name, 1), /needed/);
  }
});

test.run();
