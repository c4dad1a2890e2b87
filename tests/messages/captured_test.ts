/**
 * Messages as OpenSSL wrote them: decoded, they say what OpenSSL said; encoded again, they are the same bytes.
 */
import { assert, suite } from "../harness.ts";
import { concat, latin1Text, toHex } from "../../lib/codec/bytes.ts";
import { type Codec, decode, encode } from "../../lib/codec/codec.ts";
import { DecodeError } from "../../lib/error.ts";
import { protocolNameList } from "../../lib/extensions/application_layer_protocol_negotiation.ts";
import { ecPointFormats } from "../../lib/extensions/ec_point_formats.ts";
import { type Extension, findExtension } from "../../lib/extensions/extension.ts";
import { hostNameOf, serverNameList } from "../../lib/extensions/server_name.ts";
import { signatureAlgorithms } from "../../lib/extensions/signature_algorithms.ts";
import { supportedGroups } from "../../lib/extensions/supported_groups.ts";
import { supportedVersions } from "../../lib/extensions/supported_versions.ts";
import { clientHello, decodeClientHello } from "../../lib/messages/client_hello.ts";
import { handshakeMessage } from "../../lib/messages/handshake.ts";
import { HandshakeReader } from "../../lib/messages/handshake_reader.ts";
import { decodeServerHello, serverHello } from "../../lib/messages/server_hello.ts";
import { ExtensionType, type HandshakeTypeName, NamedGroup, SignatureScheme } from "../../lib/registry.ts";
import { certificate } from "../../lib/tls12/messages/certificate.ts";
import { certificateRequest } from "../../lib/tls12/messages/certificate_request.ts";
import { clientKeyExchange } from "../../lib/tls12/messages/client_key_exchange.ts";
import { finished } from "../../lib/tls12/messages/finished.ts";
import { serverHelloDone } from "../../lib/tls12/messages/server_hello_done.ts";
import { serverKeyExchange } from "../../lib/tls12/messages/server_key_exchange.ts";
import { loadCertificates } from "../../lib/x509/load.ts";
import { certificatePem } from "../support/x509_fixtures.ts";
import { hex } from "../unit/crypto/fixtures.ts";
import { client12, clientBoth, serverP256, serverRsa } from "./openssl_captures.ts";

const test = suite("captured messages");

const bodyOf = (text: string): Uint8Array<ArrayBuffer> => hex(text).slice(4);

function sameAgain<Value>(name: HandshakeTypeName, codec: Codec<Value>, text: string): void {
  const value = decode(codec, bodyOf(text), name);
  assert.is(toHex(handshakeMessage(name, encode(codec, value)).bytes), text);
}

test("are the same bytes when they are decoded and encoded again", () => {
  for (const server of [serverP256, serverRsa]) {
    sameAgain("server_hello", serverHello, server.serverHello);
    sameAgain("certificate", certificate, server.certificate);
    sameAgain("server_key_exchange", serverKeyExchange, server.serverKeyExchange);
    sameAgain("server_hello_done", serverHelloDone, server.serverHelloDone);
    sameAgain("finished", finished, server.finished);
  }
  sameAgain("certificate_request", certificateRequest, serverP256.certificateRequest);
  for (const client of [clientBoth, client12]) {
    sameAgain("client_hello", clientHello, client.clientHello);
    sameAgain("client_key_exchange", clientKeyExchange, client.clientKeyExchange);
    sameAgain("finished", finished, client.finished);
  }
});

test("have extensions that are the same bytes when they are decoded and encoded again", () => {
  const both = decodeClientHello(bodyOf(clientBoth.clientHello)).extensions;
  const sameExtension = <Value>(name: keyof typeof ExtensionType, codec: Codec<Value>): void => {
    const found: Extension | undefined = both?.find(({ type }) => type === ExtensionType[name]);
    if (found === undefined) throw new Error(`no ${name}`);
    assert.equal(encode(codec, decode(codec, found.data, name)), found.data.slice(), name);
  };
  sameExtension("server_name", serverNameList);
  sameExtension("ec_point_formats", ecPointFormats);
  sameExtension("supported_groups", supportedGroups);
  sameExtension("signature_algorithms", signatureAlgorithms);
  sameExtension("supported_versions", supportedVersions);
  sameExtension("application_layer_protocol_negotiation", protocolNameList);
});

