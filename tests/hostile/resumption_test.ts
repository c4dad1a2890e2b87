/**
 * Peers that resume wrongly, in both roles: what RFC 7627 §5.3 says of all four combinations, names and suites that aren't
 * the session's, tickets out of turn, IDs that nobody offered. RFC 5246 §7.4.1.2, §7.4.1.3; RFC 5077 §3.
 */
import { assert, suite } from "../harness.ts";
import { AlertReceivedError, DecodeError, PeerMisbehavedError } from "../../lib/error.ts";
import { decodeSession, encodeSession } from "../../lib/session/resumable_session.ts";
import { CipherSuite } from "../../lib/registry.ts";
import { sampleBytes, seededRandom } from "../support/fixtures.ts";
import { KeepingCache, ticketKey } from "../support/visits.ts";
import {
  extension,
  fails,
  handshakeBytes,
  hostileClient,
  type HostilePeer,
  hostileServer,
  isOver,
  uint16,
} from "./hostile_peer.ts";

const test = suite("hostile resumption");
const id = sampleBytes(32);
const ticket = sampleBytes(200);
const suites = ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] as const;
const extensionsOf = (extended: boolean): readonly ReturnType<typeof extension>[] => [
  extension("renegotiation_info", 0),
  ...extended ? [extension("extended_master_secret")] : [],
];

/** A client of ours and what it keeps; the server gave it an ID, or a ticket. */
interface Acquaintance {
  readonly cache: KeepingCache;
  readonly masterSecret: Uint8Array;
  readonly ticketed: boolean;
}

function acquainted({ extended = true, ticketed = false } = {}): Acquaintance {
  const cache = new KeepingCache();
  const peer = hostileServer({ sessionCache: cache, cipherSuites: suites }, { extendedMasterSecret: extended });
  const extensions = [...extensionsOf(extended), ...ticketed ? [extension("session_ticket")] : []];
  peer.handshake("server_hello", peer.serverHelloBody({ sessionId: ticketed ? new Uint8Array(0) : id, extensions }));
  peer.play("Certificate").play("ServerKeyExchange").play("ServerHelloDone");
  if (ticketed) peer.handshake("new_session_ticket", newSessionTicket(3600, ticket));
  peer.play("ChangeCipherSpec").play("Finished");
  assert.is(peer.tls.state, "live.connected");
  assert.is(cache.sessions.size, 1);
  return { cache, masterSecret: peer.masterSecret, ticketed };
}

function newSessionTicket(hint: number, bytes: Uint8Array): Uint8Array {
  return Uint8Array.of(...uint16(hint >>> 16), ...uint16(hint & 0xffff), ...uint16(bytes.length), ...bytes);
}

/** The same client comes again; its ClientHello is there, and nothing is said yet. */
function again({ cache, masterSecret }: Acquaintance, extended = true): HostilePeer {
  const peer = hostileServer({ sessionCache: cache, cipherSuites: suites, alpnProtocols: ["h2"] }, {
    extendedMasterSecret: extended,
  });
  peer.resuming = masterSecret;
  return peer;
}

const repeated = (peer: HostilePeer): { readonly sessionId: Uint8Array } => ({
  sessionId: peer.clientHello?.sessionId ?? new Uint8Array(0),
});

