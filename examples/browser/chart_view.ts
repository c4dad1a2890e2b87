/**
 * The drawing of a chart that shows where a connection is: the current state, the trail that led there, and a camera that
 * keeps it in sight. The drawing is the one of the docs; here it gets classes, and its colours from the page.
 * @module
 */

import type { Side } from "../../adapters/cli/step.ts";
import clientDrawing from "../../docs/charts/tls12_client.svg";
import serverDrawing from "../../docs/charts/tls12_server.svg";
import { h } from "./dom.ts";
import { shortState } from "./text.ts";
import type { Words } from "./words.ts";

/** Pixels for each unit of the drawing, whose letters are 12 units high. */
const scale = 1.17;
/** What is seen on the left of the current state at least, and by how much it stands left of the middle, in units. */
const margin = 20;
const lead = 120;

interface Size {
  readonly width: number;
  readonly height: number;
}

export class ChartView {
  readonly element: HTMLElement;
  readonly #side: Side;
  readonly #main: SVGSVGElement;
  readonly #map: SVGSVGElement;
  readonly #frame: SVGRectElement;
  readonly #stage: HTMLElement;
  readonly #title: HTMLElement = h("h2");
  readonly #state: HTMLElement = h("code", { class: "chart-state" });
  readonly #open: HTMLButtonElement;
  readonly #close: HTMLButtonElement;
  /** The whole chart, as large as it was drawn, over the full page. */
  readonly #whole: SVGSVGElement;
  readonly #dialog: HTMLDialogElement;
  readonly #size: Size;
  /** The states, and the one in which it failed. */
  #road: readonly string[] = [];

