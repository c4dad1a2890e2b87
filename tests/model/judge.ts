/**
 * Compares a role's charts with what is written by hand: the roads to application data (roads_by_hand.ts), and what each
 * state does with each event (by_hand.ts). Both together leave a chart no freedom; mutants_test.ts proves that they are
 * awake.
 * @module
 */

import type { Role } from "../support/scripted_phrases.ts";
import { neverReached, refusal, type StateByHand, statesByHand } from "./by_hand.ts";
import {
  type AnyChart,
  type AnyCommand,
  type AnyEvent,
  begin,
  type Charts,
  type Facts,
  keyOf,
  type Moment,
  type PartName,
  type Step,
  step,
  textOf,
} from "./role_model.ts";
import { type Score, scores } from "./roads_by_hand.ts";
import { contentFor, everyEvent } from "./vocabulary.ts";

/** Every way to `connected` that doesn't turn in a circle, in the notation of roads_by_hand.ts, sorted. */
export function roadsOf(role: Charts, facts: Facts): readonly string[] {
  const start = begin(role, facts);
  const { edges, leading } = mapOf(role, start);
  const roads: string[] = [];
  const walk = (from: string, steps: readonly Step[], passed: readonly string[]): void => {
    for (const { step, to } of edges.get(from) ?? []) {
      if (isConnected(step.reached)) roads.push(roadText([...steps, step]));
      else if (leading.has(to) && !passed.includes(to)) walk(to, [...steps, step], [...passed, to]);
    }
  };
  walk(keyOf(start), [], [keyOf(start)]);
  return roads.sort();
}

interface Edge {
  readonly step: Step;
  readonly to: string;
}

/** All edges from there up to `connected`, by the key of the moment that they leave, and the keys that lead there. */
function mapOf(
  role: Charts,
  start: Moment,
): { readonly edges: ReadonlyMap<string, readonly Edge[]>; readonly leading: ReadonlySet<string> } {
  const edges = new Map<string, readonly Edge[]>();
  const comesFrom = new Map<string, Set<string>>();
  const found = new Map([[keyOf(start), start]]);
  const connected = new Set<string>();
  for (const [from, moment] of found) {
    if (isConnected(moment)) connected.add(from);
    if (isConnected(moment) || moment.status !== "active") continue;
    const leaving = everyEvent[role.role].map((event): Edge => {
      const taken = step(role, moment, event);
      return { step: taken, to: keyOf(taken.reached) };
    }).filter(({ to }) => to !== from);
    edges.set(from, leaving);
    for (const { step: { reached }, to } of leaving) {
      found.set(to, found.get(to) ?? reached);
      comesFrom.set(to, (comesFrom.get(to) ?? new Set()).add(from));
    }
  }
  const leading = new Set(connected);
  for (const key of leading) comesFrom.get(key)?.forEach((from) => leading.add(from));
  return { edges, leading };
}

/** All roads of all scores, sorted. */
export function roadsByHand(role: Role, facts: Facts): readonly string[] {
  return scores[role].flatMap((score) => roadsIn(score, facts)).sort();
}

/** One road for each choice of cases: the lines that have nothing else in their margin. */
function roadsIn({ cases, without, lines }: Score, facts: Facts): readonly string[] {
  const written = lines.split("\n").filter((line) => line.trim() !== "").map((line) => {
    const [margin = "", text = ""] = line.split("|").map((part) => part.trim());
    return { only: margin === "" ? cases.flat() : margin.split(", "), text };
  });
  const stray = written.flatMap(({ only }) => only).find((name) => !cases.flat().includes(name));
  if (stray !== undefined) throw new Error(`"${stray}" in a margin is no case`);
  const ruledOut = without?.(facts) ?? [];
  const choices = cases.reduce<readonly (readonly string[])[]>(
    (chosen, list) =>
      chosen.flatMap((names) => list.filter((name) => !ruledOut.includes(name)).map((name) => [...names, name])),
    [[]],
  );
  return choices.map((chosen) =>
    written.filter(({ only }) => only.length === 0 || only.some((name) => chosen.includes(name)))
      .map(({ text }) => text).join("\n")
  );
}

