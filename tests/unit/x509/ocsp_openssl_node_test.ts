import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "../../harness.ts";
import { nobleProvider as provider } from "../../../lib/crypto/noble_provider.ts";
import type { Certificate } from "../../../lib/x509/certificate.ts";
import { type CertificateAuthority, issueCertificate, issueCertificateAuthority } from "../../../lib/x509/issue.ts";
import {
  issueOcspResponse,
  type IssueOcspResponseOptions,
  type OcspCertificateStatus,
} from "../../../lib/x509/issue_ocsp.ts";
import { loadCertificates, loadPrivateKey } from "../../../lib/x509/load.ts";
import { ocspStatus } from "../../../lib/x509/ocsp.ts";
import { encodePem } from "../../../lib/x509/pem.ts";
import type { RevocationStatus } from "../../../lib/x509/revocation.ts";
import { mustStaple, tlsFeatures } from "../../../lib/x509/tls_feature.ts";
import { privateKeyPem } from "../../support/x509_fixtures.ts";
import { countingRandom, day } from "./builder.ts";

const suiteOfTests = suite("OCSP against the openssl command");
const missing = opensslMissing();

interface Folder {
  readonly path: string;
  readonly openssl: (...parameters: readonly string[]) => string;
  readonly read: (name: string) => Uint8Array;
  readonly write: (name: string, content: string | Uint8Array) => void;
}

function test(title: string, body: (folder: Folder) => void): void {
  if (missing !== undefined) return suiteOfTests.skip(title, missing);
  suiteOfTests(title, () => {
    const path = mkdtempSync(join(tmpdir(), "ocsp-"));
    try {
      body({
        path,
        openssl: (...parameters) => execFileSync("openssl", parameters, { cwd: path, encoding: "utf8", stdio: "pipe" }),
        read: (name) => new Uint8Array(readFileSync(join(path, name))),
        write: (name, content) => writeFileSync(join(path, name), content),
      });
    } finally {
      rmSync(path, { recursive: true, force: true });
    }
  });
}

function opensslMissing(): string | undefined {
  try {
    const version = execFileSync("openssl", ["version"], { encoding: "utf8", stdio: "pipe" });
    return /^OpenSSL [3-9]/.test(version) ? undefined : `${version.trim()} is not OpenSSL 3`;
  } catch {
    return "there is no openssl command";
  }
}

const keyTypes = {
  "RSA": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
  "P-256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
  "P-384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
} as const;

const profiles = {
  ca: "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n",
  leaf: "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:example.com\n",
  responder: "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored\n",
  wrongResponder: "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n",
} as const;

/** Makes `<name>.key` and `<name>.pem`, signed by `issuer` or by itself. */
function certify(
  { openssl, write }: Folder,
  name: string,
  type: keyof typeof keyTypes,
  issuer: string | undefined,
  extensions: string,
): void {
  openssl("genpkey", ...keyTypes[type], "-out", `${name}.key`);
  write(`${name}.ext`, extensions);
  openssl("req", "-new", "-key", `${name}.key`, "-subj", `/O=Test/CN=${name}`, "-out", `${name}.csr`);
  const signer = issuer === undefined
    ? ["-signkey", `${name}.key`]
    : ["-CA", `${issuer}.pem`, "-CAkey", `${issuer}.key`, "-CAcreateserial"];
  openssl(
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    ...signer,
    "-days",
    "30",
    "-extfile",
    `${name}.ext`,
    "-out",
    `${name}.pem`,
  );
}

function certificateOf({ read }: Folder, name: string): Certificate {
  const [certificate] = loadCertificates(new TextDecoder().decode(read(`${name}.pem`)));
  if (certificate === undefined) throw new Error(`there is no certificate in ${name}.pem`);
  return certificate;
}

/** A line of the index of `openssl ca`: status and time of revocation, with its reason. */
function indexLine(folder: Folder, name: string, status: string): string {
  const serial = folder.openssl("x509", "-in", `${name}.pem`, "-noout", "-serial").trim().replace("serial=", "");
  const [flag, revokedAt = ""] = status.split(" ");
  return `${flag}\t400101000000Z\t${revokedAt}\t${serial}\tunknown\t/O=Test/CN=${name}\n`;
}

interface Answering {
  /** In the index; without, the responder knows nothing. */
  readonly status?: string;
  readonly signer?: string;
  readonly more?: readonly string[];
  readonly hash?: string;
  readonly nonce?: boolean;
}

