import { assert, suite } from "../../harness.ts";
import { asciiBytes } from "../../../lib/codec/bytes.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import type { PrivateKey } from "../../../lib/crypto/provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { decodeCertificate } from "../../../lib/x509/certificate.ts";
import {
  type CertificateFields,
  encodeAuthorityKeyIdentifier,
  encodeCertificate,
} from "../../../lib/x509/certificate_writer.ts";
import { type DemandName, demandNames, demands } from "../../../lib/x509/demands.ts";
import {
  derConstructed,
  derElement,
  derImplicit,
  derInteger,
  derOctetString,
  derSequence,
} from "../../../lib/x509/der_writer.ts";
import {
  type CertificateAuthority,
  type IssueAuthorityOptions,
  issueCertificate,
  issueCertificateAuthority,
  type IssueCertificateOptions,
} from "../../../lib/x509/issue.ts";
import { encodeCommonName } from "../../../lib/x509/distinguished_name.ts";
import type { KeyUsageBit } from "../../../lib/x509/extensions.ts";
import { ExtensionId } from "../../../lib/x509/oids.ts";
import { policies } from "../../../lib/x509/policy.ts";
import { encodeSubjectPublicKeyInfo } from "../../../lib/x509/spki.ts";
import { createTrustAnchor } from "../../../lib/x509/trust_anchor.ts";
import { verifyCertificate } from "../../../lib/x509/verifier.ts";
import { bytes, countingRandom, ecdsaSha256, now, testKey } from "./builder.ts";

const test = suite("demands");
const provider = nobleProvider;
const issuing = { provider, random: countingRandom(), now };
const serverName = "demands.example";

/** A path of three, each certificate as it should be but for what is said of it. */
interface Story {
  readonly root?: Partial<IssueAuthorityOptions>;
  readonly middle?: Partial<IssueAuthorityOptions>;
  readonly leaf?: Partial<IssueCertificateOptions>;
  /** Who is trusted, when it isn't the root. */
  readonly anchor?: "middle";
}

interface Found {
  readonly accepted: boolean;
  readonly check: string;
  readonly text: string;
}

/** The verdict under a policy with these demands alone. */
function judged({ root, middle, leaf, anchor }: Story, names: readonly DemandName[]): Found {
  const top = issueCertificateAuthority({ ...issuing, name: "Root", ...root });
  const between = issueCertificateAuthority({ ...issuing, name: "Middle", issuer: top, ...middle });
  const { chain } = issueCertificate({ ...issuing, issuer: between, names: [serverName], ...leaf });
  const trusted: CertificateAuthority = anchor === "middle" ? between : top;
  const { accepted, checks } = verifyCertificate({
    chain: chain.map(decodeCertificate),
    trustAnchors: [decodeCertificate(trusted.certificate)],
    policy: { ...policies.compatible, demands: names },
    serverName,
    now,
    provider,
  });
  const last = checks[checks.length - 1];
  return { accepted, check: last?.check ?? "", text: last?.text ?? "" };
}

/** An extension that is as it usually is, but for being critical. */
function critical(name: keyof typeof ExtensionId, value: Uint8Array, isCritical = true) {
  return { extensions: [{ oid: ExtensionId[name], critical: isCritical, value }] };
}

const keyIdentifier = new Uint8Array(20).fill(7);
const akiOf = (...fields: readonly Uint8Array[]) => critical("authorityKeyIdentifier", derSequence(...fields), false);
/** The middle CA's own key, so that its identifier is known before it has a certificate. */
const middleKey = testKey(31);
const middleIdentifier = decodeCertificate(
  issueCertificateAuthority({ ...issuing, name: "Middle", key: middleKey }).certificate,
).subjectKeyIdentifier ?? bytes();
/** Its length is not divisible by 8. Nothing is signed with it. */
const oddRsa: PrivateKey = {
  type: "rsa",
  modulus: new Uint8Array(257).fill(0xff).with(0, 0x07),
  exponent: bytes(1, 0, 1),
  privateExponent: bytes(1),
};
const dnsSubtree = (name: string) => derSequence(derConstructed(0, derSequence(derImplicit(2, asciiBytes(name)))));