for (const ticketed of [false, true]) {
  const by = ticketed ? "ticket" : "session ID";

  for (const [before, now] of [[true, true], [true, false], [false, true], [false, false]] as const) {
    const words = `a session ${before ? "with" : "without"} extended master secret as one ${
      now ? "with" : "without"
    } it`;
    const fine = before === now;
    test(`on a client, by ${by}: ${fine ? "resumes" : "refuses"} ${words}`, () => {
      const met = acquainted({ extended: before, ticketed });
      const peer = again(met, before);
      peer.handshake("server_hello", peer.serverHelloBody({ ...repeated(peer), extensions: extensionsOf(now) }));
      if (fine) {
        peer.play("ChangeCipherSpec").play("Finished");
        assert.is(peer.tls.state, "live.connected");
        assert.equal(peer.heard, ["client_hello", "ChangeCipherSpec", "finished"]);
        assert.is(peer.tls.session?.resumed, true);
        // RFC 7627 §5.4: without it, nothing may be exported, and tls-unique says nothing.
        const refuses = (run: () => unknown): void => assert.throws(run, /RFC 7627 §5\.4/);
        if (!now) {
          refuses(() => peer.tls.exportKeyingMaterial("EXPORTER-x", undefined, 16));
          refuses(() => peer.tls.channelBinding("tls-unique"));
          refuses(() => peer.tls.channelBinding("tls-exporter"));
        }
        return;
      }
      // RFC 7627 §5.3: "the client MUST abort the handshake", both ways.
      fails(peer, { alert: "handshake_failure", error: PeerMisbehavedError, says: /extended master secret/ });
      assert.is(met.cache.sessions.size, 0, "what failed isn't offered again");
    });
  }

  test(`on a client, by ${by}: refuses another suite than the session's`, () => {
    const met = acquainted({ ticketed });
    const peer = hostileServer({ sessionCache: met.cache }, {});
    peer.resuming = met.masterSecret;
    const cipherSuite = CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
    peer.handshake("server_hello", peer.serverHelloBody({ ...repeated(peer), cipherSuite }));
    fails(peer, {
      alert: "illegal_parameter",
      error: PeerMisbehavedError,
      says:
        /resumes a session with TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, not TLS_ECDHE_ECDSA_WITH_AES_128_GCM/,
    });
    assert.is(met.cache.sessions.size, 0);
  });

  test(`on a client, by ${by}: refuses a Finished that comes of another master secret`, () => {
    const met = acquainted({ ticketed });
    const peer = again({ ...met, masterSecret: sampleBytes(48) });
    peer.handshake("server_hello", peer.serverHelloBody(repeated(peer)));
    peer.play("ChangeCipherSpec").play("Finished");
    fails(peer, { alert: "bad_record_mac", error: PeerMisbehavedError, says: /./ });
    assert.not(peer.heard.includes("ChangeCipherSpec"), "the client sent nothing under the session's keys");
    assert.is(met.cache.sessions.size, 0);
  });

  test(`on a client, by ${by}: refuses a Finished whose verify_data is wrong, and says nothing before`, () => {
    const met = acquainted({ ticketed });
    const peer = again(met);
    peer.handshake("server_hello", peer.serverHelloBody(repeated(peer)));
    peer.play("ChangeCipherSpec").finished((right) => right.with(11, (right[11] ?? 0) ^ 1));
    assert.is(peer.error?.alert, "decrypt_error");
    assert.equal(peer.heard, ["client_hello"]);
    isOver(peer.tls);
  });

  test(`on a client, by ${by}: refuses every message of a full handshake behind a ServerHello that resumes`, () => {
    for (const step of ["Certificate", "ServerKeyExchange", "ServerHelloDone"] as const) {
      const peer = again(acquainted({ ticketed }));
      peer.handshake("server_hello", peer.serverHelloBody(repeated(peer))).play(step);
      fails(peer, {
        alert: "unexpected_message",
        error: PeerMisbehavedError,
        says: new RegExp(`Cannot accept ${step}`),
      });
    }
  });

  test(`on a client, by ${by}: makes a full handshake with a server that doesn't repeat its ID, whatever it says`, () => {
    for (const sessionId of [new Uint8Array(0), sampleBytes(32).reverse(), sampleBytes(31)]) {
      const met = acquainted({ ticketed });
      const peer = again(met);
      peer.resuming = undefined;
      peer.handshake("server_hello", peer.serverHelloBody({ sessionId }));
      peer.play("Certificate").play("ServerKeyExchange").play("ServerHelloDone").play("ChangeCipherSpec").play(
        "Finished",
      );
      assert.is(peer.tls.state, "live.connected");
      assert.is(peer.tls.session?.resumed, false);
      // What was offered in vain is gone; a new ID takes its place.
      assert.is(met.cache.sessions.size, sessionId.length === 0 ? 0 : 1);
      for (const session of met.cache.sessions.values()) assert.equal(decodeSession(session).sessionId, sessionId);
    }
  });
}