/** What `openssl ocsp` answers to its own request about `leaf.pem`. */
function answer(folder: Folder, { status, signer = "root", more = [], hash, nonce = false }: Answering): Uint8Array {
  folder.write("index", status === undefined ? "" : indexLine(folder, "leaf", status));
  const ask = [...nonce ? [] : ["-no_nonce"], "-issuer", "root.pem", ...hash === undefined ? [] : [`-${hash}`]];
  folder.openssl("ocsp", ...ask, "-cert", "leaf.pem", "-reqout", "request");
  const signing = ["-CA", "root.pem", "-rsigner", `${signer}.pem`, "-rkey", `${signer}.key`];
  folder.openssl("ocsp", "-index", "index", ...signing, "-reqin", "request", "-respout", "response", ...more);
  return folder.read("response");
}

function judge(folder: Folder, response: Uint8Array, now = Date.now()): RevocationStatus {
  return ocspStatus({
    response,
    certificate: certificateOf(folder, "leaf"),
    issuer: certificateOf(folder, "root"),
    now,
    signatureSchemes: provider.signatureSchemes,
    hashes: provider.hashes,
  });
}

for (const type of ["RSA", "P-256", "P-384"] as const) {
  test(`says what an openssl responder with a key of type ${type} says, signed by the CA and by its responder`, (folder) => {
    certify(folder, "root", type, undefined, profiles.ca);
    certify(folder, "leaf", "P-256", "root", profiles.leaf);
    certify(folder, "responder", type, "root", profiles.responder);
    const says = (more: Answering): RevocationStatus => judge(folder, answer(folder, more));
    for (const signer of ["root", "responder"]) {
      for (const [more, days] of [[[], 1], [["-ndays", "3"], 3], [["-resp_key_id", "-nmin", "5"], 5 / 1440]] as const) {
        const status = says({ status: "V", signer, more });
        if (status.type !== "good") throw new Error(status.text);
        assert.is(Math.round(((status.nextUpdate ?? 0) - Date.now()) / day - days), 0);
      }
      const revoked = says({ status: "R 250102030405Z,keyCompromise", signer });
      if (revoked.type !== "revoked") throw new Error(revoked.text);
      assert.equal([revoked.revokedAt, revoked.reason], [Date.UTC(2025, 0, 2, 3, 4, 5), "keyCompromise"]);
      assert.match(says({ signer }).text, /its responder doesn't know the certificate/);
    }
  });
}

test("reads every reason, hash and nonce of an openssl responder", (folder) => {
  certify(folder, "root", "P-256", undefined, profiles.ca);
  certify(folder, "leaf", "P-256", "root", profiles.leaf);
  for (
    const reason of [
      "unspecified",
      "keyCompromise",
      "CACompromise",
      "affiliationChanged",
      "superseded",
      "cessationOfOperation",
      "certificateHold",
      "removeFromCRL",
    ]
  ) {
    // openssl writes the one name in capitals, and the hold with an instruction.
    const written = reason === "certificateHold" ? "holdInstruction,holdInstructionNone" : reason;
    const status = judge(folder, answer(folder, { status: `R 250102030405Z,${written}` }));
    if (status.type !== "revoked") throw new Error(`${reason}: ${status.text}`);
    assert.is(status.reason, reason === "CACompromise" ? "cACompromise" : reason);
  }
  for (const hash of ["sha1", "sha256", "sha384", "sha512"]) {
    const status = judge(folder, answer(folder, { status: "V", hash, nonce: true }));
    assert.is(status.type, "good", `${hash}: ${status.text}`);
  }
  assert.match(judge(folder, answer(folder, { status: "V", hash: "sha224" })).text, /it says nothing about number/);
});

test("refuses what an openssl responder shouldn't have signed, or signed too long ago", (folder) => {
  certify(folder, "root", "P-256", undefined, profiles.ca);
  certify(folder, "leaf", "P-256", "root", profiles.leaf);
  certify(folder, "wrong", "P-256", "root", profiles.wrongResponder);
  certify(folder, "stranger", "P-256", undefined, `${profiles.ca}extendedKeyUsage=OCSPSigning\n`);
  assert.match(judge(folder, answer(folder, { status: "V", signer: "wrong" })).text, /OCSPSigning is wanted/);
  assert.match(
    judge(folder, answer(folder, { status: "V", signer: "stranger" })).text,
    /it was issued by "CN=stranger/,
  );
  const response = answer(folder, { status: "V", more: ["-ndays", "3"] });
  assert.is(judge(folder, response, Date.now() + 2.9 * day).type, "good");
  assert.match(judge(folder, response, Date.now() + 3 * day).text, /its nextUpdate was/);
  assert.match(judge(folder, response, Date.now() - day / 2).text, /its producedAt is/);
  const weak = answer(folder, { status: "V", more: ["-rmd", "sha1"] });
  assert.match(judge(folder, weak).text, /its signature algorithm ecdsa-with-SHA1 .* is not supported/);
});

test("says what openssl's tlsfeature says", (folder) => {
  for (
    const [value, features] of [["status_request", [5]], ["status_request,status_request_v2,42", [5, 17, 42]]] as const
  ) {
    certify(folder, "leaf", "P-256", undefined, `${profiles.leaf}tlsfeature=${value}\n`);
    const certificate = certificateOf(folder, "leaf");
    assert.equal(tlsFeatures(certificate), features);
    assert.ok(mustStaple(certificate));
  }
});

/** What `openssl ocsp` makes of a response about `leaf.pem`. */
function opensslJudges({ path }: Folder, more: readonly string[] = []): string {
  const parameters = ["ocsp", "-respin", "response", "-no_nonce", "-issuer", "root.pem", ...more];
  const { stdout, stderr } = spawnSync("openssl", [...parameters, "-cert", "leaf.pem", "-CAfile", "root.pem"], {
    cwd: path,
    encoding: "utf8",
  });
  return `${stderr}${stdout}`;
}

for (const key of ["P-256", "rsaPkcs8", "p384Pkcs8", "ed25519Pkcs8", "ed448Pkcs8"] as const) {
  test(`openssl verifies what is issued with a key of type ${key}`, (folder) => {
    const common = { provider, random: countingRandom(5), now: Date.now() };
    const given = key === "P-256" ? {} : { key: loadPrivateKey(privateKeyPem[key]) };
    const issuer: CertificateAuthority = issueCertificateAuthority({ ...common, name: "Root", ...given });
    const { chain: [certificate] } = issueCertificate({ ...common, issuer, names: ["example.com"] });
    const names = ["ocsp.example.com"];
    const delegate = issueCertificate({ ...common, issuer, names, purposes: ["OCSPSigning"], ocspNoCheck: true });
    folder.write("root.pem", encodePem("CERTIFICATE", issuer.certificate));
    folder.write("leaf.pem", encodePem("CERTIFICATE", certificate));
    const responders = [undefined, { certificate: delegate.chain[0], privateKey: delegate.privateKey }];
    const statuses: readonly (readonly [OcspCertificateStatus, RegExp])[] = [
      ["good", /leaf.pem: good\n/],
      ["unknown", /leaf.pem: unknown\n/],
      [{ revokedAt: Date.UTC(2024, 1, 29) }, /leaf.pem: revoked\n[^]*Revocation Time: Feb 29 00:00:00 2024 GMT/],
      [{ revokedAt: 0, reason: "superseded" }, /leaf.pem: revoked\n[^]*Reason: superseded\n[^]*Jan {2}1 00:00:00 1970/],
    ];
    const issue = (more: Partial<IssueOcspResponseOptions>): void =>
      folder.write("response", issueOcspResponse({ ...common, issuer, certificate, status: "good", ...more }));
    const isVerified = (expected: RegExp, parameters: readonly string[] = []): void => {
      const verdict = opensslJudges(folder, parameters);
      assert.match(verdict, /^Response verify OK$/m);
      assert.match(verdict, expected);
      assert.not.match(verdict, /WARNING/);
    };
    for (const responder of responders) {
      for (const [status, expected] of statuses) {
        issue({ status, responder });
        isVerified(expected);
      }
    }
    for (const hash of ["sha256", "sha384", "sha512"] as const) {
      issue({ hash });
      isVerified(/leaf.pem: good\n/, [`-${hash}`]);
    }
    const broken = issueOcspResponse({ ...common, issuer, certificate, status: "good" });
    broken.set([(broken[broken.length - 20] ?? 0) ^ 1], broken.length - 20);
    folder.write("response", broken);
    assert.match(opensslJudges(folder), /Response Verify Failure/);
    issue({ now: Date.now() - 8 * day });
    assert.match(opensslJudges(folder), /Status times invalid|status expired/);
  });
}

suiteOfTests.run();
