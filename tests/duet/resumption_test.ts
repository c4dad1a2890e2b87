/**
 * Our client comes back to our server: by session ID (RFC 5246 §7.3, figure 2) and by ticket (RFC 5077 §3.1, figures 1
 * and 2), on every wire. What goes over the wire is read by hand.
 */
import { assert, suite } from "../harness.ts";
import type { ServerConfig } from "../../lib/config.ts";
import { AlertReceivedError, PeerIncompatibleError } from "../../lib/error.ts";
import { decodeSession } from "../../lib/session/resumable_session.ts";
import { sampleBytes } from "../support/fixtures.ts";
import type { End, Pair } from "../support/pair.ts";
import { wires } from "../support/pair.ts";
import { ticketKey, Visits } from "../support/visits.ts";
import { flowOf, helloOf, messageOf, number } from "../support/wire_by_hand.ts";

const test = suite("resumption");
const [sessionTicket, alpn] = [35, 16];
const tickets: Partial<ServerConfig> = { ticketKeys: [ticketKey(1)], sessionCache: undefined };

for (const wire of wires) {
  test(`by session ID takes the messages of RFC 5246's figure 2, and the master secret of before, wire ${wire}`, () => {
    const scene = new Visits({ keyLog: true, tickets: false }, { keyLog: true }, { wire });
    const first = scene.visit();
    talks(first, false);
    const second = scene.visit();
    talks(second, true);
    assert.equal(flowOf(second.client.transmitted).slice(0, 3), ["ClientHello", "ChangeCipherSpec", "protected 22"]);
    assert.equal(flowOf(second.server.transmitted).slice(0, 3), ["ServerHello", "ChangeCipherSpec", "protected 22"]);
    const issued = helloOf(first.server.transmitted, "ServerHello").sessionId;
    assert.is(issued.length, 32);
    assert.equal(helloOf(first.client.transmitted, "ClientHello").sessionId.length, 0);
    assert.equal(helloOf(second.client.transmitted, "ClientHello").sessionId, issued);
    assert.equal(helloOf(second.server.transmitted, "ServerHello").sessionId, issued);
    comesFromSameSecret(first, second);
    sameProof(first, second);
  });

  test(`by ticket takes the messages of RFC 5077's figures 1 and 2, and the master secret of before, wire ${wire}`, () => {
    const scene = new Visits({ keyLog: true }, { keyLog: true, ...tickets }, { wire });
    const first = scene.visit();
    talks(first, false);
    assert.equal(flowOf(first.server.transmitted).slice(0, 7), [
      ...["ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone"],
      ...["NewSessionTicket", "ChangeCipherSpec", "protected 22"],
    ]);
    // RFC 5077 §3.2: an empty extension asks for a ticket, an empty one promises it.
    assert.equal(helloOf(first.client.transmitted, "ClientHello").extensions.get(sessionTicket)?.length, 0);
    assert.equal(helloOf(first.server.transmitted, "ServerHello").extensions.get(sessionTicket)?.length, 0);
    const message = messageOf(first.server.transmitted, "NewSessionTicket");
    assert.is(number(message, 0, 4), 7200); // RFC 5077 §3.3: in seconds
    assert.is(number(message, 4, 2), message.length - 6);
    const second = scene.visit();
    talks(second, true);
    const [asked, answered] = [
      helloOf(second.client.transmitted, "ClientHello"),
      helloOf(second.server.transmitted, "ServerHello"),
    ];
    assert.equal(asked.extensions.get(sessionTicket), message.slice(6));
    // RFC 5077 §3.4: with a ticket, an ID of the client's that the server repeats when it resumes.
    assert.is(asked.sessionId.length, 32);
    assert.equal(answered.sessionId, asked.sessionId);
    assert.not(answered.extensions.has(sessionTicket));
    assert.equal(flowOf(second.client.transmitted).slice(0, 3), ["ClientHello", "ChangeCipherSpec", "protected 22"]);
    assert.equal(flowOf(second.server.transmitted).slice(0, 3), ["ServerHello", "ChangeCipherSpec", "protected 22"]);
    comesFromSameSecret(first, second);
    sameProof(first, second);
  });
}

