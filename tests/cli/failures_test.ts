/**
 * What can't begin: one clear line on stderr, exit code 2, no stack trace.
 * @module
 */

import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { encodePem, encodePrivateKey, issueSelfSigned, nobleProvider } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { type Finished, openWorkshop, runCli, spawnCli } from "./run_cli.ts";

const test = suite("cli failures");
const workshop = openWorkshop();
const { cert, key, ca } = workshop;

type Case = readonly [args: readonly string[], reason: RegExp, env?: Readonly<Record<string, string>>];

async function refuses(cases: readonly Case[]): Promise<void> {
  for (const [args, reason, env] of cases) {
    const finished = await runCli(args, { env });
    isRefusal(args, finished, reason);
  }
}

function isRefusal(args: readonly string[], { exitCode, stdout, lines }: Finished, reason: RegExp): void {
  const said = `${args.join(" ")}: ${lines.join(" | ")}`;
  assert.is(exitCode, 2, said);
  assert.is(stdout, "", said);
  assert.is(lines.length, 1, said);
  assert.match(lines[0] ?? "", /^tlschart: /);
  assert.match(lines[0] ?? "", reason);
}

test("reach the process: one line on stderr, nothing on stdout, exit code 2", async () => {
  const args = ["connect", "localhost", "--bogus"];
  isRefusal(args, await spawnCli(args).finished, /unknown option '--bogus'/);
});

test("names wrong arguments", async () => {
  await refuses([
    [["bogus"], /no command "bogus"/],
    [["connect", "localhost", "--bogus"], /unknown option '--bogus'/],
    [["serve", "0", "--self-signed", "a", "--host", ""], /--host needs a value/],
    [["--groups", "x25519"], /--groups must contain secp256r1/],
    [["--ciphers", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"], /its key \(EC secp256r1\) fits none of/],
    [["connect", "localhost:1", "--ciphers", "TLS_AES_128_GCM_SHA256"], /the provider has TLS_ECDHE/],
    [["connect", "localhost:1", "--servername", "a b", "--ca", ca], /"a b".*neither a DNS name/],
  ]);
});

test("names the file that is missing, unreadable, broken or encrypted", async () => {
  const encrypted = createPrivateKey(workshop.keyPem).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "secret",
  });
  const encryptedKey = workshop.write("encrypted.pem", encrypted.toString());
  const junk = workshop.write("junk.pem", "junk\n");
  const cut = workshop.write("cut.pem", workshop.certPem.slice(0, 200));
  const broken = workshop.write("broken.pem", workshop.certPem.replace("MII", "MIJ"));
  await refuses([
    [["connect", "localhost:1", "--ca", workshop.path("missing")], /--ca .*missing: no such file/],
    [["connect", "localhost:1", "--ca", junk], /--ca .*junk\.pem: .*no "CERTIFICATE"/],
    [["connect", "localhost:1", "--keylog", workshop.path("no/folder")], /--keylog .*: no such file or folder/],
    [["connect", "localhost:1", "--ca", ca], /SSLKEYLOGFILE .*: it is a directory/, {
      SSLKEYLOGFILE: workshop.path("."),
    }],
    [["serve", "0", "--cert", workshop.path("."), "--key", key], /--cert .*: it is a directory/],
    [["serve", "0", "--cert", cut, "--key", key], /--cert .*cut\.pem: .*no END line/],
    [["serve", "0", "--cert", broken, "--key", key], /--cert .*broken\.pem: /],
    [["serve", "0", "--cert", cert, "--key", cert], /--key .*no "PRIVATE KEY"/],
    [["serve", "0", "--cert", cert, "--key", encryptedKey], /--key .*encrypted/],
    [["serve", "0", "--cert", cert, "--key", otherKey()], /private key is not that of the certificate "CN=localhost"/],
    [["serve", "0", "--self-signed", "not a name"], /"not a name".*neither a DNS name/],
  ]);
});

