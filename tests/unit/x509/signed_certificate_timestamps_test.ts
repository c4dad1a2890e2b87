import { assert, suite } from "../../harness.ts";
import { concat } from "../../../lib/codec/bytes.ts";
import { encodeExtension } from "../../../lib/x509/certificate_writer.ts";
import { derNull, derOctetString } from "../../../lib/x509/der_writer.ts";
import { ExtensionId } from "../../../lib/x509/oids.ts";
import {
  certificateTimestamps,
  decodeTimestamp,
  decodeTimestampList,
  isPrecertificate,
  type SignedCertificateTimestamp,
  timestampText,
} from "../../../lib/x509/signed_certificate_timestamps.ts";
import { bytes, hex, makeLeaf, refusesToDecode } from "./builder.ts";

const test = suite("signed certificate timestamps");

/** Written by hand (RFC 6962 §3.2): version, log, time, extensions, algorithms, signature. */
const logId = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
const sct = concat(bytes(0), logId, hex("0000019c13c1a2b3 0000 04 03 0004 3006aabb"));
const decoded: SignedCertificateTimestamp = {
  version: "v1",
  logId,
  timestamp: 0x019c13c1a2b3,
  extensions: bytes(),
  hashAlgorithm: "sha256",
  signatureAlgorithm: "ecdsa",
  signature: hex("3006aabb"),
};
const later = hex("01ffeedd");

const opaque = (content: Uint8Array): Uint8Array => concat(bytes(content.length >> 8, content.length & 255), content);
const listOf = (...timestamps: readonly Uint8Array[]): Uint8Array => opaque(concat(...timestamps.map(opaque)));
const certificateWith = (
  value: Uint8Array,
  oid: string = ExtensionId.signedCertificateTimestampList,
  critical = false,
) => makeLeaf({ extensions: [encodeExtension(oid, critical, value)] }).certificate;

test("decodeTimestamp takes a SerializedSCT apart", () => {
  assert.equal(decodeTimestamp(sct), decoded);
  const full = concat(bytes(0), logId, hex("0000000000000001 0002 beef 06 01 0000"));
  assert.equal(decodeTimestamp(full), {
    ...decoded,
    timestamp: 1,
    extensions: hex("beef"),
    hashAlgorithm: "sha512",
    signatureAlgorithm: "rsa",
    signature: bytes(),
  });
});

test("decodeTimestamp leaves numbers of algorithms that have no name", () => {
  const unknown = decodeTimestamp(concat(bytes(0), logId, hex("0000000000000001 0000 08 07 0000")));
  assert.ok(unknown.version === "v1");
  assert.equal([unknown.hashAlgorithm, unknown.signatureAlgorithm], [8, 7]);
});

test("timestamps of a later version are kept as they are, whatever is in them", () => {
  assert.equal(decodeTimestamp(later), { version: 1, bytes: later });
  assert.equal(decodeTimestamp(bytes(255)), { version: 255, bytes: bytes(255) });
  assert.equal(decodeTimestampList(listOf(later, sct)), [{ version: 1, bytes: later }, decoded]);
});

test("decodeTimestampList takes a list as certificates and OCSP responses have it", () => {
  assert.equal(decodeTimestampList(listOf(sct)), [decoded]);
  assert.equal(decodeTimestampList(listOf(sct, sct, later)).length, 3);
});

test("certificateTimestamps reads the extension, and finds none where there is none", () => {
  assert.equal(certificateTimestamps(certificateWith(derOctetString(listOf(sct, later)))), [
    decoded,
    { version: 1, bytes: later },
  ]);
  assert.equal(certificateTimestamps(makeLeaf().certificate), []);
});

test("a timestamp that is torn at any byte is refused, and so is one with a byte too many", () => {
  for (let length = 1; length < sct.length; length++) {
    refusesToDecode(
      () => decodeTimestamp(sct.subarray(0, length)),
      /^Cannot decode .*SerializedSCT\.\S+ at byte \d+: it/,
    );
  }
  refusesToDecode(
    () => decodeTimestamp(bytes()),
    /SerializedSCT\.sct_version at byte 0: it has 1 bytes, but only 0 are/,
  );
  refusesToDecode(() => decodeTimestamp(concat(sct, bytes(0))), /SerializedSCT at byte 51: 1 bytes too many/);
});

test("a list that is torn at any byte is refused, and so are an empty one and one with an empty timestamp", () => {
  const list = listOf(sct, later);
  for (let length = 0; length < list.length; length++) {
    refusesToDecode(() => decodeTimestampList(list.subarray(0, length)), /^Cannot decode .* at byte \d+: /);
  }
  refusesToDecode(() => decodeTimestampList(listOf()), /sct_list at byte 0: its length is 0, not 1 to 65535/);
  refusesToDecode(
    () => decodeTimestampList(listOf(sct, bytes())),
    /SerializedSCT 1 at byte 55: its length is 0, not 1/,
  );
  refusesToDecode(() => decodeTimestampList(concat(list, bytes(0))), /List at byte 61: 1 bytes too many/);
  refusesToDecode(
    () => decodeTimestampList(opaque(bytes(0))),
    /length of SerializedSCT 0 at byte 2: it has 2 bytes, but/,
  );
});

test("errors in a list and in a certificate count from the start of what was given", () => {
  const broken = concat(sct, bytes(7));
  refusesToDecode(() => decodeTimestampList(listOf(sct, broken)), /SerializedSCT 1 at byte 108: 1 bytes too many/);
  refusesToDecode(
    () => certificateTimestamps(certificateWith(derOctetString(listOf(sct, broken)))),
    /SerializedSCT 1 at byte 110: 1 bytes too many/,
  );
});

test("the extension of a certificate is an OCTET STRING and nothing else", () => {
  refusesToDecode(
    () => certificateTimestamps(certificateWith(listOf(sct))),
    /TimestampList at byte 0: OCTET STRING expect/,
  );
  const more = concat(derOctetString(listOf(sct)), bytes(5, 0));
  refusesToDecode(() => certificateTimestamps(certificateWith(more)), /TimestampList at byte 57: 2 bytes too many/);
});

test("a time beyond what a Date can tell is refused, and the last one is not", () => {
  const at = (time: string): Uint8Array => concat(bytes(0), logId, hex(`${time} 0000 0403 0000`));
  const last = decodeTimestamp(at("001eb208c2dc0000"));
  assert.is(timestampText(last).slice(0, 36), "v1 of +275760-09-13T00:00:00.000Z, l");
  for (const time of ["001eb208c2dc0001", "ffffffffffffffff"]) {
    refusesToDecode(
      () => decodeTimestamp(at(time)),
      /SerializedSCT\.timestamp at byte 33: it is after the year 275760/,
    );
  }
});

test("timestampText says version, time, log and algorithms", () => {
  assert.is(
    timestampText(decoded),
    "v1 of 2026-01-31T11:13:03.155Z, log AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=, sha256 ecdsa",
  );
  assert.is(timestampText({ version: 1, bytes: later }), "version 1, which isn't known");
});

test("a precertificate has the poison, and has it critical", () => {
  const poison = ExtensionId.precertificatePoison;
  assert.ok(isPrecertificate(certificateWith(derNull(), poison, true)));
  assert.not(isPrecertificate(certificateWith(derNull(), poison, false)));
  assert.not(isPrecertificate(certificateWith(derOctetString(listOf(sct)))));
  assert.not(isPrecertificate(makeLeaf().certificate));
});

test.run();
