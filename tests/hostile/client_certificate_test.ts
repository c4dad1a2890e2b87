/**
 * Clients that prove themselves wrongly in front of our server, and servers that ask our client wrongly.
 * RFC 5246 §7.4.4, §7.4.6, §7.4.8; RFC 8422 §5.6.
 */
import { assert, suite } from "../harness.ts";
import { encode } from "../../lib/codec/codec.ts";
import type { ServerConfig } from "../../lib/config.ts";
import { createSigner } from "../../lib/crypto/signer.ts";
import { CertificateError, DecodeError, PeerIncompatibleError, PeerMisbehavedError } from "../../lib/error.ts";
import { SignatureScheme, type SignatureSchemeName } from "../../lib/registry.ts";
import { certificate } from "../../lib/tls12/messages/certificate.ts";
import { issueSelfSigned } from "../../lib/x509/issue.ts";
import { loadCertificates, loadPrivateKey } from "../../lib/x509/load.ts";
import { insecureAcceptAnyCertificate } from "../../lib/x509/verifier.ts";
import { credentialOf, fixedNow, type KeyKind, rememberingProvider, seededRandom } from "../support/fixtures.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";
import { fails, type Failure, hostileClient, type HostilePeer, hostileServer, uint16 } from "./hostile_peer.ts";

const test = suite("hostile client certificates");
const trusting: Partial<ServerConfig> = {
  clientAuthentication: "required",
  certificateVerifier: insecureAcceptAnyCertificate,
};
const derOf = (kind: KeyKind): readonly Uint8Array[] => loadCertificates(certificatePem[kind]).map(({ der }) => der);
const illegal = (says: RegExp): Failure => ({ alert: "illegal_parameter", error: PeerMisbehavedError, says });
const unexpected = (says: RegExp): Failure => ({ alert: "unexpected_message", error: PeerMisbehavedError, says });
const decodeError = (says: RegExp): Failure => ({ alert: "decode_error", error: DecodeError, says });

/** A client up to its Certificate, this one. */
function showing(chain: readonly Uint8Array[], config: Partial<ServerConfig> = {}): HostilePeer {
  const peer = hostileClient({ ...trusting, ...config }).play("ClientHello");
  return peer.handshake("certificate", encode(certificate, chain));
}

/** The right signature of what was said until now, by the key of this kind. */
function signatureOf(
  peer: HostilePeer,
  kind: KeyKind,
  scheme: SignatureSchemeName,
  message = peer.transcript,
): Uint8Array {
  const key = loadPrivateKey(privateKeyPem[`${kind}Pkcs8`]);
  return createSigner(key, rememberingProvider.signatureSchemes, seededRandom(5)).sign(scheme, message);
}

function verifyBody(scheme: number, signature: Uint8Array): Uint8Array {
  return Uint8Array.of(...uint16(scheme), ...uint16(signature.length), ...signature);
}

function proves(peer: HostilePeer, kind: KeyKind, scheme: SignatureSchemeName): HostilePeer {
  return peer.handshake("certificate_verify", verifyBody(SignatureScheme[scheme], signatureOf(peer, kind, scheme)));
}

test("accepts a certificate and its proof, by hand", () => {
  const peer = proves(showing(derOf("p384")).play("ClientKeyExchange"), "p384", "ecdsa_secp384r1_sha384");
  peer.play("ChangeCipherSpec").play("Finished");
  assert.is(peer.tls.state, "live.connected");
  assert.equal(peer.tls.session?.peerCertificates, derOf("p384"));
});

