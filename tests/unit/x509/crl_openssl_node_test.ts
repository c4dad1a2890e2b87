import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "../../harness.ts";
import { nobleProvider as provider } from "../../../lib/crypto/noble_provider.ts";
import { toHex } from "../../../lib/codec/bytes.ts";
import type { Certificate } from "../../../lib/x509/certificate.ts";
import { crlStatus } from "../../../lib/x509/crl_checks.ts";
import { issueCertificate, issueCertificateAuthority } from "../../../lib/x509/issue.ts";
import { issueCertificateRevocationList } from "../../../lib/x509/issue_crl.ts";
import { loadCertificates } from "../../../lib/x509/load.ts";
import { loadCertificateRevocationLists } from "../../../lib/x509/load_crl.ts";
import { encodePem } from "../../../lib/x509/pem.ts";
import { encodePrivateKey } from "../../../lib/x509/private_key.ts";
import { CrlReason, type CrlReasonName } from "../../../lib/x509/revocation.ts";
import { countingRandom } from "./builder.ts";

const suiteOfTests = suite("crl against the openssl command");
const missing = opensslMissing();

interface Folder {
  readonly openssl: (...parameters: readonly string[]) => string;
  readonly read: (name: string) => string;
  readonly write: (name: string, text: string) => void;
}

