/**
 * The files of Project Wycheproof, and how outcomes are counted: what is valid must be accepted, what is invalid refused;
 * the rest is policy. Each vector has one outcome, the outcomes are counted, and a table says what the counts must be.
 * The files are not part of the repository; they are read from the folder beside it, where there is one.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { assert, type Suite } from "../harness.ts";
import { hex } from "../unit/crypto/fixtures.ts";

const folder = new URL("../../../shared/vectors/wycheproof/", import.meta.url);

/** `wrong` is never right: another secret, another plaintext. */
export type Outcome = "accepted" | "refused" | "wrong" | "left out";

/** How many vectors have each result and outcome: `valid accepted`, `acceptable refused: CompressedPoint` … */
export type Outcomes = Readonly<Record<string, number>>;

export interface Expectation {
  /** Without `_test.json`. */
  readonly file: string;
  readonly outcomes: Outcomes;
}

export type Fields = Readonly<Record<string, unknown>>;

export interface Vector extends Fields {
  readonly tcId: number;
  readonly flags: readonly string[];
  readonly result: "valid" | "invalid" | "acceptable";
}

export interface Group extends Fields {
  readonly type: string;
  readonly publicKey: Fields;
  readonly tests: readonly Vector[];
}

export interface File {
  readonly algorithm: string;
  readonly testGroups: readonly Group[];
}

/** The names of all files at hand, without `_test.json`; `undefined` without the folder. */
export function filesAtHand(): readonly string[] | undefined {
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder).filter((name) => name.endsWith("_test.json")).map((name) => name.slice(0, -10)).sort();
}

/** A test for each file: its outcomes are the expected ones. */
export function testFiles(
  test: Suite,
  expectations: readonly Expectation[],
  outcomeOf: (file: File, group: Group, vector: Vector) => Outcome,
): void {
  for (const { file, outcomes } of expectations) {
    const path = new URL(`${file}_test.json`, folder);
    const title = `${file} accepts what is valid and refuses what is not`;
    if (!existsSync(path)) {
      test.skip(title, `${path.pathname} is missing`);
      continue;
    }
    test(title, () => {
      const content: File = JSON.parse(readFileSync(path, "utf8"));
      assert.equal(countedOutcomes(content, (group, vector) => outcomeOf(content, group, vector)), outcomes);
    });
  }
}

export function bytes(fields: Fields, name: string): Uint8Array {
  const value = fields[name];
  if (typeof value !== "string") throw new Error(`the vector has no ${name}`);
  return hex(value);
}

export function hashOf(group: Group): string {
  return String(group["sha"]).replace("-", "").toLowerCase();
}

function countedOutcomes({ testGroups }: File, outcomeOf: (group: Group, vector: Vector) => Outcome): Outcomes {
  const counts: Record<string, number> = {};
  for (const group of testGroups) {
    for (const vector of group.tests) {
      const what = outcomeText(vector, outcomeOf(group, vector));
      counts[what] = (counts[what] ?? 0) + 1;
    }
  }
  return counts;
}

const decisiveFlags = ["ZeroSharedSecret", "CompressedPoint", "MissingNull"];

/** What is wrong for sure shows its number, so that a failure says where to look. */
function outcomeText({ tcId, result, flags }: Vector, outcome: Outcome): string {
  if (outcome === "left out") return outcome;
  if (outcome === "wrong" || (result === "invalid" && outcome === "accepted")) {
    return `test ${tcId}: ${result} ${outcome}`;
  }
  const why = result === "acceptable" ? flags.find((flag) => decisiveFlags.includes(flag)) : undefined;
  return why === undefined ? `${result} ${outcome}` : `${result} ${outcome}: ${why}`;
}
