/**
 * A frozen connection goes on under the rules under which it began, and under no others: whoever thaws it trusts what it
 * has accepted. Each pair of configurations differs in one of them.
 */
import { assert, suite } from "../harness.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { thawTlsClient, thawTlsServer } from "../../lib/core.ts";
import { TlsUsageError } from "../../lib/error.ts";
import { insecureAcceptAnyCertificate } from "../../lib/x509/verifier.ts";
import { clientConfig, credentialOf, rememberingProvider, sampleBytes, serverConfig } from "../support/fixtures.ts";
import { End, Pair } from "../support/pair.ts";
import { certificatePem } from "../support/x509_fixtures.ts";

const test = suite("the rules of frozen connections");
const { p256, p384, rsa } = certificatePem;
const verifier = (identity?: string) => ({ verify: () => {}, ...(identity === undefined ? {} : { identity }) });
const asked = (verifierIdentity?: string) => ({ certificateVerifier: "request", verifierIdentity } as const);
const noRsa = {
  ...rememberingProvider,
  signatureSchemes: rememberingProvider.signatureSchemes.filter((scheme) => !scheme.name.startsWith("rsa")),
};

/** Each is another rule than all others. */
const clientRules: Readonly<Record<string, Partial<ClientConfig>>> = {
  "an anchor": {},
  "it and another anchor": { trustAnchors: [p256, rsa] },
  "it and a third anchor": { trustAnchors: [p256, p384] },
  "an anchor, verified with fewer algorithms": { provider: noRsa },
  "an anchor, and extended master secret is required": { requireExtendedMasterSecret: true },
  "an anchor, and secure renegotiation is required": { requireSecureRenegotiation: true },
  "an anchor, and both are required": { requireExtendedMasterSecret: true, requireSecureRenegotiation: true },
  "anybody": { certificateVerifier: insecureAcceptAnyCertificate },
  "a verifier without a name": { certificateVerifier: verifier() },
  "a verifier with a name": { certificateVerifier: verifier("one") },
  "a verifier with another name": { certificateVerifier: verifier("other") },
  "whoever is asked": asked(),
  "whoever is asked, with a name": asked("one"),
};

const serverRules: Readonly<Record<string, Partial<ServerConfig>>> = {
  "no clients": {},
  "no clients, and extended master secret is required": { requireExtendedMasterSecret: true },
  "no clients, and secure renegotiation is required": { requireSecureRenegotiation: true },
  "some clients": { clientAuthentication: "optional", trustAnchors: p256 },
  "all clients": { clientAuthentication: "required", trustAnchors: p256 },
  "all clients, by more anchors": { clientAuthentication: "required", trustAnchors: [p256, p384] },
  "some clients, by a verifier": { clientAuthentication: "optional", certificateVerifier: verifier("one") },
  "all clients, by a verifier": { clientAuthentication: "required", certificateVerifier: verifier("one") },
  "all clients, by whoever is asked": { clientAuthentication: "required", ...asked("one") },
  "all clients, by whoever else is asked": { clientAuthentication: "required", ...asked("other") },
};

const usage = /Cannot thaw: frozen\.trust names other rules for the peer than this configuration/;

/** Each value is thawed by its own rules, and by no others. */
function keepsApart<Rules>(
  all: Readonly<Record<string, Rules>>,
  freeze: (rules: Rules) => unknown,
  thaw: (frozen: unknown, rules: Rules) => unknown,
): void {
  for (const [before, rules] of Object.entries(all)) {
    const frozen = JSON.stringify(freeze(rules));
    for (const [after, others] of Object.entries(all)) {
      const go = (): unknown => thaw(JSON.parse(frozen), others);
      if (before === after) assert.ok(go());
      else {assert.throws(go, (error: unknown) =>
          error instanceof TlsUsageError && usage.test(error.message), `${before}, then ${after}`);}
    }
  }
}

