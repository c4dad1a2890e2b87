/**
 * The buttons and the slider that lead through a recording, and in words where one is.
 * @module
 */

import type { Exchange } from "./exchange.ts";
import { byId, h, show } from "./dom.ts";
import { icon, type IconName } from "./icons.ts";
import type { Moment } from "./recording.ts";
import { milliseconds } from "./text.ts";
import type { Viewer } from "./viewer.ts";
import { titleOf } from "./wire_view.ts";
import type { Words } from "./words.ts";

type Move = Exclude<IconName, "pause">;

const moves: Readonly<Record<Move, (viewer: Viewer) => void>> = {
  start: (viewer) => viewer.goTo(0),
  previousStep: (viewer) => viewer.previousStep(),
  previous: (viewer) => viewer.goTo(viewer.position - 1),
  play: (viewer) => viewer.isPlaying ? viewer.goTo(viewer.position) : viewer.play(),
  next: (viewer) => viewer.goTo(viewer.position + 1),
  nextStep: (viewer) => viewer.nextStep(),
  end: (viewer) => viewer.goTo(viewer.last),
};
const order: readonly Move[] = ["start", "previousStep", "previous", "play", "next", "nextStep", "end"];

/** Makes the controls once; `viewer` says whose they are at the moment. */
export class Player {
  readonly #buttons: ReadonlyMap<Move, HTMLButtonElement>;
  readonly #slider: HTMLInputElement;

  constructor(viewer: () => Viewer) {
    this.#buttons = new Map(order.map((move) => [
      move,
      h("button", { type: "button", class: `player-${move}`, click: () => moves[move](viewer()) }),
    ]));
    this.#slider = h("input", {
      type: "range",
      min: 0,
      step: 1,
      input: () => viewer().goTo(Number(this.#slider.value)),
    });
    byId("player-buttons").replaceChildren(...this.#buttons.values());
    byId("player-slider").replaceChildren(this.#slider);
  }

  show(viewer: Viewer, exchange: Exchange | undefined, words: Words): void {
    const { player } = words;
    for (const [move, button] of this.#buttons) {
      const name = move === "play" && viewer.isPlaying ? "pause" : move;
      const isBackwards = move === "start" || move.startsWith("previous");
      button.disabled = viewer.last === 0 || (isBackwards ? viewer.position === 0 : false) ||
        (!isBackwards && move !== "play" && viewer.position === viewer.last);
      button.setAttribute("aria-label", player[name]);
      button.title = player[name];
      show(button, icon(name), move === "play" ? h("span", {}, player[name]) : undefined);
    }
    this.#slider.max = String(viewer.last);
    this.#slider.value = String(viewer.position);
    this.#slider.disabled = viewer.last === 0;
    this.#slider.setAttribute("aria-label", player.slider);
    const text = positionText(viewer, exchange, words);
    this.#slider.setAttribute("aria-valuetext", text);
    show(
      byId("player-text"),
      h("span", { class: "player-count" }, `${viewer.position} / ${viewer.last}`),
      h("span", { class: "player-now" }, text),
    );
  }
}

function positionText(viewer: Viewer, exchange: Exchange | undefined, { player, sides }: Words): string {
  if (viewer.last === 0) return player.nothing;
  if (viewer.position === 0) return player.beginning;
  if (viewer.showsOutcome) return player.over;
  const moment = exchange?.last;
  if (moment === undefined) return player.beginning;
  return `${sides[moment.side]}${player.separator}${momentText(moment, player)} · ${milliseconds(moment.at)}`;
}

function momentText(moment: Moment, player: Words["player"]): string {
  if (!("event" in moment)) return "";
  const { event } = moment;
  const passing = (direction: "sent" | "received", name: string): string => player[direction](name);
  switch (event.type) {
    case "message":
      return passing(event.direction, titleOf(event.name));
    case "changeCipherSpec":
      return passing(event.direction, "ChangeCipherSpec");
    case "alert":
      return passing(event.direction, event.description);
    case "state":
      return player.state(event.to.split(".").at(-1) ?? "");
    case "secret":
      return player.secret(event.name);
    case "record":
      return passing(event.direction, event.contentType);
  }
}
