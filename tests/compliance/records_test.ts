/** What the RFCs demand of records, seen on the wire. RFC 5246 §6, §7.1; RFC 6066 §4; RFC 8449 §4, §5. */
import { assert, suite } from "../harness.ts";
import type { TlsError } from "../../lib/error.ts";
import { defaultLimits } from "../../lib/limits.ts";
import { Tracer } from "../../lib/tracer.ts";
import { Wire } from "../../lib/wire.ts";
import { extension, hostileClient, hostileServer } from "../hostile/hostile_peer.ts";
import { clientConfig, credentialOf, sampleBytes, serverConfig } from "../support/fixtures.ts";
import { Pair } from "../support/pair.ts";
import { Acquaintance, firstOf } from "./resumption_scene.ts";
import { changeCipherSpec, clearMessages, handshake, helloOf, recordsOf, withExtensions } from "./taken_apart.ts";

const test = suite("records by the RFCs");
const maxFragmentLength = 1;
const recordSizeLimit = 28;
const applicationData = 23;
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
/** AES-GCM: 8 bytes of nonce, 16 of tag. */
const gcm = { cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] } as const;
const expansion = 24;

const lengths = (flights: readonly Uint8Array[], type: number): readonly number[] =>
  recordsOf(...flights).filter((record) => record.type === type).map(({ fragment }) => fragment.length);

// proves RFC 5246 §6: "Implementations MUST NOT send record types"
test("are of the four types of the RFC, whatever happens", () => {
  const friends = new Acquaintance("both", { client: { requestOcspResponse: true } });
  const types = new Set<number>();
  for (let meeting = 0; meeting < 2; meeting++) {
    const pair = friends.meet();
    pair.client.send(sampleBytes(20_000));
    pair.server.send(sampleBytes(20_000));
    pair.deliver();
    pair.client.close();
    pair.deliver();
    for (const { type } of recordsOf(...pair.client.transmitted, ...pair.server.transmitted)) types.add(type);
  }
  const failing = hostileClient();
  failing.record("application_data", bytes(1));
  for (const output of failing.outputs) {
    if (output.type === "transmit") { for (const { type } of recordsOf(output.bytes)) types.add(type); }
  }
  assert.equal([...types].sort(), [20, 21, 22, 23]);
});

for (const role of ["client", "server"] as const) {
  // proves RFC 5246 §7.1: "Immediately after sending this message"
  // proves RFC 5246 §7.1: "once the ChangeCipherSpec has been sent"
  test(`are protected with the new keys right after a ${role}'s ChangeCipherSpec, from the first one on`, () => {
    const peer = role === "client" ? hostileServer() : hostileClient();
    peer.playAll();
    const sent = peer.outputs.flatMap((output) => output.type === "transmit" ? [output.bytes] : []);
    const records = recordsOf(...sent);
    const change = records.findIndex(({ type }) => type === changeCipherSpec);
    assert.is(records[change + 1]?.type, handshake);
    assert.is(records[change + 1]?.fragment.length, 16 + expansion, "Finished has 4 + 12 bytes");
    assert.not.equal([...records[change + 1]?.fragment ?? []].slice(0, 4), [20, 0, 0, 12]);
    // The peer has opened it with keys that it derived itself, and sequence number 0.
    assert.equal(peer.heard.slice(-2), ["ChangeCipherSpec", "finished"]);
  });
}

