/**
 * Servers that staple wrongly in front of our client: unasked, unannounced, twice, out of order, malformed; and one that
 * announces a status and leaves it out, which RFC 6066 §8 allows. Clients that ask wrongly in front of our server.
 */
import { assert, suite } from "../harness.ts";
import { DecodeError, PeerMisbehavedError } from "../../lib/error.ts";
import { decodeClientHello } from "../../lib/messages/client_hello.ts";
import { credentialOf, sampleBytes } from "../support/fixtures.ts";
import { extension, fails, type Failure, hostileClient, type HostilePeer, hostileServer } from "./hostile_peer.ts";

const test = suite("hostile stapling");
const asks = { requestOcspResponse: true, requestSignedCertificateTimestamps: true };
const status = Uint8Array.of(1, 0, 0, 3, 7, 8, 9);
const unexpected = (says: RegExp): Failure => ({ alert: "unexpected_message", error: PeerMisbehavedError, says });
const decodeError = (says: RegExp): Failure => ({ alert: "decode_error", error: DecodeError, says });

function announcing(peer: HostilePeer, ...extensions: readonly ReturnType<typeof extension>[]): HostilePeer {
  const usual = [extension("renegotiation_info", 0), extension("extended_master_secret")];
  return peer.handshake("server_hello", peer.serverHelloBody({ extensions: [...usual, ...extensions] }));
}

const announced = (): HostilePeer => announcing(hostileServer(asks), extension("status_request")).play("Certificate");

function goesOn(peer: HostilePeer): void {
  peer.play("ServerKeyExchange").play("ServerHelloDone").play("ChangeCipherSpec").play("Finished");
  assert.is(peer.tls.state, "live.connected", String(peer.error));
}

test("takes a status that was announced, and goes on without it when it is left out", () => {
  // RFC 6066 §8: a server that sent the extension "MAY still not send" the message.
  const present = announced().handshake("certificate_status", status);
  goesOn(present);
  assert.equal(present.tls.session?.ocspResponse, Uint8Array.of(7, 8, 9));
  const leftOut = announced();
  goesOn(leftOut);
  assert.is(leftOut.tls.session?.ocspResponse, undefined);
});

test("verifies the certificate before the key exchange, also where the status is left out", () => {
  const calls: (Uint8Array | undefined)[] = [];
  const certificateVerifier = {
    verify: ({ ocspResponse }: { ocspResponse?: Uint8Array | undefined }) => {
      calls.push(ocspResponse);
      throw new RangeError("nobody is trusted");
    },
  };
  const peer = announcing(hostileServer({ ...asks, certificateVerifier }), extension("status_request")).play(
    "Certificate",
  );
  assert.equal(calls, [], "the verdict waits for the status");
  peer.play("ServerKeyExchange");
  assert.equal(calls, [undefined]);
  assert.is(peer.error?.alert, "internal_error");
  assert.equal(peer.heard, ["client_hello"]);
});

test("refuses a wrong signature where the status is left out", () => {
  const peer = announced();
  fails(peer.handshake("server_key_exchange", peer.serverKeyExchangeBody({ signature: Uint8Array.of(1) })), {
    alert: "decrypt_error",
    error: PeerMisbehavedError,
    says: /signature is wrong/,
  });
});

test("refuses a status that wasn't announced, comes twice, or at another time", () => {
  const unannounced = announcing(hostileServer(asks)).play("Certificate").handshake("certificate_status", status);
  fails(unannounced, unexpected(/Cannot accept CertificateStatus/));
  const unasked = hostileServer().playUntil("ServerKeyExchange").handshake("certificate_status", status);
  fails(unasked, unexpected(/Cannot accept CertificateStatus/));
  const twice = announced().handshake("certificate_status", status).handshake("certificate_status", status);
  fails(twice, unexpected(/Cannot accept CertificateStatus/));
  const early = announcing(hostileServer(asks), extension("status_request")).handshake("certificate_status", status);
  fails(early, unexpected(/Cannot accept CertificateStatus/));
  const late = announced().play("ServerKeyExchange").handshake("certificate_status", status);
  fails(late, unexpected(/Cannot accept CertificateStatus/));
  fails(announced().play("ServerHelloDone"), unexpected(/Cannot accept ServerHelloDone/));
  const byClient = hostileClient().play("ClientHello").handshake("certificate_status", status);
  fails(byClient, unexpected(/Cannot accept CertificateStatus/));
});

