/**
 * `tlschart verify`: each option reaches the verdict, the verdict explains itself, and nothing in a certificate can spoil
 * the screen.
 * @module
 */

import { readFileSync } from "node:fs";
import { momentOf } from "../../adapters/cli/argument_values.ts";
import { parseArguments } from "../../adapters/cli/arguments.ts";
import type { Command } from "../../adapters/cli/options.ts";
import { usage } from "../../adapters/cli/usage.ts";
import { issueCertificateRevocationList, issueOcspResponse, issueSelfSigned, policies, spkiPin } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { type Finished, runCli } from "./run_cli.ts";
import { issuing, leafFile, now, scene, workshop } from "./verify_scene.ts";

const test = suite("cli verify");
const { provider } = issuing;
const { root, intermediate, leaf, chain } = scene;
const trusting = ["--ca", root.file, "--time", "2026-11-27"];
const server = [chain, ...trusting, "--name", "www.example.com"];

const verify = (...args: readonly string[]): Promise<Finished> => runCli(["verify", ...args]);

/** The last line on stdout, which is the verdict. */
function verdictOf({ stdout }: Finished): string {
  return stdout.trimEnd().split("\n").at(-1) ?? "";
}

/** A list of the CA that revokes these. */
function revocationList(name: string, ...serials: readonly Uint8Array[]): string {
  const revoked = serials.map((serialNumber) => ({ serialNumber, revokedAt: now, reason: "keyCompromise" }) as const);
  const options = { ...issuing, issuer: intermediate.authority, revoked };
  return workshop.write(name, issueCertificateRevocationList(options));
}

/** Without regard to where lines end. */
function squeezed(text: string): string {
  return text.replace(/\s+/g, " ");
}

test("takes every option of its help", () => {
  const words = "a.pem - --ca r.pem --ca s.pem --name www.example.com --email me@example.com --time 2026-11-27 " +
    "--policy WEBPKI --crl a.crl --crl b.crl --ocsp o.der --require-revocation-status --pin p --public-suffixes l.dat " +
    "--max-intermediates 0 --json";
  const expected: Command = {
    name: "verify",
    files: ["a.pem", "-"],
    ca: ["r.pem", "s.pem"],
    serverName: "www.example.com",
    anyName: false,
    emailAddress: "me@example.com",
    purpose: "serverAuth",
    time: Date.UTC(2026, 10, 27),
    policy: "webPki",
    crls: ["a.crl", "b.crl"],
    pins: ["p"],
    ocsp: "o.der",
    requireRevocationStatus: true,
    publicSuffixes: "l.dat",
    maxIntermediates: 0,
    json: true,
  };
  assert.equal(parseArguments(["verify", ...words.split(" ")]), expected);
  assert.equal(parseArguments(["verify", "a", "--client"]), {
    ...expected,
    files: ["a"],
    ca: [],
    serverName: undefined,
    emailAddress: undefined,
    purpose: "clientAuth",
    time: undefined,
    policy: "compatible",
    crls: [],
    pins: [],
    ocsp: undefined,
    requireRevocationStatus: false,
    publicSuffixes: undefined,
    maxIntermediates: undefined,
    json: false,
  });
  for (const policy of Object.keys(policies)) {
    const command = parseArguments(["verify", "a", "--any-name", "--policy", policy]);
    assert.equal([command.name, "policy" in command && command.policy], ["verify", policy]);
  }
  const help = usage("verify");
  for (const [option] of words.matchAll(/--\S+/g)) assert.match(help, new RegExp(`^  ${option}\\b`, "m"));
  assert.match(help, /^ {2}--any-name\b[^]*^ {2}--client\b/m);
  const page = readFileSync(new URL("../../docs/verify.md", import.meta.url), "utf8");
  for (const [option] of `${words} --any-name --client`.matchAll(/--\S+/g)) {
    assert.match(page, new RegExp(`^\\| \`${option}[ \`]`, "m"));
  }
});

test("reads times that say which moment they mean, and no others", () => {
  const noon = Date.UTC(2026, 10, 27, 12);
  const right: readonly (readonly [string, number])[] = [
    ["2026-11-27", noon - 12 * 3_600_000],
    ["2026-11-27T12:00:00Z", noon],
    ["2026-11-27T12:00Z", noon],
    ["2026-11-27T13:00:00+01:00", noon],
    ["2026-11-27T12:00:00.5Z", noon + 500],
    [`@${noon / 1000}`, noon],
    ["@0", 0],
    ["@-1", -1000],
    ["2028-02-29", Date.UTC(2028, 1, 29)],
  ];
  for (const [text, time] of right) assert.is(momentOf("time", text), time, text);
  const wrong = [
    "",
    "now",
    "2026-02-30",
    "2026-13-01",
    "2026-11-27T12:00:00",
    "2026-11-27 12:00Z",
    "27.11.2026",
    "@",
    "@1.5",
  ];
  for (const text of [...wrong, "1795780800", "2026-11-27T25:00:00Z", "@1e3", "2026-11-27T12:00:00Z "]) {
    assert.throws(() => momentOf("time", text), /--time needs a time such as 2026-11-27/, text);
  }
});

