/**
 * Whole connections of our client with our server under every suite, group, key and scheme of the default provider, the
 * CBC suites with their opt-in, and under keys that are used up.
 */
import { assert, suite } from "../harness.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { nobleProvider } from "../../lib/crypto/noble_provider.ts";
import { AlertReceivedError, InternalError } from "../../lib/error.ts";
import { defaultLimits } from "../../lib/limits.ts";
import type { SignatureSchemeName } from "../../lib/registry.ts";
import { fixedNow, rememberingProvider, sampleBytes, seededRandom } from "../support/fixtures.ts";
import { Pair, type Wire, wires } from "../support/pair.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";

const test = suite("algorithms");

/** The certificates of each kind of key, the form in which its key lies around, and what it can sign with. */
const ecdsa = ["ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512"] as const;
const keys = {
  p256: { key: "p256Pkcs8", schemes: ecdsa },
  p384: { key: "p384Pkcs8", schemes: ecdsa },
  p521: { key: "p521Sec1", schemes: ecdsa },
  ed25519: { key: "ed25519Pkcs8", schemes: ["ed25519"] },
  ed448: { key: "ed448Pkcs8", schemes: ["ed448"] },
  rsa: {
    key: "rsaPkcs8",
    schemes: nobleProvider.signatureSchemes.filter(({ keyType }) => keyType === "rsa").map(({ name }) => name),
  },
} as const;
type Kind = keyof typeof keys;

function pairOf(
  kind: Kind,
  client: Partial<ClientConfig>,
  server: Partial<ServerConfig> = {},
  wire: Wire = "whole",
): Pair {
  const common = { provider: rememberingProvider, now: fixedNow };
  const names = { serverName: `${kind}.fixture.example`, trustAnchors: certificatePem[kind] };
  const credential = { certificateChain: certificatePem[kind], privateKey: privateKeyPem[keys[kind].key] };
  return new Pair(
    { ...common, ...names, random: seededRandom(1), ...client },
    { ...common, credentials: [credential], random: seededRandom(2), ...server },
    wire,
  );
}

function talks(pair: Pair): void {
  for (const [from, to] of [[pair.client, pair.server], [pair.server, pair.client]] as const) {
    for (const length of [1, 16, 40_000]) from.send(sampleBytes(length));
    pair.deliver();
    assert.is(to.data.length, 40_017);
    assert.equal(to.data.subarray(17), sampleBytes(40_000));
  }
  pair.client.close();
  pair.deliver();
  assert.equal([pair.client.story.at(-1), pair.server.story.at(-1)], ["closed", "closed"]);
}

for (const kind of Object.keys(keys).filter((each): each is Kind => each in keys)) {
  test(`connect with a ${kind} certificate and every scheme that its key can sign with`, () => {
    const schemes: readonly SignatureSchemeName[] = keys[kind].schemes;
    for (const scheme of schemes) {
      const pair = pairOf(kind, { signatureSchemes: [scheme] }).shake();
      assert.is(pair.client.tls.session?.signatureScheme, scheme);
      talks(pair);
    }
  });
}

test("connect on every group", () => {
  for (const { name } of nobleProvider.namedGroups) {
    const pair = pairOf("ed25519", {}, { namedGroups: [name] }).shake();
    assert.is(pair.client.tls.session?.namedGroup, name);
    talks(pair);
  }
});

for (const { name } of nobleProvider.legacyCipherSuites ?? []) {
  const kind = name.includes("_RSA_") ? "rsa" : "p256";

  test(`connect under ${name} where both opt in, with encrypt-then-MAC, on every wire`, () => {
    for (const wire of wires) {
      const pair = pairOf(kind, { legacyCbc: true, cipherSuites: [name] }, { legacyCbc: true }, wire).shake();
      for (const { tls } of [pair.client, pair.server]) {
        assert.equal([tls.session?.cipherSuite, tls.session?.encryptThenMac], [name, true]);
      }
      talks(pair);
    }
  });

  test(`don't connect under ${name} where the server doesn't opt in`, () => {
    const pair = pairOf(kind, { legacyCbc: true, cipherSuites: [name] }).shake();
    const { error } = pair.client;
    assert.ok(error instanceof AlertReceivedError && error.description === "handshake_failure");
    assert.match(String(pair.server.error), /Cannot agree on a cipher suite/);
  });
}

/** How many records each side has sealed when both are connected: its Finished. */
const sealedByThen = 1;

for (const cipher of ["AES_128_GCM", "AES_256_GCM", "CHACHA20_POLY1305", "AES_128_CBC", "AES_256_CBC"] as const) {
  test(`end with internal_error when a key of ${cipher} is used up, and not one record earlier`, () => {
    const maxRecordsPerKey = { ...defaultLimits.maxRecordsPerKey, [cipher]: 5 };
    const suites = [...nobleProvider.cipherSuites, ...nobleProvider.legacyCipherSuites ?? []];
    const cipherSuites = suites.map(({ name }) => name).filter((name) => name.includes(`ECDSA_WITH_${cipher}_`));
    const limited = { limits: { maxRecordsPerKey }, cipherSuites, legacyCbc: true };
    const free = { cipherSuites, legacyCbc: true };
    for (const ends of [["client", "server"], ["server", "client"]] as const) {
      const pair = ends[0] === "client" ? pairOf("p256", limited, free) : pairOf("p256", free, limited);
      pair.shake();
      const [end, other] = [pair[ends[0]], pair[ends[1]]];
      for (let sent = sealedByThen; sent < 5; sent++) end.send(sampleBytes(1));
      pair.deliver();
      assert.is(end.error, undefined);
      end.send(sampleBytes(1));
      pair.deliver();
      assert.ok(end.error instanceof InternalError);
      assert.match(end.error.message, /the key is used up after 5/);
      assert.ok(other.error instanceof AlertReceivedError && other.error.description === "internal_error");
      assert.is(other.data.length, 5 - sealedByThen);
    }
  });
}

test.run();
