/**
 * Our client against our server: every suite, group and scheme that fit together, on every wire.
 * What both sides say of the session must be the same, and data and the close must get through.
 */
import { assert, suite } from "../harness.ts";
import { loadCertificates } from "../../lib/x509/load.ts";
import { nobleProvider } from "../../lib/crypto/noble_provider.ts";
import type { TlsSession } from "../../lib/session.ts";
import type { CipherSuiteName } from "../../lib/registry.ts";
import {
  clientConfig,
  credentialOf,
  fixedNow,
  type KeyKind,
  nameOfKind,
  sampleBytes,
  schemesOf,
  seededRandom,
  serverConfig,
} from "../support/fixtures.ts";
import { type End, Pair, wires } from "../support/pair.ts";
import { certificatePem } from "../support/x509_fixtures.ts";

const test = suite("duet");
const kinds: readonly KeyKind[] = ["p256", "p384", "ed25519", "rsa"];
const suitesOf = (kind: KeyKind): readonly CipherSuiteName[] =>
  nobleProvider.cipherSuites.map(({ name }) => name).filter((name) =>
    name.includes(kind === "rsa" ? "_RSA_" : "ECDSA")
  );

for (const kind of kinds) {
  for (const scheme of schemesOf[kind]) {
    for (const wire of wires) {
      // proves RFC 5246 §7.4.2: "The certificate MUST be appropriate"
      // proves RFC 8422 §2.1: "In ECDHE_ECDSA"
      // proves RFC 8422 §2.2: "the server's certificate MUST contain an RSA"
      test(`connects with a ${kind} certificate and ${scheme}, under every suite and group, wire ${wire}`, () => {
        for (const cipherSuite of suitesOf(kind)) {
          for (const namedGroup of ["x25519", "secp256r1", "secp384r1"] as const) {
            const pair = new Pair(
              clientConfig(kind, { signatureSchemes: [scheme] }),
              serverConfig(kind, { cipherSuites: [cipherSuite], namedGroups: [namedGroup] }),
              wire,
            ).shake();
            assert.equal(
              { ...factsOf(pair.client), ...certificatesOf(pair.client) },
              {
                version: "TLSv1.2",
                resumed: false,
                cipherSuite,
                namedGroup,
                signatureScheme: scheme,
                alpnProtocol: undefined,
                serverName: nameOfKind(kind),
                extendedMasterSecret: true,
                secureRenegotiation: true,
                encryptThenMac: false,
                maxSendLength: 2 ** 14,
                maxReceiveLength: 2 ** 14,
                clientSignatureScheme: undefined,
                ocspResponse: undefined,
                signedCertificateTimestamps: [],
                localCertificates: [],
                certificates: loadCertificates(certificatePem[kind]).map(({ der }) => der),
              },
            );
            sameFacts(pair);
            exchange(pair, sampleBytes(1), sampleBytes(300));
            closes(pair, pair.client, pair.server);
          }
        }
      });
    }
  }
}

