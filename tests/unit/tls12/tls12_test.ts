/** The small parts of TLS 1.2: the key block's cut, what is known, what is described. */
import { assert, suite } from "../../harness.ts";
import { concat } from "../../../lib/codec/bytes.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import { InternalError } from "../../../lib/error.ts";
import { handshakeMessage } from "../../../lib/messages/handshake.ts";
import { describe } from "../../../lib/tls12/describe.ts";
import { deriveMasterSecret, deriveWriteKeys, signedParams } from "../../../lib/tls12/key_schedule.ts";
import { known, knownFrom } from "../../../lib/tls12/known.ts";
import { prf } from "../../../lib/tls12/prf.ts";
import { sampleBytes } from "../../support/fixtures.ts";
import { hex } from "../crypto/fixtures.ts";
import { client12, serverP256, serverRsa } from "../../messages/openssl_captures.ts";

const test = suite("tls12");
const { sha256 } = nobleProvider.hashes;

test("derives from both randoms in the right order, and cuts the key block in the RFC's order", () => {
  // RFC 5246 §8.1: ClientHello.random + ServerHello.random; §6.3: server_random + client_random.
  const [preMaster, client, server] = [sampleBytes(32), new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const master = deriveMasterSecret(sha256, preMaster, client, server);
  assert.equal(master, prf(sha256, preMaster, "master secret", concat(client, server), 48));
  const keys = deriveWriteKeys(sha256, master, client, server, { mac: 0, key: 16, iv: 4 });
  const block = prf(sha256, master, "key expansion", concat(server, client), 40);
  assert.equal(keys.clientWriteKey.slice(), block.slice(0, 16));
  assert.equal(keys.serverWriteKey.slice(), block.slice(16, 32));
  assert.equal(keys.clientWriteIv.slice(), block.slice(32, 36));
  assert.equal(keys.serverWriteIv.slice(), block.slice(36, 40));
  assert.equal(signedParams(client, server, Uint8Array.of(3)), concat(client, server, Uint8Array.of(3)));
});

test("refuses to use a chapter that isn't written yet", () => {
  const offer = {
    clientRandom: new Uint8Array(32),
    sessionId: new Uint8Array(0),
    extensionTypes: [],
    serverName: undefined,
    session: undefined,
  };
  const all = knownFrom(offer);
  assert.throws(
    () => known(all, "masterSecret"),
    (error: unknown) => error instanceof InternalError && /masterSecret isn't known yet/.test(error.message),
  );
  const masterSecret = sampleBytes(48);
  assert.is(known({ ...all, masterSecret }, "masterSecret"), masterSecret);
  assert.is(known(all, "offer"), offer);
});

test("describes each message by its RFC's words", () => {
  const of = (text: string) => {
    const bytes = hex(text);
    return describe({ type: bytes[0] ?? 0, body: bytes.subarray(4), bytes });
  };
  assert.is(of(serverRsa.serverKeyExchange)?.["named_curve"], "secp384r1");
  assert.is(of(serverRsa.serverKeyExchange)?.["algorithm"], "rsa_pss_rsae_sha256");
  assert.equal(of(serverP256.certificateRequest)?.["certificate_types"], ["rsa_sign", "dss_sign", "ecdsa_sign"]);
  assert.is(of(serverP256.serverHello)?.["cipher_suite"], "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
  assert.equal(of(serverP256.serverHello)?.["alpn"], ["h2"]);
  assert.equal(of(client12.clientHello)?.["supported_groups"], ["secp256r1"]);
  assert.equal(Object.keys(of(client12.clientKeyExchange) ?? {}), ["ecdh_Yc"]);
  assert.equal(Object.keys(of(client12.finished) ?? {}), ["verify_data"]);
  assert.equal(of(serverP256.serverHelloDone), {});
  assert.equal(describe(handshakeMessage("hello_request", new Uint8Array(0))), {});
});

test.run();
