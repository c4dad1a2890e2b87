/**
 * The ways from state to state, and how each one runs through the picture: that follows from the places of both ends.
 * @module
 */

import { type Anatomy, type Arrow, merged } from "./anatomy.ts";
import { fail } from "./fail.ts";
import { type Cell, type Column, ofOpening } from "./places.ts";

/**
 * `across`: to the right, in the same row. `down`: in the same column. `over`: to the right, and down. The others lead
 * from the right column back into the left one: `back` below the state, `gapBack` too, with its words between the
 * columns, `out` between the columns at once, `past` on the outside of what stands in between.
 */
export type Kind = "across" | "down" | "over" | "back" | "gapBack" | "out" | "pastLeft" | "pastRight";

export interface Way {
  readonly arrow: Arrow;
  readonly from: Cell;
  readonly to: Cell;
  readonly kind: Kind;
  /** Which one it is of those that leave its state downwards beside each other. */
  readonly nth: number;
  /** Which one it is, from the right, of those that come back into its target. */
  readonly arrives: number;
}

/** All ways between placed states, with the one from the opening to the handshake. */
export function waysOf(opening: Anatomy, handshake: Anatomy, cells: readonly Cell[]): readonly Way[] {
  const find = (path: string): Cell | undefined => cells.find(({ state }) => state.path === path);
  const ends = [
    ...merged(opening.arrows).map((arrow) => ({
      arrow,
      from: find(ofOpening + arrow.from),
      to: find(ofOpening + arrow.to),
    })),
    handOver(opening, handshake, find),
    ...merged(handshake.arrows).map((arrow) => ({ arrow, from: find(arrow.from), to: find(arrow.to ?? "") })),
  ];
  const joined = ends.flatMap(({ arrow, from, to }) =>
    from === undefined || to === undefined || from === to ? [] : [{ arrow, from, to }]
  );
  const kinds = joined.map((one) => ({ ...one, kind: kindOf(one, joined, cells) }));
  return kinds.map((one) => ({ ...one, nth: nthOf(one, kinds), arrives: arrivesOf(one, kinds) }));
}

/** An arrow's label: the event, its guard, then its commands. */
export function linesOf({ event, guard, commands }: Arrow): readonly string[] {
  const head = guard === undefined ? [event] : [event, `[${guard}]`];
  return commands.length === 0 ? head : [...head.with(-1, `${head.at(-1)} /`), ...commands];
}

type Ends = Pick<Way, "arrow" | "from" | "to">;
type Kinded = Ends & Pick<Way, "kind">;

/** What the hand-over brings: the hello as the first event of the version's chart. */
function handOver(
  opening: Anatomy,
  handshake: Anatomy,
  find: (path: string) => Cell | undefined,
): { readonly arrow: Arrow; readonly from: Cell | undefined; readonly to: Cell | undefined } {
  const last = opening.arrows.find(({ commands }) => commands.includes("handOver")) ?? fail("no hand-over");
  const first = handshake.arrows.find(({ from, event }) => from === handshake.initial && event.startsWith("peer."));
  const event = `hands over ${first?.event.replace("peer.", "") ?? fail("no first event")}`;
  const arrow = { from: last.to ?? "", to: handshake.initial, event, guard: undefined, commands: [] };
  return { arrow, from: find(ofOpening + last.to), to: find(handshake.initial) };
}

function kindOf(one: Ends, all: readonly Ends[], cells: readonly Cell[]): Kind {
  const { from, to } = one;
  const isFree = (column: Column, first: number, end: number): boolean =>
    !cells.some((cell) => cell.column === column && cell.row >= first && cell.row < end);
  const isDown = ({ from, to }: Ends): boolean =>
    from.column === to.column && from.row < to.row && isFree(from.column, from.row + 1, to.row);
  if (from.row === to.row && from.column === "left") return "across";
  if (isDown(one)) return "down";
  if (from.row < to.row && from.column === "left") return "over";
  if (from.row >= to.row || from.column === to.column) fail(`no way leads from ${from.state.path} to ${to.state.path}`);
  const others = all.filter((other) => other.from === from && other !== one);
  if (!isFree("left", from.row + 1, to.row)) return others.length > 0 ? "pastRight" : "pastLeft";
  if (!others.some(isDown)) return "back";
  return isFree("left", from.row, from.row + 1) ? "out" : "gapBack";
}

function nthOf(one: Kinded, all: readonly Kinded[]): number {
  return all.filter(({ from, kind }) => from === one.from && kind === "down" && one.kind === "down").indexOf(one);
}

/** Whoever comes from further up arrives further left, so that nobody crosses another one. */
function arrivesOf(one: Kinded, all: readonly Kinded[]): number {
  return all.filter(({ to, kind }) => to === one.to && !["across", "down", "over", "pastLeft"].includes(kind))
    .sort((some, other) => other.from.row - some.from.row).indexOf(one);
}
