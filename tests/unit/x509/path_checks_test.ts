import { assert, suite } from "../../harness.ts";
import { type Certificate, decodeCertificate } from "../../../lib/x509/certificate.ts";
import {
  encodeBasicConstraints,
  encodeExtendedKeyUsage,
  encodeExtension,
  encodeKeyUsage,
  encodeSubjectAltName,
} from "../../../lib/x509/certificate_writer.ts";
import {
  derBitString,
  derConstructed,
  derImplicit,
  derInteger,
  derNull,
  derObjectIdentifier,
  derSequence,
} from "../../../lib/x509/der_writer.ts";
import { CertificateError } from "../../../lib/error.ts";
import type { KeyUsageBit } from "../../../lib/x509/extensions.ts";
import { ExtensionId, KeyAlgorithm, KeyPurposeId } from "../../../lib/x509/oids.ts";
import { sameName } from "../../../lib/x509/distinguished_name.ts";
import { policies } from "../../../lib/x509/policy.ts";
import { decodePem } from "../../../lib/x509/pem.ts";
import { certificatePem } from "../../support/x509_fixtures.ts";
import {
  bytes,
  type Made,
  make,
  makeAuthority,
  makeLeaf,
  now,
  pathOf,
  type PathWish,
  type Recipe,
  refusesCertificate,
  signatureSchemes,
  testKey,
} from "./builder.ts";

const test = suite("path_checks");
const root = makeAuthority({ name: "root" });
const find = (chain: readonly Made[], anchors: readonly Made[] = [root], wish: PathWish = {}): readonly Certificate[] =>
  pathOf(chain, anchors, wish);
const leafOf = (issuer: Made, recipe: Recipe & { readonly names?: readonly string[] } = {}): Made =>
  makeLeaf({ name: "leaf", issuer, ...recipe });
const fixture = (name: keyof typeof certificatePem): Made => ({
  certificate: decodeCertificate(decodePem(certificatePem[name])[0]?.bytes ?? bytes()),
  key: testKey(1),
});
const unknownCritical = encodeExtension("1.2.3.4", true, derNull());
const eku = (...purposes: readonly (keyof typeof KeyPurposeId)[]): Uint8Array =>
  encodeExtendedKeyUsage(purposes.map((purpose) => KeyPurposeId[purpose]));
const dnsConstraint = (field: 0 | 1, name: string): Uint8Array => {
  const subtree = derSequence(derImplicit(2, Uint8Array.from(name, (character) => character.charCodeAt(0))));
  return encodeExtension(ExtensionId.nameConstraints, true, derSequence(derConstructed(field, subtree)));
};

test("validity includes both ends, to the whole second", () => {
  const leaf = leafOf(root, { notBefore: now, notAfter: now + 5000 });
  assert.is(find([leaf], [root], { now }).length, 2);
  assert.is(find([leaf], [root], { now: now + 5999 }).length, 2);
  const expired = { alert: "certificate_expired", check: "validity", index: 0 } as const;
  refusesCertificate(() => find([leaf], [root], { now: now - 1 }), {
    ...expired,
    code: "CERT_NOT_YET_VALID",
    message: /"CN=leaf": it is not valid before 2030-06-15T12:00:00\.000Z, and it is 2030-06-15T11:59:59\.999Z/,
  });
  refusesCertificate(() => find([leaf], [root], { now: now + 6000 }), {
    ...expired,
    code: "CERT_HAS_EXPIRED",
    message: /it was valid until 2030-06-15T12:00:05\.000Z, and it is 2030-06-15T12:00:06\.000Z/,
  });
});

// proves RFC 5280 §6.1.3: "The certificate MUST satisfy each"
test("validity is checked for intermediates, and for a leaf that is the trust anchor", () => {
  const old = makeAuthority({ name: "old", issuer: root, notAfter: now - 1000 });
  const expired = { alert: "certificate_expired", check: "validity", code: "CERT_HAS_EXPIRED" } as const;
  refusesCertificate(() => find([leafOf(old), old]), {
    ...expired,
    index: 1,
    message: /"CN=old" \(number 1 of the chain\)/,
  });
  const anchor = makeLeaf({ name: "anchor", notAfter: now - 1000 });
  refusesCertificate(() => find([anchor], [anchor]), { ...expired, index: 0, message: /"CN=anchor"/ });
});

