/**
 * How a connection came out: what was agreed and said, or why it failed.
 * @module
 */

import { sides } from "../../adapters/cli/step.ts";
import type { TlsSession } from "../../mod.ts";
import { type Child, h, show } from "./dom.ts";
import type { Exchange } from "./exchange.ts";
import { type Failure, failureOf } from "./failure.ts";
import type { Fact } from "./facts.ts";
import { parseResponse } from "./http.ts";
import { outcomeText } from "./ladder_view.ts";
import type { Recording } from "./recording.ts";
import { factList } from "./step_view.ts";
import { joined, milliseconds, printable, utf8Text } from "./text.ts";
import type { Words } from "./words.ts";

/** More of a text isn't shown, in characters. */
const maxText = 20_000;

export function showOutcome(element: Element, exchange: Exchange, words: Words): void {
  const { recording } = exchange;
  const { outcome } = recording;
  if (outcome === undefined) return;
  const content = outcome.type === "failed" ? failureContent(failureOf(outcome.error), words) : [
    heading("✓", outcomeText(outcome, words), "good"),
    agreed(exchange, outcome.session, words),
  ];
  show(element, content, exchangeContent(recording, words), keyLog(recording, words));
}

/** A failure before there was anything to record, or after. */
export function failureContent(failure: Failure, words: Words): readonly HTMLElement[] {
  const { failure: text } = words;
  const facts: readonly (Fact | undefined)[] = [
    { label: text.says, values: [failure.says], tone: "prose" },
    failure.state === undefined ? undefined : { label: text.where, values: whereIn(failure.state, text), tone: "code" },
    failure.check === undefined ? undefined : { label: text.check, values: [failure.check], tone: "code" },
    {
      label: failure.isAlertReceived ? text.alertReceived : text.alertSent,
      values: [failure.alert ?? text.noAlert],
      tone: failure.alert === undefined ? "prose" : "bad",
    },
  ];
  return [
    heading("✕", words.outcome.failed, "bad"),
    h("p", { class: "about", role: "alert", "data-failure": failure.kind }, text[failure.kind]),
    factList(facts.filter((fact) => fact !== undefined)) ?? h("div"),
  ];
}

/** "connecting" is no state of the chart, which stands at its start until there is a way to the other side. */
function whereIn(state: string, { notBegun }: Words["failure"]): readonly string[] {
  return state === "connecting" ? ["live.start", notBegun] : [state];
}

function heading(sign: string, text: string, tone: string): HTMLElement {
  return h(
    "header",
    { class: `step-head ${tone}` },
    h("span", { class: "badge" }, sign),
    h("div", {}, h("h2", {}, text)),
  );
}

function agreed({ recording, story }: Exchange, session: TlsSession, words: Words): HTMLElement {
  const sizes = sides.map((side) => `${words.sides[side]} ${words.bytes(joined(recording.wire[side]).length)}`);
  const time = story.steps.slice(0, 10).reduce((sum, { duration }) => sum + duration, 0);
  const facts: readonly Fact[] = [
    {
      label: words.outcome.agreed,
      values: [session.version, session.cipherSuite, `${session.namedGroup}, ${session.signatureScheme}`],
      tone: "code",
    },
    { label: "ALPN", values: [printable(session.alpnProtocol ?? words.facts.none)], tone: "code" },
    { label: words.outcome.time, values: [milliseconds(time)], tone: "prose" },
    { label: words.outcome.sizes, values: [sizes.join(" · ")], tone: "prose" },
  ];
  return factList(facts) ?? h("div");
}

function exchangeContent({ said, scene }: Recording, { outcome }: Words): readonly HTMLElement[] {
  const request = joined(said.client);
  const answer = joined(said.server);
  const { head, body } = parseResponse(answer);
  const [side = "client"] = scene.watched;
  return [
    ...request.length === 0 ? [] : [h("h3", {}, outcome.request[side]), text(utf8Text(request), outcome.cut)],
    ...answer.length === 0
      ? []
      : [h("h3", {}, outcome.response[side]), text(head, outcome.cut), text(body, outcome.cut, "body")],
  ];
}

function text(content: string, cut: (count: number) => string, name = "head"): HTMLElement {
  const shown = printable(content.replaceAll("\r\n", "\n").trimEnd(), true);
  const more = shown.length > maxText ? `\n${cut(shown.length - maxText)}` : "";
  return h("pre", { class: `http-${name}`, tabindex: 0 }, shown.slice(0, maxText) + more);
}

function keyLog({ keyLog }: Recording, words: Words): readonly HTMLElement[] {
  if (keyLog.length === 0) return [];
  return [
    h("h3", {}, words.outcome.keyLog),
    h("p", { class: "secrets-note" }, words.outcome.keyLogAbout),
    copyBox(keyLog.join("\n"), words),
  ];
}

/** Lines end between words, not after the hyphen of an option; what is long anyway may be broken. */
function unbroken(content: string): readonly Child[] {
  return content.split(/( )/).map((word) =>
    word === " " || word.length > 48 ? word : h("span", { class: "word" }, word)
  );
}

/** Text with a button that copies it; the page listens to the buttons. */
export function copyBox(content: string, words: Words): HTMLElement {
  return h(
    "div",
    { class: "copy-box" },
    h("pre", { tabindex: 0 }, unbroken(content)),
    h("button", { type: "button", "data-copy": content }, words.copy),
  );
}
