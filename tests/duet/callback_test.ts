/**
 * What an embedder's functions may do while a connection calls them: not call back in, and throw whatever they like.
 * A call from inside a call would put things out of their order: an attacker's program had a server send data in
 * plaintext so, in the middle of its second handshake message.
 */
import { assert, suite } from "../harness.ts";
import { toHex } from "../../lib/codec/bytes.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { createTlsClient, createTlsServer, thawTlsClient, type TlsConnection } from "../../lib/core.ts";
import { createSigner } from "../../lib/crypto/signer.ts";
import { AlertReceivedError, CertificateError, InternalError, TlsUsageError } from "../../lib/error.ts";
import { loadPrivateKey } from "../../lib/x509/load.ts";
import {
  clientConfig,
  fixedNow,
  rememberingProvider,
  sampleBytes,
  seededRandom,
  serverConfig,
} from "../support/fixtures.ts";
import { Pair } from "../support/pair.ts";
import { openRequest } from "../support/requests.ts";
import { KeepingCache, ticketKey } from "../support/visits.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";

const test = suite("callbacks");
type Side = "client" | "server";

/** Every call that there is. */
const calls: Readonly<Record<string, (tls: TlsConnection) => unknown>> = {
  "start": (tls) => tls.start(),
  "receive": (tls) => tls.receive(Uint8Array.of(21, 3, 3, 0, 2, 2, 40)),
  "receiveEnd": (tls) => tls.receiveEnd(),
  "send": (tls) => tls.send(sampleBytes(20)),
  "answer": (tls) => tls.answer(1, true),
  "close": (tls) => tls.close(),
  "freeze": (tls) => tls.freeze(),
  "export key material": (tls) => tls.exportKeyingMaterial("EXPORTER test", undefined, 20),
  "give a channel binding": (tls) => tls.channelBinding("tls-unique"),
};

/** What a function of the embedder's does first, each time. */
type Deed = () => void;
type Options = { readonly client?: Partial<ClientConfig>; readonly server?: Partial<ServerConfig> };

interface Callback {
  readonly side: Side;
  readonly name: string;
  /** The configurations in which it is called, with a deed before its work. */
  readonly doing: (deed: Deed) => Options;
}

const signer = createSigner(
  loadPrivateKey(privateKeyPem.p256Pkcs8),
  rememberingProvider.signatureSchemes,
  seededRandom(3),
);

function signing(deed: Deed): Partial<ClientConfig & ServerConfig> {
  const { schemes, publicKey, sign } = signer;
  const acting = (...parts: Parameters<typeof sign>): ReturnType<typeof sign> => (deed(), sign(...parts));
  return { credentials: [{ certificateChain: certificatePem.p256, signer: { schemes, publicKey, sign: acting } }] };
}

function verifying(deed: Deed): Partial<ClientConfig & ServerConfig> {
  return { trustAnchors: undefined, certificateVerifier: { verify: deed, identity: "whoever acts" } };
}

const proving: Partial<ServerConfig> = { clientAuthentication: "required", trustAnchors: certificatePem.p256 };
const oneSided = (side: Side, options: Partial<ClientConfig & ServerConfig>): Options => ({ [side]: options });

function caching(name: "load" | "store") {
  return (deed: Deed): Partial<ClientConfig & ServerConfig> => {
    const cache = new KeepingCache();
    const did = (at: string): void => name === at ? deed() : undefined;
    return {
      sessionCache: {
        load: (key) => (did("load"), cache.load(key)),
        store: (...parts) => (did("store"), cache.store(...parts)),
        remove: (key) => cache.remove(key),
      },
    };
  };
}

const callbacks: readonly Callback[] = [
  ...(["client", "server"] as const).flatMap((side): readonly Callback[] => {
    const acting = (deed: Deed): Options => {
      const random = seededRandom(31);
      return oneSided(side, { random: (length) => (deed(), random(length)) });
    };
    return [
      { side, name: "random", doing: acting },
      { side, name: "now", doing: (deed) => oneSided(side, { now: () => (deed(), fixedNow()) }) },
      { side, name: "sessionCache.store", doing: (deed) => oneSided(side, caching("store")(deed)) },
    ];
  }),
  { side: "client", name: "sessionCache.load", doing: (deed) => oneSided("client", caching("load")(deed)) },
  { side: "client", name: "certificateVerifier.verify", doing: (deed) => oneSided("client", verifying(deed)) },
  { side: "client", name: "signer.sign", doing: (deed) => ({ client: signing(deed), server: proving }) },
  {
    side: "server",
    name: "certificateVerifier.verify",
    doing: (deed) => ({ client: signing(() => {}), server: { ...proving, ...verifying(deed) } }),
  },
  { side: "server", name: "signer.sign", doing: (deed) => oneSided("server", signing(deed)) },
  {
    side: "server",
    name: "ticketKeys",
    doing: (deed) => oneSided("server", { ticketKeys: () => (deed(), [ticketKey(1)]) }),
  },
];

