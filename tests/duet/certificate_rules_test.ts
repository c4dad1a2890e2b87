/**
 * What an embedder demands of certificates beyond the path: stapled OCSP responses are verified, and demanded where a
 * certificate says so; revocation lists, pins and policies decide; trust anchors may be a name and a key. Both roles.
 */
import { assert, suite } from "../harness.ts";
import type { CertificateRules } from "../../lib/certificate_rules.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { createTlsClient } from "../../lib/core.ts";
import { CertificateError, TlsUsageError } from "../../lib/error.ts";
import { decodeCertificate } from "../../lib/x509/certificate.ts";
import { decodeCertificateRevocationList } from "../../lib/x509/crl.ts";
import { issueCertificate, issueCertificateAuthority } from "../../lib/x509/issue.ts";
import { issueCertificateRevocationList } from "../../lib/x509/issue_crl.ts";
import { issueOcspResponse, type OcspCertificateStatus } from "../../lib/x509/issue_ocsp.ts";
import { spkiPin } from "../../lib/x509/pins.ts";
import { policies } from "../../lib/x509/policy.ts";
import { createTrustAnchor, trustAnchorOf } from "../../lib/x509/trust_anchor.ts";
import { createSessionCache } from "../../lib/session/session_cache.ts";
import { clientConfig, fixedNow, rememberingProvider, seededRandom, serverConfig } from "../support/fixtures.ts";
import { Pair, type Wire, wires } from "../support/pair.ts";

const test = suite("certificate rules");
const day = 86_400_000;
const provider = rememberingProvider;
/** Certificates are three weeks old, so that there can be old answers about them. */
const issuing = { provider, random: seededRandom(5), now: fixedNow() - 21 * day };
const telling = { ...issuing, now: fixedNow() };
const serverName = "rules.example";
const root = issueCertificateAuthority({ ...issuing, name: "Root" });
const middle = issueCertificateAuthority({ ...issuing, name: "Middle", issuer: root });
const plain = issueCertificate({ ...issuing, issuer: middle, names: [serverName] });
const stapling = issueCertificate({ ...issuing, issuer: middle, names: [serverName], mustStaple: true });
const other = issueCertificate({ ...issuing, issuer: middle, names: ["other.example"] });

const statusOf = (
  { chain: [leaf] }: typeof plain,
  status: OcspCertificateStatus,
  more: { readonly now?: number; readonly days?: number } = {},
): Uint8Array => issueOcspResponse({ ...telling, issuer: middle, certificate: leaf, status, ...more });
const listOf = (issuer: typeof root, ...revoked: readonly Uint8Array[]) =>
  decodeCertificateRevocationList(issueCertificateRevocationList({
    ...telling,
    issuer,
    number: 1,
    revoked: revoked.map((der) => ({ serialNumber: decodeCertificate(der).serialNumber, revokedAt: fixedNow() - day })),
  }));

interface Meeting {
  readonly wire?: Wire;
  readonly shown?: typeof plain;
  readonly ocspResponse?: Uint8Array | undefined;
  readonly client?: Partial<ClientConfig>;
  readonly server?: Partial<ServerConfig>;
  readonly rules?: CertificateRules;
}

function meet({ wire, shown = plain, ocspResponse, client = {}, server = {}, rules }: Meeting): Pair {
  const { chain: certificateChain, privateKey } = shown;
  return new Pair(
    clientConfig("p256", { serverName, trustAnchors: root.certificate, certificateRules: rules, ...client }),
    serverConfig("p256", { credentials: [{ certificateChain, privateKey, ocspResponse }], ...server }),
    wire,
  ).shake();
}

function accepts(meeting: Meeting): Pair {
  const pair = meet(meeting);
  for (const end of [pair.client, pair.server]) assert.is(end.tls.state, "live.connected", String(end.error));
  return pair;
}