for (const wire of wires) {
  for (const cipherSuite of suitesOf("p256")) {
    test(`carries data of every size both ways under ${cipherSuite}, wire ${wire}`, () => {
      const pair = new Pair(clientConfig("p256", { cipherSuites: [cipherSuite] }), serverConfig("p256"), wire).shake();
      for (const length of [0, 1, 2 ** 14, 2 ** 14 + 1, 100_000]) {
        exchange(pair, sampleBytes(length), sampleBytes(length).reverse());
      }
    });
  }

  test(`delivers data that was sent with the handshake's last flight, and data with the close behind it, wire ${wire}`, () => {
    const pair = new Pair(clientConfig("p256"), serverConfig("p256"), wire);
    pair.server.take(pair.server.tls.start());
    pair.client.take(pair.client.tls.start());
    for (const bytes of pair.client.outbox.splice(0)) pair.server.take(pair.server.tls.receive(bytes));
    for (const bytes of pair.server.outbox.splice(0)) pair.client.take(pair.client.tls.receive(bytes));
    for (const bytes of pair.client.outbox.splice(0)) pair.server.take(pair.server.tls.receive(bytes));
    pair.server.send(sampleBytes(20_000));
    pair.server.close();
    pair.deliver();
    assert.equal(pair.client.story, ["established", "data", "peerClosed", "closed"]);
    assert.equal(pair.client.data, sampleBytes(20_000));
    assert.equal(pair.server.story, ["established", "peerClosed", "closed"]);
  });

  for (const [first, second] of [["client", "server"], ["server", "client"]] as const) {
    // proves RFC 5246 §7.2.1: "Unless some other fatal alert"
    test(`closes in good order when the ${first} begins, wire ${wire}`, () => {
      const pair = new Pair(clientConfig("p256"), serverConfig("p256"), wire).shake();
      closes(pair, pair[first], pair[second]);
    });

    test(`goes on sending after the close_notify of the ${first} with halfClose, wire ${wire}`, () => {
      const halfClose = true;
      const pair = new Pair(clientConfig("p256", { halfClose }), serverConfig("p256", { halfClose }), wire).shake();
      pair[first].close();
      pair.deliver();
      assert.equal(pair[second].story, ["established", "peerClosed"]);
      assert.throws(() => pair[first].send(sampleBytes(1)), /Cannot send: the connection is closed/);
      pair[second].send(sampleBytes(40_000));
      pair.deliver();
      assert.equal(pair[first].data, sampleBytes(40_000));
      pair[second].close();
      pair.deliver();
      assert.equal(pair[first].story, ["established", "data", "peerClosed", "closed"]);
      assert.equal(pair[second].story, ["established", "peerClosed", "closed"]);
    });
  }

  test(`closes on both sides when both close at once, wire ${wire}`, () => {
    const pair = new Pair(clientConfig("p256"), serverConfig("p256"), wire).shake();
    pair.client.send(sampleBytes(3));
    pair.client.close();
    pair.server.send(sampleBytes(4));
    pair.server.close();
    pair.deliver();
    assert.equal(pair.client.story, ["established", "data", "peerClosed", "closed"]);
    assert.equal(pair.server.story, ["established", "data", "peerClosed", "closed"]);
  });
}

test("agrees on the server's first ALPN protocol that the client offers", () => {
  const pair = new Pair(
    clientConfig("p256", { alpnProtocols: ["http/1.1", "h2", "\xff"] }),
    serverConfig("p256", { alpnProtocols: ["spdy", "h2", "http/1.1"] }),
  ).shake();
  assert.is(pair.client.tls.session?.alpnProtocol, "h2");
  sameFacts(pair);
});

test("speaks no ALPN when only one side does", () => {
  for (const [ours, theirs] of [[["h2"], []], [[], ["h2"]]]) {
    const alpn = (alpnProtocols: readonly string[] = []): { alpnProtocols: readonly string[] } => ({ alpnProtocols });
    const pair = new Pair(clientConfig("p256", alpn(ours)), serverConfig("p256", alpn(theirs))).shake();
    assert.is(pair.client.tls.state, "live.connected");
    assert.is(pair.client.tls.session?.alpnProtocol, undefined);
    sameFacts(pair);
  }
});

test("chooses the credential by server_name, and the first one when no name fits", () => {
  const credentials = [credentialOf.p256, credentialOf.ed25519, credentialOf.p384];
  for (
    const [serverName, kind] of [
      ["ed25519.fixture.example", "ed25519"],
      ["P384.FIXTURE.example.", "p384"],
      ["a.wild.fixture.example", "p256"],
      ["unknown.example", "p256"],
    ] as const
  ) {
    const verified: (string | undefined)[] = [];
    const certificateVerifier = {
      verify: ({ serverName }: { serverName: string | undefined }): void => void verified.push(serverName),
    };
    const pair = new Pair(
      clientConfig("p256", { serverName, certificateVerifier }),
      serverConfig("p256", { credentials }),
    )
      .shake();
    assert.equal(
      certificatesOf(pair.client).certificates,
      loadCertificates(certificatePem[kind]).map(({ der }) => der),
    );
    assert.equal(verified, [serverName.toLowerCase().replace(/\.$/, "")]);
    sameFacts(pair);
  }
});

test("connects to an IP address: it is checked against the certificate and never sent as a name", () => {
  for (const serverName of ["192.0.2.7", "2001:db8::7"]) {
    const pair = new Pair(clientConfig("p256", { serverName }), serverConfig("p256")).shake();
    assert.is(pair.client.tls.state, "live.connected");
    assert.is(pair.server.tls.session?.serverName, undefined);
    sameFacts(pair);
  }
});

