/** What the RFCs demand of a resumption, seen on the wire. RFC 5246 §7.3, §7.4.1.2; RFC 5077 §3; RFC 6066 §3; RFC 7627 §5.3. */
import { assert, suite } from "../harness.ts";
import { PeerMisbehavedError, type TlsError } from "../../lib/error.ts";
import { decodeSession } from "../../lib/session/resumable_session.ts";
import type { SessionCache } from "../../lib/session/session_cache.ts";
import { extension, hostileClient, hostileServer } from "../hostile/hostile_peer.ts";
import { Acquaintance, firstOf } from "./resumption_scene.ts";
import {
  changeCipherSpec,
  clearMessages,
  handshake,
  helloOf,
  helloRecord,
  newSessionTicket,
  recordsOf,
  withExtensions,
} from "./taken_apart.ts";
import type { End, Pair } from "../support/pair.ts";

const test = suite("resumption by the RFCs");
const ways = ["id", "ticket"] as const;
const serverName = 0;
const extendedMasterSecret = 23;
const sessionTicket = 35;

const isResumed = ({ client, server }: Pair): boolean => {
  assert.is(client.tls.state, "live.connected");
  assert.is(client.tls.session?.resumed, server.tls.session?.resumed);
  return client.tls.session?.resumed === true;
};
const resumes = (end: End): boolean => clearMessages(firstOf(end)).length < 3;
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

function refusedWith(end: End, alert: string): void {
  const { error } = end;
  assert.instance(error, PeerMisbehavedError);
  assert.is((error as TlsError).alert, alert);
}

