/** What the RFCs demand of a client that is asked for a certificate, and of the server. RFC 5246 §7.4.4 to §7.4.8; RFC 8422 §3. */
import { assert, suite } from "../harness.ts";
import type { ServerConfig } from "../../lib/config.ts";
import { PeerMisbehavedError, TlsError } from "../../lib/error.ts";
import { certificateRequest } from "../../lib/tls12/messages/certificate_request.ts";
import { encode } from "../../lib/codec/codec.ts";
import { loadCertificates } from "../../lib/x509/load.ts";
import { extension, fails, hostileClient, type HostilePeer, hostileServer, uint16 } from "../hostile/hostile_peer.ts";
import { clientConfig, credentialOf, type KeyKind, nameOfKind, serverConfig } from "../support/fixtures.ts";
import { Pair } from "../support/pair.ts";
import { certificatePem } from "../support/x509_fixtures.ts";

const test = suite("client certificates by the RFCs");
const asking: Partial<ServerConfig> = {
  clientAuthentication: "required",
  trustAnchors: [certificatePem.rsa, certificatePem.p256, certificatePem.p384, certificatePem.ed25519],
};
const rsaSign = 1;
const ecdsaSign = 64;

/** What a client with these credentials says to a server that asks for these types and schemes. */
function answering(
  kinds: readonly KeyKind[],
  types: readonly number[],
  schemes: readonly number[],
  certificateAuthorities: readonly Uint8Array[] = [],
): HostilePeer {
  const peer = hostileServer({ credentials: kinds.map((kind) => credentialOf[kind]) });
  for (const step of ["ServerHello", "Certificate", "ServerKeyExchange"] as const) peer.play(step);
  const request = { certificateTypes: types, supportedSignatureAlgorithms: schemes, certificateAuthorities };
  return peer.handshake("certificate_request", encode(certificateRequest, request)).play("ServerHelloDone");
}

/** The DER of the certificate that the client showed; `undefined` for an empty list. */
function shown(peer: HostilePeer): string | undefined {
  const name = peer.tls.state;
  assert.match(name, /serverFinishes/);
  const hasVerify = peer.heard.includes("certificate_verify");
  const order = ["client_key_exchange", ...(hasVerify ? ["certificate_verify"] : []), "ChangeCipherSpec", "finished"];
  assert.equal(peer.heard, ["client_hello", "certificate", ...order]);
  return hasVerify ? "certificate" : undefined;
}

// proves RFC 5246 §7.3: "If the server has sent a CertificateRequest"
// proves RFC 5246 §7.4.4: "The end-entity certificate provided by the client"
// proves RFC 5246 §7.4.4: "If the key is a signature key"
// proves RFC 5246 §7.4.7: "It MUST immediately follow"
// proves RFC 5246 §7.4.8: "When sent, it MUST immediately follow"
// proves RFC 8422 §3.1: "To use this authentication mechanism"
// proves RFC 8422 §5.6: "The certificate MUST contain"
test("are shown only where their key's type and a scheme of it was asked for, and then proved at once", () => {
  const cases: readonly (readonly [readonly KeyKind[], readonly number[], readonly number[], boolean])[] = [
    [["p256"], [ecdsaSign], [0x0403], true],
    [["ed25519"], [ecdsaSign], [0x0807], true],
    [["rsa"], [rsaSign], [0x0804], true],
    [["p256"], [rsaSign], [0x0403], false],
    [["ed25519"], [rsaSign], [0x0807], false],
    [["rsa"], [ecdsaSign], [0x0804], false],
    [["p256"], [ecdsaSign], [0x0807], false],
    [["rsa"], [rsaSign, ecdsaSign], [0x0403, 0x0201], false],
    [["rsa", "p256"], [ecdsaSign], [0x0403, 0x0804], true],
    [[], [rsaSign, ecdsaSign], [0x0403, 0x0804], false],
  ];
  for (const [kinds, types, schemes, isShown] of cases) {
    const text = `${kinds.join()} for types ${types.join()} and schemes ${schemes.join()}`;
    assert.is(shown(answering(kinds, types, schemes)) !== undefined, isShown, text);
  }
});

// proves RFC 8422 §3: "In this case, the ClientKeyExchange MUST"
// proves RFC 5246 §7.4.6: "If no suitable certificate"
test("are an empty list where none fits, ClientKeyExchange follows, and no CertificateVerify", () => {
  assert.is(shown(answering(["rsa"], [ecdsaSign], [0x0403])), undefined);
  const optional = new Pair(
    clientConfig("p256"),
    serverConfig("p256", { ...asking, clientAuthentication: "optional" }),
  ).shake();
  assert.equal(optional.server.tls.session?.peerCertificates, []);
});

// proves RFC 5246 §7.4.6: "If the certificate_authorities list"
test("are shown where one of the issuers is named, or none is", () => {
  const [own, other] = [certificatePem.p256, certificatePem.rsa].map((pem) => loadCertificates(pem)[0]?.issuer.der);
  if (own === undefined || other === undefined) throw new Error("every certificate has an issuer");
  for (const [authorities, isShown] of [[[], true], [[other, own], true], [[other], false]] as const) {
    const peer = answering(["p256"], [ecdsaSign], [0x0403], authorities);
    assert.is(shown(peer) !== undefined, isShown);
  }
});