/** Each demand with stories in which it isn't fulfilled, and what is said then. */
const broken: Readonly<Record<DemandName, readonly (readonly [Story, RegExp])[]>> = {
  // These need certificates that can't be issued: see below.
  version: [],
  serialNumber: [],
  validityEncoding: [],
  // proves RFC 5280 §4.2.1.1: "The keyIdentifier field"
  // proves RFC 5280 §4.2.1.2: "this extension MUST appear"
  // proves RFC 5280 §4.2.1.2: "In conforming CA certificates, the value"
  // proves RFC 5280 §A.2: "authorityCertIssuer and authorityCertSerialNumber MUST"
  keyIdentifiers: [
    [{ leaf: { omittedExtensions: ["authorityKeyIdentifier"] } }, /no authorityKeyIdentifier with a keyIdentifier/],
    [{ leaf: akiOf() }, /no authorityKeyIdentifier with a keyIdentifier/],
    [{ middle: { omittedExtensions: ["authorityKeyIdentifier"] } }, /no authorityKeyIdentifier/],
    [{ middle: { omittedExtensions: ["subjectKeyIdentifier"] } }, /no subjectKeyIdentifier/],
    [{ root: { omittedExtensions: ["subjectKeyIdentifier"] } }, /no subjectKeyIdentifier/],
    [{ leaf: akiOf(derImplicit(0, keyIdentifier)) }, /is not the subjectKeyIdentifier of its issuer/],
    [
      { middle: { key: middleKey }, leaf: akiOf(derImplicit(0, middleIdentifier), derConstructed(1)) },
      /one of authorityCertIssuer/,
    ],
    [{ middle: { key: middleKey }, leaf: akiOf(derImplicit(0, middleIdentifier), derImplicit(2, bytes(1))) }, /one of/],
  ],
  trustAnchorAuthorityKeyIdentifier: [
    [{ anchor: "middle", middle: { omittedExtensions: ["authorityKeyIdentifier"] } }, /no authorityKeyIdentifier/],
  ],
  // proves RFC 5280 §4.2.1.3: "Conforming CAs MUST include this extension"
  authorityKeyUsage: [[{ middle: { omittedExtensions: ["keyUsage"] } }, /it has no keyUsage/]],
  // proves RFC 5280 §4.2.1.9: "CAs MUST NOT include the pathLenConstraint"
  pathLenConstraintPlacement: [
    [{ leaf: critical("basicConstraints", derSequence(derInteger(0))) }, /a pathLenConstraint, and may not issue/],
    [
      { middle: { pathLenConstraint: 0, omittedExtensions: ["keyUsage"] } },
      /has a pathLenConstraint, and may not issue/,
    ],
  ],
  // proves RFC 5280 §4.2.1.9: "MUST mark the extension"
  // proves RFC 5280 §4.2.1.6: "the issuing CA MUST include"
  criticality: [
    [
      { leaf: critical("authorityKeyIdentifier", derSequence(derImplicit(0, keyIdentifier))) },
      /authorityKeyIdentifier is critical, and must not be/,
    ],
    [{ middle: critical("subjectKeyIdentifier", derOctetString(keyIdentifier)) }, /subjectKeyIdentifier is critical/],
    [
      { middle: critical("policyConstraints", derSequence(derImplicit(1, bytes(0))), false) },
      /policyConstraints is not/,
    ],
    [{ middle: critical("inhibitAnyPolicy", derInteger(0), false) }, /inhibitAnyPolicy is not critical, and must be/],
    [{ root: critical("basicConstraints", derSequence(bytes(1, 1, 255)), false) }, /basicConstraints is not critical/],
    [{
      leaf: {
        subject: { der: derSequence() },
        ...critical("subjectAltName", derSequence(derImplicit(2, asciiBytes(serverName))), false),
      },
    }, /subjectAltName is not critical, and must be/],
  ],
  // proves RFC 5280 §4.2.1.10: "The name constraints extension, which"
  nameConstraintsPlacement: [
    [
      {
        leaf: critical("nameConstraints", derSequence(derConstructed(0, derSequence(derImplicit(2, bytes(97))))), true),
      },
      /it has name constraints, and is no CA/,
    ],
  ],
  nameConstraintsSyntax: [
    [{ middle: critical("nameConstraints", dnsSubtree(".example")) }, /\.example/],
  ],
  // proves RFC 5280 §4.2.1.10: "Conforming CAs MUST mark"
  nameConstraintsCriticality: [
    [
      { middle: critical("nameConstraints", dnsSubtree("example"), false) },
      /nameConstraints is not critical, and must be/,
    ],
  ],
  preferredNameSyntax: [[{ leaf: { names: [serverName, "under_score.example"] } }, /under_score/]],
  authorityInfoAccess: [[{ leaf: critical("authorityInfoAccess", derSequence(), false) }, /the list is empty/]],
  commonName: [
    [{ leaf: { subject: [{ type: "CN", value: "Demands.example" }] } }, /"Demands\.example" is not one of the names/],
    [{ leaf: { subject: [{ type: "CN", value: "A company" }] } }, /"A company"/],
    [{ leaf: { subject: [{ type: "CN", value: serverName }, { type: "CN", value: "b.example" }] } }, /"b\.example"/],
    [{ leaf: { names: [serverName, "192.0.2.1"], subject: [{ type: "CN", value: "192.0.2.01" }] } }, /192\.0\.2\.01/],
  ],
  leafExtendedKeyUsage: [
    [{ leaf: { omittedExtensions: ["extendedKeyUsage"] } }, /it has no extendedKeyUsage/],
    [{ leaf: { purposes: ["serverAuth", "anyExtendedKeyUsage"] } }, /has anyExtendedKeyUsage/],
  ],
  leafIsNoAuthority: [
    [{ leaf: critical("basicConstraints", derSequence(bytes(1, 1, 255))) }, /it is a CA/],
  ],
  leafDigitalSignature: [[{ leaf: { keyUsage: ["keyEncipherment"] } }, /not digitalSignature/]],
  rsaModulusOfWholeBytes: [[{ leaf: { key: oddRsa } }, /2051 bits, which is not divisible by 8/]],
  subjectAltNameCriticality: [
    [
      { leaf: critical("subjectAltName", derSequence(derImplicit(2, asciiBytes(serverName)))) },
      /subjectAltName is critical, and must not be/,
    ],
  ],
  trustAnchorIdentifiers: [
    [{ root: akiOf(derImplicit(0, keyIdentifier)) }, /is not its subjectKeyIdentifier/],
    [{ root: akiOf() }, /is not its subjectKeyIdentifier/],
    [{ root: akiOf(derImplicit(0, keyIdentifier), derImplicit(2, bytes(1))) }, /authorityCertSerialNumber/],
  ],
  trustAnchorWithoutExtendedKeyUsage: [[{ root: { purposes: ["serverAuth"] } }, /it has extendedKeyUsage/]],
};