/** A pair with tickets, or with session IDs where a cache of the server's is looked at, and the deed on one side. */
function pairOf({ doing, name, side }: Callback, deed: (tls: TlsConnection) => void): Pair {
  const made: Pair[] = [];
  const { client, server } = doing(() => made.forEach((pair) => deed(pair[side].tls)));
  const byId = side === "server" && name.startsWith("sessionCache");
  const pair = new Pair(
    clientConfig("p256", { sessionCache: new KeepingCache(), ...client }),
    serverConfig("p256", { ...(byId ? {} : { ticketKeys: [ticketKey(1)] }), ...server }),
  );
  made.push(pair);
  return pair;
}

for (const callback of callbacks) {
  const { side, name } = callback;
  const other = side === "client" ? "server" : "client";

  test(`can't call their connection: ${side}, ${name}`, () => {
    // The provider remembers signatures, and draws nothing for one that it has made before.
    pairOf(callback, () => {}).shake();
    const plain = pairOf(callback, () => {}).shake();
    const said = new Map<string, Set<string>>();
    const pair = pairOf(callback, (tls) => {
      for (const [call, make] of Object.entries(calls)) note(said, call, () => make(tls));
    }).shake();
    for (const call of Object.keys(calls)) {
      assert.equal([...said.get(call) ?? []], [`TlsUsageError: Cannot ${call}: a call on the connection is going on`]);
    }
    for (const each of [pair, plain]) assert.is(each.server.tls.state, "live.connected", String(each.server.error));
    for (const each of ["client", "server"] as const) {
      assert.equal(pair[each].transmitted.map(toHex), plain[each].transmitted.map(toHex), "nothing else was sent");
    }
    // Afterwards every call is possible again.
    pair[side].send(sampleBytes(5));
    pair.deliver();
    assert.equal(pair[other].data, sampleBytes(5));
    pair[side].close();
    pair.deliver();
    assert.is(pair[side].tls.state, "closed");
  });

  test(`that don't catch what their call threw end the connection: ${side}, ${name}`, () => {
    const pair = pairOf(callback, (tls) => void tls.close()).shake();
    const { error } = pair[side];
    assert.instance(error, InternalError);
    assert.match(String(error), /Something that the connection uses failed: Cannot close: a call on the connection is/);
    assert.instance((error as InternalError).cause, TlsUsageError);
    isRefused(pair, other);
  });

  for (const [what, thrown, says] of oddities()) {
    test(`may throw ${what}: ${side}, ${name}`, () => {
      const pair = pairOf(callback, () => {
        throw thrown;
      }).shake();
      const { error, tls } = pair[side];
      assert.instance(error, InternalError, String(tls.state));
      assert.match((error as InternalError).message, says);
      if (what !== "a proxy that lets nobody look") assert.is((error as InternalError).cause, thrown);
      isRefused(pair, other);
      // It isn't stuck in that call.
      assert.equal([...tls.close(), ...tls.receive(Uint8Array.of(1)), ...tls.receiveEnd(), ...tls.answer(1, true)], []);
      assert.is(tls.freeze().state, "failed");
    });
  }
}

test("can't call their connection while it fails, either: when its session is forgotten", () => {
  for (const side of ["client", "server"] as const) {
    const said = new Map<string, Set<string>>();
    const made: Pair[] = [];
    const forgetting = (cache: KeepingCache): KeepingCache =>
      Object.assign(cache, {
        remove: () => {
          for (const [call, make] of Object.entries(calls)) {
            made.forEach((pair) => note(said, call, () => make(pair[side].tls)));
          }
        },
      });
    const [ours, theirs] = [new KeepingCache(), new KeepingCache()];
    const pair = new Pair(
      clientConfig("p256", { tickets: false, sessionCache: side === "client" ? forgetting(ours) : ours }),
      serverConfig("p256", { sessionCache: side === "server" ? forgetting(theirs) : theirs }),
    ).shake();
    made.push(pair);
    pair[side].take(pair[side].tls.receive(Uint8Array.of(23, 3, 3, 0, 1, 0)));
    assert.is(pair[side].tls.state, "failed");
    for (const call of Object.keys(calls)) {
      assert.equal([...said.get(call) ?? []], [`TlsUsageError: Cannot ${call}: a call on the connection is going on`]);
    }
  }
});

