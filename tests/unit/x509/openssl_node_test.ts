import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "../../harness.ts";
import { nobleProvider as provider } from "../../../lib/crypto/noble_provider.ts";
import { CertificateError } from "../../../lib/error.ts";
import { issueCertificate, issueCertificateAuthority, issueSelfSigned } from "../../../lib/x509/issue.ts";
import { loadCertificates, loadPrivateKey } from "../../../lib/x509/load.ts";
import { encodePem } from "../../../lib/x509/pem.ts";
import { encodePrivateKey } from "../../../lib/x509/private_key.ts";
import { createCertificateVerifier } from "../../../lib/x509/verifier.ts";
import { countingRandom } from "./builder.ts";

const suiteOfTests = suite("x509 against the openssl command");
const missing = opensslMissing();

function test(title: string, body: (folder: Folder) => void): void {
  if (missing !== undefined) return suiteOfTests.skip(title, missing);
  suiteOfTests(title, () => {
    const path = mkdtempSync(join(tmpdir(), "x509-"));
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

interface Folder {
  readonly openssl: (...parameters: readonly string[]) => string;
  readonly read: (name: string) => string;
  readonly write: (name: string, text: string) => void;
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
  "P-521": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
  "Ed25519": ["-algorithm", "ED25519"],
  "Ed448": ["-algorithm", "ED448"],
} as const;

/** Makes `<name>.key` and `<name>.pem`, signed by `issuer` or by itself. */
function certify(
  folder: Folder,
  name: string,
  type: keyof typeof keyTypes,
  issuer: string | undefined,
  extensions: string,
): void {
  const { openssl, write } = folder;
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

const ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";
const leaf = (names: string): string =>
  `keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=${names}\n`;

function verify(folder: Folder, chain: readonly string[], anchors: readonly string[], serverName: string): string {
  const trustAnchors = anchors.flatMap((name) => loadCertificates(folder.read(`${name}.pem`)));
  const verifier = createCertificateVerifier({ trustAnchors, provider });
  try {
    verifier.verify({
      chain: chain.flatMap((name) => loadCertificates(folder.read(`${name}.pem`))),
      serverName,
      purpose: "serverAuth",
      now: Date.now(),
    });
    return "accepted";
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return error.code ?? error.check;
  }
}

for (const type of ["RSA", "P-256", "P-384", "P-521", "Ed25519", "Ed448"] as const) {
  test(`a chain of three ${type} certificates is accepted, and refused for what is wrong with it`, (folder) => {
    certify(folder, "root", type, undefined, ca);
    certify(folder, "middle", type, "root", `${ca}authorityKeyIdentifier=keyid\n`);
    certify(folder, "leaf", type, "middle", leaf("DNS:example.com,DNS:*.example.org,IP:192.0.2.1,IP:2001:db8::1"));
    for (const name of ["example.com", "a.example.org", "192.0.2.1", "2001:db8::1"]) {
      assert.is(verify(folder, ["leaf", "middle"], ["root"], name), "accepted");
    }
    assert.is(verify(folder, ["leaf", "middle"], ["root"], "example.org"), "ERR_TLS_CERT_ALTNAME_INVALID");
    assert.is(verify(folder, ["leaf"], ["root"], "example.com"), "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    certify(folder, "stranger", type, undefined, leaf("DNS:example.com"));
    assert.is(verify(folder, ["leaf", "middle", "root"], ["stranger"], "example.com"), "SELF_SIGNED_CERT_IN_CHAIN");
    assert.is(verify(folder, ["stranger"], ["root"], "example.com"), "DEPTH_ZERO_SELF_SIGNED_CERT");
    assert.is(verify(folder, ["stranger"], ["stranger"], "example.com"), "accepted");
    assert.is(loadPrivateKey(folder.read("leaf.key")).type, type.startsWith("P-") ? "ec" : type.toLowerCase());
  });
}

test("a certificate signed with RSASSA-PSS is accepted", (folder) => {
  certify(folder, "root", "RSA", undefined, ca);
  folder.openssl("genpkey", ...keyTypes["P-256"], "-out", "leaf.key");
  folder.write("leaf.ext", leaf("DNS:example.com"));
  folder.openssl("req", "-new", "-key", "leaf.key", "-subj", "/CN=leaf", "-out", "leaf.csr");
  const pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
  folder.openssl(
    "x509",
    "-req",
    "-in",
    "leaf.csr",
    "-CA",
    "root.pem",
    "-CAkey",
    "root.key",
    "-CAcreateserial",
    ...pss,
    "-extfile",
    "leaf.ext",
    "-out",
    "leaf.pem",
  );
  assert.is(verify(folder, ["leaf"], ["root"], "example.com"), "accepted");
});

test("name constraints that OpenSSL writes are enforced", (folder) => {
  const constraints = "permitted;DNS:example.com,permitted;IP:192.0.2.0/255.255.255.0,excluded;DNS:secret.example.com";
  certify(folder, "root", "P-256", undefined, `${ca}nameConstraints=critical,${constraints}\n`);
  for (
    const [name, names, answer] of [
      ["a.example.com", "DNS:a.example.com", "accepted"],
      ["192.0.2.9", "IP:192.0.2.9", "accepted"],
      ["a.secret.example.com", "DNS:a.secret.example.com", "nameConstraints"],
      ["example.org", "DNS:example.org", "nameConstraints"],
      ["192.0.3.9", "IP:192.0.3.9", "nameConstraints"],
    ] as const
  ) {
    certify(folder, "leaf", "P-256", "root", leaf(names));
    assert.is(verify(folder, ["leaf"], ["root"], name), answer, name);
  }
});

test("openssl accepts what issue makes, strictly", ({ openssl, write }) => {
  const options = { provider, random: countingRandom(11), now: Date.now() };
  const root = issueCertificateAuthority({ ...options, name: "Rööt" });
  const middle = issueCertificateAuthority({ ...options, name: "Middle", issuer: root, pathLenConstraint: 0 });
  const issued = issueCertificate({ ...options, issuer: middle, names: ["example.com", "192.0.2.1"] });
  const selfSigned = issueSelfSigned({ ...options, names: ["localhost"] });
  write("root.pem", encodePem("CERTIFICATE", root.certificate));
  write("middle.pem", encodePem("CERTIFICATE", middle.certificate));
  write("leaf.pem", encodePem("CERTIFICATE", issued.chain[0]));
  write("self.pem", encodePem("CERTIFICATE", selfSigned.chain[0]));
  write("leaf.key", encodePem("PRIVATE KEY", encodePrivateKey(issued.privateKey)));
  const chain = ["-CAfile", "root.pem", "-untrusted", "middle.pem", "leaf.pem"];
  const strict = ["-x509_strict", "-purpose", "sslserver", "-verify_hostname", "example.com"];
  assert.match(openssl("verify", ...strict, ...chain), /leaf\.pem: OK/);
  assert.match(openssl("verify", "-purpose", "sslclient", "-verify_ip", "192.0.2.1", ...chain), /leaf\.pem: OK/);
  assert.match(openssl("verify", "-CAfile", "self.pem", "self.pem"), /self\.pem: OK/);
  assert.is(openssl("pkey", "-in", "leaf.key", "-pubout"), openssl("x509", "-in", "leaf.pem", "-noout", "-pubkey"));
});

for (const type of ["P-256", "P-384", "P-521", "Ed25519", "Ed448"] as const) {
  test(`openssl accepts what a ${type} key certifies and is certified with`, ({ openssl, read, write }) => {
    openssl("genpkey", ...keyTypes[type], "-out", "own.key");
    const privateKey = loadPrivateKey(read("own.key"));
    const options = { provider, random: countingRandom(12), now: Date.now() };
    const { chain: [certificate] } = issueSelfSigned({ ...options, names: ["root.example"], key: privateKey });
    write("self.pem", encodePem("CERTIFICATE", certificate));
    assert.match(openssl("verify", "-CAfile", "self.pem", "self.pem"), /self\.pem: OK/);
    const root = issueCertificateAuthority({ ...options, name: "Root" });
    const issued = issueCertificate({ ...options, issuer: root, names: ["example.com"], key: privateKey });
    write("root.pem", encodePem("CERTIFICATE", root.certificate));
    write("leaf.pem", encodePem("CERTIFICATE", issued.chain[0]));
    write("leaf.key", encodePem("PRIVATE KEY", encodePrivateKey(privateKey)));
    assert.match(openssl("verify", "-x509_strict", "-CAfile", "root.pem", "leaf.pem"), /leaf\.pem: OK/);
    assert.is(openssl("pkey", "-in", "leaf.key", "-pubout"), openssl("x509", "-in", "leaf.pem", "-noout", "-pubkey"));
  });
}

suiteOfTests.run();