for (const name of demandNames) {
  const stories = broken[name];
  if (stories.length === 0) continue;
  test(`${name} is refused by a policy that demands it, and by no other`, () => {
    for (const [story, why] of stories) {
      const found = judged(story, [name]);
      assert.equal({ accepted: found.accepted, check: found.check }, { accepted: false, check: name }, found.text);
      assert.match(found.text, why);
      const others = judged(story, []);
      assert.ok(others.accepted, others.text);
    }
  });
}

test("what is issued without wishes fulfils all demands, by every policy", () => {
  const all = Object.keys(demands).flatMap((name) => demandNames.find((known) => known === name) ?? []);
  assert.is(all.length, Object.keys(demands).length);
  for (const names of [...Object.values(policies).map((policy) => policy.demands), all]) {
    const found = judged({}, names);
    assert.ok(found.accepted, found.text);
  }
});

/** The verdict on a leaf whose fields are given by hand, under a policy with one demand. */
function judgedByHand(fields: Partial<CertificateFields>, demand: DemandName | undefined): Found {
  const root = issueCertificateAuthority({ ...issuing, name: "Root" });
  const { subject, subjectKeyIdentifier = bytes() } = decodeCertificate(root.certificate);
  const der = encodeCertificate({
    serialNumber: bytes(1),
    issuer: subject.der,
    subject: encodeCommonName("leaf"),
    notBefore: now - 1000,
    notAfter: now + 1000,
    spki: encodeSubjectPublicKeyInfo(ecdsaSha256.publicKeyOf(root.privateKey)),
    extensions: [encodeAuthorityKeyIdentifier(subjectKeyIdentifier)],
    ...fields,
  }, { privateKey: root.privateKey, scheme: ecdsaSha256, random: countingRandom() });
  const { accepted, checks } = verifyCertificate({
    chain: [decodeCertificate(der)],
    trustAnchors: [decodeCertificate(root.certificate)],
    policy: { ...policies.compatible, demands: demand === undefined ? [] : [demand] },
    acceptAnyName: true,
    now,
    provider,
  });
  const last = checks[checks.length - 1];
  return { accepted, check: last?.check ?? "", text: last?.text ?? "" };
}

