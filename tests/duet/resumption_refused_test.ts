/**
 * When our client and our server don't resume: whatever a session lacks, the answer is a full handshake, which proves
 * everything anew; and a connection that failed leaves no session behind. RFC 5246 §7.2.2, §7.4.1.2, appendix F.1.4.
 */
import { assert, suite } from "../harness.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { createTlsClient, createTlsServer } from "../../lib/core.ts";
import { AlertReceivedError, InternalError, TlsUsageError, TruncationError } from "../../lib/error.ts";
import type { SessionCache } from "../../lib/session/session_cache.ts";
import { decodeSession, encodeSession, type ResumableSession } from "../../lib/session/resumable_session.ts";
import { issueCertificate, issueCertificateAuthority } from "../../lib/x509/issue.ts";
import { insecureAcceptAnyCertificate } from "../../lib/x509/verifier.ts";
import {
  clientConfig,
  credentialOf,
  fixedNow,
  rememberingProvider,
  sampleBytes,
  seededRandom,
  serverConfig,
} from "../support/fixtures.ts";
import { type Pair, wires } from "../support/pair.ts";
import { KeepingCache, ticketKey, Visits } from "../support/visits.ts";
import { certificatePem } from "../support/x509_fixtures.ts";
import { flowOf, helloOf } from "../support/wire_by_hand.ts";

const test = suite("resumption refused");
const tickets: Partial<ServerConfig> = { ticketKeys: [ticketKey(1)], sessionCache: undefined };
const kinds: readonly (readonly [string, Partial<ServerConfig>])[] = [["session ID", {}], ["ticket", tickets]];
const sessionTicket = 35;

