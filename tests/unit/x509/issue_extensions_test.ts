import { assert, suite } from "../../harness.ts";
import { nobleProvider as provider } from "../../../lib/crypto/noble_provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { issuerUrls, ocspUrls } from "../../../lib/x509/authority_info_access.ts";
import { type Certificate, decodeCertificate } from "../../../lib/x509/certificate.ts";
import { decodePolicyExtensions } from "../../../lib/x509/certificate_policies.ts";
import { keyUsageBits } from "../../../lib/x509/extensions.ts";
import {
  type ExtensionName,
  type GeneralNameInput,
  type IssueAuthorityOptions,
  issueCertificate,
  issueCertificateAuthority,
  type IssueCertificateOptions,
} from "../../../lib/x509/issue.ts";
import { anyPolicy, ExtensionId, KeyPurposeId } from "../../../lib/x509/oids.ts";
import { tlsFeatures } from "../../../lib/x509/tls_feature.ts";
import { countingRandom, hex, now, refusesToDecode, testKey } from "./builder.ts";

const test = suite("issue, extensions");
const common = { provider, random: countingRandom(13), now, key: testKey(5) };
const root = issueCertificateAuthority({ ...common, name: "Test Root" });

const authorityDer = (options: Partial<IssueAuthorityOptions>): Uint8Array =>
  issueCertificateAuthority({ ...common, name: "CA", ...options }).certificate;
const authority = (options: Partial<IssueAuthorityOptions>): Certificate => decodeCertificate(authorityDer(options));
const leafDer = (options: Partial<IssueCertificateOptions>): Uint8Array =>
  issueCertificate({ ...common, issuer: root, names: ["a.b"], ...options }).chain[0];
const leaf = (options: Partial<IssueCertificateOptions>): Certificate => decodeCertificate(leafDer(options));
const refuses = (run: () => unknown, why: RegExp): void =>
  assert.throws(run, (error: unknown) => {
    if (!(error instanceof TlsUsageError)) throw error;
    assert.match(error.message, why);
    return true;
  });
