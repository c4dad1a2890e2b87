import { assert, suite } from "../../harness.ts";
import type { SignatureSchemeElement } from "../../../lib/crypto/provider.ts";
import {
  encodeBasicConstraints,
  encodeExtendedKeyUsage,
  encodeExtension,
  encodeKeyUsage,
} from "../../../lib/x509/certificate_writer.ts";
import {
  derConstructed,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derSequence,
} from "../../../lib/x509/der_writer.ts";
import { encodeCommonName } from "../../../lib/x509/distinguished_name.ts";
import type { Issuer } from "../../../lib/x509/issuer.ts";
import { loadCertificates, loadPrivateKey } from "../../../lib/x509/load.ts";
import { ExtensionId, KeyPurposeId } from "../../../lib/x509/oids.ts";
import type { RevocationStatus } from "../../../lib/x509/revocation.ts";
import { encodeSubjectPublicKeyInfo } from "../../../lib/x509/spki.ts";
import { certificatePem, privateKeyPem } from "../../support/x509_fixtures.ts";
import { bytes, day, make, makeAuthority, makeLeaf, now, signatureSchemes, testKey } from "./builder.ts";
import { basicOf, byKey, byName, hashes, revoked, singleOf, successful } from "./ocsp_builder.ts";
import {
  ask,
  delegated,
  isGood,
  isUnusable,
  leaf,
  makeDelegate,
  other,
  response,
  root,
  schemeOf,
  signing,
  single,
} from "./ocsp_scene.ts";

const test = suite("OCSP signers");

// proves RFC 6960 §2.2: "All definitive response messages SHALL"
// proves RFC 6960 §3.2: "OCSP clients SHALL confirm that: … 2."
test("is signed by the issuer's key", () => {
  isUnusable(
    response({ signer: leaf.key }),
    /its signature \(ecdsa-with-SHA256 .*\) was not made by the key \(EC secp256r1\)/,
  );
  const der = response();
  const changed = bytes(...der);
  const at = der.length - 1;
  changed[at] = (changed[at] ?? 0) ^ 1;
  isUnusable(changed, /was not made by the key/);
  const namesake = makeAuthority({ name: "root" });
  isUnusable(response(), /it says nothing about/, { issuer: namesake.certificate });
  isUnusable(response({ singles: [singleOf(leaf.certificate, namesake.certificate)] }), /was not made by the key/, {
    issuer: namesake.certificate,
  });
});

// proves RFC 6960 §4.2.2.3: "the information MUST correspond"
test("names as its responder whoever signed it", () => {
  const foreign = [
    [byName(encodeCommonName("Root 2")), /its responder "CN=Root 2" is not the issuer "CN=root", and none of its 0/],
    [byKey(leaf.certificate), /its responder with the key [0-9a-f]{40} is not the issuer "CN=root"/],
    [derConstructed(2, derOctetString()), /its responder with the key {2}is not the issuer/],
    [
      derConstructed(2, derOctetString(hashes.sha256.digest(root.certificate.subjectPublicKey))),
      /with the key [0-9a-f]{40} is not the issuer/,
    ],
  ] as const;
  for (const [responderId, why] of foreign) isUnusable(response({ responderId }), why);
  isUnusable(
    response({ responderId: byName(leaf.certificate.subject.der), certs: [root.certificate.der] }),
    /its responder "CN=leaf" is not the issuer "CN=root", and none of its 1 certificates is the responder's/,
  );
  isGood(response({ responderId: byName(encodeCommonName("ROOT")) }));
});

test("may be judged for an issuer that is only a name and a key", () => {
  const { subject, publicKey, publicKeyDescription, spki, subjectPublicKey } = root.certificate;
  const anchor: Issuer = {
    subject,
    publicKey,
    publicKeyDescription,
    spki,
    subjectPublicKey,
    subjectKeyIdentifier: undefined,
    keyUsage: undefined,
  };
  isGood(response(), { issuer: anchor });
  isUnusable(response(), /was not made by the key/, { issuer: { ...anchor, publicKey: undefined } });
});