for (const [kind, server] of kinds) {
  for (const wire of wires) {
    test(`by ${kind}: a session lives to the last millisecond of the server's lifetime, wire ${wire}`, () => {
      // With a ticket the client knows the lifetime from its hint; with an ID the server's own clock decides.
      const scene = new Visits({}, { ...server, sessionLifetime: 60 }, { wire });
      scene.visit();
      scene.time += 59_999;
      assert.ok(isResumed(scene.visit()));
      scene.time += 1;
      const late = scene.visit();
      full(late);
      assert.is(offers(late), kind === "session ID");
    });
  }

  test(`by ${kind}: a session lives to the last millisecond of the client's lifetime`, () => {
    const scene = new Visits({ sessionLifetime: 60 }, server);
    scene.visit();
    scene.time += 59_999;
    assert.ok(isResumed(scene.visit()));
    scene.time += 1;
    const late = scene.visit();
    full(late);
    assert.not(offers(late));
  });

  test(`by ${kind}: a session from the future isn't offered, and isn't taken when another clock offers it`, () => {
    const scene = new Visits({}, server);
    scene.visit();
    const now = scene.time;
    scene.time -= 1;
    const early = scene.visit({ sessionCache: copyOf(scene.clientCache) });
    full(early);
    assert.not(offers(early));
    const skewed = scene.visit({ now: () => now, sessionCache: copyOf(scene.clientCache) });
    full(skewed);
    assert.ok(offers(skewed));
  });

  test(`by ${kind}: a session is its server's name's, whatever a cache hands out`, () => {
    const scene = new Visits({}, server);
    scene.visit({ serverName: "a.wild.fixture.example" });
    const [session] = scene.clientCache.sessions.values();
    const other = scene.visit({
      serverName: "b.wild.fixture.example",
      sessionCache: { load: () => session, store: () => {}, remove: () => {} },
    });
    full(other);
    assert.not(offers(other));
    assert.ok(isResumed(scene.visit({ serverName: "a.wild.fixture.example" })));
    full(scene.visit({ serverName: "c.wild.fixture.example" }));
  });

  test(`by ${kind}: a session is its verifier's: what proves the server must be what proved it`, () => {
    const scene = new Visits({}, server);
    scene.visit();
    const load = (key: string): Uint8Array | undefined => scene.clientCache.load(key);
    const elsewhere = { load, store: () => {}, remove: () => {} };
    const both = [certificatePem.p256, certificatePem.p384];
    const others: readonly Partial<ClientConfig>[] = [
      { trustAnchors: both },
      { trustAnchors: undefined, certificateVerifier: insecureAcceptAnyCertificate },
      { trustAnchors: undefined, certificateVerifier: { verify: () => {}, identity: "mine" } },
    ];
    for (const other of others) {
      const pair = scene.visit({ ...other, sessionCache: elsewhere });
      full(pair);
      assert.not(offers(pair));
    }
    assert.ok(isResumed(scene.visit({ trustAnchors: [certificatePem.p256, certificatePem.p256].slice(1) })));
  });

  test(`by ${kind}: the same verifier's name is the same verifier, and another name another`, () => {
    const named = (identity: string): Partial<ClientConfig> => ({
      certificateVerifier: { verify: () => {}, identity },
    });
    const scene = new Visits({ trustAnchors: undefined, ...named("one") }, server);
    scene.visit();
    full(scene.visit({ ...named("two"), sessionCache: copyOf(scene.clientCache) }));
    assert.ok(isResumed(scene.visit(named("one"))));
  });

  test(`by ${kind}: a suite that one side has given up makes a full handshake`, () => {
    const [first, second] = [
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    ] as const;
    for (const side of ["client", "server"] as const) {
      const scene = new Visits({}, server);
      const [only, other] = [{ cipherSuites: [first] }, { cipherSuites: [second] }];
      assert.is(scene.visit(only, {}).client.tls.session?.cipherSuite, first);
      const pair = side === "client" ? scene.visit(other, {}) : scene.visit({}, other);
      full(pair);
      assert.is(pair.client.tls.session?.cipherSuite, second);
      assert.is(offers(pair), side === "server");
    }
  });

  test(`by ${kind}: what extended master secret is required by is asked of sessions too`, () => {
    // The session without it is made by hand: both of our sides always have it.
    const scene = new Visits({}, server);
    scene.visit();
    scene.clientCache.change(changed({ extendedMasterSecret: false }));
    const pair = scene.visit({ requireExtendedMasterSecret: true });
    full(pair);
    assert.not(offers(pair));
  });

  test(`by ${kind}: a session whose bytes are rubbish is as good as none, on a client`, () => {
    const scene = new Visits({}, server);
    scene.visit();
    const [good] = scene.clientCache.sessions.values();
    assert.ok(good !== undefined);
    const rubbish: readonly Uint8Array[] = [
      new Uint8Array(0),
      Uint8Array.of(1),
      sampleBytes(500),
      good.subarray(1),
      good.subarray(0, -1),
      new Uint8Array([...good, 0]),
      good.with(0, 99),
      changed({ role: "server", ticket: undefined, sessionId: new Uint8Array(0) })(good),
      changed({ peerCertificates: [Uint8Array.of(1, 2, 3)] })(good),
      changed({ peerCertificates: [], serverName: undefined })(good),
    ];
    for (const bytes of rubbish) {
      scene.clientCache.change(() => bytes);
      const pair = scene.visit();
      full(pair);
      assert.not(offers(pair));
    }
    assert.ok(isResumed(scene.visit()), "the last full handshake left a good one");
  });

  test(`by ${kind}: a connection that fails takes its session along, and one that is cut doesn't`, () => {
    for (const whose of ["made", "resumed"] as const) {
      const scene = new Visits({}, server);
      let pair = scene.visit();
      if (whose === "resumed") assert.ok(isResumed(pair = scene.visit()));
      for (const end of [pair.client, pair.server]) end.take(end.tls.receiveEnd());
      assert.instance(pair.client.error, TruncationError);
      assert.instance(pair.server.error, TruncationError);
      assert.ok(isResumed(pair = scene.visit()));
      // RFC 5246 §7.2.2: "any connection terminated with a fatal alert MUST NOT be resumed."
      pair.client.take(pair.client.tls.receive(Uint8Array.of(23, 3, 3, 0, 1, 0)));
      pair.deliver();
      assert.match(String(pair.client.error), /DecodeError|PeerMisbehavedError/);
      assert.instance(pair.server.error, AlertReceivedError);
      assert.is(scene.clientCache.sessions.size, 0);
      assert.is(scene.serverCache.sessions.size, 0);
      const next = scene.visit();
      full(next);
      assert.not(offers(next));
    }
  });
}

