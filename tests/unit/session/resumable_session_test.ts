import { assert, suite } from "../../harness.ts";
import { equalBytes, toHex } from "../../../lib/codec/bytes.ts";
import { DecodeError, InternalError } from "../../../lib/error.ts";
import { CipherSuite, NamedGroup, SignatureScheme } from "../../../lib/registry.ts";
import { decodeSession, encodeSession, type ResumableSession } from "../../../lib/session/resumable_session.ts";
import { dice } from "../../support/fixtures.ts";
import { Aliasing } from "../x509/builder.ts";
import { clientSession, clientSessionBytes, counting, serverSession, serverSessionBytes, there } from "./fixtures.ts";

const test = suite("resumable session");
const refuses = (bytes: Uint8Array, why: RegExp): void =>
  assert.throws(
    () => decodeSession(bytes),
    (error: unknown) => error instanceof DecodeError && why.test(error.message) || assert.is(String(error), `${why}`),
  );

/** The bytes with a few at `offset` replaced. */
function patched(bytes: Uint8Array, offset: number, ...values: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(values, offset);
  return copy;
}

const offsets = {
  role: 1,
  cipherSuite: 2,
  extended: 52,
  group: 53,
  scheme: 55,
  hasName: 57,
  name: 59,
  times: clientSessionBytes.length - 30,
  fragmentLength: clientSessionBytes.length - 2,
};

test("has the bytes that are written down by hand, both ways", () => {
  for (const [session, bytes] of [[clientSession, clientSessionBytes], [serverSession, serverSessionBytes]] as const) {
    assert.is(toHex(encodeSession(session)), toHex(bytes));
    assert.equal(decodeSession(bytes), session);
  }
});

test("comes back as it was, whatever it holds", () => {
  const roll = dice(4);
  const bytes = (most: number): Uint8Array<ArrayBuffer> => counting(1 + roll(most), roll(256));
  const pick = <Value>(values: readonly Value[]): Value => there(values[roll(values.length)]);
  const namesOf = <Name extends string>(registry: Readonly<Record<Name, number>>): Name[] => {
    const names: Name[] = [];
    for (const name in registry) names.push(name);
    return names;
  };
  const suites = namesOf(CipherSuite).filter((name) => name.includes("_WITH_"));
  for (let round = 0; round < 200; round++) {
    const role = pick(["client", "server"] as const);
    const ticket = role === "client" && roll(2) === 0 ? bytes(round < 3 ? 65_535 : 200) : undefined;
    const session: ResumableSession = {
      role,
      cipherSuite: pick(suites),
      masterSecret: counting(48, roll(256)),
      extendedMasterSecret: roll(2) === 0,
      namedGroup: pick(namesOf(NamedGroup)),
      signatureScheme: pick(namesOf(SignatureScheme)),
      serverName: roll(2) === 0 ? undefined : "n".repeat(1 + roll(255)),
      peerCertificates: Array.from({ length: roll(4) }, () => bytes(300)),
      ocspResponse: roll(2) === 0 ? undefined : bytes(300),
      signedCertificateTimestamps: Array.from({ length: roll(4) }, () => bytes(120)),
      verifiedBy: roll(2) === 0
        ? undefined
        : String.fromCharCode(...Array.from({ length: roll(9) }, () => roll(65_536))),
      createdAt: pick([0, 1, 1.5, 1_893_456_000_000, Number.MAX_VALUE, -1]),
      expiresAt: pick([0, 1, 1.5, 1_893_456_000_000, Number.MAX_VALUE, -1]),
      sessionId: counting(ticket === undefined && role === "client" ? 1 + roll(32) : roll(33), roll(256)),
      ticket,
      clientSignatureScheme: roll(2) === 0 ? undefined : pick(namesOf(SignatureScheme)),
      maxFragmentLength: roll(2) === 0 ? undefined : 2 ** (9 + roll(4)),
    };
    assert.equal(decodeSession(encodeSession(session)), session);
  }
});

test("is refused as a DecodeError when cut at any length, or when anything follows", () => {
  for (const bytes of [clientSessionBytes, serverSessionBytes]) {
    for (let length = 0; length < bytes.length; length++) refuses(bytes.subarray(0, length), /^Cannot decode session/);
    refuses(Uint8Array.of(...bytes, 0), /Cannot decode session: 1 bytes too many/);
  }
});

test("with any byte changed is refused, or is another session with exactly these bytes", () => {
  let [refused, other] = [0, 0];
  for (const bytes of [clientSessionBytes, serverSessionBytes]) {
    for (let offset = 0; offset < bytes.length; offset++) {
      for (let change = 1; change < 256; change++) {
        const changed = patched(bytes, offset, (bytes[offset] ?? 0) ^ change);
        try {
          assert.ok(equalBytes(encodeSession(decodeSession(changed)), changed));
          other++;
        } catch (error) {
          assert.instance(error, DecodeError);
          refused++;
        }
      }
    }
  }
  assert.ok(refused > 5000 && other > 5000, `${refused} refused, ${other} decoded`);
});

