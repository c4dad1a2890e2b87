/**
 * Clients that prove who they are: required, optional, none; how the client chooses by issuer, type and scheme; signers
 * that answer later; verdicts that come later. RFC 5246 §7.4.4, §7.4.6, §7.4.8. On every wire, read by hand.
 */
import { assert, suite } from "../harness.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { createTlsServer } from "../../lib/core.ts";
import type { Credential } from "../../lib/credential.ts";
import { createSigner } from "../../lib/crypto/signer.ts";
import {
  AlertReceivedError,
  CertificateError,
  InternalError,
  PeerIncompatibleError,
  TlsUsageError,
} from "../../lib/error.ts";
import type { SignatureSchemeName } from "../../lib/registry.ts";
import { loadCertificates, loadPrivateKey } from "../../lib/x509/load.ts";
import { insecureAcceptAnyCertificate } from "../../lib/x509/verifier.ts";
import {
  clientConfig,
  credentialOf,
  type KeyKind,
  rememberingProvider,
  sampleBytes,
  schemesOf,
  seededRandom,
  serverConfig,
} from "../support/fixtures.ts";
import { Pair, type Wire, wires } from "../support/pair.ts";
import { answer, isClosed, openRequest, refusesAnswers } from "../support/requests.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";
import { flowOf, messageOf, number } from "../support/wire_by_hand.ts";

const test = suite("client certificates");
const derOf = (kind: KeyKind): readonly Uint8Array[] => loadCertificates(certificatePem[kind]).map(({ der }) => der);
const required = (kind: KeyKind, more: Partial<ServerConfig> = {}): Partial<ServerConfig> => ({
  clientAuthentication: "required",
  trustAnchors: certificatePem[kind],
  ...more,
});
const anybody = { clientAuthentication: "required", certificateVerifier: insecureAcceptAnyCertificate } as const;
const kinds: readonly KeyKind[] = ["p256", "p384", "ed25519", "rsa"];

function meet(client: Partial<ClientConfig>, server: Partial<ServerConfig>, wire?: Wire): Pair {
  return new Pair(clientConfig("p256", client), serverConfig("p256", server), wire).shake();
}

for (const kind of kinds) {
  for (const wire of wires) {
    test(`prove a ${kind} key with every scheme that fits, wire ${wire}`, () => {
      for (const scheme of schemesOf[kind]) {
        const server = required(kind, { peerSignatureSchemes: [scheme] });
        const pair = meet({ credentials: [credentialOf[kind]] }, server, wire);
        works(pair);
        assert.equal(pair.server.tls.session?.peerCertificates, derOf(kind));
        assert.equal(pair.client.tls.session?.localCertificates, derOf(kind));
        for (const end of [pair.client, pair.server]) assert.is(end.tls.session?.clientSignatureScheme, scheme);
        // RFC 5246 §7.3, figure 1.
        assert.equal(flowOf(pair.server.transmitted).slice(0, 5), [
          ...["ServerHello", "Certificate", "ServerKeyExchange", "CertificateRequest", "ServerHelloDone"],
        ]);
        assert.equal(flowOf(pair.client.transmitted).slice(0, 5), [
          ...["ClientHello", "Certificate", "ClientKeyExchange", "CertificateVerify", "ChangeCipherSpec"],
        ]);
      }
    });
  }
}

for (const wire of wires) {
  test(`may be missing where they are optional: an empty Certificate says so, wire ${wire}`, () => {
    const pair = meet({}, required("p384", { clientAuthentication: "optional" }), wire);
    works(pair);
    assert.equal(pair.server.tls.session?.peerCertificates, []);
    assert.is(pair.server.tls.session?.clientSignatureScheme, undefined);
    // RFC 5246 §7.4.6: "the client MUST send a certificate message containing no certificates."
    assert.equal(messageOf(pair.client.transmitted, "Certificate"), Uint8Array.of(0, 0, 0));
    assert.not(flowOf(pair.client.transmitted).includes("CertificateVerify"));
  });

  test(`may not be missing where they are required, wire ${wire}`, () => {
    const pair = meet({}, required("p384"), wire);
    assert.instance(pair.server.error, PeerIncompatibleError);
    assert.match(String(pair.server.error), /the client sent no certificate, and clientAuthentication is required/);
    assert.instance(pair.client.error, AlertReceivedError);
    assert.match(String(pair.client.error), /handshake_failure/);
    assert.not(pair.client.story.includes("established"));
  });

  test(`aren't trusted only because they are there, wire ${wire}`, () => {
    for (const clientAuthentication of ["required", "optional"] as const) {
      const stranger = { credentials: [credentialOf.p384] };
      const issuers = { certificateAuthorities: [] };
      const pair = meet(stranger, required("p256", { clientAuthentication, ...issuers }), wire);
      assert.instance(pair.server.error, CertificateError);
      assert.match(String(pair.client.error), /unknown_ca/);
    }
  });
}

