import "../../support/reflect_metadata.ts";
import * as x509 from "@peculiar/x509";
import { assert, suite } from "../../harness.ts";
import { toHex } from "../../../lib/codec/bytes.ts";
import { nobleProvider as provider } from "../../../lib/crypto/noble_provider.ts";
import type { PrivateKey } from "../../../lib/crypto/provider.ts";
import { type Certificate, decodeCertificate } from "../../../lib/x509/certificate.ts";
import { keyUsageBits } from "../../../lib/x509/extensions.ts";
import { issueCertificate, issueCertificateAuthority, type NewKeyType } from "../../../lib/x509/issue.ts";
import { loadPrivateKey } from "../../../lib/x509/load.ts";
import { anyPolicy } from "../../../lib/x509/oids.ts";
import { privateKeyPem } from "../../support/x509_fixtures.ts";
import { countingRandom, now } from "./builder.ts";

const test = suite("issue against @peculiar/x509");
const common = { provider, random: countingRandom(19), now };
const read = (der: Uint8Array): x509.X509Certificate => new x509.X509Certificate(new Uint8Array(der));

/** The fields that both readers know are the same. */
function equalFields(other: x509.X509Certificate, ours: Certificate): void {
  assert.is(other.serialNumber, toHex(ours.serialNumber).replace(/^00/, ""));
  assert.equal([other.notBefore.getTime(), other.notAfter.getTime()], [ours.notBefore, ours.notAfter]);
  assert.equal(new Uint8Array(other.subjectName.toArrayBuffer()), new Uint8Array(ours.subject.der));
  assert.equal(new Uint8Array(other.issuerName.toArrayBuffer()), new Uint8Array(ours.issuer.der));
  assert.equal(new Uint8Array(other.publicKey.rawData), new Uint8Array(ours.spki));
  // Its lists are arrays of classes of their own, so that they are never deeply equal to arrays.
  const extensions = Array.from(other.extensions, ({ type, critical, value }) => ({
    oid: type,
    critical,
    value: toHex(new Uint8Array(value)),
  }));
  assert.equal(extensions, ours.extensions.map((extension) => ({ ...extension, value: toHex(extension.value) })));
  const usages = other.getExtension(x509.KeyUsagesExtension)?.usages ?? 0;
  assert.equal(keyUsageBits.filter((_, bit) => (usages >> bit & 1) === 1), ours.keyUsage ?? []);
  const basic = other.getExtension(x509.BasicConstraintsExtension);
  assert.equal([basic?.ca, basic?.pathLength], [ours.basicConstraints?.cA, ours.basicConstraints?.pathLenConstraint]);
  const subjectKey = other.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  assert.is(subjectKey, ours.subjectKeyIdentifier && toHex(ours.subjectKeyIdentifier));
  const authorityKey = other.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
  assert.is(authorityKey, ours.authorityKeyIdentifier && toHex(ours.authorityKeyIdentifier));
  assert.equal([...other.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? []], ours.extendedKeyUsage ?? []);
}

const keys: readonly (readonly [string, NewKeyType | undefined, PrivateKey | undefined])[] = [
  ["P-256", "secp256r1", undefined],
  ["P-384", "secp384r1", undefined],
  ["P-521", "secp521r1", undefined],
  ["Ed25519", "ed25519", undefined],
  ["RSA", undefined, loadPrivateKey(privateKeyPem.rsaPkcs8)],
];
for (const [name, keyType, key] of keys) {
  test(`it reads the same in a chain with ${name} keys, and finds its way to the root`, async () => {
    const own = { ...common, keyType, key };
    const root = issueCertificateAuthority({ ...own, name: "Root", subject: [{ type: "C", value: "DE" }] });
    const middle = issueCertificateAuthority({ ...own, name: "Middle", issuer: root, pathLenConstraint: 0 });
    const { chain } = issueCertificate({ ...own, issuer: middle, names: ["example.com"] });
    const ders = [...chain, root.certificate];
    for (const der of ders) equalFields(read(der), decodeCertificate(der));
    const [leaf, ...others] = ders.map(read);
    if (leaf === undefined) throw new Error("the chain is empty");
    const path = await new x509.X509ChainBuilder({ certificates: others }).build(leaf);
    assert.equal(Array.from(path, ({ subject }) => subject), ["CN=example.com", "CN=Middle", "C=DE, CN=Root"]);
    for (const [index, certificate] of path.entries()) {
      const issuer = path[index + 1] ?? certificate;
      assert.ok(await certificate.verify({ publicKey: issuer.publicKey, date: new Date(now) }), certificate.subject);
    }
    const [stranger] = issueCertificate({ ...own, issuer: root, names: ["example.com"] }).chain.map(read);
    assert.is(await stranger?.verify({ publicKey: leaf.publicKey, signatureOnly: true }), key !== undefined);
  });
}

