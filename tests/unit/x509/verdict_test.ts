import { assert, suite } from "../../harness.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import type { CryptoProvider } from "../../../lib/crypto/provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { decodeCertificate } from "../../../lib/x509/certificate.ts";
import { decodeCertificateRevocationList } from "../../../lib/x509/crl.ts";
import { demands } from "../../../lib/x509/demands.ts";
import { derSequence } from "../../../lib/x509/der_writer.ts";
import { issueCertificate, issueCertificateAuthority } from "../../../lib/x509/issue.ts";
import { issueCertificateRevocationList } from "../../../lib/x509/issue_crl.ts";
import { issueOcspResponse } from "../../../lib/x509/issue_ocsp.ts";
import { ExtensionId } from "../../../lib/x509/oids.ts";
import { policies } from "../../../lib/x509/policy.ts";
import type { Verdict } from "../../../lib/x509/verdict.ts";
import { createCertificateVerifier, verifyCertificate } from "../../../lib/x509/verifier.ts";
import { bytes, countingRandom, day, now } from "./builder.ts";

const test = suite("verdict");
const provider = nobleProvider;
const issuing = { provider, random: countingRandom(), now: now - 30 * day };
const serverName = "verdict.example";
const root = issueCertificateAuthority({ ...issuing, name: "Root" });
const middle = issueCertificateAuthority({ ...issuing, name: "Middle", issuer: root, pathLenConstraint: 0 });
const { chain: sent } = issueCertificate({ ...issuing, issuer: middle, names: [serverName] });
const chain = sent.map(decodeCertificate);
const [leaf] = chain;
const trustAnchors = [decodeCertificate(root.certificate)];
const asked = { chain, trustAnchors, serverName, now, provider } as const;

const told = ({ path, checks }: Verdict): readonly string[] =>
  checks.map(({ step, check, holds }) =>
    `${step === undefined ? "" : path[step]?.subject.replace(/"CN=|"/g, "") ?? "?"} ${check}${holds ? "" : " FAILS"}`
  );

test("shows the path, and each check of each certificate, in the order in which they were made", () => {
  const verdict = verifyCertificate(asked);
  assert.ok(verdict.accepted);
  assert.is(verdict.error, undefined);
  assert.equal(verdict.path.map(({ subject, isTrustAnchor, index }) => [subject, isTrustAnchor, index]), [
    ['"CN=verdict.example"', false, 0],
    ['"CN=Middle"', false, 1],
    ['"CN=Root"', true, undefined],
  ]);
  assert.equal(told(verdict), [
    "verdict.example validity",
    "verdict.example criticalExtension",
    "verdict.example publicKey",
    "verdict.example extendedKeyUsage",
    "Middle publicKey",
    "verdict.example signature",
    "verdict.example leafDigitalSignature",
    "Middle validity",
    "Middle basicConstraints",
    "Middle keyUsage",
    "Middle pathLenConstraint",
    "Middle criticalExtension",
    "Root publicKey",
    "Middle signature",
    "Root validity",
    "Root basicConstraints",
    "Root keyUsage",
    "Root criticalExtension",
    "verdict.example policies",
    "verdict.example name",
  ]);
  for (const { rule, text } of verdict.checks) {
    assert.match(rule, /^(RFC \d+|BR) §\d/);
    assert.ok(text.length > 5, text);
  }
  assert.equal(verdict.work, { signatureChecks: 2, issuersTried: 2, nameComparisons: 0 });
});

test("each policy adds the checks of its demands", () => {
  for (const policy of Object.values(policies)) {
    const { accepted, checks } = verifyCertificate({ ...asked, policy });
    assert.ok(accepted);
    for (const demand of policy.demands) {
      const count = checks.filter(({ check }) => check === demand).length;
      assert.is(count, demands[demand].only === undefined ? 3 : 1, demand);
    }
  }
});

test("ends with the check that fails, which is that of the error", () => {
  const wrong = verifyCertificate({ ...asked, serverName: "other.example" });
  assert.equal([wrong.accepted, wrong.error?.check, told(wrong).at(-1)], [false, "name", "verdict.example name FAILS"]);
  const last = wrong.checks.at(-1);
  assert.ok(wrong.error?.message.endsWith(last?.text ?? "?"), wrong.error?.message);
  const expired = verifyCertificate({ ...asked, now: now + 365 * day });
  assert.equal([expired.error?.check, told(expired)], ["validity", ["verdict.example validity FAILS"]]);
  const alone = verifyCertificate({ ...asked, chain: chain.slice(0, 1) });
  assert.equal(told(alone).at(-1), "verdict.example path FAILS");
  assert.equal(alone.error?.missingIssuer?.issuerText, "CN=Middle");
  const empty = verifyCertificate({ ...asked, chain: [] });
  assert.equal([empty.accepted, empty.path.length, empty.error?.check], [false, 0, "path"]);
});

