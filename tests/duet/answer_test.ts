/**
 * Answers, whatever is asked: each question of each role, open; what is no answer to it changes nothing, whatever comes
 * first cancels it, and an answer after the end does nothing. DESIGN §4.
 */
import { assert, suite } from "../harness.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { issueCertificate, issueCertificateAuthority } from "../../lib/x509/issue.ts";
import { createSigner } from "../../lib/crypto/signer.ts";
import { loadPrivateKey } from "../../lib/x509/load.ts";
import type { TlsRequest } from "../../lib/request.ts";
import {
  clientConfig,
  credentialOf,
  fixedNow,
  rememberingProvider,
  seededRandom,
  serverConfig,
} from "../support/fixtures.ts";
import { Pair } from "../support/pair.ts";
import { isClosed, openRequest, refusesAnswers } from "../support/requests.ts";
import { KeepingCache } from "../support/visits.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";

const test = suite("answers");
const issuing = { provider: rememberingProvider, random: seededRandom(21), now: fixedNow() };
const root = issueCertificateAuthority({ ...issuing, name: "Root" });
const below = issueCertificateAuthority({ ...issuing, name: "Below", issuer: root });
const issued = issueCertificate({ ...issuing, issuer: below, names: ["p256.fixture.example"] });
const lonely = { certificateChain: issued.chain[0], privateKey: issued.privateKey };
const { schemes, publicKey } = createSigner(
  loadPrivateKey(privateKeyPem.p256Pkcs8),
  rememberingProvider.signatureSchemes,
  seededRandom(22),
);
const remote = { certificateChain: certificatePem.p256, signer: { schemes, publicKey } };
const anybody = {
  clientAuthentication: "required",
  certificateVerifier: { verify: () => {}, identity: "anybody" },
} as const;

type Side = "client" | "server";
interface Case {
  readonly side: Side;
  readonly type: TlsRequest["type"];
  readonly client?: Partial<ClientConfig>;
  readonly server?: Partial<ServerConfig>;
}

/** Who asks what, and with which options. */
const cases: readonly Case[] = [
  { side: "client", type: "loadSession", client: { sessionCache: "request" } },
  { side: "client", type: "verifyCertificate", client: { certificateVerifier: "request" } },
  {
    side: "client",
    type: "issuerMissing",
    client: { trustAnchors: root.certificate, onMissingIssuer: "request" },
    server: { credentials: [lonely] },
  },
  { side: "client", type: "chooseCredential", client: { credentials: "request" }, server: anybody },
  { side: "client", type: "sign", client: { credentials: [remote] }, server: anybody },
  { side: "server", type: "inspectClientHello", server: { onClientHello: "request" } },
  { side: "server", type: "loadSession", client: { tickets: false }, server: { sessionCache: "request" } },
  { side: "server", type: "chooseCredential", server: { credentials: "request" } },
  { side: "server", type: "sign", server: { credentials: [remote] } },
  {
    side: "server",
    type: "verifyCertificate",
    client: { credentials: [credentialOf.p256] },
    server: { clientAuthentication: "required", certificateVerifier: "request" },
  },
  {
    side: "server",
    type: "issuerMissing",
    client: { credentials: [lonely] },
    server: {
      clientAuthentication: "required",
      trustAnchors: root.certificate,
      certificateAuthorities: [],
      onMissingIssuer: "request",
    },
  },
];

/** Values that answer none of the questions. */
const nothing: readonly unknown[] = [false, null, 5, NaN, "", Symbol("x"), () => true, { then: () => {} }, [true], [5]];

for (const { side, type, client, server } of cases) {
  const asking = (): Pair => {
    const sessionCache = new KeepingCache();
    // A session of before, so that a server has something to look up.
    if (side === "server" && type === "loadSession") {
      new Pair(clientConfig("p256", { ...client, sessionCache }), serverConfig("p256", { ...server, sessionCache }))
        .shake();
      return new Pair(clientConfig("p256", { ...client, sessionCache }), serverConfig("p256", server)).shake();
    }
    return new Pair(clientConfig("p256", client), serverConfig("p256", server)).shake();
  };

  test(`to ${type} of a ${side} that are none change nothing, and the right one still comes`, () => {
    const pair = asking();
    const { id } = openRequest(pair[side], type);
    refusesAnswers(pair[side], type, nothing, /Cannot (answer|use)|PEM|DER/);
    pair[side].take(pair[side].tls.answer(id, new Error("at last")));
    assert.match(String(pair[side].error), new RegExp(`${type} was answered with an error: at last`));
    assert.equal(pair[side].tls.answer(id, new Error("again")), []);
  });

  test(`to ${type} of a ${side} aren't awaited any more when the embedder closes first`, () => {
    const pair = asking();
    const { id } = openRequest(pair[side], type);
    pair[side].close();
    assert.equal(pair[side].story.slice(-2), ["requestCanceled", "closed"]);
    const canceled = pair[side].outputs.find((output) => output.type === "requestCanceled");
    assert.is(canceled?.type === "requestCanceled" && canceled.id, id);
    for (const value of [true, undefined, Uint8Array.of(1), new Error("late"), ...nothing]) {
      assert.equal(pair[side].tls.answer(id, value as true), []);
      assert.equal(pair[side].tls.answer(id + 1, value as true), []);
    }
    assert.is(pair[side].tls.state, "closed");
  });

  test(`to ${type} of a ${side} aren't awaited any more when too much waits for them`, () => {
    const pair = asking();
    const { id } = openRequest(pair[side], type);
    pair[side].take(pair[side].tls.receive(new Uint8Array(2 ** 17 + 1)));
    assert.equal(pair[side].story.slice(-2), ["requestCanceled", "failed"]);
    assert.equal(pair[side].tls.answer(id, true), []);
  });

  test(`to ${type} of a ${side} are awaited while the peer says farewell, and it is heard then`, () => {
    const pair = asking();
    const { id } = openRequest(pair[side], type);
    const before = pair[side].outputs.length;
    pair[side].take(pair[side].tls.receiveEnd());
    assert.is(pair[side].outputs.length, before);
    assert.is(openRequest(pair[side], type).id, id);
    // Nobody may answer for another question meanwhile.
    assert.throws(() => pair[side].tls.answer(id + 1, true), /Cannot answer request/);
  });
}

test("to nothing are refused, before and after the handshake", () => {
  const pair = new Pair(clientConfig("p256"), serverConfig("p256"));
  for (const end of [pair.client, pair.server]) {
    assert.throws(() => end.tls.answer(1, true), /Cannot answer request 1: no request is open/);
  }
  pair.shake();
  for (const end of [pair.client, pair.server]) isClosed(end, 1);
});

test.run();
