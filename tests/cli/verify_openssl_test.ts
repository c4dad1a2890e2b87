/**
 * `tlschart verify` beside `openssl verify`: the same chains, made with openssl, have the same verdicts.
 * @module
 */

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { encodePem } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { openWorkshop, runCli } from "./run_cli.ts";

const test = suite("cli verify with openssl");
const workshop = openWorkshop();
const path = (name: string): string => workshop.path(name);
const openssl = (...args: readonly string[]): void => void execFileSync("openssl", args, { stdio: "ignore" });

function hasOpenssl(): boolean {
  return spawnSync("openssl", ["version"], { stdio: "ignore" }).status === 0;
}

const p256 = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const authority = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];

/** A certificate and its key in files of this name. */
function make(name: string, issuer: string, extensions: readonly string[], key: readonly string[] = p256): void {
  openssl(...key, "-out", path(`${name}.key`));
  openssl("req", "-new", "-key", path(`${name}.key`), "-subj", `/O=Verify/CN=${name}`, "-out", path(`${name}.csr`));
  const config = workshop.write(
    `${name}.ext`,
    ["subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid", ...extensions, ""].join("\n"),
  );
  openssl(
    ...["x509", "-req", "-in", path(`${name}.csr`), "-days", "90", "-extfile", config, "-out", path(`${name}.pem`)],
    ...["-CA", path(`${issuer}.pem`), "-CAkey", path(`${issuer}.key`), "-CAcreateserial"],
  );
}

const names = "subjectAltName=DNS:www.example.com,DNS:*.wild.example,IP:192.0.2.1,email:me@example.com";
const leaf = [names, "extendedKeyUsage=serverAuth", "keyUsage=critical,digitalSignature"];