test("by session ID: each side forgets for itself, whoever fails", () => {
  for (const side of ["client", "server"] as const) {
    const scene = new Visits({ tickets: false });
    scene.visit();
    const kept = [copyOf(scene.clientCache), copyOf(scene.serverCache)] as const;
    const pair = scene.visit();
    pair[side].take(pair[side].tls.receive(Uint8Array.of(23, 3, 3, 0, 1, 0)));
    pair.deliver();
    full(scene.visit({ sessionCache: kept[0] }));
    full(scene.visit({ tickets: false }, { sessionCache: kept[1] }));
  }
});

test("by session ID: a handshake that resumes and fails takes the session along on both sides", () => {
  const scene = new Visits({ tickets: false });
  scene.visit();
  const pair = scene.prepare();
  pair.server.take(pair.server.tls.start());
  pair.client.take(pair.client.tls.start());
  for (const bytes of pair.client.outbox.splice(0)) pair.server.take(pair.server.tls.receive(bytes));
  // The last byte of the server's Finished, on the way.
  for (const bytes of pair.server.outbox.splice(0)) {
    pair.client.take(pair.client.tls.receive(bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1)));
  }
  pair.deliver();
  assert.match(String(pair.client.error), /bad_record_mac|cannot be decrypted|Cannot/);
  assert.instance(pair.server.error, AlertReceivedError);
  assert.equal([scene.clientCache.sessions.size, scene.serverCache.sessions.size], [0, 0]);
});

test("by ticket: the server can't forget, which is a stated deviation, and the client does", () => {
  const scene = new Visits({}, tickets);
  scene.visit();
  const kept = copyOf(scene.clientCache);
  const pair = scene.visit();
  pair.server.take(pair.server.tls.receive(Uint8Array.of(23, 3, 3, 0, 1, 0)));
  pair.deliver();
  assert.is(scene.clientCache.sessions.size, 0);
  assert.ok(isResumed(scene.visit({ sessionCache: kept })));
});

test("by ticket: one that was changed anywhere, or cut, is no ticket", () => {
  const scene = new Visits({}, tickets);
  scene.visit();
  const [good] = scene.clientCache.sessions.values();
  assert.ok(good !== undefined);
  const { ticket } = decodeSession(good);
  assert.ok(ticket !== undefined);
  const bad: readonly Uint8Array[] = [
    // RFC 5077 §4: of the key's name, the salt, the sealed session and the tag.
    ...[0, 15, 16, 47, 48, 100, ticket.length - 16, ticket.length - 1].map((at) =>
      ticket.with(at, (ticket[at] ?? 0) ^ 128)
    ),
    ...[1, 15, 16, 47, 48, 63, 64, ticket.length - 1].map((length) => ticket.subarray(0, length)),
    new Uint8Array([...ticket, 0]),
    sampleBytes(300),
  ];
  for (const each of bad) {
    const sessionCache = copyOf(scene.clientCache);
    sessionCache.change(() => changed({ ticket: each })(good));
    const pair = scene.visit({ sessionCache });
    full(pair);
    assert.equal(helloOf(pair.client.transmitted, "ClientHello").extensions.get(sessionTicket), Uint8Array.from(each));
    assert.ok(flowOf(pair.server.transmitted).includes("NewSessionTicket"));
  }
  assert.ok(isResumed(scene.visit()));
});

test("by ticket: one that another server's key sealed under the same name is no ticket", () => {
  const scene = new Visits({}, tickets);
  scene.visit();
  full(scene.visit({}, { ticketKeys: [ticketKey(2)] }));
  scene.visit();
  full(scene.visit({}, { ticketKeys: [{ ...ticketKey(1), key: ticketKey(5).key }] }));
});

