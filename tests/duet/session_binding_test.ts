/**
 * What a session is bound to: whoever resumes it must be who made it, and go by the same rules, because nobody is asked
 * again, and nothing proved again. Each scene is one that an attacker's program had resumed. RFC 5246 appendix F.1.4.
 */
import { assert, suite } from "../harness.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { thawTlsClient } from "../../lib/core.ts";
import type { CryptoProvider } from "../../lib/crypto/provider.ts";
import { PeerIncompatibleError, TlsUsageError } from "../../lib/error.ts";
import type { Answer, TlsRequest } from "../../lib/request.ts";
import { insecureAcceptAnyCertificate } from "../../lib/x509/verifier.ts";
import { clientConfig, credentialOf, rememberingProvider, sampleBytes } from "../support/fixtures.ts";
import { End, type Pair } from "../support/pair.ts";
import { KeepingCache, ticketKey, Visits } from "../support/visits.ts";
import { certificatePem } from "../support/x509_fixtures.ts";
import { helloOf } from "../support/wire_by_hand.ts";

const test = suite("bound sessions");
type Visitor = Partial<ClientConfig>;
type Host = Partial<ServerConfig>;

const tickets: Host = { ticketKeys: [ticketKey(1)], sessionCache: undefined };
const kinds: readonly (readonly [string, Host])[] = [["session ID", {}], ["ticket", tickets]];
const { p256, p384, rsa } = credentialOf;
const name = "p256.fixture.example";

