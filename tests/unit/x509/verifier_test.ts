import { assert, suite } from "../../harness.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { createCertificateVerifier, insecureAcceptAnyCertificate } from "../../../lib/x509/verifier.ts";
import { day, makeAuthority, makeLeaf, now, refusesCertificate } from "./builder.ts";

const test = suite("verifier");
const root = makeAuthority({ name: "root" });
const leaf = makeLeaf({ name: "leaf", issuer: root, names: ["example.com"] });
const verifier = createCertificateVerifier({ trustAnchors: [root.certificate], provider: nobleProvider });
const request = { chain: [leaf.certificate], serverName: "example.com", purpose: "serverAuth", now } as const;

test("accepts a path to a trust anchor with the right name", () => {
  verifier.verify(request);
  verifier.verify({ ...request, serverName: undefined, purpose: "clientAuth" });
});

test("refuses the wrong name, time and issuer", () => {
  refusesCertificate(() => verifier.verify({ ...request, serverName: "example.org" }), {
    alert: "bad_certificate",
    check: "name",
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
    index: 0,
    message: /for "example\.org": it is for "example\.com"/,
  });
  refusesCertificate(() => verifier.verify({ ...request, now: now + 100 * day }), {
    alert: "certificate_expired",
    check: "validity",
    code: "CERT_HAS_EXPIRED",
    index: 0,
    message: /it was valid until/,
  });
  const none = createCertificateVerifier({ trustAnchors: [], provider: nobleProvider });
  refusesCertificate(() => none.verify(request), {
    alert: "unknown_ca",
    check: "path",
    code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    index: 0,
    message: /its issuer "CN=root" is neither/,
  });
});

test("checks the name of a leaf that is the trust anchor too", () => {
  const pinned = makeLeaf({ name: "pinned", names: ["pinned.example"] });
  const pinning = createCertificateVerifier({ trustAnchors: [pinned.certificate], provider: nobleProvider });
  pinning.verify({ ...request, chain: [pinned.certificate], serverName: "pinned.example" });
  refusesCertificate(() => pinning.verify({ ...request, chain: [pinned.certificate] }), {
    alert: "bad_certificate",
    check: "name",
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
    index: 0,
    message: /it is for "pinned\.example"/,
  });
});

test("refuses a server when nobody said which one is wanted, and a client needs no name", () => {
  const nameless = { ...request, serverName: undefined };
  refusesCertificate(() => verifier.verify(nameless), {
    alert: "certificate_unknown",
    check: "name",
    code: undefined,
    index: 0,
    message: /^Cannot accept the certificate "CN=leaf": no server name was given/,
  });
  verifier.verify({ ...nameless, purpose: "clientAuth" });
});

test("blames the caller for a server name that is none", () => {
  assert.throws(
    () => verifier.verify({ ...request, serverName: "a b" }),
    (error: unknown) => error instanceof TlsUsageError,
  );
});

test("insecureAcceptAnyCertificate accepts everything", () =>
  insecureAcceptAnyCertificate.verify({ ...request, chain: [] }));

test.run();