function test(title: string, body: (folder: Folder) => void): void {
  if (missing !== undefined) return suiteOfTests.skip(title, missing);
  suiteOfTests(title, () => {
    const path = mkdtempSync(join(tmpdir(), "crl-"));
    try {
      body({
        openssl: (...parameters) => execFileSync("openssl", parameters, { cwd: path, encoding: "utf8", stdio: "pipe" }),
        read: (name) => readFileSync(join(path, name), "utf8"),
        write: (name, text) => writeFileSync(join(path, name), text),
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

const now = Date.now();
const common = { provider, random: countingRandom(21), now };
const day = 86_400_000;
/** When the lists that OpenSSL makes during this test have been issued, too. */
const asked = now + day / 24;
const root = issueCertificateAuthority({ ...common, name: "Root" });
const [rootCertificate] = certificates(encodePem("CERTIFICATE", root.certificate));
const middle = issueCertificateAuthority({ ...common, name: "Middle", issuer: root });
const pems = {
  root: encodePem("CERTIFICATE", root.certificate),
  middle: encodePem("CERTIFICATE", middle.certificate),
  leaf: encodePem("CERTIFICATE", leafOf("leaf.example")),
  other: encodePem("CERTIFICATE", leafOf("other.example")),
} as const;
type Name = keyof typeof pems;

function leafOf(name: string): Uint8Array {
  return issueCertificate({ ...common, issuer: root, names: [name] }).chain[0];
}

function certificates(pem: string): readonly [Certificate] {
  const [certificate] = loadCertificates(pem);
  if (certificate === undefined) throw new Error("there is no certificate");
  return [certificate];
}

/** What we say of a certificate of the root. */
function ours(crlPem: string, name: Name, at = asked): string {
  const [certificate] = certificates(pems[name]);
  const crls = loadCertificateRevocationLists(crlPem);
  const question = { crls, certificate, issuer: rootCertificate, now: at, signatureSchemes: provider.signatureSchemes };
  return crlStatus(question)?.type ?? "nothing";
}

/** What OpenSSL says: OK, or its error. */
function theirs({ openssl, write }: Folder, crlPem: string, name: Name, at = asked): string {
  write("root.pem", pems.root);
  write("asked.pem", pems[name]);
  write("crl.pem", crlPem);
  const time = ["-attime", `${Math.floor(at / 1000)}`];
  try {
    return openssl(
      "verify",
      "-crl_check",
      "-extended_crl",
      ...time,
      "-CAfile",
      "root.pem",
      "-CRLfile",
      "crl.pem",
      "asked.pem",
    );
  } catch (error) {
    return error instanceof Error && "stderr" in error ? `${error.stderr}` : "";
  }
}

/** A list that OpenSSL makes with the root's key. `revoked` says who, and why. */
function opensslList(folder: Folder, revoked: readonly (readonly [Name, string])[], extensions = "", days = 7): string {
  const { openssl, read, write } = folder;
  write("root.pem", pems.root);
  write("root.key", privateKeyPem());
  const date = (time: number): string => new Date(time).toISOString().replace(/[-:T]|\.\d+/g, "").slice(2);
  const lines = revoked.map(([name, reason]) => {
    const [{ serialNumber, notAfter }] = certificates(pems[name]);
    return `R\t${date(notAfter)}\t${date(now - day)}${reason}\t${toHex(serialNumber).toUpperCase()}\tunknown\t/CN=x\n`;
  });
  write("index.txt", lines.join(""));
  write("number", "1F\n");
  write(
    "ca.cnf",
    `[ca]\ndefault_ca = c\n[c]\ndatabase = index.txt\ncrlnumber = number\ndefault_md = sha256\ncrl_extensions = e\n` +
      `[e]\nauthorityKeyIdentifier = keyid\n${extensions}`,
  );
  const days_ = days > 0
    ? ["-crldays", `${days}`]
    : ["-crl_lastupdate", "250101000000Z", "-crl_nextupdate", "250102000000Z"];
  openssl(
    "ca",
    "-gencrl",
    "-config",
    "ca.cnf",
    "-cert",
    "root.pem",
    "-keyfile",
    "root.key",
    ...days_,
    "-out",
    "made.pem",
  );
  return read("made.pem");
}

function privateKeyPem(): string {
  return encodePem("PRIVATE KEY", encodePrivateKey(root.privateKey));
}

const reasons = ["keyCompromise", "CACompromise", "affiliationChanged", "superseded", "cessationOfOperation"] as const;

test("lists that OpenSSL makes are understood, with every reason", (folder) => {
  for (const reason of reasons) {
    const [list] = loadCertificateRevocationLists(opensslList(folder, [["leaf", `,${reason}`], ["other", ""]]));
    const { revokedCertificates } = list ?? {};
    const [{ serialNumber }] = certificates(pems.leaf);
    assert.is(revokedCertificates?.entryOf(serialNumber)?.reason?.toLowerCase(), reason.toLowerCase());
    assert.is(revokedCertificates?.count, 2);
    assert.equal(list?.cRLNumber, Uint8Array.of(0x1f));
    assert.equal(list?.authorityKeyIdentifier, rootCertificate.subjectKeyIdentifier);
  }
  // With invalidityDate, and on hold.
  for (const reason of ["keyTime,20250101000000Z", "holdInstruction,holdInstructionNone"]) {
    assert.is(ours(opensslList(folder, [["leaf", `,${reason}`]]), "leaf"), "revoked", reason);
  }
});

/** OpenSSL's words, and ours. */
const sayings: Readonly<Record<string, RegExp>> = {
  good: /^asked\.pem: OK/,
  revoked: /error 23 .*certificate revoked/,
  unusable: /error (?!23 )\d+ /,
  nothing: /error (3|44) /,
};

const same = (folder: Folder, crlPem: string, name: Name, expected: string, at?: number): void => {
  assert.is(ours(crlPem, name, at), expected);
  assert.match(theirs(folder, crlPem, name, at), sayings[expected] ?? /^$/);
};

test("OpenSSL says of its own lists what we say", (folder) => {
  const full = opensslList(folder, [["leaf", ",superseded"], ["middle", ",keyCompromise"]]);
  same(folder, full, "leaf", "revoked");
  same(folder, full, "middle", "revoked");
  same(folder, full, "other", "good");
  same(folder, full, "other", "unusable", now + 8 * day);
  same(folder, full, "other", "unusable", now - day);
  same(folder, opensslList(folder, [], "", 0), "leaf", "unusable");
  same(folder, opensslList(folder, []), "leaf", "good");
});

test("OpenSSL says of lists with a scope what we say", (folder) => {
  const scope = (point: string): string => `issuingDistributionPoint = critical,@p\n[p]\n${point}\n`;
  const revoked = [["leaf", ",superseded"], ["middle", ",superseded"]] as const;
  const users = opensslList(folder, revoked, scope("onlyuser = TRUE"));
  same(folder, users, "leaf", "revoked");
  same(folder, users, "other", "good");
  same(folder, users, "middle", "nothing");
  const authorities = opensslList(folder, revoked, scope("onlyCA = TRUE"));
  same(folder, authorities, "middle", "revoked");
  same(folder, authorities, "other", "nothing");
  same(folder, opensslList(folder, revoked, scope("onlyAA = TRUE")), "other", "nothing");
  const elsewhere = opensslList(folder, revoked, scope("fullname = URI:http://crl.example/1"));
  same(folder, elsewhere, "other", "nothing");
  const some = opensslList(folder, revoked, scope("onlysomereasons = keyCompromise, CACompromise"));
  same(folder, some, "leaf", "revoked");
  same(folder, some, "other", "unusable");
});

test("OpenSSL finds good and revoked in the lists that we issue", (folder) => {
  const [{ serialNumber }] = certificates(pems.leaf);
  for (const reason of Object.keys(CrlReason).filter((name): name is CrlReasonName => name in CrlReason)) {
    if (reason === "removeFromCRL") continue;
    const revoked = [{ serialNumber, revokedAt: now - day, reason }];
    const pem = encodePem("X509 CRL", issueCertificateRevocationList({ ...common, issuer: root, revoked }));
    same(folder, pem, "leaf", "revoked");
    same(folder, pem, "other", "good");
    const text = folder.openssl("crl", "-in", "crl.pem", "-noout", "-text");
    assert.match(text, /Version 2 \(0x1\)/);
    assert.match(text, new RegExp(`Serial Number: ${toHex(serialNumber)}`, "i"));
    assert.is(/X509v3 CRL Reason Code/.test(text), reason !== "unspecified");
  }
  const empty = encodePem(
    "X509 CRL",
    issueCertificateRevocationList({ ...common, issuer: root, revoked: [], number: 77 }),
  );
  same(folder, empty, "leaf", "good");
  const facts = folder.openssl(
    "crl",
    "-in",
    "crl.pem",
    "-noout",
    "-crlnumber",
    "-lastupdate",
    "-nextupdate",
    "-issuer",
  );
  const second = (time: number): number => Math.floor(time / 1000) * 1000;
  assert.match(facts, /crlNumber=0x4D/);
  assert.match(facts, /issuer=CN = Root/);
  assert.is(Date.parse(/lastUpdate=(.*)/.exec(facts)?.[1] ?? ""), second(now - day / 24));
  assert.is(Date.parse(/nextUpdate=(.*)/.exec(facts)?.[1] ?? ""), second(now + 7 * day));
});

test("OpenSSL, too, refuses a list by another key, and one whose issuer has no cRLSign", (folder) => {
  const { openssl, read, write } = folder;
  const list = issueCertificateRevocationList({ ...common, issuer: root, revoked: [] });
  const last = list.length - 1;
  list[last] = (list[last] ?? 0) ^ 1;
  same(folder, encodePem("X509 CRL", list), "leaf", "unusable");
  // The same key and name in a certificate that doesn't allow it.
  const good = opensslList(folder, []);
  const keyId = toHex(rootCertificate.subjectKeyIdentifier ?? new Uint8Array());
  write(
    "ext",
    `basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\nsubjectKeyIdentifier = ${keyId}\n`,
  );
  const request = ["-new", "-key", "root.key", "-subj", "/CN=Root", "-out", "root.csr"];
  openssl("req", ...request);
  openssl(
    "x509",
    "-req",
    "-in",
    "root.csr",
    "-signkey",
    "root.key",
    "-extfile",
    "ext",
    "-days",
    "9",
    "-out",
    "root2.pem",
  );
  write("asked.pem", pems.leaf);
  write("crl.pem", good);
  const [issuer] = certificates(read("root2.pem"));
  const crls = loadCertificateRevocationLists(good);
  const [certificate] = certificates(pems.leaf);
  const status = crlStatus({ crls, certificate, issuer, now: asked, signatureSchemes: provider.signatureSchemes });
  assert.is(status?.type, "unusable");
  assert.throws(
    () => openssl("verify", "-crl_check", "-CAfile", "root2.pem", "-CRLfile", "crl.pem", "asked.pem"),
    /error (33|35)/,
  );
});

suiteOfTests.run();