test("on a client: an ID that it never offered resumes nothing", () => {
  const peer = hostileServer({ sessionCache: new KeepingCache() });
  assert.is(peer.clientHello?.sessionId.length, 0);
  peer.resuming = sampleBytes(48);
  peer.handshake("server_hello", peer.serverHelloBody({ sessionId: id }));
  peer.play("ChangeCipherSpec");
  fails(peer, { alert: "unexpected_message", error: PeerMisbehavedError, says: /ChangeCipherSpec.*awaitCertificate/ });
});

test("on a client: an empty ID resumes nothing, though it is the same as the one that was offered", () => {
  const peer = hostileServer();
  peer.resuming = sampleBytes(48);
  peer.play("ServerHello").play("ChangeCipherSpec");
  fails(peer, { alert: "unexpected_message", error: PeerMisbehavedError, says: /ChangeCipherSpec.*awaitCertificate/ });
});

test("on a client: a ticket must come where it was promised, and only there", () => {
  const promising = (promises: boolean): HostilePeer => {
    const peer = hostileServer({ sessionCache: new KeepingCache() });
    const extensions = [...extensionsOf(true), ...promises ? [extension("session_ticket")] : []];
    peer.handshake("server_hello", peer.serverHelloBody({ extensions }));
    return peer.play("Certificate").play("ServerKeyExchange").play("ServerHelloDone");
  };
  // RFC 5077 §3.3: "This message MUST be sent if the server included a SessionTicket extension in the ServerHello.
  // This message MUST NOT be sent if the server did not include a SessionTicket extension in the ServerHello."
  fails(promising(true).play("ChangeCipherSpec"), {
    alert: "unexpected_message",
    error: PeerMisbehavedError,
    says: /ChangeCipherSpec.*awaitNewSessionTicketOrChangeCipherSpec/,
  });
  fails(promising(false).handshake("new_session_ticket", newSessionTicket(1, ticket)), {
    alert: "unexpected_message",
    error: PeerMisbehavedError,
    says: /Cannot accept NewSessionTicket/,
  });
  const twice = promising(true).handshake("new_session_ticket", newSessionTicket(1, ticket));
  fails(twice.handshake("new_session_ticket", newSessionTicket(1, ticket)), {
    alert: "unexpected_message",
    error: PeerMisbehavedError,
    says: /Cannot accept NewSessionTicket/,
  });
  const late = promising(true).handshake("new_session_ticket", newSessionTicket(1, ticket));
  late.play("ChangeCipherSpec").play("Finished");
  fails(late.handshake("new_session_ticket", newSessionTicket(1, ticket)), {
    alert: "unexpected_message",
    error: PeerMisbehavedError,
    says: /Cannot accept NewSessionTicket in state live\.connected/,
  });
});

test("on a client: a promise that wasn't asked for, or says something, is refused", () => {
  const unasked = hostileServer();
  const extensions = [...extensionsOf(true), extension("session_ticket")];
  unasked.handshake("server_hello", unasked.serverHelloBody({ extensions }));
  fails(unasked, {
    alert: "unsupported_extension",
    error: PeerMisbehavedError,
    says: /session_ticket was not offered/,
  });
  const full = hostileServer({ sessionCache: new KeepingCache() });
  full.handshake("server_hello", full.serverHelloBody({ extensions: [extension("session_ticket", 1)] }));
  fails(full, { alert: "decode_error", error: DecodeError, says: /session_ticket/ });
});

