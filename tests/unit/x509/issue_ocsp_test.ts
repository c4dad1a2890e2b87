import { assert, suite } from "../../harness.ts";
import { nobleProvider as provider } from "../../../lib/crypto/noble_provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { decodeCertificate } from "../../../lib/x509/certificate.ts";
import { issueCertificate, issueCertificateAuthority } from "../../../lib/x509/issue.ts";
import { issueOcspResponse, type IssueOcspResponseOptions } from "../../../lib/x509/issue_ocsp.ts";
import { loadPrivateKey } from "../../../lib/x509/load.ts";
import { ocspStatus } from "../../../lib/x509/ocsp.ts";
import { type BasicOcspResponse, decodeOcspResponse } from "../../../lib/x509/ocsp_response.ts";
import type { RevocationStatus } from "../../../lib/x509/revocation.ts";
import { privateKeyPem } from "../../support/x509_fixtures.ts";
import { countingRandom, day, now } from "./builder.ts";

const test = suite("issued OCSP responses");
const common = { provider, random: countingRandom(11), now };
const root = issueCertificateAuthority({ ...common, name: "Root" });
const { chain: [leaf] } = issueCertificate({ ...common, issuer: root, names: ["example.com"] });

const issue = (more: Partial<IssueOcspResponseOptions> = {}): Uint8Array<ArrayBuffer> =>
  issueOcspResponse({ ...common, issuer: root, certificate: leaf, status: "good", ...more });

const judge = (response: Uint8Array, issuer = root.certificate, certificate = leaf, at = now): RevocationStatus =>
  ocspStatus({
    response,
    certificate: decodeCertificate(certificate),
    issuer: decodeCertificate(issuer),
    now: at,
    signatureSchemes: provider.signatureSchemes,
    hashes: provider.hashes,
  });

function basicOf(response: Uint8Array): BasicOcspResponse {
  const decoded = decodeOcspResponse(response);
  if (decoded.type !== "basic") throw new Error(`it is ${decoded.type}`);
  return decoded.basic;
}

const refuses = (more: Partial<IssueOcspResponseOptions>, why: RegExp): void =>
  assert.throws(() => issue(more), (error: unknown) => error instanceof TlsUsageError && why.test(error.message));

// proves RFC 6960 §4.2.1: "OCSP responders SHALL be capable"
// proves RFC 6960 §4.2.1: "The value for signature SHALL"
test("say that a certificate is good, for a week unless it is said otherwise", () => {
  const status = judge(issue());
  assert.equal([status.type, status.type === "good" && status.nextUpdate], ["good", now + 7 * day]);
  const brief = issue({ days: 0.5 });
  assert.is(judge(brief, root.certificate, leaf, now + day / 2 - 1).type, "good");
  assert.match(judge(brief, root.certificate, leaf, now + day / 2).text, /its nextUpdate was/);
  assert.equal(issue({ certificate: decodeCertificate(leaf) }), issue());
});