for (const [kind, common] of kinds) {
  const scene = (client: Visitor = {}, server: Host = {}): Visits => new Visits(client, { ...common, ...server });

  test(`by ${kind}: a client that is asked whom to trust is asked again where another one decides`, () => {
    const asks = { trustAnchors: undefined, certificateVerifier: "request" } as const;
    const visits = scene(asks);
    const lax = visits.visit({ verifierIdentity: "lax" });
    assert.equal(answerAll(lax, () => true), ["client verifyCertificate"]);
    assert.is(how(lax), "full");
    const strict = visits.visit({ verifierIdentity: "strict", sessionCache: copyOf(visits.clientCache) });
    assert.not(offers(strict));
    assert.equal(answerAll(strict, () => new Error("never")), ["client verifyCertificate"]);
    assert.is(how(strict), "failed");
    const again = visits.visit({ verifierIdentity: "lax" });
    assert.equal(answerAll(again, () => true), []);
    assert.is(how(again), "resumed");
  });

  test(`by ${kind}: servers that share their keys, and ask different people whom to trust, share no sessions`, () => {
    const asks = { clientAuthentication: "required", certificateVerifier: "request" } as const;
    const visits = scene({ credentials: [p256] }, asks);
    const lax = visits.visit({}, { verifierIdentity: "lax" });
    assert.equal(answerAll(lax, () => true), ["server verifyCertificate"]);
    const kept = copyOf(visits.clientCache);
    const strict = visits.visit({ sessionCache: kept }, { verifierIdentity: "strict" });
    assert.ok(offers(strict));
    assert.equal(answerAll(strict, () => new Error("no")), ["server verifyCertificate"]);
    assert.is(how(strict), "failed");
    assert.is(how(visits.visit({}, { verifierIdentity: "lax" })), "resumed");
  });

  test(`by ${kind}: a client doesn't resume as Alice where Bob would be shown`, () => {
    const anchors = [certificatePem.p256, certificatePem.p384];
    const visits = scene({ credentials: "request" }, { clientAuthentication: "required", trustAnchors: anchors });
    const alice = visits.visit({ verifierIdentity: "alice" });
    assert.equal(answerAll(alice, () => p256), ["client chooseCredential"]);
    const bob = visits.visit({ verifierIdentity: "bob", sessionCache: copyOf(visits.clientCache) });
    assert.not(offers(bob));
    assert.equal(answerAll(bob, () => p384), ["client chooseCredential"]);
    assert.not(same(bob.server.tls.session?.peerCertificates[0], alice.server.tls.session?.peerCertificates[0]));
    const again = visits.visit({ verifierIdentity: "alice" });
    assert.is(how(again), "resumed");
    assert.ok(same(again.server.tls.session?.peerCertificates[0], alice.server.tls.session?.peerCertificates[0]));
  });

  test(`by ${kind}: a server that is asked what to show isn't resumed as another one of the same keys`, () => {
    const visits = scene({}, { credentials: "request" });
    const one = visits.visit({}, { verifierIdentity: "one" });
    assert.equal(answerAll(one, () => p256), ["server chooseCredential"]);
    const other = visits.visit({ sessionCache: copyOf(visits.clientCache) }, { verifierIdentity: "other" });
    assert.ok(offers(other));
    assert.equal(answerAll(other, () => undefined), ["server chooseCredential"]);
    assert.is(how(other), "failed");
    assert.is(how(visits.visit({}, { verifierIdentity: "one" })), "resumed");
  });

  test(`by ${kind}: a server with other certificates, and the same keys, resumes nothing for a name that isn't its own`, () => {
    const visits = scene();
    assert.is(how(visits.visit()), "full");
    const kept = (): KeepingCache => copyOf(visits.clientCache);
    const strange = visits.visit({ sessionCache: kept() }, { credentials: [rsa], unknownServerName: "refuse" });
    assert.ok(offers(strange));
    assert.instance(strange.server.error, PeerIncompatibleError);
    assert.match(String(strange.server.error), /p256\.fixture\.example/);
    // One that doesn't mind shows its own certificate, and the client sees that it is another's.
    const careless = visits.visit({ sessionCache: kept() }, { credentials: [rsa] });
    assert.is(how(careless), "failed");
    assert.match(String(careless.client.error), /CertificateError/);
    assert.is(how(visits.visit({ sessionCache: kept() }, { credentials: [p256, rsa] })), "full");
    assert.is(how(visits.visit()), "resumed");
  });

  test(`by ${kind}: a group that one side has given up makes a full handshake`, () => {
    for (const side of ["client", "server"] as const) {
      const visits = scene();
      assert.is(visits.visit().client.tls.session?.namedGroup, "x25519");
      const other = { namedGroups: ["secp256r1"] } as const;
      const pair = side === "client" ? visits.visit(other) : visits.visit({}, other);
      assert.is(offers(pair), side === "server");
      assert.is(how(pair), "full");
      assert.is(pair.client.tls.session?.namedGroup, "secp256r1");
    }
  });

  test(`by ${kind}: a signature that the client wouldn't take any more makes a full handshake, which fails or not`, () => {
    const visits = scene();
    assert.is(visits.visit().client.tls.session?.signatureScheme, "ecdsa_secp256r1_sha256");
    const kept = (): KeepingCache => copyOf(visits.clientCache);
    const pickier = visits.visit({ peerSignatureSchemes: ["ecdsa_secp384r1_sha384"], sessionCache: kept() });
    assert.not(offers(pickier));
    assert.is(how(pickier), "full");
    assert.is(pickier.client.tls.session?.signatureScheme, "ecdsa_secp384r1_sha384");
    const pickiest = visits.visit({ peerSignatureSchemes: ["ed25519"], sessionCache: kept() });
    assert.not(offers(pickiest));
    assert.is(how(pickiest), "failed");
    // How the client itself signs is another matter.
    assert.is(how(visits.visit({ signatureSchemes: ["ed25519"], peerSignatureSchemes: schemes })), "resumed");
  });

  test(`by ${kind}: a signature that the server wouldn't take any more makes a full handshake`, () => {
    const asks = { clientAuthentication: "required", trustAnchors: certificatePem.p256 } as const;
    const visits = scene({ credentials: [p256] }, asks);
    assert.is(visits.visit().server.tls.session?.clientSignatureScheme, "ecdsa_secp256r1_sha256");
    const pickier = visits.visit({}, { peerSignatureSchemes: ["ecdsa_secp384r1_sha384"] });
    assert.ok(offers(pickier));
    assert.is(how(pickier), "full");
    assert.is(pickier.server.tls.session?.clientSignatureScheme, "ecdsa_secp384r1_sha384");
    // How the server itself signed is another matter.
    assert.is(pickier.server.tls.session?.signatureScheme, "ecdsa_secp256r1_sha256");
    assert.is(how(visits.visit({}, { peerSignatureSchemes: ["ecdsa_secp384r1_sha384"] })), "resumed");
  });

  test(`by ${kind}: a provider that verifies less is another verifier`, () => {
    const noRsa: CryptoProvider = {
      ...rememberingProvider,
      signatureSchemes: rememberingProvider.signatureSchemes.filter((scheme) => !scheme.name.startsWith("rsa")),
    };
    const visits = scene();
    assert.is(how(visits.visit()), "full");
    const pair = visits.visit({ provider: noRsa, sessionCache: copyOf(visits.clientCache) });
    assert.not(offers(pair));
    assert.is(how(pair), "full");
    assert.is(how(visits.visit()), "resumed");
  });

  test(`by ${kind}: a session dies with the lifetime of whoever resumes it, not only of whoever made it`, () => {
    for (const side of ["client", "server"] as const) {
      const visits = scene({ sessionLifetime: 604_800 }, { sessionLifetime: 604_800 });
      visits.visit();
      const shorter = { sessionLifetime: 60 };
      const meet = (): Pair => {
        const sessionCache = copyOf(visits.clientCache);
        return side === "client" ? visits.visit({ ...shorter, sessionCache }) : visits.visit({ sessionCache }, shorter);
      };
      visits.time += 59_999;
      assert.is(how(meet()), "resumed", side);
      visits.time += 1;
      const late = meet();
      assert.is(how(late), "full", side);
      assert.is(offers(late), side === "server");
    }
  });

  test(`by ${kind}: servers of one name, or of none, have each their own session where each has its key`, () => {
    for (const serverName of [name, undefined]) {
      const visits = scene({
        serverName,
        trustAnchors: undefined,
        certificateVerifier: { verify: () => {}, identity: "the same" },
      });
      assert.is(how(visits.visit({ sessionKey: "it, port 1" })), "full");
      const other = visits.visit({ sessionKey: "it, port 2" });
      assert.not(offers(other));
      assert.is(how(other), "full");
      assert.is(how(visits.visit({ sessionKey: "it, port 1" })), "resumed");
      assert.equal([...visits.clientCache.sessions.keys()], ["client it, port 1", "client it, port 2"]);
    }
  });

  test(`by ${kind}: a client that was frozen under lax rules leaves no session for strict ones`, () => {
    // The server's certificate is nobody's whom the strict client trusts.
    const visits = new Visits({}, { ...common, credentials: [credentialOf.ed25519] });
    const lax = { trustAnchors: undefined, certificateVerifier: insecureAcceptAnyCertificate };
    const pair = visits.prepare(lax);
    pair.server.take(pair.server.tls.start());
    pair.client.take(pair.client.tls.start());
    for (const bytes of pair.client.outbox.splice(0)) pair.server.take(pair.server.tls.receive(bytes));
    for (const bytes of pair.server.outbox.splice(0)) pair.client.take(pair.client.tls.receive(bytes));
    assert.match(pair.client.tls.state, /serverFinishes/, "the lax verifier has accepted it");
    const frozen = JSON.parse(JSON.stringify(pair.client.tls.freeze()));
    const common256 = { now: () => visits.time, sessionCache: visits.clientCache };
    assert.throws(
      () => thawTlsClient(frozen, clientConfig("p256", common256)),
      (error: unknown) => error instanceof TlsUsageError && /names other rules for the peer/.test(error.message),
    );
    const goesOn = new End(thawTlsClient(frozen, clientConfig("p256", { ...common256, ...lax })));
    for (const bytes of pair.client.outbox.splice(0)) pair.server.take(pair.server.tls.receive(bytes));
    for (const bytes of pair.server.outbox.splice(0)) goesOn.take(goesOn.tls.receive(bytes));
    assert.is(goesOn.tls.state, "live.connected");
    assert.is(visits.clientCache.sessions.size, 1);
    assert.is(how(visits.visit({ ...lax })), "resumed");
    const strict = visits.visit();
    assert.not(offers(strict));
    assert.is(how(strict), "failed");
  });
}

