/**
 * Key material and channel bindings of whole connections: the same on both ends, other for every other connection, in full
 * and abbreviated handshakes, and refused where RFC 7627 §5.4 forbids them. RFC 5705; RFC 5929 §3, §4; RFC 9266.
 * The oracle is a PRF made by hand on Web Crypto, with the master secret of the key log.
 */
import { assert, suite } from "../harness.ts";
import { concat } from "../../lib/codec/bytes.ts";
import { TlsUsageError } from "../../lib/error.ts";
import type { CipherSuiteName } from "../../lib/registry.ts";
import { loadCertificates } from "../../lib/x509/load.ts";
import { insecureAcceptAnyCertificate } from "../../lib/x509/verifier.ts";
import { hostileClient, hostileServer } from "../hostile/hostile_peer.ts";
import { clientConfig, credentialOf, sampleBytes, serverConfig } from "../support/fixtures.ts";
import { type End, Pair, wires } from "../support/pair.ts";
import { ticketKey, Visits } from "../support/visits.ts";
import { certificatePem } from "../support/x509_fixtures.ts";
import { helloOf } from "../support/wire_by_hand.ts";

const test = suite("exporter");
const suites: readonly (readonly [CipherSuiteName, "SHA-256" | "SHA-384"])[] = [
  ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "SHA-256"],
  ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "SHA-384"],
];
const keyLog = true;

for (const [cipherSuite, hash] of suites) {
  for (const wire of wires) {
    test(`gives both ends what RFC 5705 §4 computes, under ${cipherSuite}, wire ${wire}`, async () => {
      const options = { cipherSuites: [cipherSuite], keyLog };
      const pair = new Pair(clientConfig("p256", options), serverConfig("p256", options), wire).shake();
      for (const context of [undefined, new Uint8Array(0), sampleBytes(300)]) {
        for (const length of [1, 32, 100]) {
          const [client, server] = [pair.client, pair.server].map(({ tls }) =>
            tls.exportKeyingMaterial("EXPORTER-a test", context, length)
          );
          assert.equal(client, await exportedByHand(pair, hash, "EXPORTER-a test", context, length));
          assert.equal(server, client);
        }
      }
      const bindings = [pair.client, pair.server].map(({ tls }) => tls.channelBinding("tls-exporter"));
      // RFC 9266 §2: the label, a context of no bytes, 32 bytes.
      const byHand = await exportedByHand(pair, hash, "EXPORTER-Channel-Binding", new Uint8Array(0), 32);
      assert.equal(bindings, [byHand, byHand]);
    });
  }
}

test("gives the first Finished as tls-unique: the client's in a full handshake, the server's in an abbreviated one", () => {
  for (const server of [{}, { ticketKeys: [ticketKey(1)], sessionCache: undefined }]) {
    const scene = new Visits({}, server);
    const full = scene.visit();
    const abbreviated = scene.visit();
    assert.is(abbreviated.client.tls.session?.resumed, true);
    for (const [pair, name] of [[full, "clientFinished"], [abbreviated, "serverFinished"]] as const) {
      const [client, other] = [pair.client.tls, pair.server.tls];
      assert.is(client.channelBinding("tls-unique").length, 12);
      assert.equal(client.channelBinding("tls-unique"), client.session?.[name]);
      assert.equal(other.channelBinding("tls-unique"), client.channelBinding("tls-unique"));
    }
    const exported = [full, abbreviated].map(({ client }) =>
      client.tls.exportKeyingMaterial("EXPORTER-x", undefined, 32)
    );
    assert.not.equal(exported[0], exported[1], "another connection of the same session has other keys");
    assert.equal(exported[1], abbreviated.server.tls.exportKeyingMaterial("EXPORTER-x", undefined, 32));
  }
});

test("gives the hash of the server's certificate as tls-server-end-point, whoever the client is", async () => {
  // ECDSA with SHA-256, ECDSA with SHA-384, RSA with SHA-256: the hashes of the certificates' signatures.
  for (const [kind, hash] of [["p256", "SHA-256"], ["rsa", "SHA-256"]] as const) {
    const pair = new Pair(
      clientConfig(kind, { credentials: [credentialOf.ed25519] }),
      serverConfig(kind, { clientAuthentication: "required", certificateVerifier: insecureAcceptAnyCertificate }),
    ).shake();
    const [leaf] = loadCertificates(certificatePem[kind]);
    const expected = new Uint8Array(await crypto.subtle.digest(hash, Uint8Array.from(leaf?.der ?? [])));
    assert.equal(pair.client.tls.channelBinding("tls-server-end-point"), expected);
    assert.equal(pair.server.tls.channelBinding("tls-server-end-point"), expected);
  }
});

test("gives a client tls-server-end-point of a session that it resumes, too", () => {
  const scene = new Visits();
  const first = scene.visit().client.tls.channelBinding("tls-server-end-point");
  const second = scene.visit();
  assert.equal(second.client.tls.channelBinding("tls-server-end-point"), first);
});