test("of another format isn't guessed", () => {
  refuses(new Uint8Array(0), /session.formatVersion: 1 bytes needed, 0 left/);
  refuses(patched(clientSessionBytes, 0, 0), /its format has version 0, and only 1 is known/);
  refuses(patched(clientSessionBytes, 0, 2), /its format has version 2, and only 1 is known/);
});

test("is refused with roles, names and flags that nobody has", () => {
  refuses(patched(clientSessionBytes, offsets.role, 2), /session.role: 2 is none of its numbers/);
  refuses(patched(clientSessionBytes, offsets.cipherSuite, 0xc0, 0xff), /session.cipherSuite: 49407 is none/);
  refuses(
    patched(clientSessionBytes, offsets.cipherSuite, 0x56, 0x00),
    /TLS_FALLBACK_SCSV is no cipher suite of TLS 1.2/,
  );
  refuses(patched(clientSessionBytes, offsets.cipherSuite, 0x13, 0x01), /TLS_AES_128_GCM_SHA256 is no cipher suite of/);
  refuses(patched(clientSessionBytes, offsets.extended, 2), /session.extendedMasterSecret: 2 is neither 0 nor 1/);
  refuses(patched(clientSessionBytes, offsets.group, 0, 0), /session.namedGroup: 0 is none/);
  refuses(patched(clientSessionBytes, offsets.scheme, 0, 0), /session.signatureScheme: 0 is none/);
  refuses(patched(clientSessionBytes, offsets.hasName, 255), /session.serverName: 255 is neither 0 nor 1/);
  refuses(patched(clientSessionBytes, offsets.name, 128), /session.serverName: it is not ASCII/);
});

test("is refused with times that are no numbers", () => {
  const [nan, infinity] = [[0x7f, 0xf8], [0xff, 0xf0, 0, 0, 0, 0, 0, 0]] as const;
  refuses(patched(clientSessionBytes, offsets.times, ...nan), /its times are NaN and 86400000.5, not ms since 1970/);
  refuses(patched(clientSessionBytes, offsets.times + 8, ...infinity), /its times are 1 and -Infinity/);
});

test("is refused with a length of fragments that nobody can agree on", () => {
  for (const [high, low] of [[0, 0], [0, 1], [2, 1], [32, 0], [64, 0], [255, 255]] as const) {
    refuses(patched(clientSessionBytes, offsets.fragmentLength, high, low), /maxFragmentLength: \d+ is no length/);
  }
  const [, ...rest] = clientSessionBytes.subarray(offsets.fragmentLength - 1);
  assert.equal(rest, [4, 0]);
  refuses(
    patched(clientSessionBytes, offsets.fragmentLength - 1, 2),
    /session.maxFragmentLength: 2 is neither 0 nor 1/,
  );
});

test("is refused when nothing names it at the server, or a server holds a ticket", () => {
  refuses(patched(serverSessionBytes, offsets.role, 0), /neither a session ID nor a ticket names it/);
  refuses(patched(clientSessionBytes, offsets.role, 1), /a server's session holds no ticket/);
  assert.equal(decodeSession(encodeSession({ ...clientSession, ticket: undefined })).ticket, undefined);
  assert.is(decodeSession(encodeSession({ ...clientSession, sessionId: new Uint8Array(0) })).sessionId.length, 0);
});

test("isn't encoded when it could not be decoded again", () => {
  const wrong: readonly Partial<ResumableSession>[] = [
    { cipherSuite: "TLS_EMPTY_RENEGOTIATION_INFO_SCSV" },
    { createdAt: NaN },
    { expiresAt: Infinity },
    { role: "server" },
    { ticket: undefined, sessionId: new Uint8Array(0) },
    { masterSecret: counting(47) },
    { masterSecret: counting(49) },
    { serverName: "" },
    { serverName: "n".repeat(256) },
    { serverName: "é.example" },
    { peerCertificates: [new Uint8Array(0)] },
    { ocspResponse: new Uint8Array(0) },
    { signedCertificateTimestamps: [new Uint8Array(65_533), new Uint8Array(1)] },
    { verifiedBy: "v".repeat(32_768) },
    { sessionId: counting(33) },
    { ticket: new Uint8Array(0) },
    { ticket: new Uint8Array(65_536) },
  ];
  for (const change of wrong) {
    assert.throws(
      () => encodeSession({ ...clientSession, ...change }),
      (error: unknown) => error instanceof InternalError || error instanceof RangeError,
      JSON.stringify(change).slice(0, 80),
    );
  }
});

test("shares no bytes with what it was decoded from, nor with what it was encoded from", () => {
  const bytes = Aliasing.of(...clientSessionBytes);
  const session = decodeSession(bytes);
  bytes.fill(0xff);
  assert.equal(session, clientSession);
  const masterSecret = counting(48);
  const encoded = encodeSession({ ...clientSession, masterSecret });
  masterSecret.fill(0xff);
  assert.is(toHex(encoded), toHex(clientSessionBytes));
});

test.run();
