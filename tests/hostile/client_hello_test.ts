/**
 * Hostile and odd ClientHellos in front of our server: versions, suites, groups, schemes, extensions, names, GREASE.
 * RFC 5246 §7.4.1; RFC 8422 §4, §5; RFC 6066 §3; RFC 7301 §3; RFC 5746 §3.6; RFC 8701.
 */
import { assert, suite } from "../harness.ts";
import { asciiBytes } from "../../lib/codec/bytes.ts";
import { DecodeError, PeerIncompatibleError, PeerMisbehavedError, type TlsError } from "../../lib/error.ts";
import type { Extension } from "../../lib/extensions/extension.ts";
import { type ClientHello, decodeClientHello } from "../../lib/messages/client_hello.ts";
import { CipherSuite } from "../../lib/registry.ts";
import type { ServerConfig } from "../../lib/config.ts";
import { credentialOf } from "../support/fixtures.ts";
import {
  extension,
  fails,
  type Failure,
  hostileClient,
  type HostilePeer,
  type PeerOptions,
  uint16,
} from "./hostile_peer.ts";

const test = suite("hostile ClientHello");

/** A hello with these extensions instead of the usual ones of the same type. */
function saying(
  peer: HostilePeer,
  extensions: readonly Extension[],
  overrides: Partial<ClientHello> = {},
): HostilePeer {
  const usual = decodeClientHello(peer.clientHelloBody()).extensions ?? [];
  const kept = usual.filter(({ type }) => !extensions.some((other) => other.type === type));
  return peer.handshake("client_hello", peer.clientHelloBody({ extensions: [...extensions, ...kept], ...overrides }));
}

function without(peer: HostilePeer, ...types: readonly number[]): HostilePeer {
  const usual = decodeClientHello(peer.clientHelloBody()).extensions ?? [];
  const extensions = usual.filter(({ type }) => !types.includes(type));
  return peer.handshake("client_hello", peer.clientHelloBody({ extensions }));
}

function goesOn(peer: HostilePeer): HostilePeer {
  assert.is(peer.error, undefined, peer.error?.message);
  for (const step of ["ClientKeyExchange", "ChangeCipherSpec", "Finished"] as const) peer.play(step);
  assert.is(peer.tls.state, "live.connected");
  return peer;
}

const decodeError = (says: RegExp): Failure => ({ alert: "decode_error", error: DecodeError, says });
const illegal = (says: RegExp): Failure => ({ alert: "illegal_parameter", error: PeerMisbehavedError, says });
const failure = (says: RegExp): Failure => ({ alert: "handshake_failure", error: PeerIncompatibleError, says });
const version = (says: RegExp): Failure => ({ alert: "protocol_version", error: PeerIncompatibleError, says });

/** Each: what the client does, and what comes of it. */
function refuses(
  title: string,
  say: (peer: HostilePeer) => HostilePeer,
  expected: Failure,
  config: Partial<ServerConfig> = {},
  options: PeerOptions = {},
): void {
  test(`refuses ${title}`, () => {
    const peer = say(hostileClient(config, options));
    fails(peer, expected);
    assert.equal(peer.heard, [], "nothing but the alert was sent");
  });
}

function accepts(
  title: string,
  say: (peer: HostilePeer) => HostilePeer,
  config: Partial<ServerConfig> = {},
  options: PeerOptions = {},
): void {
  test(`accepts ${title}`, () => void goesOn(say(hostileClient(config, options))));
}

