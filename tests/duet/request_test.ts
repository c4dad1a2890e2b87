/**
 * What a connection asks its embedder: both roles sleep until they are answered, however late and on whatever wire, and
 * what isn't an answer changes nothing.
 */
import { createSigner } from "../../lib/crypto/signer.ts";
import type { Signer } from "../../lib/crypto/provider.ts";
import {
  AlertReceivedError,
  CertificateError,
  InternalError,
  PeerIncompatibleError,
  PeerMisbehavedError,
  TlsUsageError,
  TruncationError,
} from "../../lib/error.ts";
import type { TlsRequest } from "../../lib/request.ts";
import { decodeCertificate } from "../../lib/x509/certificate.ts";
import { loadCertificates, loadPrivateKey } from "../../lib/x509/load.ts";
import { createCertificateVerifier } from "../../lib/x509/verifier.ts";
import { assert, suite } from "../harness.ts";
import {
  clientConfig,
  fixedNow,
  nameOfKind,
  rememberingProvider,
  seededRandom,
  serverConfig,
} from "../support/fixtures.ts";
import { type End, Pair, type Wire, wires } from "../support/pair.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";

const test = suite("requests");
const { signatureSchemes } = rememberingProvider;
const signer: Signer = createSigner(loadPrivateKey(privateKeyPem.p256Pkcs8), signatureSchemes, seededRandom(3));
const verifier = createCertificateVerifier({
  trustAnchors: loadCertificates(certificatePem.p256),
  provider: rememberingProvider,
});

for (const wire of wires) {
  test(`are answered later, on a wire ${wire === "whole" ? "as it is" : wire}`, () => {
    const pair = asking(wire).shake();
    assert.is(pair.server.tls.state, "live.handshake.full.signing");
    const signing = requestOf(pair.server, "sign");
    assert.is(signing.scheme, "ecdsa_secp256r1_sha256");
    assert.equal(signing.publicKey, signer.publicKey);
    answer(pair, "server", signing.id, signer.sign(signing.scheme, signing.message));
    assert.is(pair.client.tls.state, "live.handshake.full.checkingCertificate");
    const verifying = requestOf(pair.client, "verifyCertificate");
    assert.is(verifier.verify(verifying), undefined);
    answer(pair, "client", verifying.id, true);
    for (const end of [pair.client, pair.server]) assert.is(end.tls.state, "live.connected");
    assert.equal(pair.client.story, ["request", "established"]);
    pair.client.send(Uint8Array.of(1, 2, 3));
    pair.deliver();
    assert.equal(pair.server.data, Uint8Array.of(1, 2, 3));
  });
}

test("ask for what stands on the wire: the chain, the name, the time, the signed parameters", () => {
  const pair = asking().shake();
  const { message } = requestOf(pair.server, "sign");
  // RFC 8422 §5.4: both randoms, then ServerECDHParams: named_curve, x25519, a key of 32 bytes.
  assert.equal([...message.subarray(64, 68)], [3, 0, 29, 32]);
  assert.is(message.length, 64 + 4 + 32);
  answerSign(pair);
  const { chain, serverName, purpose, now } = requestOf(pair.client, "verifyCertificate");
  assert.equal(chain.map(({ der }) => der), loadCertificates(certificatePem.p256).map(({ der }) => der));
  assert.equal([serverName, purpose, now], [nameOfKind("p256"), "serverAuth", fixedNow()]);
});

test("keep their bytes although the buffer that they came in is used again", () => {
  const pair = asking();
  pair.client.take(pair.client.tls.start());
  pair.server.take(pair.server.tls.start());
  for (const bytes of pair.client.outbox.splice(0)) pair.server.take(pair.server.tls.receive(bytes));
  const signing = requestOf(pair.server, "sign");
  pair.server.take(pair.server.tls.answer(signing.id, signer.sign(signing.scheme, signing.message)));
  for (const bytes of pair.server.outbox.splice(0)) {
    pair.client.take(pair.client.tls.receive(bytes));
    bytes.fill(0);
  }
  const [leaf] = requestOf(pair.client, "verifyCertificate").chain;
  assert.equal(
    decodeCertificate(leaf?.der ?? new Uint8Array(0)).subject,
    loadCertificates(certificatePem.p256)[0]?.subject,
  );
});