test("on a client: a NewSessionTicket of any other length than it says is refused", () => {
  const right = newSessionTicket(60, ticket);
  for (const body of [right.subarray(0, 5), right.subarray(0, -1), new Uint8Array([...right, 0]), new Uint8Array(0)]) {
    const peer = hostileServer({ sessionCache: new KeepingCache() });
    const extensions = [...extensionsOf(true), extension("session_ticket")];
    peer.handshake("server_hello", peer.serverHelloBody({ extensions }));
    peer.play("Certificate").play("ServerKeyExchange").play("ServerHelloDone");
    fails(peer.handshake("new_session_ticket", body), {
      alert: "decode_error",
      error: DecodeError,
      says: /NewSessionTicket/,
    });
  }
});

test("on a client: a ticket is kept up to 2^15 bytes, as long as its hint says and no longer than its own lifetime", () => {
  const given = (bytes: Uint8Array, hint: number): { readonly cache: KeepingCache; readonly created: number } => {
    const cache = new KeepingCache();
    const peer = hostileServer({ sessionCache: cache, sessionLifetime: 1000 });
    const extensions = [...extensionsOf(true), extension("session_ticket")];
    peer.handshake("server_hello", peer.serverHelloBody({ extensions }));
    peer.play("Certificate").play("ServerKeyExchange").play("ServerHelloDone");
    const message = handshakeBytes("new_session_ticket", newSessionTicket(hint, bytes));
    peer.note(message);
    for (let at = 0; at < message.length; at += 2 ** 14) peer.record("handshake", message.subarray(at, at + 2 ** 14));
    peer.play("ChangeCipherSpec").play("Finished");
    assert.is(peer.tls.state, "live.connected");
    return { cache, created: Date.UTC(2030, 0, 1) };
  };
  for (const [length, kept] of [[1, 1], [2 ** 15, 1], [2 ** 15 + 1, 0], [2 ** 16 - 1, 0], [0, 0]] as const) {
    const { cache } = given(sampleBytes(length), 600);
    assert.is(cache.sessions.size, kept, `${length} bytes`);
    for (const session of cache.sessions.values()) assert.equal(decodeSession(session).ticket, sampleBytes(length));
  }
  // RFC 5077 §3.3: 0 "is reserved to indicate that the lifetime of the ticket is unspecified".
  for (
    const [hint, seconds] of [[1, 1], [999, 999], [1000, 1000], [1001, 1000], [2 ** 32 - 1, 1000], [0, 1000]] as const
  ) {
    const { cache, created } = given(ticket, hint);
    assert.is(cache.lastExpiry, created + seconds * 1000, `a hint of ${hint}`);
  }
  assert.is(hostileServer({ sessionCache: given(sampleBytes(2 ** 15), 600).cache }).clientHello?.sessionId.length, 32);
});

test("on a client: an empty ticket takes the place of none (RFC 5077 §3.3), and a renewed one that of its elder", () => {
  const resumedWith = (bytes: Uint8Array): KeepingCache => {
    const met = acquainted({ ticketed: true });
    const peer = again(met);
    const extensions = [...extensionsOf(true), extension("session_ticket")];
    peer.handshake("server_hello", peer.serverHelloBody({ ...repeated(peer), extensions }));
    peer.handshake("new_session_ticket", newSessionTicket(60, bytes)).play("ChangeCipherSpec").play("Finished");
    assert.is(peer.tls.session?.resumed, true);
    return met.cache;
  };
  const ticketIn = (cache: KeepingCache): Uint8Array | undefined =>
    [...cache.sessions.values()].map((session) => decodeSession(session).ticket)[0];
  assert.equal(ticketIn(resumedWith(new Uint8Array(0))), ticket);
  assert.equal(ticketIn(resumedWith(Uint8Array.of(5, 6, 7))), Uint8Array.of(5, 6, 7));
});

