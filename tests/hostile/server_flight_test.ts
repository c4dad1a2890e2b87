/**
 * Hostile servers in front of our client: each message of their first flight, wrong in one thing.
 * RFC 5246 §7.4.1.3 to §7.4.5; RFC 8422 §5; RFC 5746 §3.4; RFC 7301 §3.
 */
import { assert, suite } from "../harness.ts";
import { concat } from "../../lib/codec/bytes.ts";
import { encode } from "../../lib/codec/codec.ts";
import type { ClientConfig } from "../../lib/config.ts";
import { nobleProvider } from "../../lib/crypto/noble_provider.ts";
import {
  CertificateError,
  DecodeError,
  PeerIncompatibleError,
  PeerMisbehavedError,
  type TlsError,
} from "../../lib/error.ts";
import type { Extension } from "../../lib/extensions/extension.ts";
import { decodeServerHello } from "../../lib/messages/server_hello.ts";
import { NamedGroup } from "../../lib/registry.ts";
import { certificate } from "../../lib/tls12/messages/certificate.ts";
import { certificateRequest } from "../../lib/tls12/messages/certificate_request.ts";
import { issueCertificate, issueCertificateAuthority, issueSelfSigned } from "../../lib/x509/issue.ts";
import { loadCertificates } from "../../lib/x509/load.ts";
import { insecureAcceptAnyCertificate } from "../../lib/x509/verifier.ts";
import { fixedNow, type KeyKind, seededRandom } from "../support/fixtures.ts";
import { certificatePem } from "../support/x509_fixtures.ts";
import {
  extension,
  fails,
  type Failure,
  type HostilePeer,
  hostileServer,
  type PeerOptions,
  stepsOf,
} from "./hostile_peer.ts";

const test = suite("hostile server");
const derOf = (kind: KeyKind): readonly Uint8Array[] => loadCertificates(certificatePem[kind]).map(({ der }) => der);
const illegal = (says: RegExp): Failure => ({ alert: "illegal_parameter", error: PeerMisbehavedError, says });
const decodeError = (says: RegExp): Failure => ({ alert: "decode_error", error: DecodeError, says });
const trusting = { certificateVerifier: insecureAcceptAnyCertificate };

function answering(peer: HostilePeer, ...extensions: readonly Extension[]): HostilePeer {
  const usual = decodeServerHello(peer.serverHelloBody()).extensions ?? [];
  const kept = usual.filter(({ type }) => !extensions.some((other) => other.type === type));
  return peer.handshake("server_hello", peer.serverHelloBody({ extensions: [...kept, ...extensions] }));
}

function refuses(
  title: string,
  say: (peer: HostilePeer) => HostilePeer,
  expected: Failure,
  config: Partial<ClientConfig> = {},
  options: PeerOptions = {},
): void {
  test(`refuses ${title}`, () => {
    const peer = say(hostileServer(config, options));
    fails(peer, expected);
    assert.equal(peer.heard, ["client_hello"], "nothing but the alert was sent");
  });
}