// proves RFC 5246 §7.4.6: "If the client does not send any certificates"
test("may be missing where they are optional, and may not where they are required", () => {
  for (const clientAuthentication of ["optional", "required"] as const) {
    const server = serverConfig("p256", { ...asking, clientAuthentication });
    const { server: end } = new Pair(clientConfig("p256"), server).shake();
    if (clientAuthentication === "optional") assert.is(end.tls.state, "live.connected");
    else assert.is(end.error instanceof TlsError ? end.error.alert : undefined, "handshake_failure");
  }
});

// proves RFC 5246 §7.4.2: "The sender's certificate MUST come first"
test("begin with the sender's own, and so do a server's", () => {
  for (const kind of ["p256", "rsa", "ed25519"] as const) {
    const credential = {
      ...credentialOf[kind],
      certificateChain: certificatePem[kind] + certificatePem[kind === "rsa" ? "p256" : "rsa"],
    };
    const config = { ...serverConfig(kind, asking), credentials: [credential] };
    const { client, server } = new Pair(clientConfig(kind, { credentials: [credential] }), config).shake();
    const [own] = loadCertificates(certificatePem[kind]);
    assert.equal(server.tls.session?.peerCertificates[0], own?.der);
    assert.equal(client.tls.session?.peerCertificates[0], own?.der);
    assert.is(client.tls.session?.peerCertificates.length, 2);
  }
  // The other way round, the first one isn't the key's: nothing begins.
  const wrong = { ...credentialOf.p256, certificateChain: certificatePem.rsa + certificatePem.p256 };
  assert.throws(() => new Pair(clientConfig("p256"), serverConfig("p256", { credentials: [wrong] })), /private key/);
});

/** A client that shows its P-256 certificate and stands before its CertificateVerify. */
function beforeVerify(config: Partial<ServerConfig> = {}): HostilePeer {
  const peer = hostileClient({ ...asking, ...config });
  peer.play("ClientHello");
  const [own] = loadCertificates(certificatePem.p256);
  const der = own?.der ?? new Uint8Array(0);
  const entry = [0, ...uint16(der.length), ...der];
  return peer.handshake("certificate", Uint8Array.from([0, ...uint16(entry.length), ...entry]));
}

// proves RFC 5246 §7.4.8: "The hash and signature algorithms used"
// proves RFC 5246 §7.4.8: "In addition, the hash and signature"
test("are proved with a scheme that was asked for, that the key can do, and rightly", () => {
  const verify = (scheme: number): Uint8Array => Uint8Array.from([...uint16(scheme), 0, 2, 1, 1]);
  const cases = [
    [0x0203, "illegal_parameter", /signature scheme .* was not offered/],
    [0x0804, "illegal_parameter", /rsa_pss_rsae_sha256 doesn't fit the certificate's ec key/],
    [0x0807, "illegal_parameter", /ed25519 doesn't fit the certificate's ec key/],
    [0x0403, "decrypt_error", /its ecdsa_secp256r1_sha256 signature is wrong/],
  ] as const;
  for (const [scheme, alert, says] of cases) {
    const peer = beforeVerify().play("ClientKeyExchange").handshake("certificate_verify", verify(scheme));
    fails(peer, { alert, error: PeerMisbehavedError, says });
  }
});

// proves RFC 5246 §7.4.7: "It MUST immediately follow"
// proves RFC 5246 §7.4.8: "When sent, it MUST immediately follow"
test("are followed by ClientKeyExchange and CertificateVerify, in this order and without a gap", () => {
  const unexpected = { alert: "unexpected_message", error: PeerMisbehavedError, says: /Cannot accept/ } as const;
  fails(beforeVerify().handshake("certificate_verify", Uint8Array.of(4, 3, 0, 0)), unexpected);
  fails(beforeVerify().play("ClientKeyExchange").play("ChangeCipherSpec"), unexpected);
  const silent = hostileClient(asking).play("ClientHello");
  fails(silent.play("ClientKeyExchange"), unexpected);
});

// proves RFC 5246 §7.4.6: "the public key MUST use a curve"
test("are refused on a curve that the server doesn't use", () => {
  const peer = hostileClient({ ...asking, namedGroups: ["x25519"] }, { kind: "ed25519", scheme: "ed25519" });
  const usual = [
    extension("supported_groups", 0, 2, 0, 29),
    extension("signature_algorithms", 0, 2, 8, 7),
    extension("extended_master_secret"),
  ];
  peer.handshake("client_hello", peer.clientHelloBody({ extensions: usual }));
  const [own] = loadCertificates(certificatePem.p256);
  const der = own?.der ?? new Uint8Array(0);
  const entry = [0, ...uint16(der.length), ...der];
  peer.handshake("certificate", Uint8Array.from([0, ...uint16(entry.length), ...entry]));
  fails(peer, { alert: "illegal_parameter", error: PeerMisbehavedError, says: /curve of its key, secp256r1/ });
  assert.is(nameOfKind("p256"), "p256.fixture.example");
});

test.run();
