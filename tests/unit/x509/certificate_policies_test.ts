import { assert, suite } from "../../harness.ts";
import { asciiBytes, equalBytes } from "../../../lib/codec/bytes.ts";
import type { Certificate } from "../../../lib/x509/certificate.ts";
import { decodePolicyExtensions, maxPolicies, type PolicyExtensions } from "../../../lib/x509/certificate_policies.ts";
import { encodeExtension } from "../../../lib/x509/certificate_writer.ts";
import {
  derElement,
  derImplicit,
  derInteger,
  derNull,
  derObjectIdentifier,
  derSequence,
} from "../../../lib/x509/der_writer.ts";
import { anyPolicy, ExtensionId } from "../../../lib/x509/oids.ts";
import { bytes, refusesToDecode } from "./builder.ts";
import {
  encodeCertificatePolicies,
  encodeInhibitAnyPolicy,
  encodePolicyConstraints,
  encodePolicyExtensions,
  encodePolicyMappings,
  green,
  policyCertificate,
  red,
} from "./policy_builder.ts";

const test = suite("decodePolicyExtensions");

const decode = (...extensions: readonly Uint8Array[]): PolicyExtensions =>
  decodePolicyExtensions(policyCertificate(extensions));

/** The value of one extension, in a certificate of its own. */
const decodeValue = (name: keyof typeof ExtensionId, value: Uint8Array, critical = true): PolicyExtensions =>
  decode(encodeExtension(ExtensionId[name], critical, value));

const policyInformation = (policy: string, ...qualifiers: readonly Uint8Array[]): Uint8Array =>
  derSequence(derObjectIdentifier(policy), derSequence(...qualifiers));
const qualifier = (id: string, ...value: readonly Uint8Array[]): Uint8Array =>
  derSequence(derObjectIdentifier(id), ...value);
const cps = qualifier("1.3.6.1.5.5.7.2.1", derElement(0x16, asciiBytes("https://example.com/cps")));
const userNotice = qualifier("1.3.6.1.5.5.7.2.2", derSequence());
const unknownQualifier = qualifier("1.2.3", derNull());

const none: PolicyExtensions = {
  certificatePolicies: undefined,
  policyMappings: undefined,
  policyConstraints: undefined,
  inhibitAnyPolicy: undefined,
};

test("reads what a certificate has, and leaves undefined what it hasn't", () => {
  assert.equal(decode(), none);
  const all = encodePolicyExtensions({
    policies: [green, anyPolicy, red],
    mappings: [[green, red], [green, green]],
    requireExplicitPolicy: 0,
    inhibitPolicyMapping: 300,
    inhibitAnyPolicy: 1,
  });
  assert.equal(decode(...all), {
    certificatePolicies: [green, anyPolicy, red],
    policyMappings: [
      { issuerDomainPolicy: green, subjectDomainPolicy: red },
      { issuerDomainPolicy: green, subjectDomainPolicy: green },
    ],
    policyConstraints: { requireExplicitPolicy: 0, inhibitPolicyMapping: 300 },
    inhibitAnyPolicy: 1,
  });
});

test("reads either half of policyConstraints, and counts that are larger than any path", () => {
  assert.equal(decode(encodePolicyConstraints({ requireExplicitPolicy: 7 })).policyConstraints, {
    requireExplicitPolicy: 7,
    inhibitPolicyMapping: undefined,
  });
  assert.equal(decode(encodePolicyConstraints({ inhibitPolicyMapping: 7 })).policyConstraints, {
    requireExplicitPolicy: undefined,
    inhibitPolicyMapping: 7,
  });
  const huge = derInteger(Uint8Array.from({ length: 40 }, () => 255));
  assert.is(decodeValue("inhibitAnyPolicy", huge).inhibitAnyPolicy, 2 ** 31);
});

test("reads over qualifiers", () => {
  const value = derSequence(policyInformation(red, cps, userNotice), policyInformation(anyPolicy, userNotice));
  assert.equal(decodeValue("certificatePolicies", value).certificatePolicies, [red, anyPolicy]);
  const unknown = derSequence(policyInformation(red, cps, unknownQualifier));
  assert.equal(decodeValue("certificatePolicies", unknown, false).certificatePolicies, [red]);
});

// proves RFC 5280 §4.2.1.4: "A certificate policy OID"
test("refuses a policy that appears twice", () => {
  refusesToDecode(
    () => decode(encodeCertificatePolicies([red, green, red])),
    /^Cannot decode tbsCertificate\.extensions\.certificatePolicies at byte \d+: the policy 1\.2\.3\.1 appears twice$/,
  );
});

// proves RFC 5280 §4.2.1.4: "When qualifiers are used"
test("refuses a qualifier of anyPolicy that nobody knows", () => {
  const value = derSequence(policyInformation(anyPolicy, cps, unknownQualifier));
  refusesToDecode(
    () => decodeValue("certificatePolicies", value, false),
    /policyQualifiers at byte \d+: qualifiers of type 1\.2\.3 are not supported/,
  );
});

// proves RFC 5280 §4.2.1.4: "If this extension is critical"
test("refuses a qualifier that nobody knows where the extension is critical", () => {
  const value = derSequence(policyInformation(red, unknownQualifier));
  refusesToDecode(() => decodeValue("certificatePolicies", value, true), /must be understood here/);
});

// proves RFC 5280 §4.2.1.5: "Policies MUST NOT be mapped"
test("refuses mappings from and to anyPolicy", () => {
  const why = /policyMappings at byte \d+: anyPolicy can't be mapped/;
  refusesToDecode(() => decode(encodePolicyMappings([[red, green], [anyPolicy, red]])), why);
  refusesToDecode(() => decode(encodePolicyMappings([[red, anyPolicy]])), why);
});

