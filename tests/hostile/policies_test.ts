/**
 * What an embedder may insist on, and what peers that don't have it get, in both roles: extended master secret, secure
 * renegotiation, no renegotiation at all, no fallback, encrypt-then-MAC only where it means something.
 * RFC 7627 §5.2; RFC 5746 §3.4, §3.6; RFC 5246 §7.4.1.1; RFC 7507 §3; RFC 7366 §2, §3.
 */
import { assert, suite } from "../harness.ts";
import { PeerIncompatibleError, PeerMisbehavedError, TlsUsageError } from "../../lib/error.ts";
import { createTlsClient } from "../../lib/core.ts";
import { decodeClientHello } from "../../lib/messages/client_hello.ts";
import { CipherSuite, type CipherSuiteName } from "../../lib/registry.ts";
import { clientConfig } from "../support/fixtures.ts";
import { extension, fails, hostileClient, type HostilePeer, hostileServer } from "./hostile_peer.ts";

const test = suite("policies");
const incompatible = (says: RegExp) => ({ alert: "handshake_failure", error: PeerIncompatibleError, says }) as const;

test("on a client: a server without extended master secret is accepted, or refused by option", () => {
  const peer = hostileServer({}, { extendedMasterSecret: false }).playAll();
  assert.is(peer.tls.session?.extendedMasterSecret, false);
  const strict = hostileServer({ requireExtendedMasterSecret: true }, { extendedMasterSecret: false }).play(
    "ServerHello",
  );
  fails(strict, incompatible(/no extended_master_secret, and requireExtendedMasterSecret wants it/));
  hostileServer({ requireExtendedMasterSecret: true }).playAll();
});

test("on a server: a client without extended master secret is accepted, or refused by option", () => {
  const peer = hostileClient({}, { extendedMasterSecret: false }).playAll();
  assert.is(peer.tls.session?.extendedMasterSecret, false);
  const strict = hostileClient({ requireExtendedMasterSecret: true }, { extendedMasterSecret: false }).play(
    "ClientHello",
  );
  fails(strict, incompatible(/no extended_master_secret/));
  assert.equal(strict.heard, []);
  hostileClient({ requireExtendedMasterSecret: true }).playAll();
});

test("on a client: a server without renegotiation_info is accepted, or refused by option", () => {
  const answering = (peer: HostilePeer): HostilePeer =>
    peer.handshake("server_hello", peer.serverHelloBody({ extensions: [extension("extended_master_secret")] }));
  const peer = answering(hostileServer());
  for (const step of ["Certificate", "ServerKeyExchange", "ServerHelloDone", "ChangeCipherSpec", "Finished"] as const) {
    peer.play(step);
  }
  assert.is(peer.tls.session?.secureRenegotiation, false);
  fails(answering(hostileServer({ requireSecureRenegotiation: true })), incompatible(/no renegotiation_info/));
  hostileServer({ requireSecureRenegotiation: true }).playAll();
});

test("on a server: a client with neither renegotiation_info nor its signalling suite is accepted, or refused by option", () => {
  const saying = (strict: boolean, more: readonly number[]): HostilePeer => {
    const peer = hostileClient({ requireSecureRenegotiation: strict });
    const { cipherSuites, extensions = [] } = decodeClientHello(peer.clientHelloBody());
    return peer.handshake(
      "client_hello",
      peer.clientHelloBody({
        cipherSuites: [...cipherSuites, ...more],
        extensions: extensions.filter(({ type }) => type !== 0xff01),
      }),
    );
  };
  const scsv = CipherSuite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV;
  for (const [strict, more, secure] of [[false, [], false], [false, [scsv], true], [true, [scsv], true]] as const) {
    const peer = saying(strict, more).play("ClientKeyExchange").play("ChangeCipherSpec").play("Finished");
    assert.is(peer.tls.session?.secureRenegotiation, secure);
    // RFC 5746 §3.6: the server answers with an empty extension, whichever way the client said it.
    assert.is(peer.serverHello?.extensions?.some(({ type }) => type === 0xff01), secure);
  }
  fails(saying(true, []), incompatible(/no renegotiation_info/));
});