test("by ticket: a session that no ticket has room for gets an empty one (RFC 5077 §3.3), and can't be resumed", () => {
  const certificateChain = Array.from({ length: 130 }, () => certificatePem.p256);
  const limits = { maxCertificates: 130 };
  const scene = new Visits({ credentials: [{ ...credentialOf.p256, certificateChain }] }, {
    ...tickets,
    clientAuthentication: "required",
    certificateVerifier: insecureAcceptAnyCertificate,
    limits,
  });
  const pair = scene.visit();
  full(pair);
  assert.is(pair.server.tls.session?.peerCertificates.length, 130);
  assert.ok(helloOf(pair.server.transmitted, "ServerHello").extensions.has(sessionTicket));
  assert.is(scene.clientCache.sessions.size, 0);
  full(scene.visit());
});

test("by session ID: a server that has forgotten makes a full handshake, and the client keeps the new session", () => {
  const scene = new Visits({ tickets: false });
  scene.visit();
  scene.serverCache.sessions.clear();
  const second = scene.visit();
  full(second);
  assert.ok(offers(second));
  assert.ok(isResumed(scene.visit()));
  // A server that keeps none any more: what was offered in vain is thrown away.
  full(scene.visit({}, { sessionCache: undefined }));
  assert.is(scene.clientCache.sessions.size, 0);
});

test("by session ID: rubbish in the server's cache is as good as nothing", () => {
  const scene = new Visits({ tickets: false });
  scene.visit();
  const [good] = scene.serverCache.sessions.values();
  assert.ok(good !== undefined);
  for (
    const bytes of [
      Uint8Array.of(7),
      good.subarray(2),
      changed({ role: "client", sessionId: Uint8Array.of(1) })(good),
      changed({ peerCertificates: [Uint8Array.of(48, 0)] })(good),
      changed({ serverName: "other.example" })(good),
      changed({ verifiedBy: "somebody" })(good),
    ]
  ) {
    scene.serverCache.change(() => bytes);
    const pair = scene.visit();
    full(pair);
    assert.ok(offers(pair));
  }
});

test("once a certificate has expired, on both sides, to the second", () => {
  const issuing = { provider: rememberingProvider, random: seededRandom(9), now: fixedNow() };
  const authority = issueCertificateAuthority({ ...issuing, name: "A CA" });
  const names = ["short.example"];
  const { chain, privateKey } = issueCertificate({ ...issuing, issuer: authority, names, days: 1 });
  const credential = { certificateChain: chain, privateKey };
  const common = { sessionLifetime: 604_800 };
  for (const [, server] of kinds) {
    const scene = new Visits(
      { ...common, serverName: "short.example", trustAnchors: authority.certificate, credentials: [credential] },
      {
        ...common,
        ...server,
        credentials: [credential],
        clientAuthentication: "required",
        trustAnchors: authority.certificate,
      },
    );
    const first = scene.visit();
    assert.is(first.server.error, undefined, String(first.server.error));
    // notAfter is 23:59:59, and that second belongs to it (RFC 5280 §4.1.2.5).
    const end = fixedNow() + 86_400_000;
    scene.time = end - 1;
    assert.ok(isResumed(scene.visit()));
    scene.time += 1;
    const late = scene.visit();
    assert.not(offers(late));
    assert.match(String(late.client.error), /CertificateError: .*(expired|not valid after|was valid until)/);
    // The server's side: a client whose clock stands still, and that shows what the server must not trust any more.
    const stale = scene.visit({ now: () => end - 1 });
    assert.match(String(stale.server.error), /CertificateError/);
  }
});

test("where the client's certificate is required and the session has none", () => {
  for (const [, server] of kinds) {
    const scene = new Visits({}, { ...server, clientAuthentication: "optional", trustAnchors: certificatePem.p384 });
    const first = scene.visit();
    full(first);
    assert.equal(first.server.tls.session?.peerCertificates, []);
    assert.ok(isResumed(scene.visit()));
    const demanding = scene.visit({ sessionCache: copyOf(scene.clientCache) }, { clientAuthentication: "required" });
    assert.ok(offers(demanding));
    assert.ok(flowOf(demanding.server.transmitted).includes("CertificateRequest"));
    assert.match(String(demanding.server.error), /clientAuthentication is required/);
    // Who is asked for nothing, and who trusts others, knows nothing of what the session proved.
    full(
      scene.visit({ sessionCache: copyOf(scene.clientCache) }, {
        clientAuthentication: "none",
        trustAnchors: undefined,
      }),
    );
    full(scene.visit({ sessionCache: copyOf(scene.clientCache) }, { trustAnchors: certificatePem.rsa }));
  }
});