// proves RFC 5280 §4.1.2.5: "CAs conforming to this profile MUST always"
test("validityEncoding is UTCTime until 2049, for a policy that demands it", () => {
  const late = { notBefore: Date.UTC(2049, 11, 31), notAfter: Date.UTC(2050, 0) };
  const root = decodeCertificate(issueCertificateAuthority({ ...issuing, name: "Root", ...late }).certificate);
  assert.equal([root.notBefore, root.notAfter], [late.notBefore, late.notAfter]);
  const faultOf = (from: string, to: string, place: "leaf" | "trustAnchor" = "leaf"): string | undefined => {
    const text = Array.from(root.tbs, (byte) => String.fromCharCode(byte)).join("");
    const start = text.indexOf("\x17\x0d491231000000Z\x18\x0f20500101000000Z");
    // A UTCTime has 13 characters, a GeneralizedTime 15.
    const times = [from, to].map((time) => derElement(time.length === 13 ? 0x17 : 0x18, asciiBytes(time)));
    const tbs = derSequence(root.tbs.subarray(4, start - 2), derSequence(...times), root.tbs.subarray(start + 32));
    assert.ok(start > 0);
    return demands.validityEncoding.fault({ ...root, tbs }, { place, issuer: undefined, purpose: "serverAuth" });
  };
  assert.is(faultOf("491231000000Z", "20500101000000Z"), undefined);
  assert.is(faultOf("300101000000Z", "491231235959Z"), undefined);
  assert.is(faultOf("20491231235959Z", "20500101000000Z"), "its notBefore, before 2050, is no UTCTime");
  assert.is(faultOf("300101000000Z", "20491231235959Z"), "its notAfter, before 2050, is no UTCTime");
  assert.is(faultOf("300101000000Z", "20491231235959Z", "trustAnchor"), undefined);
});

test("pathLenConstraintPlacement asks for cA and for keyCertSign", () => {
  const ca = decodeCertificate(issueCertificateAuthority({ ...issuing, name: "Root" }).certificate);
  const faultOf = (cA: boolean, keyUsage: readonly KeyUsageBit[] | undefined): string | undefined =>
    demands.pathLenConstraintPlacement.fault(
      { ...ca, keyUsage, basicConstraints: { cA, pathLenConstraint: 0 } },
      { place: "leaf", issuer: undefined, purpose: "serverAuth" },
    );
  assert.is(faultOf(true, ["keyCertSign"]), undefined);
  for (const wrong of [faultOf(false, ["keyCertSign"]), faultOf(true, ["cRLSign"]), faultOf(true, undefined)]) {
    assert.is(wrong, "it has a pathLenConstraint, and may not issue certificates");
  }
});