test("aren't asked for, and not sent, where a server wants none", () => {
  const pair = meet({ credentials: [credentialOf.p384] }, {});
  works(pair);
  assert.equal(pair.client.tls.session?.localCertificates, []);
  assert.not(flowOf(pair.server.transmitted).includes("CertificateRequest"));
});

test("are asked for by types, schemes and names that the configuration says", () => {
  // RFC 5246 §7.4.4: certificate_types with a length of 1 byte, schemes and names with lengths of 2.
  const names = [Uint8Array.of(0x30, 0), Uint8Array.of(0x30, 2, 0x31, 0)];
  const server = { ...anybody, certificateAuthorities: names };
  const cases: readonly (readonly [readonly SignatureSchemeName[], readonly number[]])[] = [
    [["ecdsa_secp256r1_sha256", "rsa_pkcs1_sha256"], [2, 64, 1, 0, 4, 4, 3, 4, 1]],
    [["ed25519"], [1, 64, 0, 2, 8, 7]],
    [["rsa_pss_rsae_sha512"], [1, 1, 0, 2, 8, 6]],
  ];
  for (const [peerSignatureSchemes, bytes] of cases) {
    const pair = meet({}, { ...server, peerSignatureSchemes });
    assert.equal([...messageOf(pair.server.transmitted, "CertificateRequest")], [
      ...bytes,
      ...[0, 10, 0, 2, 0x30, 0, 0, 4, 0x30, 2, 0x31, 0],
    ]);
  }
  const byAnchor = messageOf(meet({}, required("p384")).server.transmitted, "CertificateRequest");
  const [anchor] = loadCertificates(certificatePem.p384);
  assert.equal(byAnchor.slice(-(anchor?.subject.der.length ?? 0)), Uint8Array.from(anchor?.subject.der ?? []));
  const unnamed = messageOf(meet({}, anybody).server.transmitted, "CertificateRequest");
  assert.is(number(unnamed, unnamed.length - 2, 2), 0);
});

test("are chosen by issuer: the first of the client's that one of the names issued, and none otherwise", () => {
  const all = kinds.map((kind) => credentialOf[kind]);
  for (const kind of kinds) {
    const pair = meet({ credentials: all }, required(kind));
    works(pair);
    assert.equal(pair.server.tls.session?.peerCertificates, derOf(kind));
  }
  const unfit = meet(
    { credentials: [credentialOf.p256, credentialOf.rsa] },
    required("p384", { clientAuthentication: "optional" }),
  );
  works(unfit);
  assert.equal(unfit.server.tls.session?.peerCertificates, []);
  // A name of any certificate of the chain will do, also of the last one.
  const chained = { ...credentialOf.p256, certificateChain: [certificatePem.p256, certificatePem.p384] };
  const above = meet({ credentials: [chained] }, {
    ...required("p384"),
    trustAnchors: undefined,
    ...anybody,
    certificateAuthorities: loadCertificates(certificatePem.p384).map(({ subject }) => subject.der),
  });
  works(above);
  assert.is(above.server.tls.session?.peerCertificates.length, 2);
});