test("say what OpenSSL said: a ClientHello for every version since 1.0", () => {
  const hello = decodeClientHello(bodyOf(clientBoth.clientHello));
  assert.is(hello.clientVersion, 0x0303);
  assert.is(hello.sessionId.length, 32);
  assert.equal(hello.compressionMethods, [0]);
  assert.equal(hello.cipherSuites.slice(0, 3), [0x1302, 0x1303, 0x1301]);
  assert.is(hello.cipherSuites.at(-1), 0x00ff);
  assert.equal(findExtension(hello.extensions, "supported_versions", supportedVersions), [
    0x0304,
    0x0303,
    0x0302,
    0x0301,
  ]);
  const names = findExtension(hello.extensions, "server_name", serverNameList);
  assert.is(names && hostNameOf(names), "p256.fixture.example");
  assert.equal(findExtension(hello.extensions, "supported_groups", supportedGroups)?.[0], NamedGroup.x25519);
  assert.equal(
    findExtension(hello.extensions, "application_layer_protocol_negotiation", protocolNameList)?.map(latin1Text),
    ["h2", "http/1.1"],
  );
  const old = decodeClientHello(bodyOf(client12.clientHello));
  assert.equal(findExtension(old.extensions, "supported_groups", supportedGroups), [NamedGroup.secp256r1]);
  assert.is(findExtension(old.extensions, "supported_versions", supportedVersions), undefined);
});

test("say what OpenSSL said: a server's flight", () => {
  const hello = decodeServerHello(bodyOf(serverP256.serverHello));
  assert.is(hello.cipherSuite, 0xcca9);
  assert.equal(hello.extensions?.map(({ type }) => type), [65281, 11, 16, 23]);
  // It could have done TLS 1.3: the sentinel of RFC 8446 §4.1.3, "DOWNGRD" 01.
  assert.is(toHex(hello.random.subarray(24)), "444f574e47524401");
  const [leaf, ...others] = decode(certificate, bodyOf(serverP256.certificate), "Certificate");
  assert.equal(leaf?.slice(), loadCertificates(certificatePem.p256)[0]?.der.slice());
  assert.equal(others, []);
  const exchange = decode(serverKeyExchange, bodyOf(serverRsa.serverKeyExchange), "ServerKeyExchange");
  assert.is(exchange.params.namedCurve, NamedGroup.secp384r1);
  assert.is(exchange.params.public.length, 97);
  assert.is(exchange.algorithm, SignatureScheme.rsa_pss_rsae_sha256);
  assert.is(exchange.signature.length, 256);
  const request = decode(certificateRequest, bodyOf(serverP256.certificateRequest), "CertificateRequest");
  assert.equal(request.certificateTypes, [1, 2, 64]);
  assert.is(request.supportedSignatureAlgorithms.length, 20);
  assert.equal(request.certificateAuthorities, []);
});

test("come out of a reader one by one, however they are cut", () => {
  const texts = Object.values(serverP256);
  const flight = concat(...texts.map(hex));
  for (const step of [1, 2, 3, 5, 64, flight.length]) {
    const reader = new HandshakeReader(2 ** 17);
    const read: string[] = [];
    for (let at = 0; at < flight.length; at += step) {
      reader.push(flight.subarray(at, at + step));
      for (let message = reader.next(); message !== undefined; message = reader.next()) read.push(toHex(message.bytes));
    }
    assert.equal(read, texts);
    assert.is(reader.midMessage, false);
  }
});

test("are refused with one byte more or less", () => {
  const codecs: readonly (readonly [string, Codec<unknown>])[] = [
    [serverP256.certificate, certificate],
    [serverP256.serverKeyExchange, serverKeyExchange],
    [serverP256.certificateRequest, certificateRequest],
    [serverP256.finished, finished],
    [client12.clientKeyExchange, clientKeyExchange],
    [serverP256.serverHello, serverHello],
    [clientBoth.clientHello, clientHello],
  ];
  const refuses = (run: () => unknown): void => assert.throws(run, (error: unknown) => error instanceof DecodeError);
  for (const [text, codec] of codecs) {
    const body = bodyOf(text);
    refuses(() => decode(codec, body.subarray(0, -1), "message"));
    refuses(() => decode(codec, concat(body, Uint8Array.of(0)), "message"));
  }
});

test.run();
