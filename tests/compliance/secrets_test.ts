/** Where a connection gives out what binds others to it, and where it mustn't. RFC 7627 §5.4; RFC 5246 §4.7. */
import { assert, suite } from "../harness.ts";
import { equalBytes } from "../../lib/codec/bytes.ts";
import { nobleProvider } from "../../lib/crypto/noble_provider.ts";
import { TlsUsageError } from "../../lib/error.ts";
import { loadPrivateKey } from "../../lib/x509/load.ts";
import { hostileClient, hostileServer } from "../hostile/hostile_peer.ts";
import { clientConfig, sampleBytes, seededRandom, serverConfig } from "../support/fixtures.ts";
import { Pair } from "../support/pair.ts";
import { privateKeyPem } from "../support/x509_fixtures.ts";
import { exporterOf } from "../../lib/tls12/established.ts";
import { knownFrom } from "../../lib/tls12/known.ts";
import { decodeSession } from "../../lib/session/resumable_session.ts";
import { clientSettings } from "../../lib/check_config.ts";
import type { TlsConnection } from "../../lib/tls_connection.ts";

const test = suite("secrets by the RFCs");
const refuses = (run: () => unknown): void =>
  assert.throws(run, (thrown: unknown) => thrown instanceof TlsUsageError && /RFC 7627 §5.4/.test(thrown.message));
const exports = (tls: TlsConnection): Uint8Array => tls.exportKeyingMaterial("EXPORTER-test", undefined, 32);

// proves RFC 7627 §5.4: "Hence, the client or server MUST NOT export"
// proves RFC 7627 §5.4: "In particular, it MUST disable"
test("of a handshake without extended master secret aren't exported", () => {
  for (const hostile of [hostileClient, hostileServer]) {
    const { tls } = hostile({}, { extendedMasterSecret: false }).playAll();
    refuses(() => exports(tls));
    refuses(() => tls.channelBinding("tls-exporter"));
    assert.is(tls.channelBinding("tls-unique").length, 12, "this one is only for resumed sessions forbidden");
    assert.is(exports(hostile({}, { extendedMasterSecret: true }).playAll().tls).length, 32);
  }
  const { client, server } = new Pair(clientConfig("p256"), serverConfig("p256")).shake();
  assert.equal(exports(client.tls), exports(server.tls));
});

// proves RFC 5246 §7.2.2: "Servers and clients MUST forget"
test("of a connection that failed are given out no more, those of one that was closed are", () => {
  for (const end of ["client", "server"] as const) {
    const failed = new Pair(clientConfig("p256"), serverConfig("p256")).shake()[end];
    assert.is(exports(failed.tls).length, 32);
    failed.take(failed.tls.receive(Uint8Array.of(23, 3, 3, 0, 30, ...new Uint8Array(30))));
    assert.is(failed.tls.state, "failed");
    for (const ask of [() => exports(failed.tls), () => failed.tls.channelBinding("tls-exporter")]) {
      assert.throws(
        ask,
        (thrown: unknown) => thrown instanceof TlsUsageError && /the connection failed/.test(thrown.message),
      );
    }
    const pair = new Pair(clientConfig("p256"), serverConfig("p256")).shake();
    pair[end].close();
    pair.deliver();
    assert.is(pair[end].tls.state, "closed");
    assert.is(exports(pair[end].tls).length, 32);
  }
});

