/**
 * The demo, as a person runs it.
 * @module
 */

import { readFileSync } from "node:fs";
import { assert, suite } from "../harness.ts";
import { openWorkshop, runCli, spawnCli } from "./run_cli.ts";

const test = suite("cli demo");
const workshop = openWorkshop();

const steps = [
  "Client Hello",
  "Server Hello",
  "Server Certificate",
  "Server Key Exchange",
  "Server Hello Done",
  "Client Key Exchange",
  "Both compute the same Pre-Master Secret",
  "Master Secret and Session Keys",
  "Client Change Cipher Spec and Finished",
  "Server Change Cipher Spec and Finished",
  "Encrypted HTTP request and response",
];

test("tells the eleven steps of a handshake over TCP, with one HTTPS request, and keeps the secrets", async () => {
  const keyLog = workshop.path("demo_keys.txt");
  const { exitCode, stdout, stderr } = await spawnCli(["--keylog", keyLog]).finished;
  assert.is(stderr, "");
  assert.is(exitCode, 0);
  const headlines = stdout.split("\n").filter((line) => /^ [ 1]\d {2}.* \d+(\.\d+)? ms$/.test(line));
  assert.equal(
    headlines.map((line) => line.slice(1, 47).trim()),
    steps.map((title, index) => `${`${index + 1}`.padStart(2)}  ${title}`.trim()),
  );
  for (const line of stdout.split("\n")) assert.ok(line.length <= 100 && !line.includes("\x1b"), line);
  assert.match(stdout, /^Summary$/m);
  assert.match(stdout, /GET \/hello HTTP\/1\.1/);
  assert.match(stdout, /HTTP\/1\.1 200 OK/);
  assert.match(stdout, /on the wire +17 ?03 ?03/);
  assert.is(stdout.match(/yes, byte for byte/g)?.length, 2);
  assert.match(stdout, /client closed, server closed/);

  const [, clientRandom = "", masterSecret = ""] = readFileSync(keyLog, "utf8").trim().split(" ");
  assert.ok(stdout.includes(clientRandom), "the client random is that of the key log");
  const unbroken = stdout.replace(/\s+/g, "");
  assert.ok(unbroken.includes(`${masterSecret.slice(0, 4)}…48bytes,wholewith--secrets`));
  assert.not.ok(unbroken.includes(masterSecret.slice(0, 12)));
});

test("shows the secrets whole with --secrets, and honours SSLKEYLOGFILE and the lists of suites and groups", async () => {
  const keyLog = workshop.path("demo_keys_2.txt");
  const suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
  const { exitCode, stdout } = await runCli([
    "demo",
    "--secrets",
    "--ciphers",
    suite,
    "--groups",
    "secp384r1,secp256r1",
  ], {
    env: { SSLKEYLOGFILE: keyLog },
  });
  assert.is(exitCode, 0);
  const [, , masterSecret = ""] = readFileSync(keyLog, "utf8").trim().split(" ");
  assert.is(masterSecret.length, 96);
  assert.ok(stdout.replace(/\s+/g, "").includes(masterSecret));
  assert.match(stdout, new RegExp(`chosen suite +${suite}`));
  assert.match(stdout, /curve +secp384r1/);
  assert.not.match(stdout, /whole with --secrets/);
});

test("refuses suites and groups that its own certificate can't serve, before anything begins", async () => {
  for (const args of [["--ciphers", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"], ["--groups", "x25519"]]) {
    const { exitCode, stdout, lines } = await runCli(args);
    assert.equal([exitCode, stdout, lines.length], [2, "", 1]);
    assert.match(lines[0] ?? "", /certificate|credential/);
  }
});

test("ends without a word when nobody reads on", async () => {
  const { child, finished } = spawnCli([]);
  child.stdout.destroy();
  const { stderr } = await finished;
  assert.is(stderr, "");
});

test.run();