test("end the handshake with the alert of a CertificateError", () => {
  const pair = asking().shake();
  answerSign(pair);
  const why = new CertificateError("certificate_revoked", "The list says so", { index: 0, check: "revocation" });
  answer(pair, "client", requestOf(pair.client, "verifyCertificate").id, why);
  assert.is(pair.client.error, why);
  assert.is(why.state, "live.handshake.full.checkingCertificate");
  assert.match(errorText(pair.server), /AlertReceivedError.*certificate_revoked/);
  assert.instance(pair.server.error, AlertReceivedError);
});

test("end the handshake with internal_error for any other error", () => {
  const pair = asking().shake();
  const cause = new RangeError("the HSM is gone");
  answer(pair, "server", requestOf(pair.server, "sign").id, cause);
  const { error } = pair.server;
  assert.instance(error, InternalError);
  assert.match(errorText(pair.server), /the request sign was answered with an error: the HSM is gone/);
  assert.is(error instanceof InternalError && error.cause, cause);
  answer(pair, "client", requestOf(pair.client, "verifyCertificate").id, true); // the alert waits until then
  assert.match(errorText(pair.client), /internal_error/);
});

test("are met with a wrong signature as any wrong signature is", () => {
  const pair = asking().shake();
  const { id, scheme, message } = requestOf(pair.server, "sign");
  answer(pair, "server", id, signer.sign(scheme, message.subarray(1)));
  answer(pair, "client", requestOf(pair.client, "verifyCertificate").id, true);
  assert.match(errorText(pair.client), /ecdsa_secp256r1_sha256 signature is wrong/);
  assert.match(errorText(pair.server), /decrypt_error/);
});

test("take no answer that wasn't asked for, twice, or of another kind", () => {
  const pair = asking().shake();
  const { tls } = pair.server;
  const { id, scheme, message } = requestOf(pair.server, "sign");
  const [before, signature] = [tls.state, signer.sign(scheme, message)];
  refuses(() => tls.answer(id + 1, signature), /Cannot answer request 2: request 1 is open/);
  const wrong: readonly unknown[] = [true, undefined, "signature", new Uint8Array(0), Promise.resolve(signature), null];
  for (const value of wrong) {
    refuses(() => tls.answer(id, value as true), /sign is answered with the bytes of a signature/); // as from JavaScript
  }
  refuses(() => asking().client.tls.answer(1, true), /Cannot answer request 1: no request is open/);
  assert.is(tls.state, before);
  answer(pair, "server", id, signature);
  refuses(() => tls.answer(id, signature), /Cannot answer request 1: no request is open/);
  const verifying = requestOf(pair.client, "verifyCertificate");
  for (const value of [false, undefined, Uint8Array.of(1), Promise.resolve(true), "true"]) {
    refuses(() => pair.client.tls.answer(verifying.id, value as true), /verifyCertificate is answered with true/);
  }
  assert.is(pair.client.tls.state, "live.handshake.full.checkingCertificate");
  answer(pair, "client", verifying.id, true);
  assert.is(tls.state, "live.connected");
});

test("are cancelled by an output when the connection ends first, and answers then do nothing", () => {
  const endings: readonly (readonly [string, (end: End) => void])[] = [
    ["closed", (end) => end.close()],
    ["failed", (end) => end.take(end.tls.receive(new Uint8Array(2 ** 17 + 1)))],
  ];
  for (const [type, end] of endings) {
    const pair = asking().shake();
    const { id, scheme, message } = requestOf(pair.server, "sign");
    end(pair.server);
    assert.equal(pair.server.story, ["request", "requestCanceled", type]);
    const cancelled = pair.server.outputs.find((output) => output.type === "requestCanceled");
    assert.is(cancelled?.type === "requestCanceled" && cancelled.id, id);
    assert.equal(pair.server.tls.answer(id, signer.sign(scheme, message)), []);
    assert.equal(pair.server.tls.answer(id, new RangeError("too late")), []);
  }
});

