/**
 * A server that looks at each ClientHello before anything is decided, by `inspectClientHello`: what it sees is what the
 * client sent, and what it says is what the client hears. In every wire's cut.
 */
import { assert, suite } from "../harness.ts";
import { concat } from "../../lib/codec/bytes.ts";
import {
  AlertReceivedError,
  CertificateError,
  InternalError,
  PeerIncompatibleError,
  PeerMisbehavedError,
} from "../../lib/error.ts";
import { clientConfig, sampleBytes, serverConfig } from "../support/fixtures.ts";
import { Pair, wires } from "../support/pair.ts";
import { answer, countRequests, isClosed, openRequest, refusesAnswers } from "../support/requests.ts";
import { helloOf, recordsOf } from "../support/wire_by_hand.ts";

const test = suite("inspectClientHello");
const asks = { onClientHello: "request" } as const;

for (const wire of wires) {
  test(`shows what the client sent, and goes on when it is told to, wire ${wire}`, () => {
    const client = clientConfig("p256", { alpnProtocols: ["h2", "http/1.1"], namedGroups: ["secp256r1", "x25519"] });
    const pair = new Pair(client, serverConfig("p256", asks), wire).shake();
    assert.is(pair.server.tls.state, "live.inspectingClientHello");
    assert.equal(pair.server.transmitted, []);
    const { clientHello, id } = openRequest(pair.server, "inspectClientHello");
    const byHand = helloOf(pair.client.transmitted, "ClientHello");
    assert.equal(clientHello.bytes, concat(...recordsOf(pair.client.transmitted).map(({ fragment }) => fragment)));
    assert.equal(clientHello.cipherSuites, byHand.cipherSuites);
    assert.equal(clientHello.extensions, [...byHand.extensions.keys()]);
    assert.is(clientHello.serverName, "p256.fixture.example");
    assert.equal(clientHello.alpnProtocols, ["h2", "http/1.1"]);
    assert.equal(clientHello.namedGroups, [23, 29]);
    assert.equal([clientHello.clientVersion, clientHello.versions, clientHello.sessionIdLength], [0x0303, [0x0303], 0]);
    refusesAnswers(
      pair.server,
      "inspectClientHello",
      [false, undefined, null, "yes", 1, {}, Promise.resolve(true)],
      /inspectClientHello is answered with true/,
    );
    answer(pair, "server", "inspectClientHello", true);
    isClosed(pair.server, id);
    for (const end of [pair.client, pair.server]) assert.is(end.tls.state, "live.connected");
    pair.client.send(sampleBytes(5));
    pair.deliver();
    assert.equal(pair.server.data, sampleBytes(5));
  });
}

test("refuses with the alert of a verdict, and with internal_error for any other error", () => {
  const verdicts = [
    new CertificateError("access_denied", "Not from there", { check: "fingerprint" }),
    new PeerIncompatibleError("insufficient_security", "Not with that"),
  ];
  for (const verdict of verdicts) {
    const pair = new Pair(clientConfig("p256"), serverConfig("p256", asks)).shake();
    answer(pair, "server", "inspectClientHello", verdict);
    assert.is(pair.server.error, verdict);
    assert.is(verdict.state, "live.inspectingClientHello");
    assert.instance(pair.client.error, AlertReceivedError);
    assert.match(String(pair.client.error), new RegExp(`fatal alert ${verdict.alert}`));
  }
  for (const error of [new Error("no"), new PeerMisbehavedError("unexpected_message", "elsewhere")]) {
    const pair = new Pair(clientConfig("p256"), serverConfig("p256", asks)).shake();
    answer(pair, "server", "inspectClientHello", error);
    assert.instance(pair.server.error, InternalError);
    assert.match(String(pair.client.error), /internal_error/);
  }
});

test("comes once for each connection, and not at all without the option", () => {
  const pair = new Pair(clientConfig("p256"), serverConfig("p256", asks)).shake();
  answer(pair, "server", "inspectClientHello", true);
  assert.is(countRequests(pair.server, "inspectClientHello"), 1);
  assert.equal(new Pair(clientConfig("p256"), serverConfig("p256")).shake().server.story, ["established"]);
});

test("comes before a version is chosen, so that what can't be spoken is seen too", () => {
  const pair = new Pair(clientConfig("p256"), serverConfig("p256", asks));
  pair.server.take(pair.server.tls.start());
  pair.client.take(pair.client.tls.start()); // what the client hears in the end
  pair.client.outbox.splice(0);
  // A ClientHello of TLS 1.0, by hand: version, random, no session, one suite, null compression.
  const body = [3, 1, ...new Array<number>(32).fill(7), 0, 0, 2, 0xc0, 0x2b, 1, 0];
  const record = [22, 3, 1, 0, body.length + 4, 1, 0, 0, body.length, ...body];
  pair.server.take(pair.server.tls.receive(Uint8Array.from(record)));
  const { clientHello } = openRequest(pair.server, "inspectClientHello");
  assert.equal([clientHello.clientVersion, clientHello.versions], [0x0301, [0x0301]]);
  answer(pair, "server", "inspectClientHello", true);
  assert.match(String(pair.server.error), /Cannot agree on a version/);
});

test("keeps its copy, whatever the embedder does to it", () => {
  const pair = new Pair(clientConfig("p256"), serverConfig("p256", asks)).shake();
  openRequest(pair.server, "inspectClientHello").clientHello.bytes.fill(0);
  answer(pair, "server", "inspectClientHello", true);
  assert.is(pair.client.tls.state, "live.connected");
});

test.run();