test("are those of a client: before anything is said, when it is established, and when it is over", () => {
  for (const until of ["created", "established", "closed"] as const) {
    keepsApart(
      clientRules,
      (rules) => {
        const pair = new Pair(clientConfig("p256", rules), serverConfig("p256"));
        if (until !== "created") shakeAnswering(pair);
        if (until === "closed") pair.client.close();
        return pair.client.tls.freeze();
      },
      (frozen, rules) => thawTlsClient(frozen as never, clientConfig("p256", rules)),
    );
  }
});

test("are those of a server: before anything is said, and when it is established", () => {
  for (const until of ["created", "established"] as const) {
    keepsApart(
      serverRules,
      (rules) => {
        const pair = new Pair(clientConfig("p256", { credentials: [credentialOf.p256] }), serverConfig("p256", rules));
        if (until === "established") shakeAnswering(pair);
        return pair.server.tls.freeze();
      },
      (frozen, rules) => thawTlsServer(frozen as never, serverConfig("p256", rules)),
    );
  }
});

test("aren't the order of anchors, nor what isn't about the peer: these may change", () => {
  const frozen = (options: Partial<ClientConfig>): string => {
    const pair = shakeAnswering(new Pair(clientConfig("p256", options), serverConfig("p256")));
    return JSON.stringify(pair.client.tls.freeze());
  };
  const json = frozen({ trustAnchors: [p256, p384] });
  const others: readonly Partial<ClientConfig>[] = [
    { trustAnchors: [p384, p256] },
    { trustAnchors: [p384, p256], keyLog: true, trace: "messages", credentials: [credentialOf.p384] },
  ];
  for (const other of others) {
    assert.is(thawTlsClient(JSON.parse(json), clientConfig("p256", other)).state, "live.connected");
  }
});

test("an anonymous client isn't let in by a server that requires a certificate, whoever froze it", () => {
  const optional = serverConfig("p256", { clientAuthentication: "optional", trustAnchors: rsa });
  const required = serverConfig("p256", { clientAuthentication: "required", trustAnchors: rsa });
  const pair = new Pair(clientConfig("p256"), optional).shake();
  assert.equal(pair.server.tls.session?.peerCertificates, []);
  const json = JSON.stringify(pair.server.tls.freeze());
  assert.throws(() => thawTlsServer(JSON.parse(json), required), usage);
  const goesOn = new End(thawTlsServer(JSON.parse(json), optional));
  pair.client.send(sampleBytes(7));
  for (const bytes of pair.client.outbox.splice(0)) goesOn.take(goesOn.tls.receive(bytes));
  assert.equal(goesOn.data, sampleBytes(7));
});

test("are a text that must be there, and no longer than it can be", () => {
  const json = JSON.stringify(new Pair(clientConfig("p256"), serverConfig("p256")).client.tls.freeze());
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /frozen\.trust is missing, and must be text/],
    [null, /frozen\.trust must be text/],
    [5, /frozen\.trust must be text/],
    [["anchors"], /frozen\.trust must be text/],
    ["x".repeat(2049), /frozen\.trust must be text/],
    ["", usage],
    ["anchors", usage],
  ];
  for (const [trust, says] of wrong) {
    const frozen = { ...JSON.parse(json), trust };
    if (trust === undefined) delete frozen.trust;
    assert.throws(
      () => thawTlsClient(frozen, clientConfig("p256")),
      (error: unknown) =>
        error instanceof TlsUsageError && (says.test(error.message) || assert.is(error.message, String(says))),
      String(says),
    );
  }
  // The longest name that a verifier can have fits.
  const longest = clientConfig("p256", { certificateVerifier: verifier("x".repeat(1000)) });
  const { client } = new Pair(longest, serverConfig("p256"));
  assert.is(thawTlsClient(client.tls.freeze(), longest).state, "live.start");
});

test.run();

function shakeAnswering(pair: Pair): Pair {
  pair.shake();
  for (const end of [pair.client, pair.server]) {
    const { request } = end.tls;
    if (request !== undefined) end.take(end.tls.answer(request.id, true));
    pair.deliver();
  }
  assert.is(pair.client.tls.state, "live.connected", String(pair.client.error));
  assert.is(pair.server.tls.state, "live.connected", String(pair.server.error));
  return pair;
}