test("never where what the client proved is carried along: the session keeps its certificates", () => {
  for (const [, server] of kinds) {
    const scene = new Visits({ credentials: [credentialOf.p384] }, {
      ...server,
      clientAuthentication: "required",
      certificateVerifier: insecureAcceptAnyCertificate,
    });
    const first = scene.visit();
    full(first);
    const second = scene.visit();
    assert.ok(isResumed(second));
    assert.is(first.server.tls.session?.peerCertificates.length, 1);
    assert.equal(second.server.tls.session?.peerCertificates, first.server.tls.session?.peerCertificates);
    assert.is(second.server.tls.session?.clientSignatureScheme, "ecdsa_secp384r1_sha384");
    assert.not(flowOf(second.server.transmitted).includes("CertificateRequest"));
  }
});

test("at once, where sessions can't be bound to what verifies: a verifier without a name", () => {
  for (const identity of [undefined, "", 5]) {
    const certificateVerifier = { verify: () => {}, identity } as unknown as { verify: () => void };
    const sessionCache = new KeepingCache();
    const usage = (error: unknown): boolean =>
      error instanceof TlsUsageError && /certificateVerifier\.identity is needed/.test(error.message);
    assert.throws(() => createTlsClient(clientConfig("p256", { certificateVerifier, sessionCache })), usage);
    const server = { clientAuthentication: "optional", certificateVerifier } as const;
    assert.throws(() => createTlsServer(serverConfig("p256", { ...server, sessionCache })), usage);
    assert.throws(() => createTlsServer(serverConfig("p256", { ...server, ticketKeys: [ticketKey(1)] })), usage);
    createTlsClient(clientConfig("p256", { certificateVerifier }));
    createTlsServer(serverConfig("p256", server));
  }
});

test("by a cache that throws: the connection fails with internal_error, and says so", () => {
  const broken = (name: "load" | "store" | "remove"): KeepingCache =>
    Object.assign(new KeepingCache(), {
      [name]: () => {
        throw new RangeError("the disk is full");
      },
    });
  for (const side of ["client", "server"] as const) {
    for (const name of ["load", "store"] as const) {
      const scene = new Visits({ tickets: false });
      scene.visit();
      const sessionCache = broken(name);
      for (const [key, session] of scene[`${side}Cache`].sessions) sessionCache.sessions.set(key, session);
      const options = { sessionCache };
      // What is to be stored comes of a full handshake only.
      if (name === "store") scene.clientCache.sessions.clear();
      if (name === "store") sessionCache.sessions.clear();
      const pair = side === "client" ? scene.visit(options) : scene.visit({}, options);
      const { error } = pair[side];
      assert.instance(error, InternalError, `${side} ${name}`);
      assert.match(String(error), /the disk is full/);
      assert.not(pair[side].story.includes("established"));
      if (side === "server" || name === "store") {
        assert.match(String(pair[side === "client" ? "server" : "client"].error), /internal_error/);
      }
    }
    // One that can't forget changes nothing of how a connection fails.
    const scene = new Visits({ tickets: false });
    const sessionCache = broken("remove");
    const options = { sessionCache };
    const pair = side === "client" ? scene.visit(options) : scene.visit({}, options);
    pair[side].take(pair[side].tls.receive(Uint8Array.of(23, 3, 3, 0, 1, 0)));
    const types = pair[side].outputs.map(({ type }) => type);
    assert.equal(types.slice(-3), ["established", "transmit", "failed"], "first the alert, then the failure");
    assert.match(String(pair[side].error), /DecodeError|PeerMisbehavedError/);
    pair.deliver();
    assert.instance(pair[side === "client" ? "server" : "client"].error, AlertReceivedError);
  }
});