test("shows the path that came furthest when none is valid", () => {
  const stranger = issueCertificateAuthority({ ...issuing, name: "Root" });
  const verdict = verifyCertificate({ ...asked, trustAnchors: [decodeCertificate(stranger.certificate)] });
  assert.not(verdict.accepted);
  assert.equal(verdict.path.map(({ subject }) => subject), ['"CN=verdict.example"', '"CN=Middle"']);
  assert.is(verdict.error?.index, 1);
});

test("refuses TLS features that are malformed, or that an issuer has and its certificate hasn't", () => {
  const value = derSequence(bytes(2, 3, 1, 0, 0));
  const { chain: broken } = issueCertificate({
    ...issuing,
    issuer: middle,
    names: [serverName],
    extensions: [{ oid: ExtensionId.tlsFeature, critical: false, value }],
  });
  const malformed = verifyCertificate({ ...asked, chain: [...broken, ...sent].map(decodeCertificate) });
  assert.equal([malformed.accepted, malformed.error?.check], [false, "mustStaple"]);
  assert.match(malformed.error?.message ?? "", /tlsFeature at byte 2: 65536 is larger than any number/);
  const issuer = issueCertificateAuthority({ ...issuing, name: "Stapling", issuer: root, mustStaple: true });
  const { chain: lacking } = issueCertificate({ ...issuing, issuer, names: [serverName] });
  const lacks = verifyCertificate({ ...asked, chain: lacking.map(decodeCertificate) });
  assert.match(lacks.error?.message ?? "", /its tlsFeature has nothing, and that of its issuer also status_request/);
});

test("says from when until when it holds", () => {
  const crl = (issuer: typeof root, days: number) =>
    decodeCertificateRevocationList(
      issueCertificateRevocationList({ ...issuing, now, issuer, revoked: [], number: 1, days }),
    );
  const plain = verifyCertificate(asked);
  assert.is(plain.holdsFrom, Math.max(...[leaf, ...trustAnchors].map((one) => one?.notBefore ?? 0)));
  assert.is(plain.holdsUntil, leaf?.notAfter);
  const listed = verifyCertificate({ ...asked, crls: [crl(root, 20), crl(middle, 5)] });
  assert.is(listed.holdsUntil, now + 5 * day);
  const ocspResponse = issueOcspResponse({
    ...issuing,
    now,
    issuer: middle,
    certificate: sent[0],
    status: "good",
    days: 3,
  });
  assert.is(verifyCertificate({ ...asked, ocspResponse, crls: [crl(middle, 5)] }).holdsUntil, now + 3 * day);
});

/** Counts signatures that are verified. */
function counting(): { readonly provider: CryptoProvider; readonly count: () => number } {
  let count = 0;
  const signatureSchemes = nobleProvider.signatureSchemes.map((scheme) => ({
    ...scheme,
    verify: (...args: Parameters<typeof scheme.verify>) => (count++, scheme.verify(...args)),
  }));
  return { provider: { ...nobleProvider, signatureSchemes }, count: () => count };
}

test("an accepted chain is remembered as long as its verdict holds, and only where the same is asked", () => {
  const counted = counting();
  const verifier = createCertificateVerifier({ trustAnchors, provider: counted.provider, remember: 2 });
  const question = { chain, serverName, purpose: "serverAuth", now } as const;
  const costs = (changes: object): number => {
    const before = counted.count();
    verifier.explain({ ...question, ...changes });
    return counted.count() - before;
  };
  assert.equal([costs({}), costs({}), costs({ now: now + day })], [2, 0, 0]);
  assert.is(costs({ serverName: "other.example" }), 2);
  assert.is(costs({ serverName: "other.example" }), 2);
  assert.is(costs({}), 0);
  assert.equal([costs({ purpose: "clientAuth" }), costs({ purpose: "clientAuth" }), costs({})], [2, 0, 0]);
  assert.equal([costs({ chain: chain.toReversed() })], [1]);
  const late = verifier.explain({ ...question, now: now + 365 * day });
  assert.equal([late.accepted, late.error?.check], [false, "validity"]);
  assert.is(costs({}), 2);
});