test("can be repeated, by the same ID and by the same ticket", () => {
  for (const server of [{}, tickets]) {
    const scene = new Visits({}, server);
    assert.equal([0, 1, 2, 3].map(() => isResumed(scene.visit())), [false, true, true, true]);
  }
});

test("negotiates ALPN anew (RFC 7301 §3.1), and fails where nothing is in common any more", () => {
  for (const server of [{}, tickets]) {
    const scene = new Visits({}, server);
    scene.visit({ alpnProtocols: ["h2"] }, { alpnProtocols: ["h2", "http/1.1"] });
    const other = scene.visit({ alpnProtocols: ["http/1.1"] }, { alpnProtocols: ["h2", "http/1.1"] });
    assert.ok(isResumed(other));
    for (const { tls } of [other.client, other.server]) assert.is(tls.session?.alpnProtocol, "http/1.1");
    assert.is(helloOf(other.server.transmitted, "ServerHello").extensions.get(alpn)?.length, 11);
    const none = scene.visit();
    assert.ok(isResumed(none));
    assert.is(none.client.tls.session?.alpnProtocol, undefined);
    const nothing = scene.visit({ alpnProtocols: ["h2"] }, { alpnProtocols: ["spdy"] });
    assert.instance(nothing.server.error, PeerIncompatibleError);
    assert.match(String(nothing.client.error), /no_application_protocol/);
  }
});

test("renews a ticket that an older key sealed, and the new one lives no longer than what it continues", () => {
  const scene = new Visits({}, tickets);
  const first = scene.visit();
  const born = scene.time;
  const [session] = scene.clientCache.sessions.values();
  scene.time += 1_000_000;
  const rotated = { ticketKeys: [ticketKey(7), ticketKey(1)] };
  const second = scene.visit({}, rotated);
  talks(second, true);
  // RFC 5077 §3.1, figure 2 with NewSessionTicket.
  assert.equal(flowOf(second.server.transmitted).slice(0, 4), [
    ...["ServerHello", "NewSessionTicket", "ChangeCipherSpec", "protected 22"],
  ]);
  const [renewed] = scene.clientCache.sessions.values();
  assert.ok(session !== undefined && renewed !== undefined);
  assert.not.equal(decodeSession(renewed).ticket, decodeSession(session).ticket);
  assert.is(decodeSession(renewed).createdAt, born);
  assert.is(decodeSession(renewed).expiresAt, born + 7_200_000);
  assert.is(scene.clientCache.lastExpiry, born + 7_200_000);
  assert.is(number(messageOf(second.server.transmitted, "NewSessionTicket"), 0, 4), 6200);
  // The old key is gone: the new ticket doesn't need it.
  const third = scene.visit({}, { ticketKeys: [ticketKey(7)] });
  talks(third, true);
  assert.equal(flowOf(third.server.transmitted)[1], "ChangeCipherSpec");
  sameProof(first, third);
  scene.time = born + 7_200_000 - 1;
  assert.ok(isResumed(scene.visit({}, { ticketKeys: [ticketKey(7)] })));
  scene.time = born + 7_200_000;
  assert.not(isResumed(scene.visit({}, { ticketKeys: [ticketKey(7)] })));
});

test("asks a function for the ticket keys each time", () => {
  let keys = [ticketKey(1)];
  const scene = new Visits({}, { sessionCache: undefined, ticketKeys: () => keys });
  scene.visit();
  assert.ok(isResumed(scene.visit()));
  keys = [ticketKey(9)];
  const other = scene.visit();
  assert.not(isResumed(other));
  assert.ok(flowOf(other.server.transmitted).includes("NewSessionTicket"));
  assert.ok(isResumed(scene.visit()));
});

test("issues session IDs to clients without tickets, and tickets to the others, where a server has both", () => {
  const scene = new Visits({}, { ticketKeys: [ticketKey(1)] });
  assert.is(helloOf(scene.visit({ tickets: false }).server.transmitted, "ServerHello").sessionId.length, 32);
  assert.is(scene.serverCache.sessions.size, 1);
  assert.ok(isResumed(scene.visit({ tickets: false })));
  const byTicket = new Visits({}, { ticketKeys: [ticketKey(1)] });
  assert.is(helloOf(byTicket.visit().server.transmitted, "ServerHello").sessionId.length, 0);
  assert.is(byTicket.serverCache.sessions.size, 0);
  assert.ok(isResumed(byTicket.visit()));
});