test("may be signed by whom the issuer has authorized", () => {
  const delegate = makeDelegate();
  isGood(delegated(delegate));
  isGood(delegated(delegate, { responderId: byKey(delegate.certificate) }));
  const strangers = [derSequence(), other.certificate.der, makeDelegate().certificate.der];
  isGood(delegated(delegate, { certs: [...strangers, delegate.certificate.der, root.certificate.der] }));
  const bad = single({ status: revoked(now - day) });
  assert.is(ask(delegated(delegate, { singles: [bad] })).type, "revoked");
  isGood(delegated(makeDelegate({ extensions: [signing, encodeKeyUsage(["digitalSignature"])] })));
  isGood(delegated(makeDelegate({
    extensions: [
      encodeExtendedKeyUsage([KeyPurposeId.serverAuth, KeyPurposeId.OCSPSigning]),
      encodeBasicConstraints({ cA: false, pathLenConstraint: undefined }),
      encodeKeyUsage(["digitalSignature"]),
      encodeExtension(ExtensionId.ocspNoCheck, true, derNull()),
      encodeExtension("1.2.3", false, derNull()),
    ],
  })));
  isUnusable(delegated(delegate, { certs: [] }), /its responder "CN=responder" is not the issuer .*none of its 0/);
});

// proves RFC 6960 §4.2.2.2: "They MUST reject the response"
// proves RFC 6960 §4.2.2.2: "OCSP signing delegation SHALL"
// proves RFC 6960 §4.2.2.2: "Systems or applications that rely"
test("is not signed by certificates that aren't for OCSPSigning", () => {
  const refuses = (extensions: readonly Uint8Array[], why: RegExp): void =>
    isUnusable(delegated(makeDelegate({ extensions })), why);
  refuses([], /its responder's certificate "CN=responder" can't be used: OCSPSigning is wanted, .*no extendedKeyUsage/);
  refuses([encodeExtendedKeyUsage([KeyPurposeId.serverAuth])], /OCSPSigning is wanted, and it has serverAuth$/);
  refuses([encodeExtendedKeyUsage([KeyPurposeId.anyExtendedKeyUsage])], /and it has anyExtendedKeyUsage$/);
  const usage = encodeKeyUsage(["keyCertSign", "cRLSign"]);
  refuses([signing, usage], /keyUsage has keyCertSign, cRLSign, not digitalSignature/);
  refuses([signing, encodeExtension("1.2.3", true, derNull())], /the critical extension 1.2.3, which is not supported/);
});

