/**
 * What a hostile peer can do to records, in both roles: sizes, types, versions, keys, sequence numbers, floods.
 * RFC 5246 §6.2, §7.2.2.
 */
import { assert, suite } from "../harness.ts";
import { asciiBytes, concat } from "../../lib/codec/bytes.ts";
import { DecodeError, PeerMisbehavedError } from "../../lib/error.ts";
import { sampleBytes } from "../support/fixtures.ts";
import { fails, handshakeBytes, hostile, type HostilePeer, type Role, stepsOf, uint16 } from "./hostile_peer.ts";

const test = suite("hostile records");
const roles: readonly Role[] = ["client", "server"];
const first = (role: Role): "ClientHello" | "ServerHello" => role === "client" ? "ClientHello" : "ServerHello";
const header = (type: number, length: number): Uint8Array => Uint8Array.of(type, 3, 3, ...uint16(length));
const badRecordMac = {
  // RFC 5246 §7.2.2 bad_record_mac: "This alert is returned if a record is received with an incorrect MAC."
  alert: "bad_record_mac",
  error: PeerMisbehavedError,
  says: /^Cannot decrypt record: it was changed on its way, or made with other keys$/,
} as const;

for (const role of roles) {
  const who = `from a ${role}`;

  // proves RFC 5246 §6.2.3.3: "If the decryption fails"
  // proves RFC 5246 §7.2.2: "Whenever an implementation encounters"
  test(`meets a wrong MAC ${who} with bad_record_mac, always in the same words`, () => {
    for (const position of [0, 8, 12, -1]) {
      const peer = hostile(role).playAll();
      const record = peer.recordBytes("application_data", sampleBytes(20));
      const changed = record.slice();
      const at = position < 0 ? record.length + position : 5 + position;
      changed[at] = (changed[at] ?? 0) ^ 1;
      fails(peer.raw(changed), { ...badRecordMac, state: /^live\.connected$/ });
    }
  });

  test(`meets a wrong MAC on Finished ${who} with bad_record_mac`, () => {
    const peer = hostile(role).playUntil("Finished");
    const record = peer.recordBytes("handshake", handshakeBytes("finished", new Uint8Array(12)));
    fails(peer.raw(record.with(record.length - 1, (record.at(-1) ?? 0) ^ 1)), {
      ...badRecordMac,
      state: /awaitFinished$/,
    });
  });

  test(`refuses a record ${who} whose type was changed: it is part of what is authenticated`, () => {
    const peer = hostile(role).playAll();
    const record = peer.recordBytes("alert", Uint8Array.of(1, 0));
    fails(peer.raw(record.with(0, 23)), badRecordMac);
  });

  test(`refuses records ${who} that are repeated, left out or reordered`, () => {
    const repeated = hostile(role).playAll();
    const record = repeated.recordBytes("application_data", sampleBytes(5));
    fails(repeated.raw(record).raw(record), badRecordMac);

    const skipped = hostile(role).playAll();
    if (skipped.writing) skipped.writing.sequenceNumber++;
    fails(skipped.record("application_data", sampleBytes(5)), badRecordMac);

    const reordered = hostile(role).playAll();
    reordered.recordBytes("application_data", sampleBytes(5));
    fails(reordered.record("application_data", sampleBytes(6)), badRecordMac);
  });

  test(`refuses a protected record ${who} that is too short for its nonce and tag`, () => {
    for (const length of [0, 1, 8, 23]) {
      const peer = hostile(role).playAll();
      fails(peer.plainRecord("application_data", new Uint8Array(length)), badRecordMac);
    }
  });

  test(`refuses plaintext ${who} after ChangeCipherSpec`, () => {
    const peer = hostile(role).playUntil("Finished");
    fails(peer.plainRecord("handshake", handshakeBytes("finished", new Uint8Array(12))), badRecordMac);
    const connected = hostile(role).playAll();
    fails(connected.plainRecord("application_data", sampleBytes(100)), badRecordMac);
    const alerted = hostile(role).playAll();
    fails(alerted.plainRecord("alert", Uint8Array.of(1, 0)), badRecordMac);
  });

  // proves RFC 5246 §6.2.1: "The length MUST NOT exceed"
  test(`refuses a plaintext fragment ${who} of 2^14+1 bytes by its header alone`, () => {
    // RFC 5246 §7.2.2 record_overflow: "A TLSCiphertext record was received that had a length more than 2^14+2048
    // bytes, or a record decrypted to a TLSCompressed record with more than 2^14+1024 bytes" (uncompressed: 2^14).
    fails(hostile(role).raw(header(22, 2 ** 14 + 1)), {
      alert: "record_overflow",
      error: DecodeError,
      says: /its length is 16385, more than 16384/,
    });
    const fits = hostile(role).raw(header(22, 2 ** 14));
    assert.is(fits.error, undefined);
  });

  // proves RFC 5246 §6.2.3: "The length MUST NOT exceed"
  test(`refuses a protected fragment ${who} of more than 2^14+2048 bytes, and one that holds more than 2^14`, () => {
    fails(hostile(role).playAll().raw(header(23, 2 ** 14 + 2049)), {
      alert: "record_overflow",
      error: DecodeError,
      says: /its length is 18433, more than 18432/,
    });
    fails(hostile(role).playAll().record("application_data", sampleBytes(2 ** 14 + 1)), {
      alert: "record_overflow",
      error: DecodeError,
      says: /at most 16384 bytes of plaintext/,
    });
    const peer = hostile(role).playAll().record("application_data", sampleBytes(2 ** 14));
    const last = peer.outputs.at(-1);
    assert.is(last?.type === "data" && last.bytes.length, 2 ** 14);
  });

  // proves RFC 5246 §6.2.1: "Implementations MUST NOT send zero-length"
  test(`refuses empty handshake, alert and ChangeCipherSpec fragments ${who}, before and after the keys`, () => {
    // RFC 5246 §6.2.1: "Implementations MUST NOT send zero-length fragments of Handshake, Alert, or ChangeCipherSpec
    // content types."
    for (const type of ["handshake", "alert", "change_cipher_spec"] as const) {
      for (const peer of [hostile(role), hostile(role).playAll()]) {
        fails(peer.record(type, new Uint8Array(0)), {
          alert: "decode_error",
          error: DecodeError,
          says: /Cannot decode/,
        });
      }
    }
  });

  test(`survives 32 empty data records ${who} in a row, not 33`, () => {
    const peer = hostile(role).playAll();
    const nothing = new Uint8Array(0);
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 32; count++) peer.record("application_data", nothing);
      peer.record("application_data", sampleBytes(1));
    }
    assert.is(peer.error, undefined);
    for (let count = 0; count < 33; count++) peer.record("application_data", nothing);
    fails(peer, { alert: "unexpected_message", error: PeerMisbehavedError, says: /more empty records in a row/ });
    assert.not(peer.outputs.some((output) => output.type === "data" && output.bytes.length === 0));
  });

  test(`survives four warnings ${who} in a row and refuses the fifth, before and after the keys`, () => {
    for (const peer of [hostile(role), hostile(role).playAll()]) {
      for (let count = 0; count < 4; count++) peer.alert(1, 90);
      assert.is(peer.error, undefined);
      fails(peer.alert(1, 112), {
        // As OpenSSL does (SSL_R_TOO_MANY_WARN_ALERTS, after the fifth).
        alert: "unexpected_message",
        error: PeerMisbehavedError,
        says: /more warnings in a row \(the last was unrecognized_name\)/,
      });
    }
  });

  test(`counts warnings ${who} anew after data`, () => {
    const peer = hostile(role).playAll();
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 4; count++) peer.alert(1, 90);
      peer.record("application_data", sampleBytes(1));
    }
    assert.is(peer.error, undefined);
    assert.is(peer.tls.state, "live.connected");
  });

  test(`refuses a warning flood ${who} that is mixed with empty data records`, () => {
    const peer = hostile(role).playAll();
    for (let count = 0; count < 5; count++) peer.alert(1, 90).record("application_data", new Uint8Array(0));
    fails(peer, { alert: "unexpected_message", error: PeerMisbehavedError, says: /warnings in a row/ });
  });

  // proves RFC 5246 §6: "If a TLS implementation receives"
  test(`refuses every unknown content type ${who}, before and after the keys`, () => {
    // RFC 5246 §6: "If a TLS implementation receives an unexpected record type, it MUST send an unexpected_message
    // alert."
    for (const type of [0, 19, 24, 25, 63, 128, 255]) {
      for (const peer of [hostile(role), hostile(role).playAll()]) {
        fails(peer.record(type, Uint8Array.of(1)), {
          alert: "unexpected_message",
          error: PeerMisbehavedError,
          says: new RegExp(`content type ${type} is unknown`),
        });
      }
    }
  });

  // proves RFC 5246 appendix E.1: "Thus, TLS servers compliant"
  test(`takes any 3.x record version ${who} first, and 3.3 alone once the version is agreed`, () => {
    const [hello] = stepsOf[role];
    for (const version of [0x0300, 0x0301, 0x0302, 0x0304]) {
      const peer = hostile(role);
      const message = handshakeBytes(role === "client" ? "client_hello" : "server_hello", peer.bodyOf(first(role)));
      // RFC 5246 appendix E.1: "TLS servers compliant with this specification MUST accept any value {03,XX} as the
      // record layer version number for ClientHello."
      peer.note(message).record("handshake", message, version);
      assert.is(peer.error, undefined, `${hello} in a record of version ${version}`);
      fails(peer.record("handshake", Uint8Array.of(0), version), {
        alert: "protocol_version",
        error: PeerMisbehavedError,
        says: /its version is (SSLv3|TLSv1|TLSv1\.1|TLSv1\.3), not TLSv1\.2/,
      });
    }
    for (const version of [0x0203, 0x0403, 0xfefd, 0]) {
      fails(hostile(role).record("handshake", Uint8Array.of(1), version), {
        alert: "protocol_version",
        error: PeerMisbehavedError,
        says: /Cannot read record: its version is 0x[0-9a-f]{4}, not 3\.x/,
      });
    }
  });

  test(`says that a peer doesn't speak TLS when HTTP or other text comes ${who}`, () => {
    for (const text of ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", "220 smtp ready\r\n"]) {
      fails(hostile(role).raw(asciiBytes(text)), {
        alert: "unexpected_message",
        error: PeerMisbehavedError,
        says: new RegExp(`the peer doesn't speak TLS, it says "${text.slice(0, 5)}`),
      });
    }
  });

  test(`refuses an SSLv2 hello ${who}`, () => {
    // An SSLv2 CLIENT-HELLO: a two-byte length with the high bit set, msg_type 1, version 3.3 (RFC 5246 appendix E.2).
    const bytes = concat(Uint8Array.of(0x80, 0x2e, 1, 3, 3, 0, 0x15, 0, 0, 0, 0x10), sampleBytes(37));
    fails(hostile(role).raw(bytes), {
      alert: "unexpected_message",
      error: PeerMisbehavedError,
      says: /content type 128 is unknown/,
    });
  });

  test(`refuses a handshake message ${who} that claims to be huge, by its header alone`, () => {
    for (const length of [2 ** 18 + 1, 2 ** 24 - 1]) {
      const peer = hostile(role);
      const start = Uint8Array.of(role === "client" ? 1 : 2, length >> 16, (length >> 8) & 0xff, length & 0xff);
      fails(peer.record("handshake", start), {
        // As OpenSSL does (SSL_R_EXCESSIVE_MESSAGE_SIZE).
        alert: "illegal_parameter",
        error: PeerMisbehavedError,
        says: new RegExp(`its length is ${length}, more than 262144`),
      });
    }
  });

  test(`reads a handshake ${who} with every message over many records`, () => {
    const cut = hostile(role);
    for (const step of stepsOf[role]) {
      if (step === "ChangeCipherSpec") {
        cut.play(step);
        continue;
      }
      const name = ({
        ClientHello: "client_hello",
        ServerHello: "server_hello",
        Certificate: "certificate",
        ServerKeyExchange: "server_key_exchange",
        ServerHelloDone: "server_hello_done",
        ClientKeyExchange: "client_key_exchange",
        Finished: "finished",
      } as const)[step];
      const message = handshakeBytes(name, cut.bodyOf(step));
      cut.note(message);
      for (let at = 0; at < message.length; at += 3) cut.record("handshake", message.subarray(at, at + 3));
    }
    assert.is(cut.tls.state, "live.connected");
  });
}

test("reads a server's whole first flight from one record", () => {
  const peer = hostile("server");
  const flight = (["ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone"] as const).map((step) => {
    const name = ({
      ServerHello: "server_hello",
      Certificate: "certificate",
      ServerKeyExchange: "server_key_exchange",
      ServerHelloDone: "server_hello_done",
    } as const)[step];
    const message = handshakeBytes(name, peer.bodyOf(step));
    peer.note(message);
    return message;
  });
  peer.record("handshake", concat(...flight)).play("ChangeCipherSpec").play("Finished");
  assert.is(peer.tls.state, "live.connected");
});

test("takes a warning between two fragments of a message", () => {
  // RFC 5246 §6.2.1: fragments of one content type; alerts are another protocol and may come at any time.
  const peer: HostilePeer = hostile("server");
  const message = handshakeBytes("server_hello", peer.bodyOf("ServerHello"));
  peer.note(message).record("handshake", message.subarray(0, 10)).alert(1, 112).record(
    "handshake",
    message.subarray(10),
  );
  assert.is(peer.tls.state, "live.handshake.full.awaitCertificate");
});

test.run();