// proves RFC 5280 §4.2.1.1: "Conforming CAs MUST mark"
// proves RFC 5280 §4.2.1.2: "Conforming CAs MUST mark"
// proves RFC 5280 §4.2.1.8: "Conforming CAs MUST mark"
// proves RFC 5280 §4.2.1.11: "Conforming CAs MUST mark"
// proves RFC 5280 §4.2.1.14: "Conforming CAs MUST mark"
// proves RFC 5280 §4.2.1.15: "The extension MUST be marked"
// proves RFC 5280 §4.2.2.1: "Conforming CAs MUST mark"
// proves RFC 5280 §4.2.2.2: "Conforming CAs MUST mark"
test("criticality of each extension that may only be one of both is demanded, also of those that nobody reads", () => {
  const wrong = {
    authorityKeyIdentifier: true,
    subjectKeyIdentifier: true,
    authorityInfoAccess: true,
    subjectInfoAccess: true,
    subjectDirectoryAttributes: true,
    freshestCRL: true,
    policyConstraints: false,
    inhibitAnyPolicy: false,
  } as const;
  const { certificate: der } = issueCertificateAuthority({ ...issuing, name: "Root" });
  const root = decodeCertificate(der);
  const faultOf = (name: keyof typeof wrong, isCritical: boolean): string | undefined => {
    const extension = { oid: ExtensionId[name], critical: isCritical, value: bytes(5, 0) };
    const extensions = [...root.extensions.filter(({ oid }) => oid !== extension.oid), extension];
    return demands.criticality.fault({ ...root, extensions }, {
      place: "leaf",
      issuer: undefined,
      purpose: "serverAuth",
    });
  };
  for (const name of Object.keys(wrong).filter((key): key is keyof typeof wrong => key in wrong)) {
    assert.match(faultOf(name, wrong[name]) ?? "none", new RegExp(`^its ${name} is (not )?critical, and must`));
    assert.is(faultOf(name, !wrong[name]), undefined, name);
  }
});

// proves RFC 5280 §4.1.2.2: "The serial number MUST be a positive integer"
// proves RFC 5280 §4.1.2.2: "Conforming CAs MUST NOT use"
test("serialNumber is positive and has at most 20 bytes, for a policy that demands it", () => {
  const wrong = [
    [bytes(0), /is zero/],
    [new Uint8Array(21).fill(1), /has 21 bytes, more than 20/],
  ] as const;
  for (const [serialNumber, why] of wrong) {
    const found = judgedByHand({ serialNumber }, "serialNumber");
    assert.equal([found.accepted, found.check], [false, "serialNumber"]);
    assert.match(found.text, why);
    assert.ok(judgedByHand({ serialNumber }, undefined).accepted);
  }
  const leaf = decodeCertificate(issueCertificateAuthority({ ...issuing, name: "Root" }).certificate);
  const at = { place: "leaf", issuer: undefined, purpose: "serverAuth" } as const;
  assert.is(demands.serialNumber.fault({ ...leaf, serialNumber: bytes(0xff) }, at), "its serial number is negative");
  assert.ok(judgedByHand({ serialNumber: bytes(0, ...new Uint8Array(20).fill(0xff)) }, "serialNumber").accepted);
});

// proves RFC 5280 §4.1.2.1: "When extensions are used"
test("version is 3, for a policy that demands it", () => {
  const found = judgedByHand({ extensions: [] }, "version");
  assert.equal([found.accepted, found.check, found.text], [false, "version", "it is of version 1"]);
  assert.ok(judgedByHand({ extensions: [] }, undefined).accepted);
  assert.ok(judgedByHand({}, "version").accepted);
});