test("doesn't happen, and leaves nothing, where one side keeps no sessions", () => {
  const scene = new Visits();
  scene.visit({ sessionCache: undefined });
  assert.is(scene.clientCache.sessions.size, 0);
  const forgetful = new Visits({}, { sessionCache: undefined });
  const first = forgetful.visit();
  assert.is(helloOf(first.server.transmitted, "ServerHello").sessionId.length, 0);
  assert.is(forgetful.clientCache.sessions.size, 0);
  assert.not(isResumed(forgetful.visit()));
});

test("is told by the session's facts, which are those that the full handshake proved", () => {
  const scene = new Visits({ requestOcspResponse: true, requestSignedCertificateTimestamps: true });
  const first = scene.visit({}, {});
  const second = scene.visit();
  assert.equal([first, second].map(({ client }) => client.tls.session?.resumed), [false, true]);
  assert.not.equal(first.client.tls.session?.clientRandom, second.client.tls.session?.clientRandom);
  assert.not.equal(first.client.tls.session?.clientFinished, second.client.tls.session?.clientFinished);
  assert.equal(second.client.tls.session?.clientFinished, second.server.tls.session?.clientFinished);
  assert.equal(second.server.tls.session?.localCertificates, []);
});

test("ends like every connection: data and the close get through", () => {
  const scene = new Visits();
  scene.visit();
  const pair = scene.visit();
  pair.server.send(sampleBytes(20_000));
  pair.server.close();
  pair.deliver();
  assert.equal(pair.client.story, ["established", "data", "peerClosed", "closed"]);
  assert.equal(pair.client.data, sampleBytes(20_000));
  assert.equal(pair.server.story, ["established", "peerClosed", "closed"]);
  assert.not(pair.client.error instanceof AlertReceivedError);
});

test.run();

/** Both sides agree on whether the session is an old one, and data get through both ways. */
function talks(pair: Pair, resumed: boolean): void {
  for (const end of [pair.client, pair.server]) {
    assert.is(end.error, undefined);
    assert.is(end.tls.state, "live.connected");
    assert.is(end.tls.session?.resumed, resumed);
  }
  pair.client.send(sampleBytes(300));
  pair.server.send(sampleBytes(500));
  pair.deliver();
  assert.equal(pair.server.data, sampleBytes(300));
  assert.equal(pair.client.data, sampleBytes(500));
}

function isResumed({ client, server }: Pair): boolean {
  assert.is(client.error ?? server.error, undefined);
  assert.is(client.tls.session?.resumed, server.tls.session?.resumed);
  return client.tls.session?.resumed === true;
}

/** The key log's line: `CLIENT_RANDOM`, the random, the master secret. */
function comesFromSameSecret(first: Pair, second: Pair): void {
  const lines = [first, second].map(({ client, server }) => {
    assert.equal(lineOf(client), lineOf(server));
    return lineOf(client).split(" ");
  });
  assert.not.equal(lines[0]?.[1], lines[1]?.[1]);
  assert.match(lines[0]?.[2] ?? "", /^[0-9a-f]{96}$/);
  assert.is(lines[0]?.[2], lines[1]?.[2]);
}

function lineOf({ outputs }: End): string {
  const lines = outputs.flatMap((output) => output.type === "keyLog" ? [output.line] : []);
  assert.is(lines.length, 1);
  return lines[0] ?? "";
}

/** Who the server is was proved by the first connection. */
function sameProof(first: Pair, second: Pair): void {
  const proof = ({ tls: { session } }: End): unknown => [
    session?.peerCertificates,
    session?.cipherSuite,
    session?.namedGroup,
    session?.signatureScheme,
    session?.extendedMasterSecret,
    session?.serverName,
  ];
  assert.ok((second.client.tls.session?.peerCertificates.length ?? 0) > 0);
  assert.equal(proof(second.client), proof(first.client));
  assert.equal(proof(second.server), proof(first.server));
}
