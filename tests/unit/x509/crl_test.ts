import { assert, suite } from "../../harness.ts";
import { asciiBytes, concat, joined, toHex } from "../../../lib/codec/bytes.ts";
import { DecodeError } from "../../../lib/error.ts";
import { encodeSignatureAlgorithm } from "../../../lib/x509/algorithm.ts";
import { encodeExtension } from "../../../lib/x509/certificate_writer.ts";
import { decodeCertificateRevocationList } from "../../../lib/x509/crl.ts";
import { DerReader, Tag } from "../../../lib/x509/der.ts";
import {
  derConstructed,
  derElement,
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derTime,
} from "../../../lib/x509/der_writer.ts";
import { encodeCommonName } from "../../../lib/x509/distinguished_name.ts";
import { CrlExtensionId } from "../../../lib/x509/oids.ts";
import { CrlReason } from "../../../lib/x509/revocation.ts";
import { Aliasing, bytes, day, hex, now, refusesToDecode } from "./builder.ts";
import {
  cRLNumber,
  entry,
  flag,
  fullName,
  issuingDistributionPoint,
  keyIdentifier,
  listDer,
  type ListRecipe,
  makeCrlIssuer,
  makeList,
  none,
  reasonCode,
  reasonFlags,
  url,
} from "./crl_builder.ts";

const test = suite("crl");
const issuer = makeCrlIssuer(1);
const serial = bytes(0x4a, 0x01);
const utcTime = (text: string): Uint8Array<ArrayBuffer> => derElement(Tag.UTCTime, asciiBytes(text));
const dated = (time: Uint8Array, ...rest: readonly Uint8Array[]): Uint8Array =>
  derSequence(derElement(Tag.INTEGER, serial), time, ...rest);
const refuses = (recipe: Partial<ListRecipe>, why: RegExp): void =>
  refusesToDecode(() => makeList({ issuer, ...recipe }), why);

test("has all that a list says", () => {
  const der = listDer({
    issuer,
    entries: [entry(bytes(5)), entry(serial, reasonCode(1))],
    extensions: [keyIdentifier(1)],
  });
  const list = decodeCertificateRevocationList(der);
  assert.equal(list.der, der);
  assert.is(list.version, 2);
  assert.is(list.issuer.text, "CN=CRL issuer");
  assert.equal([list.thisUpdate, list.nextUpdate], [now - day, now + day]);
  assert.equal(list.authorityKeyIdentifier, bytes(1));
  assert.equal(list.cRLNumber, bytes(7));
  assert.is(list.issuingDistributionPoint, undefined);
  assert.is(list.signatureAlgorithm, "ecdsa_sha256");
  assert.equal(list.extensions.map(({ oid }) => oid), [
    CrlExtensionId.cRLNumber,
    CrlExtensionId.authorityKeyIdentifier,
  ]);
  assert.is(list.revokedCertificates.count, 2);
  assert.is(list.revokedCertificates.fault, undefined);
  assert.equal(list.revokedCertificates.entryOf(bytes(5)), { revocationDate: now - day, reason: undefined });
  assert.equal(list.revokedCertificates.entryOf(serial), { revocationDate: now - day, reason: "keyCompromise" });
  for (const other of [bytes(6), bytes(4), bytes(0, 5), bytes(0x4a), bytes(0x4a, 1, 0), bytes(0x7f, 1, 2, 3), none]) {
    assert.is(list.revokedCertificates.entryOf(other), undefined, toHex(other));
  }
});

test("may have no entries, no nextUpdate and no extensions", () => {
  const list = makeList({ issuer, nextUpdate: none, crlExtensions: none });
  assert.is(list.revokedCertificates.count, 0);
  assert.is(list.revokedCertificates.entryOf(serial), undefined);
  assert.equal([list.nextUpdate, list.cRLNumber, list.extensions], [undefined, undefined, []]);
  const empty = makeList({ issuer, revokedCertificates: derSequence() });
  assert.is(empty.revokedCertificates.count, 0);
  assert.is(empty.revokedCertificates.entryOf(serial), undefined);
  const old = makeList({ issuer, version: none, crlExtensions: none, entries: [entry(serial)] });
  assert.is(old.version, 1);
  assert.is(old.revokedCertificates.entryOf(serial)?.revocationDate, now - day);
});

