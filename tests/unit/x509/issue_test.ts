import { assert, suite } from "../../harness.ts";
import { nobleProvider as provider } from "../../../lib/crypto/noble_provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { type Certificate, decodeCertificate } from "../../../lib/x509/certificate.ts";
import {
  type CertificateAuthority,
  issueCertificate,
  issueCertificateAuthority,
  issueSelfSigned,
} from "../../../lib/x509/issue.ts";
import { loadPrivateKey } from "../../../lib/x509/load.ts";
import { createCertificateVerifier } from "../../../lib/x509/verifier.ts";
import { privateKeyPem } from "../../support/x509_fixtures.ts";
import { Aliasing, countingRandom, day, hex, now, testKey } from "./builder.ts";

const test = suite("issue");
const random = countingRandom(7);
const common = { provider, random, now };
const root = issueCertificateAuthority({ ...common, name: "Test Root" });
const verify = (
  chain: readonly Uint8Array[],
  anchor: Uint8Array,
  serverName: string,
  purpose: "serverAuth" | "clientAuth" = "serverAuth",
): void =>
  createCertificateVerifier({ trustAnchors: [decodeCertificate(anchor)], provider })
    .verify({ chain: chain.map(decodeCertificate), serverName, purpose, now });
const refuses = (run: () => unknown, why: RegExp): void =>
  assert.throws(run, (error: unknown) => error instanceof TlsUsageError && why.test(error.message));
const criticalOf = ({ extensions }: Certificate): readonly string[] =>
  extensions.filter(({ critical }) => critical).map(({ oid }) => oid);

test("a leaf from a root is accepted for all its names and both purposes", () => {
  const names = ["example.com", "*.example.org", "192.0.2.1", "2001:db8::1", "localhost"];
  const { chain } = issueCertificate({ ...common, issuer: root, names });
  assert.is(chain.length, 1);
  for (const name of ["example.com", "a.example.org", "192.0.2.1", "2001:db8::1", "localhost"]) {
    verify(chain, root.certificate, name);
  }
  verify(chain, root.certificate, "example.com", "clientAuth");
});

test("a leaf from a CA below a root brings the CA along", () => {
  const middle = issueCertificateAuthority({ ...common, name: "Middle", issuer: root, pathLenConstraint: 0 });
  const { chain } = issueCertificate({ ...common, issuer: middle, names: ["example.com"] });
  assert.equal(chain.map((der) => decodeCertificate(der).subject.text), ["CN=example.com", "CN=Middle"]);
  verify(chain, root.certificate, "example.com");
  const deeper = issueCertificateAuthority({ ...common, name: "Deeper", issuer: middle });
  const tooDeep = issueCertificate({ ...common, issuer: deeper, names: ["example.com"] });
  assert.throws(() => verify(tooDeep.chain, root.certificate, "example.com"), /pathLenConstraint allows 0/);
});

// proves RFC 5280 §4.1.2.6: "(a) When the subject of the certificate is a CA"
// proves RFC 5280 §8: "CAs MUST encode the distinguished name"
test("an issuer's name stands in its certificates byte for byte, however it is written", () => {
  // One attribute each: a TeletexString, a BMPString and a PrintableString.
  for (const value of ["1402 6162", "1e02 0061", "1302 6142"]) {
    const der = hex(`300d 310b 3009 0603550403 ${value}`);
    const issuer = issueCertificateAuthority({ ...common, subject: { der } });
    assert.equal(decodeCertificate(issuer.certificate).subject.der, der);
    const { chain } = issueCertificate({ ...common, issuer, names: ["example.com"] });
    assert.equal(decodeCertificate(chain[0]).issuer.der, der);
    verify(chain, issuer.certificate, "example.com");
  }
});

test("a self-signed leaf is accepted as its own trust anchor", () => {
  const { chain } = issueSelfSigned({ ...common, names: ["localhost"] });
  verify(chain, chain[0], "localhost");
  assert.throws(() => verify(chain, root.certificate, "localhost"), /it is self-signed and not a trust anchor/);
});

// proves RFC 5280 §4.2.1.2: "In conforming CA certificates, the value"
test("a CA and a leaf say what RFC 5280 wants them to say, critical where it wants that", () => {
  const authority = decodeCertificate(root.certificate);
  assert.equal(authority.basicConstraints, { cA: true, pathLenConstraint: undefined });
  assert.equal(authority.keyUsage, ["keyCertSign", "cRLSign"]);
  assert.equal(criticalOf(authority), ["2.5.29.19", "2.5.29.15"]);
  assert.is(authority.subjectKeyIdentifier?.length, 20);
  assert.is(authority.authorityKeyIdentifier, undefined);
  const leaf = decodeCertificate(
    issueCertificate({ ...common, issuer: root, names: ["example.com"], purposes: ["serverAuth"] }).chain[0],
  );
  assert.equal(leaf.basicConstraints, { cA: false, pathLenConstraint: undefined });
  assert.equal(leaf.keyUsage, ["digitalSignature"]);
  assert.equal(leaf.extendedKeyUsage, ["1.3.6.1.5.5.7.3.1"]);
  assert.equal(criticalOf(leaf), ["2.5.29.19", "2.5.29.15"]);
  assert.equal(leaf.authorityKeyIdentifier, authority.subjectKeyIdentifier);
  assert.is(leaf.subject.text, "CN=example.com");
});

test("a name too long for a common name leaves the subject empty and makes subjectAltName critical", () => {
  const name = `${"a".repeat(60)}.example.com`;
  const { chain } = issueCertificate({ ...common, issuer: root, names: [name] });
  const leaf = decodeCertificate(chain[0]);
  assert.is(leaf.subject.text, "");
  assert.ok(criticalOf(leaf).includes("2.5.29.17"));
  verify(chain, root.certificate, name);
  assert.is(decodeCertificate(issueSelfSigned({ ...common, names: [name] }).chain[0]).issuer.text, "O=self-signed");
});