test("explains an accepted certificate: the path, each check with its rule, the same for all certificates", async () => {
  const finished = await verify(...server);
  const { exitCode, stdout, stderr } = finished;
  assert.equal([exitCode, stderr], [0, ""]);
  const told = [...stdout.matchAll(/^ {4}(\d) {2}(\S+(?: \S+)?) +(CN=.*)$/gm)].map(([, ...words]) => words.join(" "));
  assert.equal(told, [
    "1 certificate CN=www.example.com",
    "2 intermediate CN=Verify CA",
    "3 trust anchor CN=Verify root",
  ]);
  assert.match(stdout, /^ {4}for +www\.example\.com, \*\.co\.uk, 192\.0\.2\.1, 2001:db8::1, email me@example\.com$/m);
  assert.match(stdout, /^ {4}valid +2026-11-01T00:00:00Z until 2026-12-31T00:00:00Z$/m);
  assert.match(
    stdout,
    /^ {4}✓ validity +it is valid from 2026-11-01T00:00:00\.000Z until 2026-12-31T00:00:00\.000Z,\n/m,
  );
  assert.is(
    squeezed(stdout).match(/✓ signature its [^✓]*"CN=Verify (?:CA|root)" \(RFC 5280 §6\.1\.3 \(a\) \(1\)\)/g)?.length,
    2,
  );
  assert.match(stdout, /^ {4}✓ name +it is for "www\.example\.com" \(RFC 9525 §6\)$/m);
  assert.match(stdout, /^ {4}✓ demands +of the policy compatible: leafDigitalSignature \(RFC 5246 §7\.4\.2\)$/m);
  assert.match(stdout, /^ {4}timestamps +1 SCT, not verified:\n +2026-11-01T00:00:00\.000Z, log (?:q6ur){10}q6s=$/m);
  assert.not.match(stdout, /✗/);
  assert.is(
    verdictOf(finished),
    "accepted: CN=www.example.com; the same verdict from 2026-11-01T00:00:00Z until 2026-12-31T00:00:00Z",
  );
  // Names of files, and the verdict, stay on one line.
  for (const line of stdout.replaceAll(chain, "chain.pem").trimEnd().split("\n").slice(0, -1)) {
    assert.ok(line.length <= 100, line);
  }
  const bad = await verify(...server, "--policy", "webPki", "--time", "2027-01-01");
  assert.match(
    bad.stdout,
    /^ {4}✗ validity +it was valid until 2026-12-31T00:00:00\.000Z, and it is\n +2027-01-01T00/m,
  );
});

