import { assert, suite } from "../../harness.ts";
import { nobleProvider as provider } from "../../../lib/crypto/noble_provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { decodeCertificate } from "../../../lib/x509/certificate.ts";
import { crlStatus } from "../../../lib/x509/crl_checks.ts";
import { decodeCertificateRevocationList } from "../../../lib/x509/crl.ts";
import { constructedContextTag, DerReader, Tag } from "../../../lib/x509/der.ts";
import { issueCertificate, issueCertificateAuthority } from "../../../lib/x509/issue.ts";
import { issueCertificateRevocationList, type IssueCrlOptions, type Revocation } from "../../../lib/x509/issue_crl.ts";
import { loadPrivateKey } from "../../../lib/x509/load.ts";
import { CrlReason, type CrlReasonName } from "../../../lib/x509/revocation.ts";
import { privateKeyPem } from "../../support/x509_fixtures.ts";
import { bytes, countingRandom, day, makeAuthority, now } from "./builder.ts";

const test = suite("issue crl");
const common = { provider, random: countingRandom(7), now };
const issuer = issueCertificateAuthority({ ...common, name: "Test Root" });
const root = decodeCertificate(issuer.certificate);
const [kept = bytes(), lost = bytes()] = ["kept.example", "lost.example"].map((name) =>
  issueCertificate({ ...common, issuer, names: [name] }).chain[0]
);
const { serialNumber } = decodeCertificate(lost);
const issue = (options: Partial<IssueCrlOptions> = {}): Uint8Array<ArrayBuffer> =>
  issueCertificateRevocationList({ ...common, issuer, revoked: [], ...options });
const list = (options: Partial<IssueCrlOptions> = {}): ReturnType<typeof decodeCertificateRevocationList> =>
  decodeCertificateRevocationList(issue(options));
const statusOf = (certificate: Uint8Array, options: Partial<IssueCrlOptions>): ReturnType<typeof crlStatus> =>
  crlStatus({
    crls: [list(options)],
    certificate: decodeCertificate(certificate),
    issuer: root,
    now,
    signatureSchemes: provider.signatureSchemes,
  });
const refuses = (options: Partial<IssueCrlOptions>, why: RegExp): void =>
  assert.throws(() => issue(options), (error: unknown) => error instanceof TlsUsageError && why.test(error.message));

test("a list revokes what is on it, and nothing else", () => {
  const revoked = [{ serialNumber, revokedAt: now - day, reason: "keyCompromise" }] as const;
  assert.is(statusOf(kept, { revoked })?.type, "good");
  const status = statusOf(lost, { revoked });
  assert.ok(status?.type === "revoked" && status.revokedAt === now - day && status.reason === "keyCompromise");
});

// proves RFC 5280 §5.1.2.6: "When there are no revoked certificates"
// proves RFC 5280 §5: "When CRLs are issued, the CRLs MUST be"
// proves RFC 5280 §5.1.2.3: "The issuer field is defined"
// proves RFC 5280 §4.1.2.6: "(b) When the subject of the certificate"
// proves RFC 5280 §5.2: "Conforming CRL issuers are REQUIRED"
// proves RFC 5280 §5.2.1: "Conforming CRL issuers MUST use"
test("a list says what RFC 5280 wants it to say", () => {
  const { version, issuer: name, thisUpdate, nextUpdate, authorityKeyIdentifier, cRLNumber, extensions, tbs } = list();
  assert.is(version, 2);
  assert.equal(name.der, root.subject.der);
  assert.equal([thisUpdate, nextUpdate], [now - 3_600_000, now + 7 * day]);
  assert.equal(authorityKeyIdentifier, root.subjectKeyIdentifier);
  assert.equal(cRLNumber, bytes(0x71, 0xb6, 0x08, 0xc0), "the time in seconds");
  assert.equal(extensions.map(({ critical }) => critical), [false, false]);
  const filled = list({ revoked: [{ serialNumber, revokedAt: now }], days: 0.5, number: 0 });
  assert.equal([filled.nextUpdate, filled.cRLNumber], [now + day / 2, bytes(0)]);
  const before = [Tag.INTEGER, Tag.SEQUENCE, Tag.SEQUENCE, Tag.UTCTime, Tag.UTCTime];
  assert.equal(tagsIn(tbs), [...before, constructedContextTag(0)]);
  assert.equal(tagsIn(filled.tbs), [...before, Tag.SEQUENCE, constructedContextTag(0)]);
});