test("on a client: HelloRequest is ignored while the handshake goes on, and isn't in the transcript", () => {
  // RFC 5246 §7.4.1.1: "This message will be ignored by the client if the client is currently negotiating a session."
  const peer = hostileServer({ onHelloRequest: "fail" });
  for (
    const step of ["ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone", "ChangeCipherSpec"] as const
  ) {
    peer.handshake("hello_request", new Uint8Array(0)).play(step);
  }
  peer.play("Finished");
  assert.is(peer.tls.state, "live.connected");
  assert.equal(peer.alerts, []);
});

test("on a client: HelloRequest afterwards is declined with a warning, or fatal by option", () => {
  const polite = hostileServer().playAll();
  for (let count = 0; count < 3; count++) polite.handshake("hello_request", new Uint8Array(0));
  assert.equal(polite.alerts, new Array(3).fill("warning no_renegotiation"));
  polite.record("application_data", Uint8Array.of(1, 2));
  assert.is(polite.outputs.at(-1)?.type, "data");
  const strict = hostileServer({ onHelloRequest: "fail" }).playAll().handshake("hello_request", new Uint8Array(0));
  fails(strict, { alert: "no_renegotiation", error: PeerMisbehavedError, says: /onHelloRequest is "fail"/ });
});

test("on a client: a HelloRequest with a body is refused", () => {
  for (const peer of [hostileServer().playAll()]) {
    peer.handshake("hello_request", Uint8Array.of(0));
    assert.is(peer.error?.alert, "decode_error");
  }
});

test("on a client: HelloRequest after its close_notify gets no answer", () => {
  const peer = hostileServer().playAll();
  peer.take(peer.tls.close());
  peer.handshake("hello_request", new Uint8Array(0));
  assert.equal(peer.alerts, ["warning close_notify"]);
  assert.is(peer.tls.state, "live.closing");
});

test("on a client: a ServerHello afterwards is refused", () => {
  const peer = hostileServer().playAll().play("ServerHello");
  fails(peer, { alert: "unexpected_message", error: PeerMisbehavedError, says: /Cannot accept ServerHello/ });
});

test("on a server: a renegotiation is refused with a fatal no_renegotiation, which is a stated deviation", () => {
  const peer = hostileClient().playAll().play("ClientHello");
  fails(peer, { alert: "no_renegotiation", error: PeerMisbehavedError, says: /renegotiation is not supported/ });
  const asked = hostileClient().playAll().handshake("hello_request", new Uint8Array(0));
  fails(asked, { alert: "unexpected_message", error: PeerMisbehavedError, says: /Cannot accept HelloRequest/ });
});

test("on a server: TLS_FALLBACK_SCSV is fatal where a higher version was possible, and nothing otherwise", () => {
  const saying = (clientVersion: number): HostilePeer => {
    const peer = hostileClient();
    const { cipherSuites } = decodeClientHello(peer.clientHelloBody());
    const body = peer.clientHelloBody({
      clientVersion,
      cipherSuites: [...cipherSuites, CipherSuite.TLS_FALLBACK_SCSV],
    });
    return peer.handshake("client_hello", body);
  };
  for (const clientVersion of [0x0300, 0x0301, 0x0302]) {
    // RFC 7507 §3: "the server MUST respond with a fatal inappropriate_fallback alert (unless it responds with a fatal
    // protocol_version alert because the version indicated in ClientHello.client_version is unsupported)."
    fails(saying(clientVersion), {
      alert: "inappropriate_fallback",
      error: PeerIncompatibleError,
      says: /TLS_FALLBACK_SCSV/,
    });
  }
  for (const clientVersion of [0x0303, 0x0304, 0x03ff]) assert.is(saying(clientVersion).error, undefined);
  // A client of TLS 1.3 alone hasn't fallen back: it is only spoken to by nobody here.
  const peer = hostileClient();
  const { cipherSuites, extensions = [] } = decodeClientHello(peer.clientHelloBody());
  peer.handshake(
    "client_hello",
    peer.clientHelloBody({
      cipherSuites: [...cipherSuites, CipherSuite.TLS_FALLBACK_SCSV],
      extensions: [...extensions, extension("supported_versions", 2, 3, 4)],
    }),
  );
  fails(peer, { alert: "protocol_version", error: PeerIncompatibleError, says: /Cannot agree on a version/ });
});

