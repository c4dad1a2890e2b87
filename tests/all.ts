/**
 * Every test that Node runs. In four processes at once, because most tests of adapters and pages wait. A line for each
 * suite that is over, so that it is seen to go on; all that a process said when something in it failed; at the end what
 * came of all.
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Of the runner: the suite's name, a dot for each test, how many passed and how many there are. */
const suiteLine = /^ (\S.*?) {2}.*\((\d+) \/ (\d+)\)\s*$/;
const parts = ["core.ts", "node.ts", "adapters.ts", "browser.ts"];
const results = await Promise.all(parts.map(run));
const skips = results.flatMap(({ text }) => text.match(/^skipped: .*$/gm) ?? []);
for (const line of skips) console.log(line);
const sum = (what: string): number =>
  results.reduce((total, { text }) => total + Number(new RegExp(`(\\d+) ${what}`).exec(lastLine(text))?.[1] ?? 0), 0);
const broken = results.filter(({ exitCode, text }) => exitCode !== 0 && !/[1-9]\d* failed/.test(lastLine(text)));
for (const { part } of broken) console.log(`tests/${part} broke off`);
const failed = sum("failed") + broken.length;
console.log(`${sum("passed")} passed, ${failed} failed, ${sum("skipped")} skipped`);
process.exitCode = failed > 0 ? 1 : 0;

interface Result {
  readonly part: string;
  readonly exitCode: number | null;
  readonly text: string;
}

function run(part: string): Promise<Result> {
  const path = fileURLToPath(new URL(part, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, path], { stdio: ["ignore", "pipe", "pipe"] });
  console.log(`tests/${part}: begins`);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk) => text += chunk);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [, suite, passed, all] = suiteLine.exec(line) ?? [];
    if (suite !== undefined) console.log(`tests/${part}: ${suite}, ${passed} of ${all}`);
  });
  return new Promise((resolve) =>
    child.on("close", (exitCode) => {
      console.log(exitCode === 0 ? `tests/${part}: ${lastLine(text)}` : `=== tests/${part}\n${text}`);
      resolve({ part, exitCode, text });
    })
  );
}

/** Of the harness: `N passed, N failed, N skipped`. */
function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
