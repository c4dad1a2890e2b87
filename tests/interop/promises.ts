/**
 * What is promised with every peer, in both roles: each suite with each kind of certificate and each group, schemes,
 * ALPN, single bytes, ten megabytes, both orders of closing, and refusals.
 */
import { assert, type Suite, suite } from "../harness.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import type { Credential } from "../../lib/credential.ts";
import { AlertReceivedError, CertificateError, TruncationError } from "../../lib/error.ts";
import type { CipherSuiteName, NamedGroupName, SignatureSchemeName } from "../../lib/registry.ts";
import { type KeyKind, schemesOf } from "../support/fixtures.ts";
import { rootPem, serverIdentity, serverNameOf, strangerFile, strangerPem } from "./certificates.ts";
import {
  latin1,
  payload,
  type Peer,
  type PeerClient,
  type PeerClientOptions,
  type PeerServer,
  type PeerServerOptions,
  type PromiseWord,
  type Seen,
} from "./peer.ts";
import { ourClient, type OurServer, ourServer, type Talk } from "./talk.ts";

/** A client of ours for a peer's server. */
export function clientOf(port: number, kind: KeyKind, config: Partial<ClientConfig> = {}, cut?: number): Talk {
  return ourClient(port, kind, { serverName: serverNameOf(kind), trustAnchors: rootPem, ...config }, cut);
}

export const credentialOfPeer = (kind: KeyKind): Credential => ({
  certificateChain: serverIdentity(kind).certificatePem,
  privateKey: serverIdentity(kind).privateKeyPem,
});

/** Tests with one peer, each skipped where the peer is missing or makes no such promise. */
export class PeerTests {
  readonly peer: Peer;
  readonly #suite: Suite;

  constructor(peer: Peer, about: string) {
    this.peer = peer;
    this.#suite = suite(`${peer.name}: ${about}`);
  }

  /** As a server: with the peer's server started, and stopped at the end. */
  withServer(
    word: PromiseWord | undefined,
    title: string,
    options: PeerServerOptions,
    body: (server: PeerServer) => Promise<void>,
  ): void {
    const { startServer } = this.peer;
    if (startServer === undefined) return;
    this.#add(word, `as a server ${title}`, async () => {
      const server = await startServer(options);
      try {
        await body(server);
      } finally {
        server.stop();
      }
    });
  }

  /** As a client: with our server listening, whose configuration may change between connections. */
  withClients(
    word: PromiseWord | undefined,
    title: string,
    kind: KeyKind,
    body: (scene: ClientScene) => Promise<void>,
    cut?: number,
  ): void {
    if (this.peer.startClient === undefined) return;
    this.#add(word, `as a client ${title}`, async () => {
      const config: { -readonly [Name in keyof ServerConfig]?: ServerConfig[Name] } = {
        credentials: [credentialOfPeer(kind)],
      };
      const server = await ourServer(kind, config, cut);
      const scene = new ClientScene(this.peer, server, kind, config);
      try {
        await body(scene);
      } finally {
        scene.stop();
      }
    });
  }

  run(): void {
    this.#suite.run();
  }

  #add(word: PromiseWord | undefined, title: string, body: () => Promise<void>): void {
    if (word !== undefined && this.peer.cannot[word] !== undefined) return;
    if (this.peer.missing === undefined) this.#suite(title, body);
    else this.#suite.skip(title, this.peer.missing);
  }
}

/** A server of ours that a peer's clients are sent to. */
export class ClientScene {
  /** What our server is told for the next connection. */
  readonly config: { -readonly [Name in keyof ServerConfig]?: ServerConfig[Name] };
  readonly #peer: Peer;
  readonly #server: OurServer;
  readonly #kind: KeyKind;
  readonly #clients: PeerClient[] = [];

  constructor(peer: Peer, server: OurServer, kind: KeyKind, config: ClientScene["config"]) {
    this.#peer = peer;
    this.#server = server;
    this.#kind = kind;
    this.config = config;
  }

  /** The name that this peer's client asks for. */
  get name(): string {
    return this.#peer.clientAsksFor ?? serverNameOf(this.#kind);
  }