  constructor(side: Side) {
    this.#side = side;
    const drawing = side === "client" ? clientDrawing : serverDrawing;
    this.#main = parsed(drawing);
    this.#map = parsed(drawing);
    this.#size = { width: this.#main.viewBox.baseVal.width, height: this.#main.viewBox.baseVal.height };
    this.#frame = document.createElementNS(svgNamespace, "rect");
    this.#frame.setAttribute("class", "camera");
    this.#map.append(this.#frame);
    this.#map.setAttribute("class", "chart map");
    this.#map.querySelector("defs")?.remove();
    this.#main.setAttribute("class", "chart main");
    this.#whole = parsed(drawing);
    this.#whole.querySelector("defs")?.remove();
    this.#whole.setAttribute("class", "chart full");
    this.#whole.style.minWidth = `${this.#size.width}px`; // so that its letters keep their size
    this.#open = h("button", { type: "button", class: "chart-open", click: () => this.#showWhole() });
    this.#close = h("button", { type: "button", class: "chart-close", click: () => this.#dialog.close() });
    const scroller = h("div", { class: "chart-scroller", tabindex: 0 }, this.#whole);
    this.#dialog = h("dialog", { class: "chart-dialog" }, this.#close, scroller);
    this.#stage = h("div", { class: "chart-stage" }, this.#main, this.#map);
    this.element = h(
      "section",
      { class: `chart-pane chart-${side}`, "data-chart": side },
      h("header", {}, this.#title, this.#open, this.#state),
      this.#stage,
      this.#dialog,
    );
    new ResizeObserver(() => this.#aim()).observe(this.#stage);
  }

  /** `failedIn`: the state in which it failed, which it may have passed through at once. */
  show(states: readonly string[], words: Words, failedIn?: string): void {
    const { chart, sides } = words;
    const current = states.at(-1) ?? "";
    this.#title.textContent = chart.title(sides[this.#side]);
    this.#state.textContent = shortState(current);
    this.#state.title = current;
    this.#open.textContent = chart.whole;
    this.#close.textContent = chart.close;
    this.#dialog.setAttribute("aria-label", chart.title(sides[this.#side]));
    this.#main.setAttribute("aria-label", `${chart.title(sides[this.#side])}: ${current}`);
    this.#whole.setAttribute("aria-label", `${chart.title(sides[this.#side])}: ${current}`);
    this.#map.setAttribute("aria-label", chart.map);
    this.element.setAttribute("data-states", states.join(" "));
    const road = roadInto(failedIn, states);
    if (road.join() === this.#road.join()) return;
    this.#road = road;
    for (const drawing of [this.#main, this.#map, this.#whole]) mark(drawing, road);
    this.#aim();
  }

  #showWhole(): void {
    this.#dialog.showModal();
    const place = this.#whole.querySelector(".fatal") ?? this.#whole.querySelector(".current");
    place?.scrollIntoView({ block: "center", inline: "center" });
  }

  #aim(): void {
    const { clientWidth, clientHeight } = this.#stage;
    if (clientWidth === 0) return;
    const box = boxInSight(this.#main, this.#road);
    const view = box === undefined
      ? { x: 0, y: 0, ...this.#size }
      : viewAround(box, { width: clientWidth / scale, height: clientHeight / scale }, this.#size);
    moveCamera(this.#main, view);
    for (const name of ["x", "y", "width", "height"] as const) this.#frame.setAttribute(name, String(view[name]));
  }
}

const svgNamespace = "http://www.w3.org/2000/svg";

/** The drawing without its own colours, which the page's policy would refuse, as it should. */
function parsed(drawing: string): SVGSVGElement {
  const colourless = drawing.replace(/<style>[^]*?<\/style>/, "");
  const { documentElement } = new DOMParser().parseFromString(colourless, "image/svg+xml");
  documentElement.querySelector("title")?.remove();
  const svg = document.importNode(documentElement, true);
  if (!(svg instanceof SVGSVGElement)) throw new Error("the drawing of the chart is no SVG");
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  return svg;
}

const ends: ReadonlySet<string> = new Set(["failed", "closed"]);

function mark(drawing: SVGSVGElement, states: readonly string[]): void {
  const arrows = [...drawing.querySelectorAll("[data-from]")];
  for (const marked of drawing.querySelectorAll(".visited, .current, .walked, .fatal")) {
    marked.classList.remove("visited", "current", "walked", "fatal");
  }
  const road = states.flatMap((state, index) =>
    // Many states lead to these two, and a connection can end in each: a road to them would lead through what never was.
    index === 0 || ends.has(state) ? [state] : roadTo(arrows, states[index - 1] ?? "", state)
  );
  for (const [index, state] of road.entries()) {
    stateOf(drawing, state)?.classList.add("visited");
    const arrow = arrows.find((one) => joins(one, road[index - 1] ?? "", state));
    // What leads to `failed` is drawn for all states together, and says by itself which it was.
    if (state !== "failed") arrow?.classList.add("walked");
  }
  stateOf(drawing, states.at(-1) ?? "")?.classList.add("current");
  if (states.at(-1) === "failed") stateOf(drawing, states.at(-2) ?? "")?.classList.add("fatal");
}

function stateOf(drawing: SVGSVGElement, state: string): Element | null {
  return drawing.querySelector(`[data-state="${CSS.escape(state)}"]`);
}

/** The states, with the one before the last in which it failed, unless that is where it rested. */
function roadInto(failedIn: string | undefined, states: readonly string[]): readonly string[] {
  if (states.at(-1) !== "failed" || failedIn === undefined || failedIn === states.at(-2)) return states;
  return [...states.slice(0, -1), failedIn, "failed"];
}

/** A trace tells where the chart comes to rest. On the shortest road it passed through states that answer at once. */
function roadTo(arrows: readonly Element[], from: string, to: string): readonly string[] {
  const roads: string[][] = [[from]];
  const known = new Set([from]);
  for (const road of roads) {
    const here = road.at(-1) ?? from;
    for (const arrow of arrows) {
      const next = arrow.getAttribute("data-to") ?? "";
      if (!joins(arrow, here, next)) continue;
      if (next === to) return [...road.slice(1), to];
      if (!known.has(next)) roads.push([...road, next]);
      known.add(next);
    }
  }
  return [to];
}

function joins(arrow: Element, from: string, to: string): boolean {
  return arrow.getAttribute("data-from") === from && arrow.getAttribute("data-to") === to;
}

/** The current state; at an end, which is a long bar, the place where the road comes to it. */
function boxInSight(drawing: SVGSVGElement, road: readonly string[]): DOMRect | undefined {
  const [box, before] = [road.at(-1), road.at(-2)].map((state) => boxOf(drawing, state ?? ""));
  const current = road.at(-1);
  if (before === undefined || box === undefined || !ends.has(current ?? "")) return box;
  return current === "failed" ? before : new DOMRect(before.x, box.y, before.width, box.height);
}

function boxOf(drawing: SVGSVGElement, state: string): DOMRect | undefined {
  const element = stateOf(drawing, state);
  return element instanceof SVGGraphicsElement ? element.getBBox() : undefined;
}

interface View extends Size {
  readonly x: number;
  readonly y: number;
}

/** In the middle of the height, and so far left that what leads on from it is seen, but not beyond the drawing's edges. */
function viewAround(box: DOMRect, { width, height }: Size, whole: Size): View {
  const within = (start: number, size: number, most: number): number =>
    size >= most ? (most - size) / 2 : Math.max(0, Math.min(start, most - size));
  return {
    x: within(Math.min(box.x - margin, box.x + (box.width - width) / 2 + lead), width, whole.width),
    y: within(box.y + (box.height - height) / 2, height, whole.height),
    width,
    height,
  };
}

const flights = new WeakMap<SVGSVGElement, number>();

/** In a third of a second, or at once for those who like it calm. */
function moveCamera(svg: SVGSVGElement, to: View): void {
  cancelAnimationFrame(flights.get(svg) ?? 0);
  const { x, y, width, height } = svg.viewBox.baseVal;
  const from = { x, y, width, height };
  const set = (part: number): void => {
    const between = (one: number, other: number): number => one + (other - one) * part;
    const parts = [between(from.x, to.x), between(from.y, to.y), between(from.width, to.width)];
    svg.setAttribute("viewBox", [...parts, between(from.height, to.height)].join(" "));
  };
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return set(1);
  const began = performance.now();
  const fly = (): void => {
    const part = Math.min(1, (performance.now() - began) / 320);
    set(1 - (1 - part) ** 3);
    if (part < 1) flights.set(svg, requestAnimationFrame(fly));
  };
  fly();
}
