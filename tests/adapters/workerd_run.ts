/**
 * Runs tests inside workerd, and ends with a line that counts them: `npx tsx tests/adapters/workerd_run.ts`.
 * Only some of them: `… workerd_run.ts sockets "reads on"`.
 */
import process from "node:process";
import { startBroker } from "./workerd/broker.ts";
import { startExample } from "./workerd/example.ts";
import { startWorkerd } from "./workerd/launch.ts";

/** Tests that workerd's sockets can't hold, by their whole title, and why. */
const cannotHold: ReadonlyMap<string, string> = new Map([[
  "tlschart/streams over cloudflare:sockets can be aborted by its writable while a write waits for a peer that doesn't read",
  "a socket that waits to write stays open until its request is over",
]]);
const folders = ["core", "memory", "sockets"];

const hangAfterMs = 120_000;
const [, , only, word = ""] = process.argv;
const count = { passed: 0, failed: 0, skipped: 0 };
const workerd = await startWorkerd("worker.ts");
const broker = await startBroker();
for (const folder of folders.filter((name) => only === undefined || only === name)) await runAll(folder);
broker.close();
workerd.stop();
if (only === undefined || only === "example") await runExample();
console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
// node:tls over a WebSocket whose worker was ended may keep Node 20 busy for ever.
process.exit(count.failed > 0 || count.passed === 0 ? 1 : 0);

async function runAll(folder: string): Promise<void> {
  console.log(`\n=== ${folder}`);
  const { titles, skips } = await (await fetch(`${workerd.url}${folder}?broker=${broker.port}`)).json() as Listing;
  for (const skipped of skips) skip(skipped);
  for (const [number, title] of titles.entries()) {
    if (!title.includes(word)) continue;
    const reason = cannotHold.get(title);
    if (reason === undefined) await run(title, () => runInWorkerd(`${folder}/${number}`));
    else skip(`skipped: ${title} (${reason})`);
  }
}

interface Listing {
  readonly titles: readonly string[];
  readonly skips: readonly string[];
}

async function runInWorkerd(path: string): Promise<void> {
  const answer = await fetch(`${workerd.url}${path}`, { signal: AbortSignal.timeout(hangAfterMs) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
}

async function runExample(): Promise<void> {
  console.log("\n=== example");
  const example = await startExample();
  for (const [title, body] of example.tests) {
    if (title.includes(word)) await run(`examples/workerd_fetch.ts ${title}`, body);
  }
  example.stop();
}

async function run(title: string, body: () => Promise<void>): Promise<void> {
  try {
    await body();
    count.passed++;
    console.log(`passed: ${title}`);
  } catch (error) {
    count.failed++;
    console.log(`FAILED: ${title}\n${error instanceof Error ? error.message : String(error)}`);
  }
}

function skip(line: string): void {
  count.skipped++;
  console.log(line);
}
