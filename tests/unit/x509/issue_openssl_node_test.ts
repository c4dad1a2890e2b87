import { assert, suite } from "../../harness.ts";
import { nobleProvider as provider } from "../../../lib/crypto/noble_provider.ts";
import type { PrivateKey } from "../../../lib/crypto/provider.ts";
import { decodeCertificate } from "../../../lib/x509/certificate.ts";
import {
  type CertificateAuthority,
  type GeneralNameInput,
  issueCertificate,
  issueCertificateAuthority,
  type IssueCertificateOptions,
  type NameConstraintsInput,
  type NewKeyType,
} from "../../../lib/x509/issue.ts";
import { loadPrivateKey } from "../../../lib/x509/load.ts";
import { anyPolicy } from "../../../lib/x509/oids.ts";
import { encodePem } from "../../../lib/x509/pem.ts";
import { encodePrivateKey } from "../../../lib/x509/private_key.ts";
import { privateKeyPem } from "../../support/x509_fixtures.ts";
import { countingRandom, now, testKey } from "./builder.ts";
import { type OpensslFolder, opensslTests } from "./openssl_folder.ts";

const tests = suite("issue against the openssl command");
const test = opensslTests(tests);
const common = { provider, random: countingRandom(17), now };
const rsaKey = loadPrivateKey(privateKeyPem.rsaPkcs8);
const strict = ["-x509_strict", "-attime", `${now / 1000}`, "-purpose", "sslserver"];
const root = issueCertificateAuthority({ ...common, name: "Root", subject: [{ type: "C", value: "DE" }] });

/** What `openssl verify` says of a leaf under `anchor`, with what its issuers send along. */
function verdictOn(
  { verdict, writeCertificates }: OpensslFolder,
  chain: readonly Uint8Array[],
  anchor: CertificateAuthority,
  ...parameters: readonly string[]
): string {
  const [leaf, ...others] = chain;
  if (leaf === undefined) throw new Error("the chain is empty");
  writeCertificates("anchor.pem", anchor.certificate);
  writeCertificates("others.pem", ...others);
  writeCertificates("leaf.pem", leaf);
  const untrusted = others.length === 0 ? [] : ["-untrusted", "others.pem"];
  return verdict(...strict, ...parameters, "-CAfile", "anchor.pem", ...untrusted, "leaf.pem");
}

