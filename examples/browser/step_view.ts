/**
 * One step in full: what it is for, what it says, where the charts stand, and every byte of it.
 * @module
 */

import type { Side, Step, StepNumber } from "../../adapters/cli/step.ts";
import type { Operation } from "../../adapters/cli/stopwatch.ts";
import { messageBytes } from "./alerts.ts";
import { breakable, h, show } from "./dom.ts";
import { type Exchange, fieldsOf } from "./exchange.ts";
import { type Fact, factsOf, tellsSecrets } from "./facts.ts";
import { wayOf } from "./ladder_view.ts";
import { milliseconds, partsOf, shortState } from "./text.ts";
import { wireView } from "./wire_view.ts";
import type { Words } from "./words.ts";

export function showStep(
  element: Element,
  exchange: Exchange,
  number: StepNumber,
  expanded: ReadonlySet<string>,
  words: Words,
): void {
  const step = exchange.story.steps[number - 1];
  if (step === undefined) return;
  const facts = factsOf(exchange, number, words);
  show(
    element,
    heading(step, messageBytes(exchange, step), words),
    h("p", { class: "about" }, words.steps[number].about),
    tellsSecrets(facts) ? h("p", { class: "secrets-note" }, words.step.secrets) : undefined,
    facts.length === 0 ? undefined : h("h3", {}, words.step.facts),
    factList(facts),
    h("h3", {}, words.step.states),
    exchange.story.watched.map((side) => statesOf(exchange, step, side, words)),
    wires(exchange, number, expanded, words),
  );
}

/** Facts as a list of terms. */
export function factList(facts: readonly Fact[]): HTMLElement | undefined {
  if (facts.length === 0) return undefined;
  return h(
    "dl",
    { class: "facts" },
    facts.map(({ label, values, tone }) => [
      h("dt", {}, label),
      h("dd", { class: `fact-${tone}` }, values.map((value) => h("span", {}, breakable(partsOf(value))))),
    ]),
  );
}

function heading({ number, duration }: Step, bytes: number, words: Words): HTMLElement {
  return h(
    "header",
    { class: "step-head" },
    h("span", { class: "badge" }, String(number)),
    h(
      "div",
      {},
      h("h2", {}, words.steps[number].title),
      h(
        "p",
        { class: "meta" },
        h("span", {}, directionText(number, words)),
        h("span", {}, bytes === 0 ? words.step.nothingSent : words.bytes(bytes)),
        h("span", {}, milliseconds(duration)),
      ),
    ),
  );
}

function directionText(number: StepNumber, { sides, step }: Words): string {
  switch (wayOf[number]) {
    case "toServer":
      return `${sides.client} → ${sides.server}`;
    case "toClient":
      return `${sides.server} → ${sides.client}`;
    case "both":
      return `${sides.client} ↔ ${sides.server}`;
    case "alone":
      return step.alone;
  }
}

function statesOf({ story }: Exchange, step: Step, side: Side, words: Words): HTMLElement {
  const states = step.states[side];
  const before = story.stateBefore(step.number, side);
  const shown = states.length > 0 ? states : before === undefined ? [] : [before];
  return h(
    "div",
    { class: "states" },
    h("span", { class: `side side-${side}` }, words.sides[side]),
    h(
      "ol",
      { class: "path", "data-side": side },
      shown.map((state) => h("li", {}, h("code", { title: state }, breakable(partsOf(shortState(state)))))),
      states.length > 0 ? undefined : h("li", { class: "waits" }, words.step.waits),
    ),
    workText(step, side),
  );
}

/** What took a side its time. */
function workText({ operations }: Step, side: Side): HTMLElement | undefined {
  const sums = new Map<string, number>();
  for (const { operation, duration } of operations.filter((seen) => seen.side === side)) {
    const name = nameOf(operation);
    sums.set(name, (sums.get(name) ?? 0) + duration);
  }
  const texts = [...sums].map(([name, duration]) => `${name} ${milliseconds(duration)}`);
  return texts.length === 0 ? undefined : h("span", { class: "work" }, texts.join(" · "));
}

function nameOf(operation: Operation): string {
  switch (operation.type) {
    case "keyPair":
      return `${operation.algorithm} key pair`;
    case "sharedSecret":
      return operation.algorithm;
    case "sign":
    case "verify":
      return `${operation.type} ${operation.algorithm}`;
    case "prf":
      return "PRF";
    case "seal":
    case "open":
      return `${operation.type} ${operation.algorithm}`;
    case "path":
      return "X.509 path";
  }
}

function wires(exchange: Exchange, number: StepNumber, expanded: ReadonlySet<string>, words: Words) {
  const sent = exchange.sent.filter(({ step }) => step === number);
  if (sent.length === 0) return [];
  const isGcm = String(fieldsOf(exchange, "server_hello")["cipher_suite"] ?? "").includes("_GCM_");
  return [
    h("h3", {}, words.step.wire),
    sent.map((one, index) => wireView(one, `${number}/${one.sender}/${index}`, { words, isGcm, expanded })),
  ];
}
