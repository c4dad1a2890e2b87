/**
 * Broken charts, made systematically from a chart's own configuration: each mutant differs from it in one thing.
 * @module
 */

import { type AnyStateMachine, type AnyStateNode, createMachine } from "xstate";
import { chart } from "../../lib/chart.ts";
import type { AnyChart } from "./role_model.ts";

/** A state's configuration; the four charts use these words only (rules_test.ts). */
export interface StateConfig {
  initial?: string;
  type?: string;
  id?: string;
  tags?: string | string[];
  on?: Record<string, ArrowConfig | ArrowConfig[]>;
  states?: Record<string, StateConfig>;
}
export type ArrowConfig = string | ArrowFields;
interface ArrowFields {
  target?: string;
  guard?: string;
  actions?: ActionConfig | ActionConfig[];
}
type ActionConfig = string | { type: string; params?: unknown };

export interface Mutant {
  readonly name: string;
  /** The state in which it differs, or around it: where a judge should look first. */
  readonly where: string;
  /** Whether it can differ there in what it does with such an event. */
  concerns(event: string): boolean;
  /** Throws where xstate itself refuses such a chart. */
  make(): AnyChart;
}

/** An arrow as it stands in the configuration. */
interface Place {
  readonly path: readonly string[];
  readonly event: string;
  readonly index: number;
  readonly text: string;
  /** Where it leads in the end, as xstate has resolved it: `#client.live.connected`; `undefined` when it stays. */
  readonly target: string | undefined;
  readonly guard: string | undefined;
  readonly actions: readonly ActionConfig[];
}

interface State {
  readonly path: readonly string[];
  readonly text: string;
  readonly id: string;
  readonly config: StateConfig;
  readonly isLeaf: boolean;
}

interface Anatomy {
  readonly states: readonly State[];
  readonly arrows: readonly Place[];
  readonly guards: readonly string[];
  /** `event`: the only one whose arrows are changed; `undefined`: it may be all of them. */
  mutant(name: string, where: string, event: string | undefined, change: (root: StateConfig) => void): Mutant;
}

/** All mutants of a chart. */
export function* mutantsOf(chart: AnyChart): Generator<Mutant> {
  const anatomy = anatomyOf(chart);
  for (const place of anatomy.arrows) {
    yield* brokenArrows(anatomy, place);
    yield* brokenActions(anatomy, place);
    yield* shortCuts(anatomy, place);
    yield* strayArrows(anatomy, place);
  }
  for (const state of anatomy.states) {
    if (state.path.length > 0) yield* brokenStates(anatomy, state);
  }
}

/** Dropped, led elsewhere, swapped with another one, with a guard more or less. */
function* brokenArrows({ states, arrows, guards, mutant }: Anatomy, place: Place): Generator<Mutant> {
  const where = place.path.join(".");
  const changed = (name: string, change: (arrow: ArrowFields) => void): Mutant =>
    mutant(`${place.text}: ${name}`, where, place.event, (root) => change(arrowAt(root, place)));
  yield mutant(`${place.text}: dropped`, where, place.event, (root) => dropArrow(root, place));
  if (place.target !== undefined) yield changed("stays", (arrow) => delete arrow.target);
  for (const { id, isLeaf, text } of states) {
    // Nothing is done on entry or exit (rules_test.ts): who stays where it is, or leads there, does the same.
    const isTheSame = place.target === id || (place.target === undefined && text === where);
    if (isLeaf && !isTheSame) yield changed(`leads to ${text}`, (arrow) => arrow.target = id);
  }
  if (place.guard !== undefined) yield changed("without its guard", (arrow) => delete arrow.guard);
  for (const guard of guards) {
    if (guard !== place.guard) yield changed(`with the guard ${guard}`, (arrow) => arrow.guard = guard);
  }
  for (const other of arrows.slice(arrows.indexOf(place) + 1)) {
    if (other.target === place.target || !(isOnTheRoad(place) && isOnTheRoad(other))) continue;
    yield mutant(`${place.text}: has swapped targets with ${other.text}`, where, place.event, (root) => {
      setTarget(arrowAt(root, place), other.target);
      setTarget(arrowAt(root, other), place.target);
    });
  }
}