test("copies its bytes, also those of a Buffer", () => {
  const der = Aliasing.from(listDer({ issuer, entries: [entry(serial)] }));
  const list = decodeCertificateRevocationList(der);
  der.fill(0);
  assert.is(list.der[0], 0x30);
  assert.ok(list.revokedCertificates.entryOf(serial));
});

// proves RFC 5280 §5.1: "if present, MUST"
// proves RFC 5280 §5.1: "if present, version"
// proves RFC 5280 §5.1: "crlExtensions [0]"
// proves RFC 5280 §5.1.2.1: "When extensions are used"
test("is refused when its version and what it has don't fit", () => {
  refuses({ version: derInteger(0) }, /tbsCertList\.version at byte \d+: the number 0 is not v2 \(1\)/);
  refuses({ version: derInteger(2) }, /the number 2 is not v2/);
  refuses({ version: none }, /crlExtensions at byte \d+: they must not appear in a list of version 1/);
  refuses(
    { version: none, crlExtensions: none, entries: [entry(serial, reasonCode(1))] },
    /crlEntryExtensions at byte \d+: they must not appear in a list of version 1/,
  );
});

// proves RFC 5280 §5.1.1.2: "This field MUST contain"
// proves RFC 5280 §5.1.2.2: "This field MUST contain"
// proves RFC 5280 §5.1.2.3: "The issuer field MUST"
test("is refused when a field is malformed", () => {
  const algorithm = encodeSignatureAlgorithm("ecdsa_sha384");
  refuses({ outerAlgorithm: algorithm }, /outside it says ecdsa-with-SHA384 .*, inside ecdsa-with-SHA256/);
  refuses({ issuerName: derSequence() }, /tbsCertList\.issuer at byte \d+: the name is empty/);
  refuses({ thisUpdate: utcTime("300615120000") }, /thisUpdate at byte \d+: "300615120000" is not of the form/);
  refuses({ nextUpdate: utcTime("300631120000Z") }, /nextUpdate at byte \d+: .* is not a date and time that exists/);
  refuses({ nextUpdate: derInteger(1) }, /crlExtensions at byte \d+: \[0\] expected, INTEGER found/);
  refuses({ crlExtensions: concat(derConstructed(0, derSequence(cRLNumber)), derInteger(1)) }, /3 bytes too many/);
  refuses({ crlExtensions: derConstructed(0, derSequence()) }, /crlExtensions at byte \d+: the list is empty/);
  refuses({ crlExtensions: derConstructed(0, derSequence(cRLNumber), derInteger(1)) }, /3 bytes too many/);
  refuses({ extensions: [cRLNumber] }, /the extension appears twice/);
  refusesToDecode(() => decodeCertificateRevocationList(concat(listDer({ issuer }), bytes(0))), /1 bytes too many/);
  refusesToDecode(() => decodeCertificateRevocationList(none), /CertificateList at byte 0: SEQUENCE expected/);
});

// proves RFC 5280 §5.1.2.4: "Conforming applications MUST be able"
// proves RFC 5280 §5.1.2.5: "Conforming applications MUST be able"
test("has times of both types, from 1950 to 9999", () => {
  const [long, short] = [derElement(Tag.GeneralizedTime, asciiBytes("20300615120000Z")), utcTime("300615120000Z")];
  for (const time of [long, short]) {
    const list = makeList({ issuer, thisUpdate: time, nextUpdate: time, entries: [dated(time)] });
    const { revocationDate } = list.revokedCertificates.entryOf(serial) ?? {};
    assert.equal([list.thisUpdate, list.nextUpdate, revocationDate], [now, now, now]);
  }
  const wide = makeList({ issuer, thisUpdate: utcTime("500101000000Z"), nextUpdate: derTime(Date.UTC(9999, 0)) });
  assert.equal([wide.thisUpdate, wide.nextUpdate], [Date.UTC(1950, 0), Date.UTC(9999, 0)]);
  for (const field of ["thisUpdate", "nextUpdate"] as const) {
    for (const wrong of ["3006151200Z", "300615120000+0000", "300615120000.0Z"]) {
      refuses({ [field]: utcTime(wrong) }, new RegExp(`${field} at byte \\d+: .* is not of the form YYMMDDHHMMSSZ`));
      const general = derElement(Tag.GeneralizedTime, asciiBytes(`20${wrong}`));
      refuses({ [field]: general }, new RegExp(`${field} at byte \\d+: .* is not of the form YYYYMMDDHHMMSSZ`));
    }
  }
});