// proves RFC 5280 §4.1.2.2: "The serial number MUST be"
// proves RFC 5280 §4.1.2.2: "It MUST be unique"
test("serial numbers are positive, 16 bytes and different", () => {
  const serials = [1, 2, 3].map(() =>
    decodeCertificate(issueSelfSigned({ ...common, names: ["a.b"] }).chain[0]).serialNumber
  );
  for (const serial of serials) assert.ok(serial.length === 16 && (serial[0] ?? 0) >= 0x40 && (serial[0] ?? 0) < 0x80);
  assert.is(new Set(serials.map(String)).size, 3);
});

test("randomness stays as it came: nothing is written into it, and nothing of it is kept", () => {
  const given: Aliasing[] = [];
  const lending = (length: number): Uint8Array => {
    const lent = new Aliasing(new ArrayBuffer(length)).fill(0xff);
    given.push(lent);
    return lent;
  };
  const { chain } = issueSelfSigned({ ...common, random: lending, names: ["a.b"], key: testKey(1) });
  assert.ok(given.length > 0 && given.every((lent) => lent.every((byte) => byte === 0xff)));
  assert.is(decodeCertificate(chain[0]).serialNumber[0], 0x7f);
});

test("validity begins an hour ago, lasts the days that are wanted, and never longer than the issuer's", () => {
  const leafOf = (days: number | undefined, issuer: CertificateAuthority): Certificate =>
    decodeCertificate(issueCertificate({ ...common, now: now + 789, issuer, names: ["a.b"], days }).chain[0]);
  assert.equal([leafOf(undefined, root).notBefore, leafOf(undefined, root).notAfter], [
    now - day / 24,
    now + 90 * day - 1000,
  ]);
  assert.is(leafOf(10, root).notAfter, now + 10 * day - 1000);
  const brief = issueCertificateAuthority({ ...common, name: "Brief", days: 5 });
  assert.is(leafOf(undefined, brief).notAfter, now + 5 * day - 1000);
  const long = decodeCertificate(issueCertificateAuthority({ ...common, name: "Long", days: 40 * 365 }).certificate);
  assert.is(new Date(long.notAfter).getUTCFullYear(), 2070);
});

test("the same randomness gives the same certificates", () => {
  const one = issueCertificateAuthority({ ...common, name: "Same", random: countingRandom(3) });
  const two = issueCertificateAuthority({ ...common, name: "Same", random: countingRandom(3) });
  assert.equal(one, two);
  assert.not.equal(one, issueCertificateAuthority({ ...common, name: "Same", random: countingRandom(4) }));
});

test("a key of one's own is certified, of any type", () => {
  for (const name of ["p256Pkcs8", "p384Sec1", "p521Sec1", "ed25519Pkcs8", "ed448Pkcs8", "rsaPkcs8"] as const) {
    const key = loadPrivateKey(privateKeyPem[name]);
    const { chain, privateKey } = issueCertificate({ ...common, issuer: root, names: ["a.b"], key });
    assert.is(privateKey, key);
    verify(chain, root.certificate, "a.b");
  }
});

test("a CA signs with the hash that its key's curve is strong enough for", () => {
  const algorithms = (["p256Pkcs8", "p384Sec1", "p521Sec1", "ed25519Pkcs8", "ed448Pkcs8"] as const).map((name) => {
    const key = loadPrivateKey(privateKeyPem[name]);
    const { chain: [certificate] } = issueSelfSigned({ ...common, names: ["a.b"], key });
    verify([certificate], certificate, "a.b");
    return decodeCertificate(certificate).signatureAlgorithm;
  });
  assert.equal(algorithms, ["ecdsa_sha256", "ecdsa_sha384", "ecdsa_sha512", "ed25519", "ed448"]);
});

test("what can't be issued is the caller's mistake", () => {
  refuses(() => issueCertificate({ ...common, issuer: root, names: [] }), /no name is given/);
  refuses(() => issueCertificate({ ...common, issuer: root, names: ["a b"] }), /Cannot use "a b" as a server name/);
  refuses(() => issueSelfSigned({ ...common, names: ["a.*.b"] }), /Cannot use/);
  refuses(() => issueSelfSigned({ ...common, names: ["a.b"], days: 0 }), /for 0 days/);
  refuses(() => issueSelfSigned({ ...common, names: ["a.b"], days: Number.NaN }), /for NaN days/);
  refuses(() => issueCertificateAuthority({ ...common, name: "" }), /0 characters, not 1 to 64/);
  refuses(() => issueCertificateAuthority({ ...common, name: "a".repeat(65) }), /65 characters/);
  const leaf = issueCertificate({ ...common, issuer: root, names: ["a.b"] });
  const fake: CertificateAuthority = { certificate: leaf.chain[0], chain: [], privateKey: leaf.privateKey };
  refuses(() => issueCertificate({ ...common, issuer: fake, names: ["a.b"] }), /is not that of a CA/);
  refuses(
    () => issueCertificate({ ...common, issuer: { ...root, privateKey: testKey(1) }, names: ["a.b"] }),
    /does not belong/,
  );
  refuses(
    () => issueSelfSigned({ ...common, provider: { ...provider, namedGroups: [] }, names: ["a.b"] }),
    /no group secp256r1/,
  );
  refuses(
    () => issueSelfSigned({ ...common, provider: { ...provider, signatureSchemes: [] }, names: ["a.b"] }),
    /no scheme for it/,
  );
});

test.run();