test("each option reaches the verdict", async () => {
  const response = (status: "good" | "unknown"): string => {
    const certificate = leaf.certificate;
    return workshop.write(
      `${status}.ocsp`,
      issueOcspResponse({ ...issuing, issuer: intermediate.authority, certificate, status }),
    );
  };
  const suffixes = workshop.write("suffixes.dat", "uk\nco.uk\n");
  const [self] = issueSelfSigned({ ...issuing, names: ["self.example"] }).chain;
  const own = workshop.write("self.der", self);
  const pin = spkiPin(intermediate.certificate, provider.hashes);
  const { stapling, client, missing } = scene;
  const crls = [revocationList("empty.crl"), revocationList("full.crl", leaf.certificate.serialNumber)] as const;
  const cases: readonly (readonly [args: readonly string[], verdict: RegExp])[] = [
    [[...server, "--time", "2027-01-01"], /^refused: .*it was valid until 2026-12-31/],
    [[...server, "--name", "192.0.2.1"], /^accepted/],
    [[...server, "--name", "other.example"], /^refused: .*it is not for "other\.example"/],
    [[...server, "--email", "me@example.com"], /^accepted/],
    [[...server, "--email", "you@example.com"], /^refused: .*it is not for "you@example\.com"/],
    [[chain, ...trusting, "--any-name"], /^accepted: CN=www\.example\.com, whatever its name/],
    [[chain, ...trusting, "--client"], /^refused: .*clientAuth/],
    [[client, intermediate.file, ...trusting, "--client"], /^accepted/],
    [[chain, "--time", "2026-11-27", "--any-name"], /^refused: .*neither a trust anchor nor/],
    [[...server, "--crl", crls[0]], /^accepted/],
    [[...server, "--crl", crls[0], "--crl", crls[1]], /^refused: .*revoked/],
    [[...server, "--ocsp", response("good")], /^accepted/],
    [[...server, "--ocsp", response("unknown")], /^refused: .*doesn't know the certificate/],
    [[...server, "--require-revocation-status"], /^refused: .*nothing says whether it was revoked/],
    [[stapling, intermediate.file, ...server.slice(1)], /^refused: .*must-staple.* there is none/],
    [[...server, "--pin", pin], /^accepted/],
    [[...server, "--pin", "00".repeat(32)], /^refused: .*none of the path's keys is pinned/],
    [[...server, "--pin", "00".repeat(32), "--pin", pin], /^accepted/],
    [[...server, "--max-intermediates", "0"], /^refused: .*more than 0 intermediates/],
    [[...server, "--name", "a.co.uk"], /^accepted/],
    [[...server, "--name", "a.co.uk", "--public-suffixes", suffixes], /^refused: .*not for "a\.co\.uk"/],
    [[own, "--ca", own, "--time", "2026-11-27", "--name", "self.example"], /^accepted/],
    [[own, "--ca", own, "--time", "2026-11-27", "--name", "self.example", "--policy", "rfc5280"], /^refused/],
    [[leaf.file, "--ca", root.file, "--ca", intermediate.file, ...server.slice(3)], /^accepted/],
    [[missing, ...trusting, "--name", "www.example.com"], /^refused: .*its issuer "CN=Verify CA" is neither/],
  ];
  for (const [args, verdict] of cases) {
    const finished = await verify(...args);
    assert.match(verdictOf(finished), verdict);
    const isAccepted = verdictOf(finished).startsWith("accepted");
    assert.equal([finished.exitCode, finished.stderr], [isAccepted ? 0 : 1, ""], args.join(" "));
    assert.is(finished.stdout.match(/^ +✗ /gm)?.length ?? 0, isAccepted ? 0 : 1, finished.stdout);
  }
});

test("says what would help where an issuer is missing, and that nothing was fetched", async () => {
  const { stdout } = await verify(scene.missing, "--any-name", "--time", "2026-11-27");
  const keyIdentifier = Buffer.from(intermediate.certificate.subjectKeyIdentifier ?? []).toString("hex");
  assert.match(stdout, /^ {4}missing +the certificate of CN=Verify CA$/m);
  assert.match(stdout, new RegExp(`^ {4} {2}key identifier +${keyIdentifier}$`, "m"));
  assert.match(stdout, /^ {4} {2}offered at +http:\/\/ca\.example\/ca\.crt$/m);
  assert.match(stdout, /^ {4} {2}give it +as another FILE, .*nothing was fetched$/m);
  assert.match(stdout, /^ {4}to trust another CA --ca FILE$/m);
  assert.not.match((await verify(...server, "--name", "x.example")).stdout, /missing|--ca FILE/);
});

test("says at an issuer what is wrong with it", async () => {
  const { stdout } = await verify(leaf.file, scene.expiredIntermediate, ...trusting, "--any-name");
  assert.match(
    squeezed(stdout),
    /2 intermediate CN=Verify CA in \S*expired_ca\.pem .* ✗ validity it was valid until 2026-11-02/,
  );
});

test("tells the demands of a policy once, and which one isn't met", async () => {
  const { exitCode, stdout } = await verify(...server, "--policy", "webPki", "--name", "192.0.2.1");
  assert.is(exitCode, 0, stdout);
  assert.match(
    stdout,
    /^ {4}✓ demands +of the policy webPki: version \(RFC 5280 §4\.1\.2\.1\), serialNumber\n +\(RFC/m,
  );
  assert.is(stdout.match(/^ {4}✓ demands +of the policy webPki: \d+ of those before$/gm)?.length, 1);
  assert.is(
    stdout.match(/^ {4}✓ demands +of the policy webPki: \d+ of those before, and trustAnchorIdentifiers/gm)?.length,
    1,
  );
  const options = { ...issuing, issuer: intermediate.authority, names: ["www.example.com"] };
  const { file } = leafFile("any_purpose.pem", { ...options, omittedExtensions: ["extendedKeyUsage"] });
  const anyPurpose = [file, intermediate.file, ...server.slice(1)];
  assert.is((await verify(...anyPurpose)).exitCode, 0);
  const unmet = (await verify(...anyPurpose, "--policy", "webPki")).stdout;
  assert.match(unmet, /^ {4}✗ leafExtendedKeyUsage\n {24}it has no extendedKeyUsage \(BR §7\.1\.2\.7\.10\)$/m);
  assert.match(squeezed(unmet), /✓ demands of the policy webPki: [^✓]* ✗/);
});

test("reads stdin for the file -, and files in DER", async () => {
  const args = server.slice(1);
  const piped = await runCli(["verify", "-", ...args], { stdin: scene.pem });
  assert.equal([piped.exitCode, piped.stderr], [0, ""]);
  assert.match(piped.stdout, /^stdin, number 1: is it to be trusted/);
  const der = [
    workshop.write("leaf.der", leaf.certificate.der),
    workshop.write("ca.der", intermediate.certificate.der),
  ];
  assert.is((await verify(...der, ...args)).exitCode, 0);
  const noise = await runCli(["verify", "-", ...args], { stdin: "depth=1\n" });
  assert.equal([noise.exitCode, noise.stdout, noise.lines.length], [2, "", 1]);
  assert.match(noise.stderr, /^tlschart: verify stdin: Cannot load certificates: /);
});

test.run();