for (
  const [name, serverVersion] of [
    ["SSLv3", 0x0300],
    ["TLSv1", 0x0301],
    ["TLSv1.1", 0x0302],
    ["TLSv1.3", 0x0304],
    ["0x0400", 0x0400],
    ["0x0000", 0],
  ] as const
) {
  refuses(
    // RFC 5246 appendix E.1: "If the version chosen by the server is not supported by the client (or not acceptable),
    // the client MUST send a "protocol_version" alert message and close the connection."
    // proves RFC 5246 appendix E.1: "If the version chosen by the server"
    `a ServerHello of version ${name}`,
    (peer) => peer.handshake("server_hello", peer.serverHelloBody({ serverVersion })),
    {
      alert: "protocol_version",
      error: PeerIncompatibleError,
      says: new RegExp(`Cannot agree on a version \\(we offered TLSv1.2; the peer offered ${name}\\)`),
    },
  );
}
refuses(
  // RFC 8446 §4.1.3's shape of a 1.3 ServerHello: supported_versions was not offered.
  "a ServerHello of TLS 1.3",
  (peer) => answering(peer, extension("supported_versions", 3, 4)),
  { alert: "unsupported_extension", error: PeerMisbehavedError, says: /supported_versions was not offered/ },
);
for (const cipherSuite of [0xc02c, 0xc013, 0x1301, 0x00ff, 0x5600, 0x0000, 0x0a0a, 0xabcd]) {
  refuses(
    // RFC 5246 §7.4.1.3: "The single cipher suite selected by the server from the list in ClientHello.cipher_suites."
    // illegal_parameter: "A field in the handshake was out of range or inconsistent with other fields."
    `the suite 0x${cipherSuite.toString(16)}, which was not offered`,
    (peer) => peer.handshake("server_hello", peer.serverHelloBody({ cipherSuite })),
    illegal(/Cannot accept ServerHello: cipher suite .* was not offered/),
    { cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] },
  );
}
refuses(
  "compression",
  (peer) => peer.handshake("server_hello", peer.serverHelloBody({ compressionMethod: 1 })),
  illegal(/compression method 1 was not offered/),
);
for (const type of [1, 5, 16, 18, 22, 35, 43, 51, 4711, 0x0a0a]) {
  refuses(
    // RFC 5246 §7.4.1.4: "it MUST abort the handshake with an unsupported_extension fatal alert."
    // proves RFC 5246 §7.4.1.4: "If a client receives an extension"
    `an answer to extension ${type}, which was not asked`,
    (peer) => answering(peer, extension(type, 0)),
    { alert: "unsupported_extension", error: PeerMisbehavedError, says: /extension .* was not offered/ },
  );
}
refuses(
  "an answer to server_name that was not asked, as with an IP address",
  (peer) => answering(peer, extension("server_name")),
  { alert: "unsupported_extension", error: PeerMisbehavedError, says: /server_name was not offered/ },
  { serverName: "192.0.2.7" },
);
for (const type of [11, 23, 65281, 0, 10]) {
  refuses(
    `extension ${type} twice`,
    (peer) => {
      const usual = decodeServerHello(peer.serverHelloBody()).extensions ?? [];
      const one = usual.find((each) => each.type === type) ?? extension(type);
      const extensions = [...usual.filter((each) => each !== one), one, one];
      return peer.handshake("server_hello", peer.serverHelloBody({ extensions }));
    },
    decodeError(/Cannot accept ServerHello: extension .* is there twice/),
  );
}
refuses(
  // RFC 5246 §7.4.1.4.1: "Servers MUST NOT send this extension."
  // proves RFC 5246 §7.4.1.4.1: "Servers MUST NOT send"
  "signature_algorithms in a ServerHello",
  (peer) => answering(peer, extension("signature_algorithms", 0, 2, 4, 3)),
  illegal(/signature_algorithms/),
);
refuses(
  // RFC 5746 §3.4: "if it is not, MUST abort the handshake (by sending a fatal handshake_failure alert)."
  // proves RFC 5746 §3.4: "The client MUST then verify"
  // proves RFC 5746 §3.4: "When a ServerHello is received"
  "a renegotiation_info that isn't empty",
  (peer) => answering(peer, extension("renegotiation_info", 1, 0)),
  { alert: "handshake_failure", error: PeerMisbehavedError, says: /renegotiation_info is not empty/ },
);
refuses(
  // proves RFC 8422 §5.2: "A client that receives a ServerHello"
  "ec_point_formats without uncompressed",
  (peer) => answering(peer, extension("ec_point_formats", 1, 1)),
  illegal(/Cannot accept ServerHello: ec_point_formats lacks uncompressed/),
);
refuses(
  "an extended_master_secret that isn't empty",
  (peer) => answering(peer, extension("extended_master_secret", 0)),
  decodeError(/extended_master_secret: 1 bytes too many/),
);
refuses(
  // RFC 6066 §3: "The "extension_data" field of this extension SHALL be empty."
  // proves RFC 6066 §3: "The "extension_data" field of this extension SHALL be empty"
  "a server_name answer that isn't empty",
  (peer) => answering(peer, extension("server_name", 0, 0)),
  decodeError(/server_name: 2 bytes too many/),
);
for (
  const [what, data, says] of [
    ["that was not offered", [0, 3, 2, 0x68, 0x33], /ALPN protocol "h3" was not offered/],
    ["of two names", [0, 6, 2, 0x68, 0x32, 2, 0x68, 0x32], /ALPN must hold exactly one protocol/],
  ] as const
) {
  refuses(
    // RFC 7301 §3.1: "the "ProtocolNameList" MUST contain exactly one "ProtocolName"."
    // proves RFC 7301 §3.1: "the "ProtocolNameList" MUST contain"
    `an ALPN answer ${what}`,
    (peer) => answering(peer, extension("application_layer_protocol_negotiation", ...data)),
    illegal(says),
    { alpnProtocols: ["h2"] },
  );
}
refuses(
  "an empty ALPN answer",
  (peer) => answering(peer, extension("application_layer_protocol_negotiation", 0, 0)),
  decodeError(/application_layer_protocol_negotiation/),
  { alpnProtocols: ["h2"] },
);
refuses(
  "a HelloRetryRequest's random with an extension of 1.3",
  (peer) => answering(peer, extension("key_share", 0, 29)),
  { alert: "unsupported_extension", error: PeerMisbehavedError, says: /key_share was not offered/ },
);