test("validity fails where a time is no number: on the leaf, on intermediates and on trust anchors", () => {
  const expired = { alert: "certificate_expired", check: "validity" } as const;
  const middle = makeAuthority({ name: "middle", issuer: root });
  const leaf = leafOf(middle);
  for (const time of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const code = time > 0 ? "CERT_HAS_EXPIRED" : "CERT_NOT_YET_VALID";
    refusesCertificate(() => find([leaf, middle], [root], { now: time }), {
      ...expired,
      code,
      index: 0,
      message: /"CN=leaf": .*, and it is no time \((NaN|-?Infinity)\)/,
    });
  }
  const timeless = (made: Made, more: { readonly notBefore?: number; readonly notAfter?: number }): Made => ({
    ...made,
    certificate: { ...made.certificate, ...more },
  });
  for (const [field, code] of [["notBefore", "CERT_NOT_YET_VALID"], ["notAfter", "CERT_HAS_EXPIRED"]] as const) {
    const broken = (made: Made): Made => timeless(made, { [field]: Number.NaN });
    refusesCertificate(() => find([broken(leaf), middle]), { ...expired, code, index: 0, message: /"CN=leaf"/ });
    refusesCertificate(() => find([leaf, broken(middle)]), { ...expired, code, index: 1, message: /"CN=middle"/ });
    const anchor = broken(root);
    refusesCertificate(() => find([leaf, middle], [anchor]), {
      ...expired,
      code,
      index: undefined,
      message: /"CN=root"/,
    });
  }
});

// proves RFC 5280 §4.2.1.3: "MUST NOT be used to verify"
// proves RFC 5280 §4.2.1.9: "the certified public key MUST NOT"
// proves RFC 5280 §4.2.1.9: "Conforming CAs MUST include this extension"
// proves RFC 5280 §6.1.4: "(If certificate i is a version 1 or version 2"
test("only a CA of version 3 with cA TRUE may issue", () => {
  const invalid = { alert: "bad_certificate", code: "INVALID_CA", index: 1 } as const;
  const cases = [
    [make({ name: "ca", issuer: root }), "basicConstraints", /it is of version 1, not 3/],
    [
      make({ name: "ca", issuer: root, extensions: [encodeKeyUsage(["keyCertSign"])] }),
      "basicConstraints",
      /it has no basicConstraints/,
    ],
    [
      make({
        name: "ca",
        issuer: root,
        extensions: [encodeBasicConstraints({ cA: false, pathLenConstraint: undefined })],
      }),
      "basicConstraints",
      /cA FALSE/,
    ],
    [makeAuthorityWithUsage(), "keyUsage", /keyUsage has digitalSignature, cRLSign, not keyCertSign/],
  ] as const;
  for (const [ca, check, message] of cases) {
    refusesCertificate(() => find([leafOf(ca), ca]), { ...invalid, check, message });
  }
});

function makeAuthorityWithUsage(): Made {
  const basic = encodeBasicConstraints({ cA: true, pathLenConstraint: undefined });
  return make({ name: "ca", issuer: root, extensions: [basic, encodeKeyUsage(["digitalSignature", "cRLSign"])] });
}

test("a CA without keyUsage may issue, and so may a trust anchor of version 1", () => {
  const plain = make({
    name: "ca",
    issuer: root,
    extensions: [encodeBasicConstraints({ cA: true, pathLenConstraint: undefined })],
  });
  assert.is(find([leafOf(plain), plain]).length, 3);
  const old = make({ name: "old root" });
  assert.is(old.certificate.version, 1);
  assert.is(find([leafOf(old)], [old]).length, 2);
});

