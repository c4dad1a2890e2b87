/**
 * `chart.next` is a short cut to xstate's `transition()`: on every edge of every chart both must say the same, and
 * leave the snapshot that they start from as it was. Importing the charts also proves that no target is misspelt.
 * @module
 */

import { transition } from "xstate";
import type { AnyMachineSnapshot } from "xstate";
import { assert, suite } from "../harness.ts";
import { everyEvent, everyFact, reachable } from "./judge.ts";
import { type AnyChart, type AnyCommand, charts, type Moment, textOf } from "./role_model.ts";

const test = suite("edges");

for (const role of ["client", "server"] as const) {
  for (const part of ["opening", "tls12"] as const) {
    test(`of the ${role}'s ${part} chart are the same by chart.next and by transition() of xstate`, () => {
      const chart = charts[role][part];
      for (const facts of everyFact) {
        for (const moment of reachable(chart, part, facts)) compareEdges(chart, moment);
      }
    });
  }
}

test("lead nowhere from a chart that has ended, for either of them", () => {
  const chart = charts.client.tls12;
  const closed = [...reachable(chart, "tls12", {})].find((moment) => textOf(moment) === "closed");
  assert.is(closed?.status, "done");
  for (const event of everyEvent) assert.is(closed && chart.next(closed.snapshot, event)[0], closed?.snapshot);
});

test.run();

function compareEdges(chart: AnyChart, moment: Moment): void {
  frozen(moment.snapshot);
  for (const event of everyEvent) {
    const where = `${textOf(moment)}, ${event.type}`;
    const [ours, asked] = chart.next(moment.snapshot, event);
    const [theirs, actions] = transition(chart.machine, moment.snapshot as unknown as AnyMachineSnapshot, event);
    assert.equal(ours.value, theirs.value, `value: ${where}`);
    assert.equal(ours.context, theirs.context, `context: ${where}`);
    assert.is(ours.status, theirs.status, `status: ${where}`);
    assert.equal(tagsOf(ours), tagsOf(theirs), `tags: ${where}`);
    const commands = actions.map(({ type, params }) => ({ type, params }) as AnyCommand)
      .filter(({ type }) => !type.startsWith("xstate."));
    assert.equal(asked, commands, `commands: ${where}`);
  }
}

function tagsOf(snapshot: unknown): readonly string[] {
  return [...(snapshot as AnyMachineSnapshot).tags].sort();
}

/** Freezes what a snapshot holds, so that whoever writes to it throws; not the machine, which fills in caches. */
function frozen(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const [name, inner] of Object.entries(value)) {
    if (!["machine", "_nodes", "children"].includes(name)) frozen(inner);
  }
}
