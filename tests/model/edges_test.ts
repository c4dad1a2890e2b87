/**
 * `chart.next` is a short cut to xstate's `transition()`: on every edge of every chart both must say the same, also from
 * a snapshot that was frozen and thawed, and leave the snapshot that they start from as it was. Importing the charts also
 * proves that no target is misspelt.
 * @module
 */

import { transition } from "xstate";
import type { AnyMachineSnapshot } from "xstate";
import type { Role } from "../support/scripted_phrases.ts";
import { assert, suite } from "../harness.ts";
import { reachable } from "./judge.ts";
import { type AnyChart, type AnyCommand, charts, everyFact, type Moment, parts, roles, textOf } from "./role_model.ts";
import { everyEvent } from "./vocabulary.ts";

const test = suite("edges");

for (const role of roles) {
  for (const part of parts) {
    test(`of the ${role}'s ${part} chart are the same by chart.next, thawed or not, and by transition() of xstate`, () => {
      const chart = charts[role][part];
      for (const facts of part === "opening" ? [{}] : everyFact[role]) {
        for (const moment of reachable(role, chart, part, facts)) compareEdges(role, chart, moment);
      }
    });
  }
}

test("lead nowhere from a chart that has ended, for either of them", () => {
  const chart = charts.client.tls12;
  const closed = [...reachable("client", chart, "tls12", {})].find((moment) => textOf(moment) === "closed");
  assert.is(closed?.status, "done");
  for (const event of everyEvent.client) assert.is(closed && chart.next(closed.snapshot, event)[0], closed?.snapshot);
});

test("come from no state that a chart doesn't have: it can't be thawed", () => {
  for (const state of ["elsewhere", "live.elsewhere", "live.handshake.full.elsewhere", "connected", ""]) {
    assert.throws(() => charts.client.tls12.thaw(state, {}), undefined, state);
  }
});

test.run();

function compareEdges(role: Role, chart: AnyChart, moment: Moment): void {
  frozen(moment.snapshot);
  const thawed = chart.thaw(textOf(moment), JSON.parse(JSON.stringify(moment.snapshot.context)));
  assert.equal(viewOf(thawed), viewOf(moment.snapshot), `thawed: ${textOf(moment)}`);
  for (const event of everyEvent[role]) {
    const where = `${textOf(moment)}, ${event.type}`;
    const [theirs, actions] = transition(chart.machine, moment.snapshot as unknown as AnyMachineSnapshot, event);
    const commands = actions.map(({ type, params }) => ({ type, params }) as AnyCommand)
      .filter(({ type }) => !type.startsWith("xstate."));
    for (const snapshot of [moment.snapshot, thawed]) {
      const [ours, asked] = chart.next(snapshot, event);
      assert.equal(viewOf(ours), viewOf(theirs), where);
      assert.equal(asked, commands, `commands: ${where}`);
    }
  }
}

function viewOf(snapshot: unknown): unknown {
  const { value, context, status, tags } = snapshot as AnyMachineSnapshot;
  return { value, context, status, tags: [...tags].sort() };
}

/** Freezes what a snapshot holds, so that whoever writes to it throws; not the machine, which fills in caches. */
function frozen(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const [name, inner] of Object.entries(value)) {
    if (!["machine", "_nodes", "children"].includes(name)) frozen(inner);
  }
}