for (const by of ways) {
  // proves RFC 5246 §7.3: "At this point, both client"
  test(`by ${by} goes from the hellos straight to ChangeCipherSpec and Finished`, () => {
    const friends = new Acquaintance(by);
    assert.not(isResumed(friends.meet()));
    const again = friends.meet();
    assert.ok(isResumed(again));
    const [hello, ...more] = again.client.transmitted.map((flight) => recordsOf(flight).map(({ type }) => type));
    assert.equal(hello, [handshake]);
    assert.equal(more, [[changeCipherSpec, handshake]], "and then data");
    assert.equal(recordsOf(firstOf(again.server)).map(({ type }) => type), [handshake, changeCipherSpec, handshake]);
  });

  // proves RFC 5246 §7.4.1.2: "If the session_id field is not empty (implying a session resumption request), this vector"
  // proves RFC 5246 §7.4.1.2: "If the session_id field is not empty (implying a session resumption request), it MUST"
  // proves RFC 7627 §5.3: "When offering an abbreviated handshake"
  // proves RFC 7627 §5.2: "In all handshakes, a client"
  test(`by ${by} is offered with its suite, null compression and extended_master_secret, or not at all`, () => {
    const friends = new Acquaintance(by);
    const first = friends.meet();
    const { suites: [chosen] } = helloOf(firstOf(first.server));
    const offer = helloOf(friends.clientHello().bytes);
    assert.is(offer.sessionId.length, 32);
    assert.ok(chosen !== undefined && offer.suites.includes(chosen));
    assert.equal(offer.compressions, [0]);
    for (const hello of [helloOf(firstOf(first.client)), offer]) {
      assert.equal(hello.extensions.get(extendedMasterSecret), bytes());
    }
    const other = friends.clientHello({ cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"] });
    assert.not.equal(helloOf(other.bytes).suites, [chosen]);
    assert.is(helloOf(other.bytes).sessionId.length, 0, "without its suite the session isn't offered");
  });

  // proves RFC 5246 §7.4.1.3: "Clients MUST be prepared"
  test(`by ${by} that the server refuses becomes a full handshake, with another suite too`, () => {
    const friends = new Acquaintance(by);
    friends.meet();
    const forgetful = friends.meet({
      server: {
        cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"],
        ...(by === "id" ? { sessionCache: new Acquaintance("id").serverCache } : {}),
      },
    });
    assert.ok(helloOf(firstOf(forgetful.client)).sessionId.length > 0);
    assert.not(isResumed(forgetful));
    assert.is(forgetful.client.tls.session?.cipherSuite, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
  });

  // proves RFC 7627 §5.3: "If the original session used the "extended_master_secret" extension but the new ClientHello"
  // proves RFC 7627 §5.4: "this document recommends"
  test(`by ${by} of a session with extended master secret is refused to a client without it`, () => {
    const friends = new Acquaintance(by);
    friends.meet();
    const offer = helloOf(friends.clientHello().bytes);
    assert.ok(resumes(friends.serverFlight(helloRecord(1, offer))), "as it is, it is taken");
    const without = withExtensions(offer, { [extendedMasterSecret]: undefined });
    refusedWith(friends.serverFlight(helloRecord(1, without)), "handshake_failure");
  });

  // proves RFC 7627 §5.3: "If the original session used the extension but the new ServerHello"
  // proves RFC 7627 §5.4: "this document recommends"
  test(`by ${by} of a session with extended master secret is refused to a server without it`, () => {
    const friends = new Acquaintance(by);
    friends.meet();
    const { end, bytes: offer } = friends.clientHello();
    const answer = helloOf(firstOf(friends.serverFlight(offer)));
    end.take(end.tls.receive(helloRecord(2, withExtensions(answer, { [extendedMasterSecret]: undefined }))));
    refusedWith(end, "handshake_failure");
  });

  // proves RFC 7627 §5.3: "If the new ClientHello contains the extension"
  // proves RFC 7627 §5.2: "If a server implementing this document"
  test(`by ${by} is answered with extended_master_secret, as the first handshake is`, () => {
    const friends = new Acquaintance(by);
    for (const pair of [friends.meet(), friends.meet()]) {
      assert.equal(helloOf(firstOf(pair.server)).extensions.get(extendedMasterSecret), bytes());
    }
  });

  // proves RFC 6066 §3: "A server that implements this extension MUST NOT accept"
  // proves RFC 6066 §3: "When resuming a session, the server MUST NOT"
  // proves RFC 6066 §3: "In this event, the server SHALL include"
  test(`by ${by} needs the same server name, and isn't answered with one`, () => {
    const friends = new Acquaintance(by);
    const first = friends.meet();
    assert.equal(
      helloOf(firstOf(first.server)).extensions.get(serverName),
      bytes(),
      "a name that was used is answered",
    );
    const offer = helloOf(friends.clientHello().bytes);
    const same = friends.serverFlight(helloRecord(1, offer));
    assert.ok(resumes(same));
    assert.is(helloOf(firstOf(same)).extensions.has(serverName), false);
    const other = offer.extensions.get(serverName)?.slice() ?? bytes();
    other[5] = 0x71;
    for (const data of [other, undefined]) {
      assert.not(resumes(friends.serverFlight(helloRecord(1, withExtensions(offer, { [serverName]: data })))));
    }
  });
}

for (const victim of ["client", "server"] as const) {
  // proves RFC 5246 §7.2: "the session identifier MUST be invalidated"
  // proves RFC 5246 §7.2.2: "Thus, any connection terminated"
  // proves RFC 5246 §7.2.2: "Servers and clients MUST forget"
  test(`by id is over once a ${victim} has failed`, () => {
    for (const failsAt of [1, 2]) {
      const friends = new Acquaintance("id");
      let pair = friends.meet();
      for (let meeting = 1; meeting < failsAt; meeting++) pair = friends.meet();
      assert.is(isResumed(pair), failsAt === 2);
      const end = pair[victim];
      end.take(end.tls.receive(bytes(23, 3, 3, 0, 30, ...new Uint8Array(30))));
      assert.is((end.error as TlsError).alert, "bad_record_mac");
      const next = friends.clientHello();
      if (victim === "client") assert.is(helloOf(next.bytes).sessionId.length, 0);
      else assert.not(resumes(friends.serverFlight(next.bytes)));
    }
  });
}

// proves RFC 5246 §7.4.1.2: "servers MUST NOT place confidential information"
test("by id has IDs of random bytes, and takes no harm from those that it never gave", () => {
  const drawn: Uint8Array[] = [];
  const random = (length: number): Uint8Array => {
    const piece = Uint8Array.from({ length }, (_, index) => index + drawn.length);
    drawn.push(piece);
    return piece;
  };
  const friends = new Acquaintance("id");
  const { sessionId } = helloOf(firstOf(friends.meet({ server: { random } }).server));
  assert.ok(drawn.some((piece) => piece.length === 32 && piece.every((byte, index) => byte === sessionId[index])));
  const offer = helloOf(friends.clientHello().bytes);
  for (const length of [1, 31, 32]) {
    const fake = { ...offer, sessionId: new Uint8Array(length).fill(0xff) };
    assert.not(resumes(friends.serverFlight(helloRecord(1, fake))), "it goes on with a full handshake");
  }
});

// proves RFC 5077 §3.2: "If the client does not have a ticket"
// proves RFC 5077 §3.2: "The server MUST send this extension"
// proves RFC 5077 §3.3: "This message MUST be sent"
// proves RFC 5077 §3.4: "If the server accepts the ticket"
test("by ticket begins with an empty one, which the server announces, hands out, and takes with the same ID", () => {
  const friends = new Acquaintance("ticket");
  const { client, server } = friends.meet();
  assert.equal(helloOf(firstOf(client)).extensions.get(sessionTicket), bytes());
  assert.equal(helloOf(firstOf(server)).extensions.get(sessionTicket), bytes());
  const [, last = bytes()] = server.transmitted;
  const [ticket, ...others] = clearMessages(last);
  assert.is(ticket?.type, newSessionTicket);
  assert.is(others.length, 0);
  const again = friends.meet();
  assert.ok(isResumed(again));
  const offer = helloOf(firstOf(again.client));
  assert.equal(offer.extensions.get(sessionTicket), ticket?.body.subarray(6));
  assert.equal(helloOf(firstOf(again.server)).sessionId, offer.sessionId);
});

// proves RFC 5077 §3.4: "If a server is planning on issuing"
test("by ticket leaves out the session ID where a ticket is to come, and only there", () => {
  const friends = new Acquaintance("both");
  assert.is(helloOf(firstOf(friends.meet().server)).sessionId.length, 0);
  const without = new Acquaintance("both", { client: { tickets: false } });
  assert.is(helloOf(firstOf(without.meet().server)).sessionId.length, 32);
});

// proves RFC 5077 §3.2: "If the ticket is accepted by the server"
test("by ticket is over when the server takes it and the handshake fails", () => {
  const friends = new Acquaintance("ticket");
  friends.meet();
  const { end, bytes: offer } = friends.clientHello();
  const flight = firstOf(friends.serverFlight(offer)).slice();
  flight[flight.length - 1] = (flight.at(-1) ?? 0) ^ 1;
  end.take(end.tls.receive(flight));
  assert.is((end.error as TlsError).alert, "bad_record_mac");
  assert.equal(helloOf(friends.clientHello().bytes).extensions.get(sessionTicket), bytes());
});

// proves RFC 5077 §3.2: "If the client is not prepared"
// proves RFC 5077 §3.2: "The server MUST NOT send this extension"
// proves RFC 5077 §3.3: "This message MUST NOT be sent"
test("by ticket isn't spoken of to a server by a client that wants none, nor by the server then", () => {
  const friends = new Acquaintance("ticket", { client: { tickets: false } });
  const { client, server } = friends.meet();
  assert.is(helloOf(firstOf(client)).extensions.has(sessionTicket), false);
  assert.is(helloOf(firstOf(server)).extensions.has(sessionTicket), false);
  assert.equal(server.transmitted.flatMap((flight) => clearMessages(flight)).filter(({ type }) => type === 4), []);
  assert.not(isResumed(friends.meet()));
});

// proves RFC 5077 §3.4: "If a ticket is presented by the client"
// proves RFC 5077 §3.4: "Since the client generates a Session ID"
test("by ticket looks at no ID: a ticket that can't be opened isn't replaced by it, one that can needs none", () => {
  const byId = new Acquaintance("both", { client: { tickets: false } });
  byId.meet();
  const known = helloOf(byId.clientHello().bytes);
  assert.ok(resumes(byId.serverFlight(helloRecord(1, known))), "the ID alone is good");
  const both = withExtensions(known, { [sessionTicket]: new Uint8Array(100) });
  assert.not(resumes(byId.serverFlight(helloRecord(1, both))));

  const byTicket = new Acquaintance("ticket");
  byTicket.meet();
  const offer = helloOf(byTicket.clientHello().bytes);
  for (const sessionId of [bytes(), bytes(1), new Uint8Array(32), new Uint8Array(32).fill(255)]) {
    const end = byTicket.serverFlight(helloRecord(1, { ...offer, sessionId }));
    assert.ok(resumes(end));
    assert.equal(helloOf(firstOf(end)).sessionId, sessionId);
  }
});

// proves RFC 5077 §3.3: "In the case of a full handshake"
test("by ticket begins when the client's Finished was right, not before", () => {
  const keys = [{ name: new Uint8Array(16), key: new Uint8Array(32).fill(1) }];
  for (const isRight of [false, true]) {
    const peer = hostileClient({ ticketKeys: keys });
    const list = [extension("session_ticket"), ...usualExtensions()];
    peer.handshake("client_hello", peer.clientHelloBody({ extensions: list }));
    peer.play("ClientKeyExchange").play("ChangeCipherSpec");
    assert.not(peer.heard.includes("new_session_ticket"));
    peer.finished((verifyData) => isRight ? verifyData : verifyData.map((byte) => byte ^ 1));
    assert.is(peer.heard.includes("new_session_ticket"), isRight);
    assert.is(peer.error === undefined, isRight);
  }
});

// proves RFC 5077 §3.3: "The client MUST NOT treat the ticket as valid"
// proves RFC 5077 §4: "Clients MUST NOT examine the ticket"
test("by ticket keeps any bytes as a ticket, once the server's Finished was right", () => {
  for (const isRight of [false, true]) {
    for (const ticket of [[7], [...new Uint8Array(16), 255]]) {
      const stored: Uint8Array[] = [];
      const peer = hostileServer({ sessionCache: recording(stored) });
      const list = [
        extension("session_ticket"),
        extension("renegotiation_info", 0),
        extension("extended_master_secret"),
      ];
      peer.handshake("server_hello", peer.serverHelloBody({ extensions: list }));
      peer.play("Certificate").play("ServerKeyExchange").play("ServerHelloDone");
      peer.handshake("new_session_ticket", bytes(0, 0, 14, 16, 0, ticket.length, ...ticket));
      peer.play("ChangeCipherSpec");
      assert.equal(stored, []);
      peer.finished((verifyData) => isRight ? verifyData : verifyData.map((byte) => byte ^ 1));
      assert.equal(stored.map((session) => decodeSession(session).ticket), isRight ? [bytes(...ticket)] : []);
    }
  }
});

// proves RFC 7627 §5.3: "If the original session did not use the "extended_master_secret" extension but the new ClientHello"
test("of a session without extended master secret is no resumption for a client that has it", () => {
  const { serverCache: sessionCache } = new Acquaintance("id");
  const first = hostileClient({ sessionCache }, { extendedMasterSecret: false }).playAll();
  const hello = first.outputs.find(({ type }) => type === "transmit");
  const sessionId = hello?.type === "transmit" ? helloOf(hello.bytes).sessionId : bytes();
  assert.is(sessionId.length, 32);
  const second = hostileClient({ sessionCache }, { extendedMasterSecret: true });
  second.handshake("client_hello", second.clientHelloBody({ sessionId }));
  assert.ok(second.heard.includes("certificate"));
  for (const step of ["ClientKeyExchange", "ChangeCipherSpec", "Finished"] as const) second.play(step);
  assert.is(second.tls.state, "live.connected");
});

// proves RFC 7627 §5.3: "If the original session did not use the "extended_master_secret" extension but the new ServerHello"
test("of a session without extended master secret is refused to a server that answers with it", () => {
  for (const extendedMasterSecret of [false, true]) {
    const { clientCache: sessionCache } = new Acquaintance("id");
    const first = hostileServer({ sessionCache }, { extendedMasterSecret: false });
    first.handshake("server_hello", first.serverHelloBody({ sessionId: new Uint8Array(32).fill(9) }));
    for (const step of ["Certificate", "ServerKeyExchange", "ServerHelloDone"] as const) first.play(step);
    first.play("ChangeCipherSpec").play("Finished");
    const second = hostileServer({ sessionCache }, { extendedMasterSecret });
    assert.equal(second.clientHello?.sessionId, new Uint8Array(32).fill(9));
    second.handshake("server_hello", second.serverHelloBody({ sessionId: new Uint8Array(32).fill(9) }));
    assert.is(second.error?.alert, extendedMasterSecret ? "handshake_failure" : undefined);
  }
});

function usualExtensions(): ReturnType<typeof extension>[] {
  return [
    extension("supported_groups", 0, 4, 0, 29, 0, 23),
    extension("signature_algorithms", 0, 2, 4, 3),
    extension("extended_master_secret"),
  ];
}

function recording(stored: Uint8Array[]): SessionCache {
  return { load: () => undefined, store: (_, session) => void stored.push(session), remove: () => {} };
}

test.run();