/** The client refuses the server, and the server is told by this alert. */
function refuses(
  meeting: Meeting,
  expected: { readonly alert: string; readonly check: string; readonly why: RegExp },
): void {
  const { client, server } = meet(meeting);
  const { error } = client;
  if (!(error instanceof CertificateError)) throw new Error(`a CertificateError was expected, and not: ${error}`);
  assert.equal(
    { alert: error.alert, check: error.check },
    { alert: expected.alert, check: expected.check },
    error.message,
  );
  assert.match(error.message, expected.why);
  assert.match(String(server.error), new RegExp(expected.alert));
}

for (const wire of wires) {
  // proves RFC 6066 §8: "MUST check the OCSP response and abort"
  test(`a stapled OCSP response is verified, wire ${wire}`, () => {
    const asks = { wire, client: { requestOcspResponse: true } } as const;
    const good = statusOf(plain, "good");
    assert.equal(accepts({ ...asks, ocspResponse: good }).client.tls.session?.ocspResponse, good);
    accepts({ ...asks });
    const unsatisfactory = { alert: "bad_certificate_status_response", check: "ocsp" };
    const revoked = statusOf(plain, { revokedAt: fixedNow() - day, reason: "keyCompromise" });
    refuses({ ...asks, ocspResponse: revoked }, { ...unsatisfactory, why: /revoked/ });
    refuses({ ...asks, ocspResponse: statusOf(plain, "unknown") }, { ...unsatisfactory, why: /know/ });
    const stale = statusOf(plain, "good", { now: fixedNow() - 9 * day });
    refuses({ ...asks, ocspResponse: stale }, { ...unsatisfactory, why: /nextUpdate was/ });
    refuses({ ...asks, ocspResponse: statusOf(other, "good") }, { ...unsatisfactory, why: /certificate/ });
    refuses({ ...asks, ocspResponse: Uint8Array.of(1, 2, 3) }, { ...unsatisfactory, why: /./ });
  });
}

test("a certificate that says so must come with a stapled response", () => {
  const asks = { shown: stapling, client: { requestOcspResponse: true } } as const;
  accepts({ ...asks, ocspResponse: statusOf(stapling, "good") });
  const missing = { alert: "bad_certificate_status_response", check: "mustStaple", why: /must-staple.*there is none/ };
  refuses({ ...asks }, missing);
  refuses({ shown: stapling, ocspResponse: statusOf(stapling, "good") }, missing);
});

test("revocation lists decide, for the server's certificate and for CAs", () => {
  const revoked = { alert: "certificate_revoked", check: "revocation", why: /revoked/ };
  accepts({ rules: { crls: [listOf(middle, other.chain[0]), listOf(root)] } });
  refuses({ rules: { crls: [listOf(middle, plain.chain[0])] } }, revoked);
  refuses({ rules: { crls: [listOf(root, middle.certificate)] } }, { ...revoked, why: /"CN=Middle".*revoked/ });
  const unknown = { alert: "certificate_unknown", check: "revocation", why: /nothing says whether it was revoked/ };
  refuses({ rules: { requireRevocationStatus: true, crls: [listOf(root)] } }, unknown);
  accepts({ rules: { requireRevocationStatus: true, crls: [listOf(root), listOf(middle)] } });
  accepts({
    rules: { requireRevocationStatus: true, crls: [listOf(root)] },
    client: { requestOcspResponse: true },
    ocspResponse: statusOf(plain, "good"),
  });
});

test("revocation lists decide for clients' certificates, too", () => {
  const { chain: certificateChain, privateKey } = plain;
  const client = { credentials: [{ certificateChain, privateKey }] };
  const server = { clientAuthentication: "required", trustAnchors: root.certificate } as const;
  accepts({ client, server: { ...server, certificateRules: { crls: [listOf(middle)] } } });
  const pair = meet({ client, server: { ...server, certificateRules: { crls: [listOf(middle, plain.chain[0])] } } });
  const { error } = pair.server;
  assert.ok(error instanceof CertificateError && error.alert === "certificate_revoked", String(error));
  assert.match(String(pair.client.error), /certificate_revoked/);
});