test("prefers what the server prefers", () => {
  const pair = new Pair(
    clientConfig("p256", { namedGroups: ["secp384r1", "secp256r1", "x25519"] }),
    serverConfig("p256", {
      namedGroups: ["secp256r1", "x25519"],
      cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"],
    }),
  ).shake();
  assert.is(pair.client.tls.session?.namedGroup, "secp256r1");
  assert.is(pair.client.tls.session?.cipherSuite, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
});

test("sends each flight as one piece", () => {
  const pair = new Pair(clientConfig("p256"), serverConfig("p256")).shake();
  assert.is(pair.client.transmitted.length, 2);
  assert.is(pair.server.transmitted.length, 2);
});

test("writes the same key log line on both sides, and none unless it is asked for", () => {
  const pair = new Pair(clientConfig("p256", { keyLog: true }), serverConfig("p256", { keyLog: true })).shake();
  const lines = [pair.client, pair.server].map(({ outputs }) =>
    outputs.flatMap((output) => output.type === "keyLog" ? [output.line] : [])
  );
  assert.match(lines[0]?.[0] ?? "", /^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/);
  assert.equal(lines[0], lines[1]);
  const quiet = new Pair(clientConfig("p256"), serverConfig("p256")).shake();
  assert.not(quiet.client.outputs.some(({ type }) => type === "keyLog"));
});

test("says the same on the wire for the same randomness, and something else for other randomness", () => {
  const talk = (seed: number): readonly Uint8Array[] => {
    const pair = new Pair(clientConfig("ed25519", { random: seededRandom(seed) }), serverConfig("ed25519")).shake();
    return [...pair.client.transmitted, ...pair.server.transmitted];
  };
  assert.equal(talk(7), talk(7));
  assert.not.equal(talk(7), talk(8));
});

test("connects without a provider that remembers, with real randomness", () => {
  const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
  for (const kind of kinds) {
    const real = { provider: nobleProvider, random, now: fixedNow };
    const pair = new Pair(clientConfig(kind, real), serverConfig(kind, real)).shake();
    sameFacts(pair);
    exchange(pair, sampleBytes(100), sampleBytes(100));
  }
});

type Random = "clientRandom" | "serverRandom" | "clientFinished" | "serverFinished";

function factsOf({ tls }: End): Omit<TlsSession, "peerCertificates" | Random> | undefined {
  if (tls.session === undefined) return undefined;
  const { peerCertificates: _, clientRandom: __, serverRandom: ___, ...others } = tls.session;
  const { clientFinished, serverFinished, ...facts } = others;
  // RFC 5246 §7.4.9: 12 bytes each, and never the same: the labels differ.
  assert.equal([clientFinished.length, serverFinished.length], [12, 12]);
  assert.not.equal(clientFinished, serverFinished);
  return facts;
}

function certificatesOf({ tls }: End): { certificates: readonly Uint8Array[] | undefined } {
  return { certificates: tls.session?.peerCertificates };
}

function sameFacts({ client, server }: Pair): void {
  assert.is(client.error, undefined);
  assert.is(server.error, undefined);
  assert.ok(client.tls.session);
  const { peerCertificates, localCertificates, maxSendLength, maxReceiveLength, ...facts } = client.tls.session;
  assert.equal(server.tls.session, {
    ...facts,
    // What is one side's own is the other side's peer's.
    peerCertificates: localCertificates,
    localCertificates: peerCertificates,
    maxSendLength: maxReceiveLength,
    maxReceiveLength: maxSendLength,
  });
}

function exchange(pair: Pair, fromClient: Uint8Array, fromServer: Uint8Array): void {
  const { client, server } = pair;
  const before = [client.data.length, server.data.length] as const;
  client.send(fromClient);
  server.send(fromServer);
  pair.deliver();
  assert.equal(server.data.subarray(before[1]), fromClient);
  assert.equal(client.data.subarray(before[0]), fromServer);
}

function closes(pair: Pair, first: End, second: End): void {
  first.close();
  assert.is(first.tls.state, "live.closing");
  pair.deliver();
  for (const end of [first, second]) {
    assert.equal(end.story.slice(-2), ["peerClosed", "closed"]);
    assert.is(end.tls.state, "closed");
  }
}

test.run();
