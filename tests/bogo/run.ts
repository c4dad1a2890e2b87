/**
 * BoringSSL's test runner against the shim: `BOGO_RUNNER=/path/of/runner tsx tests/bogo/run.ts [flag of the runner …]`.
 * Shows the failures as the runner tells them, and at the end the score. Exit code 1 when a test fails, and where the
 * runner gives up. Without BOGO_RUNNER there is nothing to run, and that is said.
 * @module
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { resultsOf, scoreText, sum } from "./score.ts";

/** DTLS and QUIC are other protocols; there is no stack here that could be asked. */
const otherProtocols = "*DTLS*;*QUIC*";

const runner = process.env["BOGO_RUNNER"] ?? "";
if (runner === "") console.log("skipped: BoGo (BOGO_RUNNER names no built runner)");
else process.exitCode = runAll(runner) ? 0 : 1;

function runAll(runner: string): boolean {
  const extra = process.argv.slice(2);
  const results = resultsOf({
    roles: census(runner),
    output: run(runner, ["-shim-path", here("shim"), "-shim-config", here("config.json"), ...extra]),
    // Who asks for some tests isn't told of all others that they weren't run.
    isWhole: !extra.includes("-test"),
  });
  for (const { name, text } of results.filter(({ outcome }) => outcome === "failed")) console.log(`\n${name}: ${text}`);
  console.log(scoreText(results));
  return results.length > 0 && sum(results, { outcome: "failed" }) === 0;
}

/** The runner's tests with the roles in which they want the shim, in the runner's order. Runs none of them. */
function census(runner: string): ReadonlyMap<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "tlschart-bogo-"));
  try {
    const file = join(folder, "roles");
    const output = run(runner, ["-shim-path", here("census"), "-num-workers", "1"], { BOGO_CENSUS: file });
    const names = [...output.matchAll(/^UNIMPLEMENTED \((.+)\)$/gm)].map(([, name = ""]) => name);
    const roles = readFileSync(file, "utf8").trimEnd().split("\n");
    if (names.length !== roles.length) {
      throw new Error(`The runner named ${names.length} tests and ran ${roles.length}`);
    }
    return new Map(names.map((name, index) => [name, roles[index] ?? ""]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(runner: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const { stdout, stderr, error, signal } = spawnSync(
    runner,
    ["-allow-unimplemented", "-pipe", "-skip", otherProtocols, ...args],
    { encoding: "utf8", maxBuffer: 2 ** 28, env: { ...process.env, ...env } },
  );
  if (error !== undefined) throw error;
  if (signal !== null || stderr.includes("panic:")) throw new Error(`The runner broke off: ${signal ?? ""} ${stderr}`);
  return stdout;
}

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
