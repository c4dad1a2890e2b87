/** Stands in for tests/harness.ts inside a worker: it only keeps the tests, and each one runs in a request of its own. */
import type { Suite } from "../../harness.ts";

export * as assert from "uvu/assert";

interface Test {
  readonly title: string;
  readonly body: () => void | Promise<void>;
}

export const tests: Test[] = [];
export const skips: string[] = [];

export function suite(name: string): Suite {
  const add = (title: string, body: () => void | Promise<void>): void =>
    void tests.push({ title: `${name} ${title}`, body });
  const skip = (title: string, reason: string): void => void skips.push(`skipped: ${name} ${title} (${reason})`);
  return Object.assign(add, { skip, run: () => {} });
}
