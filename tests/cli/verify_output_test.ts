/**
 * What `tlschart verify` prints where programs read it, and where a certificate would like to spoil the screen.
 * @module
 */

import { readFileSync } from "node:fs";
import { serialText } from "../../adapters/cli/certificate_facts.ts";
import { spkiPin } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { type Finished, runCli } from "./run_cli.ts";
import { issuing, leafFile, scene } from "./verify_scene.ts";

const test = suite("cli verify output");
const { root, intermediate, leaf, chain } = scene;
const { provider } = issuing;
const trusting = ["--ca", root.file, "--time", "2026-11-27"];
const server = [chain, ...trusting, "--name", "www.example.com"];

const verify = (...args: readonly string[]): Promise<Finished> => runCli(["verify", ...args]);

test("tells a verdict as JSON with fields that stay", async () => {
  const { exitCode, stdout, stderr } = await verify(...server, "--json");
  assert.equal([exitCode, stderr], [0, ""]);
  const verdict = JSON.parse(stdout);
  const fields = "accepted error asked path checks work holdsFrom holdsUntil";
  assert.is(Object.keys(verdict).join(" "), fields);
  assert.equal([verdict.accepted, verdict.error, verdict.path.length], [true, null, 3]);
  assert.equal(verdict.asked, {
    name: "www.example.com",
    email: null,
    purpose: "serverAuth",
    time: "2026-11-27T00:00:00.000Z",
    policy: "compatible",
  });
  const [first] = verdict.path;
  assert.equal(first.subjectAltName[3], { type: "iPAddress", name: "2001:db8::1" });
  assert.equal(first.timestamps, [{
    version: 1,
    log: Buffer.alloc(32, 0xab).toString("base64"),
    time: "2026-11-01T00:00:00.000Z",
  }]);
  const { isTrustAnchor, index, from, subject, issuer, serialNumber, notBefore, notAfter, key, pin } = first;
  assert.equal(
    [isTrustAnchor, index, from, subject, issuer, notBefore, notAfter, key, pin],
    [
      ...[false, 0, `${chain}, number 1`, "CN=www.example.com", "CN=Verify CA"],
      ...["2026-11-01T00:00:00.000Z", "2026-12-31T00:00:00.000Z", "EC secp256r1"],
      spkiPin(leaf.certificate, provider.hashes),
    ],
  );
  assert.is(
    serialNumber,
    BigInt(`0x${Buffer.from(leaf.certificate.serialNumber).toString("hex")}`).toString(16).padStart(
      serialNumber.length,
      "0",
    ),
  );
  assert.equal([verdict.path[2].isTrustAnchor, verdict.path[2].from], [true, root.file]);
  assert.equal(Object.keys(verdict.checks[0]), ["step", "check", "rule", "holds", "text"]);
  assert.equal(verdict.work, { signatureChecks: 2, issuersTried: 2, nameComparisons: 0 });
  const refused = await verify(scene.missing, "--any-name", "--time", "2026-11-27", "--json");
  assert.is(refused.exitCode, 1);
  const { error } = JSON.parse(refused.stdout);
  assert.equal([error.check, error.code, error.index, error.alert], [
    "path",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    0,
    "unknown_ca",
  ]);
  assert.equal([error.missingIssuer.issuer, error.missingIssuer.urls], ["CN=Verify CA", ["http://ca.example/ca.crt"]]);
});

test("has no field in JSON that docs/verify.md doesn't name", async () => {
  const page = readFileSync(new URL("../../docs/verify.md", import.meta.url), "utf8");
  const [, fields = ""] = page.split("## Fields of the JSON");
  for (const args of [server, [scene.missing, "--any-name", "--time", "2026-11-27"]]) {
    for (const name of namesIn(JSON.parse((await verify(...args, "--json")).stdout))) {
      assert.match(fields, new RegExp(`\`(?:\\w+(?:\\[\\])?\\.)?${name}\``), name);
    }
  }
});

function namesIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)]);
}

/** Raises the cursor, colours the screen, ends the line, turns the text around, and says what isn't so. */
const nasty = "\u001b[31m\u009b2J\r\naccepted: \u202e\u2028\u{e0001}";

