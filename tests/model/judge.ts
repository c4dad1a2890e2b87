/**
 * Compares a role's charts with what is written by hand (by_hand.ts): the roads to application data, and what each
 * state does with each event. Both together leave a chart no freedom; mutants_test.ts proves that they are awake.
 * @module
 */

import type { AnyActorLogic } from "xstate";
import { getSimplePaths } from "xstate/graph";
import { handshakeMessage } from "../../lib/messages/handshake.ts";
import type { Role } from "../support/scripted_peer.ts";
import { handshakeNames } from "../support/scripted_peer.ts";
import { refusal, roads, type StateByHand, statesByHand } from "./by_hand.ts";
import {
  answers,
  type AnyChart,
  type AnyCommand,
  type AnyEvent,
  begin,
  type Charts,
  type Facts,
  keyOf,
  type Moment,
  type PartName,
  step,
  textOf,
} from "./role_model.ts";

const message = handshakeMessage("finished", Uint8Array.of(1));
const error = { alert: undefined };

/** Everything that a chart could be told, each event with all that its kind carries. */
export const everyEvent: readonly AnyEvent[] = [
  ...Object.keys(handshakeNames)
    .filter((name) => name !== "HelloVerifyRequest" && name !== "CertificateURL")
    .map((name) => ({ type: `peer.${name.charAt(0).toLowerCase()}${name.slice(1)}`, message })),
  { type: "peer.unknownMessage", message },
  { type: "peer.changeCipherSpec" },
  { type: "peer.applicationData" },
  { type: "peer.closeNotify", error },
  { type: "peer.warning" },
  { type: "peer.fatal", error },
  { type: "peer.end", error },
  { type: "app.start" },
  { type: "app.close" },
  { type: "fault", error },
  ...new Set(Object.values(answers)),
  "answer.thatNobodyKnows",
].map((event) =>
  typeof event !== "string"
    ? event
    : event === "answer.signed"
    ? { type: event, scheme: "ed25519", signature: Uint8Array.of(2) }
    : { type: event }
);

/** The two facts that a configuration can tell a chart. */
export const everyFact: readonly Facts[] = [{ halfClose: false }, { halfClose: true }];

/** Every way to `connected` that doesn't turn in a circle, in the notation of by_hand.ts, sorted. */
export function roadsOf(role: Charts, facts: Facts): readonly string[] {
  const logic = {
    getInitialSnapshot: () => begin(role, facts),
    transition: (moment: Moment, event: AnyEvent) => step(role, moment, event)[0],
  };
  const paths = getSimplePaths(logic as unknown as AnyActorLogic, {
    events: everyEvent,
    serializeEvent: ({ type }) => type,
    serializeState: (state) => keyOf(state as unknown as Moment),
    filterEvents: (state) => state.status === "active" && !isConnected(state as unknown as Moment),
    toState: (state) => isConnected(state as unknown as Moment),
  });
  return paths.map(({ steps }) => roadText(role, facts, steps.slice(1).map(({ event }) => event))).sort();
}

export function roadsByHand(role: Role): readonly string[] {
  return roads[role].map((road) => road.split("\n").map((line) => line.trim()).join("\n")).sort();
}

/** Whether each road written by hand can be walked as it stands: quicker than to look for all roads. */
export function canWalk(name: Role, role: Charts, facts: Facts): boolean {
  return roadsByHand(name).every((road) => {
    const events = road.split("\n").map(eventOf);
    const end = events.reduce((moment, event) => step(role, moment, event)[0], begin(role, facts));
    return isConnected(end) && road === roadText(role, facts, events);
  });
}

/** All states of one chart that can be reached, pending or not, whatever happens; found as one goes on. */
export function* reachable(chart: AnyChart, part: PartName, facts: Facts): Generator<Moment> {
  const snapshot = chart.begin(part === "opening" ? {} : facts);
  const start: Moment = { part, facts, snapshot, status: snapshot.status };
  const found = new Map([[keyOf(start), start]]);
  for (const moment of found.values()) {
    yield moment;
    for (const event of everyEvent) {
      const [snapshot] = chart.next(moment.snapshot, event);
      const next = { part, facts, snapshot, status: snapshot.status };
      if (!found.has(keyOf(next))) found.set(keyOf(next), next);
    }
  }
}

/** Where a chart and the table written by hand differ, one line for each place; lazily, because one is enough. */
export function* differences(role: Role, chart: AnyChart, part: PartName, facts: Facts): Generator<string> {
  const byHand = statesByHand(role, part, facts.halfClose ?? false);
  const missing = new Set(Object.keys(byHand));
  for (const moment of reachable(chart, part, facts)) {
    const state = textOf(moment);
    missing.delete(state);
    yield* stateDifferences(chart, moment, byHand[state]);
  }
  if (!facts.halfClose) missing.delete("live.peerClosed");
  for (const state of missing) yield `${state}: never reached`;
}