test("say that it is revoked, when and why, or that nothing is known", () => {
  const revokedAt = now - 3 * day;
  for (const reason of [undefined, "unspecified", "keyCompromise", "removeFromCRL", "aACompromise"] as const) {
    const status = judge(issue({ status: { revokedAt, reason } }));
    if (status.type !== "revoked") throw new Error(status.text);
    assert.equal([status.revokedAt, status.reason], [revokedAt, reason]);
  }
  assert.match(judge(issue({ status: "unknown" })).text, /its responder doesn't know the certificate/);
});

// proves RFC 6960 §2.5: "The time at which the status"
test("tell seconds, and one status by one hash, of a responder that is told by its key", () => {
  const { producedAt, responses, responderId, certs, responseExtensions } = basicOf(issue({ now: now + 789 }));
  assert.equal([producedAt, responses[0]?.thisUpdate, responses[0]?.nextUpdate], [now, now, now + 7 * day]);
  assert.equal([responses.length, responderId.type, certs, responseExtensions], [1, "byKey", [], []]);
  const lengths = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;
  for (const hash of ["sha1", "sha256", "sha384", "sha512"] as const) {
    const response = issue({ hash });
    assert.is(judge(response).type, "good");
    assert.is(basicOf(response).responses[0]?.certId.issuerNameHash.length, lengths[hash]);
  }
  assert.equal(issue({ hash: "sha1" }), issue());
});

test("are the same where everything that enters is the same", () => {
  const once = issue({ random: countingRandom(3), status: { revokedAt: now } });
  assert.equal(once, issue({ random: countingRandom(3), status: { revokedAt: now } }));
});

// proves RFC 6960 §4.2.2.2: "Therefore, a certificate's issuer MUST"
test("may be signed by a responder in the CA's place", () => {
  const names = ["ocsp.example.com"];
  const issued = issueCertificate({ ...common, issuer: root, names, purposes: ["OCSPSigning"], ocspNoCheck: true });
  const responder = { certificate: issued.chain[0], privateKey: issued.privateKey };
  const response = issue({ responder });
  assert.is(judge(response).type, "good");
  assert.equal(basicOf(response).certs, [responder.certificate]);
  assert.match(judge(response, root.certificate, leaf, now + 91 * day).text, /OCSP response can't be used/);
  const server = issueCertificate({ ...common, issuer: root, names });
  refuses(
    { responder: { certificate: server.chain[0], privateKey: server.privateKey } },
    /the responder's certificate is not for OCSPSigning/,
  );
  const stranger = issueCertificateAuthority({ ...common, name: "Stranger" });
  const theirs = issueCertificate({ ...common, issuer: stranger, names, purposes: ["OCSPSigning"] });
  refuses(
    { responder: { certificate: theirs.chain[0], privateKey: theirs.privateKey } },
    /the responder's certificate was issued by "CN=Stranger"/,
  );
  refuses(
    { responder: { ...responder, privateKey: root.privateKey } },
    /with "CN=ocsp.example.com": its private key does not belong to its certificate/,
  );
});

test("are signed by keys of every type", () => {
  for (const name of ["rsaPkcs8", "p384Pkcs8", "ed25519Pkcs8", "ed448Pkcs8"] as const) {
    const key = loadPrivateKey(privateKeyPem[name]);
    const issuer = issueCertificateAuthority({ ...common, name, key });
    const { chain: [certificate] } = issueCertificate({ ...common, issuer, names: ["example.com"] });
    const status = judge(issue({ issuer, certificate }), issuer.certificate, certificate);
    assert.is(status.type, "good", `${name}: ${status.text}`);
  }
});

test("are good beyond the year 2049, with times as everywhere", () => {
  const later = Date.UTC(2050, 0, 1);
  const issuer = issueCertificateAuthority({ ...common, now: later, name: "Later" });
  const { chain: [certificate] } = issueCertificate({ ...common, now: later, issuer, names: ["example.com"] });
  const response = issue({ issuer, certificate, now: later });
  assert.is(judge(response, issuer.certificate, certificate, later).type, "good");
  assert.match(
    judge(response, issuer.certificate, certificate, now).text,
    /its producedAt is 2050-01-01T00:00:00.000Z/,
  );
});

test("aren't issued where they couldn't be right", () => {
  const stranger = issueCertificateAuthority({ ...common, name: "Stranger" });
  refuses({ issuer: stranger }, /the certificate was issued by "CN=Root", not by "CN=Stranger"/);
  refuses(
    { issuer: { ...root, privateKey: stranger.privateKey } },
    /with "CN=Root": its private key does not belong to its certificate/,
  );
  refuses(
    { issuer: { ...root, certificate: Uint8Array.of(0x30, 0) } },
    /a CA whose certificate is broken: Cannot decode/,
  );
  refuses({ certificate: Uint8Array.of(0x30, 0) }, /about a certificate that is broken: Cannot decode/);
  const { status: word }: { readonly status: never } = JSON.parse('{"status":"revoked"}');
  refuses({ status: word }, /the status is "good", "unknown" or \{ revokedAt, reason \}, not "revoked"/);
  for (const days of [0, -1, Number.NaN]) refuses({ days }, /the number must be positive/);
  for (const at of [Number.NaN, Number.POSITIVE_INFINITY, 8e15, -1e14]) refuses({ now: at }, /is no time between/);
  refuses({ status: { revokedAt: Number.NaN } }, /NaN is no time between/);
  const wrong: { readonly reason: never; readonly hash: never } = JSON.parse('{"reason":"boredom","hash":"md5"}');
  refuses({ status: { revokedAt: now, reason: wrong.reason } }, /there is no CRLReason "boredom"/);
  refuses({ hash: wrong.hash }, /"md5" is not a hash that clients know/);
});

test.run();