test("refuses a status that is malformed", () => {
  const bodies: readonly (readonly number[])[] = [
    [],
    [1],
    [1, 0, 0, 0], // RFC 6066 §8: opaque OCSPResponse<1..2^24-1>
    [1, 0, 0, 3, 7, 8],
    [...status, 0],
    [0, 0, 0, 1, 7],
    [2, 0, 0, 1, 7], // RFC 6961's list wasn't asked for
  ];
  for (const body of bodies) {
    const peer = announced().handshake("certificate_status", Uint8Array.from(body));
    assert.instance(peer.error, Error);
    assert.ok(["decode_error", "illegal_parameter"].includes(peer.error?.alert ?? ""), String(peer.error));
  }
});

test("refuses announcements that weren't asked for, or that aren't what they should be", () => {
  for (const [name, ...data] of [["status_request"], ["signed_certificate_timestamp", 0, 3, 0, 1, 7]] as const) {
    const peer = announcing(hostileServer(), extension(name, ...data));
    fails(peer, {
      alert: "unsupported_extension",
      error: PeerMisbehavedError,
      says: new RegExp(`${name} was not offered`),
    });
  }
  fails(announcing(hostileServer(asks), extension("status_request", 1)), decodeError(/status_request/));
  const lists: readonly (readonly number[])[] = [[], [0, 0], [0, 2, 0, 0], [0, 3, 0, 1], [0, 3, 0, 1, 7, 0], [
    0,
    4,
    0,
    1,
    7,
    0,
  ]];
  for (const data of lists) {
    const peer = announcing(hostileServer(asks), extension("signed_certificate_timestamp", ...data));
    fails(peer, decodeError(/signed_certificate_timestamp/));
  }
});

// Clients that ask, in front of our server.

const stapled = {
  credentials: [{ ...credentialOf.p256, ocspResponse: sampleBytes(9), signedCertificateTimestamps: [sampleBytes(5)] }],
};

function asking(...extensions: readonly ReturnType<typeof extension>[]): HostilePeer {
  const peer = hostileClient(stapled);
  const usual = decodeClientHello(peer.clientHelloBody()).extensions ?? [];
  return peer.handshake("client_hello", peer.clientHelloBody({ extensions: [...usual, ...extensions] }));
}

test("on a server: staples for those who ask for OCSP, whatever else they say with it", () => {
  for (const data of [[1, 0, 0, 0, 0], [1, 0, 3, 0, 1, 7, 0, 0], [1, 0, 0, 0, 2, 0x30, 0]]) {
    const peer = asking(extension("status_request", ...data));
    assert.equal(peer.heard.slice(0, 3), ["server_hello", "certificate", "certificate_status"]);
  }
});

test("on a server: staples nothing for a status type that it doesn't know", () => {
  for (const data of [[2, 0, 0, 0, 0], [2], [255, 1, 2, 3]]) {
    const peer = asking(extension("status_request", ...data));
    assert.equal(peer.heard.slice(0, 3), ["server_hello", "certificate", "server_key_exchange"]);
  }
});

test("on a server: refuses what isn't a request", () => {
  for (const data of [[], [1], [1, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0, 0], [1, 0, 0, 0, 0, 0]]) {
    fails(asking(extension("status_request", ...data)), decodeError(/status_request/));
  }
  fails(asking(extension("signed_certificate_timestamp", 0)), decodeError(/signed_certificate_timestamp/));
});

test.run();