// proves RFC 5280 §5.1.2.4: "CRL issuers conforming to this profile MUST"
// proves RFC 5280 §5.1.2.5: "CRL issuers conforming to this profile MUST"
// proves RFC 5280 §5.1.2.6: "The time for revocationDate MUST"
test("times are UTCTime through 2049, and GeneralizedTime from 2050 on", () => {
  const [last, first] = [Date.UTC(2049, 11, 31, 23, 59, 59), Date.UTC(2050, 0)];
  const tagsOf = (thisUpdate: number, days: number, revokedAt: number): readonly number[] => {
    const { tbs, revokedCertificates } = list({
      now: thisUpdate + 3_600_000,
      days,
      revoked: [{ serialNumber, revokedAt }],
    });
    assert.is(revokedCertificates.entryOf(serialNumber)?.revocationDate, revokedAt);
    const fields = new DerReader(tbs).enter(Tag.SEQUENCE, "");
    for (let skipped = 0; skipped < 3; skipped++) fields.element("");
    const times = [fields.element("").tag, fields.element("").tag];
    const entry = fields.enter(Tag.SEQUENCE, "").enter(Tag.SEQUENCE, "");
    entry.element("");
    return [...times, entry.element("").tag];
  };
  assert.equal(tagsOf(last - 7 * day, 6.9, last), [Tag.UTCTime, Tag.UTCTime, Tag.UTCTime]);
  assert.equal(tagsOf(last, 7, first), [Tag.UTCTime, Tag.GeneralizedTime, Tag.GeneralizedTime]);
  assert.equal(tagsOf(first, 7, last), [Tag.GeneralizedTime, Tag.GeneralizedTime, Tag.UTCTime]);
});

// proves RFC 5280 §5.2.3: "If a CRL issuer generates two CRLs"
// proves RFC 5280 §5.2.3: "Conforming CRL issuers MUST NOT use"
test("lists of different times have different numbers, none of them long", () => {
  const lists = [0, 1, 999, 1000, 1001, 5000].map((later) => list({ now: now + later }));
  for (const one of lists) {
    for (const other of lists) {
      const isSame = one.thisUpdate === other.thisUpdate;
      assert.is(String(one.cRLNumber) === String(other.cRLNumber), isSame, `${one.thisUpdate} ${other.thisUpdate}`);
    }
  }
  assert.is(new Set(lists.map(({ thisUpdate }) => thisUpdate)).size, 3);
  assert.is(list({ number: Number.MAX_SAFE_INTEGER }).cRLNumber?.length, 7);
  refuses({ number: 2 ** 60 }, /with the number/);
});

function tagsIn(sequence: Uint8Array): readonly number[] {
  const reader = new DerReader(sequence).enter(Tag.SEQUENCE, "");
  const tags: number[] = [];
  while (reader.remaining > 0) tags.push(reader.element("").tag);
  return tags;
}

// proves RFC 5280 §5.3.1: "the reason code CRL entry extension SHOULD"
test("an entry has its reason, unless that says nothing", () => {
  const reasonOf = (reason: CrlReasonName | undefined): CrlReasonName | undefined =>
    list({ revoked: [{ serialNumber, revokedAt: now, reason }] }).revokedCertificates.entryOf(serialNumber)?.reason;
  for (const name in CrlReason) {
    const reason = Object.keys(CrlReason).find((key): key is CrlReasonName => key === name);
    if (reason === "removeFromCRL") continue;
    assert.is(reasonOf(reason), reason === "unspecified" ? undefined : reason);
  }
  assert.is(reasonOf(undefined), undefined);
});