// proves RFC 7627 §5.4: "Hence, the client or server MUST NOT use the current"
// proves RFC 7627 §5.4: "In particular, the client MUST disable renegotiation"
test("of a session resumed without extended master secret don't bind a channel by verify_data", () => {
  const stored: Uint8Array[] = [];
  const sessionCache = {
    load: () => undefined,
    store: (_: string, session: Uint8Array) => void stored.push(session),
    remove: () => {},
  };
  for (const extendedMasterSecret of [true, false]) {
    const peer = hostileServer({ sessionCache }, { extendedMasterSecret });
    peer.handshake("server_hello", peer.serverHelloBody({ sessionId: new Uint8Array(32).fill(9) }));
    for (const step of ["Certificate", "ServerKeyExchange", "ServerHelloDone"] as const) peer.play(step);
    peer.play("ChangeCipherSpec").play("Finished");
    const [session] = stored.splice(0).map(decodeSession);
    if (session === undefined) throw new Error("no session was stored");
    assert.is(session.extendedMasterSecret, extendedMasterSecret);
    const offer = {
      clientRandom: new Uint8Array(32),
      sessionId: new Uint8Array(32),
      extensionTypes: [],
      serverName: undefined,
      session: undefined,
    };
    const binding = (resumed: typeof session | undefined): Uint8Array | undefined =>
      exporterOf("client", {
        ...knownFrom(offer),
        negotiated: {
          serverRandom: new Uint8Array(32),
          sessionId: new Uint8Array(32),
          cipherSuite: session.cipherSuite,
          extendedMasterSecret,
          encryptThenMac: false,
          secureRenegotiation: true,
          alpnProtocol: undefined,
          serverName: undefined,
          recordLimits: undefined,
          signedCertificateTimestamps: [],
          answers: undefined,
        },
        resumed,
        masterSecret: session.masterSecret,
        clientFinished: new Uint8Array(12).fill(1),
        serverFinished: new Uint8Array(12).fill(2),
      }, clientSettings(clientConfig("p256")))?.channelBinding("tls-unique");
    assert.equal(binding(undefined), new Uint8Array(12).fill(1));
    if (extendedMasterSecret) assert.equal(binding(session), new Uint8Array(12).fill(2));
    else refuses(() => binding(session));
  }
});

// proves RFC 5246 §4.7: "As discussed in [PKCS1], the DigestInfo"
// proves RFC 5246 §4.7: "the DigestInfo.AlgorithmIdentifier.parameters"
test("of RSA sign a DigestInfo in DER, with NULL as parameters, and take it in no other form", () => {
  const scheme = nobleProvider.signatureSchemes.find(({ name }) => name === "rsa_pkcs1_sha256");
  const key = loadPrivateKey(privateKeyPem.rsaPkcs8);
  if (scheme === undefined || key.type !== "rsa") throw new Error("the provider signs with RSA");
  const publicKey = scheme.publicKeyOf(key);
  const [modulus, exponent, privateExponent] = [key.modulus, key.exponent, key.privateExponent].map(numberOf);
  if (modulus === undefined || exponent === undefined || privateExponent === undefined) {
    throw new Error("three numbers");
  }
  const message = sampleBytes(100);
  const digest = nobleProvider.hashes.sha256.digest(message);
  const encoded = (...info: readonly number[]): Uint8Array => {
    const end = [0, ...info, ...digest];
    return Uint8Array.from([0, 1, ...new Uint8Array(key.modulus.length - 2 - end.length).fill(255), ...end]);
  };
  // RFC 8017 §9.2, note 1.
  const sha256 = [0x30, 0x0d, 0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0];
  const der = encoded(0x30, 0x31, ...sha256, 4, 0x20);
  const signature = scheme.sign(key, message, seededRandom(1));
  const opened = bytesOf(power(numberOf(signature), exponent, modulus), der.length);
  assert.ok(equalBytes(opened, der));
  const takes = (text: Uint8Array): boolean =>
    scheme.verify(publicKey, message, bytesOf(power(numberOf(text), privateExponent, modulus), text.length));
  assert.is(takes(der), true);
  assert.is(takes(encoded(0x30, 0x81, 0x31, ...sha256, 4, 0x20)), false, "a length in the long form is BER");
  assert.is(takes(encoded(0x30, 0x32, ...sha256, 4, 0x81, 0x20)), false, "and so is this one");
});

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function bytesOf(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 255n));
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, factor] = [1n, base % modulus];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = result * factor % modulus;
    factor = factor * factor % modulus;
  }
  return result;
}

test.run();