test("a trust anchor of version 3 must be a CA to issue", () => {
  const anchor = makeLeaf({ name: "no ca" });
  refusesCertificate(() => find([leafOf(anchor)], [anchor]), {
    alert: "bad_certificate",
    check: "basicConstraints",
    code: "INVALID_CA",
    index: undefined,
    message: /the trust anchor "CN=no ca": it may not issue certificates/,
  });
});

test("pathLenConstraint counts the CAs below it, self-issued ones not", () => {
  const zero = makeAuthority({ name: "zero", issuer: root, pathLenConstraint: 0 });
  const below = makeAuthority({ name: "below", issuer: zero });
  assert.is(find([leafOf(zero), zero]).length, 3);
  refusesCertificate(() => find([leafOf(below), below, zero]), {
    alert: "bad_certificate",
    check: "pathLenConstraint",
    code: "PATH_LENGTH_EXCEEDED",
    index: 2,
    message: /"CN=zero" .*: its pathLenConstraint allows 0 CAs below it, and there are 1/,
  });
  const rolled = makeAuthority({ name: "zero", issuer: zero, key: testKey(4001) });
  assert.ok(sameName(rolled.certificate.subject, rolled.certificate.issuer));
  assert.is(find([leafOf(rolled), rolled, zero]).length, 4);
  const limited = makeAuthority({ name: "limited", pathLenConstraint: 1 });
  const one = makeAuthority({ name: "one", issuer: limited });
  const two = makeAuthority({ name: "two", issuer: one });
  assert.is(find([leafOf(one), one], [limited]).length, 3);
  refusesCertificate(() => find([leafOf(two), two, one], [limited]), {
    alert: "bad_certificate",
    check: "pathLenConstraint",
    code: "PATH_LENGTH_EXCEEDED",
    index: undefined,
    message: /the trust anchor "CN=limited": its pathLenConstraint allows 1 CAs below it, and there are 2/,
  });
});

// proves RFC 5246 §7.4.2: "RSA public key; the certificate"
// proves RFC 5246 §7.4.2: "ECDSA-capable public key"
// proves RFC 5246 §7.4.6: "RSA public key; the certificate"
// proves RFC 5246 §7.4.6: "ECDSA-capable public key"
test("the leaf's key must be one that signs, where keyUsage says anything", () => {
  const leaf = make({
    name: "leaf",
    issuer: root,
    extensions: [encodeKeyUsage(["keyEncipherment"]), encodeSubjectAltName(["a.b"], false)],
  });
  refusesCertificate(() => find([leaf]), {
    alert: "unsupported_certificate",
    check: "leafDigitalSignature",
    code: "INVALID_PURPOSE",
    index: 0,
    message: /keyUsage has keyEncipherment, not digitalSignature/,
  });
  assert.is(find([make({ name: "leaf", issuer: root, extensions: [encodeSubjectAltName(["a.b"], false)] })]).length, 2);
});

// proves RFC 5280 §4.2.1.9: "then the keyCertSign bit"
// proves RFC 5280 §4.2.1.3: "If the keyCertSign bit is asserted"
test("keyCertSign without cA is refused, except on a trust anchor", () => {
  const extensions = [encodeKeyUsage(["digitalSignature", "keyCertSign"])];
  refusesCertificate(() => find([make({ name: "leaf", issuer: root, extensions })]), {
    alert: "bad_certificate",
    check: "keyUsage",
    code: "INVALID_CA",
    index: 0,
    message: /keyUsage has keyCertSign, but cA is not TRUE/,
  });
  const anchor = make({ name: "self", extensions });
  assert.is(find([anchor], [anchor]).length, 1);
});

