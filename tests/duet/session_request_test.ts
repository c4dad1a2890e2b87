/**
 * Sessions that are kept elsewhere, with `sessionCache: "request"`: asked for by loadSession, answered now or later, handed
 * out by storeSession and forgetSession, in both roles and on every wire.
 */
import { assert, suite } from "../harness.ts";
import { AlertReceivedError, InternalError } from "../../lib/error.ts";
import { createSigner } from "../../lib/crypto/signer.ts";
import type { Output } from "../../lib/output.ts";
import type { Answer, TlsRequest } from "../../lib/request.ts";
import { loadPrivateKey } from "../../lib/x509/load.ts";
import { rememberingProvider, seededRandom } from "../support/fixtures.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";
import { type End, type Pair, wires } from "../support/pair.ts";
import { answer, countRequests, isClosed, openRequest, refusesAnswers } from "../support/requests.ts";
import { KeepingCache, ticketKey, Visits } from "../support/visits.ts";
import { helloOf } from "../support/wire_by_hand.ts";

const test = suite("session requests");
const later = { sessionCache: "request" } as const;

for (const wire of wires) {
  test(`let a client look its session up, later, wire ${wire}`, () => {
    const scene = new Visits({ ...later, tickets: false }, {}, { wire });
    const first = scene.visit();
    assert.is(first.client.tls.state, "live.loadingSession");
    assert.equal(first.client.transmitted, [], "the ClientHello waits");
    assert.is(openRequest(first.client, "loadSession").key, "client p256.fixture.example");
    answer(first, "client", "loadSession", undefined);
    const [stored, ...others] = outputsOf(first.client, "storeSession");
    assert.equal(others, []);
    assert.is(stored?.key, "client p256.fixture.example");
    assert.is(stored?.expiresAt, scene.time + 7_200_000);
    assert.equal(first.client.story, ["request", "storeSession", "established"]);
    const second = scene.visit();
    answer(second, "client", "loadSession", stored?.session);
    assert.ok(isResumed(second));
    assert.equal(second.client.story, ["request", "established"]);
  });

  test(`let a server look its session up, later, wire ${wire}`, () => {
    const scene = new Visits({ tickets: false }, later, { wire });
    const first = scene.visit();
    assert.is(countRequests(first.server, "loadSession"), 0, "no ID was offered");
    const [stored] = outputsOf(first.server, "storeSession");
    const id = helloOf(first.server.transmitted, "ServerHello").sessionId;
    const key = `server ${[...id].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    assert.is(stored?.key, key);
    const second = scene.visit();
    assert.is(second.server.tls.state, "live.handshake.loadingSession");
    assert.equal(second.server.transmitted, []);
    assert.is(openRequest(second.server, "loadSession").key, key);
    answer(second, "server", "loadSession", stored?.session);
    assert.ok(isResumed(second));
    assert.equal(outputsOf(second.server, "storeSession"), [], "it is stored already");
  });
}

test("are answered with nothing, or with rubbish, and a full handshake follows", () => {
  for (const value of [undefined, Uint8Array.of(1), new Uint8Array(500)]) {
    const scene = new Visits({ tickets: false }, {});
    scene.visit();
    const client = scene.visit(later);
    answer(client, "client", "loadSession", value);
    assert.not(isResumed(client));
    scene.visit();
    const server = scene.visit({}, later);
    answer(server, "server", "loadSession", value);
    assert.not(isResumed(server));
  }
});

test("keep a copy of what they are answered with", () => {
  const scene = new Visits({ tickets: false }, {});
  scene.visit();
  const [session] = scene.clientCache.sessions.values();
  const lent = Uint8Array.from(session ?? []);
  const pair = scene.visit(later);
  const { id } = openRequest(pair.client, "loadSession");
  pair.client.take(pair.client.tls.answer(id, lent));
  lent.fill(0);
  pair.deliver();
  assert.ok(isResumed(pair));
});

test("take no other answer, none twice, and none for another request", () => {
  const scene = new Visits({ tickets: false }, {});
  scene.visit();
  const wrong = [true, false, null, "bytes", new Uint8Array(0), [], {}, 5, Promise.resolve(undefined)];
  const says = /Cannot answer: loadSession is answered with the bytes that storeSession gave/;
  const pair = scene.visit(later, later);
  refusesAnswers(pair.client, "loadSession", wrong, says);
  const { id } = openRequest(pair.client, "loadSession");
  answer(pair, "client", "loadSession", scene.clientCache.load("client p256.fixture.example"));
  isClosed(pair.client, id);
  refusesAnswers(pair.server, "loadSession", wrong, says);
  const asked = openRequest(pair.server, "loadSession");
  answer(pair, "server", "loadSession", scene.serverCache.load(asked.key));
  isClosed(pair.server, asked.id);
  assert.ok(isResumed(pair));
});

test("fail with internal_error when they are answered with an error, and are cancelled when the end comes first", () => {
  const scene = new Visits({ tickets: false }, {});
  scene.visit();
  const failing = scene.visit({}, later);
  answer(failing, "server", "loadSession", new RangeError("the database is gone"));
  assert.instance(failing.server.error, InternalError);
  assert.match(String(failing.server.error), /loadSession was answered with an error: the database is gone/);
  assert.instance(failing.client.error, AlertReceivedError);
  scene.visit();
  for (const side of ["client", "server"] as const) {
    const pair = side === "client" ? scene.visit(later) : scene.visit({}, later);
    const { id } = openRequest(pair[side], "loadSession");
    pair[side].close();
    assert.equal(pair[side].story, ["request", "requestCanceled", "closed"]);
    assert.equal(pair[side].tls.answer(id, undefined), []);
    assert.equal(pair[side].tls.answer(99, undefined), []);
    // A client that has said nothing says nothing; a server takes its leave.
    assert.is(pair[side].transmitted.length, side === "client" ? 0 : 1);
  }
});

test("aren't made by a server for a ticket: it opens that itself", () => {
  const scene = new Visits({}, { ...later, ticketKeys: [ticketKey(1)] });
  scene.visit();
  const pair = scene.visit();
  assert.ok(isResumed(pair));
  assert.is(countRequests(pair.server, "loadSession"), 0);
});

test("are followed by forgetSession, after the alert, when a connection fails on either side", () => {
  const scene = new Visits({ ...later, tickets: false }, later);
  const first = scene.visit();
  answer(first, "client", "loadSession", undefined);
  const [ours] = outputsOf(first.client, "storeSession");
  const [theirs] = outputsOf(first.server, "storeSession");
  const second = scene.visit();
  answer(second, "client", "loadSession", ours?.session);
  answer(second, "server", "loadSession", theirs?.session);
  assert.ok(isResumed(second));
  second.client.take(second.client.tls.receive(Uint8Array.of(23, 3, 3, 0, 1, 0)));
  second.deliver();
  assert.equal(second.client.story, ["request", "established", "forgetSession", "failed"]);
  assert.equal(second.server.story, ["request", "established", "forgetSession", "failed"]);
  assert.equal(outputsOf(second.client, "forgetSession").map(({ key }) => key), [ours?.key]);
  assert.equal(outputsOf(second.server, "forgetSession").map(({ key }) => key), [theirs?.key]);
});

test("are followed by forgetSession when a session was offered in vain and nothing takes its place", () => {
  const scene = new Visits(later, {});
  const first = scene.visit();
  answer(first, "client", "loadSession", undefined);
  const [stored] = outputsOf(first.client, "storeSession");
  const second = scene.visit({}, { sessionCache: undefined });
  answer(second, "client", "loadSession", stored?.session);
  assert.equal(second.client.story, ["request", "forgetSession", "established"]);
});

test("come in their order among all others, each in the state that is named for it", () => {
  const { schemes, publicKey, sign } = createSigner(
    loadPrivateKey(privateKeyPem.p256Pkcs8),
    rememberingProvider.signatureSchemes,
    seededRandom(3),
  );
  const scene = new Visits({ tickets: false }, {});
  scene.visit();
  const asks = { ...later, onClientHello: "request", credentials: "request", verifierIdentity: "we" } as const;
  const authentication = { clientAuthentication: "optional", certificateVerifier: "request" } as const;
  const pair = scene.visit({ credentials: [] }, { ...asks, ...authentication });
  const { server } = pair;
  const steps: readonly (readonly [string, TlsRequest["type"], Answer])[] = [
    ["live.inspectingClientHello", "inspectClientHello", true],
    ["live.handshake.loadingSession", "loadSession", undefined],
    ["live.handshake.choosingCredential", "chooseCredential", {
      certificateChain: certificatePem.p256,
      signer: { schemes, publicKey },
    }],
  ];
  for (const [index, [state, type, value]] of steps.entries()) {
    assert.is(server.tls.state, state);
    assert.is(openRequest(server, type).id, index + 1);
    answer(pair, "server", type, value);
  }
  assert.is(server.tls.state, "live.handshake.full.signing");
  const { id, scheme, message } = openRequest(server, "sign");
  assert.is(id, 4);
  answer(pair, "server", "sign", sign(scheme, message));
  assert.not(isResumed(pair));
  assert.equal(server.story, ["request", "request", "request", "request", "storeSession", "established"]);
});

test("aren't made, and nothing is handed out, with a cache at hand", () => {
  const scene = new Visits();
  for (const pair of [scene.visit(), scene.visit()]) {
    assert.equal(pair.client.story, ["established"]);
    assert.equal(pair.server.story, ["established"]);
  }
  assert.instance(scene.clientCache, KeepingCache);
  assert.is(scene.clientCache.sessions.size, 1);
});

test.run();

function outputsOf<Type extends Output["type"]>(
  { outputs }: End,
  type: Type,
): readonly (Output & { readonly type: Type })[] {
  return outputs.filter((output): output is Output & { readonly type: Type } => output.type === type);
}

function isResumed({ client, server }: Pair): boolean {
  assert.is(client.error ?? server.error, undefined);
  assert.is(client.tls.state, "live.connected");
  assert.is(client.tls.session?.resumed, server.tls.session?.resumed);
  return client.tls.session?.resumed === true;
}