test("on a client: the session's max_fragment_length holds, whether the server repeats it or not (RFC 6066 §4)", () => {
  const asking = { cipherSuites: suites, maxFragmentLength: 512 } as const;
  const repeating = extension("max_fragment_length", 1);
  for (const answer of [[repeating], []]) {
    const cache = new KeepingCache();
    const first = hostileServer({ sessionCache: cache, ...asking });
    const extensions = [...extensionsOf(true), repeating];
    first.handshake("server_hello", first.serverHelloBody({ sessionId: id, extensions }));
    const certificate = handshakeBytes("certificate", first.bodyOf("Certificate"));
    first.note(certificate);
    for (let at = 0; at < certificate.length; at += 512) first.record("handshake", certificate.subarray(at, at + 512));
    first.play("ServerKeyExchange").play("ServerHelloDone").play("ChangeCipherSpec").play("Finished");
    assert.is(first.tls.state, "live.connected", first.error?.message);
    const peer = hostileServer({ sessionCache: cache, ...asking });
    peer.resuming = first.masterSecret;
    const answered = [...extensionsOf(true), ...answer];
    peer.handshake("server_hello", peer.serverHelloBody({ ...repeated(peer), extensions: answered }));
    peer.play("ChangeCipherSpec").play("Finished");
    assert.is(peer.tls.session?.resumed, true, peer.error?.message);
    assert.equal([peer.tls.session?.maxSendLength, peer.tls.session?.maxReceiveLength], [512, 512]);
    peer.record("application_data", sampleBytes(512));
    assert.is(peer.error, undefined);
    peer.record("application_data", sampleBytes(513));
    assert.is(peer.error?.alert, "record_overflow");
  }
});

// Now the other way round: clients that resume wrongly, in front of a server of ours.

interface Guest {
  readonly sessionId: Uint8Array;
  readonly masterSecret: Uint8Array;
  readonly cache: KeepingCache;
}

function guest(extended = true): Guest {
  const cache = new KeepingCache();
  const peer = hostileClient({ sessionCache: cache }, { extendedMasterSecret: extended }).playAll();
  const sessionId = peer.serverHello?.sessionId ?? new Uint8Array(0);
  assert.is(sessionId.length, 32);
  return { sessionId, masterSecret: peer.masterSecret, cache };
}

function comesBack({ cache, masterSecret }: Guest, extended = true, config = {}): HostilePeer {
  const peer = hostileClient({ sessionCache: cache, random: seededRandom(8), ...config }, {
    extendedMasterSecret: extended,
  });
  peer.resuming = masterSecret;
  return peer;
}

for (const [before, now] of [[true, true], [true, false], [false, true], [false, false]] as const) {
  const words = `a session ${before ? "with" : "without"} extended master secret by a ClientHello ${
    now ? "with" : "without"
  } it`;
  test(`on a server: ${before && !now ? "refuses" : before === now ? "resumes" : "doesn't resume"} ${words}`, () => {
    const met = guest(before);
    const peer = comesBack(met, now);
    peer.handshake("client_hello", peer.clientHelloBody({ sessionId: met.sessionId }));
    if (before && !now) {
      // RFC 7627 §5.3: "the server MUST abort the abbreviated handshake."
      fails(peer, {
        alert: "handshake_failure",
        error: PeerMisbehavedError,
        says: /resumes a session with extended master/,
      });
      return;
    }
    if (before !== now) {
      // RFC 7627 §5.3: "the server MUST NOT perform the abbreviated handshake. Instead, it SHOULD continue with a full handshake"
      assert.equal(peer.heard.slice(0, 2), ["server_hello", "certificate"]);
      assert.not.equal(peer.serverHello?.sessionId, met.sessionId);
      peer.play("ClientKeyExchange").play("ChangeCipherSpec").play("Finished");
      assert.is(peer.tls.session?.resumed, false);
      return;
    }
    assert.equal(peer.heard, ["server_hello", "ChangeCipherSpec", "finished"]);
    peer.play("ChangeCipherSpec").play("Finished");
    assert.is(peer.tls.state, "live.connected");
    assert.is(peer.tls.session?.resumed, true);
    if (!now) assert.throws(() => peer.tls.channelBinding("tls-unique"), /RFC 7627 §5\.4/);
  });
}

