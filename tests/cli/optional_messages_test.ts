/**
 * What `--steps` says of messages that a handshake may have: a stapled status, a client's certificate with its proof,
 * tickets. Told from the bytes of the messages, without a handshake.
 * @module
 */

import { paletteFor } from "../../adapters/cli/terminal.ts";
import { type Side, stepNumbers } from "../../adapters/cli/step.ts";
import { storyLines } from "../../adapters/cli/steps.ts";
import { Story } from "../../adapters/cli/story.ts";
import { asciiBytes, concat } from "../../lib/codec/bytes.ts";
import { encode } from "../../lib/codec/codec.ts";
import { sessionTicket } from "../../lib/extensions/session_ticket.ts";
import { clientHello } from "../../lib/messages/client_hello.ts";
import { handshakeMessage } from "../../lib/messages/handshake.ts";
import type { HandshakeTypeName } from "../../lib/registry.ts";
import { describe } from "../../lib/tls12/describe.ts";
import { certificate } from "../../lib/tls12/messages/certificate.ts";
import { certificateStatus } from "../../lib/tls12/messages/certificate_status.ts";
import { certificateVerify } from "../../lib/tls12/messages/certificate_verify.ts";
import { newSessionTicket } from "../../lib/tls12/messages/new_session_ticket.ts";
import { loadCertificates } from "../../lib/x509/load.ts";
import { assert, suite } from "../harness.ts";
import { sampleBytes } from "../support/fixtures.ts";
import { certificatePem } from "../support/x509_fixtures.ts";

const test = suite("cli optional messages");
const palette = paletteFor({ isTTY: false }, {});
const der = (kind: "p256" | "ed25519"): readonly Uint8Array[] =>
  loadCertificates(certificatePem[kind]).map((one) => one.der);

type Said = readonly [sender: Side, name: HandshakeTypeName, body: Uint8Array];

/** A client watches these messages; the lines of one step, blanks squeezed. */
function told(number: number, ...said: readonly Said[]): readonly string[] {
  const story = new Story(["client"]);
  for (const [sender, name, body] of said) {
    const message = handshakeMessage(name, body);
    story.watch("client")({
      type: "message",
      direction: sender === "client" ? "sent" : "received",
      name,
      bytes: message.bytes,
      fields: describe(message),
      state: "live.handshake.full.some",
    });
  }
  const lines = storyLines(story, stepNumbers.filter((one) => one === number), { palette, showsSecrets: false });
  for (const line of lines) assert.ok(line.length <= 100, line);
  return lines.map((line) => line.trim().replace(/ +/g, " "));
}

function has(lines: readonly string[], ...expected: readonly string[]): void {
  for (const line of expected) assert.ok(lines.includes(line), `${line}\n is not in\n${lines.join("\n")}`);
}

test("tell in step 3 that a status is stapled to the certificate", () => {
  const response = sampleBytes(471);
  const lines = told(
    3,
    ["server", "certificate", encode(certificate, der("p256"))],
    ["server", "certificate_status", encode(certificateStatus, { statusType: 1, response })],
  );
  has(lines, "then CertificateStatus: what an OCSP responder says of the certificate");
  assert.match(lines.join("\n"), /^response [0-9a-f]{64}… 471 bytes$/m);
  assert.not.match(
    told(3, ["server", "certificate", encode(certificate, der("p256"))]).join("\n"),
    /CertificateStatus/,
  );
});

test("tell in step 5 which certificates the server would like", () => {
  const request = (...authorities: readonly number[]): Said => [
    "server",
    "certificate_request",
    Uint8Array.of(2, 1, 64, 0, 4, 4, 3, 8, 7, 0, authorities.length, ...authorities),
  ];
  has(
    told(5, request()),
    "first CertificateRequest: the server would like to see a certificate of the client",
    "types rsa_sign, ecdsa_sign",
    "signatures ecdsa_secp256r1_sha256, ed25519",
    "issued by anybody",
  );
  has(told(5, request(0, 1, 7, 0, 2, 8, 9)), "issued by one of 2 issuers");
});

const exchange: Said = ["client", "client_key_exchange", Uint8Array.of(1, 4)];

test("tell in step 6 of the client's certificate, or that it has none", () => {
  const lines = told(6, ["client", "certificate", encode(certificate, der("ed25519"))], exchange);
  has(lines, "first Certificate, with 1 certificate in it", "key Ed25519");
  assert.match(lines.join("\n"), /^certificate .*CN=ed25519\.fixture\.example.*, \d+ bytes$/m);
  has(
    told(6, ["client", "certificate", encode(certificate, [])], exchange),
    "first Certificate, with 0 certificates in it",
  );
  const garbage = told(6, ["client", "certificate", encode(certificate, [asciiBytes("junk")])], exchange);
  has(garbage, "certificate can't be read, 4 bytes");
});

test("tell in step 6 of the client's proof", () => {
  const proof = encode(certificateVerify, { algorithm: 0x0807, signature: sampleBytes(64) });
  const lines = told(6, exchange, ["client", "certificate_verify", proof]);
  has(
    lines,
    "then CertificateVerify: the client signs all messages so far with its own key",
    "signed with ed25519",
  );
  assert.match(lines.join("\n"), /^signature [0-9a-f]{64}… 64 bytes$/m);
});

test("tell in step 10 of a ticket, of one without a lifetime, and of none after all", () => {
  const ticket = (ticketLifetimeHint: number, length: number): readonly string[] => {
    const body = encode(newSessionTicket, { ticketLifetimeHint, ticket: sampleBytes(length) });
    return told(10, ["server", "new_session_ticket", body]);
  };
  has(
    ticket(7200, 192),
    "first NewSessionTicket: with it the client can resume this session another time",
    "lifetime 7200 s",
  );
  assert.match(ticket(7200, 192).join("\n"), /^ticket [0-9a-f]{32}… 192 bytes, which only the server can read$/m);
  has(ticket(0, 1), "lifetime not told");
  has(ticket(7200, 0), "first NewSessionTicket: empty, there is none after all");
});

test("tell in step 1 that the client shows a ticket", () => {
  const hello = (ticket: Uint8Array): Said => [
    "client",
    "client_hello",
    encode(clientHello, {
      clientVersion: 0x0303,
      random: sampleBytes(32),
      sessionId: new Uint8Array(0),
      cipherSuites: [0xc02b],
      compressionMethods: [0],
      extensions: [{ type: 35, data: encode(sessionTicket, ticket) }],
    }),
  ];
  has(told(1, hello(sampleBytes(100))), "session to be resumed, with a ticket of 100 bytes");
  const lines = told(1, hello(new Uint8Array(0)));
  has(lines, "extensions session_ticket");
  assert.not.match(lines.join("\n"), /resumed/);
});

test("tell in step 8 of a session that is resumed: no pre-master secret makes its keys", () => {
  const story = new Story(["client"]);
  const watch = story.watch("client");
  watch({ type: "secret", name: "master_secret", bytes: concat(Uint8Array.of(0xab, 0xcd), sampleBytes(46)) });
  const text = storyLines(story, [8], { palette, showsSecrets: false }).join("\n");
  assert.match(text, /session +resumed: both sides know its master secret/);
  assert.match(text, /master secret +abcd… 48 bytes/);
  assert.not.match(text, /pre-master/);
});

test.run();
