import { assert, suite } from "../../harness.ts";
import { DecodeError } from "../../../lib/error.ts";
import { encodeExtension } from "../../../lib/x509/certificate_writer.ts";
import { type CrlQuestion, crlStatus } from "../../../lib/x509/crl_checks.ts";
import { type CertificateRevocationList, decodeCertificateRevocationList } from "../../../lib/x509/crl.ts";
import {
  derBoolean,
  derConstructed,
  derElement,
  derInteger,
  derOctetString,
  derSequence,
  derTime,
} from "../../../lib/x509/der_writer.ts";
import { encodeCommonName } from "../../../lib/x509/distinguished_name.ts";
import { CrlExtensionId, ExtensionId } from "../../../lib/x509/oids.ts";
import type { RevocationStatus } from "../../../lib/x509/revocation.ts";
import { bytes, day, make, makeLeaf, now, type Recipe, refusesToDecode, signatureSchemes, testKey } from "./builder.ts";
import {
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

const test = suite("crl checks");
const issuer = makeCrlIssuer(1);
const leafOf = (recipe: Recipe = {}): CrlQuestion["certificate"] =>
  makeLeaf({ issuer, key: testKey(9), serial: 2, ...recipe }).certificate;
const certificate = leafOf();
const { serialNumber } = certificate;
const authority = makeCrlIssuer(2, { issuer, name: "CA below" }).certificate;
const listed = entry(serialNumber, reasonCode(1));

const ask = (crls: readonly CertificateRevocationList[], question: Partial<CrlQuestion> = {}) =>
  crlStatus({ crls, certificate, issuer: issuer.certificate, now, signatureSchemes, ...question });
const askOf = (recipe: Partial<ListRecipe>, question: Partial<CrlQuestion> = {}): RevocationStatus | undefined =>
  ask([makeList({ issuer, ...recipe })], question);
const typeOf = (recipe: Partial<ListRecipe>, question: Partial<CrlQuestion> = {}): string | undefined =>
  askOf(recipe, question)?.type;
const isUnusable = (status: RevocationStatus | undefined, why: RegExp): void => {
  assert.is(status?.type, "unusable", status?.text);
  assert.match(status?.text ?? "", why);
};

// proves RFC 5280 §5.1.1.3: "Applications that perform CRL checking"
test("call a certificate good that is not on the list, until its nextUpdate", () => {
  assert.equal(askOf({ entries: [entry(bytes(5))], extensions: [keyIdentifier(1)] }), {
    type: "good",
    text: 'it is not on the revocation list number 0x07 of "CN=CRL issuer" of 2030-06-14T12:00:00.000Z',
    nextUpdate: now + day,
  });
  assert.is(typeOf({}), "good");
});

test("call a certificate revoked that is on the list, for whatever reason and since whenever", () => {
  assert.equal(askOf({ entries: [entry(bytes(5)), listed] }), {
    type: "revoked",
    text: "it was revoked at 2030-06-14T12:00:00.000Z for the reason keyCompromise, " +
      'says the revocation list number 0x07 of "CN=CRL issuer" of 2030-06-14T12:00:00.000Z',
    revokedAt: now - day,
    reason: "keyCompromise",
  });
  const held = askOf({ entries: [entry(serialNumber, reasonCode(6))] });
  assert.ok(held?.type === "revoked" && held.reason === "certificateHold");
  const later = derSequence(derElement(0x02, serialNumber), derTime(now + 5 * day));
  const withoutReason = askOf({ entries: [later] });
  assert.ok(withoutReason?.type === "revoked" && withoutReason.revokedAt === now + 5 * day);
  assert.match(withoutReason.text, /at 2030-06-20T12:00:00.000Z without a reason, says/);
});

test("say nothing without a list by the certificate's issuer", () => {
  assert.is(ask([]), undefined);
  assert.is(askOf({ issuerName: encodeCommonName("Somebody else"), entries: [listed] }), undefined);
  // Names are compared as names.
  assert.is(typeOf({ issuerName: encodeCommonName("crl  ISSUER") }), "good");
});

// proves RFC 5280 §6.3.3: "The trust anchor for the certification path"
// proves RFC 5280 §8: "At a minimum, implementations validating CRLs"
test("don't use a list that its issuer's key didn't sign", () => {
  isUnusable(askOf({ signer: testKey(3) }), /number 0x07 .* can't be used: its signature .* was not made by the key/);
  isUnusable(
    askOf({ signer: testKey(3), entries: [listed] }),
    /was not made by the key .*, and the certificate is on it$/,
  );
  const forged = { signer: testKey(3), extensions: [keyIdentifier(1)] };
  isUnusable(askOf(forged), /was not made by the key/);
  isUnusable(askOf({}, { signatureSchemes: [] }), /its signature algorithm ecdsa-with-SHA256 .* is not supported/);
});

// proves RFC 5280 §5.2.3: "CRL issuers conforming to this profile MUST"
// proves RFC 5280 §5.2: "If a CRL contains a critical extension"
test("don't use a list that isn't a complete one of RFC 5280", () => {
  const extensions = (...list: readonly Uint8Array[]): Partial<ListRecipe> => ({
    crlExtensions: derConstructed(0, derSequence(...list)),
  });
  const critical = (oid: string, value: Uint8Array): Partial<ListRecipe> => ({
    extensions: [encodeExtension(oid, true, value)],
  });
  isUnusable(askOf({ crlExtensions: none }), /it has no cRLNumber/);
  isUnusable(askOf(extensions(keyIdentifier(1))), /it has no cRLNumber/);
  isUnusable(askOf({ version: none, crlExtensions: none }), /it is of version 1, not 2/);
  const number = encodeExtension(CrlExtensionId.cRLNumber, true, derInteger(7));
  isUnusable(askOf(extensions(number)), /its extension cRLNumber is critical, which isn't supported/);
  isUnusable(askOf(critical("1.2.3", none)), /its extension 1\.2\.3 is critical/);
  isUnusable(askOf(critical(CrlExtensionId.freshestCRL, none)), /its extension freshestCRL is critical/);
  assert.is(typeOf({ extensions: [encodeExtension("1.2.3", false, none)] }), "good");
  for (const isCritical of [true, false]) {
    const delta = encodeExtension(CrlExtensionId.deltaCRLIndicator, isCritical, derInteger(6));
    isUnusable(askOf({ extensions: [delta] }), /it is a delta list \(deltaCRLIndicator\)/);
  }
  const unknown = entry(bytes(5), encodeExtension("1.2.3", true, none));
  isUnusable(askOf({ entries: [unknown] }), /its entry at byte \d+ has the critical extension 1\.2\.3/);
  isUnusable(askOf({ entries: [entry(bytes(5), reasonCode(8))] }), /has the reason removeFromCRL/);
});

// proves RFC 5280 §5.1.2.5: "Conforming CRL issuers MUST include"
test("use a list from thisUpdate to nextUpdate, which it must have", () => {
  const [thisUpdate, nextUpdate] = [derTime(now), derTime(now + 1000)];
  const at = (time: number): RevocationStatus | undefined => askOf({ thisUpdate, nextUpdate }, { now: time });
  assert.is(at(now)?.type, "good");
  assert.is(at(now + 1000)?.type, "good");
  isUnusable(at(now - 1), /it was issued at 2030-06-15T12:00:00.000Z, and it is 2030-06-15T11:59:59.999Z/);
  isUnusable(at(now + 1001), /its nextUpdate was 2030-06-15T12:00:01.000Z, and it is 2030-06-15T12:00:01.001Z/);
  isUnusable(at(Number.NaN), /and it is no time \(NaN\)/);
  isUnusable(askOf({ nextUpdate: none }), /it has no nextUpdate/);
});

test("use lists of an issuer with cRLSign, or without keyUsage", () => {
  const { certificate: allowed } = issuer;
  assert.is(typeOf({}, { issuer: { ...allowed, keyUsage: undefined } }), "good");
  assert.is(typeOf({}, { issuer: { ...allowed, keyUsage: ["cRLSign"] } }), "good");
  isUnusable(
    askOf({}, { issuer: { ...allowed, keyUsage: ["keyCertSign"] } }),
    /its issuer may not sign lists: keyUsage has keyCertSign, not cRLSign/,
  );
});

test("leave out a list whose key identifier is another one, unless it is by this key, or has the certificate", () => {
  const other = { extensions: [keyIdentifier(2)], entries: [listed] };
  assert.is(askOf({ ...other, entries: [], signer: testKey(2) }), undefined);
  isUnusable(askOf({ ...other, signer: testKey(2) }), /was not made by the key .*, and the certificate is on it/);
  assert.is(typeOf(other), "revoked");
  assert.is(typeOf({ ...other, entries: [] }), "good");
  // Where one of them isn't there, the signature decides.
  isUnusable(askOf({ entries: [listed], signer: testKey(2) }), /was not made by the key/);
  const anonymous = { ...issuer.certificate, subjectKeyIdentifier: undefined };
  isUnusable(askOf({ ...other, signer: testKey(2) }, { issuer: anonymous }), /was not made by the key/);
  const ours = makeList({ issuer, extensions: [keyIdentifier(1)] });
  assert.is(ask([makeList({ issuer, ...other, entries: [], signer: testKey(2) }), ours])?.type, "good");
  isUnusable(ask([makeList({ issuer, ...other, signer: testKey(2) }), ours]), /the certificate is on it/);
});

const only = (...fields: readonly Uint8Array[]): Partial<ListRecipe> => ({
  extensions: [issuingDistributionPoint(...fields)],
});

test("leave out lists for another kind of certificates", () => {
  const [userCerts, cACerts, attributeCerts] = [only(flag(1)), only(flag(2)), only(flag(5))];
  const revoking = (recipe: Partial<ListRecipe>): Partial<ListRecipe> => ({ ...recipe, entries: [listed] });
  assert.equal([typeOf(userCerts), typeOf(revoking(userCerts))], ["good", "revoked"]);
  assert.is(typeOf(userCerts, { certificate: authority }), undefined);
  assert.is(typeOf(revoking(cACerts)), undefined);
  assert.is(typeOf(cACerts, { certificate: authority }), "good");
  assert.is(typeOf(revoking(attributeCerts)), undefined);
  assert.is(typeOf(attributeCerts, { certificate: authority }), undefined);
  // A list that can't be used doesn't become usable by being of another kind, and says nothing about this one.
  assert.is(typeOf({ ...cACerts, signer: testKey(3) }), undefined);
  isUnusable(askOf(only(flag(4))), /it is an indirect list \(indirectCRL\), which isn't supported/);
});

// proves RFC 5280 §5.2.5: "If either onlyContainsUserCerts or onlyContainsCACerts"
test("leave out lists for one kind of certificates alone where a certificate can't say of which kind it is", () => {
  const { certificate: old } = make({ issuer, key: testKey(9), serial: 2 });
  assert.is(old.version, 1);
  for (const kind of [flag(1), flag(2)]) {
    assert.is(typeOf(only(kind), { certificate: old }), undefined);
    assert.is(typeOf({ ...only(kind), entries: [entry(old.serialNumber)] }, { certificate: old }), undefined);
  }
  assert.is(typeOf(only(reasonFlags(3, 1, 2, 3, 4, 5, 6, 7, 8)), { certificate: old }), "good");
  assert.is(typeOf({ entries: [entry(old.serialNumber)] }, { certificate: old }), "revoked");
});

test("say that nothing is known of a certificate which only some reasons would have brought on the lists", () => {
  const some = (...bits: readonly number[]): CertificateRevocationList =>
    makeList({ issuer, ...only(reasonFlags(3, ...bits)) });
  isUnusable(
    ask([some(1, 2)]),
    /^no list would say that it was revoked for affiliationChanged, .*, aACompromise: there is the revocation list/,
  );
  isUnusable(ask([some()]), /revoked for keyCompromise, cACompromise/);
  isUnusable(
    ask([some(1, 2, 3, 4), some(1, 2, 5, 6, 7)]),
    /revoked for aACompromise: there is .*, the revocation list/,
  );
  assert.is(ask([some(1, 2, 3, 4), some(5, 6, 7, 8)])?.type, "good");
  assert.is(ask([some(1), makeList({ issuer })])?.type, "good");
  assert.is(typeOf({ ...only(reasonFlags(3, 1)), entries: [listed] }), "revoked");
  // A part that can't be used is missing.
  const stale = makeList({ issuer, ...only(reasonFlags(3, 5, 6, 7, 8)), nextUpdate: derTime(now - 1000) });
  isUnusable(ask([some(1, 2, 3, 4), stale]), /revoked for cessationOfOperation/);
});

const [here, there] = [url("http://crl.example/1"), url("http://crl.example/2")];
const point = (name: Uint8Array, ...rest: readonly Uint8Array[]): Uint8Array => derSequence(name, ...rest);
const pointed = (...points: readonly Uint8Array[]): Partial<CrlQuestion> => ({
  certificate: leafOf({
    extensions: [encodeExtension(ExtensionId.cRLDistributionPoints, false, derSequence(...points))],
  }),
});

// proves RFC 5280 §5.2.5: "The identical encoding MUST be used"
test("leave out lists of distribution points that the certificate doesn't have", () => {
  const list = { ...only(fullName(url("http://other.example/"), here)), entries: [listed] };
  const empty = only(fullName(here));
  assert.is(typeOf(list, pointed(point(fullName(here)))), "revoked");
  assert.is(typeOf(list, pointed(point(fullName(there)), point(fullName(there, here)))), "revoked");
  assert.is(typeOf(empty, pointed(point(fullName(here)))), "good");
  assert.is(typeOf(empty, pointed(point(fullName(there)))), undefined);
  assert.is(typeOf(list, pointed(point(fullName(there)))), undefined);
  assert.is(typeOf(list), undefined, "no distribution points");
  assert.is(typeOf(list, pointed(point(fullName(url("HTTP://crl.example/1"))))), undefined);
  const byOther = derConstructed(2, derConstructed(4, encodeCommonName("Other")));
  assert.is(typeOf(list, pointed(point(fullName(here), byOther))), undefined, "a list by another issuer");
  assert.is(typeOf(list, pointed(point(byOther), point(fullName(here)))), "revoked");
});

test("compare distribution points relative to the issuer, and the issuer's own name", () => {
  const relative = (name: string): Uint8Array => {
    const [, , , , ...rdn] = encodeCommonName(name);
    return derConstructed(0, derConstructed(1, Uint8Array.from(rdn)));
  };
  assert.is(typeOf(only(relative("a")), pointed(point(relative("a")))), "good");
  assert.is(typeOf(only(relative("a")), pointed(point(relative("b")))), undefined);
  const issuerName = derConstructed(4, issuer.certificate.subject.der);
  assert.is(typeOf(only(fullName(issuerName))), "good");
  assert.is(typeOf(only(fullName(derConstructed(4, encodeCommonName("Other"))))), undefined);
});

test("count only the reasons that a distribution point is for", () => {
  const [some, others] = [reasonFlags(1, 1, 2, 3, 4), reasonFlags(1, 5, 6, 7, 8)];
  isUnusable(askOf(only(fullName(here)), pointed(point(fullName(here), some))), /revoked for cessationOfOperation/);
  const both = pointed(point(fullName(here), some), point(fullName(there), others));
  isUnusable(askOf(only(fullName(here)), both), /revoked for cessationOfOperation/);
  assert.is(typeOf(only(fullName(here, there)), both), "good");
  const [first, second] = [[makeList({ issuer, ...only(fullName(here)) })], [
    makeList({ issuer, ...only(fullName(there)) }),
  ]];
  assert.is(ask(first, both)?.type, "unusable");
  assert.is(ask([...first, ...second], both)?.type, "good");
});

// proves RFC 5280 §4.2.1.13: "a DistributionPoint MUST NOT"
test("don't use a list that may be about a certificate whose distribution points are malformed", () => {
  const list = only(fullName(here));
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [derSequence(some()), /can't be known \(Cannot decode cRLDistributionPoints .*it names neither place nor issuer/],
    [derSequence(), /cRLDistributionPoints at byte \d+: the list is empty/],
    [derSequence(point(fullName())), /fullName at byte \d+: the list is empty/],
    [derSequence(point(derConstructed(0, derConstructed(1)))), /an empty RelativeDistinguishedName/],
    [derSequence(point(derConstructed(0, derInteger(1)))), /INTEGER is not a form of DistributionPointName/],
    [derSequence(point(fullName(here), derConstructed(2))), /cRLIssuer at byte \d+: the list is empty/],
    [derSequence(point(fullName(here), derInteger(1))), /3 bytes too many/],
    [derSequence(point(fullName(derInteger(1)))), /INTEGER is not a form of GeneralName/],
    [derOctetString(), /SEQUENCE expected/],
  ];
  for (const [value, why] of cases) {
    const extensions = [encodeExtension(ExtensionId.cRLDistributionPoints, false, value)];
    isUnusable(askOf(list, { certificate: leafOf({ extensions }) }), why);
    assert.is(typeOf({}, { certificate: leafOf({ extensions }) }), "good", "a list for all");
  }
});

const some = (): Uint8Array => derSequence(reasonFlags(1, 1));

// proves RFC 5280 §5.2.5: "Conforming CRLs issuers MUST NOT issue"
// proves RFC 5280 §5.2.5: "That is, if onlyContainsUserCerts"
test("never see a list whose issuingDistributionPoint is malformed", () => {
  const refuses = (why: RegExp, ...fields: readonly Uint8Array[]): void =>
    refusesToDecode(() => makeList({ issuer, ...only(...fields) }), why);
  refuses(/issuingDistributionPoint at byte [1-9]\d+: it is empty/);
  refuses(/it contains only userCerts, and only cACerts/, flag(1), flag(2));
  refuses(/it contains only cACerts, and only attributeCerts/, flag(2), flag(5));
  refuses(/indirectCRL at byte \d+: FALSE, the default, is written/, derElement(0x84, bytes(0)));
  refuses(/indirectCRL at byte \d+: a BOOLEAN is one byte/, derElement(0x84, bytes(1)));
  refuses(/onlySomeReasons at byte \d+: zero bits at the end are written/, derElement(0x83, bytes(5, 0x40)));
  refuses(/onlySomeReasons at byte \d+: 8 unused bits/, derElement(0x83, bytes(8, 0x40)));
  refuses(/1 bytes too many|3 bytes too many/, flag(2), flag(1));
  refuses(/3 bytes too many/, flag(1), derBoolean(true));
  refuses(/issuingDistributionPoint\.distributionPoint\.fullName at byte \d+: the list is empty/, fullName());
});

test("go by what any list says that can be used", () => {
  const [fresh, revoking] = [makeList({ issuer }), makeList({ issuer, entries: [listed] })];
  assert.is(ask([fresh, revoking])?.type, "revoked");
  assert.is(ask([revoking, fresh])?.type, "revoked");
  const stale = { nextUpdate: derTime(now - 1000) };
  const forged = { signer: testKey(3) };
  for (const unusable of [stale, forged]) {
    const [silent, loud] = [makeList({ issuer, ...unusable }), makeList({ issuer, ...unusable, entries: [listed] })];
    assert.is(ask([silent, fresh])?.type, "good");
    assert.is(ask([loud, revoking])?.type, "revoked");
    // Perhaps the certificate was held and isn't any more; perhaps it is revoked.
    for (const lists of [[loud, fresh], [fresh, loud], [silent, fresh, loud]]) {
      isUnusable(ask(lists), /can't be used: .*, and the certificate is on it$/);
    }
  }
  const delta = makeList({
    issuer,
    entries: [listed],
    extensions: [encodeExtension(CrlExtensionId.deltaCRLIndicator, true, derInteger(6))],
  });
  isUnusable(ask([fresh, delta]), /it is a delta list .*, and the certificate is on it$/);
  const later = makeList({ issuer, nextUpdate: derTime(now + 9 * day) });
  const status = ask([later, fresh]);
  assert.ok(status?.type === "good" && status.nextUpdate === now + day);
});

test("verify the signature of a list once for each key and scheme", () => {
  let count = 0;
  const counting = signatureSchemes.map((scheme) => ({
    ...scheme,
    verify: (...input: Parameters<typeof scheme.verify>) => {
      count++;
      return scheme.verify(...input);
    },
  }));
  const [list, other] = [makeList({ issuer }), makeList({ issuer, extensions: [keyIdentifier(2)] })];
  const question = { signatureSchemes: counting };
  for (let times = 0; times < 5; times++) assert.is(ask([list, other], question)?.type, "good");
  assert.is(count, 2);
  // What was found out with one key says nothing of another.
  const stranger = makeCrlIssuer(3).certificate;
  isUnusable(ask([list], { ...question, issuer: stranger }), /was not made by the key/);
  isUnusable(ask([list], { ...question, issuer: stranger }), /was not made by the key/);
  assert.is(count, 3);
  assert.is(ask([list], question)?.type, "good");
  isUnusable(ask([list], { signatureSchemes: [] }), /is not supported/);
  const refusing = counting.map((scheme) => ({ ...scheme, verify: () => false }));
  isUnusable(ask([list], { signatureSchemes: refusing }), /was not made by the key/);
});

test("never call a revoked certificate good, whatever byte of the list is changed", () => {
  const der = listDer({ issuer, entries: [entry(bytes(5)), listed], extensions: [keyIdentifier(1)] });
  const types = new Map<string, number>();
  for (let index = 0; index < der.length; index++) {
    const changed = der.slice();
    changed[index] = (changed[index] ?? 0) ^ 0x80 >> (index & 7);
    const type = statusOf(changed);
    types.set(type, (types.get(type) ?? 0) + 1);
  }
  assert.equal([...types.keys()].sort(), ["refused", "undefined", "unusable"]);
});

function statusOf(der: Uint8Array): string {
  try {
    return `${ask([decodeCertificateRevocationList(der)])?.type}`;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return "refused";
  }
}

test.run();
