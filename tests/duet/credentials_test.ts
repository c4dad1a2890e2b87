/**
 * A server with several credentials: which one a client is shown, by name, suite, scheme and curve; what a name that
 * nobody bears gets; and credentials that the embedder is asked for. RFC 5246 §7.4.2; RFC 6066 §3; RFC 8422 §5.3.
 */
import { assert, suite } from "../harness.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { createTlsServer } from "../../lib/core.ts";
import type { Credential } from "../../lib/credential.ts";
import { InternalError, PeerIncompatibleError, TlsUsageError } from "../../lib/error.ts";
import { loadCertificates } from "../../lib/x509/load.ts";
import { insecureAcceptAnyCertificate } from "../../lib/x509/verifier.ts";
import { clientConfig, credentialOf, type KeyKind, sampleBytes, serverConfig } from "../support/fixtures.ts";
import { Pair, type Wire, wires } from "../support/pair.ts";
import { answer, countRequests, isClosed, openRequest, refusesAnswers } from "../support/requests.ts";
import { certificatePem } from "../support/x509_fixtures.ts";
import { helloOf, messageOf } from "../support/wire_by_hand.ts";

const test = suite("credentials");
const kinds: readonly KeyKind[] = ["p256", "p384", "ed25519", "rsa"];
const all = kinds.map((kind) => credentialOf[kind]);
const trusting = { certificateVerifier: insecureAcceptAnyCertificate };
const serverNameExtension = 0;

function meet(client: Partial<ClientConfig>, server: Partial<ServerConfig>, wire?: Wire): Pair {
  return new Pair(clientConfig("p256", { ...trusting, ...client }), serverConfig("p256", server), wire).shake();
}

/** Which certificate went over the wire: RFC 5246 §7.4.2, a list with a length of 3 bytes, each with one of 3. */
function shown({ client, server }: Pair): KeyKind | undefined {
  assert.is(client.error ?? server.error, undefined, String(client.error ?? server.error));
  const leaf = messageOf(server.transmitted, "Certificate").slice(6);
  return kinds.find((kind) => String(leaf) === String(loadCertificates(certificatePem[kind])[0]?.der));
}