test("commonName may be the domain of a wildcard, and any domain beside addresses alone", () => {
  const named = (value: string, ...names: readonly string[]): Story => ({
    leaf: { names, subject: [{ type: "CN", value }] },
  });
  assert.ok(judged(named("demands.example", "*.demands.example", serverName), ["commonName"]).accepted);
  for (
    const [value, accepted] of [["a.example", true], ["0xC0000201", false], ["192.0.2.0x1", false], [
      "a",
      false,
    ]] as const
  ) {
    const top = issueCertificateAuthority({ ...issuing, name: "Root" });
    const { chain } = issueCertificate({
      ...issuing,
      issuer: top,
      names: ["192.0.2.1"],
      subject: [{ type: "CN", value }],
    });
    const verdict = verifyCertificate({
      chain: chain.map(decodeCertificate),
      trustAnchors: [decodeCertificate(top.certificate)],
      policy: { ...policies.compatible, demands: ["commonName"] },
      serverName: "192.0.2.1",
      now,
      provider,
    });
    assert.is(verdict.accepted, accepted, value);
  }
});

test("what is demanded of servers isn't demanded of clients", () => {
  const root = issueCertificateAuthority({ ...issuing, name: "Root" });
  const subject = [{ type: "CN", value: "Alice" }] as const;
  const { chain } = issueCertificate({
    ...issuing,
    issuer: root,
    names: [],
    subject,
    omittedExtensions: ["extendedKeyUsage"],
  });
  const asked = { chain: chain.map(decodeCertificate), policy: policies.webPki, now, provider, acceptAnyName: true };
  const trustAnchors = [decodeCertificate(root.certificate)];
  assert.ok(verifyCertificate({ ...asked, trustAnchors, purpose: "clientAuth" }).accepted);
  assert.is(verifyCertificate({ ...asked, trustAnchors }).error?.check, "commonName");
});

test("leafIsNoAuthority lets a CA pass whose issuer lets no CA stand below it", () => {
  const leaf = critical("basicConstraints", derSequence(bytes(1, 1, 255)));
  assert.ok(judged({ middle: { pathLenConstraint: 0 }, leaf }, ["leafIsNoAuthority"]).accepted);
  assert.not(judged({ middle: { pathLenConstraint: 1 }, leaf }, ["leafIsNoAuthority"]).accepted);
});

test("trust anchors that are only a name and a key have nothing that could be demanded", () => {
  const root = issueCertificateAuthority({ ...issuing, name: "Root", omittedExtensions: ["subjectKeyIdentifier"] });
  const { subject, spki } = decodeCertificate(root.certificate);
  const { chain } = issueCertificate({ ...issuing, issuer: root, names: [serverName] });
  const asked = { chain: chain.map(decodeCertificate), policy: policies.webPki, serverName, now, provider };
  assert.ok(
    verifyCertificate({ ...asked, trustAnchors: [createTrustAnchor({ subject: subject.der, spki })] }).accepted,
  );
  assert.not(verifyCertificate({ ...asked, trustAnchors: [decodeCertificate(root.certificate)] }).accepted);
});

test("policies are plain data, and those that can't be are refused", () => {
  assert.equal(JSON.parse(JSON.stringify(policies)), policies);
  const refuses = (policy: object, why: RegExp) => {
    const asked = { chain: [], trustAnchors: [], now, provider };
    assert.throws(
      () => verifyCertificate({ ...asked, policy: { ...policies.compatible, ...policy } }),
      (error: unknown) => error instanceof TlsUsageError && why.test(error.message),
    );
  };
  refuses({ demands: ["verson"] }, /the policy's demands are of version, .*, not "verson"/);
  refuses({ demands: "version" }, /the policy's demands/);
  refuses({ minRsaBits: 1000 }, /minRsaBits is 1024 or more, not 1000/);
  refuses({ checksTrustAnchorValidity: undefined }, /checksTrustAnchorValidity is true or false/);
});

test.run();