/** Walks a chart with these events, wherever that leads. */
export function walked(role: Charts, facts: Facts, events: readonly AnyEvent[]): readonly Step[] {
  let moment = begin(role, facts);
  return events.map((event) => {
    const taken = step(role, moment, event);
    moment = taken.reached;
    return taken;
  });
}

/** Whether a road written by hand can be walked as it stands. */
export function canWalk(role: Charts, facts: Facts, road: string): boolean {
  const steps = walked(role, facts, eventsOf(role.role, road));
  const end = steps.at(-1)?.reached;
  return end !== undefined && isConnected(end) && roadText(steps) === road;
}

/** All states of one chart that can be reached, pending or not, whatever happens; found as one goes on. */
export function* reachable(role: Role, chart: AnyChart, part: PartName, facts: Facts): Generator<Moment> {
  const snapshot = chart.begin(part === "opening" ? {} : facts);
  const start: Moment = { part, facts, snapshot, status: snapshot.status, kept: undefined, said: {} };
  const found = new Map([[keyOf(start), start]]);
  for (const moment of found.values()) {
    yield moment;
    for (const event of everyEvent[role]) {
      const [snapshot] = chart.next(moment.snapshot, event);
      const next = { ...start, snapshot, status: snapshot.status };
      if (!found.has(keyOf(next))) found.set(keyOf(next), next);
    }
  }
}

/** Where a chart and the table written by hand differ, one line for each place; lazily, because one is enough. */
export function* differences(role: Role, chart: AnyChart, part: PartName, facts: Facts): Generator<string> {
  const missing = new Set(Object.keys(statesByHand(role, part, facts)));
  for (const moment of reachable(role, chart, part, facts)) {
    missing.delete(textOf(moment));
    yield* stateDifferences(role, chart, moment, everyEvent[role]);
  }
  const isOutOfReach = neverReached(role, facts);
  for (const state of missing) {
    if (!isOutOfReach(state)) yield `${state}: never reached`;
  }
}

/** Where one state of a chart differs from the table, as far as these events show. */
export function* stateDifferences(
  role: Role,
  chart: AnyChart,
  moment: Moment,
  events: readonly AnyEvent[],
): Generator<string> {
  const state = textOf(moment);
  const byHand = statesByHand(role, moment.part, moment.snapshot.context)[state];
  if (byHand === undefined) return yield `${state}: not in the table`;
  if (tagsOf(moment) !== [...byHand.tags].sort().join()) yield `${state}: its tags are ${tagsOf(moment)}`;
  const isOver = moment.snapshot.status !== "active";
  if (isOver !== /^(closed|failed)$/.test(state)) yield `${state}: its status is ${moment.snapshot.status}`;
  for (const event of events) {
    const [snapshot, asked] = chart.next(moment.snapshot, event);
    const is = reactionText(moment, { ...moment, snapshot }, asked);
    const shouldBe = isOver ? "ignored" : reactionByHand(byHand, event);
    if (shouldBe !== onTheRoad && is !== shouldBe) yield `${state}, ${event.type}: ${is}, not ${shouldBe}`;
    if (shouldBe !== onTheRoad && JSON.stringify(snapshot.context) !== JSON.stringify(moment.snapshot.context)) {
      yield `${state}, ${event.type}: notes something`;
    }
    for (const command of asked) {
      if (!hasRightParams(role, command, event)) yield `${state}, ${event.type}: ${command.type} has wrong parameters`;
    }
  }
}

export const onTheRoad = "on the road";

export function reactionByHand({ on }: StateByHand, { type }: AnyEvent): string {
  return on[type] ?? (type.startsWith("peer.") ? on["peer.*"] : undefined) ?? refusal(type);
}