for (const wire of wires) {
  test(`are chosen by the name that the client asks for, and then by what it can, wire ${wire}`, () => {
    const cases: readonly (readonly [Partial<ClientConfig>, KeyKind, boolean])[] = [
      [{ serverName: "p384.fixture.example" }, "p384", true],
      [{ serverName: "rsa.fixture.example" }, "rsa", true],
      [{ serverName: "unknown.example" }, "p256", false],
      [{ serverName: undefined }, "p256", false],
      [{ serverName: "p384.fixture.example", signatureSchemes: ["ed25519"] }, "ed25519", false],
      [{ cipherSuites: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"] }, "rsa", false],
      [{ signatureSchemes: ["ed25519", "rsa_pkcs1_sha256"] }, "ed25519", false],
      [{ namedGroups: ["secp384r1"] }, "p384", false],
      [{ namedGroups: ["x25519"] }, "ed25519", false],
    ];
    for (const [client, kind, isNamed] of cases) {
      const pair = meet({ serverName: "p256.elsewhere", ...client }, { credentials: all }, wire);
      assert.is(shown(pair), kind, JSON.stringify(client));
      // RFC 6066 §3: a server that used the name says so by an empty extension.
      const answered = helloOf(pair.server.transmitted, "ServerHello").extensions.get(serverNameExtension);
      assert.equal(answered, isNamed ? new Uint8Array(0) : undefined);
    }
  });
}

test("refuse a name that none of them bears where the embedder says so, and only then", () => {
  for (const credentials of [all, [credentialOf.p256]]) {
    const unknownServerName = "refuse";
    const pair = meet({ serverName: "unknown.example" }, { credentials, unknownServerName });
    assert.instance(pair.server.error, PeerIncompatibleError);
    assert.match(String(pair.server.error), /none bears the name unknown\.example/);
    assert.match(String(pair.client.error), /fatal alert unrecognized_name \(112\)/);
    assert.is(shown(meet({ serverName: "p256.fixture.example" }, { credentials, unknownServerName })), "p256");
    assert.is(shown(meet({ serverName: undefined }, { credentials, unknownServerName })), "p256");
    assert.is(shown(meet({ serverName: "192.0.2.7" }, { credentials, unknownServerName })), "p256");
    assert.is(shown(meet({ serverName: "unknown.example" }, { credentials, unknownServerName: "default" })), "p256");
  }
});

test("say what was offered when none of them fits", () => {
  const server = { credentials: [credentialOf.p256, credentialOf.rsa] };
  const refuses = (client: Partial<ClientConfig>, says: RegExp): void => {
    const pair = meet(client, server);
    assert.instance(pair.server.error, PeerIncompatibleError);
    assert.match(String(pair.server.error), says);
    assert.match(String(pair.client.error), /handshake_failure/);
  };
  refuses({ signatureSchemes: ["ed25519"] }, /Cannot agree on a signature scheme .*the peer offered ed25519/);
  const cipherSuites = ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] as const;
  refuses({ cipherSuites, signatureSchemes: ["rsa_pkcs1_sha256"] }, /that a certificate of ours fits/);
  refuses({ namedGroups: ["secp384r1"], cipherSuites }, /./);
});

for (const wire of wires) {
  test(`are asked for by request, and answered later, wire ${wire}`, () => {
    const answers: readonly (readonly [Credential | readonly Credential[], KeyKind])[] = [
      [credentialOf.ed25519, "ed25519"],
      [[credentialOf.ed25519], "ed25519"],
      [all, "p384"],
      [[credentialOf.rsa, credentialOf.p384], "p384"],
    ];
    for (const [value, kind] of answers) {
      const pair = meet({ serverName: "p384.fixture.example" }, { credentials: "request" }, wire);
      assert.is(pair.server.tls.state, "live.handshake.choosingCredential");
      assert.equal(pair.server.transmitted, []);
      const asked = openRequest(pair.server, "chooseCredential");
      assert.is(asked.serverName, "p384.fixture.example");
      assert.equal(asked.certificateAuthorities, []);
      assert.equal(asked.cipherSuites[0], "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
      assert.ok(asked.signatureSchemes.includes("ed25519"));
      answer(pair, "server", "chooseCredential", value);
      assert.is(shown(pair), kind);
      isClosed(pair.server, asked.id);
      pair.client.send(sampleBytes(10));
      pair.deliver();
      assert.equal(pair.server.data, sampleBytes(10));
    }
  });
}

test("that are none, or don't fit, end the handshake with handshake_failure", () => {
  const cases: readonly (readonly [undefined | Credential | readonly Credential[], RegExp])[] = [
    [undefined, /none was given for this client/],
    [[], /none was given for this client/],
    [credentialOf.rsa, /signature scheme that a certificate of ours fits/],
  ];
  for (const [value, says] of cases) {
    const pair = meet({ signatureSchemes: ["ed25519"] }, { credentials: "request" });
    if (Array.isArray(value)) {
      refusesAnswers(pair.server, "chooseCredential", [value], /chooseCredential is answered with credentials/);
      answer(pair, "server", "chooseCredential", undefined);
    } else answer(pair, "server", "chooseCredential", value);
    assert.instance(pair.server.error, PeerIncompatibleError);
    assert.match(String(pair.server.error), says);
    assert.match(String(pair.client.error), /handshake_failure/);
  }
});

test("are refused as answers when they aren't right: the request stays open", () => {
  const [leaf] = loadCertificates(certificatePem.p256);
  const trap = (): never => {
    throw new RangeError("a trap");
  };
  const pair = meet({}, { credentials: "request" });
  const wrong: readonly unknown[] = [
    ...[true, null, 7, "pem", Uint8Array.of(1), {}, Promise.resolve(credentialOf.p256)],
    { certificateChain: certificatePem.p256 },
    { ...credentialOf.p256, privateKey: credentialOf.p384.privateKey },
    { ...credentialOf.p256, privateKey: "no key" },
    { ...credentialOf.p256, certificateChain: [] },
    { ...credentialOf.p256, certificateChain: "no certificate" },
    { ...credentialOf.p256, more: 1 },
    { ...credentialOf.p256, certificateChain: sampleBytes(50) },
    { ...credentialOf.p256, certificateChain: [certificatePem.p256, Uint8Array.of(0x30, 0)] },
    { ...credentialOf.p256, certificateChain: "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----" },
    { ...credentialOf.p256, privateKey: sampleBytes(50) },
    { ...credentialOf.p256, privateKey: "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----" },
    { ...credentialOf.p256, privateKey: { type: "ec", curve: "secp256r1", scalar: new Uint8Array(32) } },
    { ...credentialOf.p256, privateKey: { type: "ec", curve: "secp256r1" } },
    { certificateChain: certificatePem.p256, signer: {} },
    { certificateChain: certificatePem.p256, signer: { schemes: [], publicKey: {} } },
    { certificateChain: certificatePem.p256, signer: { schemes: ["ed25519"], publicKey: leaf?.publicKey } },
    Object.defineProperty({}, "certificateChain", { enumerable: true, get: trap }),
    new Proxy({ ...credentialOf.p256 }, { ownKeys: trap }),
    [credentialOf.p256, { certificateChain: certificatePem.p384 }],
    [credentialOf.p256, 5],
    [[credentialOf.p256]],
  ];
  refusesAnswers(pair.server, "chooseCredential", wrong, /Cannot (answer|use|load|decode|read)|PEM/);
  answer(pair, "server", "chooseCredential", credentialOf.p256);
  assert.is(shown(pair), "p256");
});

test("answered with an error end the handshake: a verdict on the client chooses its alert, any other error is ours", () => {
  const refused = meet({}, { credentials: "request" });
  const why = new PeerIncompatibleError("unrecognized_name", "Nobody of that name lives here");
  answer(refused, "server", "chooseCredential", why);
  assert.is(refused.server.error, why);
  assert.match(String(refused.client.error), /unrecognized_name/);
  const broken = meet({}, { credentials: "request" });
  answer(broken, "server", "chooseCredential", new RangeError("the vault is locked"));
  assert.instance(broken.server.error, InternalError);
  assert.match(String(broken.client.error), /internal_error/);
});

test("are not asked for where a session is resumed", () => {
  let kept: Uint8Array | undefined;
  const sessionCache = {
    load: () => kept,
    store: (_: string, session: Uint8Array) => void (kept = session),
    remove: () => {},
  };
  const server = { credentials: "request", verifierIdentity: "whoever chooses", sessionCache } as const;
  let ours: Uint8Array | undefined;
  const client = {
    sessionCache: {
      load: () => ours,
      store: (_: string, session: Uint8Array) => void (ours = session),
      remove: () => {},
    },
    tickets: false,
  };
  const first = meet(client, server);
  answer(first, "server", "chooseCredential", credentialOf.p256);
  const second = meet(client, server);
  assert.is(second.server.tls.session?.resumed, true);
  assert.is(countRequests(second.server, "chooseCredential"), 0);
});

test("must be a list that isn't empty, or a request", () => {
  for (const credentials of [[], undefined, null, "pem", {}, credentialOf.p256, "Request"]) {
    assert.throws(
      () => createTlsServer(serverConfig("p256", { credentials: credentials as [] })),
      (error: unknown) => error instanceof TlsUsageError && /credentials is needed, a list/.test(error.message),
    );
  }
  assert.throws(
    () => createTlsServer(serverConfig("p256", { unknownServerName: "ignore" as "refuse" })),
    (error: unknown) =>
      error instanceof TlsUsageError && /unknownServerName is "default" or "refuse"/.test(error.message),
  );
});

test.run();