/** The bytes of an extension, and a `!` before them where it is critical. */
const written = ({ extensions }: Certificate, name: ExtensionName): string | undefined => {
  const extension = extensions.find(({ oid }) => oid === ExtensionId[name]);
  if (extension === undefined) return undefined;
  const text = Array.from(extension.value, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return (extension.critical ? "!" : "") + text;
};

test("an authority and a leaf have each extension once, and no other", () => {
  const namesOf = ({ extensions }: Certificate): readonly string[] => extensions.map(({ oid }) => oid);
  assert.equal(namesOf(authority({})), ["2.5.29.19", "2.5.29.15", "2.5.29.14"]);
  assert.equal(namesOf(authority({ issuer: root })), ["2.5.29.19", "2.5.29.15", "2.5.29.14", "2.5.29.35"]);
  assert.equal(namesOf(leaf({})), ["2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.17", "2.5.29.14", "2.5.29.35"]);
});

test("keyUsage and purposes are those that are given", () => {
  assert.equal(authority({ keyUsage: keyUsageBits }).keyUsage, keyUsageBits);
  assert.equal(leaf({ keyUsage: ["keyAgreement", "digitalSignature"] }).keyUsage, ["digitalSignature", "keyAgreement"]);
  assert.equal(leaf({ purposes: ["OCSPSigning"] }).extendedKeyUsage, [KeyPurposeId.OCSPSigning]);
  assert.equal(leaf({ extendedKeyUsage: ["1.2.3"] }).extendedKeyUsage, ["1.2.3"]);
  const both = leaf({ purposes: ["serverAuth"], extendedKeyUsage: ["1.2.3", KeyPurposeId.serverAuth] });
  assert.equal(both.extendedKeyUsage, [KeyPurposeId.serverAuth, "1.2.3"]);
  assert.equal(authority({ purposes: ["serverAuth"] }).extendedKeyUsage, [KeyPurposeId.serverAuth]);
  assert.equal(leaf({ extendedKeyUsage: leaf({}).extendedKeyUsage }).extendedKeyUsage, leaf({}).extendedKeyUsage);
});

// proves RFC 5280 §4.1.2.6: "If subject naming information is present only"
// proves RFC 5280 §4.2.1.6: "Further, if the only subject identity"
// proves RFC 5280 §4.2.1.6: "Whenever such identities are to be bound"
// proves RFC 5280 §4.2: "If the CA issues certificates with an empty sequence"
test("subjectAltName has names of every form, after the DNS names and addresses", () => {
  const subjectAltName: readonly GeneralNameInput[] = [
    { type: "rfc822Name", name: "jo.o'neill+tag@example.com" },
    { type: "rfc822Name", name: '"a @ \\"b"@example.com' },
    { type: "uniformResourceIdentifier", name: "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6" },
    { type: "uniformResourceIdentifier", name: "spiffe://example.com/a%20b?c#d" },
    { type: "directoryName", name: [{ type: "O", value: "Example" }] },
    { type: "dNSName", name: "*.example.net" },
    { type: "iPAddress", address: "2001:db8::1" },
  ];
  const names = leaf({ subjectAltName }).subjectAltName?.names ?? [];
  assert.equal(names.map(({ type }) => type), ["dNSName", ...subjectAltName.map(({ type }) => type)]);
  const mailbox = leaf({ names: [], subjectAltName: subjectAltName.slice(0, 1) });
  assert.is(mailbox.subjectAltName?.names.length, 1);
  assert.equal(mailbox.subject.keys, []);
  assert.is(written(mailbox, "subjectAltName")?.startsWith("!"), true, "the subject is empty");
  assert.is(authority({ subjectAltName }).subjectAltName?.names.length, 7);
});

test("name constraints are those that are given, and may be those that were decoded", () => {
  const { nameConstraints } = authority({
    nameConstraints: {
      permittedSubtrees: [
        { type: "dNSName", name: "example.com" },
        { type: "dNSName", name: "" },
        { type: "iPAddress", address: "192.0.2.0/24" },
        { type: "rfc822Name", name: ".example.com" },
        { type: "rfc822Name", name: "jo@example.com" },
        { type: "directoryName", name: [{ type: "C", value: "DE" }] },
      ],
      excludedSubtrees: [
        { type: "uniformResourceIdentifier", name: ".example.com" },
        { type: "iPAddress", address: hex("00000000 00000000") },
        { type: "directoryName", name: [] },
      ],
    },
  });
  assert.equal(nameConstraints?.permittedSubtrees.length, 6);
  assert.equal(nameConstraints?.excludedSubtrees.length, 3);
  const again = authority({ nameConstraints: { excludedSubtrees: [{ type: "dNSName", name: "a" }] } }).nameConstraints;
  assert.equal(
    authority({ nameConstraints: again && { permittedSubtrees: [], ...excluding("a") } }).nameConstraints,
    again,
  );
});

// proves RFC 5280 §4.2: "Conforming CAs MUST support key identifiers"
test("policies, addresses and features are those that are given", () => {
  const made = authority({
    issuer: root,
    certificatePolicies: ["1.2.3", anyPolicy],
    policyMappings: [{ issuerDomainPolicy: "1.2.3", subjectDomainPolicy: "1.2.4" }],
    policyConstraints: { requireExplicitPolicy: 0 },
    inhibitAnyPolicy: 0,
    crlDistributionPoints: ["http://a/b"],
    ocspUrls: ["http://c/"],
    issuerUrls: ["http://d/"],
  });
  assert.ok(written(made, "basicConstraints") && written(made, "keyUsage"));
  assert.ok(written(made, "subjectKeyIdentifier") && written(made, "authorityKeyIdentifier"));
  assert.is(written(made, "certificatePolicies"), "300e300406022a0330060604551d2000");
  assert.is(written(made, "policyMappings"), "!300a300806022a0306022a04");
  assert.is(written(made, "policyConstraints"), "!3003800100");
  assert.is(written(made, "inhibitAnyPolicy"), "!020100");
  assert.is(written(made, "cRLDistributionPoints"), "30123010a00ea00c860a687474703a2f2f612f62");
  assert.equal(issuerUrls(made), ["http://d/"]);
  const features = (options: Partial<IssueCertificateOptions>): string | undefined =>
    written(leaf(options), "tlsFeature");
  assert.is(features({ mustStaple: true }), "3003020105");
  assert.is(features({ tlsFeatures: [17], mustStaple: true }), "3006020111020105");
  assert.is(features({ tlsFeatures: [5], mustStaple: true }), "3003020105");
  assert.is(features({ mustStaple: false }), undefined);
  assert.is(written(leaf({ ocspNoCheck: true }), "ocspNoCheck"), "0500");
});

// proves RFC 6960 §3.1: "In order to convey to OCSP clients"
// proves RFC 6960 §3.1: "CAs that support an OCSP service"
test("what was decoded of policies, features and addresses may be given again", () => {
  const options: Partial<IssueAuthorityOptions> = {
    certificatePolicies: ["1.2.3", "2.999.7"],
    policyMappings: [{ issuerDomainPolicy: "1.2.3", subjectDomainPolicy: "1.2.4" }],
    policyConstraints: { requireExplicitPolicy: undefined, inhibitPolicyMapping: 300 },
    inhibitAnyPolicy: 7,
    tlsFeatures: [5, 300],
    ocspUrls: ["http://a/", "http://b/"],
    issuerUrls: ["http://c/"],
  };
  const made = authority(options);
  const decoded = decodePolicyExtensions(made);
  assert.equal(decoded, {
    certificatePolicies: options.certificatePolicies,
    policyMappings: options.policyMappings,
    policyConstraints: options.policyConstraints,
    inhibitAnyPolicy: options.inhibitAnyPolicy,
  });
  assert.equal([ocspUrls(made), issuerUrls(made)], [options.ocspUrls, options.issuerUrls]);
  assert.equal(tlsFeatures(made), options.tlsFeatures);
  const again = authority({ ...options, ...decoded, tlsFeatures: tlsFeatures(made) });
  assert.equal(again.extensions, made.extensions);
});

test("extensions of one's own replace, are added, and may be wrong", () => {
  const keyUsage = { oid: ExtensionId.keyUsage, critical: false, value: hex("03020780") };
  const replaced = leaf({ extensions: [keyUsage] });
  assert.equal(replaced.keyUsage, ["digitalSignature"]);
  assert.is(written(replaced, "keyUsage"), "03020780");
  assert.is(replaced.extensions.length, 6);
  const added = leaf({ extensions: [{ oid: "1.2.3", critical: true, value: hex("0500") }] });
  assert.equal(added.extensions.at(-1), { oid: "1.2.3", critical: true, value: hex("0500") });
  assert.equal(leaf({ extensions: authority({}).extensions }).basicConstraints?.cA, true);
  refusesToDecode(() => leaf({ extensions: [keyUsage, keyUsage] }), /keyUsage .* appears twice/);
  refusesToDecode(() => leaf({ extensions: [{ ...keyUsage, value: hex("0500") }] }), /keyUsage/);
});

test("extensions may be left out", () => {
  const omittedExtensions: readonly ExtensionName[] = ["subjectKeyIdentifier", "authorityKeyIdentifier", "keyUsage"];
  const bare = leaf({ omittedExtensions });
  assert.equal([bare.subjectKeyIdentifier, bare.authorityKeyIdentifier, bare.keyUsage], [
    undefined,
    undefined,
    undefined,
  ]);
  assert.is(bare.extensions.length, 3);
  assert.is(authority({ omittedExtensions: [...omittedExtensions, "basicConstraints"] }).version, 1);
});

// proves RFC 5280 §4.2.1.4: "A certificate policy OID"
test("extensions that can't be are the caller's mistake, and each is told which value", () => {
  const leaves: readonly (readonly [Partial<IssueCertificateOptions>, RegExp])[] = [
    [{ keyUsage: [] }, /keyUsage is an empty list/],
    [{ purposes: [] }, /extendedKeyUsage is an empty list/],
    [{ extendedKeyUsage: [] }, /extendedKeyUsage is an empty list/],
    [{ extendedKeyUsage: ["serverAuth"] }, /extendedKeyUsage has "serverAuth", which is not an object identifier/],
    [{ certificatePolicies: [] }, /certificatePolicies is an empty list/],
    [{ certificatePolicies: ["3.1"] }, /certificatePolicies has "3.1", which is not an object identifier/],
    [{ certificatePolicies: ["1.2", "1.2"] }, /certificatePolicies has 1.2 twice/],
    [{ crlDistributionPoints: [] }, /crlDistributionPoints is an empty list/],
    [{ crlDistributionPoints: ["a"] }, /crlDistributionPoints has "a", which is not an absolute URI/],
    [{ ocspUrls: ["http://ü/"] }, /ocspUrls has "http:\/\/ü\/", which has characters that are not IA5String/],
    [{ ocspUrls: [] }, /ocspUrls is an empty list/],
    [{ issuerUrls: ["http://a/\n"] }, /issuerUrls has "http:\/\/a\/\n", which is not an absolute URI/],
    [{ tlsFeatures: [] }, /tlsFeatures is an empty list/],
    [{ tlsFeatures: [65536] }, /tlsFeatures has 65536, which is not the number of a TLS extension/],
    [{ tlsFeatures: [1.5] }, /tlsFeatures has 1.5/],
    [{ extensions: [{ oid: "x", critical: false, value: hex("") }] }, /extensions has "x", which is not an object/],
    ...alternative([{ type: "rfc822Name", name: "example.com" }], /"example.com", which is not a mailbox/),
    ...alternative([{ type: "rfc822Name", name: "a b@example.com" }], /"a b@example.com", which is not a mailbox/),
    ...alternative([{ type: "rfc822Name", name: `${"a".repeat(65)}@b` }], /not a mailbox/),
    ...alternative([{ type: "rfc822Name", name: "ü@b" }], /"ü@b", which has characters that are not IA5String/),
    ...alternative([{ type: "uniformResourceIdentifier", name: "/a" }], /"\/a", which is not an absolute URI/),
    ...alternative([{ type: "uniformResourceIdentifier", name: "a:" }], /"a:", which is not an absolute URI/),
    ...alternative([{ type: "uniformResourceIdentifier", name: "a:%zz" }], /not an absolute URI/),
    ...alternative([{ type: "dNSName", name: "a b" }], /"a b", which is not a DNS name/),
    ...alternative([{ type: "dNSName", name: "192.0.2.1" }], /"192.0.2.1", which is not a DNS name/),
    ...alternative([{ type: "iPAddress", address: "192.0.2.0/24" }], /"192.0.2.0\/24", which is not an IP address/),
    ...alternative([{ type: "iPAddress", address: hex("0102030405") }], /an IP address of 5 bytes, not 4 or 16/),
    ...alternative([{ type: "directoryName", name: [] }], /has an empty directoryName/),
    ...alternative(
      [{ type: "directoryName", name: [{ type: "C", value: "" }] }],
      /subjectAltName's C has 0 characters/,
    ),
  ];
  for (const [options, why] of leaves) refuses(() => leafDer(options), why);
});

// proves RFC 5280 §4.2.1.5: "Policies MUST NOT be mapped"
test("so are those of authorities", () => {
  const authorities: readonly (readonly [Partial<IssueAuthorityOptions>, RegExp])[] = [
    [{ pathLenConstraint: -1 }, /pathLenConstraint is -1, not an integer from 0 on/],
    [{ pathLenConstraint: 0.5 }, /pathLenConstraint is 0.5/],
    [{ inhibitAnyPolicy: Number.NaN }, /inhibitAnyPolicy is NaN/],
    [{ policyConstraints: {} }, /policyConstraints constrain nothing/],
    [{ policyConstraints: { inhibitPolicyMapping: -2 } }, /policyConstraints is -2/],
    [{ policyMappings: [] }, /policyMappings is an empty list/],
    [{ policyMappings: [{ issuerDomainPolicy: anyPolicy, subjectDomainPolicy: "1.2" }] }, /map to or from anyPolicy/],
    [{ policyMappings: [{ issuerDomainPolicy: "1.2", subjectDomainPolicy: "1" }] }, /policyMappings has "1", which is/],
    [{ nameConstraints: {} }, /nameConstraints neither permit nor exclude anything/],
    [{ nameConstraints: { permittedSubtrees: [] } }, /nameConstraints neither/],
    ...subtree({ type: "dNSName", name: ".example.com" }, /".example.com", which is not a DNS name without wildcard/),
    ...subtree({ type: "dNSName", name: "*.example.com" }, /"\*.example.com", which is not a DNS name without/),
    ...subtree({ type: "rfc822Name", name: "a@" }, /"a@", which is not a mailbox, a host or a domain/),
    ...subtree({ type: "uniformResourceIdentifier", name: "http://a/" }, /"http:\/\/a\/", which is not a host/),
    ...subtree({ type: "iPAddress", address: "192.0.2.1" }, /"192.0.2.1", which is not a range like/),
    ...subtree({ type: "iPAddress", address: "192.0.2.1/24" }, /"192.0.2.1\/24", whose address goes on behind/),
    ...subtree(
      { type: "iPAddress", address: hex("c0000200 ff00ff00") },
      /a range of 8 bytes, which is not an IP address/,
    ),
    ...subtree({ type: "iPAddress", address: hex("c0000201") }, /a range of 4 bytes/),
    ...subtree({ type: "directoryName", name: [{ type: "C", value: "X" }] }, /nameConstraints's C is "X"/),
  ];
  for (const [options, why] of authorities) refuses(() => authorityDer(options), why);
});

test("words that don't exist are refused in JavaScript too", () => {
  refuses(() => leafDer(JSON.parse('{"keyUsage":["sign"]}')), /keyUsage has "sign", which is not one of its bits/);
  refuses(() => leafDer(JSON.parse('{"purposes":["toString"]}')), /purposes has "toString", which is not a known/);
  refuses(() => leafDer(JSON.parse('{"omittedExtensions":["x"]}')), /omittedExtensions has "x", which is not a known/);
  refuses(() => leafDer(JSON.parse('{"subjectAltName":[{"type":"x","name":"y"}]}')), /a name of type "x", which can't/);
  refuses(() => leafDer(JSON.parse('{"subject":[{"type":"x","value":"y"}]}')), /subject has no attribute "x"/);
  refuses(() => leafDer({ ...JSON.parse('{"keyType":"rsa"}'), key: undefined }), /Cannot make a key of type rsa/);
});

function excluding(name: string): { readonly excludedSubtrees: readonly GeneralNameInput[] } {
  return { excludedSubtrees: [{ type: "dNSName", name }] };
}

type Refused<Options> = readonly (readonly [Partial<Options>, RegExp])[];

function alternative(subjectAltName: readonly GeneralNameInput[], why: RegExp): Refused<IssueCertificateOptions> {
  return [[{ subjectAltName }, why]];
}

function subtree(base: GeneralNameInput, why: RegExp): Refused<IssueAuthorityOptions> {
  return [[{ nameConstraints: { permittedSubtrees: [base] } }, why], [
    { nameConstraints: { excludedSubtrees: [base] } },
    why,
  ]];
}

test.run();