test("on a server: another server_name, or none, makes a full handshake", () => {
  const met = guest();
  const other = [0x6f, 0x2e, 0x78];
  for (const names of [[], [extension("server_name", 0, 6, 0, 0, 3, ...other)]]) {
    const peer = comesBack(met);
    const usual = [
      extension("supported_groups", 0, 4, 0, 29, 0, 23),
      extension("signature_algorithms", 0, 2, 4, 3),
      extension("extended_master_secret"),
    ];
    peer.handshake(
      "client_hello",
      peer.clientHelloBody({ sessionId: met.sessionId, extensions: [...names, ...usual] }),
    );
    assert.equal(peer.heard.slice(0, 2), ["server_hello", "certificate"]);
  }
});

test("on a server: a ClientHello without the session's suite makes a full handshake", () => {
  const met = guest();
  const peer = comesBack(met);
  const cipherSuites = [CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384];
  peer.handshake("client_hello", peer.clientHelloBody({ sessionId: met.sessionId, cipherSuites }));
  assert.equal(peer.heard.slice(0, 2), ["server_hello", "certificate"]);
});

test("on a server: an ID that it doesn't know, or a part of one, makes a full handshake with an ID of its own", () => {
  const met = guest();
  for (const sessionId of [sampleBytes(32), met.sessionId.subarray(0, 31), Uint8Array.of(1)]) {
    const peer = comesBack(met);
    peer.resuming = undefined;
    peer.handshake("client_hello", peer.clientHelloBody({ sessionId }));
    assert.equal(peer.heard.slice(0, 2), ["server_hello", "certificate"]);
    assert.is(peer.serverHello?.sessionId.length, 32);
    assert.not.equal(peer.serverHello?.sessionId, sessionId);
  }
});

test("on a server: beside a ticket, whatever it is, an ID is no request to resume", () => {
  // RFC 5077 §3.4: "the server MUST NOT attempt to use the Session ID in the ClientHello for stateful session resumption."
  const met = guest();
  for (const bytes of [[1, 2, 3], [...sampleBytes(100)]]) {
    const peer = comesBack(met, true, { ticketKeys: [ticketKey(1)] });
    const usual = [
      extension("server_name", 0, 23, 0, 0, 20, ...Array.from("p256.fixture.example", (one) => one.charCodeAt(0))),
      extension("supported_groups", 0, 4, 0, 29, 0, 23),
      extension("signature_algorithms", 0, 2, 4, 3),
      extension("extended_master_secret"),
    ];
    const hello = (extensions: typeof usual): Uint8Array =>
      peer.clientHelloBody({ sessionId: met.sessionId, extensions: [...usual, ...extensions] });
    peer.handshake("client_hello", hello([extension("session_ticket", ...bytes)]));
    assert.equal(peer.heard.slice(0, 2), ["server_hello", "certificate"]);
    // The same without one, or with an empty one, resumes.
    for (const extensions of [[], [extension("session_ticket")]]) {
      const resumed = comesBack(met, true, { ticketKeys: [ticketKey(1)] });
      resumed.handshake(
        "client_hello",
        resumed.clientHelloBody({ sessionId: met.sessionId, extensions: [...usual, ...extensions] }),
      );
      assert.equal(resumed.heard.slice(0, 2), ["server_hello", "ChangeCipherSpec"]);
    }
  }
});

test("on a server: a Finished that is wrong ends the resumption, and the session with it", () => {
  const met = guest();
  const peer = comesBack(met);
  peer.handshake("client_hello", peer.clientHelloBody({ sessionId: met.sessionId }));
  peer.play("ChangeCipherSpec").finished((right) => right.with(0, (right[0] ?? 0) ^ 1));
  fails(peer, { alert: "decrypt_error", error: PeerMisbehavedError, says: /verify_data/ });
  assert.is(met.cache.sessions.size, 0);
});

