/**
 * What came of the runner's tests, counted by the role of the shim.
 * @module
 */

export type Outcome = "passed" | "failed" | "disabled" | "unimplemented";

export interface Result {
  readonly name: string;
  /** The role in which the test wants the shim. */
  readonly role: string;
  readonly outcome: Outcome;
  /** What the runner says of a failure. */
  readonly text: string;
}

const outcomes: readonly Outcome[] = ["passed", "failed", "disabled", "unimplemented"];
const words: Readonly<Record<string, Outcome>> = {
  PASSED: "passed",
  FAILED: "failed",
  UNIMPLEMENTED: "unimplemented",
};

/**
 * Reads what the runner prints with `-pipe`: a line for each test, and after that of a failed one what went wrong. A test
 * that isn't there was disabled, or wasn't asked for when the run isn't `isWhole`.
 */
export function resultsOf(
  { roles, output, isWhole }: {
    readonly roles: ReadonlyMap<string, string>;
    readonly output: string;
    readonly isWhole: boolean;
  },
): readonly Result[] {
  const told = output.split(/^(?=(?:PASSED|FAILED|UNIMPLEMENTED) \()/m).flatMap((part) => {
    const [, word = "", name = "", text = ""] = /^(\w+) \((.+)\)\n([^]*)$/.exec(part) ?? [];
    const outcome = words[word];
    return outcome === undefined ? [] : [{ name, role: roles.get(name) ?? "unknown", outcome, text: text.trim() }];
  });
  if (!isWhole) return told;
  const names = new Set(told.map(({ name }) => name));
  const disabled = [...roles].filter(([name]) => !names.has(name));
  return [...told, ...disabled.map(([name, role]): Result => ({ name, role, outcome: "disabled", text: "" }))];
}

interface Wanted {
  readonly role?: string | undefined;
  readonly outcome?: Outcome | undefined;
}

/** How many results are like this. */
export function sum(results: readonly Result[], { role, outcome }: Wanted): number {
  return results.filter((each) => (role ?? each.role) === each.role && (outcome ?? each.outcome) === each.outcome)
    .length;
}

/** A table, and below it the names of the tests that failed. */
export function scoreText(results: readonly Result[]): string {
  const roles = [...new Set(results.map(({ role }) => role))].sort();
  const row = (title: string, cells: readonly (string | number)[]): string =>
    title.padEnd(10) + cells.map((cell) => String(cell).padStart(15)).join("");
  const rows = [...roles, undefined].map((role) =>
    row(role ?? "all", [...outcomes.map((outcome) => sum(results, { role, outcome })), sum(results, { role })])
  );
  const failed = results.filter(({ outcome }) => outcome === "failed").map(({ name }) => `failed: ${name}`);
  return ["", row("BoGo", [...outcomes, "all"]), ...rows, ...failed].join("\n");
}
