/**
 * The rules of the house for charts (DESIGN §4), checked on the configuration and on what xstate makes of it.
 * @module
 */

import type { AnyStateNode } from "xstate";
import { assert, suite } from "../harness.ts";
import { arrowsOf, arrowText, nodesOf } from "./arrows.ts";
import { everyFact, reachable } from "./judge.ts";
import type { ArrowConfig, StateConfig } from "./mutants.ts";
import { answers, type AnyChart, charts, textOf } from "./role_model.ts";

const test = suite("rules");

const all: readonly (readonly [string, "opening" | "tls12", AnyChart])[] = (["client", "server"] as const).flatMap((
  role,
) => (["opening", "tls12"] as const).map((part) => [`${role} ${part}`, part, charts[role][part]] as const));

test("let a chart use few words only: whoever adds one teaches mutants.ts how to break it", () => {
  const ofState = ["id", "context", "initial", "states", "type", "tags", "on", "schemas"]; // setup() adds the last one
  const ofArrow = ["target", "guard", "actions"];
  for (const [name, , { machine }] of all) {
    for (const [path, state] of statesIn(machine.config as StateConfig)) {
      assert.equal(Object.keys(state).filter((word) => !ofState.includes(word)), [], `${name} ${path}`);
      assert.ok(state.type === undefined || state.type === "final", `${name} ${path}: no history, nothing parallel`);
      for (const [event, arrow] of arrowsIn(state)) {
        if (typeof arrow === "string") continue;
        assert.equal(Object.keys(arrow).filter((word) => !ofArrow.includes(word)), [], `${name} ${path} ${event}`);
      }
    }
  }
});

test("let actions and guards be names, never functions, and parameters come from the event", () => {
  for (const [name, , { machine }] of all) {
    for (const [path, state] of statesIn(machine.config as StateConfig)) {
      for (const [event, arrow] of arrowsIn(state)) {
        const { guard, actions = [] } = typeof arrow === "string" ? {} : arrow;
        const where = `${name} ${path} ${event}`;
        assert.ok(guard === undefined || typeof guard === "string", where);
        for (const action of [actions].flat()) {
          const isName = typeof action === "string" ||
            Object.keys(action).every((word) => word === "type" || word === "params");
          assert.ok(isName, `${where}: ${String(action)}`);
        }
      }
    }
    assert.equal(machine.implementations.actions, {}, `${name}: a command has a body`);
    assert.equal(machine.implementations.actors, {}, `${name}: there are actors`);
    assert.equal(machine.implementations.delays, {}, `${name}: there are delays`);
  }
});

test("let the context hold booleans only, and no factory make it", () => {
  for (const [name, , { machine }] of all) {
    const context: unknown = machine.config.context;
    assert.type(context, "object", name);
    for (const value of Object.values(context ?? {})) assert.type(value, "boolean", name);
  }
});

test("keep handlers off the root, and the ends beside live", () => {
  for (const [name, , { machine }] of all) {
    assert.is(machine.root.transitions.size, 0, name);
    assert.equal(Object.keys(machine.root.states), ["live", "closed", "failed"], name);
    const finals = nodesOf(machine).filter(({ type }) => type === "final").map(({ path }) => path.join("."));
    assert.equal(finals.sort(), ["closed", "failed"], name);
  }
});

test("refuse by default, said once and on live", () => {
  for (const [name, , chart] of all) {
    const defaults = arrowsOf(chart).filter(({ eventType }) => eventType.includes("*")).map(arrowText).sort();
    const ofLive = ["live: *", "live: peer.*"];
    assert.equal(defaults, name.endsWith("tls12") ? ["live.peerClosed: peer.*", ...ofLive].sort() : ofLive, name);
  }
});

test("let connected be reached through answer.finishedVerified alone", () => {
  for (const [name, part, chart] of all) {
    const into = arrowsOf(chart).filter(({ target, source }) =>
      target?.some((node) => node.path.at(-1) === "connected") && source.path.at(-1) !== "connected"
    );
    assert.equal(into.map(({ eventType }) => eventType), part === "tls12" ? ["answer.finishedVerified"] : [], name);
  }
});

test("name states after what they wait for: pending ones are checking, signing or selecting, the others aren't", () => {
  for (const [name, , { machine }] of all) {
    for (const node of nodesOf(machine).filter(isLeaf)) {
      const isPending = node.tags.includes("pending");
      assert.is(/^(checking|signing|selecting)/.test(node.key), isPending, `${name} ${node.path.join(".")}`);
      if (!isPending) assert.match(node.key, /^(start|await[A-Z]\w+|connected|peerClosed|closing|closed|failed)$/);
    }
  }
});

test("let a command that is answered be the last one of its arrow, and lead into a pending state that takes the answer", () => {
  for (const [name, , chart] of all) {
    for (const arrow of arrowsOf(chart)) {
      const where = `${name} ${arrowText(arrow)}`;
      const commands = arrow.actions.map((action) => typeof action === "object" ? action.type : String(action));
      const target = arrow.target?.[0];
      const leaf = target && leafOf(target);
      const last = commands.at(-1) ?? "";
      const isAnswered = last in answers || last === "handOver";
      assert.is(leaf?.tags.includes("pending") ?? false, isAnswered, where);
      assert.not(commands.slice(0, -1).some((command) => command in answers), where);
      if (last in answers) assert.ok(leaf?.transitions.has(answers[last] ?? ""), `${where}: the answer isn't awaited`);
    }
  }
});

test("leave no state out of reach", () => {
  for (const [name, part, chart] of all) {
    const reached = new Set(everyFact.flatMap((facts) => [...reachable(chart, part, facts)].map(textOf)));
    const leaves = nodesOf(chart.machine).filter(isLeaf).map(({ path }) => path.join("."));
    assert.equal([...reached].sort(), leaves.sort(), name);
  }
});

test.run();

function statesIn(state: StateConfig, path = "root"): readonly (readonly [string, StateConfig])[] {
  const inner = Object.entries(state.states ?? {}).flatMap(([name, child]) => statesIn(child, `${path}.${name}`));
  return [[path, state], ...inner];
}

function arrowsIn({ on }: StateConfig): readonly (readonly [string, ArrowConfig])[] {
  return Object.entries(on ?? {}).flatMap(([event, arrows]) => [arrows].flat().map((arrow) => [event, arrow] as const));
}

function isLeaf(node: AnyStateNode): boolean {
  return Object.keys(node.states).length === 0;
}

/** Where one stands after entering a state: in its initial child's initial child. */
function leafOf(node: AnyStateNode): AnyStateNode {
  const child = node.initial?.target?.[0];
  return child === undefined ? node : leafOf(child);
}