test("are chosen by type and scheme, in the client's order", () => {
  const all = [credentialOf.rsa, credentialOf.ed25519, credentialOf.p384];
  const cases: readonly (readonly [readonly SignatureSchemeName[], KeyKind, SignatureSchemeName])[] = [
    [["ed25519", "rsa_pkcs1_sha256"], "rsa", "rsa_pkcs1_sha256"],
    [["ed25519", "ecdsa_secp256r1_sha256"], "ed25519", "ed25519"],
    [["ecdsa_secp256r1_sha256"], "p384", "ecdsa_secp256r1_sha256"],
    [["ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384"], "p384", "ecdsa_secp384r1_sha384"],
  ];
  for (const [peerSignatureSchemes, kind, scheme] of cases) {
    const pair = meet({ credentials: all }, { ...anybody, peerSignatureSchemes });
    works(pair);
    assert.equal(pair.server.tls.session?.peerCertificates, derOf(kind));
    assert.is(pair.server.tls.session?.clientSignatureScheme, scheme);
  }
  // In TLS 1.2 an ECDSA scheme names a hash, and goes with every curve.
  const long = meet({ credentials: all }, { ...anybody, peerSignatureSchemes: ["ecdsa_secp521r1_sha512"] });
  works(long);
  assert.equal(long.server.tls.session?.peerCertificates, derOf("p384"));
  // What the client itself signs with counts, too.
  const own = meet({ credentials: [credentialOf.p384], signatureSchemes: ["ecdsa_secp256r1_sha256"] }, anybody);
  assert.is(own.server.tls.session?.clientSignatureScheme, "ecdsa_secp256r1_sha256");
});