// proves RFC 6066 §4: "Once a maximum fragment length"
// proves RFC 6066 §4: "The "extension_data" field of this extension SHALL contain a "MaxFragmentLength""
test("are as short as max_fragment_length wants them, those of the handshake too, both ways", () => {
  for (const [length, code] of [[512, 1], [1024, 2], [2048, 3], [4096, 4]] as const) {
    const config = clientConfig("rsa", { maxFragmentLength: length });
    const pair = new Pair(config, serverConfig("rsa")).shake();
    assert.is(pair.client.tls.state, "live.connected");
    assert.equal(helloOf(firstOf(pair.server)).extensions.get(maxFragmentLength), bytes(code));
    const clear = lengths([firstOf(pair.server)], handshake);
    assert.ok(Math.max(...clear) <= length);
    if (length === 512) assert.ok(clear.includes(512), "a Certificate has more than 512 bytes");
    for (const end of [pair.client, pair.server]) {
      end.send(sampleBytes(3 * length + 1));
      const data = lengths(end.transmitted, applicationData).map((each) => each - lengthsOf(pair.client.tls.session));
      assert.equal(data, [length, length, length, 1]);
    }
    pair.deliver();
    assert.equal(pair.client.data, pair.server.data);
  }
});

// proves RFC 8449 §4: "When the "record_size_limit" extension"
// proves RFC 8449 §5: "A server that supports the"
test("are as short as each side's record_size_limit wants them, whatever max_fragment_length says beside it", () => {
  for (const beside of [{}, { maxFragmentLength: 512 }]) {
    const pair = new Pair(
      clientConfig("p256", { ...gcm, recordSizeLimit: 100, ...beside }),
      serverConfig("p256", { ...gcm, recordSizeLimit: 1000 }),
    ).shake();
    assert.is(helloOf(firstOf(pair.server)).extensions.has(maxFragmentLength), false);
    for (const [end, limit] of [[pair.server, 100], [pair.client, 1000]] as const) {
      end.send(sampleBytes(2 * limit + 1));
      assert.equal(lengths(end.transmitted, applicationData).map((each) => each - expansion), [limit, limit, 1]);
    }
    assert.ok(Math.max(...lengths([firstOf(pair.server)], handshake)) > 100, "what is in the clear isn't limited");
  }
});

// proves RFC 8449 §4: "A server MUST NOT enforce this restriction"
// proves RFC 8449 §4: "Even if a larger record size limit"
test("are no longer than TLS 1.2 allows when a client's record_size_limit is larger", () => {
  for (const limit of [[0x40, 1], [0xff, 0xff]]) {
    const peer = hostileClient(gcm);
    const usual = helloOf(new Acquaintance("id").clientHello(gcm).bytes);
    const extensions = [...withExtensions(usual, { [recordSizeLimit]: bytes(...limit) }).extensions];
    peer.handshake(
      "client_hello",
      peer.clientHelloBody({ extensions: extensions.map(([type, data]) => extension(type, ...data)) }),
    );
    for (const step of ["ClientKeyExchange", "ChangeCipherSpec", "Finished"] as const) peer.play(step);
    peer.take(peer.tls.send(sampleBytes(2 ** 14 + 1)));
    assert.equal(peer.data.map(({ length }) => length), [2 ** 14, 1]);
  }
});

// proves RFC 8449 §4: "A TLS endpoint that receives a record larger"
// proves RFC 6066 §4: "a TLS record-layer peer receiving"
test("longer than agreed on are refused with record_overflow; too long ones unopened, whatever they hold", () => {
  for (const [type, data, limit] of [[recordSizeLimit, [0, 100], 200], [maxFragmentLength, [1], 512]] as const) {
    for (
      const [length, isSealed] of [[limit, true], [limit + 1, true], [limit + 1000, true], [
        limit + 1000,
        false,
      ]] as const
    ) {
      const peer = hostileClient({ ...gcm, recordSizeLimit: 200 });
      const usual = helloOf(new Acquaintance("id").clientHello(gcm).bytes);
      const hello = withExtensions(usual, { [type]: bytes(...data) });
      const extensions = [...hello.extensions].map(([number, content]) => extension(number, ...content));
      peer.handshake("client_hello", peer.clientHelloBody({ extensions }));
      for (const step of ["ClientKeyExchange", "ChangeCipherSpec", "Finished"] as const) peer.play(step);
      assert.is(peer.error, undefined);
      if (isSealed) peer.record("application_data", sampleBytes(length));
      else peer.plainRecord("application_data", sampleBytes(length));
      assert.is((peer.error as TlsError | undefined)?.alert, length === limit ? undefined : "record_overflow");
    }
  }
});

