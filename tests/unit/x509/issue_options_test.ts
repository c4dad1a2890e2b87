import { assert, suite } from "../../harness.ts";
import { nobleProvider as provider } from "../../../lib/crypto/noble_provider.ts";
import type { PrivateKey } from "../../../lib/crypto/provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { type Certificate, decodeCertificate } from "../../../lib/x509/certificate.ts";
import {
  type CertificateAuthority,
  type IssueAuthorityOptions,
  issueCertificate,
  issueCertificateAuthority,
  type IssueCertificateOptions,
  issueSelfSigned,
  type NewKeyType,
} from "../../../lib/x509/issue.ts";
import { loadPrivateKey } from "../../../lib/x509/load.ts";
import { encodeName } from "../../../lib/x509/name_writer.ts";
import { policies } from "../../../lib/x509/policy.ts";
import { createCertificateVerifier, verifyCertificate } from "../../../lib/x509/verifier.ts";
import { privateKeyPem } from "../../support/x509_fixtures.ts";
import { bytes, countingRandom, day, hex, now, testKey } from "./builder.ts";

const test = suite("issue, fields");
const common = { provider, random: countingRandom(11), now };
const root = issueCertificateAuthority({ ...common, name: "Test Root" });
const rsaKey = loadPrivateKey(privateKeyPem.rsaPkcs8);
const newKeyTypes: readonly NewKeyType[] = ["secp256r1", "secp384r1", "secp521r1", "ed25519", "ed448"];

const authority = (options: Partial<IssueAuthorityOptions>): Certificate =>
  decodeCertificate(issueCertificateAuthority({ ...common, name: "CA", ...options }).certificate);
const leaf = (options: Partial<IssueCertificateOptions>): Certificate =>
  decodeCertificate(issueCertificate({ ...common, issuer: root, names: ["a.b"], ...options }).chain[0]);
const refuses = (run: () => unknown, why: RegExp): void =>
  assert.throws(run, (error: unknown) => {
    if (!(error instanceof TlsUsageError)) throw error;
    assert.match(error.message, why);
    return true;
  });
const verify = (chain: readonly Uint8Array[], anchor: CertificateAuthority): void =>
  createCertificateVerifier({ trustAnchors: [decodeCertificate(anchor.certificate)], provider })
    .verify({ chain: chain.map(decodeCertificate), serverName: "a.b", purpose: "serverAuth", now });

test("a subject has its attributes in order, and the commonName last", () => {
  const subject = [{ type: "C", value: "DE" }, { type: "O", value: "Müller" }] as const;
  assert.is(authority({ subject }).subject.text, "CN=CA, O=Müller, C=DE");
  assert.is(leaf({ subject }).subject.text, "CN=a.b, O=Müller, C=DE");
  const own = [{ type: "CN", value: "own" }, { type: "O", value: "x" }] as const;
  assert.is(authority({ subject: own }).subject.text, "O=x, CN=own");
  assert.is(leaf({ subject: own }).subject.text, "O=x, CN=own");
  assert.is(authority({ name: undefined, subject }).subject.text, "O=Müller, C=DE");
});

test("a subject is that of another certificate, byte for byte", () => {
  const { subject } = authority({ subject: [{ type: "serialNumber", value: "7" }] });
  assert.equal(authority({ name: undefined, subject }).subject.der, subject.der);
  assert.equal(authority({ subject }).subject.der, subject.der);
  assert.equal(leaf({ subject }).subject.der, subject.der);
});

test("a commonName of a leaf is one of its names, character for character", () => {
  assert.is(leaf({ names: ["Example.COM.", "a.b"] }).subject.text, "CN=Example.COM");
  assert.equal(leaf({ names: ["Example.COM."] }).subjectAltName?.dnsNames, ["Example.COM"]);
  assert.is(leaf({ names: ["*.a.b"] }).subject.text, "CN=*.a.b");
  assert.is(leaf({ names: ["2001:DB8:0:0:0:0:0:1"] }).subject.text, "CN=2001:db8::1");
  assert.is(leaf({ names: [`${"a".repeat(62)}.b`] }).subject.text, `CN=${"a".repeat(62)}.b`);
  assert.is(leaf({ names: [`${"a".repeat(63)}.b`] }).subject.text, "");
});