test("the same input gives the same list", () => {
  const revoked = [{ serialNumber, revokedAt: now + 1 }, { serialNumber: bytes(5), revokedAt: now }];
  const random = (): ReturnType<typeof countingRandom> => countingRandom(3);
  assert.equal(issue({ revoked, random: random() }), issue({ revoked, random: random() }));
  assert.is(list({ revoked }).revokedCertificates.entryOf(serialNumber)?.revocationDate, now, "whole seconds");
});

for (const name of ["rsaPkcs8", "p384Pkcs8", "ed25519Pkcs8"] as const) {
  test(`a key of the caller's own signs lists (${name})`, () => {
    const key = loadPrivateKey(privateKeyPem[name]);
    const authority = issueCertificateAuthority({ ...common, name: "Own key", key });
    const { chain: [leaf] } = issueCertificate({ ...common, issuer: authority, names: ["kept.example"] });
    const status = crlStatus({
      crls: [list({ issuer: authority })],
      certificate: decodeCertificate(leaf),
      issuer: decodeCertificate(authority.certificate),
      now,
      signatureSchemes: provider.signatureSchemes,
    });
    assert.is(status?.type, "good", status?.text);
  });
}

test("many entries make a list", () => {
  const revoked = Array.from({ length: 130_000 }, (_, index) => ({
    serialNumber: bytes(0x41, index >> 16, index >> 8 & 255, index & 255),
    revokedAt: now,
  }));
  assert.is(list({ revoked }).revokedCertificates.count, 130_000);
});

test("what no list can say is refused", () => {
  const revoking = (revocation: Partial<Revocation>): Partial<IssueCrlOptions> => ({
    revoked: [{ serialNumber, revokedAt: now, ...revocation }],
  });
  refuses({ days: 0 }, /Cannot issue a revocation list for 0 days: the number must be positive/);
  refuses({ days: Number.NaN }, /for NaN days/);
  refuses({ days: 1e7 }, /with nextUpdate \d+: that is no time from 1950 to 9999/);
  refuses({ number: -1 }, /with the number -1/);
  refuses({ number: 0.5 }, /with the number 0\.5/);
  refuses({ now: Number.NaN }, /with the number NaN/);
  refuses({ now: Number.NaN, number: 1 }, /with thisUpdate NaN/);
  for (const wrong of [bytes(), bytes(0, 5), bytes(0x80)]) {
    refuses(
      revoking({ serialNumber: wrong }),
      /the certificate 0x.*: its serial number is not a minimal INTEGER that isn't neg/,
    );
  }
  refuses(revoking({ revokedAt: Number.NaN }), /with revokedAt NaN: that is no time from/);
  refuses(
    revoking({ reason: "removeFromCRL" }),
    /that revokes the certificate 0x[0-9a-f]+ for the reason "removeFromCRL"/,
  );
  refuses(
    { revoked: [0, 1].map((ms) => ({ serialNumber, revokedAt: now + ms })) },
    /the certificate 0x[0-9a-f]+ twice/,
  );
});

test("a CA whose certificate doesn't let it sign lists can't issue one", () => {
  const other = issueCertificateAuthority({ ...common, name: "Other" });
  refuses(
    { issuer: { ...issuer, privateKey: other.privateKey } },
    /with "CN=Test Root": its private key does not belong to its certificate/,
  );
  const { certificate, key } = makeAuthority({ name: "No lists" });
  refuses(
    { issuer: { certificate: certificate.der, chain: [], privateKey: key } },
    /with "CN=No lists": keyUsage of its certificate has keyCertSign, not cRLSign/,
  );
  refuses({ issuer: { ...issuer, certificate: bytes(0x30, 0) } }, /with a CA whose certificate is broken: Cannot/);
});

test.run();