/** A command missing, said twice, said too late, or said without its parameters. */
function* brokenActions({ mutant }: Anatomy, place: Place): Generator<Mutant> {
  const { actions } = place;
  const changed = (name: string, changed: readonly ActionConfig[]): Mutant =>
    mutant(`${place.text}: ${name}`, place.path.join("."), place.event, (root) => {
      arrowAt(root, place).actions = [...changed];
    });
  for (const [index, action] of actions.entries()) {
    const type = nameOf(action);
    yield changed(`without ${type}`, actions.toSpliced(index, 1));
    if (typeof action !== "string") yield changed(`${type} without parameters`, actions.with(index, type));
    if (type === "note") continue; // twice, or later on the same arrow, it notes the same
    yield changed(`${type} twice`, actions.toSpliced(index, 0, action));
    const next = actions[index + 1];
    if (next !== undefined) {
      yield changed(`${type} after ${nameOf(next)}`, actions.with(index, next).with(index + 1, action));
    }
  }
}

/** A state is skipped: the arrow does also what comes next, checks and ChangeCipherSpec included. */
function* shortCuts({ arrows, mutant, states }: Anatomy, place: Place): Generator<Mutant> {
  const state = states.find(({ id }) => id === place.target);
  for (const next of arrows) {
    if (state === undefined || next.path.join(".") !== state.text || next === place) continue;
    yield mutant(`${place.text}: does also ${next.text}`, place.path.join("."), place.event, (root) => {
      const arrow = arrowAt(root, place);
      setTarget(arrow, next.target);
      arrow.actions = [...place.actions, ...next.actions];
    });
  }
}

/** An arrow that other states have too: what comes early, late or again is accepted. */
function* strayArrows({ states, mutant }: Anatomy, place: Place): Generator<Mutant> {
  for (const { path, text, config } of states) {
    const hasItAnyway = config.on?.[place.event] !== undefined || place.path.every((name, at) => name === path[at]);
    if (path.length === 0 || config.type === "final" || hasItAnyway) continue;
    if (isIgnored(place) && ignoresAnyway(states, path, place.event)) continue;
    yield mutant(`${place.text}: also in ${text}`, text, place.event, (root) => {
      const actions = [...place.actions];
      onOf(stateAt(root, path))[place.event] = place.target === undefined
        ? { actions }
        : { target: place.target, actions };
    });
  }
}

/** Tags more or less, an end that is none, another beginning, an event that is ignored. */
function* brokenStates({ arrows, states, mutant }: Anatomy, { path, text, config }: State): Generator<Mutant> {
  const changed = (name: string, change: (state: StateConfig) => void, event?: string): Mutant =>
    mutant(`${text}: ${name}`, text, event, (root) => change(stateAt(root, path)));
  const tags = [config.tags ?? []].flat();
  for (const tag of ["pending", "applicationData", "maySendData"]) {
    yield tags.includes(tag)
      ? changed(`without the tag ${tag}`, (state) => state.tags = tags.filter((one) => one !== tag), noEvent)
      : changed(`with the tag ${tag}`, (state) => state.tags = [...tags, tag], noEvent);
  }
  for (const name of Object.keys(config.states ?? {})) {
    if (name !== config.initial) yield changed(`begins with ${name}`, (state) => state.initial = name);
  }
  if (config.type === "final") return yield changed("isn't final", (state) => delete state.type);
  if (config.states === undefined) yield changed("is final", (state) => state.type = "final");
  const events = new Set([...arrows.map(({ event }) => event), "peer.unknownMessage", "peer.applicationData"]);
  for (const event of events) {
    if (config.on?.[event] !== undefined || ignoresAnyway(states, path, event)) continue;
    yield changed(`ignores ${event}`, (state) => onOf(state)[event] = {}, event);
  }
}

const noEvent = "none: it differs in what it is";

/** The arrows of an event are taken by that event alone; a wildcard's by all that it stands for. */
function isTakenBy(arrow: string, event: string): boolean {
  return arrow === event || arrow === "*" || (arrow.endsWith(".*") && event.startsWith(arrow.slice(0, -1)));
}

