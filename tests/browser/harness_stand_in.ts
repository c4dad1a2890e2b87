/**
 * In place of tests/harness.ts inside a browser: collects the tests, and runs them one after another when it is asked to.
 * @module
 */

export * as assert from "uvu/assert";

interface Collected {
  readonly title: string;
  readonly body: () => void | Promise<void>;
}

/** How one test came out; `error` is its stack. */
export interface Result {
  readonly title: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly error?: string;
}

const hangAfterMs = 120_000;
const collected: Collected[] = [];

export interface Suite {
  (title: string, body: () => void | Promise<void>): void;
  skip(title: string, reason: string): void;
  run(): void;
}

export function suite(name: string): Suite {
  const add = (title: string, body: () => void | Promise<void>): void =>
    void collected.push({ title: `${name} ${title}`, body });
  return Object.assign(add, { skip: () => {}, run: () => {} });
}

/** `reasonToSkip` says why a test can't run here; `undefined` runs it. */
export async function runCollected(
  report: (result: Result) => void,
  reasonToSkip: (title: string) => string | undefined = () => undefined,
): Promise<void> {
  for (const { title, body } of collected) {
    const reason = reasonToSkip(title);
    if (reason !== undefined) report({ title, outcome: "skipped", error: reason });
    else report(await resultOf(title, body));
  }
}

async function resultOf(title: string, body: () => void | Promise<void>): Promise<Result> {
  let guard: ReturnType<typeof setTimeout> | undefined;
  const hang = new Promise<never>((_, reject) => {
    guard = setTimeout(() => reject(new Error(`the test hangs: not settled after ${hangAfterMs} ms`)), hangAfterMs);
  });
  try {
    await Promise.race([body(), hang]);
    return { title, outcome: "passed" };
  } catch (error) {
    return {
      title,
      outcome: "failed",
      error: error instanceof Error
        ? `${error.message}\n${"details" in error ? error.details : ""}\n${error.stack}`
        : String(error),
    };
  } finally {
    clearTimeout(guard);
  }
}
