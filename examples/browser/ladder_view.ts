/**
 * The eleven steps at a glance, as a ladder between two lifelines: what was sent, which way, how much, how long it took.
 * @module
 */

import { type StepNumber, stepNumbers } from "../../adapters/cli/step.ts";
import { nameOf } from "../../lib/registry.ts";
import { AlertDescription } from "../../mod.ts";
import { alertsOf, messageBytes, recordBytes } from "./alerts.ts";
import type { Exchange } from "./exchange.ts";
import { h, show } from "./dom.ts";
import type { Outcome } from "./recording.ts";
import type { Sent } from "./sent.ts";
import { milliseconds } from "./text.ts";
import type { Viewer } from "./viewer.ts";
import type { Words } from "./words.ts";

type Way = "toServer" | "toClient" | "alone" | "both";

/** Which way each step goes. */
export const wayOf: Readonly<Record<StepNumber, Way>> = {
  1: "toServer",
  2: "toClient",
  3: "toClient",
  4: "toClient",
  5: "toClient",
  6: "toServer",
  7: "alone",
  8: "alone",
  9: "toServer",
  10: "toClient",
  11: "both",
};

export function showLadder(element: Element, viewer: Viewer, exchange: Exchange | undefined, words: Words): void {
  const reachable = viewer.steps;
  const focused = document.activeElement?.getAttribute("data-step");
  show(
    element,
    h(
      "div",
      { class: "ladder-head", "aria-hidden": "true" },
      h("span", { class: "lane-client" }, words.sides.client),
      h("span", { class: "lane-server" }, words.sides.server),
    ),
    h(
      "ol",
      { class: "ladder" },
      stepNumbers.map((number) => [
        rung(number, viewer, reachable, exchange, words),
        exchange === undefined ? [] : alertsOf(exchange, number).map((alert) => alertRung(alert, words)),
      ]),
    ),
    result(viewer, words),
  );
  if (focused !== null && focused !== undefined) {
    element.querySelector<HTMLElement>(`[data-step="${focused}"]`)?.focus();
  }
}

/** The one listener of the ladder: its rungs come and go. */
export function listenToLadder(element: Element, viewer: () => Viewer): void {
  element.addEventListener("click", ({ target }) => {
    const step = target instanceof Element ? target.closest("[data-step]")?.getAttribute("data-step") : undefined;
    if (step === "result") return viewer().goTo(viewer().last);
    const number = stepNumbers.find((one) => String(one) === step);
    if (number !== undefined) viewer().goToStep(number);
  });
}

function rung(
  number: StepNumber,
  viewer: Viewer,
  reachable: ReadonlySet<StepNumber>,
  exchange: Exchange | undefined,
  words: Words,
): HTMLElement {
  const step = exchange?.story.steps[number - 1];
  const hasCome = step !== undefined && step.states.client.length + step.states.server.length > 0;
  const isCurrent = exchange !== undefined && viewer.position > 0 && !viewer.showsOutcome && exchange.step === number;
  const hasFailed = step?.alerts.some(({ level }) => level === "fatal") === true;
  const state = isCurrent ? "current" : hasCome ? "done" : "future";
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: `rung ${state}${hasFailed ? " failed" : ""}`,
        "data-step": number,
        "aria-current": isCurrent && "step",
        disabled: !reachable.has(number),
      },
      h("span", { class: "number" }, String(number)),
      h("span", { class: "rung-title" }, words.steps[number].title),
      h(
        "span",
        { class: `way ${wayOf[number]}` },
        h(
          "span",
          { class: "way-size" },
          hasCome && exchange !== undefined ? sizeText(messageBytes(exchange, step), words) : " ",
        ),
        h("span", { class: "way-line" }),
        h("span", { class: "way-time" }, hasCome ? milliseconds(step.duration) : " "),
      ),
    ),
  );
}

/** How it ended, in one sentence; a blank before. */
export function outcomeText(outcome: Outcome | undefined, { outcome: words }: Words): string {
  if (outcome === undefined) return " ";
  if (outcome.type === "failed") return words.failed;
  if (outcome.lacksRequest) return words.lacksRequest;
  return outcome.isOrderly ? words.succeeded : words.leftEarly;
}

function alertRung(alert: Sent, words: Words): HTMLElement {
  const way: Way = alert.sender === "client" ? "toServer" : "toClient";
  const [, description = 0] = alert.plaintext;
  return h(
    "li",
    {},
    h(
      "div",
      { class: "rung alert", "data-alert": alert.sender },
      h("span", { class: "number", "aria-hidden": "true" }, "!"),
      h("span", { class: "rung-title" }, `${words.facts.alert} ${nameOf(AlertDescription, description)}`),
      h(
        "span",
        { class: `way ${way}` },
        h("span", { class: "way-size" }, words.bytes(recordBytes(alert))),
        h("span", { class: "way-line" }),
      ),
    ),
  );
}

function sizeText(bytes: number, words: Words): string {
  return bytes === 0 ? words.step.nothingSent : words.bytes(bytes);
}

function result(viewer: Viewer, words: Words): HTMLElement {
  const outcome = viewer.recording?.outcome;
  const state = viewer.showsOutcome ? "current" : outcome === undefined ? "future" : "done";
  const hasFailed = outcome?.type === "failed";
  const sign = outcome === undefined ? "·" : hasFailed ? "✕" : "✓";
  return h(
    "button",
    {
      type: "button",
      class: `rung result ${state}${hasFailed ? " failed" : ""}`,
      "data-step": "result",
      "aria-current": viewer.showsOutcome && "step",
      disabled: outcome === undefined,
    },
    h("span", { class: "number" }, sign),
    h(
      "span",
      { class: "rung-title" },
      words.outcome.title,
      h(
        "span",
        { class: "result-text" },
        outcomeText(outcome, words),
      ),
    ),
  );
}