// proves RFC 5280 §4.2.1.11: "Conforming CAs MUST NOT issue"
test("refuses policyConstraints that constrain nothing", () => {
  refusesToDecode(() => decode(encodePolicyConstraints({})), /policyConstraints at byte \d+: the sequence is empty/);
});

test("reads extensions that aren't critical, though they should be", () => {
  const { policyConstraints } = decode(encodePolicyConstraints({ requireExplicitPolicy: 3 }, false));
  assert.is(policyConstraints?.requireExplicitPolicy, 3);
  assert.is(decode(encodeInhibitAnyPolicy(0, false)).inhibitAnyPolicy, 0);
});

test("refuses what isn't in the shape of the extension", () => {
  const oid = derObjectIdentifier(red);
  const wrong: readonly (readonly [keyof typeof ExtensionId, Uint8Array, RegExp])[] = [
    ["certificatePolicies", derSequence(), /certificatePolicies at byte \d+: the list is empty/],
    ["certificatePolicies", derSequence(derSequence()), /policyIdentifier at byte \d+: OBJECT IDENTIFIER expected/],
    ["certificatePolicies", derSequence(oid), /SEQUENCE expected, OBJECT IDENTIFIER found/],
    ["certificatePolicies", derSequence(policyInformation(red)), /policyQualifiers at byte \d+: the list is empty/],
    [
      "certificatePolicies",
      derSequence(policyInformation(red, qualifier("1.2"))),
      /qualifier at byte \d+: the bytes end/,
    ],
    [
      "certificatePolicies",
      derSequence(derSequence(oid, derNull())),
      /certificatePolicies at byte \d+: 2 bytes too many/,
    ],
    [
      "certificatePolicies",
      derSequence(policyInformation(red, qualifier("1.3.6.1.5.5.7.2.1", derNull(), derNull()))),
      /policyQualifiers at byte \d+: 2 bytes too many/,
    ],
    ["policyMappings", derSequence(), /policyMappings at byte \d+: the list is empty/],
    ["policyMappings", derSequence(derSequence(oid)), /subjectDomainPolicy at byte \d+: OBJECT IDENTIFIER expected/],
    ["policyMappings", derSequence(derSequence(oid, oid, oid)), /policyMappings at byte \d+: \d bytes too many/],
    ["policyConstraints", derSequence(derInteger(0)), /policyConstraints at byte \d+: 3 bytes too many/],
    ["policyConstraints", derSequence(derImplicit(1, bytes(0)), derImplicit(0, bytes(0))), /3 bytes too many/],
    ["policyConstraints", derSequence(derImplicit(0)), /requireExplicitPolicy at byte \d+: an INTEGER without content/],
    [
      "policyConstraints",
      derSequence(derImplicit(1, bytes(255))),
      /inhibitPolicyMapping at .*: the INTEGER is negative/,
    ],
    ["inhibitAnyPolicy", derSequence(derInteger(0)), /inhibitAnyPolicy at byte \d+: INTEGER expected, SEQUENCE found/],
    ["inhibitAnyPolicy", derElement(2, bytes(128)), /inhibitAnyPolicy at byte \d+: the INTEGER is negative/],
  ];
  for (const [name, value, why] of wrong) refusesToDecode(() => decodeValue(name, value), why);
});

test("refuses extensions that end too early or too late", () => {
  const oid = derObjectIdentifier(red);
  const whole: readonly (readonly [keyof typeof ExtensionId, Uint8Array])[] = [
    ["certificatePolicies", derSequence(policyInformation(red, cps, userNotice))],
    ["policyMappings", derSequence(derSequence(oid, oid))],
    ["policyConstraints", derSequence(derImplicit(0, bytes(1)), derImplicit(1, bytes(1)))],
    ["inhibitAnyPolicy", derInteger(1000)],
  ];
  for (const [name, value] of whole) {
    decodeValue(name, value);
    for (const length of value.keys()) refusesToDecode(() => decodeValue(name, value.subarray(0, length)), /bytes|end/);
    refusesToDecode(() => decodeValue(name, Uint8Array.of(...value, 5, 0)), /2 bytes too many/);
  }
});

test("says where in the certificate the wrong byte is", () => {
  const certificate: Certificate = policyCertificate([encodeCertificatePolicies([green, red, green])]);
  const information = derSequence(derObjectIdentifier(green));
  const places = Array.from(certificate.der.keys()).filter((place) =>
    equalBytes(certificate.der.subarray(place, place + information.length), information)
  );
  assert.is(places.length, 2);
  refusesToDecode(() => decodePolicyExtensions(certificate), new RegExp(`at byte ${places[1]}: the policy`));
});

test("reads as many policies and mappings as are allowed, and refuses more before it reads them", () => {
  const policies = Array.from({ length: maxPolicies + 1 }, (_, index) => `1.2.${index}`);
  const mappings = policies.map((policy) => [policy, red] as const);
  const most = decode(encodeCertificatePolicies(policies.slice(1)), encodePolicyMappings(mappings.slice(1)));
  assert.is(most.certificatePolicies?.length, maxPolicies);
  assert.is(most.policyMappings?.length, maxPolicies);
  const why = /at byte \d+: the list has more than 256 elements/;
  refusesToDecode(() => decode(encodeCertificatePolicies(policies)), why);
  refusesToDecode(() => decode(encodePolicyMappings(mappings)), why);
});

test.run();