// proves RFC 6960 §4.2.2.2: "This certificate MUST be issued directly"
// proves RFC 6960 §2.6: "This certificate MUST be issued directly"
// proves RFC 6960 §4.2.2.2: "Systems relying on OCSP responses MUST"
test("is not signed by responders of other CAs, nor by those of an issuer's other key", () => {
  const stranger = makeAuthority({ name: "stranger" });
  const below = makeAuthority({ name: "below", issuer: root });
  for (const issuer of [stranger, below]) {
    isUnusable(delegated(makeDelegate({ issuer })), /it was issued by "CN=(stranger|below)", not by "CN=root"/);
  }
  const namesake = makeAuthority({ name: "root" });
  isUnusable(delegated(makeDelegate({ issuer: namesake })), /can't be used: its signature .* was not made by the key/);
  isUnusable(delegated(makeDelegate({ name: "self", issuer: undefined })), /it was issued by "CN=self"/);
});

test("is not signed by a responder whose certificate isn't valid now", () => {
  const delegate = (notBefore: number, notAfter: number): Uint8Array =>
    delegated(makeDelegate({ notBefore, notAfter }));
  isGood(delegate(now, now));
  const until = (der: Uint8Array): number | undefined => {
    const status = ask(der);
    return status.type === "good" ? status.nextUpdate : undefined;
  };
  assert.equal([until(delegate(now, now + 2 * day)), until(delegate(now, now))], [now + day, now + 1000]);
  isGood(delegate(now, now), { now: now + 999 });
  isUnusable(
    delegate(now + 1000, now + day),
    /it is valid from 2030-06-15T12:00:01.000Z to 2030-06-16T12:00:00.000Z only/,
  );
  isUnusable(delegate(now - day, now - 1000), /it is valid from .* to 2030-06-15T11:59:59.000Z only/);
});

test("is not signed by a key that is weak, or not the one in the responder's certificate", () => {
  const [weak] = loadCertificates(certificatePem.rsa1024);
  const [strong] = loadCertificates(certificatePem.rsa);
  if (weak === undefined || strong === undefined) throw new Error("there is no fixture");
  isUnusable(delegated(makeDelegate({ spki: weak.spki })), /its RSA key has 1024 bits, fewer than 2048/);
  const scheme = schemeOf("rsa_pkcs1_sha256");
  isGood(delegated(makeDelegate({ spki: strong.spki, key: loadPrivateKey(privateKeyPem.rsaPkcs8) }), { scheme }));
  isUnusable(
    delegated(makeDelegate(), { signer: testKey(7) }),
    /its responder's certificate "CN=responder" can't be used: of the response, its signature .* was not made by the key/,
  );
});

test("costs at most 7 verifications, whatever it holds", () => {
  let count = 0;
  const counting = signatureSchemes.map((scheme): SignatureSchemeElement => ({
    ...scheme,
    verify: (...signed) => {
      count++;
      return scheme.verify(...signed);
    },
  }));
  const costs = (der: Uint8Array, type: RevocationStatus["type"], issuer = root): number => {
    count = 0;
    assert.is(ask(der, { signatureSchemes: counting, issuer: issuer.certificate }).type, type);
    return count;
  };
  assert.is(costs(response(), "good"), 1);
  assert.is(costs(delegated(makeDelegate()), "good"), 2);
  // A name as short as can be, so that 200 certificates fit.
  const authority = makeAuthority({ name: "r" });
  const { der } = makeDelegate({ name: "r", issuer: authority }).certificate;
  const nameHash = hashes.sha1.digest(authority.certificate.subject.der);
  const crowded = (length: number): Uint8Array =>
    response({
      responderId: byName(authority.certificate.subject.der),
      signer: testKey(9),
      certs: Array.from({ length }, () => der),
      singles: [singleOf(leaf.certificate, authority.certificate, { nameHash })],
    });
  assert.equal([0, 1, 2, 3, 4, 200].map((length) => costs(crowded(length), "unusable", authority)), [1, 3, 5, 7, 7, 7]);
});

// proves RFC 6960 §4.3: "Clients that request OCSP services SHALL"
test("is signed by algorithms that are supported, and by no other", () => {
  const keys = [
    ["rsa_pkcs1_sha256", privateKeyPem.rsaPkcs8],
    ["rsa_pkcs1_sha512", privateKeyPem.rsaPkcs8],
    ["rsa_pss_sha256", privateKeyPem.rsaPkcs8],
    ["ecdsa_sha384", privateKeyPem.p384Pkcs8],
  ] as const;
  for (const [algorithm, pem] of keys) {
    const scheme = schemeOf(algorithm);
    const key = loadPrivateKey(pem);
    const authority = make({ name: "ca", key, scheme, spki: encodeSubjectPublicKeyInfo(scheme.publicKeyOf(key)) });
    const { certificate } = makeLeaf({ issuer: authority, scheme });
    const recipe = { scheme, signer: key };
    const question = { certificate, issuer: authority.certificate };
    isGood(successful(basicOf(certificate, authority, recipe)), question);
    for (
      const [oid, name] of [["1.2.840.113549.1.1.5", "sha1WithRSAEncryption"], ["1.2.840.10045.4.1", "ecdsa-with-SHA1"]]
    ) {
      const weak = derSequence(derObjectIdentifier(oid ?? ""), derNull());
      isUnusable(
        successful(basicOf(certificate, authority, { ...recipe, algorithm: weak })),
        new RegExp(`its signature algorithm ${name} \\(${oid}\\) is not supported`),
        question,
      );
    }
  }
  isUnusable(response(), /its signature algorithm .* is not supported/, { signatureSchemes: [] });
});

test.run();