// proves RFC 5280 §5.2.3: "CRL verifiers MUST"
test("has a cRLNumber of up to 20 bytes", () => {
  const numbered = (number: Uint8Array): Partial<ListRecipe> => ({
    crlExtensions: derConstructed(0, derSequence(encodeExtension(CrlExtensionId.cRLNumber, false, number))),
  });
  const longest = new Uint8Array(20).fill(0xff);
  assert.equal(makeList({ issuer, ...numbered(derInteger(longest)) }).cRLNumber, longest);
  assert.equal(makeList({ issuer, ...numbered(derInteger(0)) }).cRLNumber, bytes(0));
  refuses(numbered(derInteger(new Uint8Array(21).fill(1))), /cRLNumber at byte \d+: 21 bytes are more than 20/);
  refuses(numbered(derElement(Tag.INTEGER, bytes(0xff))), /the INTEGER is negative/);
  refuses(numbered(concat(derInteger(1), bytes(0))), /1 bytes too many/);
  refuses(numbered(bytes(4, 0)), /INTEGER expected, OCTET STRING found/);
});

test("has the reason of each entry, none where it is no number that is known", () => {
  for (const [name, number] of Object.entries(CrlReason)) {
    const { revokedCertificates } = makeList({ issuer, entries: [entry(serial, reasonCode(number))] });
    assert.is(revokedCertificates.entryOf(serial)?.reason, name);
    const fault = name === "removeFromCRL" ? /entry at byte \d+ has the reason removeFromCRL, which only delta/ : /^$/;
    assert.match(revokedCertificates.fault ?? "", fault);
  }
  for (const number of [7, 11, 0x7f]) {
    const { revokedCertificates } = makeList({ issuer, entries: [entry(serial, reasonCode(number, true))] });
    assert.equal(revokedCertificates.entryOf(serial), { revocationDate: now - day, reason: undefined });
    assert.is(revokedCertificates.fault, undefined);
  }
});

const invalidityDate = (time: Uint8Array): Uint8Array => encodeExtension(CrlExtensionId.invalidityDate, false, time);
const generalizedTime = (text: string): Uint8Array => derElement(Tag.GeneralizedTime, asciiBytes(text));

// proves RFC 5280 §5.3.2: "The GeneralizedTime values"
test("is refused when an entry is malformed", () => {
  const refusesEntry = (malformed: Uint8Array, why: RegExp): void =>
    refuses({ entries: [entry(bytes(5)), malformed] }, why);
  const what = "tbsCertList\\.revokedCertificates";
  refusesEntry(derInteger(1), new RegExp(`${what} at byte \\d+: SEQUENCE expected, INTEGER found`));
  refusesEntry(derSequence(), new RegExp(`${what}\\.userCertificate at byte \\d+: INTEGER expected, the end found`));
  refusesEntry(entry(bytes(0, 5)), /userCertificate at byte \d+: the INTEGER is not in its shortest form/);
  refusesEntry(entry(none), /an INTEGER without content/);
  refusesEntry(dated(derInteger(1)), /revocationDate at byte \d+: UTCTime or GeneralizedTime expected, INTEGER found/);
  refusesEntry(dated(utcTime("300229120000Z")), /is not a date and time that exists/);
  refusesEntry(dated(derTime(now), derInteger(1)), new RegExp(`${what} at byte \\d+: 3 bytes too many`));
  refusesEntry(dated(derTime(now), derSequence()), /crlEntryExtensions at byte \d+: the list is empty/);
  refusesEntry(entry(serial, reasonCode(1), reasonCode(1)), /cRLReason at byte \d+: the extension appears twice/);
  const reason = (value: Uint8Array): Uint8Array =>
    entry(serial, encodeExtension(CrlExtensionId.cRLReason, false, value));
  refusesEntry(reason(derInteger(1)), /cRLReason at byte \d+: ENUMERATED expected, INTEGER found/);
  refusesEntry(reason(bytes(0x0a, 1, 1, 0)), /cRLReason at byte \d+: 1 bytes too many/);
  refusesEntry(reason(bytes(0x0a, 1, 0xff)), /the INTEGER is negative/);
  refusesEntry(entry(serial, invalidityDate(derTime(now))), /GeneralizedTime expected, UTCTime found/);
  refusesEntry(entry(serial, invalidityDate(generalizedTime("20300615120000.5Z"))), /is not of the form YYYYMM/);
  refusesEntry(entry(serial, invalidityDate(generalizedTime("20300615120000+0100"))), /is not of the form YYYYMM/);
  makeList({ issuer, entries: [entry(serial, invalidityDate(generalizedTime("20300615120000Z")))] });
  makeList({ issuer, entries: [dated(generalizedTime("20500615120000Z")), dated(utcTime("280229235959Z"))] });
});