// proves RFC 8449 §4: "A TLS endpoint that receives a record larger"
test("longer than agreed on are refused after they were opened, where padding could have made them so", () => {
  for (const [length, isRefused] of [[64, false], [65, true], [100, true]] as const) {
    const wire = new Wire(defaultLimits, new Tracer("off", () => {}));
    const keys = {
      cipherSuite: gcm.cipherSuites[0],
      encryptThenMac: false,
      macKey: bytes(),
      key: bytes(),
      iv: bytes(),
    };
    const cipher = { seal: () => new Uint8Array(0), open: () => new Uint8Array(length) };
    wire.protectReading(keys, () => ({ cipher, maxRecords: 9, maxExpansion: 300 }));
    wire.limitRecords({ send: 64, receive: 64, onlyProtected: true });
    wire.push(bytes(applicationData, 3, 3, 0, 200, ...new Uint8Array(200)));
    const take = (): unknown => wire.next();
    if (isRefused) assert.throws(take, (error: TlsError) => error.alert === "record_overflow");
    else assert.is(wire.next()?.type, "applicationData");
  }
});

// proves RFC 6066 §1.1: "any messages associated with these extensions"
// proves RFC 6066 §8: "If a server returns a "CertificateStatus""
// proves RFC 6066 §8: "a server MUST NOT send the "CertificateStatus""
test("bear a CertificateStatus that was asked for and announced, and both Finished messages cover it", () => {
  const statusRequest = 5;
  const certificateStatus = 22;
  for (const asks of [true, false]) {
    const pair = new Pair(
      clientConfig("p256", { requestOcspResponse: asks }),
      serverConfig("p256", { credentials: [{ ...credentialOf.p256, ocspResponse: bytes(1, 2, 3) }] }),
    ).shake();
    assert.is(pair.client.tls.state, "live.connected");
    const flight = firstOf(pair.server);
    assert.equal(helloOf(flight).extensions.get(statusRequest), asks ? bytes() : undefined);
    assert.is(clearMessages(flight).filter(({ type }) => type === certificateStatus).length, asks ? 1 : 0);
    assert.equal(pair.client.tls.session?.ocspResponse, asks ? bytes(1, 2, 3) : undefined);
  }
  // A peer that keeps a transcript of its own finds the Finished messages right only if ours has the message, too.
  const asking = hostileClient({ credentials: [{ ...credentialOf.p256, ocspResponse: bytes(1, 2, 3) }] });
  const usual = helloOf(new Acquaintance("id").clientHello({ requestOcspResponse: true }).bytes).extensions;
  const extensions = [...usual].map(([type, data]) => extension(type, ...data));
  asking.handshake("client_hello", asking.clientHelloBody({ extensions }));
  assert.ok(asking.heard.includes("certificate_status"));
  for (const step of ["ClientKeyExchange", "ChangeCipherSpec", "Finished"] as const) asking.play(step);
  assert.is(asking.tls.state, "live.connected");
  for (const announces of [true, false]) {
    const peer = hostileServer({ requestOcspResponse: true });
    const answers = [extension("extended_master_secret"), ...announces ? [extension("status_request")] : []];
    peer.handshake("server_hello", peer.serverHelloBody({ extensions: answers }));
    peer.play("Certificate").handshake("certificate_status", bytes(1, 0, 0, 1, 7));
    assert.is(peer.error?.alert, announces ? undefined : "unexpected_message");
    if (!announces) continue;
    for (const step of ["ServerKeyExchange", "ServerHelloDone", "ChangeCipherSpec", "Finished"] as const) {
      peer.play(step);
    }
    assert.is(peer.tls.state, "live.connected");
  }
});

/** What the negotiated suite adds to a record. */
function lengthsOf(session: { readonly cipherSuite: string } | undefined): number {
  return session?.cipherSuite.includes("CHACHA20") ? 16 : expansion;
}

test.run();