/** Where one state of a chart differs from the table. */
export function* stateDifferences(chart: AnyChart, moment: Moment, byHand: StateByHand | undefined): Generator<string> {
  const state = textOf(moment);
  if (byHand === undefined) return yield `${state}: not in the table`;
  const { tags, on } = byHand;
  if (tagsOf(moment) !== [...tags].sort().join()) yield `${state}: its tags are ${tagsOf(moment)}`;
  const isOver = moment.snapshot.status !== "active";
  if (isOver !== /^(closed|failed)$/.test(state)) yield `${state}: its status is ${moment.snapshot.status}`;
  for (const event of everyEvent) {
    const [snapshot, asked] = chart.next(moment.snapshot, event);
    const is = reactionText(moment, { ...moment, snapshot }, asked);
    const shouldBe = isOver ? "ignored" : on[event.type] ?? wildcard(on, event.type) ?? refusal(event.type);
    if (shouldBe !== "on the road" && is !== shouldBe) yield `${state}, ${event.type}: ${is}, not ${shouldBe}`;
    for (const command of asked) {
      if (!hasRightParams(command, event)) yield `${state}, ${event.type}: ${command.type} has wrong parameters`;
    }
  }
}

function tagsOf({ snapshot }: Moment): string {
  return (["applicationData", "maySendData", "pending"] as const).filter((tag) => snapshot.hasTag(tag)).join();
}

function wildcard(on: StateByHand["on"], event: string): string | undefined {
  return event.startsWith("peer.") ? on["peer.*"] : undefined;
}

function reactionText(from: Moment, to: Moment, asked: readonly AnyCommand[]): string {
  const words = asked.map(({ type }) => type);
  if (textOf(to) !== textOf(from)) words.push("→", textOf(to));
  return words.length === 0 ? "ignored" : words.join(" ");
}

/** What each command must be told, by hand: the event's own message, error, signature. */
function hasRightParams({ type, params }: AnyCommand, event: AnyEvent): boolean {
  const { message, error, scheme, signature } = event as AnyEvent & Record<string, unknown>;
  const same = (expected: Readonly<Record<string, unknown>>): boolean => {
    const given: Readonly<Record<string, unknown>> = params ?? {};
    const names = Object.keys(expected);
    return Object.keys(given).length === names.length && names.every((name) => given[name] === expected[name]);
  };
  if (type === "refuse") return same({ event });
  if (type === "failInternally") return same({ event: event.type });
  if (type === "fail") return same({ error });
  if (type === "sendServerKeyExchange") return same({ scheme, signature });
  if (type === "handOver" || type === "declineRenegotiation" || type.startsWith("check")) return same({ message });
  return params === undefined;
}

function isConnected(moment: Moment): boolean {
  return textOf(moment) === "live.connected";
}

function roadText(role: Charts, facts: Facts, events: readonly AnyEvent[]): string {
  let moment = begin(role, facts);
  let reading = false;
  let writing = false;
  const lines = events.map((event) => {
    const [next, asked] = step(role, moment, event);
    moment = next;
    const line = eventText(event.type, reading);
    const words = asked.map(({ type }) => {
      reading ||= type === "protectReading";
      writing ||= type === "protectWriting";
      return commandText(type, writing);
    });
    return words.length === 0 ? line : `${line}: ${words.join(", ")}`;
  });
  return lines.join("\n");
}

/** The event that a line of a road begins with. */
function eventOf(line: string): AnyEvent {
  const [text = ""] = line.split(":");
  const name = text.replace(/^[<?] |[{}]/g, "");
  const type = text.startsWith("<") ? `peer.${name.charAt(0).toLowerCase()}${name.slice(1)}` : name;
  const found = everyEvent.find((event) => event.type === (text.startsWith("?") ? `answer.${name}` : type));
  if (found === undefined) throw new Error(`there is no event ${text}`);
  return found;
}

function eventText(type: string, isProtected: boolean): string {
  if (type.startsWith("answer.")) return `? ${type.slice("answer.".length)}`;
  if (!type.startsWith("peer.")) return type;
  return `< ${braced(capitalized(type.slice("peer.".length)), isProtected)}`;
}

function commandText(type: string, isProtected: boolean): string {
  if (type === "reportEstablished") return "established";
  if (type === "sendEmptyCertificate") return `> ${braced("Certificate", isProtected)}`;
  return type.startsWith("send") ? `> ${braced(type.slice("send".length), isProtected)}` : type;
}

function braced(name: string, isProtected: boolean): string {
  return isProtected ? `{${name}}` : name;
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Whether two charts do the same in every state that either can reach: then no test could tell them apart. */
export function behaveAlike(one: AnyChart, other: AnyChart, part: PartName, facts: Facts): boolean {
  const moments = (chart: AnyChart): Map<string, Moment> =>
    new Map([...reachable(chart, part, facts)].map((moment) => [textOf(moment), moment]));
  const [ones, others] = [moments(one), moments(other)];
  return ones.size === others.size && [...ones].every(([state, moment]) => {
    const twin = others.get(state);
    return twin !== undefined && conductOf(one, moment) === conductOf(other, twin);
  });
}

function conductOf(chart: AnyChart, moment: Moment): string {
  const { snapshot } = moment;
  const reactions = everyEvent.map((event) => {
    const [next, asked] = chart.next(snapshot, event);
    const rights = asked.map((command) => hasRightParams(command, event));
    return reactionText(moment, { ...moment, snapshot: next }, asked) + rights.join();
  });
  return JSON.stringify([tagsOf(moment), snapshot.status, reactions]);
}