// proves RFC 5280 §4.2.1.12: "the certificate MUST only be used"
test("extendedKeyUsage must have the purpose, on the leaf and on every CA that has it", () => {
  const wrong = { alert: "unsupported_certificate", check: "extendedKeyUsage", code: "INVALID_PURPOSE" } as const;
  const server = leafOf(root, { extensions: [eku("serverAuth")] });
  assert.is(find([server]).length, 2);
  refusesCertificate(() => find([server], [root], { purpose: "clientAuth" }), {
    ...wrong,
    index: 0,
    message: /clientAuth is wanted, and extendedKeyUsage has serverAuth/,
  });
  const both = leafOf(root, { extensions: [eku("codeSigning", "anyExtendedKeyUsage")] });
  for (const purpose of ["serverAuth", "clientAuth"] as const) assert.is(find([both], [root], { purpose }).length, 2);
  const mail = makeAuthority({ name: "mail", issuer: root, extensions: [eku("emailProtection")] });
  refusesCertificate(() => find([leafOf(mail), mail]), {
    ...wrong,
    index: 1,
    message: /"CN=mail" .* has emailProtection/,
  });
  const anchor = makeAuthority({ name: "anchor", extensions: [eku("clientAuth")] });
  refusesCertificate(() => find([leafOf(anchor)], [anchor]), {
    ...wrong,
    index: undefined,
    message: /serverAuth is wanted/,
  });
  assert.is(find([leafOf(anchor)], [anchor], { purpose: "clientAuth" }).length, 2);
  const own = makeLeaf({ name: "own", extensions: [eku("clientAuth")] });
  refusesCertificate(() => find([own], [own]), { ...wrong, index: 0, message: /"CN=own"/ });
});

// proves RFC 5280 §4.2.1.12: "If a certificate contains both"
test("keyUsage must have a bit that is of use for the purpose, where there is an extendedKeyUsage, by every policy", () => {
  const leaf = (usage: KeyUsageBit, ...more: readonly Uint8Array[]): Made =>
    make({
      name: "leaf",
      issuer: root,
      extensions: [encodeKeyUsage([usage]), encodeSubjectAltName(["a.b"], false), ...more],
    });
  const lax = { ...policies.compatible, demands: [] };
  const accepts = (made: Made, purpose: "serverAuth" | "clientAuth"): void =>
    assert.is(find([made], [root], { purpose, policy: lax }).length, 2);
  const refuses = (made: Made, purpose: "serverAuth" | "clientAuth", message: RegExp): void =>
    refusesCertificate(() => find([made], [root], { purpose, policy: lax }), {
      alert: "unsupported_certificate",
      check: "keyUsage",
      code: "INVALID_PURPOSE",
      index: 0,
      message,
    });
  const both = eku("serverAuth", "clientAuth");
  for (const usage of ["digitalSignature", "keyAgreement"] as const) {
    for (const purpose of ["serverAuth", "clientAuth"] as const) accepts(leaf(usage, both), purpose);
  }
  accepts(leaf("keyEncipherment", both), "serverAuth");
  refuses(leaf("keyEncipherment", both), "clientAuth", /clientAuth is wanted, and keyUsage has keyEncipherment, where/);
  for (const usage of ["nonRepudiation", "dataEncipherment", "cRLSign", "encipherOnly"] as const) {
    refuses(leaf(usage, both), "serverAuth", /needs one of digitalSignature, keyEncipherment, keyAgreement$/);
    refuses(leaf(usage, both), "clientAuth", /needs one of digitalSignature, keyAgreement$/);
    accepts(leaf(usage), "serverAuth");
  }
});