test("accepts a ServerHello without extensions, and says so", () => {
  const peer = hostileServer({}, { extendedMasterSecret: false });
  peer.handshake("server_hello", peer.serverHelloBody({ extensions: undefined }));
  for (const step of stepsOf.server.slice(1)) peer.play(step);
  assert.is(peer.tls.state, "live.connected");
  assert.is(peer.tls.session?.extendedMasterSecret, false);
  assert.is(peer.tls.session?.secureRenegotiation, false);
});

test("accepts a session id, an empty extension list and the downgrade sentinels of TLS 1.3", () => {
  // RFC 8446 §4.1.3: the sentinel says that the server could have done 1.3, which we rightly did not ask.
  const sentinels = [0, 1].map((last) =>
    concat(new Uint8Array(24).fill(5), Uint8Array.of(0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44, last))
  );
  for (const random of sentinels) {
    const peer = hostileServer({}, { extendedMasterSecret: false });
    const sessionId = new Uint8Array(32).fill(6);
    peer.handshake("server_hello", peer.serverHelloBody({ random, sessionId, extensions: [] }));
    for (const step of stepsOf.server.slice(1)) peer.play(step);
    assert.equal(peer.tls.session?.serverRandom, random);
  }
});

test("accepts supported_groups in a ServerHello, which some servers send for nothing", () => {
  const peer = answering(hostileServer(), extension("supported_groups", 0, 2, 0, 29));
  for (const step of stepsOf.server.slice(1)) peer.play(step);
  assert.is(peer.tls.state, "live.connected");
});

const certified = (peer: HostilePeer, ...chain: readonly Uint8Array[]): HostilePeer =>
  peer.play("ServerHello").handshake("certificate", encode(certificate, chain));