/** What OpenSSL reads in a certificate. */
function textOf({ openssl, writeCertificates }: OpensslFolder, certificate: Uint8Array): string {
  writeCertificates("read.pem", certificate);
  return openssl("x509", "-in", "read.pem", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus_space,sname");
}

/** Lines that stand below one another, their indentation apart. */
function has(text: string, ...lines: readonly string[]): void {
  const found = text.split("\n").map((line) => line.trim()).join("\n");
  assert.ok(`\n${found}`.includes(`\n${lines.join("\n")}`), `${lines.join(" / ")}\nis not in\n${text}`);
}

const keys: readonly (readonly [string, NewKeyType | undefined, PrivateKey | undefined])[] = [
  ["P-256", "secp256r1", undefined],
  ["P-384", "secp384r1", undefined],
  ["P-521", "secp521r1", undefined],
  ["Ed25519", "ed25519", undefined],
  ["Ed448", "ed448", undefined],
  ["RSA", undefined, rsaKey],
];
for (const [name, keyType, key] of keys) {
  test(`it strictly accepts a chain of three certificates with ${name} keys`, (folder) => {
    const own = { ...common, keyType, key };
    const anchor = issueCertificateAuthority({ ...own, name: "Root" });
    const middle = issueCertificateAuthority({ ...own, name: "Middle", issuer: anchor, pathLenConstraint: 0 });
    const names = ["example.com", "*.example.org", "192.0.2.1", "2001:db8::1"];
    const { chain, privateKey } = issueCertificate({ ...own, issuer: middle, names });
    for (const host of ["example.com", "a.example.org"]) {
      assert.match(verdictOn(folder, chain, anchor, "-verify_hostname", host), /^leaf\.pem: OK\n$/);
    }
    for (const address of ["192.0.2.1", "2001:db8::1"]) {
      assert.match(verdictOn(folder, chain, anchor, "-verify_ip", address), /^leaf\.pem: OK\n$/);
    }
    assert.match(verdictOn(folder, chain, anchor, "-verify_hostname", "example.org"), /hostname mismatch/);
    if (privateKey.type === "rsa") return;
    folder.write("leaf.key", encodePem("PRIVATE KEY", encodePrivateKey(privateKey)));
    const publicKey = folder.openssl("x509", "-in", "leaf.pem", "-noout", "-pubkey");
    assert.is(folder.openssl("pkey", "-in", "leaf.key", "-pubout"), publicKey);
  });
}

test("it accepts RSA-PSS and ECDSA with another hash where they are asked for", (folder) => {
  const algorithms = ["rsa_pss_sha256", "rsa_pss_sha384", "rsa_pss_sha512", "rsa_pkcs1_sha512"] as const;
  for (const signatureAlgorithm of algorithms) {
    const issuer = issueCertificateAuthority({ ...common, name: "Root", key: rsaKey, signatureAlgorithm });
    const { chain } = issueCertificate({ ...common, issuer, names: ["a.b"], signatureAlgorithm });
    assert.match(verdictOn(folder, chain, issuer, "-check_ss_sig"), /^leaf\.pem: OK\n$/, signatureAlgorithm);
  }
  const { chain } = issueCertificate({ ...common, issuer: root, names: ["a.b"], signatureAlgorithm: "ecdsa_sha384" });
  assert.match(verdictOn(folder, chain, root), /^leaf\.pem: OK\n$/);
});

test("it reads subjects, serial numbers and times as they were given", (folder) => {
  const { certificate } = issueCertificateAuthority({
    ...common,
    subject: [
      { type: "C", value: "DE" },
      { type: "ST", value: "Bayern" },
      { type: "L", value: "München" },
      { type: "O", value: "Grün & Söhne" },
      { type: "OU", value: "Netz" },
      { type: "serialNumber", value: "HRB 1" },
      { type: "emailAddress", value: "jo@example.com" },
      { type: "DC", value: "example" },
    ],
    name: "日本",
    serialNumber: 0xfedcba9876543210n,
    notBefore: Date.UTC(2001, 1, 3, 4, 5, 6, 789),
    notAfter: Date.UTC(9999, 11, 31, 23, 59, 59),
  });
  const text = textOf(folder, certificate);
  has(
    text,
    "Subject: C=DE, ST=Bayern, L=München, O=Grün & Söhne, OU=Netz, serialNumber=HRB 1, emailAddress=jo@example.com, " +
      "DC=example, CN=日本",
  );
  has(text, "Serial Number:", "fe:dc:ba:98:76:54:32:10");
  has(text, "Not Before: Feb  3 04:05:06 2001 GMT", "Not After : Dec 31 23:59:59 9999 GMT");
});

test("it reads every extension of an authority as it was given", (folder) => {
  const { certificate } = issueCertificateAuthority({
    ...common,
    name: "CA",
    issuer: root,
    pathLenConstraint: 3,
    keyUsage: ["digitalSignature", "keyCertSign", "cRLSign"],
    purposes: ["serverAuth", "OCSPSigning"],
    extendedKeyUsage: ["1.2.3.4"],
    nameConstraints: {
      permittedSubtrees: [
        { type: "dNSName", name: "example.com" },
        { type: "iPAddress", address: "192.0.2.0/24" },
        { type: "iPAddress", address: "2001:db8::/32" },
        { type: "rfc822Name", name: ".example.com" },
      ],
      excludedSubtrees: [
        { type: "uniformResourceIdentifier", name: "example.org" },
        { type: "directoryName", name: [{ type: "C", value: "DE" }, { type: "O", value: "Ö" }] },
      ],
    },
    certificatePolicies: ["1.3.6.1.4.1.99999.1", anyPolicy],
    policyMappings: [{ issuerDomainPolicy: "1.3.6.1.4.1.99999.1", subjectDomainPolicy: "1.3.6.1.4.1.99999.2" }],
    policyConstraints: { requireExplicitPolicy: 0, inhibitPolicyMapping: 1 },
    inhibitAnyPolicy: 2,
    crlDistributionPoints: ["http://example.com/1.crl", "ldap://example.com/cn=2"],
    ocspUrls: ["http://ocsp.example.com/"],
    issuerUrls: ["http://example.com/ca.cer"],
  });
  const text = textOf(folder, certificate);
  has(text, "X509v3 Basic Constraints: critical", "CA:TRUE, pathlen:3");
  has(text, "X509v3 Key Usage: critical", "Digital Signature, Certificate Sign, CRL Sign");
  has(text, "X509v3 Extended Key Usage:", "TLS Web Server Authentication, OCSP Signing, 1.2.3.4");
  has(text, "X509v3 Name Constraints: critical", "Permitted:", "DNS:example.com", "IP:192.0.2.0/255.255.255.0");
  has(text, "IP:2001:DB8:0:0:0:0:0:0/FFFF:FFFF:0:0:0:0:0:0", "email:.example.com", "Excluded:", "URI:example.org");
  assert.match(text, /DirName:\s*C = DE, O = /);
  has(text, "X509v3 Certificate Policies:", "Policy: 1.3.6.1.4.1.99999.1", "Policy: X509v3 Any Policy");
  has(text, "X509v3 Policy Mappings: critical", "1.3.6.1.4.1.99999.1:1.3.6.1.4.1.99999.2");
  has(text, "X509v3 Policy Constraints: critical", "Require Explicit Policy:0, Inhibit Policy Mapping:1");
  has(text, "X509v3 Inhibit Any Policy: critical", "2");
  has(text, "X509v3 CRL Distribution Points:", "Full Name:", "URI:http://example.com/1.crl", "Full Name:");
  has(text, "URI:ldap://example.com/cn=2");
  has(text, "Authority Information Access:", "OCSP - URI:http://ocsp.example.com/");
  has(text, "CA Issuers - URI:http://example.com/ca.cer");
});

test("it reads every extension of a leaf as it was given", (folder) => {
  const { chain: [certificate] } = issueCertificate({
    ...common,
    issuer: root,
    names: ["example.com", "192.0.2.1"],
    subjectAltName: [
      { type: "rfc822Name", name: "jo@example.com" },
      { type: "uniformResourceIdentifier", name: "spiffe://example.com/jo" },
      { type: "directoryName", name: [{ type: "C", value: "DE" }, { type: "CN", value: "jo" }] },
      { type: "iPAddress", address: "2001:db8::1" },
    ],
    keyUsage: ["digitalSignature", "nonRepudiation", "keyEncipherment", "encipherOnly", "decipherOnly"],
    tlsFeatures: [17],
    mustStaple: true,
    ocspNoCheck: true,
    extensions: [{ oid: "1.2.3.4.5", critical: true, value: Uint8Array.of(5, 0) }],
  });
  const text = textOf(folder, certificate);
  has(text, "X509v3 Basic Constraints: critical", "CA:FALSE");
  has(
    text,
    "X509v3 Key Usage: critical",
    "Digital Signature, Non Repudiation, Key Encipherment, Encipher Only, Decipher Only",
  );
  has(text, "X509v3 Extended Key Usage:", "TLS Web Server Authentication, TLS Web Client Authentication");
  has(
    text,
    "X509v3 Subject Alternative Name:",
    "DNS:example.com, IP Address:192.0.2.1, email:jo@example.com, URI:spiffe://example.com/jo, DirName:",
  );
  assert.match(text, /DirName:\W*C ?= ?DE\W+CN ?= ?jo, IP Address:2001:DB8:0:0:0:0:0:1\n/);
  has(text, "TLS Feature:", "status_request_v2, status_request");
  assert.match(text, /OCSP No Check:/);
  assert.match(text, /1\.2\.3\.4\.5: critical/);
});

interface Constrained {
  readonly base: GeneralNameInput;
  readonly inside: GeneralNameInput;
  readonly outside: GeneralNameInput;
}

const organization = (value: string): GeneralNameInput => ({ type: "directoryName", name: [{ type: "O", value }] });
const dns = (name: string): GeneralNameInput => ({ type: "dNSName", name });
const ip = (address: string): GeneralNameInput => ({ type: "iPAddress", address });
const mailbox = (name: string): GeneralNameInput => ({ type: "rfc822Name", name });
const uri = (name: string): GeneralNameInput => ({ type: "uniformResourceIdentifier", name });
const constrained: readonly Constrained[] = [
  { base: dns("example.com"), inside: dns("a.example.com"), outside: dns("example.org") },
  { base: ip("192.0.2.0/28"), inside: ip("192.0.2.15"), outside: ip("192.0.2.16") },
  { base: ip("2001:db8::/33"), inside: ip("2001:db8:7fff::"), outside: ip("2001:db8:8000::") },
  { base: mailbox("example.com"), inside: mailbox("jo@example.com"), outside: mailbox("jo@a.example.com") },
  { base: mailbox(".example.com"), inside: mailbox("jo@a.example.com"), outside: mailbox("jo@example.com") },
  { base: mailbox("jo@example.com"), inside: mailbox("jo@example.com"), outside: mailbox("al@example.com") },
  { base: uri(".example.com"), inside: uri("https://a.example.com/x"), outside: uri("https://example.com/x") },
  { base: organization("Example"), inside: organization("Example"), outside: organization("Other") },
];
test("it enforces name constraints of each form, permitted and excluded", (folder) => {
  const verdict = (nameConstraints: NameConstraintsInput, name: GeneralNameInput): string => {
    const issuer = issueCertificateAuthority({ ...common, name: "CA", issuer: root, nameConstraints });
    // Without a commonName, which OpenSSL would compare with DNS constraints.
    const subject = name.type === "directoryName" ? name.name : [{ type: "L", value: "x" }] as const;
    const { chain } = issueCertificate({ ...common, issuer, names: [], subject, subjectAltName: [name] });
    return verdictOn(folder, chain, root);
  };
  for (const { base, inside, outside } of constrained) {
    const text = JSON.stringify(base);
    assert.match(verdict({ permittedSubtrees: [base] }, inside), /^leaf\.pem: OK\n$/, text);
    assert.match(verdict({ permittedSubtrees: [base] }, outside), /permitted subtree violation/, text);
    assert.match(verdict({ excludedSubtrees: [base] }, outside), /^leaf\.pem: OK\n$/, text);
    assert.match(verdict({ excludedSubtrees: [base] }, inside), /excluded subtree violation/, text);
  }
});

test("it enforces policies, their mappings and constraints", (folder) => {
  const [one, two] = ["1.3.6.1.4.1.99999.1", "1.3.6.1.4.1.99999.2"];
  const middle = issueCertificateAuthority({
    ...common,
    name: "CA",
    issuer: root,
    certificatePolicies: [one],
    policyMappings: [{ issuerDomainPolicy: one, subjectDomainPolicy: two }],
    policyConstraints: { requireExplicitPolicy: 0 },
  });
  const leaf = (certificatePolicies: IssueCertificateOptions["certificatePolicies"]): readonly Uint8Array[] =>
    issueCertificate({ ...common, issuer: middle, names: ["a.b"], certificatePolicies }).chain;
  const verdict = (policies: readonly string[] | undefined, ...parameters: readonly string[]): string =>
    verdictOn(folder, leaf(policies), root, "-policy_check", ...parameters);
  assert.match(verdict([two], "-policy", one), /^leaf\.pem: OK\n$/);
  assert.match(verdict([two], "-policy", two), /no explicit policy/);
  assert.match(verdict([one], "-policy", one), /no explicit policy/);
  assert.match(verdict(undefined, "-policy", one), /no explicit policy/);
  assert.match(verdict([anyPolicy], "-policy", one), /^leaf\.pem: OK\n$/);
  for (const [inhibitAnyPolicy, expected] of [[1, /^leaf\.pem: OK\n$/], [0, /no explicit policy/]] as const) {
    const certificatePolicies = [anyPolicy];
    const own = { ...common, certificatePolicies, inhibitAnyPolicy };
    const issuer = issueCertificateAuthority({ ...own, name: "CA", issuer: root });
    const { chain } = issueCertificate({ ...common, issuer, names: ["a.b"], certificatePolicies });
    const parameters = ["-policy_check", "-explicit_policy", "-policy", anyPolicy];
    assert.match(verdictOn(folder, chain, root, ...parameters), expected);
  }
});

test("it follows cross-certificates and changes of keys", (folder) => {
  const other = issueCertificateAuthority({ ...common, name: "Other Root" });
  const { subject } = decodeCertificate(root.certificate);
  const cross = issueCertificateAuthority({ ...common, subject, key: root.privateKey, issuer: other });
  const { chain } = issueCertificate({ ...common, issuer: root, names: ["a.b"] });
  assert.match(verdictOn(folder, chain, root), /^leaf\.pem: OK\n$/);
  assert.match(verdictOn(folder, chain, other), /unable to get local issuer certificate/);
  assert.match(verdictOn(folder, [...chain, ...cross.chain], other), /^leaf\.pem: OK\n$/);
  const key = testKey(99);
  const renewed = issueCertificateAuthority({ ...common, subject, key, issuer: root });
  const later = issueCertificate({ ...common, issuer: renewed, names: ["a.b"] });
  assert.match(verdictOn(folder, later.chain, root), /^leaf\.pem: OK\n$/);
  assert.match(verdictOn(folder, later.chain.slice(0, 1), root), /unable to get local issuer certificate/);
  const newRoot = issueCertificateAuthority({ ...common, subject, key });
  assert.match(verdictOn(folder, later.chain.slice(0, 1), newRoot), /^leaf\.pem: OK\n$/);
});

test("it refuses what is wrong on purpose", (folder) => {
  const wrong = (options: Partial<IssueCertificateOptions>): string =>
    verdictOn(folder, issueCertificate({ ...common, issuer: root, names: ["a.b"], ...options }).chain, root);
  assert.match(wrong({}), /^leaf\.pem: OK\n$/);
  assert.match(wrong({ omittedExtensions: ["authorityKeyIdentifier"] }), /Missing Authority Key Identifier/);
  assert.match(
    wrong({ extensions: [{ oid: "1.2.3.4", critical: true, value: Uint8Array.of(5, 0) }] }),
    /unhandled cri/,
  );
  assert.match(wrong({ purposes: ["codeSigning"] }), /unsuitable certificate purpose/);
  assert.match(wrong({ notBefore: now + 1000 }), /not yet valid/);
  assert.match(wrong({ notAfter: now - 1000 }), /expired/);
});

tests.run();