test("a subject may be empty, and subjectAltName is critical then", () => {
  const criticalOf = ({ extensions }: Certificate): boolean | undefined =>
    extensions.find(({ oid }) => oid === "2.5.29.17")?.critical;
  const empty = leaf({ subject: { der: encodeName([]) } });
  assert.equal([empty.subject.text, criticalOf(empty)], ["", true]);
  assert.is(criticalOf(leaf({})), false);
  const without = leaf({ names: [], subject: [{ type: "CN", value: "responder" }] });
  assert.equal([without.subject.text, without.subjectAltName], ["CN=responder", undefined]);
});

test("a key is new and of the type that is wanted, and its certificates are accepted", () => {
  for (const keyType of newKeyTypes) {
    const issuer = issueCertificateAuthority({ ...common, name: "CA", keyType });
    const { chain, privateKey } = issueCertificate({ ...common, issuer, names: ["a.b"], keyType });
    assert.is(privateKey.type === "ec" ? privateKey.curve : privateKey.type, keyType);
    verify(chain, issuer);
    const { publicKey } = decodeCertificate(chain[0]);
    assert.equal(
      publicKey,
      provider.signatureSchemes.find((one) => one.keyType === privateKey.type)?.publicKeyOf(privateKey),
    );
  }
});

test("an authority certifies and signs with a key of its own, of any type", () => {
  const keys = ["p256Pkcs8", "p384Sec1", "p521Sec1", "ed25519Pkcs8", "ed448Pkcs8", "rsaPkcs8"] as const;
  const algorithms = keys.map((name) => {
    const issuer = issueCertificateAuthority({ ...common, name: "CA", key: loadPrivateKey(privateKeyPem[name]) });
    const { chain } = issueCertificate({ ...common, issuer, names: ["a.b"] });
    verify(chain, issuer);
    return decodeCertificate(chain[0]).signatureAlgorithm;
  });
  assert.equal(algorithms, ["ecdsa_sha256", "ecdsa_sha384", "ecdsa_sha512", "ed25519", "ed448", "rsa_pkcs1_sha256"]);
});

test("an issuer signs as it is told, where its key can", () => {
  const issuer = issueCertificateAuthority({
    ...common,
    name: "CA",
    key: rsaKey,
    signatureAlgorithm: "rsa_pss_sha384",
  });
  assert.is(decodeCertificate(issuer.certificate).signatureAlgorithm, "rsa_pss_sha384");
  const { chain } = issueCertificate({ ...common, issuer, names: ["a.b"], signatureAlgorithm: "rsa_pss_sha256" });
  assert.is(decodeCertificate(chain[0]).signatureAlgorithm, "rsa_pss_sha256");
  verify(chain, issuer);
  assert.is(leaf({ signatureAlgorithm: "ecdsa_sha512" }).signatureAlgorithm, "ecdsa_sha512");
  refuses(
    () => leaf({ signatureAlgorithm: "rsa_pkcs1_sha256" }),
    /has no such scheme for keys of type ec/,
  );
});

test("RSA signs with PKCS #1 v1.5 unless the provider has only PSS", () => {
  const only = (...algorithms: readonly string[]): string | undefined => {
    const signatureSchemes = provider.signatureSchemes.filter(({ algorithm }) => algorithms.includes(algorithm));
    return authority({ provider: { ...provider, signatureSchemes }, key: rsaKey }).signatureAlgorithm;
  };
  assert.is(only("rsa_pss_sha256", "rsa_pkcs1_sha512"), "rsa_pkcs1_sha512");
  assert.is(only("rsa_pss_sha256", "ecdsa_sha256"), "rsa_pss_sha256");
});

test("validity is what is given, in whole seconds, even beyond the issuer's", () => {
  const [notBefore, notAfter] = [now - 100 * day + 1, Date.UTC(9999, 11, 31, 23, 59, 59)];
  const certificate = leaf({ notBefore, notAfter });
  assert.equal([certificate.notBefore, certificate.notAfter], [now - 100 * day, notAfter]);
  const later = leaf({ notBefore: now + day, days: 3 });
  assert.equal([later.notBefore, later.notAfter], [now + day, now + 3 * day - 1000]);
  assert.is(leaf({ notBefore: now, notAfter: now }).notAfter, now);
  assert.is(authority({ notBefore: Date.UTC(1950, 0) }).notBefore, Date.UTC(1950, 0));
});

test("a serial number is what is given, as a number or as another certificate has it", () => {
  assert.equal(leaf({ serialNumber: 1n }).serialNumber, bytes(1));
  assert.equal(leaf({ serialNumber: 0x80n }).serialNumber, bytes(0, 0x80));
  assert.equal(leaf({ serialNumber: leaf({ serialNumber: 0xff00n }).serialNumber }).serialNumber, bytes(0, 0xff, 0));
  assert.is(leaf({ serialNumber: 2n ** 159n - 1n }).serialNumber.length, 20);
});