test("refuses a wrong signature: of another text, by another key, changed, cut, empty", () => {
  const wrong: readonly ((peer: HostilePeer) => Uint8Array)[] = [
    (peer) => signatureOf(peer, "p384", "ecdsa_secp384r1_sha384", peer.transcript.subarray(0, -1)),
    (peer) => signatureOf(peer, "p384", "ecdsa_secp384r1_sha384", new Uint8Array(0)),
    (peer) => signatureOf(peer, "p384", "ecdsa_secp256r1_sha256"),
    (peer) => signatureOf(peer, "p256", "ecdsa_secp384r1_sha384"),
    (peer) => signatureOf(peer, "p384", "ecdsa_secp384r1_sha384").with(20, 0),
    (peer) => signatureOf(peer, "p384", "ecdsa_secp384r1_sha384").subarray(0, -1),
    () => new Uint8Array(0),
  ];
  for (const make of wrong) {
    const peer = showing(derOf("p384")).play("ClientKeyExchange");
    peer.handshake("certificate_verify", verifyBody(SignatureScheme.ecdsa_secp384r1_sha384, make(peer)));
    // RFC 5246 §7.2.2, decrypt_error: "A handshake cryptographic operation failed, including being unable to correctly
    // verify a signature or validate a Finished message."
    fails(peer, {
      alert: "decrypt_error",
      error: PeerMisbehavedError,
      says: /Cannot accept CertificateVerify: its .* is wrong/,
    });
  }
});

test("refuses a scheme that wasn't offered, whatever the signature", () => {
  const offered = { peerSignatureSchemes: ["ecdsa_secp256r1_sha256"] } as const;
  for (const scheme of [0x0503, 0x0203, 0x0804, 0x0000, 0xffff]) {
    const peer = showing(derOf("p384"), offered).play("ClientKeyExchange");
    const signature = signatureOf(peer, "p384", "ecdsa_secp384r1_sha384");
    fails(
      peer.handshake("certificate_verify", verifyBody(scheme, signature)),
      illegal(/signature scheme .* was not offered/),
    );
  }
});

test("refuses a scheme that doesn't fit the key", () => {
  for (const scheme of ["rsa_pkcs1_sha256", "rsa_pss_rsae_sha256", "ed25519"] as const) {
    const peer = showing(derOf("p384")).play("ClientKeyExchange");
    peer.handshake("certificate_verify", verifyBody(SignatureScheme[scheme], new Uint8Array(64)));
    fails(peer, illegal(/doesn't fit the certificate's ec key/));
  }
});

test("refuses a CertificateVerify of any other length than it says", () => {
  for (
    const change of [
      (body: Uint8Array): Uint8Array => body.subarray(0, -1),
      (body: Uint8Array): Uint8Array => Uint8Array.of(...body, 0),
      (): Uint8Array => Uint8Array.of(4, 3, 0),
      (): Uint8Array => new Uint8Array(0),
    ]
  ) {
    const peer = showing(derOf("p384")).play("ClientKeyExchange");
    const body = verifyBody(0x0503, signatureOf(peer, "p384", "ecdsa_secp384r1_sha384"));
    fails(peer.handshake("certificate_verify", change(body)), decodeError(/CertificateVerify/));
  }
});

test("refuses a certificate without its proof", () => {
  const peer = showing(derOf("p384")).play("ClientKeyExchange");
  fails(peer.play("ChangeCipherSpec"), unexpected(/ChangeCipherSpec.*authenticated\.awaitCertificateVerify/));
});

test("refuses a proof without a certificate", () => {
  const config = { clientAuthentication: "optional" } as const;
  const empty = showing([], config).play("ClientKeyExchange");
  fails(proves(empty, "p384", "ecdsa_secp384r1_sha384"), unexpected(/Cannot accept CertificateVerify/));
  const unasked = hostileClient().play("ClientHello").play("ClientKeyExchange");
  fails(proves(unasked, "p384", "ecdsa_secp384r1_sha384"), unexpected(/Cannot accept CertificateVerify/));
});