for (const wire of wires) {
  test(`are chosen later, signed for later and believed later, wire ${wire}`, () => {
    const { schemes, publicKey, sign } = createSigner(
      loadPrivateKey(privateKeyPem.p384Pkcs8),
      rememberingProvider.signatureSchemes,
      seededRandom(3),
    );
    const pair = meet(
      { credentials: "request" },
      {
        clientAuthentication: "required",
        certificateVerifier: "request",
        certificateAuthorities: [Uint8Array.of(0x30, 0)],
      },
      wire,
    );
    assert.is(pair.client.tls.state, "live.handshake.full.choosingCredential");
    const asked = openRequest(pair.client, "chooseCredential");
    assert.is(asked.serverName, "p256.fixture.example");
    assert.equal(asked.cipherSuites, ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"]);
    assert.equal(asked.signatureSchemes, rememberingProvider.signatureSchemes.map(({ name }) => name));
    assert.equal(asked.certificateAuthorities, [Uint8Array.of(0x30, 0)]);
    refusesAnswers(
      pair.client,
      "chooseCredential",
      [true, null, 5, "pem", Uint8Array.of(1), [], {}, [{}], new Map()],
      /Cannot (answer|use)/,
    );
    refusesAnswers(
      pair.client,
      "chooseCredential",
      [{ certificateChain: certificatePem.p384 }],
      /give either a privateKey or a signer/,
    );
    const { privateKey } = credentialOf.p256;
    refusesAnswers(
      pair.client,
      "chooseCredential",
      [{ certificateChain: certificatePem.p384, privateKey }],
      /is not that of the certificate/,
    );
    answer(pair, "client", "chooseCredential", {
      certificateChain: certificatePem.p384,
      signer: { schemes, publicKey },
    });
    isClosed(pair.client, asked.id);
    assert.is(pair.client.tls.state, "live.handshake.full.signing");
    const signing = openRequest(pair.client, "sign");
    assert.is(signing.scheme, "ecdsa_secp384r1_sha384");
    // RFC 5246 §7.4.8: all handshake messages from ClientHello up to ClientKeyExchange, with their headers.
    assert.equal([...signing.message.subarray(0, 2)], [1, 0]);
    assert.equal(signing.message.slice(-33 - 4).subarray(0, 5), Uint8Array.of(16, 0, 0, 33, 32));
    refusesAnswers(
      pair.client,
      "sign",
      [true, undefined, new Uint8Array(0), "sig", null],
      /sign is answered with the bytes/,
    );
    answer(pair, "client", "sign", sign(signing.scheme, signing.message));
    const verifying = openRequest(pair.server, "verifyCertificate");
    assert.is(pair.server.tls.state, "live.handshake.full.checkingCertificate");
    assert.equal([verifying.purpose, verifying.serverName], ["clientAuth", undefined]);
    assert.equal(verifying.chain.map(({ der }) => der), derOf("p384"));
    refusesAnswers(
      pair.server,
      "verifyCertificate",
      [false, undefined, "true", 1, {}],
      /verifyCertificate is answered with true/,
    );
    answer(pair, "server", "verifyCertificate", true);
    works(pair);
    assert.equal(pair.server.tls.session?.peerCertificates, derOf("p384"));
  });
}

test("are none when the client's embedder has none, or none that fits", () => {
  const optional = { ...anybody, clientAuthentication: "optional", peerSignatureSchemes: ["ed25519"] } as const;
  const lists: readonly (undefined | Credential | readonly Credential[])[] = [
    undefined,
    credentialOf.p384,
    [credentialOf.rsa, credentialOf.p256],
  ];
  for (const value of lists) {
    const pair = meet({ credentials: "request" }, optional);
    answer(pair, "client", "chooseCredential", value);
    works(pair);
    assert.equal(pair.server.tls.session?.peerCertificates, []);
  }
  const fits = meet({ credentials: "request" }, optional);
  answer(fits, "client", "chooseCredential", [credentialOf.rsa, credentialOf.ed25519]);
  works(fits);
  assert.equal(fits.server.tls.session?.peerCertificates, derOf("ed25519"));
});

test("fail with the verdict that comes later, and with internal_error for other errors", () => {
  const server = { clientAuthentication: "optional", certificateVerifier: "request" } as const;
  const refused = meet({ credentials: [credentialOf.p384] }, server);
  const why = new CertificateError("certificate_revoked", "The list says so", { index: 0, check: "revocation" });
  answer(refused, "server", "verifyCertificate", why);
  assert.is(refused.server.error, why);
  assert.match(String(refused.client.error), /certificate_revoked/);
  for (const [side, type] of [["client", "chooseCredential"], ["server", "verifyCertificate"]] as const) {
    const pair = meet(
      { credentials: side === "client" ? "request" : [credentialOf.p384] },
      side === "server" ? server : anybody,
    );
    answer(pair, side, type, new RangeError("gone"));
    assert.instance(pair[side].error, InternalError);
    assert.match(String(pair[side === "client" ? "server" : "client"].error), /internal_error/);
  }
});

test("aren't tied to a name: a certificate of any name is a client's", () => {
  const verified: unknown[] = [];
  const certificateVerifier = { verify: (asked: object): void => void verified.push(asked) };
  works(meet({ credentials: [credentialOf.ed25519] }, { clientAuthentication: "required", certificateVerifier }));
  const [asked] = verified;
  assert.is(verified.length, 1);
  assert.match(
    JSON.stringify({ ...(asked as { purpose: string; serverName: unknown }), chain: 0 }),
    /"purpose":"clientAuth"/,
  );
});

test("need somebody to trust: options that say nothing, or both, or too much are refused", () => {
  const refuses = (options: Partial<ServerConfig>, says: RegExp): void =>
    assert.throws(
      () => createTlsServer(serverConfig("p256", options)),
      (error: unknown) => error instanceof TlsUsageError && says.test(error.message),
    );
  const trustAnchors = certificatePem.p256;
  const certificateVerifier = insecureAcceptAnyCertificate;
  for (const clientAuthentication of ["optional", "required"] as const) {
    refuses({ clientAuthentication }, /clientAuthentication needs either trustAnchors .* or a certificateVerifier/);
    refuses({ clientAuthentication, trustAnchors, certificateVerifier }, /needs either trustAnchors/);
  }
  refuses({ trustAnchors }, /are for clients, and clientAuthentication is "none"/);
  refuses({ certificateVerifier }, /are for clients, and clientAuthentication is "none"/);
  refuses(
    { clientAuthentication: "must" as "required", trustAnchors },
    /clientAuthentication is "none" or "optional" or "required"/,
  );
  const names: readonly unknown[] = ["CN=x", [1], [new Uint8Array(0)], [new Uint8Array(2 ** 16 - 2)], Uint8Array.of(1)];
  for (const certificateAuthorities of names) {
    refuses(
      {
        clientAuthentication: "required",
        trustAnchors,
        certificateAuthorities: certificateAuthorities as Uint8Array[],
      },
      /certificateAuthorities is a list of distinguished names in DER/,
    );
  }
  createTlsServer(serverConfig("p256", { ...anybody, certificateAuthorities: [new Uint8Array(2 ** 16 - 3)] }));
});

test.run();

/** Both sides are connected, agree on what was shown, and data get through both ways. */
function works(pair: Pair): void {
  for (const end of [pair.client, pair.server]) {
    assert.is(end.error, undefined, String(end.error));
    assert.is(end.tls.state, "live.connected");
  }
  assert.equal(pair.client.tls.session?.localCertificates, pair.server.tls.session?.peerCertificates);
  pair.client.send(sampleBytes(30));
  pair.server.send(sampleBytes(50));
  pair.deliver();
  assert.equal([pair.server.data, pair.client.data], [sampleBytes(30), sampleBytes(50)]);
}