test("it verifies RSA-PSS", async () => {
  const key = loadPrivateKey(privateKeyPem.rsaPkcs8);
  for (const signatureAlgorithm of ["rsa_pss_sha256", "rsa_pss_sha384", "rsa_pss_sha512"] as const) {
    const { certificate } = issueCertificateAuthority({ ...common, name: "Root", key, signatureAlgorithm });
    assert.ok(await read(certificate).isSelfSigned(), signatureAlgorithm);
  }
});

test("it reads names, policies and addresses as they were given", () => {
  const issuer = issueCertificateAuthority({ ...common, name: "Root" });
  const { chain: [der] } = issueCertificate({
    ...common,
    issuer,
    names: ["example.com", "192.0.2.1", "2001:db8::1"],
    subject: [{ type: "C", value: "DE" }, { type: "O", value: "Müller, Söhne" }, { type: "DC", value: "example" }],
    subjectAltName: [
      { type: "rfc822Name", name: "jo@example.com" },
      { type: "uniformResourceIdentifier", name: "https://example.com/a" },
      { type: "directoryName", name: [{ type: "O", value: "Example" }] },
    ],
    certificatePolicies: ["1.2.3.4", anyPolicy],
    crlDistributionPoints: ["http://example.com/1.crl", "http://example.com/2.crl"],
    ocspUrls: ["http://ocsp.example.com/"],
    issuerUrls: ["http://example.com/ca.cer"],
  });
  const certificate = read(der);
  equalFields(certificate, decodeCertificate(der));
  assert.equal(certificate.subjectName.toJSON(), [
    { C: ["DE"] },
    { O: ["Müller, Söhne"] },
    { DC: ["example"] },
    { CN: ["example.com"] },
  ]);
  assert.equal(certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON(), [
    { type: "dns", value: "example.com" },
    { type: "ip", value: "192.0.2.1" },
    { type: "ip", value: "2001:db8::1" },
    { type: "email", value: "jo@example.com" },
    { type: "url", value: "https://example.com/a" },
    { type: "dn", value: "O=Example" },
  ]);
  const policies = certificate.getExtension(x509.CertificatePolicyExtension)?.policies ?? [];
  assert.equal([...policies], ["1.2.3.4", anyPolicy]);
  const values = (names: readonly x509.GeneralName[] = []): readonly string[] =>
    Array.from(names, ({ value }) => value);
  const access = certificate.getExtension(x509.AuthorityInfoAccessExtension);
  assert.equal(values(access?.ocsp), ["http://ocsp.example.com/"]);
  assert.equal(values(access?.caIssuers), ["http://example.com/ca.cer"]);
  const points = certificate.getExtension(x509.CRLDistributionPointsExtension)?.distributionPoints ?? [];
  const urls = Array.from(
    points,
    ({ distributionPoint }) => Array.from(distributionPoint?.fullName ?? [], (name) => name.uniformResourceIdentifier),
  );
  assert.equal(urls, [["http://example.com/1.crl"], ["http://example.com/2.crl"]]);
});

test.run();