function makeAll(): void {
  openssl(...p256, "-out", path("root.key"));
  const extensions = authority.flatMap((extension) => ["-addext", extension]);
  openssl(
    ...[
      "req",
      "-x509",
      "-key",
      path("root.key"),
      "-subj",
      "/O=Verify/CN=root",
      "-days",
      "365",
      "-out",
      path("root.pem"),
    ],
    // openssl's own configuration adds basicConstraints, too.
    ...["-config", workshop.write("empty.cnf", "[req]\ndistinguished_name=name\n[name]\n")],
    ...extensions,
    ...["-addext", "subjectKeyIdentifier=hash"],
  );
  make("ca", "root", ["basicConstraints=critical,CA:TRUE,pathlen:0", authority[1] ?? ""]);
  make("leaf", "ca", leaf);
  make("client", "ca", [names, "extendedKeyUsage=clientAuth"]);
  make("below", "ca", authority);
  make("too_deep", "below", leaf);
  make("no_ca", "root", ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature"]);
  make("by_no_ca", "no_ca", leaf);
  make("no_sign", "root", ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,cRLSign"]);
  make("by_no_sign", "no_sign", leaf);
  make("limited", "root", [...authority, "nameConstraints=critical,excluded;DNS:example.com"]);
  make("by_limited", "limited", leaf);
  make("weak", "root", authority, ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]);
  make("by_weak", "weak", leaf);
  make("critical", "ca", [...leaf, "1.2.3.4=critical,DER:0500"]);
  workshop.write("tampered.pem", tampered(readFileSync(path("leaf.pem"), "latin1")));
  workshop.write("index.txt", "");
  workshop.write("number", "01\n");
  const settings = `database=${path("index.txt")}\ncrlnumber=${
    path("number")
  }\ndefault_md=sha256\ndefault_crl_days=30\n`;
  const config = workshop.write("ca.cnf", `[ca]\ndefault_ca=own\n[own]\n${settings}`);
  const ca = ["ca", "-config", config, "-keyfile", path("ca.key"), "-cert", path("ca.pem")];
  openssl(...ca, "-gencrl", "-out", path("before.crl"));
  openssl(...ca, "-revoke", path("leaf.pem"));
  openssl(...ca, "-gencrl", "-out", path("after.crl"));
}

/** The same certificate with another last bit, which is one of the signature. */
function tampered(pem: string): string {
  const der = Buffer.from(pem.replace(/-----.*-----|\s/g, ""), "base64");
  return encodePem("CERTIFICATE", der.map((byte, index) => index === der.length - 1 ? byte ^ 1 : byte));
}

/** What is judged, with which intermediates, and the same wish in the words of both commands. */
type Case = readonly [
  leaf: string,
  intermediates: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
];

const day = 86_400;
const soon = Math.floor(Date.now() / 1000) + day;
const cases = (): readonly (readonly [boolean, ...Case])[] => [
  [true, "leaf", ["ca"], [], []],
  [false, "leaf", [], [], []],
  [false, "leaf", ["below"], [], []],
  [true, "leaf", ["below", "ca"], [], []],
  [true, "leaf", ["ca"], ["--time", `@${soon}`], ["-attime", `${soon}`]],
  [false, "leaf", ["ca"], ["--time", `@${soon + 100 * day}`], ["-attime", `${soon + 100 * day}`]],
  [false, "leaf", ["ca"], ["--time", `@${soon - 3 * day}`], ["-attime", `${soon - 3 * day}`]],
  [true, "leaf", ["ca"], ["--name", "www.example.com"], ["-verify_hostname", "www.example.com"]],
  [true, "leaf", ["ca"], ["--name", "a.wild.example"], ["-verify_hostname", "a.wild.example"]],
  [false, "leaf", ["ca"], ["--name", "a.b.wild.example"], ["-verify_hostname", "a.b.wild.example"]],
  [false, "leaf", ["ca"], ["--name", "other.example"], ["-verify_hostname", "other.example"]],
  [true, "leaf", ["ca"], ["--name", "192.0.2.1"], ["-verify_ip", "192.0.2.1"]],
  [false, "leaf", ["ca"], ["--name", "192.0.2.2"], ["-verify_ip", "192.0.2.2"]],
  [true, "leaf", ["ca"], ["--email", "me@example.com"], ["-verify_email", "me@example.com"]],
  [false, "leaf", ["ca"], ["--email", "you@example.com"], ["-verify_email", "you@example.com"]],
  [false, "client", ["ca"], [], []],
  [true, "client", ["ca"], ["--client"], ["-purpose", "sslclient"]],
  [false, "leaf", ["ca"], ["--client"], ["-purpose", "sslclient"]],
  [true, "leaf", ["ca"], ["--crl", path("before.crl")], ["-crl_check", "-CRLfile", path("before.crl")]],
  [false, "leaf", ["ca"], ["--crl", path("after.crl")], ["-crl_check", "-CRLfile", path("after.crl")]],
  [false, "leaf", ["ca"], ["--require-revocation-status"], ["-crl_check"]],
  [false, "too_deep", ["below", "ca"], [], []],
  [false, "by_no_ca", ["no_ca"], [], []],
  [false, "by_no_sign", ["no_sign"], [], []],
  [false, "by_limited", ["limited"], [], []],
  [false, "by_weak", ["weak"], [], ["-auth_level", "2"]],
  [false, "critical", ["ca"], [], []],
  [false, "tampered", ["ca"], [], []],
];

function agrees(): void {
  makeAll();
  for (const [isAccepted, name, intermediates, ours, theirs] of cases()) {
    const words = [name, ...intermediates, ...ours.map((word) => word.replace(/^.*\//, ""))].join(" ");
    test(`both ${isAccepted ? "accept" : "refuse"} ${words}`, async () => {
      const untrusted = intermediates.flatMap((one) => ["-untrusted", path(`${one}.pem`)]);
      const purpose = theirs.includes("-purpose") ? [] : ["-purpose", "sslserver"];
      const options = ["-CAfile", path("root.pem"), ...untrusted, ...purpose, ...theirs];
      const their = spawnSync("openssl", ["verify", ...options, path(`${name}.pem`)], { encoding: "utf8" });
      const files = [name, ...intermediates].map((one) => path(`${one}.pem`));
      const whose = ["--name", "--client"].some((word) => ours.includes(word)) ? [] : ["--any-name"];
      const our = await runCli(["verify", ...files, "--ca", path("root.pem"), ...whose, ...ours]);
      assert.equal(
        [their.status === 0, our.exitCode],
        [isAccepted, isAccepted ? 0 : 1],
        `${their.stdout}${their.stderr}${our.stdout}${our.stderr}`,
      );
    });
  }

  test("an issuer whose key is too weak is told with what was found at it", async () => {
    const files = ["by_weak", "weak", "weak"].map((one) => path(`${one}.pem`));
    const { stdout } = await runCli(["verify", ...files, "--ca", path("root.pem"), "--any-name"]);
    const told = stdout.replace(/\s+/g, " ");
    assert.match(told, /\? tried as issuer CN=weak, O=Verify in \S*weak\.pem .* ✗ publicKey its RSA key has 1024 bits/);
  });
}

if (hasOpenssl()) agrees();
else test.skip("verify and openssl verify have the same verdicts", "there is no openssl command");

test.run();