test("the same options and the same randomness give the same certificates, with every type of key", () => {
  const issued = (key: PrivateKey | undefined, keyType: NewKeyType | undefined): readonly unknown[] => {
    const again = { ...common, random: countingRandom(5), key, keyType };
    const issuer = issueCertificateAuthority({ ...again, name: "CA", certificatePolicies: ["1.2.3"] });
    return [issuer, issueCertificate({ ...again, issuer, names: ["a.b"], mustStaple: true })];
  };
  for (const keyType of newKeyTypes) assert.equal(issued(undefined, keyType), issued(undefined, keyType));
  assert.equal(issued(rsaKey, undefined), issued(rsaKey, undefined));
  assert.not.equal(issued(undefined, "ed25519"), issued(undefined, "ed448"));
});

test("what isn't said otherwise fulfils the strictest policies", () => {
  const issuer = issueCertificateAuthority({ ...common, name: "CA", issuer: root, pathLenConstraint: 0 });
  const trustAnchors = [decodeCertificate(root.certificate)];
  for (const names of [["a.b"], ["*.a.b", "192.0.2.1"], ["2001:DB8::1"], [`${"a".repeat(63)}.b`]]) {
    const chain = issueCertificate({ ...common, issuer, names }).chain.map(decodeCertificate);
    const [name = ""] = names;
    const serverName = name.replace("*", "x");
    for (const policy of [policies.rfc5280, policies.webPki]) {
      const verdict = verifyCertificate({ chain, trustAnchors, provider, policy, serverName, now });
      assert.is(verdict.error?.message, undefined, policy.name);
    }
  }
});

test("a cross-certificate leads the same key and name to another root", () => {
  const other = issueCertificateAuthority({ ...common, name: "Other Root" });
  const cross = issueCertificateAuthority({ ...common, name: "Test Root", key: root.privateKey, issuer: other });
  const [own, crossed] = [decodeCertificate(root.certificate), decodeCertificate(cross.certificate)];
  assert.equal(crossed.subject.der, own.subject.der);
  assert.equal(crossed.subjectKeyIdentifier, own.subjectKeyIdentifier);
  assert.is(crossed.issuer.text, "CN=Other Root");
  const { chain } = issueCertificate({ ...common, issuer: root, names: ["a.b"] });
  verify(chain, root);
  verify([...chain, ...cross.chain], other);
  assert.throws(() => verify(chain, other), /issuer/);
  assert.is(issueCertificate({ ...common, issuer: cross, names: ["a.b"] }).chain.length, 2);
});

test("a new key of a root is vouched for by its old one, under the same name", () => {
  const key = testKey(77);
  const renewed = issueCertificateAuthority({ ...common, name: "Test Root", key, issuer: root });
  const [old, bridge] = [decodeCertificate(root.certificate), decodeCertificate(renewed.certificate)];
  assert.equal(bridge.subject.der, bridge.issuer.der);
  assert.equal(bridge.authorityKeyIdentifier, old.subjectKeyIdentifier);
  assert.not.equal(bridge.subjectKeyIdentifier, old.subjectKeyIdentifier);
  const { chain } = issueCertificate({ ...common, issuer: renewed, names: ["a.b"] });
  assert.is(chain.length, 2);
  verify(chain, root);
  const newRoot = issueCertificateAuthority({ ...common, name: "Test Root", key });
  verify(chain.slice(0, 1), newRoot);
});

