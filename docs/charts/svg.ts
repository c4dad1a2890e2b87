/**
 * The strokes of a picture: boxes, arrows, labels as SVG text. Letters are monospaced, so that their width is known.
 * @module
 */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Point = readonly [x: number, y: number];

/** In pixels: of a letter in a label and in a state's name, and from line to line. */
export const letter = 7.25;
export const nameLetter = 7.9;
export const lineHeight = 15;

export const style: string = `<style>
  text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2328 }
  .title { font-size: 18px; font-weight: bold }
  .name { font-size: 13px; font-weight: bold }
  .frame { fill: #818b98; fill-opacity: .06; stroke: #818b98 }
  .state { fill: #fff; stroke: #1f2328; stroke-width: 1.5 }
  .pending { fill: #fff8dc; stroke-dasharray: 5 3 }
  .data { fill: #dafbe1; stroke: #1a7f37; stroke-width: 2 }
  .failed { fill: #ffebe9; stroke: #cf222e; stroke-width: 1.5 }
  .closed { fill: #eaeef2; stroke: #59636e; stroke-width: 1.5 }
  .paper { fill: #fff }
  .arrow { fill: none; stroke: #1f2328; stroke-width: 1.3; marker-end: url(#head) }
  .bad { stroke: #cf222e; marker-end: url(#badhead) }
  .peer { fill: #0550ae; font-weight: bold }
  .answer { fill: #1a7f37; font-weight: bold }
  .app { fill: #8250df; font-weight: bold }
  .wrong { fill: #cf222e; font-weight: bold }
  .quiet { fill: #59636e }
  .send { font-weight: bold }
</style>
<defs>
  <marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10.4" markerHeight="10.4"
    markerUnits="userSpaceOnUse" orient="auto">
    <path d="M0 1 10 5 0 9z" fill="#1f2328"/></marker>
  <marker id="badhead" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10.4" markerHeight="10.4"
    markerUnits="userSpaceOnUse" orient="auto">
    <path d="M0 1 10 5 0 9z" fill="#cf222e"/></marker>
</defs>`;

export function rectangle({ x, y, width, height }: Box, classes: string, radius = 8): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" class="${classes}"/>`;
}

export function text([x, y]: Point, words: string, classes = "", anchor = "start"): string {
  const attributes = `${classes === "" ? "" : ` class="${classes}"`}${
    anchor === "start" ? "" : ` text-anchor="${anchor}"`
  }`;
  return `<text x="${x}" y="${y}"${attributes}>${escaped(words)}</text>`;
}

/** A line through these points, with a head at its end; a page can find it by the states that it joins. */
export function arrow(
  points: readonly Point[],
  { from, to = "" }: { readonly from: string; readonly to: string | undefined },
  isBad = false,
): string {
  const path = points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${x} ${y}`).join(" ");
  return `<path d="${path}" class="arrow${isBad ? " bad" : ""}" data-from="${from}" data-to="${to}"/>`;
}

/** What belongs to one state, which a page can find by the name that a trace gives it. */
export function named(state: string, lines: readonly string[]): readonly string[] {
  return [`<g data-state="${state}">`, ...lines, "</g>"];
}

export function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