test("refuses a proof that comes too early, too late or twice", () => {
  fails(
    proves(showing(derOf("p384")), "p384", "ecdsa_secp384r1_sha384"),
    unexpected(/Cannot accept CertificateVerify/),
  );
  const twice = proves(showing(derOf("p384")).play("ClientKeyExchange"), "p384", "ecdsa_secp384r1_sha384");
  fails(proves(twice, "p384", "ecdsa_secp384r1_sha384"), unexpected(/Cannot accept CertificateVerify/));
  const late = proves(showing(derOf("p384")).play("ClientKeyExchange"), "p384", "ecdsa_secp384r1_sha384");
  late.play("ChangeCipherSpec");
  fails(proves(late, "p384", "ecdsa_secp384r1_sha384"), unexpected(/Cannot accept CertificateVerify/));
});

test("refuses a client that leaves its Certificate out, says it twice, or says it unasked", () => {
  const peer = hostileClient(trusting).play("ClientHello").play("ClientKeyExchange");
  fails(peer, unexpected(/Cannot accept ClientKeyExchange in state live\.handshake\.full\.awaitCertificate/));
  const twice = showing(derOf("p384")).handshake("certificate", encode(certificate, derOf("p384")));
  fails(twice, unexpected(/Cannot accept Certificate/));
  const unasked = hostileClient().play("ClientHello").handshake("certificate", encode(certificate, []));
  fails(unasked, unexpected(/Cannot accept Certificate/));
});

test("refuses no certificate where one is required, and nothing but that", () => {
  fails(showing([]), {
    alert: "handshake_failure",
    error: PeerIncompatibleError,
    says: /clientAuthentication is required/,
  });
  const optional = showing([], { clientAuthentication: "optional" });
  optional.play("ClientKeyExchange").play("ChangeCipherSpec").play("Finished");
  assert.is(optional.tls.state, "live.connected");
});

test("refuses Certificates that aren't lists of certificates", () => {
  const bodies: readonly (readonly number[])[] = [[], [0, 0], [0, 0, 1], [0, 0, 0, 0], [0, 0, 3, 0, 0, 0], [
    0,
    0,
    4,
    0,
    0,
    1,
  ]];
  for (const body of bodies) {
    const peer = hostileClient(trusting).play("ClientHello");
    fails(peer.handshake("certificate", Uint8Array.from(body)), decodeError(/Certificate/));
  }
  const [leaf = new Uint8Array(0)] = derOf("p384");
  for (const der of [Uint8Array.of(0x30, 0), leaf.subarray(0, -1), leaf.with(1, 0x80)]) {
    const peer = showing([der]);
    assert.ok(["decode_error", "bad_certificate"].includes(peer.error?.alert ?? ""), String(peer.error));
  }
});

test("refuses whom it doesn't trust, with the verifier's alert, before the proof", () => {
  const config = { certificateVerifier: undefined, trustAnchors: certificatePem.p256 };
  const strange = showing(derOf("p384"), config);
  fails(strange, { alert: "unknown_ca", error: CertificateError, says: /./ });
  const random = seededRandom(6);
  const issuing = { provider: rememberingProvider, random, now: fixedNow(), names: ["a.example"] };
  const forServers = issueSelfSigned({ ...issuing, purposes: ["serverAuth"] });
  const own = showing(forServers.chain, { certificateVerifier: undefined, trustAnchors: forServers.chain[0] });
  assert.instance(own.error, CertificateError);
  const expired = issueSelfSigned({ ...issuing, now: fixedNow() - 10 * 86_400_000, days: 1 });
  const late = showing(expired.chain, { certificateVerifier: undefined, trustAnchors: expired.chain[0] });
  assert.is(late.error?.alert, "certificate_expired");
});

test("refuses a key on a curve that the server's groups lack", () => {
  // RFC 8422 §5.6: "ECDSA-capable client certificates … use the elliptic curves that are listed".
  const peer = showing(derOf("p384"), { namedGroups: ["x25519", "secp256r1"] });
  fails(peer, illegal(/the curve of its key, secp384r1 was not offered/));
});

// Servers that ask, in front of our client.

function requestBody(types: readonly number[], schemes: readonly number[], names: readonly number[] = []): Uint8Array {
  const list = schemes.flatMap(uint16);
  return Uint8Array.of(types.length, ...types, ...uint16(list.length), ...list, ...uint16(names.length), ...names);
}

