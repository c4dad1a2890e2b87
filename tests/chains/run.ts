/**
 * The long run: random chains by the thousand before all judges, and all pairs of names after them. Prints how often they
 * agreed, what explains the differences, and each difference that nothing explains, with its seed and number. Ends with 1
 * when there is one.
 *
 *     npx tsx tests/chains/run.ts --seed 1 --count 5000
 * @module
 */

import fc from "fast-check";
import { parseArgs } from "node:util";
import { compare, differenceText } from "./compare.ts";
import { Judges, missing } from "./judges.ts";
import { constraintPlans, wantedPlans } from "./pairs.ts";
import { chainPlans } from "./plan.ts";

const { values } = parseArgs({
  options: { seed: { type: "string", default: "1" }, count: { type: "string", default: "1000" } },
});
const [seed, numRuns] = [Number(values.seed), Number(values.count)];
for (const [judge, reason] of Object.entries(missing)) {
  if (reason !== undefined) console.log(`without ${judge}: ${reason}`);
}
const judges = new Judges();
const plans = [...fc.sample(chainPlans, { seed, numRuns }), ...constraintPlans, ...wantedPlans];
const all = plans.length;
const counts = new Map<string, number>();
const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
let unexplained = 0;

async function judgeNext(): Promise<void> {
  for (let plan = plans.shift(); plan !== undefined; plan = plans.shift()) {
    const number = all - plans.length - 1;
    const found = await compare(plan, judges);
    const others = Object.entries(found.verdicts).sort().map(([judge, { answer }]) => `${judge} ${answer}`);
    count(`we ${found.ours.answer}, ${others.join(", ")}`);
    for (const { judge, because } of found.explained) count(`explained (${judge}): ${because}`);
    for (const difference of found.unexplained) {
      unexplained++;
      console.log(`seed ${seed}, number ${number}\n  ${differenceText(difference)}`);
    }
  }
}

await Promise.all([judgeNext(), judgeNext(), judgeNext()]);
judges.close();
for (const [what, times] of [...counts].sort()) console.log(`${String(times).padStart(6)} ${what}`);
console.log(`${all} chains, ${unexplained} unexplained differences`);
process.exitCode = unexplained === 0 ? 0 : 1;