test("names what a certificate can't be judged by", async () => {
  const keys = workshop.write("keys.pem", workshop.keyPem + workshop.keyPem);
  const empty = workshop.write("empty.pem", "");
  const broken = workshop.write("broken_chain.pem", workshop.certPem + workshop.certPem.replace("MII", "MIJ"));
  const long = workshop.write("long.der", Uint8Array.of(0x30, 0x82, 0x0a, 0, 0x30, 3));
  const rules = workshop.write("rules.dat", "com\n..\n");
  const about = ["--name", "localhost", "--ca", ca];
  const missing = workshop.path("missing");
  await refuses([
    [["verify", missing, ...about], /verify .*missing: no such file/],
    [["verify", workshop.path("."), ...about], /verify .*: it is a directory/],
    [["verify", cert, keys, ...about], /verify .*keys\.pem: .*there is only "PRIVATE KEY", "PRIVATE KEY" in it/],
    [["verify", empty, ...about], /verify .*empty\.pem: .*neither PEM nor DER/],
    [
      ["verify", broken, ...about],
      /verify .*broken_chain\.pem: .*\(in the PEM block "CERTIFICATE" of line \d+\)|verify .*broken_chain\.pem: .*in line/,
    ],
    [["verify", cert, "--name", "localhost", "--ca", empty], /--ca .*empty\.pem: .*neither PEM nor DER/],
    [["verify", cert, "--name", "localhost", "--ca", missing], /--ca .*missing: no such file/],
    [["verify", cert, ...about, "--crl", cert], /--crl .*cert\.pem: .*no "X509 CRL"/],
    [["verify", cert, ...about, "--crl", missing], /--crl .*missing: no such file/],
    [["verify", cert, ...about, "--ocsp", cert], /--ocsp .*cert\.pem: it is no OCSP response in DER/],
    [["verify", cert, ...about, "--ocsp", long], /--ocsp .*long\.der: it is no OCSP response in DER/],
    [["verify", cert, ...about, "--ocsp", empty], /--ocsp .*empty\.pem: it is no OCSP response in DER/],
    [["verify", cert, ...about, "--pin", "sha256/abc"], /"sha256\/abc" as a pin: .*44 characters/],
    [["verify", cert, ...about, "--public-suffixes", rules], /--public-suffixes .*rules\.dat: .*line 2/],
    [["verify", cert, "--name", "a b", "--ca", ca], /"a b".*neither a DNS name/],
    [["connect", "localhost:1", "--ca", ca, "--crl", cert], /--crl .*cert\.pem: .*no "X509 CRL"/],
    [["connect", "localhost:1", "--ca", ca, "--pin", "x"], /"x" as a pin/],
  ]);
});

test("says why there is no TCP connection, and why a port can't be listened on", async () => {
  const busy = createServer().listen(0, "127.0.0.1");
  await once(busy, "listening");
  const taken = portOf(busy.address());
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const nobody = portOf(free.address());
  free.close();
  await once(free, "close");
  await refuses([
    [["connect", `127.0.0.1:${nobody}`], new RegExp(`cannot connect to 127\\.0\\.0\\.1:${nobody}: connection refused`)],
    [["connect", "no-such-host.invalid"], /cannot connect to no-such-host\.invalid:443: (unknown host|the name can't)/],
    [["serve", `${taken}`, "--self-signed", "localhost"], /cannot listen on 127\.0\.0\.1:\d+: the port is in use/],
    [
      ["serve", "0", "--cert", cert, "--key", key, "--host", "192.0.2.1"],
      /cannot listen on 192\.0\.2\.1:0: no such address/,
    ],
  ]);
  busy.close();
});

/** A key that belongs to another certificate. */
function otherKey(): string {
  const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
  const { privateKey } = issueSelfSigned({ provider: nobleProvider, names: ["other"], random, now: Date.now() });
  return workshop.write("other.pem", encodePem("PRIVATE KEY", encodePrivateKey(privateKey)));
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}

test.run();