// proves RFC 5280 §5.3: "If a CRL contains a critical CRL entry extension"
test("says why its entries can't be used", () => {
  const faultOf = (...extensions: readonly Uint8Array[]): string =>
    makeList({ issuer, entries: [entry(serial, ...extensions), entry(bytes(5)), dated(utcTime("300131000000Z"))] })
      .revokedCertificates.fault ?? "";
  const other = (critical: boolean): Uint8Array => encodeExtension("1.2.3", critical, bytes(5, 0));
  const certificateIssuer = (critical: boolean): Uint8Array =>
    encodeExtension(CrlExtensionId.certificateIssuer, critical, derSequence(derConstructed(4, encodeCommonName("x"))));
  assert.match(
    faultOf(other(true)),
    /^its entry at byte \d+ has the critical extension 1\.2\.3, which isn't supported$/,
  );
  assert.is(faultOf(other(false)), "");
  assert.is(faultOf(reasonCode(1, true)), "");
  assert.match(faultOf(certificateIssuer(true)), /names another issuer \(certificateIssuer\), which isn't supported/);
  assert.match(faultOf(certificateIssuer(false)), /names another issuer/);
  const written = derSequence(derObjectIdentifier("1.2.3"), bytes(1, 1, 0), derOctetString());
  assert.is(faultOf(written), "", "FALSE, written");
});

test("has the first of several entries of a certificate", () => {
  const entries = [entry(bytes(9)), entry(serial, reasonCode(6)), entry(bytes(5)), entry(serial, reasonCode(1))];
  const { revokedCertificates } = makeList({ issuer, entries });
  assert.is(revokedCertificates.entryOf(serial)?.reason, "certificateHold");
  assert.is(revokedCertificates.count, 4);
});

test("knows negative serial numbers, and long ones", () => {
  const [negative, long] = [bytes(0x80, 1), new Uint8Array(300).fill(0x11)];
  const { revokedCertificates } = makeList({ issuer, entries: [entry(long), entry(negative, reasonCode(4))] });
  assert.is(revokedCertificates.entryOf(negative)?.reason, "superseded");
  assert.ok(revokedCertificates.entryOf(long));
  assert.is(revokedCertificates.entryOf(long.subarray(1)), undefined);
  assert.is(revokedCertificates.entryOf(bytes(0, 0x80, 1)), undefined);
});

/** What an entry without odd extensions is, in other words than the library has. */
function isEntry(der: Uint8Array): boolean {
  try {
    const list = new DerReader(der);
    while (list.remaining > 0) {
      const fields = list.enter(Tag.SEQUENCE, "");
      fields.integer("");
      fields.time("");
      const extensions = fields.enterOptional(Tag.SEQUENCE, "");
      fields.end("");
      if (extensions === undefined) continue;
      const extension = extensions.enter(Tag.SEQUENCE, "");
      const oid = extension.objectIdentifier("");
      if (extension.nextTag() === Tag.BOOLEAN) extension.boolean("");
      const value = extension.enter(Tag["OCTET STRING"], "");
      extension.end("");
      extensions.end("");
      if (oid === CrlExtensionId.invalidityDate) return false;
      if (oid !== CrlExtensionId.cRLReason) continue;
      const number = value.expect(0x0a, "").content;
      if (number.length === 0 || (number[0] ?? 0) >= 0x80) return false;
      value.end("");
    }
    return true;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

test("takes the entries of usual form for what they are, whatever byte of them is changed", () => {
  const shell = entriesShell();
  const samples = [
    entry(bytes(0, 0x91, 2)),
    entry(bytes(0x41), reasonCode(10)),
    dated(utcTime("300228235959Z")),
    dated(utcTime("301219000000Z"), derSequence(reasonCode(6))),
  ];
  // The 29th takes the longer way: both must agree on where an entry ends.
  const rest = concat(dated(utcTime("300129000000Z")), entry(bytes(7)));
  let accepted = 0;
  for (const sample of samples) {
    for (let index = 0; index < sample.length; index++) {
      for (let value = 0; value < 256; value++) {
        const changed = concat(sample, rest);
        changed[index] = value;
        const isAccepted = decodes(shell(changed));
        if (isAccepted !== isEntry(changed)) assert.unreachable(`${toHex(changed)}: ${isAccepted}`);
        if (isAccepted) accepted++;
      }
    }
  }
  assert.ok(accepted > 1000 && accepted < 20_000, `${accepted}`);
});

/** A list around entries, whose signature is of others: decoding asks for none, and signing thousands takes long. */
function entriesShell(): (entries: Uint8Array) => Uint8Array {
  const [tbs = none, ...others] = children(listDer({ issuer, crlExtensions: none }));
  const before = joined(children(tbs));
  return (entries) => derSequence(derSequence(before, derElement(Tag.SEQUENCE, entries)), ...others);
}

function children(der: Uint8Array): readonly Uint8Array[] {
  const reader = new DerReader(der).enter(Tag.SEQUENCE, "");
  const found: Uint8Array[] = [];
  while (reader.remaining > 0) found.push(reader.element("").whole);
  return found;
}

function decodes(der: Uint8Array): boolean {
  try {
    decodeCertificateRevocationList(der);
    return true;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

test("that is cut off or changed in one byte is decoded or refused, and nothing else is thrown", () => {
  const point = issuingDistributionPoint(fullName(url("http://a.example/1")), flag(1), reasonFlags(3, 1, 2));
  const der = listDer({
    issuer,
    entries: [entry(bytes(5)), entry(serial, reasonCode(1), encodeExtension("1.2.3", true, bytes(5, 0)))],
    extensions: [keyIdentifier(1), point],
  });
  for (let length = 0; length < der.length; length++) assert.not(decodes(der.slice(0, length)), `${length}`);
  let accepted = 0;
  for (let index = 0; index < der.length; index++) {
    for (const change of [0x01, 0x04, 0x20, 0x80, 0xff]) {
      const changed = der.slice();
      changed[index] = (changed[index] ?? 0) ^ change;
      if (decodes(changed)) accepted++;
    }
  }
  assert.ok(accepted > 0 && accepted < der.length * 5, `${accepted}`);
});

test("has a hundred thousand entries, each of which is found", () => {
  const count = 100_000;
  const sample = entry(bytes(0x40, 0, 0, 0, 1), reasonCode(4));
  const entries = new Uint8Array(count * sample.length);
  // In no order at all: 7919 is a prime.
  const numberAt = (index: number): number => index * 7919 % count;
  for (let index = 0; index < count; index++) {
    entries.set(sample, index * sample.length);
    new DataView(entries.buffer).setUint32(index * sample.length + 5, numberAt(index));
  }
  const { revokedCertificates } = makeList({ issuer, revokedCertificates: derElement(Tag.SEQUENCE, entries) });
  assert.is(revokedCertificates.count, count);
  const serialOf = (number: number): Uint8Array => hex(`40${number.toString(16).padStart(8, "0")}`);
  for (let number = 0; number < count; number += 997) {
    assert.is(revokedCertificates.entryOf(serialOf(number))?.reason, "superseded", `${number}`);
  }
  assert.ok(revokedCertificates.entryOf(serialOf(count - 1)));
  assert.is(revokedCertificates.entryOf(serialOf(count)), undefined);
});

test("is refused when it, or a part of it, is too large", () => {
  refusesToDecode(
    () => decodeCertificateRevocationList(new Uint8Array(2 ** 26 + 1)),
    /67108865 bytes are more than the 67108864 that are allowed/,
  );
  const large = derOctetString(new Uint8Array(2 ** 17));
  const allowed = "SEQUENCE of \\d+ bytes, where 131072 are allowed";
  refuses({ issuerName: derSequence(large) }, new RegExp(`tbsCertList\\.issuer at byte \\d+: ${allowed}`));
  refuses({ algorithm: derSequence(large) }, new RegExp(`tbsCertList\\.signature at byte \\d+: ${allowed}`));
  refuses({ outerAlgorithm: derSequence(large) }, new RegExp(`signatureAlgorithm at byte \\d+: ${allowed}`));
  refuses({ extensions: [large] }, /crlExtensions at byte \d+: \[0\] of \d+ bytes, where 131072 are allowed/);
  refuses(
    { entries: [entry(serial, encodeExtension("1.2.3", false, new Uint8Array(2 ** 14)))] },
    /revokedCertificates at byte \d+: an entry of more than 16384 bytes/,
  );
  assert.is(makeList({ issuer, entries: [entry(new Uint8Array(16_000).fill(1))] }).revokedCertificates.count, 1);
});

test.run();