// proves RFC 5280 §A.1: "specifications of Upper Bounds"
// proves RFC 5280 §4.1.2.2: "CAs MUST force the serialNumber"
// proves RFC 5280 §4.1.2.2: "Conforming CAs MUST NOT use"
test("fields that can't be are the caller's mistake, and each is told which", () => {
  refuses(() => authority({ name: undefined }), /Cannot issue a CA: it has neither a name nor a subject/);
  refuses(() => authority({ subject: { der: encodeName([]) } }), /neither a name nor a subject/);
  refuses(
    () => authority({ subject: [{ type: "CN", value: "a".repeat(65) }] }),
    /subject's CN has 65 characters, not 1 to 64/,
  );
  refuses(() => authority({ subject: [{ type: "O", value: "" }] }), /subject's O has 0 characters/);
  for (
    const [type, max] of [["O", 64], ["OU", 64], ["title", 64], ["L", 128], ["ST", 128], ["pseudonym", 128]] as const
  ) {
    const value = "a".repeat(max);
    assert.is(authority({ subject: [{ type, value }] }).subject.keys.length, 2);
    refuses(
      () => authority({ subject: [{ type, value: `${value}a` }] }),
      new RegExp(`${max + 1} characters, not 1 to ${max}`),
    );
  }
  refuses(() => authority({ subject: [{ type: "C", value: "DEU" }] }), /subject's C has 3 characters, not 1 to 2/);
  refuses(
    () => authority({ subject: [{ type: "C", value: "D1" }] }),
    /subject's C is "D1", which is not a code of two let/,
  );
  refuses(() => authority({ subject: [{ type: "serialNumber", value: "ü" }] }), /which is not a PrintableString/);
  refuses(() => authority({ subject: [{ type: "O", value: "\ud800" }] }), /half of a surrogate pair/);
  refuses(() => authority({ subject: [{ type: "emailAddress", value: "a" }] }), /which is not a mailbox/);
  refuses(() => authority({ subject: [{ type: "DC", value: "a.b" }] }), /which is not a DNS label/);
  refuses(
    () => authority({ subject: { der: hex("3000 00") } }),
    /subject has DER that is no distinguished name: .* Name at byte 2/,
  );
  refuses(() => leaf({ subject: { der: hex("0500") } }), /subject has DER that is no distinguished name/);
  assert.is(authority({ name: "😀".repeat(64) }).subject.text.length, 3 + 128);
  refuses(() => leaf({ names: ["*.192.0.2.1"] }), /a wildcard for an IP address/);
  refuses(() => leaf({ serialNumber: -1n }), /serialNumber is -1, not from 1 to 2\^159 - 1/);
  refuses(() => leaf({ serialNumber: 0n }), /serialNumber is 0/);
  refuses(() => leaf({ serialNumber: bytes() }), /serialNumber is 0/);
  refuses(() => leaf({ serialNumber: bytes(0x80) }), /serialNumber is -128/);
  refuses(() => leaf({ serialNumber: 2n ** 159n }), /serialNumber is 7\d+, not/);
  refuses(
    () => leaf({ notBefore: now, notAfter: now - 1000 }),
    /notAfter \(2030-.*\) would be before notBefore \(2030-/,
  );
  refuses(() => leaf({ now: now + 11 * 365 * day }), /notAfter .* would be before notBefore/);
  refuses(() => leaf({ notBefore: Date.UTC(1949, 0) }), /notBefore is -662688000000, which is not a time in ms/);
  refuses(() => leaf({ notAfter: Date.UTC(10000, 0) }), /notAfter is \d+, which is not a time/);
  refuses(() => leaf({ notAfter: Number.NaN }), /notAfter is NaN/);
  refuses(() => leaf({ now: Number.NaN }), /now is NaN/);
  refuses(() => authority({ days: Number.POSITIVE_INFINITY }), /notAfter is Infinity/);
  refuses(() => leaf({ key: testKey(1), keyType: "ed25519" }), /keyType is given, and a key as well/);
});

test("keys that can't be used, and randomness that isn't enough, are the caller's mistake", () => {
  const wrong: PrivateKey = { type: "ec", curve: "secp256r1", scalar: new Uint8Array(32) };
  refuses(() => leaf({ key: wrong }), /Cannot use the ec key: the crypto provider refuses it/);
  refuses(() => leaf({ key: { type: "ed25519", seed: bytes(1) } }), /Cannot use the ed25519 key/);
  refuses(
    () => leaf({ keyType: "ed25519", random: (length) => new Uint8Array(length - 1) }),
    /random\(32\) gave 31 bytes/,
  );
  refuses(() => leaf({ key: testKey(1), random: () => bytes() }), /random\(16\) gave 0 bytes/);
  const signatureSchemes = provider.signatureSchemes.filter(({ keyType }) => keyType !== "ed448");
  refuses(() => leaf({ keyType: "ed448", provider: { ...provider, signatureSchemes } }), /type ed448: .* no scheme/);
  const broken: CertificateAuthority = { ...root, certificate: root.certificate.slice(0, -1) };
  refuses(() => leaf({ issuer: broken }), /Cannot issue with a CA whose certificate is broken: /);
});

test("an issuer's empty name isn't made up for: a self-signed leaf gets a subject", () => {
  const names = [`${"a".repeat(63)}.b`];
  const certificate = decodeCertificate(
    issueSelfSigned({ ...common, names, subject: { der: encodeName([]) } }).chain[0],
  );
  assert.is(certificate.issuer.text, "O=self-signed");
});

test.run();