// proves RFC 5280 §4.2: "At a minimum, applications conforming"
test("critical extensions that everybody has to know are known", () => {
  const policy = derObjectIdentifier("2.5.29.32.0");
  const known = [
    encodeExtension(ExtensionId.certificatePolicies, true, derSequence(derSequence(policy))),
    encodeExtension(ExtensionId.policyConstraints, true, derSequence(derImplicit(0, bytes(9)))),
    encodeExtension(ExtensionId.inhibitAnyPolicy, true, derInteger(9)),
    encodeExtension(ExtensionId.extendedKeyUsage, true, derSequence(derObjectIdentifier(KeyPurposeId.serverAuth))),
    dnsConstraint(0, "example.com"),
  ];
  const ca = makeAuthority({ name: "ca", issuer: root, extensions: known });
  const extensions = [encodeKeyUsage(["digitalSignature"]), encodeSubjectAltName(["example.com"], true)];
  const leaf = make({
    name: "leaf",
    issuer: ca,
    extensions: [
      ...extensions,
      encodeBasicConstraints({ cA: false, pathLenConstraint: undefined }),
      ...known.slice(0, 4),
    ],
  });
  const isCritical = ({ certificate }: Made): boolean => certificate.extensions.every(({ critical }) => critical);
  assert.ok(isCritical(ca) && isCritical(leaf));
  assert.is(find([leaf, ca]).length, 3);
});

// proves RFC 5280 §4.2: "A non-critical extension MAY be ignored"
test("extensions that are known count, also where they aren't critical", () => {
  const uncritical = (extension: Uint8Array): Uint8Array => {
    const [{ oid, value } = { oid: "", value: bytes() }] = make({ extensions: [extension] }).certificate.extensions;
    return encodeExtension(oid, false, value);
  };
  const basic = (cA: boolean): Uint8Array =>
    uncritical(encodeBasicConstraints({ cA, pathLenConstraint: cA ? 0 : undefined }));
  const usage = (bit: KeyUsageBit): Uint8Array => uncritical(encodeKeyUsage([bit]));
  const policy = uncritical(
    encodeExtension(ExtensionId.policyConstraints, true, derSequence(derImplicit(0, bytes(0)))),
  );
  const constrained = uncritical(dnsConstraint(0, "other.example"));
  const sign = usage("keyCertSign");
  const cases = [
    [[basic(false), sign], "basicConstraints"],
    [[basic(true), usage("cRLSign")], "keyUsage"],
    [[basic(true), sign, eku("emailProtection")], "extendedKeyUsage"],
    [[basic(true), sign, policy], "policies"],
    [[basic(true), sign, constrained], "nameConstraints"],
  ] as const;
  const checkOf = (...chain: readonly Made[]): string => {
    try {
      find(chain);
      return "accepted";
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      return error.check;
    }
  };
  for (const [extensions, check] of cases) {
    const ca = make({ name: "ca", issuer: root, extensions });
    assert.is(checkOf(leafOf(ca), ca), check);
  }
  const right = make({ name: "ca", issuer: root, extensions: [basic(true), sign] });
  assert.is(checkOf(leafOf(right), right), "accepted");
  const below = makeAuthority({ name: "below", issuer: right });
  assert.is(checkOf(leafOf(below), below, right), "pathLenConstraint");
});

// proves RFC 5280 §4.2: "MUST reject the certificate"
// proves RFC 5280 §6.1: "Note that clients MUST reject"
test("critical extensions that nothing here knows are refused everywhere", () => {
  const unknown = { alert: "unsupported_certificate", check: "criticalExtension", code: undefined } as const;
  const ca = makeAuthority({ name: "ca", issuer: root, extensions: [unknownCritical] });
  const anchor = makeAuthority({ name: "anchor", extensions: [unknownCritical] });
  const own = makeLeaf({ name: "own", extensions: [unknownCritical] });
  refusesCertificate(() => find([leafOf(root, { extensions: [unknownCritical] })]), {
    ...unknown,
    index: 0,
    message: /critical extension 1\.2\.3\.4/,
  });
  refusesCertificate(() => find([leafOf(ca), ca]), { ...unknown, index: 1, message: /"CN=ca"/ });
  refusesCertificate(() => find([leafOf(anchor)], [anchor]), {
    ...unknown,
    index: undefined,
    message: /trust anchor "CN=anchor"/,
  });
  refusesCertificate(() => find([own], [own]), { ...unknown, index: 0, message: /"CN=own"/ });
  const policy = encodeExtension(ExtensionId.policyConstraints, true, derSequence(derImplicit(0, bytes(0))));
  const strict = makeAuthority({ name: "strict", issuer: root, extensions: [policy] });
  refusesCertificate(() => find([leafOf(strict), strict]), {
    alert: "bad_certificate",
    check: "policies",
    code: undefined,
    index: 1,
    message: /a CA requires a policy/,
  });
  assert.is(find([leafOf(root, { extensions: [encodeExtension("1.2.3.4", false, derNull())] })]).length, 2);
  // Where lists can be found is understood, also where it says so.
  const points = encodeExtension(ExtensionId.cRLDistributionPoints, true, derSequence());
  assert.is(find([leafOf(root, { extensions: [points] })]).length, 2);
  const policies = encodeExtension(
    ExtensionId.certificatePolicies,
    true,
    derSequence(derSequence(derObjectIdentifier("2.5.29.32.0"))),
  );
  assert.is(find([leafOf(root, { extensions: [policies] })]).length, 2);
});