// RFC 5246 appendix E.1: "If server supports (or is willing to use) only versions greater than client_version, it MUST
// send a "protocol_version" alert message and close the connection."
for (const [name, clientVersion] of [["SSLv3", 0x0300], ["TLSv1", 0x0301], ["TLSv1.1", 0x0302]] as const) {
  refuses(
    // proves RFC 5246 appendix E.1: "If server supports"
    `a client that goes up to ${name} only`,
    (peer) => saying(peer, [], { clientVersion }),
    version(new RegExp(`Cannot agree on a version \\(we offered TLSv1.2; the peer offered ${name}\\)`)),
  );
}
refuses(
  "a client that lists TLS 1.3 only",
  (peer) => saying(peer, [extension("supported_versions", 2, 3, 4)]),
  version(/we offered TLSv1.2; the peer offered TLSv1.3/),
);
refuses(
  "a client that lists TLS 1.1 and 1.3, whatever its client_version says",
  (peer) => saying(peer, [extension("supported_versions", 4, 3, 4, 3, 2)]),
  version(/the peer offered TLSv1.3, TLSv1.1/),
);
refuses(
  "an empty list of versions",
  (peer) => saying(peer, [extension("supported_versions", 0)]),
  decodeError(/supported_versions: its length is 0/),
);
refuses(
  "a list of versions that ends within one",
  (peer) => saying(peer, [extension("supported_versions", 3, 3, 3, 3)]),
  decodeError(/supported_versions/),
);
accepts("a client that offers TLS 1.3 and 1.2, with 1.2", (peer) =>
  saying(peer, [
    extension("supported_versions", 4, 3, 4, 3, 3),
    extension("key_share", 0, 0),
    extension("psk_key_exchange_modes", 1, 1),
  ], { sessionId: new Uint8Array(32), cipherSuites: [0x1301, 0x1302, 0xc02b] }));
for (const clientVersion of [0x0304, 0x0305, 0x03ff, 0x0400, 0xffff]) {
  // RFC 5246 appendix E.1: a server gets "a version number greater than the highest version supported by the server"
  // and "MUST reply according to the highest version supported by the server".
  accepts(
    // proves RFC 5246 appendix E.1: "If a TLS server receives"
    // proves RFC 5746 §3.6: "they MUST accept version numbers"
    `client_version 0x${clientVersion.toString(16)} without a list, with 1.2`,
    (peer) => saying(peer, [], { clientVersion }),
  );
}