test("one key of the path must be pinned, where any is", () => {
  const { sha256 } = provider.hashes;
  const pinOf = (der: Uint8Array): string => spkiPin(decodeCertificate(der), { sha256 });
  for (const der of [plain.chain[0], middle.certificate, root.certificate]) {
    accepts({ rules: { pins: [pinOf(other.chain[0]), pinOf(der)] } });
  }
  const unpinned = { alert: "certificate_unknown", check: "pins", why: /pin/ };
  refuses({ rules: { pins: [pinOf(other.chain[0])] } }, unpinned);
});

test("a policy decides how strict one is", () => {
  const { random, ...others } = issuing;
  const odd = issueCertificate({
    ...others,
    random,
    issuer: middle,
    names: [serverName],
    omittedExtensions: ["extendedKeyUsage"],
  });
  accepts({ shown: odd });
  accepts({ shown: odd, rules: { policy: policies.rfc5280 } });
  const strict = { rules: { policy: policies.webPki } };
  accepts(strict);
  refuses({ shown: odd, ...strict }, {
    alert: "bad_certificate",
    check: "leafExtendedKeyUsage",
    why: /no extendedKeyUsage/,
  });
});

test("a trust anchor may be a name with a key", () => {
  const { subject, spki } = decodeCertificate(root.certificate);
  const anchor = createTrustAnchor({ subject: subject.der, spki });
  accepts({ client: { trustAnchors: anchor } });
  accepts({ client: { trustAnchors: [anchor, other.chain[0]] } });
  const impostor = createTrustAnchor({ subject: subject.der, spki: decodeCertificate(other.chain[0]).spki });
  refuses({ client: { trustAnchors: impostor } }, {
    alert: "bad_certificate",
    check: "signature",
    why: /not made by the key/,
  });
});

test("a session is resumed only under the rules that it was made under", () => {
  const shared = { sessionCache: createSessionCache({ now: fixedNow }), now: fixedNow };
  const serverCache = createSessionCache({ now: fixedNow });
  const resumes = (
    rules: CertificateRules | undefined,
    trustAnchors: ClientConfig["trustAnchors"] = root.certificate,
  ): boolean => {
    const client = { ...shared, trustAnchors, certificateRules: rules };
    return accepts({ client, server: { sessionCache: serverCache } }).client.tls.session?.resumed === true;
  };
  const crls = [listOf(middle)];
  assert.not(resumes(undefined));
  assert.ok(resumes(undefined));
  const limited = {
    ...trustAnchorOf(decodeCertificate(root.certificate)),
    nameConstraints: { permittedSubtrees: [{ type: "dNSName", name: serverName } as const], excludedSubtrees: [] },
  };
  assert.not(resumes(undefined, limited));
  assert.ok(resumes(undefined, limited));
  for (const rules of [{ crls }, { policy: policies.webPki }, { crls: [listOf(middle, other.chain[0])] }]) {
    assert.not(resumes(rules));
    assert.ok(resumes(rules));
  }
});

test("rules that there aren't, or that can't work, are refused at once", () => {
  const make = (certificateRules: object, more: Partial<ClientConfig> = {}) =>
    createTlsClient(clientConfig("p256", { certificateRules, ...more }));
  const says = (why: RegExp) => (error: unknown) => error instanceof TlsUsageError && why.test(error.message);
  assert.throws(() => make({ pin: [] }), says(/no "pin" in certificateRules \(there are policy, crls/));
  assert.throws(() => make({ pins: ["sha256/short"] }), says(/pin/));
  assert.throws(() => make({ policy: { ...policies.webPki, demands: ["madeUp"] } }), says(/not "madeUp"/));
  assert.throws(() => make({ policy: { ...policies.webPki, minRsaBits: 512 } }), says(/minRsaBits is 1024 or more/));
  const certificateVerifier = { verify: () => {} };
  assert.throws(
    () => make({}, { trustAnchors: undefined, certificateVerifier }),
    says(/certificateVerifier decides alone/),
  );
});

test.run();