// proves RFC 5280 §4.2.1.10: "indicates a name space"
// proves RFC 5280 §6.1.1: "(h) initial-permitted-subtrees"
// proves RFC 5280 §6.1.2: "(b) permitted_subtrees"
test("name constraints hold for every certificate below, from intermediates and trust anchors", () => {
  const limited = makeAuthority({ name: "limited", issuer: root, extensions: [dnsConstraint(0, "example.com")] });
  const between = makeAuthority({ name: "between", issuer: limited });
  assert.is(find([leafOf(between, { names: ["a.example.com"] }), between, limited]).length, 4);
  refusesCertificate(() => find([leafOf(between, { names: ["a.example.org"] }), between, limited]), {
    alert: "bad_certificate",
    check: "nameConstraints",
    code: undefined,
    index: 0,
    message:
      /"CN=leaf": dNSName "a\.example\.org" is not within the permitted dNSName "example\.com" \(name constraints of "CN=limited"\)/,
  });
  const anchor = makeAuthority({ name: "anchor", extensions: [dnsConstraint(1, "example.org")] });
  refusesCertificate(() => find([leafOf(anchor, { names: ["a.example.org"] })], [anchor]), {
    alert: "bad_certificate",
    check: "nameConstraints",
    code: undefined,
    index: 0,
    message: /is within the excluded dNSName "example\.org" \(name constraints of "CN=anchor"\)/,
  });
});

test("name constraints don't hold for self-issued certificates, unless it is the leaf", () => {
  const directory = derSequence(derConstructed(4, root.certificate.subject.der));
  const value = derSequence(derConstructed(1, directory));
  const extensions = [encodeExtension(ExtensionId.nameConstraints, true, value)];
  const anchor = makeAuthority({ subject: root.certificate.subject.der, key: testKey(4100), extensions });
  const rolled = makeAuthority({ subject: root.certificate.subject.der, key: testKey(4101), issuer: anchor });
  assert.is(find([leafOf(rolled), rolled], [anchor]).length, 3);
  const own = makeLeaf({ subject: root.certificate.subject.der, key: testKey(4102), issuer: anchor });
  refusesCertificate(() => find([own], [anchor]), {
    alert: "bad_certificate",
    check: "nameConstraints",
    code: undefined,
    index: 0,
    message: /directoryName "CN=root" is within the excluded directoryName "CN=root"/,
  });
});