refuses(
  // RFC 5246 §7.4.2: "The server MUST send a Certificate message"; an empty one certifies nothing.
  // proves RFC 5246 §7.4.2: "The server MUST send a Certificate"
  "an empty Certificate",
  (peer) => certified(peer),
  decodeError(/the server sent no certificate/),
);
refuses("a certificate that is no DER", (peer) => certified(peer, Uint8Array.of(1, 2, 3)), {
  // RFC 5246 §7.2.2 bad_certificate: "A certificate was corrupt, contained signatures that did not verify correctly, etc."
  alert: "bad_certificate",
  error: DecodeError,
  says: /Cannot decode Certificate at byte 0: SEQUENCE expected/,
});
for (
  const [kind, cipherSuite] of [
    ["rsa", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
    ["p256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
    ["ed25519", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
  ] as const
) {
  refuses(
    // RFC 5246 §7.4.2: "The end entity certificate's public key (and associated restrictions) MUST be compatible with
    // the selected key exchange algorithm."
    // proves RFC 5246 §7.4.2: "The end entity certificate's"
    // proves RFC 8422 §5.3: "Certificate MUST contain an ECDSA"
    // proves RFC 8422 §5.3: "Certificate MUST contain an RSA"
    `a ${kind} certificate under ${cipherSuite}`,
    (peer) => certified(peer, ...derOf(kind)),
    illegal(/Cannot accept Certificate: its key \(.*\) doesn't fit TLS_ECDHE/),
    trusting,
    { cipherSuite },
  );
}
refuses(
  // RFC 8422 §5.3: the curve of the server's key must be one that the client listed.
  "a certificate on a curve that was not offered",
  (peer) => certified(peer, ...derOf("p384")),
  illegal(/the curve of its key, secp384r1 was not offered/),
  { ...trusting, namedGroups: ["x25519", "secp256r1"] },
);

const makes = { provider: nobleProvider, random: seededRandom(9), now: fixedNow(), names: ["p256.fixture.example"] };
refuses(
  // RFC 5246 §7.2.2 certificate_expired: "A certificate has expired or is not currently valid."
  "an expired certificate",
  (peer) => certified(peer, ...derOf("p256")),
  { alert: "certificate_expired", error: CertificateError, says: /it was valid until 2126/ },
  { now: () => Date.UTC(2200, 0, 1) },
);
refuses(
  "a certificate that isn't valid yet",
  (peer) => certified(peer, ...derOf("p256")),
  { alert: "certificate_expired", error: CertificateError, says: /valid (only )?from|not valid before/ },
  { now: () => Date.UTC(2000, 0, 1) },
);
refuses(
  "a certificate for another name",
  (peer) => certified(peer, ...derOf("p256")),
  { alert: "bad_certificate", error: CertificateError, says: /it is not for "other\.example": / },
  { serverName: "other.example" },
);
refuses(
  "a certificate for another address",
  (peer) => certified(peer, ...derOf("p256")),
  { alert: "bad_certificate", error: CertificateError, says: /it is not for "192\.0\.2\.8": / },
  { serverName: "192.0.2.8" },
);
refuses(
  // RFC 5246 §7.2.2 unknown_ca: "the CA certificate could not be located or couldn't be matched with a known, trusted CA."
  "a certificate of an authority that nobody knows",
  (peer) => {
    const issuer = issueCertificateAuthority({ ...makes, name: "Nobody's CA" });
    return certified(peer, ...issueCertificate({ ...makes, issuer }).chain);
  },
  { alert: "unknown_ca", error: CertificateError, says: /Nobody's CA/ },
);
refuses(
  "a self-signed certificate that is no anchor",
  (peer) => certified(peer, ...issueSelfSigned(makes).chain),
  { alert: "unknown_ca", error: CertificateError, says: /p256\.fixture\.example/ },
);
test("refuses the right certificate with one bit changed anywhere", () => {
  const [der = new Uint8Array(0)] = derOf("p256");
  for (let at = 0; at < der.length; at += 5) {
    const peer = certified(hostileServer(), der.with(at, (der[at] ?? 0) ^ 4));
    const error: TlsError | undefined = peer.error;
    if (error === undefined) throw new Error(`accepted with byte ${at} changed`);
    assert.ok(
      [CertificateError, DecodeError, PeerMisbehavedError].some((kind) => error instanceof kind),
      `${at}: ${error.name} ${error.message}`,
    );
    assert.not.equal(error.alert, "internal_error");
  }
});

const exchanging = (
  change: (peer: HostilePeer) => Parameters<HostilePeer["serverKeyExchangeBody"]>,
): (peer: HostilePeer) => HostilePeer =>
(peer) => {
  peer.playUntil("ServerKeyExchange");
  return peer.handshake("server_key_exchange", peer.serverKeyExchangeBody(...change(peer)));
};
const key = new Uint8Array(32).fill(9);

refuses("a wrong signature", exchanging(() => [{ signature: new Uint8Array(70) }]), {
  // RFC 5246 §7.2.2 decrypt_error: "unable to correctly verify a signature".
  alert: "decrypt_error",
  error: PeerMisbehavedError,
  says: /Cannot accept ServerKeyExchange: its ecdsa_secp256r1_sha256 signature is wrong/,
});
refuses("an empty signature", exchanging(() => [{ signature: new Uint8Array(0) }]), {
  alert: "decrypt_error",
  error: PeerMisbehavedError,
  says: /signature is wrong/,
});
refuses(
  "a signature over another key",
  exchanging((peer) => {
    const right = peer.serverKeyExchangeBody();
    const signature = right.slice(4 + (right[3] ?? 0) + 4);
    return [{ params: { curveType: 3, namedCurve: 29, public: key }, signature }];
  }),
  { alert: "decrypt_error", error: PeerMisbehavedError, says: /signature is wrong/ },
);
test("refuses a ServerKeyExchange of another connection: both randoms are signed", () => {
  const other = hostileServer({ random: seededRandom(77) }).playUntil("ServerKeyExchange");
  const peer = hostileServer().playUntil("ServerKeyExchange");
  peer.handshake("server_key_exchange", other.bodyOf("ServerKeyExchange"));
  fails(peer, { alert: "decrypt_error", error: PeerMisbehavedError, says: /signature is wrong/ });
});
// proves RFC 8422 §2.1: "These parameters MUST be signed"
test("refuses a key that isn't the certificate's", () => {
  const peer = hostileServer({ ...trusting, serverName: "p256.fixture.example" }, {
    kind: "ed25519",
    scheme: "ed25519",
  });
  peer.playUntil("ServerKeyExchange");
  // Signed by the P-256 key, rightly, under an Ed25519 certificate.
  peer.handshake("server_key_exchange", peer.serverKeyExchangeBody({}, "p256"));
  fails(peer, illegal(/ecdsa_secp256r1_sha256 doesn't fit the certificate's ed25519 key/));
});
for (const algorithm of [0x0809, 0x0203, 0x0201, 0x0000, 0x0a0a]) {
  refuses(
    // RFC 5246 §7.4.3: "the signature algorithm and hash algorithm MUST be a pair listed in that extension."
    // proves RFC 5246 §7.4.3: "If the client has offered"
    `the scheme 0x${algorithm.toString(16)}, which was not offered`,
    exchanging(() => [{ algorithm }]),
    illegal(/signature scheme .* was not offered/),
  );
}
refuses(
  // proves RFC 5246 §7.4.3: "In addition, the hash"
  // proves RFC 8422 §5.9: "Ed25519, Ed25519ph"
  // proves RFC 8422 §5.9: "EdDSA keys using"
  "a scheme of another kind of key",
  exchanging(() => [{ algorithm: 0x0804 }]),
  illegal(/rsa_pss_rsae_sha256 doesn't fit the certificate's ec key/),
);
for (const namedCurve of [22, 31, 256, 0, 0x0a0a]) {
  refuses(
    `the group ${namedCurve}, which was not offered`,
    exchanging(() => [{ params: { curveType: 3, namedCurve, public: key } }]),
    illegal(/ServerKeyExchange: group .* was not offered/),
  );
}
for (const curveType of [0, 1, 2, 4, 255]) {
  refuses(
    // RFC 8422 §5.4: explicit curves are gone.
    `curve_type ${curveType}`,
    exchanging(() => [{ params: { curveType, namedCurve: 29, public: key } }]),
    illegal(/its curve_type is/),
  );
}

for (
  const [namedGroup, what, point] of [
    ["x25519", "is all zero", new Uint8Array(32)],
    ["x25519", "is too short", new Uint8Array(31).fill(9)],
    ["x25519", "is too long", new Uint8Array(33).fill(9)],
    ["secp256r1", "is off the curve", Uint8Array.of(4, ...new Uint8Array(64).fill(1))],
    ["secp256r1", "is compressed", Uint8Array.of(2, ...new Uint8Array(32).fill(1))],
    ["secp256r1", "is infinity", Uint8Array.of(0)],
    ["secp384r1", "is off the curve", Uint8Array.of(4, ...new Uint8Array(96).fill(1))],
    ["secp384r1", "is one of secp256r1's size", Uint8Array.of(4, ...new Uint8Array(64).fill(1))],
  ] as const
) {
  // proves RFC 8422 §5.11: "With the NIST curves"
  // proves RFC 8422 §5.11: "MUST check that the x and y"
  // proves RFC 8422 §5.11: "a receiving party MUST check whether"
  // proves RFC 8422 §5.10: "if either party obtains"
  test(`refuses a rightly signed ${namedGroup} key that ${what}`, () => {
    const peer = hostileServer({}, { namedGroup }).playUntil("ServerKeyExchange");
    const params = { curveType: 3, namedCurve: NamedGroup[namedGroup], public: point };
    peer.handshake("server_key_exchange", peer.serverKeyExchangeBody({ params }));
    if (peer.error === undefined) peer.play("ServerHelloDone");
    // RFC 8422 §5.11.
    fails(peer, illegal(new RegExp(`ServerKeyExchange: its public key is no valid key of ${namedGroup}`)));
    assert.equal(peer.heard, ["client_hello"]);
  });
}

// proves RFC 5246 §7.4.6: "If no suitable certificate"
// proves RFC 5246 §7.3: "If the server has sent a CertificateRequest"
// proves RFC 8422 §3: "In this case, the ClientKeyExchange"
// proves RFC 5246 §7.4.7: "It MUST immediately follow"
test("answers a CertificateRequest with an empty Certificate and goes on", () => {
  const peer = hostileServer().playUntil("ServerHelloDone");
  const request = { certificateTypes: [1, 64], supportedSignatureAlgorithms: [0x0403], certificateAuthorities: [] };
  peer.handshake("certificate_request", encode(certificateRequest, request));
  for (const step of ["ServerHelloDone", "ChangeCipherSpec", "Finished"] as const) peer.play(step);
  assert.is(peer.tls.state, "live.connected");
  assert.equal(peer.heard, ["client_hello", "certificate", "client_key_exchange", "ChangeCipherSpec", "finished"]);
});

test("refuses a malformed CertificateRequest, and a second one", () => {
  const right = encode(certificateRequest, {
    certificateTypes: [64],
    supportedSignatureAlgorithms: [0x0403],
    certificateAuthorities: [Uint8Array.of(0x30, 0)],
  });
  for (let length = 0; length < right.length; length++) {
    const peer = hostileServer().playUntil("ServerHelloDone");
    fails(peer.handshake("certificate_request", right.subarray(0, length)), decodeError(/CertificateRequest/));
  }
  const peer = hostileServer().playUntil("ServerHelloDone").handshake("certificate_request", right);
  fails(peer.handshake("certificate_request", right), {
    alert: "unexpected_message",
    error: PeerMisbehavedError,
    says: /CertificateRequest in state .*awaitServerHelloDone/,
  });
});

test("refuses a ServerHelloDone that isn't empty", () => {
  const peer = hostileServer().playUntil("ServerHelloDone");
  fails(peer.handshake("server_hello_done", Uint8Array.of(0)), decodeError(/ServerHelloDone: 1 bytes too many/));
});

test.run();