test("the verdict that was used longest ago is forgotten first", () => {
  const counted = counting();
  const verifier = createCertificateVerifier({ trustAnchors, provider: counted.provider, remember: 2 });
  const costs = (ocspResponse: Uint8Array | undefined): number => {
    const before = counted.count();
    assert.ok(verifier.explain({ chain, serverName, purpose: "serverAuth", now, ocspResponse }).accepted);
    return counted.count() - before;
  };
  const [one, two] = [3, 4].map((days) =>
    issueOcspResponse({ ...issuing, now, issuer: middle, certificate: sent[0], status: "good", days })
  );
  assert.equal([costs(undefined), costs(one)], [2, 3]);
  assert.equal([costs(undefined), costs(two), costs(undefined), costs(one)], [0, 3, 0, 3]);
});

test("a limit that is there and undefined is the default", () => {
  const twins = Array.from(
    { length: 20 },
    () => issueCertificateAuthority({ ...issuing, name: "Middle", issuer: root }),
  );
  const certificates = [...twins.map(({ certificate }) => certificate)].map(decodeCertificate);
  const wrong = certificates.map((one) => ({ ...one, subjectKeyIdentifier: undefined }));
  const limits = { maxSignatureChecks: undefined };
  const { error, work } = verifyCertificate({ ...asked, chain: [...chain.slice(0, 1), ...wrong], limits });
  assert.is(error?.check, "effort");
  assert.is(work.signatureChecks, 17);
});

test("lists that the caller changes later change nothing, and a clock that goes back is asked anew", () => {
  const list = (...revoked: readonly Uint8Array[]) =>
    decodeCertificateRevocationList(issueCertificateRevocationList({
      ...issuing,
      now: now - day,
      issuer: middle,
      number: 1,
      revoked: revoked.map((der) => ({ serialNumber: decodeCertificate(der).serialNumber, revokedAt: now - 2 * day })),
    }));
  const crls = [list()];
  const verifier = createCertificateVerifier({ trustAnchors, provider, crls, remember: 5 });
  const question = { chain, serverName, purpose: "serverAuth", now } as const;
  assert.ok(verifier.explain(question).accepted);
  crls[0] = list(sent[0]);
  assert.ok(verifier.explain({ ...question, serverName: "VERDICT.example" }).accepted);
  // The list isn't issued yet then.
  assert.not(verifier.explain({ ...question, now: now - 2 * day }).accepted);
});

test("without remember, nothing is", () => {
  const counted = counting();
  const verifier = createCertificateVerifier({ trustAnchors, provider: counted.provider });
  for (let turn = 0; turn < 2; turn++) verifier.verify({ chain, serverName, purpose: "serverAuth", now });
  assert.is(counted.count(), 4);
});

test("refuses options that can't work, at once", () => {
  const refuses = (options: object, why: RegExp) =>
    assert.throws(
      () => createCertificateVerifier({ trustAnchors, provider, ...options }),
      (error: unknown) => error instanceof TlsUsageError && why.test(error.message),
    );
  refuses({ provider: undefined }, /provider is needed/);
  refuses({ trustAnchors: undefined }, /trustAnchors is needed/);
  refuses({ remember: -1 }, /remember is a number of chains/);
  refuses({ remember: 1.5 }, /remember is a number of chains/);
  refuses({ pins: [] }, /pin/);
  refuses({ crls: ["-----BEGIN"] }, /crls/);
  refuses({ limits: { maxSignatureChecks: "many" } }, /maxSignatureChecks/);
  refuses({ limits: { maxSignatureCheck: 1 } }, /no limit "maxSignatureCheck"/);
  refuses({ policy: null }, /policy is an object/);
  refuses({ certificatePolicies: { requireExplicitPolicy: 1 } }, /requireExplicitPolicy is true or false, not number/);
  refuses({ certificatePolicies: { acceptablePolicies: "1.2.3" } }, /acceptablePolicies is a list/);
  refuses({ trustAnchors: [{ subject: sent[0], spki: sent[0] }] }, /trust anchors \(see createTrustAnchor\)/);
  refuses({ crls: [{ thisUpdate: now }] }, /crls is a list of decoded/);
  refuses({ crl: [] }, /no option "crl"/);
  const wrong = [
    [{ purpose: "codeSigning" }, /purpose is "serverAuth" or "clientAuth", not "codeSigning"/],
    [{ chain: sent }, /chain is a list of certificates/],
    [{ now: undefined }, /now is needed/],
    [{ serverName: 7 }, /serverName is text/],
    [{ serverName: "a b" }, /"a b"/],
    [{ serverName: "a b", now: 0 }, /"a b"/],
    [{ ocspResponse: "text" }, /ocspResponse is a Uint8Array/],
  ] as const;
  for (const [changes, why] of wrong) {
    const options: unknown = { ...asked, ...changes };
    assert.throws(
      () => Reflect.apply(verifyCertificate, undefined, [options]),
      (error: unknown) => error instanceof TlsUsageError && why.test(error.message),
    );
  }
});

test.run();
