/**
 * The one door to the test runner (uvu), so that it can be swapped.
 * Adds what uvu lacks: a guard against tests that hang, skips with a printed reason, and the closing line.
 * @module
 */

import "./support/zero_env.ts";
import process from "node:process";
import { suite as uvuSuite } from "uvu";

export * as assert from "uvu/assert";

export interface Suite {
  /** Adds a test; its title is a sentence. */
  (title: string, body: () => void | Promise<void>): void;
  /** Counts a test as skipped and prints why. */
  skip(title: string, reason: string): void;
  /** Ends the suite: its tests run once all files are loaded. */
  run(): void;
}

const hangAfterMs = 120_000;
const count = { passed: 0, failed: 0, skipped: 0 };
const skips: string[] = [];

/** A group of tests, named after what it tests. */
export function suite(name: string): Suite {
  const inner = uvuSuite(name);
  const add = (title: string, body: () => void | Promise<void>): void =>
    inner(`${name} ${title}`, async () => {
      try {
        await settled(body());
        count.passed++;
      } catch (error) {
        count.failed++;
        // uvu itself breaks down on a thrown value that is no Error.
        throw error instanceof Error ? error : new Error(`a test threw ${String(error)}`);
      }
    });
  const skip = (title: string, reason: string): void => {
    inner.skip();
    count.skipped++;
    skips.push(`skipped: ${name} ${title} (${reason})`);
  };
  return Object.assign(add, { skip, run: () => inner.run() });
}

function settled(running: void | Promise<void>): Promise<void> {
  if (running === undefined) return Promise.resolve();
  let guard: ReturnType<typeof setTimeout> | undefined;
  const hang = new Promise<never>((_, reject) => {
    guard = setTimeout(() => reject(new Error(`the test hangs: not settled after ${hangAfterMs} ms`)), hangAfterMs);
  });
  return Promise.race([running, hang]).finally(() => clearTimeout(guard));
}

process.on("exit", () => {
  if (count.failed > 0 || count.passed === 0) process.exitCode = 1;
  for (const line of skips) console.log(line);
  console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
});