refuses(
  "a client without a suite of ours, and says what both offered",
  (peer) => saying(peer, [], { cipherSuites: [0xc009, 0x009c, 0x1301, 0xabcd] }),
  failure(
    /Cannot agree on a cipher suite; with legacyCbc: true there would be one \(we offered TLS_ECDHE.*; the peer offered TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, .*0xabcd\)/,
  ),
);
refuses(
  "a client whose suites not even legacyCbc would serve with our kind of key, and doesn't speak of it",
  (peer) => saying(peer, [], { cipherSuites: [0xc013, 0x009c, 0xabcd] }),
  failure(/Cannot agree on a cipher suite \(we offered TLS_ECDHE/),
);
refuses(
  "a client without a suite of ours and without groups: the suites are named, not the groups",
  (peer) => {
    const { extensions = [] } = decodeClientHello(peer.clientHelloBody());
    const others = extensions.filter(({ type }) => type !== 10 && type !== 11);
    return peer.handshake("client_hello", peer.clientHelloBody({ cipherSuites: [0x009c, 0x002f], extensions: others }));
  },
  failure(
    /Cannot agree on a cipher suite \(we offered TLS_ECDHE.*; the peer offered TLS_RSA_WITH_AES_128_GCM_SHA256, /,
  ),
);
refuses(
  "a client that can't verify our kind of key",
  (peer) => saying(peer, [], { cipherSuites: [0xc02f] }),
  failure(/that a certificate of ours fits \(.*\) \(we offered .*ecdsa_secp256r1_sha256/),
);
refuses(
  // proves RFC 5246 §7.4.3: "the server MUST check any candidate"
  // proves RFC 5246 §7.4.1.4.1: "TLS servers MUST support"
  "a client whose schemes our key can't do",
  (peer) => saying(peer, [extension("signature_algorithms", 0, 4, 8, 4, 4, 1)]),
  failure(/that a certificate of ours fits .*the peer offered .*rsa_pss_rsae_sha256, rsa_pkcs1_sha256/),
);
refuses(
  // RFC 5246 §7.4.1.4.1: without the extension the server acts as if {sha1,…} had been sent, and that is not ours.
  "a client without signature_algorithms: it can only do SHA-1",
  (peer) => without(peer, 13),
  failure(/that a certificate of ours fits/),
);
refuses(
  "an empty signature_algorithms",
  (peer) => saying(peer, [extension("signature_algorithms", 0, 0)]),
  decodeError(/signature_algorithms: its length is 0/),
);
refuses(
  "a signature_algorithms of odd length",
  (peer) => saying(peer, [extension("signature_algorithms", 0, 3, 4, 3, 4)]),
  decodeError(/signature_algorithms/),
);
refuses(
  // proves RFC 8422 §4: "when a client uses these extensions"
  // proves RFC 8422 §5.1: "A server that receives a ClientHello"
  // proves RFC 8422 §5.1: "or is unable to complete"
  // proves RFC 8422 §4: "Servers implementing ECC cipher suites"
  "a client without a group of ours",
  (peer) => saying(peer, [extension("supported_groups", 0, 4, 0, 22, 1, 0)]),
  failure(/Cannot agree on a group \(we offered x25519, .*; the peer offered secp256k1, ffdhe2048\)/),
);
refuses(
  "a client without supported_groups",
  (peer) => without(peer, 10),
  failure(/Cannot agree on a group .*the peer offered none/),
);
refuses(
  "a client without extensions",
  (peer) => saying(peer, [], { extensions: undefined }),
  failure(/Cannot agree on a group/),
);
refuses(
  "an empty supported_groups",
  (peer) => saying(peer, [extension("supported_groups", 0, 0)]),
  decodeError(/supported_groups: its length is 0/),
);
refuses(
  // RFC 8422 §5.3: the certificate's curve must be among the client's groups.
  // proves RFC 5246 §7.4.2: "The public key MUST use a curve"
  // proves RFC 8422 §5.1: "The server MUST consider"
  // proves RFC 8422 §5.3: "the public key in the server's certificate"
  // proves RFC 8422 §5.3: "A server that cannot satisfy"
  "a client that can't use the curve of our certificate",
  (peer) => saying(peer, [extension("supported_groups", 0, 2, 0, 29)]),
  failure(/supported_groups lack the curve of its key .*secp256r1.*the peer offered x25519/),
);
accepts(
  "a client with the group x25519 alone when the key is an Ed25519 one",
  (peer) => saying(peer, [extension("supported_groups", 0, 2, 0, 29)]),
  {},
  { kind: "ed25519", scheme: "ed25519" },
);

refuses(
  // RFC 5246 §7.4.1.2: "This vector MUST contain, and all implementations MUST support, CompressionMethod.null."
  // proves RFC 5246 §7.4.1.2: "This vector MUST contain"
  "a client without null compression",
  (peer) => saying(peer, [], { compressionMethods: [1] }),
  illegal(/no null compression is offered/),
);
accepts("a client that also offers DEFLATE", (peer) => saying(peer, [], { compressionMethods: [1, 0] }));
accepts("a session id that we don't know", (peer) => saying(peer, [], { sessionId: new Uint8Array(32).fill(7) }));

// proves RFC 5246 §7.4.1.4: "There MUST NOT be more than one"
test("refuses any extension that is there twice, also one that we don't know", () => {
  // RFC 5246 §7.4.1.4: "There MUST NOT be more than one extension of the same type."
  for (const type of [0, 10, 11, 13, 16, 23, 43, 65281, 0x0a0a, 4711]) {
    const peer = hostileClient();
    const usual = decodeClientHello(peer.clientHelloBody()).extensions ?? [];
    const one = usual.find((each) => each.type === type) ?? extension(type, 0);
    const extensions = [...usual.filter((each) => each !== one), one, one];
    peer.handshake("client_hello", peer.clientHelloBody({ extensions }));
    fails(peer, decodeError(/Cannot accept ClientHello: extension .* is there twice/));
  }
});

// proves RFC 5746 §3.6: "TLS servers implementing this specification MUST ignore"
test("accepts extensions that we don't know, empty or full of rubbish", () => {
  const unknown = [2, 3, 4, 14, 17, 20, 21, 24, 27, 34, 4711, 0xfafa, 65037].map((type) => extension(type, 1, 2, 3));
  goesOn(saying(hostileClient(), unknown));
});

// proves RFC 5246 §7.4.1.2: "If the list contains cipher suites"
test("accepts GREASE in every place where it may stand", () => {
  // RFC 8701 §3.1: servers "MUST NOT treat GREASE values differently from any unknown value".
  const grease = Array.from({ length: 16 }, (_, index) => 0x0a0a + index * 0x1010);
  const peer = hostileClient({ alpnProtocols: ["h2"] });
  saying(peer, [
    extension(0x1a1a),
    extension("supported_groups", ...uint16(2 * grease.length + 4), ...grease.flatMap(uint16), 0, 29, 0, 23),
    extension("signature_algorithms", ...uint16(2 * grease.length + 2), ...grease.flatMap(uint16), 4, 3),
    extension("supported_versions", 4, 0x2a, 0x2a, 3, 3),
    extension("application_layer_protocol_negotiation", 0, 6, 2, 0x3a, 0x3a, 2, 0x68, 0x32),
    extension("psk_key_exchange_modes", 1, 0x0b),
    extension(0xfafa, 0),
  ], { cipherSuites: [...grease, 0xc02b] });
  goesOn(peer);
  assert.is(peer.tls.session?.alpnProtocol, "h2");
});

refuses(
  // RFC 7301 §3.2: "then the server SHALL respond with a fatal "no_application_protocol" alert."
  // proves RFC 7301 §3.2: "In the event that the server"
  "a client whose ALPN protocols aren't ours",
  (peer) => saying(peer, [extension("application_layer_protocol_negotiation", 0, 3, 2, 0x68, 0x33)]),
  {
    alert: "no_application_protocol",
    error: PeerIncompatibleError,
    says: /Cannot agree on an application protocol \(ALPN\) \(we offered h2; the peer offered h3\)/,
  },
  { alpnProtocols: ["h2"] },
);
for (
  const [what, data] of [["empty list", [0, 0]], ["empty name", [0, 1, 0]], ["torn name", [0, 3, 3, 65, 66]]] as const
) {
  refuses(
    // RFC 7301 §3.1: "Empty strings MUST NOT be included and byte strings MUST NOT be truncated."
    // proves RFC 7301 §3.1: "The "extension_data" field"
    `an ALPN extension with an ${what}`,
    (peer) => saying(peer, [extension("application_layer_protocol_negotiation", ...data)]),
    decodeError(/application_layer_protocol_negotiation/),
    { alpnProtocols: ["h2"] },
  );
}

const serverName = (...names: readonly (readonly [number, string])[]): Extension => {
  const list = names.flatMap(([type, name]) => [type, ...uint16(name.length), ...asciiBytes(name)]);
  return extension("server_name", ...uint16(list.length), ...list);
};
refuses(
  // RFC 6066 §3: "The ServerNameList MUST NOT contain more than one name of the same name_type."
  // proves RFC 6066 §3: "The ServerNameList MUST NOT"
  "two host names",
  (peer) => saying(peer, [serverName([0, "a.example"], [0, "b.example"])]),
  illegal(/server_name: two host names/),
);
refuses(
  // proves RFC 6066 §3: "The "extension_data" field of this extension SHALL contain"
  "an empty server_name list",
  (peer) => saying(peer, [extension("server_name", 0, 0)]),
  decodeError(/server_name/),
);
refuses(
  "an empty server_name extension",
  (peer) => saying(peer, [extension("server_name")]),
  decodeError(/server_name/),
);
refuses(
  "an empty host name",
  (peer) => saying(peer, [serverName([0, ""])]),
  decodeError(/server_name.*its length is 0/),
);
for (const name of ["a b.example", "a.example\0", "a.example.", "x".repeat(256), "\x7f"]) {
  refuses(
    // RFC 6066 §3: "represented as a byte string using ASCII encoding without a trailing dot".
    `the host name ${JSON.stringify(name).slice(0, 20)}`,
    (peer) => saying(peer, [serverName([0, name])]),
    illegal(/server_name: .* is no host name/),
  );
}
accepts(
  "a name of a type that we don't know beside the host name",
  (peer) => saying(peer, [serverName([7, "whatever"], [0, "p256.fixture.example"])]),
);
accepts("a name of an unknown type alone", (peer) => saying(peer, [serverName([7, "whatever"])]));
accepts("no server_name at all", (peer) => without(peer, 0));
test("falls back to the first credential for a name that none of them bears", () => {
  const peer = hostileClient({ credentials: [credentialOf.p256, credentialOf.ed25519] });
  goesOn(saying(peer, [serverName([0, "other.example"])]));
  assert.is(peer.tls.session?.serverName, "other.example");
});

refuses(
  // RFC 8422 §5.1.2: "the server MUST abort the handshake and return an illegal_parameter alert."
  // proves RFC 8422 §5.1.2: "If the client sends the extension"
  "ec_point_formats without uncompressed",
  (peer) => saying(peer, [extension("ec_point_formats", 2, 1, 2)]),
  illegal(/ec_point_formats lacks uncompressed/),
);
refuses(
  "an empty ec_point_formats",
  (peer) => saying(peer, [extension("ec_point_formats", 0)]),
  decodeError(/ec_point_formats: its length is 0/),
);
accepts("no ec_point_formats: uncompressed is meant", (peer) => without(peer, 11));
refuses(
  // RFC 5746 §3.6: "verify that the length of the "renegotiated_connection" field is zero, and if it is not, MUST abort
  // the handshake."
  // proves RFC 5746 §3.6: "The server MUST check if the "renegotiation_info""
  // proves RFC 5746 §3.6: "The server MUST then verify"
  "a renegotiation_info that isn't empty",
  (peer) => saying(peer, [extension("renegotiation_info", 1, 0)]),
  {
    alert: "handshake_failure",
    error: PeerMisbehavedError,
    says: /renegotiation_info is not empty in a first handshake/,
  },
);
refuses(
  "a renegotiation_info with bytes behind it",
  (peer) => saying(peer, [extension("renegotiation_info", 0, 0)]),
  decodeError(/renegotiation_info: 1 bytes too many/),
);
refuses(
  "an extended_master_secret that isn't empty",
  (peer) => saying(peer, [extension("extended_master_secret", 0)]),
  decodeError(/extended_master_secret: 1 bytes too many/),
);

// proves RFC 5746 §3.6: "When a ClientHello is received"
// proves RFC 5746 §3.6: "If the secure_renegotiation flag"
// proves RFC 5746 §4.3: "even servers that do not support"
test("knows secure renegotiation by the extension or by the signalling suite, and answers both alike", () => {
  // RFC 5746 §3.6.
  const scsv = CipherSuite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV;
  const withSuite = hostileClient();
  const usual = decodeClientHello(withSuite.clientHelloBody()).extensions ?? [];
  const extensions = usual.filter(({ type }) => type !== 65281);
  withSuite.handshake("client_hello", withSuite.clientHelloBody({ extensions, cipherSuites: [scsv, 0xc02b] }));
  assert.is(goesOn(withSuite).tls.session?.secureRenegotiation, true);
  assert.is(goesOn(without(hostileClient(), 65281)).tls.session?.secureRenegotiation, false);
});

// proves RFC 7627 §5.2: "If the client and server choose to continue"
// proves RFC 7627 §5.2: "If it chooses to continue"
// proves RFC 7627 §5.1: "If the client and server agree"
test("connects without extended_master_secret under each suite, with other keys than with it", () => {
  const kind = "p256";
  for (
    const cipherSuite of [
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    ] as const
  ) {
    const lines = [true, false].map((extendedMasterSecret) => {
      const peer = hostileClient({ keyLog: true }, { kind, cipherSuite, extendedMasterSecret }).playAll();
      assert.is(peer.tls.session?.extendedMasterSecret, extendedMasterSecret);
      const line = peer.outputs.find(({ type }) => type === "keyLog");
      return line?.type === "keyLog" ? line.line : "";
    });
    assert.not.equal(lines[0], lines[1]);
  }
});

for (
  const [what, point] of [
    ["is all zero", new Uint8Array(32)],
    ["is of small order", Uint8Array.from({ length: 32 }, (_, index) => index === 0 ? 1 : 0)],
    ["is too short", new Uint8Array(31).fill(9)],
    ["is too long", new Uint8Array(33).fill(9)],
  ] as const
) {
  // proves RFC 8422 §5.10: "if either party obtains"
  // proves RFC 8422 §5.11: "a receiving party MUST check whether"
  test(`refuses a ClientKeyExchange whose x25519 key ${what}`, () => {
    // RFC 8422 §5.11: "a receiving party MUST check whether the computed premaster secret is the all-zero value and
    // abort the handshake if so".
    const peer = hostileClient().play("ClientHello").handshake(
      "client_key_exchange",
      Uint8Array.of(point.length, ...point),
    );
    fails(peer, {
      ...illegal(/ClientKeyExchange: its public key is no valid key of x25519/),
      state: /checkingClientKeyExchange/,
    });
  });
}

for (const [namedGroup, size] of [["secp256r1", 32], ["secp384r1", 48]] as const) {
  // proves RFC 8422 §5.11: "With the NIST curves"
  // proves RFC 8422 §5.11: "MUST check that the x and y"
  test(`refuses a ClientKeyExchange whose ${namedGroup} point is off the curve, compressed, at infinity or of a wrong length`, () => {
    // RFC 8422 §5.11: "MUST check that the x and y parameters from the peer's public value satisfy the curve equation".
    const offCurve = Uint8Array.of(4, ...new Uint8Array(2 * size).fill(1));
    const compressed = Uint8Array.of(2, ...new Uint8Array(size).fill(1));
    const tooBig = Uint8Array.of(4, ...new Uint8Array(2 * size).fill(255));
    for (
      const point of [
        offCurve,
        compressed,
        tooBig,
        Uint8Array.of(0),
        Uint8Array.of(4),
        offCurve.subarray(1),
        Uint8Array.of(6, ...offCurve.subarray(1)),
      ]
    ) {
      const peer = hostileClient({}, { namedGroup });
      saying(peer, [extension("supported_groups", 0, 4, 0, size === 32 ? 23 : 24, 0, 23)]);
      assert.is(peer.error, undefined);
      if (namedGroup === "secp384r1") assert.ok(peer.heard.includes("server_key_exchange"));
      peer.handshake("client_key_exchange", Uint8Array.of(point.length, ...point));
      fails(peer, illegal(/ClientKeyExchange: its public key is no valid key of secp/));
    }
  });
}

test("refuses an empty ClientKeyExchange point and bytes behind it", () => {
  for (const body of [[], [0], [32], [1, 1, 1]]) {
    const peer = hostileClient().play("ClientHello").record("handshake", Uint8Array.of(16, 0, 0, body.length, ...body));
    fails(peer, decodeError(/ClientKeyExchange/));
  }
});

test("shows in its error what both sides offered", () => {
  const peer = saying(hostileClient(), [], { cipherSuites: [0x009c] });
  const error: TlsError | undefined = peer.error;
  assert.instance(error, PeerIncompatibleError);
  assert.equal(error instanceof PeerIncompatibleError && error.offers?.theirs, ["TLS_RSA_WITH_AES_128_GCM_SHA256"]);
});

test.run();