  /** A client of the peer's, and our end of its connection. */
  async connect(options: Partial<PeerClientOptions> = {}): Promise<readonly [PeerClient, Talk]> {
    const { startClient } = this.#peer;
    if (startClient === undefined) throw new Error(`${this.#peer.name} has no client`);
    const talk = this.#server.next();
    const client = await startClient({ port: this.#server.port, kind: this.#kind, ...options });
    this.#clients.push(client);
    return [client, await talk];
  }

  /** One more connection of a client that makes several. */
  next(): Promise<Talk> {
    return this.#server.next();
  }

  stop(): void {
    for (const client of this.#clients) client.stop();
    this.#server.close();
  }
}

/** What is bound to a connection, from when it was open. */
const bindings = new WeakMap<Talk, { readonly exported: string; readonly unique: string }>();

/** Data there and back. */
export async function exchange(talk: Talk, end: PeerServer | PeerClient, length = 100): Promise<void> {
  if (talk.error !== undefined) throw talk.error;
  bindings.set(talk, { exported: exportedBy(talk), unique: uniqueOf(talk) });
  if (end.exchange !== undefined) return await end.exchange(talk, length);
  const data = payload(length);
  const before = talk.length;
  talk.send(data);
  await talk.until(() => talk.length >= before + data.length, 30_000);
  assert.ok(Buffer.compare(talk.data.subarray(before), data) === 0, "other data came back");
}

/** Ends it from our side, if it isn't over. Not every peer answers close_notify. */
export async function finish(talk: Talk): Promise<void> {
  if (talk.tls.state !== "closed") talk.close();
  await talk.over().catch((error: unknown) => {
    if (!(error instanceof TruncationError)) throw error;
  });
}

/** What both sides saw is the same. */
export function agrees(talk: Talk, seen: Seen, name: string): void {
  const { session } = talk.tls;
  assert.ok(session !== undefined);
  if (session === undefined) return;
  const ours: Seen = {
    cipherSuite: session.cipherSuite,
    namedGroup: session.namedGroup,
    alpnProtocol: session.alpnProtocol ?? "",
    serverName: session.serverName ?? "",
    extendedMasterSecret: session.extendedMasterSecret,
    encryptThenMac: session.encryptThenMac,
    resumed: session.resumed,
    ...bindings.get(talk),
  };
  assert.is(session.version, "TLSv1.2");
  assert.is(session.serverName, name);
  for (const [member, value] of Object.entries(seen)) {
    if (value === undefined || !(member in ours)) continue;
    assert.is(ours[member as keyof Seen], value, `${member}: ${JSON.stringify([ours, seen])}`);
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const exportedBy = (talk: Talk): string => hex(talk.tls.exportKeyingMaterial("EXPORTER-interop", undefined, 32));
const uniqueOf = (talk: Talk): string => hex(talk.tls.channelBinding("tls-unique"));

/** The suites and groups that a peer has for a kind of certificate; a client must offer the curve of the key. */
export function combinations(
  peer: Peer,
  kind: KeyKind,
  suites: readonly CipherSuiteName[],
  groups: readonly NamedGroupName[],
): readonly (readonly [CipherSuiteName, NamedGroupName])[] {
  const ofKind = suites.filter((name) => name.includes(kind === "rsa" ? "_RSA_" : "_ECDSA_"));
  return ofKind.filter((name) => peer.cipherSuites.includes(name)).flatMap((cipherSuite) =>
    groups.filter((name) => peer.namedGroups.includes(name)).map((namedGroup) => [cipherSuite, namedGroup] as const)
  );
}

/** RFC 8422 §5.1: the groups are for the curve of the certificate too, and the first is the one that is used. */
export function groupsWith(kind: KeyKind, namedGroup: NamedGroupName): readonly NamedGroupName[] {
  const own: readonly NamedGroupName[] = kind === "p256" ? ["secp256r1"] : kind === "p384" ? ["secp384r1"] : [];
  return [...new Set([namedGroup, ...own])];
}

/** RFC 8422 §5.10: an ECDSA scheme is of any curve in TLS 1.2, but some implementations bind it as TLS 1.3 does. */
function schemesFor(peer: Peer, kind: KeyKind): readonly SignatureSchemeName[] {
  if (!peer.bindsSchemes || (kind !== "p256" && kind !== "p384")) return schemesOf[kind];
  return [kind === "p256" ? "ecdsa_secp256r1_sha256" : "ecdsa_secp384r1_sha384"];
}

/** The basic promises with one peer. */
export function promiseBasics(
  peer: Peer,
  suites: readonly CipherSuiteName[],
  groups: readonly NamedGroupName[],
): void {
  const tests = new PeerTests(peer, "basics");
  for (const kind of peer.kinds) {
    tests.withServer(
      undefined,
      `agrees with us on every suite, group and scheme (${kind})`,
      { kind },
      async (server) => {
        for (const [cipherSuite, namedGroup] of combinations(peer, kind, suites, groups)) {
          const config = { cipherSuites: [cipherSuite], namedGroups: groupsWith(kind, namedGroup) };
          const talk = await clientOf(server.port, kind, config).established();
          await exchange(talk, server);
          await finish(talk);
          agrees(talk, await server.seen(talk), serverNameOf(kind));
          assert.is(talk.tls.session?.cipherSuite, cipherSuite);
          if (config.namedGroups.length === 1) assert.is(talk.tls.session?.namedGroup, namedGroup);
        }
        for (const scheme of schemesFor(peer, kind)) {
          // RFC 5246 §7.4.2: some servers hold their certificates to the same list, and ours were signed with this scheme.
          const forChain = peer.bindsSchemes ? ["ecdsa_secp256r1_sha256" as const] : [];
          const signatureSchemes = [...new Set([scheme, ...forChain])];
          const talk = await clientOf(server.port, kind, { signatureSchemes }).established();
          await exchange(talk, server);
          await finish(talk);
          agrees(talk, await server.seen(talk), serverNameOf(kind));
          assert.is(talk.tls.session?.signatureScheme, scheme);
        }
      },
    );

    tests.withClients(undefined, `agrees with us on every suite, group and scheme (${kind})`, kind, async (scene) => {
      for (const [cipherSuite, namedGroup] of combinations(peer, kind, suites, groups)) {
        // Our own list doesn't bind the curve of our key: the peer's offer does.
        Object.assign(scene.config, { cipherSuites: [cipherSuite], namedGroups: [namedGroup] });
        const [client, talk] = await scene.connect();
        await talk.established();
        await exchange(talk, client);
        if (talk.tls.state !== "closed") talk.close();
        agrees(talk, await client.seen(talk), scene.name);
        assert.is(talk.tls.session?.cipherSuite, cipherSuite);
        assert.is(talk.tls.session?.namedGroup, namedGroup);
        client.stop();
      }
      Object.assign(scene.config, { cipherSuites: undefined, namedGroups: undefined });
      for (const scheme of schemesFor(peer, kind)) {
        scene.config.signatureSchemes = [scheme];
        const [client, talk] = await scene.connect();
        await talk.established();
        await exchange(talk, client);
        assert.is(talk.tls.session?.signatureScheme, scheme);
        client.stop();
      }
    });
  }

  const [kind] = ["p256"] as const;
  const alpnProtocols = ["http/1.1"];
  tests.withServer("server:alpn", "agrees with us on ALPN", { kind, alpnProtocols }, async (server) => {
    const talk = await clientOf(server.port, kind, { alpnProtocols: ["h2", "http/1.1"] }).established();
    await exchange(talk, server);
    await finish(talk);
    agrees(talk, await server.seen(talk), serverNameOf(kind));
    assert.is(talk.tls.session?.alpnProtocol, "http/1.1");
  });
  tests.withClients("client:alpn", "agrees with us on ALPN", kind, async (scene) => {
    scene.config.alpnProtocols = ["h3", "http/1.1"];
    const [client, talk] = await scene.connect({ alpnProtocols });
    await talk.established();
    await exchange(talk, client);
    if (talk.tls.state !== "closed") talk.close();
    agrees(talk, await client.seen(talk), scene.name);
    assert.is(talk.tls.session?.alpnProtocol, "http/1.1");
  });

  tests.withServer("server:singleBytes", "is told and tells everything in single bytes", { kind }, async (server) => {
    const talk = await clientOf(server.port, kind, {}, 1).established();
    await exchange(talk, server, 3000);
    await finish(talk);
  });
  tests.withClients("client:singleBytes", "is told and tells everything in single bytes", kind, async (scene) => {
    const [client, talk] = await scene.connect({ length: 3000 });
    await talk.established();
    await exchange(talk, client, 3000);
  }, 1);

  for (const cipherSuite of bulkSuites) {
    const title = `carries ten megabytes both ways (${cipherSuite})`;
    tests.withServer("server:tenMegabytes", title, { kind }, async (server) => {
      const talk = await clientOf(server.port, kind, { cipherSuites: [cipherSuite] }).established();
      await exchange(talk, server, tenMegabytes);
      await finish(talk);
    });
    tests.withClients("client:tenMegabytes", title, kind, async (scene) => {
      scene.config.cipherSuites = [cipherSuite];
      const [client, talk] = await scene.connect({ length: tenMegabytes });
      await talk.established();
      await exchange(talk, client, tenMegabytes);
    });
  }

  promiseEndings(tests, kind);
  promiseRefusals(tests, kind);
  tests.run();
}

const tenMegabytes = 10_000_000;
const bulkSuites: readonly CipherSuiteName[] = ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"];

function promiseEndings(tests: PeerTests, kind: KeyKind): void {
  const endings = (talk: Talk): readonly string[] => talk.outputs.slice(-2).map(({ type }) => type);
  tests.withServer("server:closesSecond", "answers our close_notify with its own", { kind }, async (server) => {
    const talk = await clientOf(server.port, kind).established();
    talk.close();
    await talk.over();
    assert.equal(endings(talk), ["peerClosed", "closed"]);
  });
  tests.withClients("client:closesSecond", "answers our close_notify with its own", kind, async (scene) => {
    const [client, talk] = await scene.connect();
    await talk.established();
    await exchange(talk, client);
    talk.close();
    await talk.over();
    assert.equal(endings(talk), ["peerClosed", "closed"]);
  });
  tests.withServer("server:closesFirst", "closes first, with close_notify", { kind }, async (server) => {
    const talk = await clientOf(server.port, kind).established();
    if (server.closeFirst) await server.closeFirst(talk);
    else talk.send(latin1("CLOSE\n"));
    await talk.over();
    assert.ok(talk.outputs.some(({ type }) => type === "peerClosed"));
    assert.is(talk.error, undefined);
  });
  tests.withClients("client:closesFirst", "closes first, with close_notify", kind, async (scene) => {
    const [client, talk] = await scene.connect();
    await talk.established();
    await exchange(talk, client);
    client.close();
    await talk.over();
    assert.ok(talk.outputs.some(({ type }) => type === "peerClosed"));
    assert.is(talk.error, undefined);
  });
}

function promiseRefusals(tests: PeerTests, kind: KeyKind): void {
  tests.withServer("server:refuses", "is refused with another name or an unknown CA", { kind }, async (server) => {
    const named = await clientOf(server.port, kind, { serverName: "other.example" }).failure();
    assert.instance(named, CertificateError);
    await server.toldAlert?.("bad_certificate");
    const unknown = await clientOf(server.port, kind, { trustAnchors: strangerPem }).failure();
    assert.instance(unknown, CertificateError);
    await server.toldAlert?.("unknown_ca");
  });
  tests.withClients("client:refuses", "refuses us with another name or an unknown CA", kind, async (scene) => {
    const [named, talk] = await scene.connect({ serverName: "other.example" });
    const misnamed = await talk.failure().catch(() => undefined);
    // Some send an alert, some just go away.
    if (misnamed !== undefined) assert.ok(talk.tls.session === undefined || misnamed !== undefined);
    await named.failed();
    const [unknown, other] = await scene.connect({ trusts: strangerFile });
    const error = await other.failure();
    assert.instance(error, AlertReceivedError);
    assert.match(error.message, /alert (?:unknown_ca|bad_certificate|certificate_unknown|decrypt_error)/);
    await unknown.failed();
  });
}