test("let what arrives meanwhile wait, and read it when they are answered", () => {
  const pair = asking();
  pair.server.take(pair.server.tls.start());
  pair.client.take(pair.client.tls.start());
  const [hello] = pair.client.outbox.splice(0);
  assert.ok(hello !== undefined);
  pair.server.take(pair.server.tls.receive(hello));
  const second = hello.with(2, 3); // in a record of the version that is agreed on by now
  pair.server.take(pair.server.tls.receive(second)); // wrong, but not before its turn
  assert.is(pair.server.tls.state, "live.handshake.full.signing");
  const { id, scheme, message } = requestOf(pair.server, "sign");
  pair.server.take(pair.server.tls.answer(id, signer.sign(scheme, message)));
  assert.match(
    errorText(pair.server),
    /Cannot accept ClientHello in state live\.handshake\.full\.anonymous\.awaitClientKeyExchange/,
  );
});

test("let the end of the transport wait behind an alert, which says why", () => {
  const pair = asking().shake();
  answerSign(pair);
  const { id } = requestOf(pair.client, "verifyCertificate");
  const alert = Uint8Array.of(21, 3, 3, 0, 2, 2, 80);
  pair.client.take(pair.client.tls.receive(alert));
  pair.client.take(pair.client.tls.receiveEnd());
  assert.is(pair.client.tls.state, "live.handshake.full.checkingCertificate");
  pair.client.take(pair.client.tls.answer(id, true));
  assert.match(errorText(pair.client), /AlertReceivedError.*internal_error/);
});

test("blame no peer for an error that belongs to another connection", () => {
  for (
    const foreign of [
      new PeerMisbehavedError("unexpected_message", "elsewhere"),
      new PeerIncompatibleError("unrecognized_name", "elsewhere"),
      new TruncationError("elsewhere"),
    ]
  ) {
    const pair = asking().shake();
    answer(pair, "server", requestOf(pair.server, "sign").id, foreign);
    assert.instance(pair.server.error, InternalError);
    assert.match(errorText(pair.server), /sign was answered with an error: elsewhere/);
    answer(pair, "client", requestOf(pair.client, "verifyCertificate").id, true);
    assert.match(errorText(pair.client), /fatal alert internal_error/);
  }
});

test("aren't made when nothing is left open", () => {
  const pair = new Pair(clientConfig("p256"), serverConfig("p256")).shake();
  assert.equal([pair.client.story, pair.server.story], [["established"], ["established"]]);
});

test.run();

/** Both sides leave something open. */
function asking(wire?: Wire): Pair {
  const { schemes, publicKey } = signer;
  return new Pair(
    clientConfig("p256", { certificateVerifier: "request" }),
    serverConfig("p256", { credentials: [{ certificateChain: certificatePem.p256, signer: { schemes, publicKey } }] }),
    wire,
  );
}

function requestOf<Type extends TlsRequest["type"]>(end: End, type: Type): TlsRequest & { readonly type: Type } {
  for (const output of end.outputs) {
    if (output.type === "request" && isOf(output.request, type)) return output.request;
  }
  throw new Error(`there is no request ${type}, but ${end.story.join(", ")}`);
}

function isOf<Type extends TlsRequest["type"]>(
  request: TlsRequest,
  type: Type,
): request is TlsRequest & { type: Type } {
  return request.type === type;
}

function answer(pair: Pair, side: "client" | "server", id: number, value: Uint8Array | true | Error): void {
  pair[side].take(pair[side].tls.answer(id, value));
  pair.deliver();
}

function answerSign(pair: Pair): void {
  const { id, scheme, message } = requestOf(pair.server, "sign");
  answer(pair, "server", id, signer.sign(scheme, message));
}

function errorText({ error }: End): string {
  return String(error);
}

function refuses(call: () => unknown, says: RegExp): void {
  assert.throws(call, (error: unknown) => error instanceof TlsUsageError && says.test(error.message));
}