function anatomyOf({ machine }: AnyChart): Anatomy {
  const root = machine.config as StateConfig;
  const states = statesOf(root, machine.id);
  return {
    states,
    arrows: states.flatMap(({ path, config }) => arrowsIn(machine, path, config)),
    guards: Object.keys(machine.implementations.guards),
    mutant: (name, where, event, change) => ({
      name,
      where,
      concerns: (one) => event === undefined || isTakenBy(event, one),
      make: () => {
        const copy = cloned(root);
        change(copy);
        return chart(
          createMachine(
            copy as Parameters<typeof createMachine>[0],
            machine.implementations as Parameters<typeof createMachine>[1],
          ),
        );
      },
    }),
  };
}

/** It is written down that nothing comes of the event. */
function isIgnored({ target, actions }: Place): boolean {
  return target === undefined && actions.length === 0;
}

/** The state, or the nearest one around it that knows the event, ignores it: `{}` there or here is the same. */
function ignoresAnyway(states: readonly State[], path: readonly string[], event: string): boolean {
  const around = states.filter((state) => state.path.every((name, at) => name === path[at])).reverse();
  for (const { config } of around) {
    const found = config.on?.[event] ?? (event.startsWith("peer.") ? config.on?.["peer.*"] : undefined) ??
      config.on?.["*"];
    if (found !== undefined) return typeof found === "object" && Object.keys(found).length === 0;
  }
  return false;
}

/** A state of this name is on the way to application data. */
function isOnTheRoad({ event, path }: Place): boolean {
  return path.at(-1) === "start" || /^await|ing[A-Z]|^signing/.test(path.at(-1) ?? "") && event !== "app.close";
}

function statesOf(config: StateConfig, id: string, path: readonly string[] = []): readonly State[] {
  const inner = Object.entries(config.states ?? {}).flatMap(([name, child]) => statesOf(child, id, [...path, name]));
  return [
    { path, text: path.join("."), id: `#${[id, ...path].join(".")}`, config, isLeaf: inner.length === 0 },
    ...inner,
  ];
}

function arrowsIn(machine: AnyStateMachine, path: readonly string[], { on }: StateConfig): readonly Place[] {
  const source = path.reduce((node, name) => node.states[name] ?? fail(`no state ${name}`), machine.root);
  return Object.entries(on ?? {}).flatMap(([event, config]) =>
    [config].flat().map((arrow, index) => {
      const { guard, actions = [] }: ArrowFields = typeof arrow === "string" ? {} : arrow;
      const node = source.transitions.get(event)?.[index]?.target?.[0];
      const target = node && `#${[machine.id, ...leafOf(node).path].join(".")}`;
      const text = `${path.join(".")} on ${event}${index > 0 ? ` (${index + 1})` : ""}`;
      return { path, event, index, text, target, guard, actions: [actions].flat() };
    })
  );
}

function leafOf(node: AnyStateNode): AnyStateNode {
  const child = node.initial?.target?.[0];
  return child === undefined ? node : leafOf(child);
}

function stateAt(root: StateConfig, path: readonly string[]): StateConfig {
  return path.reduce((state, name) => state.states?.[name] ?? fail(`no state ${path.join(".")}`), root);
}

function onOf(state: StateConfig): Record<string, ArrowConfig | ArrowConfig[]> {
  return state.on ??= {};
}

/** The arrow in the copy, in its long form, ready to be changed. */
function arrowAt(root: StateConfig, { path, event, index }: Place): ArrowFields {
  const on = onOf(stateAt(root, path));
  const list = [on[event] ?? fail(`no arrow ${event}`)].flat();
  const arrow = list[index] ?? fail(`no arrow ${event}`);
  const fields = typeof arrow === "string" ? { target: arrow } : arrow;
  list[index] = fields;
  on[event] = list;
  return fields;
}

function dropArrow(root: StateConfig, { path, event, index }: Place): void {
  const on = onOf(stateAt(root, path));
  const rest = [on[event] ?? []].flat().toSpliced(index, 1);
  if (rest.length === 0) delete on[event];
  else on[event] = rest;
}

function setTarget(arrow: ArrowFields, target: string | undefined): void {
  if (target === undefined) delete arrow.target;
  else arrow.target = target;
}

function nameOf(action: ActionConfig): string {
  return typeof action === "string" ? action : action.type;
}

/** A copy that keeps functions, and shares nothing else: fragments stand in several charts. */
function cloned<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(cloned) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cloned(inner)])) as Value;
}

function fail(what: string): never {
  throw new Error(what);
}