test("keys of types that aren't supported, weak ones and huge ones are refused", () => {
  const rsa = (bits: number, exponent: number | Uint8Array = 65537): Uint8Array => {
    const modulus = new Uint8Array(bits / 8).fill(0xff);
    const key = derSequence(derInteger(modulus), derInteger(exponent));
    return derSequence(derSequence(derObjectIdentifier(KeyAlgorithm.rsaEncryption), derNull()), derBitString(key));
  };
  const refused = { alert: "unsupported_certificate", check: "publicKey", code: undefined } as const;
  refusesCertificate(() => find([leafOf(root, { spki: rsa(1024) })]), {
    ...refused,
    index: 0,
    message: /its RSA key has 1024 bits .* 2048 to 8192/,
  });
  refusesCertificate(() => find([leafOf(root, { spki: rsa(2040) })]), { ...refused, index: 0, message: /2040 bits/ });
  refusesCertificate(() => find([leafOf(root, { spki: rsa(8200) })]), { ...refused, index: 0, message: /8200 bits/ });
  const large = Uint8Array.of(1, 0, 0, 0, 1);
  refusesCertificate(() => find([leafOf(root, { spki: rsa(2048, large) })]), {
    ...refused,
    index: 0,
    message: /exponent of 33 bits.* at most 32 are accepted/,
  });
  assert.is(find([leafOf(root, { spki: rsa(2048, Uint8Array.of(0xff, 0xff, 0xff, 0xff)) })]).length, 2);
  const busy = makeAuthority({ name: "busy", issuer: root, spki: rsa(2048, large) });
  refusesCertificate(() => find([leafOf(busy), busy]), { ...refused, index: 1, message: /exponent of 33 bits/ });
  assert.is(find([leafOf(root, { spki: rsa(2048) })]).length, 2);
  const weak = makeAuthority({ name: "weak", issuer: root, spki: rsa(1024) });
  refusesCertificate(() => find([leafOf(weak), weak]), { ...refused, index: 1, message: /"CN=weak"/ });
  for (const name of ["rsa1024", "secp256k1"] as const) {
    refusesCertificate(() => find([fixture(name)], [fixture(name)]), {
      ...refused,
      index: 0,
      message: /RSA key has 1024 bits|EC secp256k1 are not/,
    });
  }
});

test("signatures made by every supported type of key are verified, those of others refused", () => {
  for (const name of ["rsa", "rsaPss", "p256", "p384", "p521", "ed25519", "ed448"] as const) {
    const { certificate, key } = fixture(name);
    // The same name and key in another certificate: so the fixture's signature is checked with the trust anchor's key.
    const anchor = { certificate: { ...certificate, der: bytes(0) }, key };
    const at = certificate.notBefore + 1000;
    assert.is(find([fixture(name)], [anchor], { now: at }).length, 2, name);
    const forged = { certificate: { ...certificate, tbs: bytes(...certificate.tbs.subarray(1)) }, key };
    refusesCertificate(() => find([forged], [anchor], { now: at }), {
      alert: "bad_certificate",
      check: "signature",
      code: "CERT_SIGNATURE_FAILURE",
      index: 0,
      message: /was not made by the key/,
    });
  }
  for (const name of ["rsaSha1", "rsaPssSalt20"] as const) {
    const anchor = { ...fixture(name), certificate: { ...fixture(name).certificate, der: bytes(0) } };
    refusesCertificate(() => find([fixture(name)], [anchor]), {
      alert: "unsupported_certificate",
      check: "signature",
      code: undefined,
      index: 0,
      message: /its signature algorithm (sha1WithRSAEncryption|id-RSASSA-PSS) .* is not supported/,
    });
  }
});

test("a signature is valid when the provider says true, and not when it says something else", () => {
  for (const answer of [Promise.resolve(false), Promise.resolve(true), 1, "true", {}]) {
    const careless = signatureSchemes.map((scheme) =>
      Object.assign({ ...scheme }, { verify: (): never => answer as never })
    );
    refusesCertificate(() => find([leafOf(root)], [root], { signatureSchemes: careless }), {
      alert: "bad_certificate",
      check: "signature",
      code: "CERT_SIGNATURE_FAILURE",
      index: 0,
      message: /was not made by the key/,
    });
  }
});

test("a signature algorithm that the provider lacks is refused, not skipped", () => {
  refusesCertificate(() => find([leafOf(root)], [root], { signatureSchemes: [] }), {
    alert: "unsupported_certificate",
    check: "signature",
    code: undefined,
    index: 0,
    message: /its signature algorithm ecdsa-with-SHA256 .* is not supported/,
  });
});

test.run();