function tagsOf({ snapshot }: Moment): string {
  return (["applicationData", "maySendData", "pending"] as const).filter((tag) => snapshot.hasTag(tag)).join();
}

function reactionText(from: Moment, to: Moment, asked: readonly AnyCommand[]): string {
  const words = asked.map(({ type }) => type);
  if (textOf(to) !== textOf(from)) words.push("→", textOf(to));
  return words.length === 0 ? "ignored" : words.join(" ");
}

function hasRightParams(role: Role, { type, params }: AnyCommand, event: AnyEvent): boolean {
  const expected = contentFor(role, type, event);
  if (params === undefined || expected === undefined) return params === expected;
  const given: Readonly<Record<string, unknown>> = { ...params };
  const names = Object.keys(expected);
  return Object.keys(given).length === names.length && names.every((name) => given[name] === expected[name]);
}

export function isConnected(moment: Moment): boolean {
  return textOf(moment) === "live.connected";
}

export function roadText(steps: readonly Step[]): string {
  let reading = false;
  let writing = false;
  return steps.map(({ taken: [[, event]], asked }) => {
    const line = eventText(event.type, reading);
    const words = asked.map(({ type }) => {
      reading ||= type === "protectReading";
      writing ||= type === "protectWriting";
      return commandText(type, writing);
    });
    const announced = announcements.filter(([, fact]) => event[fact]).map(([text]) => text);
    return [words.length === 0 ? line : `${line}: ${words.join(", ")}`, ...announced].join("\n");
  }).join("\n");
}

const announcements = [
  ["announcing CertificateStatus", "announcesCertificateStatus"],
  ["announcing NewSessionTicket", "announcesTicket"],
] as const;

/** The events that the lines of a road begin with; what is announced belongs to the line above. */
export function eventsOf(role: Role, road: string): readonly AnyEvent[] {
  const lines = road.replaceAll("\nannouncing ", "+").split("\n");
  return lines.map((line) => {
    const [head = "", ...announced] = line.split("+");
    const [text = ""] = head.split(":");
    const name = text.replace(/^[<?] |[{}]/g, "");
    const type = text.startsWith("<")
      ? `peer.${name.charAt(0).toLowerCase()}${name.slice(1)}`
      : text.startsWith("?")
      ? `answer.${name}`
      : name;
    const found = everyEvent[role].find((event) =>
      event.type === type &&
      announcements.every(([text, fact]) =>
        (event[fact] ?? false) === announced.includes(text.replace("announcing ", ""))
      )
    );
    if (found === undefined) throw new Error(`there is no event ${line}`);
    return found;
  });
}

function eventText(type: string, isProtected: boolean): string {
  if (type.startsWith("answer.")) return `? ${type.slice("answer.".length)}`;
  if (!type.startsWith("peer.")) return type;
  return `< ${braced(capitalized(type.slice("peer.".length)), isProtected)}`;
}

function commandText(type: string, isProtected: boolean): string {
  if (type === "reportEstablished") return "established";
  if (type === "sendEmptyCertificate") return "> empty Certificate";
  if (!type.startsWith("send")) return type;
  const [, name = "", isOptional] = /^send(\w+?)(IfAgreed)?$/.exec(type) ?? [];
  return `> ${braced(name, isProtected)}${isOptional === undefined ? "" : "*"}`;
}

function braced(name: string, isProtected: boolean): string {
  return isProtected ? `{${name}}` : name;
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** What one state of a chart does, with everything that can be told apart: tags, commands with content, what it notes. */
export function conductOf(role: Role, chart: AnyChart, moment: Moment, events: readonly AnyEvent[]): string {
  const reactions = events.map((event) => {
    const [snapshot, asked] = chart.next(moment.snapshot, event);
    const rights = asked.map((command) => hasRightParams(role, command, event));
    return [reactionText(moment, { ...moment, snapshot }, asked), rights, snapshot.context, snapshot.status];
  });
  return JSON.stringify([tagsOf(moment), moment.snapshot.status, reactions]);
}
