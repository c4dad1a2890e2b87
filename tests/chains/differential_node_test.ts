/**
 * Certification paths before three judges: us, OpenSSL and Go. Every defect by itself, at each place where it can be; then
 * random chains with none or one. Whatever the judges don't agree about is explained in a table, or fails.
 * More of them: `npx tsx tests/chains/run.ts`.
 */
import fc from "fast-check";
import { assert, suite } from "../harness.ts";
import { compare, differenceText } from "./compare.ts";
import type { Defect } from "./defect.ts";
import { defects } from "./defects.ts";
import { differencesOfDefects } from "./differences_of_defects.ts";
import type { Place } from "./draft.ts";
import { Judges, missing } from "./judges.ts";
import { ourVerdict } from "./our_verdict.ts";
import { constraintPlans, healthyPlan, wantedPlans } from "./pairs.ts";
import { type ChainPlan, chainPlans } from "./plan.ts";
import { defectsOf, sceneOf } from "./random_chain.ts";

const test = suite("certification paths before three judges");
const judges = new Judges();

/** Each defect at each of its places: on the upper one of the two authorities, because there is one below it then. */
const each: readonly { readonly defect: Defect; readonly place: Place; readonly plan: ChainPlan }[] = defects.flatMap(
  (defect, number) =>
    defect.places.map((place) => {
      const candidates = [0, 1, 2, 3].map((at) => ({ ...healthyPlan, defects: [{ defect: number, at }] }));
      const placeOf = (candidate: ChainPlan): number =>
        defectsOf(candidate).find((placed) => placed.place === place)?.at ?? -1;
      const [plan] = candidates.filter((candidate) => placeOf(candidate) >= 0)
        .sort((one, other) => placeOf(other) - placeOf(one));
      if (plan === undefined) throw new Error(`there is no ${place} for: ${defect.name}`);
      return { defect, place, plan };
    }),
);

test("know only defects that have different names", () => {
  assert.is(new Set(defects.map(({ name }) => name)).size, defects.length);
});

test("are right when nothing is wrong, and else as the table of defects says", () => {
  assert.is(ourVerdict(sceneOf(healthyPlan)).answer, "accepted");
  for (const { defect, place, plan } of each) {
    const { answer, why } = ourVerdict(sceneOf(plan));
    assert.is(answer, defect.ours[place], `${defect.name} (${place}): ${why}`);
    if (defect.isUndecodable) assert.match(why, /^decode: /, defect.name);
  }
});

for (const judge of ["openssl", "go"] as const) {
  const title = `differ from ${judge} in those defects only that the table of differences has`;
  const reason = missing[judge];
  if (reason !== undefined) test.skip(title, reason);
  else {
    test(title, async () => {
      const rows = differencesOfDefects.filter((row) => row.judge === judge).flatMap((row) =>
        row.defects.flatMap(([name, ...places]) => places.map((place) => `${name} (${place}): ${row.theirs}`))
      );
      const found: string[] = [];
      await inPairs(each, async ({ defect, place, plan }) => {
        const { answer } = await judges[judge](sceneOf(plan));
        if (answer !== defect.ours[place]) found.push(`${defect.name} (${place}): ${answer}`);
      });
      assert.equal(found.sort(), rows.sort());
    });
  }
}

/** Fails where we and a judge differ for no known reason; each plan is judged by Go, and some also by OpenSSL. */
async function judgedAlike(plans: readonly ChainPlan[], every: number): Promise<void> {
  const found: string[] = [];
  await inPairs([...plans.entries()], async ([number, plan]) => {
    const asked = number % every === 0 ? ["openssl", "go"] as const : ["go"] as const;
    found.push(...(await compare(plan, judges, asked)).unexplained.map(differenceText));
  });
  assert.equal(found, []);
}

/** A test for which at least one judge is needed. */
function judgedTest(title: string, body: () => Promise<void>): void {
  if (missing.openssl === undefined || missing.go === undefined) test(title, body);
  else test.skip(title, `${missing.openssl}, ${missing.go}`);
}

judgedTest(
  "are judged alike for each name constraint with each name of its form",
  () => judgedAlike(constraintPlans, 10),
);

judgedTest("are judged alike for each name with each name that is wanted", () => judgedAlike(wantedPlans, 10));

judgedTest("are judged alike when they are random, or differently for known reasons", async () => {
  try {
    await fc.assert(
      fc.asyncProperty(chainPlans, async (plan) => {
        const { unexplained } = await compare(plan, judges);
        if (unexplained.length > 0) throw new Error(unexplained.map(differenceText).join("\n"));
      }),
      { seed: 20_300_615, numRuns: 300 },
    );
  } finally {
    // The last test.
    judges.close();
  }
});

test.run();

/** Two at a time: processes of others are waited for. */
async function inPairs<Item>(items: readonly Item[], visit: (item: Item) => Promise<void>): Promise<void> {
  const rest = [...items];
  const visitRest = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await visit(item);
  };
  await Promise.all([visitRest(), visitRest()]);
}