test("on a server: no message of a full handshake may come where a session is resumed", () => {
  for (const step of ["ClientKeyExchange", "ClientHello"] as const) {
    const met = guest();
    const peer = comesBack(met);
    peer.handshake("client_hello", peer.clientHelloBody({ sessionId: met.sessionId })).play(step);
    fails(peer, { alert: "unexpected_message", error: PeerMisbehavedError, says: new RegExp(`Cannot accept ${step}`) });
  }
});

test("on a server: data may not come before the client's Finished, though the server's keys are on", () => {
  const met = guest();
  const peer = comesBack(met);
  peer.handshake("client_hello", peer.clientHelloBody({ sessionId: met.sessionId }));
  peer.play("ChangeCipherSpec").record("application_data", Uint8Array.of(1));
  fails(peer, { alert: "unexpected_message", error: PeerMisbehavedError, says: /Cannot accept ApplicationData/ });
  assert.throws(() => comesBack(guest()).tls.send(Uint8Array.of(1)), /the handshake isn't over/);
});

test("on both: a fatal alert that comes while a session is resumed takes it along", () => {
  const met = acquainted();
  const peer = again(met);
  peer.handshake("server_hello", peer.serverHelloBody(repeated(peer))).alert(2, 40);
  assert.instance(peer.error, AlertReceivedError);
  assert.is(met.cache.sessions.size, 0);
  const other = guest();
  const client = comesBack(other);
  client.handshake("client_hello", client.clientHelloBody({ sessionId: other.sessionId })).alert(2, 40);
  assert.instance(client.error, AlertReceivedError);
  assert.is(other.cache.sessions.size, 0);
});

test("on both: a cache that can't forget hides nothing of how a connection fails: first the alert, then why", () => {
  const remove = (): never => {
    throw new RangeError("the disk is full");
  };
  const client = hostileServer({ sessionCache: Object.assign(new KeepingCache(), { remove }) });
  client.handshake("server_hello", client.serverHelloBody({ sessionId: id }));
  client.play("Certificate").play("ServerKeyExchange").play("ServerHelloDone").play("ChangeCipherSpec").play(
    "Finished",
  );
  fails(client.play("ServerHello"), {
    alert: "unexpected_message",
    error: PeerMisbehavedError,
    says: /Cannot accept ServerHello/,
  });
  const server = hostileClient({ sessionCache: Object.assign(new KeepingCache(), { remove }) }).playAll();
  fails(server.play("ClientHello"), { alert: "no_renegotiation", error: PeerMisbehavedError, says: /renegotiation/ });
});

test("on a client: an empty ticket in a full handshake leaves the session to its ID, if it has one", () => {
  const met = new KeepingCache();
  const peer = hostileServer({ sessionCache: met });
  const extensions = [...extensionsOf(true), extension("session_ticket")];
  peer.handshake("server_hello", peer.serverHelloBody({ sessionId: id, extensions }));
  peer.play("Certificate").play("ServerKeyExchange").play("ServerHelloDone");
  peer.handshake("new_session_ticket", newSessionTicket(0, new Uint8Array(0))).play("ChangeCipherSpec").play(
    "Finished",
  );
  assert.is(peer.tls.state, "live.connected");
  const [session] = met.sessions.values();
  assert.equal(session && decodeSession(session).sessionId, id);
  assert.is(session && decodeSession(session).ticket, undefined);
});

test("on a client: a session with both an ID and a ticket is offered by its ticket", () => {
  const met = acquainted({ ticketed: true });
  met.cache.change((session) => encodeSession({ ...decodeSession(session), sessionId: id }));
  const peer = again(met);
  assert.is(peer.clientHello?.sessionId.length, 32);
  assert.not.equal(peer.clientHello?.sessionId, id);
  assert.equal(peer.clientHello?.extensions?.find(({ type }) => type === 35)?.data.slice(), ticket);
});

test.run();
