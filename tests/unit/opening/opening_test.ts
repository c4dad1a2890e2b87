/** The ClientHello that we send, and the version that a server reads from one. */
import { assert, suite } from "../../harness.ts";
import { latin1Text } from "../../../lib/codec/bytes.ts";
import { createTlsClient } from "../../../lib/core.ts";
import type { ClientConfig } from "../../../lib/config.ts";
import { protocolNameList } from "../../../lib/extensions/application_layer_protocol_negotiation.ts";
import { findExtension } from "../../../lib/extensions/extension.ts";
import { hostNameOf, serverNameList } from "../../../lib/extensions/server_name.ts";
import { signatureAlgorithms } from "../../../lib/extensions/signature_algorithms.ts";
import { supportedGroups } from "../../../lib/extensions/supported_groups.ts";
import { type ClientHello, decodeClientHello } from "../../../lib/messages/client_hello.ts";
import { CipherSuite, ExtensionType, NamedGroup, nameOf, SignatureScheme } from "../../../lib/registry.ts";
import { clientConfig, seededRandom } from "../../support/fixtures.ts";

const test = suite("opening");

function helloOf(config: Partial<ClientConfig> = {}): ClientHello {
  const [output, ...others] = createTlsClient(clientConfig("p256", config)).start();
  assert.equal(others, []);
  if (output?.type !== "transmit") throw new Error("no ClientHello");
  const { bytes } = output;
  // RFC 5246 appendix E.1: no version is agreed on yet; the lowest that TLS has troubles no server.
  assert.equal(bytes.subarray(0, 3), Uint8Array.of(22, 3, 1));
  assert.is((bytes[3] ?? 0) * 256 + (bytes[4] ?? 0), bytes.length - 5);
  assert.equal(bytes.subarray(5, 7), Uint8Array.of(1, 0));
  return decodeClientHello(bytes.subarray(9));
}

test("says what is configured, best first", () => {
  const hello = helloOf({
    cipherSuites: ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
    namedGroups: ["secp384r1", "x25519"],
    signatureSchemes: ["ed25519", "rsa_pkcs1_sha256"],
    alpnProtocols: ["h2", "http/1.1"],
    random: seededRandom(5),
  });
  assert.is(hello.clientVersion, 0x0303);
  assert.equal(hello.random.slice(), seededRandom(5)(32));
  assert.is(hello.sessionId.length, 0);
  assert.equal(hello.compressionMethods, [0]);
  assert.equal(hello.cipherSuites, [
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
  ]);
  const list = hello.extensions;
  assert.equal(findExtension(list, "supported_groups", supportedGroups), [NamedGroup.secp384r1, NamedGroup.x25519]);
  assert.equal(findExtension(list, "signature_algorithms", signatureAlgorithms), [
    SignatureScheme.ed25519,
    SignatureScheme.rsa_pkcs1_sha256,
  ]);
  const protocols = findExtension(list, "application_layer_protocol_negotiation", protocolNameList);
  assert.equal(protocols?.map(latin1Text), ["h2", "http/1.1"]);
  const names = findExtension(list, "server_name", serverNameList);
  assert.is(names && hostNameOf(names), "p256.fixture.example");
});

test("says which signatures certificates may bear, where that is more than what the handshake may be signed with", () => {
  // RFC 8446 §4.2.3: "If no "signature_algorithms_cert" extension is present, then the "signature_algorithms" extension
  // also applies to signatures appearing in certificates."
  const listed = (config: Partial<ClientConfig>): readonly number[] | undefined =>
    findExtension(helloOf(config).extensions, "signature_algorithms_cert", signatureAlgorithms);
  assert.is(listed({}), undefined);
  assert.ok(listed({ signatureSchemes: ["ed25519"] })?.includes(SignatureScheme.rsa_pkcs1_sha256));
  assert.ok(listed({ peerSignatureSchemes: ["ed25519"] })?.includes(SignatureScheme.ecdsa_secp256r1_sha256));
});

test("has each extension once, and those that aren't asked for not at all", () => {
  const types = (config: Partial<ClientConfig>): readonly string[] =>
    (helloOf(config).extensions ?? []).map(({ type }) => nameOf(ExtensionType, type)).toSorted();
  const always = [
    "ec_point_formats",
    "extended_master_secret",
    "renegotiation_info",
    "signature_algorithms",
    "supported_groups",
  ];
  assert.equal(types({}), [...always, "server_name"].toSorted());
  // RFC 6066 §3: "Literal IPv4 and IPv6 addresses are not permitted in "HostName"."
  for (const serverName of ["192.0.2.7", "2001:db8::7", "::1"]) assert.equal(types({ serverName }), always);
  assert.equal(
    types({ serverName: "192.0.2.7", alpnProtocols: ["h2"] }),
    [...always, "application_layer_protocol_negotiation"].toSorted(),
  );
});

test("sends a server's name in lower case and without its trailing dot", () => {
  const names = findExtension(
    helloOf({ serverName: "P256.Fixture.Example." }).extensions,
    "server_name",
    serverNameList,
  );
  assert.is(latin1Text(names?.[0]?.name ?? new Uint8Array(0)), "p256.fixture.example");
});

test.run();