test("lets no certificate spoil the screen, or a program's reader", async () => {
  const ascii = nasty.replace(/[^\0-\x7f]/gu, "\x7f");
  const text = (tag: number, value: string): readonly number[] => [tag, value.length, ...Buffer.from(value, "latin1")];
  const names = [...text(0x82, `${ascii}.example`), ...text(0x81, `${ascii}@x`), ...text(0x86, `http://x/${ascii}`)];
  const value = Uint8Array.of(0x30, names.length, ...names);
  const url = [0x06, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2, ...text(0x86, `http://x/${ascii}`)];
  const description = [0x30, url.length, ...url];
  const access = {
    oid: "1.3.6.1.5.5.7.1.1",
    critical: false,
    value: Uint8Array.of(0x30, description.length, ...description),
  };
  const file = leafFile("nasty.pem", {
    ...issuing,
    issuer: intermediate.authority,
    names: ["www.example.com"],
    subject: [{ type: "O", value: nasty }],
    extensions: [{ oid: "2.5.29.17", critical: false, value }, access],
  }).file;
  const nameless = leafFile("nameless.pem", {
    ...issuing,
    issuer: intermediate.authority,
    names: ["www.example.com"],
    subject: { der: Uint8Array.of(0x30, 0) },
    extensions: [{ oid: "2.5.29.17", critical: true, value }],
  }).file;
  for (const leaf of [file, nameless]) {
    for (const others of [[intermediate.file, "--name", "www.example.com"], ["--any-name"], ["--any-name", "--json"]]) {
      const { stdout, exitCode, stderr } = await verify(leaf, ...others, ...trusting);
      assert.equal([exitCode, stderr], [1, ""]);
      assert.not.match(stdout.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.not.match(stdout, /^accepted/m);
      if (others.includes("--json")) {
        assert.is(JSON.parse(stdout).path[0].subjectAltName[0].name, `${ascii}.example`);
      } else assert.match(stdout, /\\u001b\[31m/);
    }
  }
});

test("escapes in JSON as JSON does, also characters beyond the first 65536", async () => {
  const options = { ...issuing, issuer: intermediate.authority, names: ["www.example.com"] };
  const { file } = leafFile("\u{e0001}\u202e.pem", options);
  const { stdout } = await verify(file, intermediate.file, ...trusting, "--any-name", "--json");
  assert.match(stdout, /"from": "[^"]*\\udb40\\udc01\\u202e\.pem"/);
  assert.is(JSON.parse(stdout).path[0].from, file);
});

test("quotes a name that would look like several", async () => {
  const name = "a.example, b.example";
  const value = Uint8Array.of(0x30, name.length + 2, 0x82, name.length, ...Buffer.from(name));
  const extensions = [{ oid: "2.5.29.17", critical: false, value }];
  const { file } = leafFile("two.pem", { ...issuing, issuer: intermediate.authority, names: ["x"], extensions });
  assert.match((await verify(file, ...trusting, "--any-name")).stdout, /^ {4}for +"a\.example, b\.example"$/m);
});

test("cuts short what is long, and says how much there is", async () => {
  const names = Array.from({ length: 90 }, (_, index) => `host${index}.example.com`);
  const file = leafFile("many.pem", { ...issuing, issuer: intermediate.authority, names }).file;
  const { stdout, exitCode } = await verify(file, intermediate.file, ...trusting, "--name", "host89.example.com");
  assert.is(exitCode, 0);
  assert.match(stdout.replace(/\s+/g, " "), / for host0\.example\.com, .* host7\.example\.com, … and 82 more valid /);
  const long = Array.from({ length: 9000 }, () => "a").join("");
  const [length, outer] = [long.length, long.length + 4].map((size) => [0x82, size >> 8, size & 255]);
  const value = Uint8Array.of(0x30, ...outer ?? [], 0x82, ...length ?? [], ...Buffer.from(long));
  const extensions = [{ oid: "2.5.29.17", critical: false, value }];
  const longFile = leafFile("long.pem", { ...issuing, issuer: intermediate.authority, names: ["x"], extensions }).file;
  const told = await verify(longFile, intermediate.file, ...trusting, "--name", "www.example.com");
  for (const line of told.stdout.split("\n")) assert.ok(line.length < 1500, `${line.length}`);
  assert.match(told.stdout, /a{253}…\s+\(9000 characters\)/);
});

test("shows a serial number as the number that it is", () => {
  const cases: readonly (readonly [readonly number[], string])[] = [
    [[1], "01"],
    [[0, 0xff], "ff"],
    [[0xff], "-01"],
    [[0], "00"],
    [[0x0a, 0xbc], "0abc"],
    [[0x80, 0], "-8000"],
  ];
  for (const [bytes, text] of cases) {
    assert.is(serialText(Uint8Array.from(bytes)), text);
  }
});

test.run();
