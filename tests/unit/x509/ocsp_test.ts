import { assert, suite } from "../../harness.ts";
import { concat, equalBytes } from "../../../lib/codec/bytes.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import type { PublicKey, SignatureSchemeElement } from "../../../lib/crypto/provider.ts";
import { type Certificate, decodeCertificate } from "../../../lib/x509/certificate.ts";
import { encodeExtension } from "../../../lib/x509/certificate_writer.ts";
import {
  derConstructed,
  derElement,
  derInteger,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derSet,
} from "../../../lib/x509/der_writer.ts";
import type { RevocationStatus } from "../../../lib/x509/revocation.ts";
import { bytes, day, ecdsaSha256, makeAuthority, makeLeaf, now } from "./builder.ts";
import {
  basicOf,
  byKey,
  byName,
  hashes,
  hashOids,
  revoked,
  singleOf,
  type SingleRecipe,
  successful,
  time,
  unknown,
  wrapped,
} from "./ocsp_builder.ts";
import { ask, delegated, isGood, isUnusable, leaf, makeDelegate, other, response, root, single } from "./ocsp_scene.ts";

const test = suite("OCSP");
const minute = 60_000;

test("says good until the next update, and why", () => {
  for (const responderId of [byName(root.certificate.subject.der), byKey(root.certificate)]) {
    assert.equal(ask(response({ responderId })), {
      type: "good",
      text: "the OCSP response says that it is good, as of 2030-06-14T12:00:00.000Z, until 2030-06-16T12:00:00.000Z",
      nextUpdate: now + day,
    });
  }
});

test("says revoked, since when and for which reason", () => {
  const answer = (status: Uint8Array): RevocationStatus => ask(response({ singles: [single({ status })] }));
  assert.equal(answer(revoked(now - 5 * day, 1)), {
    type: "revoked",
    text: "the OCSP response says that it was revoked at 2030-06-10T12:00:00.000Z (keyCompromise), " +
      "as of 2030-06-14T12:00:00.000Z",
    revokedAt: now - 5 * day,
    reason: "keyCompromise",
  });
  for (const status of [revoked(now), revoked(now, 7), revoked(now + day), revoked(0, 6), revoked(now, 8)]) {
    assert.is(answer(status).type, "revoked");
  }
  assert.match(answer(revoked(now, 7)).text, /\(no known reason\)/);
});