test("have no way to data in plaintext: not even in the middle of a renewed ticket, where a server may send", () => {
  const secret = new TextEncoder().encode("only for the client's eyes");
  let server: TlsConnection | undefined;
  const leaked: unknown[] = [];
  const ticketKeys = () => {
    try {
      if (server?.session !== undefined || server?.state === "live.connected") leaked.push(server.send(secret));
    } catch (error) {
      assert.instance(error, TlsUsageError);
    }
    return [ticketKey(2), ticketKey(1)];
  };
  const sessionCache = new KeepingCache();
  for (const seed of [11, 12, 13]) {
    const pair = new Pair(
      clientConfig("p256", { sessionCache, random: seededRandom(seed) }),
      serverConfig("p256", { ticketKeys, random: seededRandom(seed + 50) }),
    );
    server = pair.server.tls;
    pair.shake();
    assert.is(pair.client.tls.state, "live.connected");
    assert.equal(leaked, []);
    assert.not(pair.server.transmitted.map(toHex).join("").includes(toHex(secret)));
  }
});

test("of an answer, getters and the like, can't call their connection either", () => {
  for (const call of ["close", "send", "answer", "freeze"] as const) {
    const pair = new Pair(clientConfig("p256"), serverConfig("p256", { credentials: "request" })).shake();
    const { server } = pair;
    const { id } = openRequest(server, "chooseCredential");
    const said = new Map<string, Set<string>>();
    const credential = {
      privateKey: privateKeyPem.p256Pkcs8,
      get certificateChain() {
        note(said, call, () => calls[call]?.(server.tls));
        return certificatePem.p256;
      },
    };
    server.take(server.tls.answer(id, credential));
    assert.equal([...said.get(call) ?? []], [`TlsUsageError: Cannot ${call}: a call on the connection is going on`]);
    pair.deliver();
    assert.is(pair.client.tls.state, "live.connected");
  }
});

test("may throw one and the same verdict, frozen or not, again and again: each time its alert is sent", () => {
  for (const change of [Object.freeze, Object.seal, (error: Error) => error]) {
    const verdict = change(new CertificateError("certificate_revoked", "It is on the list", { check: "revocation" }));
    for (const seed of [1, 2]) {
      for (const by of ["throwing", "answering"] as const) {
        const certificateVerifier = by === "answering" ? "request" : {
          verify: () => {
            throw verdict;
          },
        };
        const pair = new Pair(
          clientConfig("p256", { certificateVerifier, random: seededRandom(seed) }),
          serverConfig("p256"),
        );
        const { client, server } = pair.shake();
        if (by === "answering") client.take(client.tls.answer(openRequest(client, "verifyCertificate").id, verdict));
        pair.deliver();
        assert.is(client.error, verdict);
        assert.equal(client.story.slice(-1), ["failed"]);
        assert.instance(server.error, AlertReceivedError);
        assert.match(String(server.error), /certificate_revoked/);
      }
    }
  }
});

test("that fail before anything is said leave a connection that is over, and can be frozen", () => {
  const broken = { ...new KeepingCache(), store: () => {}, remove: () => {}, load: () => fail(Object.create(null)) };
  const options = clientConfig("p256", { sessionCache: broken });
  const client = createTlsClient(options);
  const types = client.start().map(({ type }) => type);
  assert.equal(types, ["transmit", "failed"]);
  assert.is(thawTlsClient(client.freeze(), options).state, "failed");
  const server = createTlsServer(serverConfig("p256", { onClientHello: "request" }));
  assert.equal(server.start(), []);
});

test.run();

function note(said: Map<string, Set<string>>, call: string, make: () => unknown): void {
  const words = said.get(call) ?? new Set();
  said.set(call, words);
  try {
    make();
    words.add("nothing was thrown");
  } catch (error) {
    words.add(String(error));
  }
}

function fail(thrown: unknown): never {
  throw thrown;
}

/** The peer was told, as far as it was there. */
function isRefused({ client, server }: Pair, other: Side): void {
  const { error, outputs } = { client, server }[other];
  // A server that answers nothing more has been told nothing more than that.
  if (outputs.length === 0) return assert.is(error, undefined);
  assert.instance(error, AlertReceivedError);
  assert.match(String(error), /internal_error/);
}

/** What can be thrown, and can't be made into text, or isn't what it seems. */
function oddities(): readonly (readonly [what: string, thrown: unknown, says: RegExp])[] {
  const trap = (): never => fail(new RangeError("a trap"));
  const textless = /what it threw has no text/;
  class Unspeakable extends Error {
    override get message(): string {
      return trap();
    }
  }
  return [
    ["an object without a prototype", Object.create(null), textless],
    ["an error whose message can't be read", new Unspeakable(), textless],
    ["an object whose toString throws", { toString: trap }, textless],
    [
      "a proxy that lets nobody look",
      new Proxy({}, { get: trap, getPrototypeOf: trap, has: trap }),
      /has no text|a trap/,
    ],
    ["a symbol", Symbol("a sign"), /failed: Symbol\(a sign\)/],
    ["nothing", undefined, /failed: undefined/],
    [
      "an error whose message is no text",
      Object.assign(new Error(), { message: { toString: () => "odd" } }),
      /failed: odd/,
    ],
  ];
}
