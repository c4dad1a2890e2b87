/**
 * The eleven steps laid out for a terminal: a headline with the direction, the bytes and the time; the facts; and where
 * each side's chart stands.
 * @module
 */

import type { Operation } from "./stopwatch.ts";
import type { FactOptions } from "./fields.ts";
import { stepFacts, stepTitles } from "./step_facts.ts";
import type { Side, Step, StepNumber } from "./step.ts";
import type { Story } from "./story.ts";
import { byteCount, type Fact, fact, factLines, milliseconds, type Palette } from "./terminal.ts";

export interface StepOptions extends FactOptions {
  /** Titles in place of the usual ones. */
  readonly titles?: Readonly<Partial<Record<StepNumber, string>>> | undefined;
  /** More facts for a step, before its own. */
  readonly more?: ((number: StepNumber) => readonly Fact[]) | undefined;
}

/** The steps that were reached, of those asked for, in the order in which they were. */
export function storyLines(story: Story, numbers: readonly StepNumber[], options: StepOptions): readonly string[] {
  return story.stepsAsReached
    .filter((step) => numbers.includes(step.number))
    .flatMap((step) => ["", headline(step, options), ...stepBody(story, step, options)]);
}

function stepBody(story: Story, step: Step, options: StepOptions): readonly string[] {
  const { palette } = options;
  const facts = [
    ...options.more?.(step.number) ?? [],
    ...stepFacts(story, step, options),
    ...story.watched.flatMap((side) => stateFacts(story, step, side, palette)),
    ...story.watched.flatMap((side) => workFacts(step, side, palette)),
  ];
  return factLines(facts, palette);
}

/** `  1  Client Hello          Client ──────▶ Server      146 bytes      2.31 ms`. */
function headline({ number, wireBytes, duration }: Step, { palette, titles }: StepOptions): string {
  const title = titles?.[number] ?? stepTitles[number];
  const size = wireBytes === 0 ? "nothing sent" : byteCount(wireBytes);
  const columns = [`${number}`.padStart(3), "  ", palette.strong(title.padEnd(42)), arrows(number, palette)];
  return `${columns.join("")}${size.padStart(16)}${milliseconds(duration).padStart(14)}`;
}

function arrows(number: StepNumber, { client, server }: Palette): string {
  return `${client("Client")} ${arrowOf[number]} ${server("Server")}`;
}

const [toServer, toClient, alone, both] = ["───────▶", "◀───────", "·      ·", "◀──────▶"] as const;
const arrowOf: Readonly<Record<StepNumber, string>> = {
  1: toServer,
  2: toClient,
  3: toClient,
  4: toClient,
  5: toClient,
  6: toServer,
  7: alone,
  8: alone,
  9: toServer,
  10: toClient,
  11: both,
};

/** What the chart passed through in this step, or where it waits meanwhile. */
function stateFacts(story: Story, step: Step, side: Side, palette: Palette): readonly Fact[] {
  const states = step.states[side];
  if (states.length > 0) return [fact(`${side} chart`, states.map(shortState).join(" → "), palette[side])];
  const before = story.stateBefore(step.number, side);
  return before === undefined ? [] : [fact(`${side} chart`, `${shortState(before)} (waits)`, palette[side])];
}

/** Without the parents that are the same for all: the chart's `live`, and `handshake` in it. */
function shortState(state: string): string {
  return state.replace(/^live\./, "").replace(/^handshake\./, "");
}

/** What took a side its time. */
function workFacts({ operations }: Step, side: Side, palette: Palette): readonly Fact[] {
  const sums = new Map<string, number>();
  for (const { operation, duration } of operations.filter((seen) => seen.side === side)) {
    const name = workText(operation);
    sums.set(name, (sums.get(name) ?? 0) + duration);
  }
  const texts = [...sums].map(([name, duration]) => `${name} ${milliseconds(duration)}`);
  return texts.length === 0 ? [] : [fact(`${side} work`, texts.join(", "), palette[side])];
}

function workText({ type, algorithm }: Operation): string {
  switch (type) {
    case "keyPair":
      return "making a key pair";
    case "sharedSecret":
      return `${algorithm} of the two keys`;
    case "sign":
      return "signing";
    case "verify":
      return "checking the signature";
    case "prf":
      return "PRF";
    case "seal":
      return "encrypting";
    case "open":
      return "decrypting";
    case "path":
      return "checking the certificate";
  }
}