const shows = { credentials: [credentialOf.p384] };

function asked(body: Uint8Array, config: object = shows): HostilePeer {
  const peer = hostileServer(config).playUntil("ServerHelloDone");
  return peer.handshake("certificate_request", body);
}

test("on a client: shows a certificate and proves it, by hand", () => {
  const peer = asked(requestBody([64], [0x0503])).play("ServerHelloDone");
  assert.equal(peer.heard, [
    ...["client_hello", "certificate", "client_key_exchange", "certificate_verify", "ChangeCipherSpec", "finished"],
  ]);
  peer.play("ChangeCipherSpec").play("Finished");
  assert.is(peer.tls.state, "live.connected");
  assert.equal(peer.tls.session?.localCertificates, derOf("p384"));
});

test("on a client: shows none where type, scheme or issuer don't fit, or where it has none", () => {
  const [anchor] = loadCertificates(certificatePem.p256);
  const name = [...anchor?.subject.der ?? []];
  const cases: readonly (readonly [Uint8Array, object?])[] = [
    [requestBody([1], [0x0503])],
    [requestBody([64], [0x0401, 0x0807])],
    [requestBody([64], [0x0203])],
    [requestBody([64], [0x0503], [...uint16(name.length), ...name])],
    [requestBody([64], [0x0503]), {}],
    [requestBody([64], [0x0503]), { ...shows, signatureSchemes: ["ecdsa_secp256r1_sha256"] }],
  ];
  for (const [body, config] of cases) {
    const peer = asked(body, config).play("ServerHelloDone");
    assert.equal(peer.heard, ["client_hello", "certificate", "client_key_exchange", "ChangeCipherSpec", "finished"]);
    peer.play("ChangeCipherSpec").play("Finished");
    assert.is(peer.tls.state, "live.connected");
    assert.equal(peer.tls.session?.localCertificates, []);
  }
});

test("on a client: refuses a CertificateRequest that is malformed", () => {
  const right = requestBody([64], [0x0503]);
  const bodies: readonly (readonly number[])[] = [
    [],
    [0, 0, 2, 5, 3, 0, 0], // no type
    [1, 64, 0, 0, 0, 0], // no scheme
    [1, 64, 0, 1, 5, 0, 0], // half a scheme
    [...right.subarray(0, -1)],
    [...right, 0],
    [...requestBody([64], [0x0503], [0, 0])], // an empty name
    [...requestBody([64], [0x0503], [0, 5, 0x30])],
  ];
  for (const body of bodies) fails(asked(Uint8Array.from(body)), decodeError(/CertificateRequest/));
});

test("on a client: refuses a CertificateRequest before ServerKeyExchange, twice, and while a session is resumed", () => {
  const body = requestBody([64], [0x0503]);
  fails(
    hostileServer(shows).playUntil("ServerKeyExchange").handshake("certificate_request", body),
    unexpected(/CertificateRequest/),
  );
  fails(asked(body).handshake("certificate_request", body), unexpected(/CertificateRequest/));
  fails(asked(body).play("ServerHelloDone").handshake("certificate_request", body), unexpected(/CertificateRequest/));
});

test("on a client: fails with a signer that throws, or answers with no bytes", () => {
  const { schemes, publicKey } = createSigner(
    loadPrivateKey(privateKeyPem.p384Pkcs8),
    rememberingProvider.signatureSchemes,
    seededRandom(3),
  );
  for (
    const sign of [() => Promise.resolve(Uint8Array.of(1)), () => undefined, () => {
      throw new RangeError("no");
    }]
  ) {
    const signer = { schemes, publicKey, sign: sign as unknown as () => Uint8Array };
    const peer = asked(requestBody([64], [0x0503]), {
      credentials: [{ certificateChain: certificatePem.p384, signer }],
    });
    peer.play("ServerHelloDone");
    assert.is(peer.error?.alert, "internal_error");
    assert.not(peer.heard.includes("certificate_verify"));
  }
});

test.run();