test("by ticket keys that can't be had: the connection fails with internal_error", () => {
  const failing: readonly (() => never[])[] = [
    () => {
      throw new RangeError("the vault is locked");
    },
    () => [],
  ];
  for (const ticketKeys of failing) {
    const scene = new Visits({}, tickets);
    scene.visit();
    for (const sessionCache of [scene.clientCache, undefined]) {
      const cache = sessionCache === undefined ? { sessionCache: new KeepingCache() } : {};
      const pair = scene.visit(cache, { ticketKeys });
      assert.instance(pair.server.error, InternalError);
      assert.match(String(pair.server.error), /the vault is locked|Cannot use the ticket keys/);
      assert.match(String(pair.client.error), /internal_error/);
      assert.not(pair.client.story.includes("established"));
    }
  }
});

test("after a failure whose alert can't even be sealed", () => {
  let isBroken = false;
  const provider = {
    ...rememberingProvider,
    cipherSuites: rememberingProvider.cipherSuites.map((suite) => ({
      ...suite,
      aead: {
        ...suite.aead,
        seal: (...parts: Parameters<typeof suite.aead.seal>) => {
          if (isBroken) throw new RangeError("the token was pulled out");
          return suite.aead.seal(...parts);
        },
      },
    })),
  };
  for (const side of ["client", "server"] as const) {
    isBroken = false;
    const scene = new Visits({ tickets: false });
    scene.visit();
    const pair = side === "client" ? scene.visit({ provider }) : scene.visit({}, { provider });
    assert.ok(isResumed(pair));
    isBroken = true;
    pair[side].take(pair[side].tls.receive(Uint8Array.of(23, 3, 3, 0, 1, 0)));
    assert.equal(pair[side].story, ["established", "failed"]);
    assert.is(scene[`${side}Cache`].sessions.size, 0);
  }
});

test("by a cache that answers with something else than bytes, at once: the connection fails, and says so", () => {
  const answering = (value: unknown): SessionCache => ({
    load: () => value as Uint8Array,
    store: () => {},
    remove: () => {},
  });
  for (
    const value of ["session", {}, [1], Promise.resolve(Uint8Array.of(1)), Promise.resolve(undefined), 7, true, false]
  ) {
    for (const side of ["client", "server"] as const) {
      const scene = new Visits({ tickets: false });
      scene.visit();
      const options = { sessionCache: answering(value) };
      const pair = side === "client" ? scene.visit(options) : scene.visit({}, options);
      assert.instance(pair[side].error, InternalError, `${side} ${String(value)}`);
      assert.match(
        String(pair[side].error),
        /sessionCache.load must return bytes, or nothing, at once \(.*"request" lets/,
      );
      assert.match(String(pair[side === "client" ? "server" : "client"].error), /internal_error/);
    }
  }
  for (const value of [undefined, null]) {
    const scene = new Visits({ tickets: false });
    scene.visit();
    full(scene.visit({ sessionCache: answering(value) }));
    full(scene.visit({}, { sessionCache: answering(value) }));
  }
});

test.run();

function copyOf(cache: KeepingCache): KeepingCache {
  const copy = new KeepingCache();
  for (const [key, session] of cache.sessions) copy.store(key, session, Infinity);
  return copy;
}

/** The same session with something else in it. */
function changed(changes: Partial<ResumableSession>): (session: Uint8Array) => Uint8Array {
  return (session) => encodeSession({ ...decodeSession(session), ...changes });
}

function isResumed({ client, server }: Pair): boolean {
  assert.is(client.error ?? server.error, undefined, String(client.error ?? server.error));
  assert.is(client.tls.session?.resumed, server.tls.session?.resumed);
  return client.tls.session?.resumed === true;
}

/** A full handshake, in which the server proves who it is, and the data get through. */
function full(pair: Pair): void {
  assert.not(isResumed(pair));
  assert.ok(flowOf(pair.server.transmitted).includes("Certificate"));
  assert.is(pair.client.tls.session?.serverName, pair.server.tls.session?.serverName);
  pair.client.send(sampleBytes(9));
  pair.deliver();
  assert.equal(pair.server.data, sampleBytes(9));
}

/** Whether the ClientHello names a session. */
function offers({ client }: Pair): boolean {
  const { sessionId, extensions } = helloOf(client.transmitted, "ClientHello");
  return sessionId.length > 0 || (extensions.get(sessionTicket)?.length ?? 0) > 0;
}