const schemes = rememberingProvider.signatureSchemes.map((scheme) => scheme.name);

test.run();

/** Answers whatever either side asks until nobody asks any more; tells what was asked. */
function answerAll(pair: Pair, answer: (request: TlsRequest) => Answer): readonly string[] {
  const asked: string[] = [];
  for (;;) {
    const side = (["client", "server"] as const).find((one) => pair[one].tls.request !== undefined);
    const request = side && pair[side].tls.request;
    if (side === undefined || request === undefined) return asked;
    asked.push(`${side} ${request.type}`);
    pair[side].take(pair[side].tls.answer(request.id, answer(request)));
    pair.deliver();
  }
}

/** Both sides must agree on it, and data must get through. */
function how(pair: Pair): "full" | "resumed" | "failed" {
  const { client, server } = pair;
  if (client.error !== undefined || server.error !== undefined) return "failed";
  assert.is(client.tls.state, "live.connected");
  assert.is(client.tls.session?.resumed, server.tls.session?.resumed);
  client.send(sampleBytes(9));
  pair.deliver();
  assert.equal(server.data, sampleBytes(9));
  return client.tls.session?.resumed === true ? "resumed" : "full";
}

/** Whether the ClientHello names a session. */
function offers({ client }: Pair): boolean {
  const { sessionId, extensions } = helloOf(client.transmitted, "ClientHello");
  return sessionId.length > 0 || (extensions.get(35)?.length ?? 0) > 0;
}

function copyOf(cache: KeepingCache): KeepingCache {
  const copy = new KeepingCache();
  for (const [key, session] of cache.sessions) copy.store(key, session, Infinity);
  return copy;
}

function same(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && one.length === other.length &&
    one.every((byte, at) => byte === other[at]);
}