test("on a client: TLS_FALLBACK_SCSV is said by option, last, and an answer that chooses it is refused", () => {
  const peer = hostileServer({ fallbackScsv: true });
  assert.is(peer.clientHello?.cipherSuites.at(-1), 0x5600);
  assert.not(hostileServer().clientHello?.cipherSuites.includes(0x5600));
  peer.handshake("server_hello", peer.serverHelloBody({ cipherSuite: 0x5600 }));
  fails(peer, { alert: "illegal_parameter", error: PeerMisbehavedError, says: /was not offered/ });
});

const [aead, cbc] = [
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
] as const satisfies readonly CipherSuiteName[];

test("on a client: encrypt_then_mac is asked for with block ciphers only, and refused with an AEAD", () => {
  assert.not(hostileServer().clientHello?.extensions?.some(({ type }) => type === 22));
  const both = { legacyCbc: true, cipherSuites: [aead, cbc] } as const;
  const answering = (cipherSuite: number, ...data: readonly number[]): HostilePeer => {
    const peer = hostileServer(both);
    assert.ok(peer.clientHello?.extensions?.some(({ type, data }) => type === 22 && data.length === 0));
    const extensions = [extension("extended_master_secret"), extension("encrypt_then_mac", ...data)];
    return peer.handshake("server_hello", peer.serverHelloBody({ cipherSuite, extensions }));
  };
  assert.is(answering(CipherSuite[cbc]).error, undefined);
  // RFC 7366 §3: a server that chose another cipher "MUST NOT send an encrypt-then-MAC response extension".
  fails(answering(CipherSuite[aead]), {
    alert: "illegal_parameter",
    error: PeerMisbehavedError,
    says: /encrypt_then_mac/,
  });
  assert.is(answering(CipherSuite[cbc], 0).error?.alert, "decode_error");
  const unasked = hostileServer();
  unasked.handshake("server_hello", unasked.serverHelloBody({ extensions: [extension("encrypt_then_mac")] }));
  fails(unasked, {
    alert: "unsupported_extension",
    error: PeerMisbehavedError,
    says: /encrypt_then_mac was not offered/,
  });
});

test("on a server: encrypt_then_mac is answered where a block cipher was chosen, and only there", () => {
  const saying = (cipherSuite: CipherSuiteName, legacyCbc: boolean, ...data: readonly number[]): HostilePeer => {
    const peer = hostileClient({ legacyCbc });
    const usual = decodeClientHello(peer.clientHelloBody()).extensions ?? [];
    const extensions = [...usual, extension("encrypt_then_mac", ...data)];
    return peer.handshake(
      "client_hello",
      peer.clientHelloBody({ extensions, cipherSuites: [CipherSuite[cipherSuite]] }),
    );
  };
  const answers = (peer: HostilePeer): boolean | undefined =>
    peer.serverHello?.extensions?.some(({ type }) => type === 22);
  assert.is(answers(saying(cbc, true)), true);
  assert.is(answers(saying(aead, true)), false);
  assert.is(saying(cbc, true, 0).error?.alert, "decode_error");
  // Block ciphers are an opt-in.
  fails(saying(cbc, false), incompatible(/Cannot agree on a cipher suite/));
});

test("options of another kind than they should be are refused", () => {
  const refuses = (options: object, says: RegExp): void =>
    assert.throws(
      () => createTlsClient({ ...clientConfig("p256"), ...options }),
      (error: unknown) => error instanceof TlsUsageError && says.test(error.message),
    );
  for (
    const name of ["requireExtendedMasterSecret", "requireSecureRenegotiation", "fallbackScsv", "legacyCbc", "tickets"]
  ) {
    for (const value of ["true", 1, null]) refuses({ [name]: value }, new RegExp(`${name} is true or false`));
  }
  for (const onHelloRequest of ["ignore", true, null]) {
    refuses({ onHelloRequest }, /onHelloRequest is "decline" or "fail"/);
  }
  refuses({ cipherSuites: [cbc] }, /suites with CBC need legacyCbc: true/);
});

test.run();