test("is unusable where the responder doesn't know the certificate", () => {
  isUnusable(response({ singles: [single({ status: unknown })] }), /its responder doesn't know the certificate$/);
});

test("is unusable for each error of a responder, which is named", () => {
  const names = [[1, "malformedRequest"], [2, "internalError"], [3, "tryLater"], [5, "sigRequired"], [
    6,
    "unauthorized",
  ]];
  for (const [number, name] of names) {
    isUnusable(wrapped(Number(number)), new RegExp(`its responseStatus is ${name}$`));
  }
});

test("is unusable in a syntax that isn't the basic one", () => {
  isUnusable(successful(bytes(5, 0), "1.2.3.4"), /its responseType is 1.2.3.4, not id-pkix-ocsp-basic/);
  const long = ask(successful(bytes(5, 0), `1.2${".3".repeat(60_000)}`)).text;
  assert.match(long, /an OBJECT IDENTIFIER of 60001 bytes, more than 128$/);
});

test("is unusable where it is malformed, and says where", () => {
  isUnusable(bytes(), /Cannot decode OCSPResponse at byte 0: SEQUENCE expected, the end found/);
  isUnusable(new Uint8Array(70_000), /70000 bytes are more than the 65536 that are allowed/);
  isUnusable(response({ version: derConstructed(0, derInteger(1)) }), /the number 1 is not v1/);
  for (let length = 0; length < response().length; length += 7) {
    isUnusable(response().subarray(0, length), /Cannot decode/);
  }
});

// proves RFC 6960 §3.2: "OCSP clients SHALL confirm that: 1."
test("is about the certificate whose issuer's name and key and whose number it names, by any of four hashes", () => {
  for (const hash of ["sha1", "sha256", "sha384", "sha512"] as const) {
    isGood(response({ singles: [single({ hash })] }));
    const plain = derSequence(derObjectIdentifier(hashOids[hash]));
    isGood(response({ singles: [single({ hash, hashAlgorithm: plain })] }));
  }
  const wrong: readonly SingleRecipe[] = [
    { serialNumber: other.certificate.serialNumber },
    { serialNumber: bytes(0, ...leaf.certificate.serialNumber.map((byte) => byte | 0x80)) },
    { nameHash: hashes.sha1.digest(leaf.certificate.subject.der) },
    { nameHash: bytes() },
    { keyHash: hashes.sha1.digest(leaf.certificate.subjectPublicKey) },
    { keyHash: hashes.sha1.digest(root.certificate.spki) },
    { hashAlgorithm: derSequence(derObjectIdentifier(hashOids.sha256), derNull()) },
    { hashAlgorithm: derSequence(derObjectIdentifier("1.2.840.113549.2.5"), derNull()) },
    { hashAlgorithm: derSequence(derObjectIdentifier(hashOids.sha1), derInteger(1)) },
  ];
  for (const recipe of wrong) {
    isUnusable(response({ singles: [single(recipe)] }), /it says nothing about number \w+ of the issuer "CN=root"/);
  }
  isUnusable(response({ singles: [] }), /it says nothing about number/);
  isGood(response({ singles: [...wrong.map(single), single()] }));
});

test("may name the issuer as the certificate writes it, and as the CA writes itself", () => {
  const printable = derSequence(
    derSet(derSequence(derObjectIdentifier("2.5.4.3"), derElement(0x13, bytes(0x52, 0x4f, 0x4f, 0x54)))),
  );
  const authority = makeAuthority({ subject: printable });
  const { certificate } = makeLeaf({
    issuer: { key: authority.key, certificate: makeAuthority({ name: "root", key: authority.key }).certificate },
  });
  assert.not.equal(certificate.issuer.der, authority.certificate.subject.der);
  for (const name of [certificate.issuer.der, authority.certificate.subject.der]) {
    const singles = [singleOf(certificate, authority.certificate, { nameHash: hashes.sha1.digest(name) })];
    const der = successful(basicOf(certificate, authority, { singles }));
    isGood(der, { certificate, issuer: authority.certificate });
  }
});

test("that says several things of a certificate is as bad as the worst of them", () => {
  const bad = single({ status: revoked(now - day, 1) });
  const stale = single({ thisUpdate: now - 3 * day, nextUpdate: now - day });
  const critical = single({ extensions: [encodeExtension("1.2.3", true, bytes(5, 0))] });
  const unknownToo = single({ status: unknown });
  const typeOf = (...singles: readonly Uint8Array[]): string => ask(response({ singles })).type;
  for (const one of [single(), stale, critical, unknownToo]) {
    assert.equal([typeOf(one, bad), typeOf(bad, one)], ["revoked", "revoked"]);
  }
  for (const one of [stale, critical, unknownToo]) {
    assert.equal([typeOf(one, single()), typeOf(single(), one)], ["unusable", "unusable"]);
  }
  const staleBad = single({ status: revoked(now), nextUpdate: now - day, thisUpdate: now - 2 * day });
  assert.equal([typeOf(staleBad, single()), typeOf(single(), staleBad)], ["unusable", "unusable"]);
  const updates = (...nexts: readonly (number | undefined)[]): number | undefined => {
    const status = ask(
      response({ singles: nexts.map((nextUpdate) => single({ thisUpdate: now - day / 2, nextUpdate })) }),
    );
    return status.type === "good" ? status.nextUpdate : Number.NaN;
  };
  assert.is(updates(now + 3 * day, now + day, now + 2 * day), now + day);
  assert.equal([updates(undefined, now + 3 * day), updates(now + 3 * day, undefined)], [now + day / 2, now + day / 2]);
});

test("doesn't mind what it says of other certificates", () => {
  const others = [
    singleOf(other.certificate, root.certificate, { status: revoked(now) }),
    singleOf(other.certificate, root.certificate, { nextUpdate: now - day, thisUpdate: now - 2 * day }),
    singleOf(other.certificate, root.certificate, { extensions: [encodeExtension("1.2.3", true, bytes(5, 0))] }),
  ];
  isGood(response({ singles: [...others, single()] }));
});

test("is neither from the future nor stale", () => {
  const at = (thisUpdate: number, nextUpdate: number | undefined): Uint8Array =>
    response({ singles: [single({ thisUpdate, nextUpdate })] });
  isGood(at(now, now + day));
  isGood(at(now + 5 * minute, now + day));
  isUnusable(
    at(now + 5 * minute + 1000, now + day),
    /its thisUpdate is 2030-06-15T12:05:01.000Z, and it is 2030-06-15T12:00/,
  );
  isGood(at(now - 300 * day, now + 1000));
  isGood(at(now - day, now + 1000), { now: now + 999 });
  isUnusable(
    at(now + 200_000, now + 100_000),
    /its nextUpdate 2030-06-15T12:01:40.000Z is before its thisUpdate 2030-06-15T12:03:20.000Z/,
  );
  isGood(at(now + 100_000, now + 100_000));
  isUnusable(at(now - day, now + day), /its producedAt is .*, and it is no time \(NaN\)/, { now: Number.NaN });
});

// proves RFC 6960 §3.2: "the time at or before which newer information"
test("is over at its next update", () => {
  const der = response({ singles: [single({ nextUpdate: now })] });
  isGood(der, { now: now - 1 });
  for (const late of [now, now + 1, now + day]) {
    isUnusable(der, /its nextUpdate was 2030-06-15T12:00:00.000Z, and it is 2030-06-1/, { now: late });
  }
});

test("without a next update is good for a day", () => {
  const der = response({ singles: [single({ thisUpdate: now - day, nextUpdate: undefined })] });
  assert.equal(ask(der, { now: now - 1 }), {
    type: "good",
    text: "the OCSP response says that it is good, as of 2030-06-14T12:00:00.000Z, without nextUpdate",
    nextUpdate: now,
  });
  isUnusable(der, /it has no nextUpdate, and its thisUpdate .* is a day or more before 2030-06-15T12:00:00.000Z/);
});

test("was produced neither in the future nor before the certificate was valid", () => {
  isGood(response({ producedAt: time(now + 5 * minute) }));
  isUnusable(
    response({ producedAt: time(now + 5 * minute + 1000) }),
    /its producedAt is 2030-06-15T12:05:01.000Z, and it is 2030-06-15T12:00:00.000Z/,
  );
  const { notBefore } = leaf.certificate;
  isGood(response({ producedAt: time(notBefore) }));
  isUnusable(
    response({ producedAt: time(notBefore - 1000) }),
    /its producedAt is 2030-06-05T11:59:59.000Z, and the certificate is not valid before 2030-06-05T12:00:00.000Z/,
  );
});

test("has no critical extension but a nonce, which is ignored like all that aren't critical", () => {
  const nonce = (critical: boolean): Uint8Array =>
    encodeExtension("1.3.6.1.5.5.7.48.1.2", critical, derOctetString(bytes(1, 2, 3, 4)));
  const extension = (critical: boolean): Uint8Array => encodeExtension("1.2.3.4", critical, derNull());
  isGood(response({ extensions: [nonce(false), extension(false)] }));
  isGood(response({ extensions: [nonce(true)] }));
  isGood(response({ singles: [single({ extensions: [extension(false)] })] }));
  const why = /it has the critical extension 1.2.3.4, which is not supported/;
  isUnusable(response({ extensions: [nonce(false), extension(true)] }), why);
  isUnusable(response({ singles: [single({ extensions: [extension(true)] })] }), why);
  isUnusable(response({ singles: [single({ status: revoked(now), extensions: [extension(true)] })] }), why);
});

test("never turns into something good when a bit of it changes", () => {
  // Signatures that cost little, so that every bit has its turn.
  const mac = (key: PublicKey, message: Uint8Array): Uint8Array =>
    hashes.sha256.digest(key.type === "ec" ? concat(key.point, message) : message);
  const scheme: SignatureSchemeElement = {
    ...ecdsaSha256,
    sign: (key, message) => mac(ecdsaSha256.publicKeyOf(key), message),
    verify: (key, message, signature) => equalBytes(mac(key, message), signature),
  };
  const delegate = makeDelegate({ scheme });
  const answers = [
    response({ scheme }),
    response({ scheme, singles: [single({ status: revoked(now - day, 1) })] }),
    delegated(delegate, { scheme }),
  ];
  for (const der of answers) {
    assert.is.not(ask(der, { signatureSchemes: [scheme] }).type, "unusable");
    for (let bit = 0; bit < der.length * 8; bit++) {
      const changed = bytes(...der);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { type, text } = ask(changed, { signatureSchemes: [scheme] });
      assert.is(type, "unusable", `bit ${bit}: ${text}`);
    }
  }
});

test("is read and never written", () => {
  const der = delegated(makeDelegate());
  const copy = bytes(...der);
  isGood(der);
  assert.equal(der, copy);
  const certificate: Certificate = decodeCertificate(leaf.certificate.der);
  isGood(der, { certificate, hashes: nobleProvider.hashes });
});

test.run();
