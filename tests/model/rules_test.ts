/**
 * The rules of the house for charts (DESIGN §4), checked on the configuration and on what xstate makes of it.
 * @module
 */

import type { AnyStateNode } from "xstate";
import { assert, suite } from "../harness.ts";
import { type Arrow, arrowsOf, arrowText, nodesOf } from "./arrows.ts";
import type { Role } from "../support/scripted_phrases.ts";
import { reachable } from "./judge.ts";
import type { ArrowConfig, StateConfig } from "./mutants.ts";
import { type AnyChart, charts, everyFact, type PartName, parts, roles, textOf } from "./role_model.ts";
import { answers } from "./vocabulary.ts";

const test = suite("rules");

interface Named {
  readonly name: string;
  readonly role: Role;
  readonly part: PartName;
  readonly chart: AnyChart;
}

const all: readonly Named[] = roles.flatMap((role) =>
  parts.map((part) => ({ name: `${role} ${part}`, role, part, chart: charts[role][part] }))
);

test("let a chart use few words only: whoever adds one teaches mutants.ts how to break it", () => {
  const ofState = ["id", "context", "initial", "states", "type", "tags", "on", "schemas"]; // setup() adds the last one
  const ofArrow = ["target", "guard", "actions"];
  for (const { name, chart: { machine } } of all) {
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
  for (const { name, chart: { machine } } of all) {
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
    const bodies = Object.keys(machine.implementations.actions);
    assert.equal(bodies, name === "client tls12" ? ["note"] : [], `${name}: a command has a body`);
    assert.equal(machine.implementations.actors, {}, `${name}: there are actors`);
    assert.equal(machine.implementations.delays, {}, `${name}: there are delays`);
  }
});

test("let the context hold booleans only, and no factory make it", () => {
  for (const { name, chart: { machine } } of all) {
    const context: unknown = machine.config.context;
    assert.type(context, "object", name);
    for (const value of Object.values(context ?? {})) assert.type(value, "boolean", name);
  }
});

test("keep handlers off the root, and the ends beside live", () => {
  for (const { name, chart: { machine } } of all) {
    assert.is(machine.root.transitions.size, 0, name);
    assert.equal(Object.keys(machine.root.states), ["live", "closed", "failed"], name);
    const finals = nodesOf(machine).filter(({ type }) => type === "final").map(({ path }) => path.join("."));
    assert.equal(finals.sort(), ["closed", "failed"], name);
  }
});

test("refuse by default, said once and on live", () => {
  for (const { name, chart } of all) {
    const defaults = arrowsOf(chart).filter(({ eventType }) => eventType.includes("*")).map(arrowText).sort();
    const ofLive = ["live: *", "live: peer.*"];
    assert.equal(defaults, name.endsWith("tls12") ? ["live.peerClosed: peer.*", ...ofLive].sort() : ofLive, name);
  }
});

test("let connected be reached through answer.finishedVerified alone", () => {
  for (const { name, part, chart } of all) {
    const into = arrowsOf(chart).filter(({ target, source }) =>
      target?.some((node) => node.path.at(-1) === "connected") && source.path.at(-1) !== "connected"
    );
    const events = new Set(into.map(({ eventType }) => eventType));
    assert.equal([...events], part === "tls12" ? ["answer.finishedVerified"] : [], name);
  }
});

test("name states after what they wait for: pending ones are checking, signing … or selecting, the others aren't", () => {
  const pending = /^(checking|signing$|choosing|picking|loading|inspecting|selecting)/;
  for (const { name, chart: { machine } } of all) {
    for (const node of nodesOf(machine).filter(isLeaf)) {
      const isPending = node.tags.includes("pending");
      assert.is(pending.test(node.key), isPending, `${name} ${node.path.join(".")}`);
      if (!isPending) assert.match(node.key, /^(start|await[A-Z]\w+|connected|peerClosed|closing|closed|failed)$/);
    }
  }
});

test("let a command that is answered be the last one of its arrow, and lead into a pending state that takes its answers", () => {
  for (const { name, role, chart } of all) {
    for (const arrow of arrowsOf(chart)) {
      const where = `${name} ${arrowText(arrow)}`;
      const commands = commandsOf(arrow);
      const [target] = arrow.target ?? (commands.length === 0 ? [] : [arrow.source]);
      const leaf = target && leafOf(target);
      const answered = answers[role][commands.at(-1) ?? ""];
      const isAsked = answered !== undefined || commands.at(-1) === "handOver";
      assert.is(leaf?.tags.includes("pending") ?? false, isAsked, where);
      assert.not(commands.slice(0, -1).some((command) => command in answers[role] || command === "handOver"), where);
      for (const { type } of answered ?? []) assert.ok(leaf?.transitions.has(type), `${where}: ${type} isn't awaited`);
    }
  }
});

test("let a pending state await no answers but those of the commands that lead there", () => {
  for (const { name, role, chart } of all) {
    for (const node of nodesOf(chart.machine).filter(isLeaf)) {
      const into = arrowsOf(chart).filter(({ target }) => target?.some((one) => leafOf(one) === node));
      const mayCome = into.flatMap((arrow) => answers[role][commandsOf(arrow).at(-1) ?? ""] ?? []).map(({ type }) =>
        type
      );
      const awaited = [...node.transitions.keys()].filter((event) => event.startsWith("answer."));
      assert.equal(awaited.sort(), [...new Set(mayCome)].sort(), `${name} ${node.path.join(".")}`);
    }
  }
});

test("leave no state out of reach", () => {
  for (const { name, role, part, chart } of all) {
    const moments = everyFact[role].flatMap((facts) => [...reachable(role, chart, part, facts)]);
    const leaves = nodesOf(chart.machine).filter(isLeaf).map(({ path }) => path.join("."));
    assert.equal([...new Set(moments.map(textOf))].sort(), leaves.sort(), name);
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

function commandsOf({ actions }: Arrow): readonly string[] {
  const names = actions.map((action) => typeof action === "object" ? action.type : String(action));
  return names.filter((name) => name !== "note"); // which is done by xstate, before everything else
}