test("gives copies", () => {
  const pair = new Pair(clientConfig("p256"), serverConfig("p256")).shake();
  for (const type of ["tls-unique", "tls-server-end-point", "tls-exporter"] as const) {
    const before = pair.client.tls.channelBinding(type).slice();
    pair.client.tls.channelBinding(type).fill(0);
    assert.equal(pair.client.tls.channelBinding(type), before);
    // What the session tells is the embedder's, too.
    const { session } = pair.client.tls;
    for (const bytes of [session?.clientFinished, session?.serverFinished, session?.serverRandom]) bytes?.fill(0);
    for (const certificate of session?.peerCertificates ?? []) certificate.fill(0);
    assert.equal(pair.client.tls.channelBinding(type), before);
  }
});

test("refuses before the handshake is over, and still answers when the connection is", () => {
  const refuses = (run: () => unknown): void =>
    assert.throws(
      run,
      (error: unknown) => error instanceof TlsUsageError && /the handshake isn't over/.test(error.message),
    );
  const pair = new Pair(clientConfig("p256"), serverConfig("p256"));
  for (const { tls } of [pair.client, pair.server]) {
    refuses(() => tls.exportKeyingMaterial("EXPORTER-x", undefined, 16));
    refuses(() => tls.channelBinding("tls-unique"));
  }
  const waiting = new Pair(clientConfig("p256", { certificateVerifier: "request" }), serverConfig("p256")).shake();
  refuses(() => waiting.client.tls.channelBinding("tls-server-end-point"));
  pair.shake();
  const before = pair.client.tls.exportKeyingMaterial("EXPORTER-x", undefined, 16);
  pair.client.close();
  pair.deliver();
  assert.is(pair.client.tls.state, "closed");
  assert.equal(pair.client.tls.exportKeyingMaterial("EXPORTER-x", undefined, 16), before);
});

test("refuses what it can't give: bindings that there aren't, labels of TLS's own", () => {
  const { client: { tls } } = new Pair(clientConfig("p256"), serverConfig("p256")).shake();
  const usage = (says: RegExp) => (error: unknown): boolean =>
    error instanceof TlsUsageError && says.test(error.message);
  for (const type of ["tls-server-end-point ", "TLS-UNIQUE", "", undefined, "constructor"]) {
    assert.throws(() => tls.channelBinding(type as "tls-unique"), usage(/there are tls-unique, tls-server-end-point/));
  }
  assert.throws(() => tls.exportKeyingMaterial("master secret", undefined, 48), usage(/TLS itself uses the label/));
  assert.throws(() => tls.exportKeyingMaterial("EXPORTER-x", undefined, 0), usage(/length is a number of bytes/));
});

test("refuses to export without extended master secret, in both roles, also in a full handshake (RFC 7627 §5.4)", () => {
  for (
    const peer of [
      hostileServer({}, { extendedMasterSecret: false }),
      hostileClient({}, { extendedMasterSecret: false }),
    ]
  ) {
    const { tls } = peer.playAll();
    const refuses = (run: () => unknown): void =>
      assert.throws(run, (error: unknown) => error instanceof TlsUsageError && /RFC 7627 §5\.4/.test(error.message));
    refuses(() => tls.exportKeyingMaterial("EXPORTER-x", undefined, 16));
    refuses(() => tls.channelBinding("tls-exporter"));
    // What a full handshake has that nobody shares: its Finished, and the server's certificate.
    assert.is(tls.channelBinding("tls-unique").length, 12);
    assert.is(tls.channelBinding("tls-server-end-point").length, 32);
  }
});

test.run();

/** RFC 5705 §4 and RFC 5246 §5, with what went over the wire and what the key log says. */
async function exportedByHand(
  pair: Pair,
  hash: string,
  label: string,
  context: Uint8Array | undefined,
  length: number,
): Promise<Uint8Array> {
  const randoms = concat(
    helloOf(pair.client.transmitted, "ClientHello").random,
    helloOf(pair.server.transmitted, "ServerHello").random,
  );
  const said = context === undefined ? [] : [context.length >> 8, context.length & 255, ...context];
  const seed = concat(new TextEncoder().encode(label), randoms, Uint8Array.from(said));
  const key = await crypto.subtle.importKey("raw", masterSecretOf(pair.client), { name: "HMAC", hash }, false, [
    "sign",
  ]);
  const hmac = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  let [a, out] = [await hmac(seed), new Uint8Array(0)];
  while (out.length < length) {
    out = concat(out, await hmac(concat(a, seed)));
    a = await hmac(a);
  }
  return out.slice(0, length);
}

function masterSecretOf({ outputs }: End): Uint8Array<ArrayBuffer> {
  const line = outputs.flatMap((output) => output.type === "keyLog" ? [output.line] : [])[0] ?? "";
  return Uint8Array.from((line.split(" ")[2] ?? "").match(/../g) ?? [], (hex) => parseInt(hex, 16));
}
