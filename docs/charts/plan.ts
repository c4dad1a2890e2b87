/**
 * How large everything of a picture is, and where it stands: the columns, the rows, the frames around states, the wall on
 * the right and the floor below.
 * @module
 */

import type { Anatomy, Arrow, State } from "./anatomy.ts";
import { fail } from "./fail.ts";
import { type Cell, cellsOf, type Column, lastRow, ofOpening, type Role } from "./places.ts";
import { type Box, letter, lineHeight, nameLetter } from "./svg.ts";
import { type Kind, linesOf, type Way, waysOf } from "./ways.ts";

export interface Frame {
  readonly name: string;
  readonly note: string;
  readonly box: Box;
  /** Where its name begins: beside the ways that lead into it. */
  readonly namedAt: number;
  /** The states around which it is drawn, `undefined` for the opening. */
  readonly path: string | undefined;
}

export interface Plan {
  readonly width: number;
  readonly height: number;
  readonly cells: readonly Cell[];
  readonly ways: readonly Way[];
  readonly frames: readonly Frame[];
  /** Where failures end, and orderly ends. */
  readonly wall: Box;
  readonly floor: Box;
  /** On the outside of all frames of the handshake's parts: where ways lead past. */
  readonly pastLeft: number;
  readonly pastRight: number;
  boxOf(cell: Cell): Box;
  /** What stands in a state's box below its name. */
  notesOf(cell: Cell): readonly string[];
  /** Where the arrows that leave a row downwards have their labels, and where the frames of a row begin. */
  labelsBelow(row: number): number;
  edgeAbove(row: number): number;
  /** Between the columns, the labels of ways across hang down so far. */
  acrossEnds(row: number): number;
}

/** All in pixels. */
const top = 96;
const pad = 14;
const header = 27;
/** Between the frames and the wall there is room for the longest label there. */
const wallGap = 178;
/** Left of the left column: room for the label of what leaves the handshake's frame. */
const margin = 230;
/** Two labels beside each other. */
const narrowest = 320;

export function planOf(role: Role, opening: Anatomy, handshake: Anatomy): Plan {
  const cells = cellsOf(role, opening, handshake);
  const ways = waysOf(opening, handshake, cells);
  const notes = new Map(cells.map((cell) => [cell, notesFor(cell, opening, handshake)]));
  const notesOf = (cell: Cell): readonly string[] => notes.get(cell) ?? [];
  const columns = columnsOf(cells, ways, notesOf);
  const frames = framesOf(cells, handshake);
  const rows = rowsOf(cells, ways, frames, handshake, notesOf);
  const last = rows.at(-1) ?? fail("no rows");
  const floorY = last.labels + last.gap + pad;
  const wallX = columns.end + wallGap;
  return {
    width: wallX + 66,
    height: floorY + 60,
    cells,
    ways,
    frames: frames.map((frame) => {
      const box = frameBox(frame, columns, rows);
      return { ...frame, box, namedAt: box.x + (frame.depth < 2 ? 12 : pad * (4 - frame.depth) + 34) };
    }),
    wall: { x: wallX, y: top, width: 44, height: floorY - top - 40 },
    floor: { x: 20, y: floorY, width: columns.end - 20, height: 36 },
    pastLeft: columns.left.x - 3 * pad,
    pastRight: columns.right.x + columns.right.width + 3 * pad,
    boxOf: (cell) => ({
      ...columns[cell.column],
      y: rows[cell.row]?.y ?? 0,
      height: heightOf(cell.state, notesOf(cell)),
    }),
    notesOf,
    labelsBelow: (row) => rows[row]?.labels ?? 0,
    edgeAbove: (row) => rows[row]?.edge ?? 0,
    acrossEnds: (row) => rows[row]?.across ?? 0,
  };
}

interface Columns extends Readonly<Record<Column, { readonly x: number; readonly width: number }>> {
  /** The right edge of the outermost frames. */
  readonly end: number;
}

function columnsOf(
  cells: readonly Cell[],
  ways: readonly Way[],
  notesOf: (cell: Cell) => readonly string[],
): Columns {
  const labels = (...kinds: readonly Kind[]): number =>
    letter *
    Math.max(
      0,
      ...ways.filter(({ kind }) => kinds.includes(kind)).flatMap(({ arrow }) => linesOf(arrow)).map(({ length }) =>
        length
      ),
    );
  const boxes = (column: Column): number =>
    Math.max(...cells.filter((cell) => cell.column === column).map((cell) => widthOf(cell.state, notesOf(cell))));
  const left = { x: margin, width: Math.max(narrowest, boxes("left")) };
  const right = {
    x: left.x + left.width + labels("across", "gapBack", "out") + 30,
    width: Math.max(boxes("right"), 36 + labels("back", "pastLeft"), 58 + rightDowns(ways)),
  };
  return { left, right, end: right.x + right.width + 3 * pad + 10 + labels("pastRight") + 2 * pad };
}

function rightDowns(ways: readonly Way[]): number {
  const downs = ways.filter(({ kind, from }) => kind === "down" && from.column === "right");
  return letter * Math.max(0, ...downs.flatMap(({ arrow }) => linesOf(arrow)).map(({ length }) => length));
}

interface FramePlan extends Omit<Frame, "box" | "namedAt"> {
  readonly rows: readonly [first: number, last: number];
  readonly columns: ReadonlySet<Column>;
  /** How deep it stands in others. */
  readonly depth: number;
}

function framesOf(cells: readonly Cell[], handshake: Anatomy): readonly FramePlan[] {
  const parents = handshake.states.filter(({ children }) => children.length > 0);
  const opening = {
    name: "opening",
    path: undefined,
    depth: 0,
    prefix: ofOpening,
    note: "before a version is known; it ends as live and handshake do",
  };
  const named = parents.map(({ name, path, parents }) => {
    const note = ignoredBy(path, handshake).join(", ");
    return { name, path, depth: parents.length, prefix: `${path}.`, note };
  });
  return [opening, ...named].map(({ prefix, ...frame }) => {
    const inner = cells.filter(({ state }) => state.path.startsWith(prefix));
    const rows = inner.map(({ row }) => row);
    return {
      ...frame,
      rows: [Math.min(...rows), Math.max(...rows)],
      columns: new Set(inner.map(({ column }) => column)),
    };
  });
}

/** The innermost frames stand close around the columns; those of the whole chart reach to its edges. */
function frameBox(
  { name, depth, columns: inner, rows: [first, last] }: FramePlan,
  columns: Columns,
  rows: readonly Row[],
): Box {
  const { left, right, end } = columns;
  const inside = pad * Math.max(1, 4 - depth);
  const [x, x2] = depth < 2 ? [20 + depth * pad, end - depth * pad] : [
    (inner.has("left") ? left.x : right.x) - inside,
    (inner.has("right") ? right.x + right.width : left.x + left.width) + inside,
  ];
  const [begin, finish] = [rows[first] ?? fail(name), rows[last] ?? fail(name)];
  const above = begin.starts.filter((other) => other >= depth).length;
  const below = finish.ends.filter((other) => other >= depth).length;
  const y = begin.y - header * above;
  return { x, y, width: x2 - x, height: finish.bottom + pad * below - y };
}

interface Row {
  /** Where the frames begin that begin here, and where the boxes do. */
  readonly edge: number;
  readonly y: number;
  readonly bottom: number;
  /** Where labels below it begin, and how much room they take. */
  readonly labels: number;
  readonly gap: number;
  /** Where the labels of ways across end. */
  readonly across: number;
  /** How deep the frames are that begin and end here. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

function rowsOf(
  cells: readonly Cell[],
  ways: readonly Way[],
  frames: readonly FramePlan[],
  { arrows }: Anatomy,
  notesOf: (cell: Cell) => readonly string[],
): readonly Row[] {
  const depths = (
    side: 0 | 1,
    row: number,
  ): readonly number[] => [...new Set(frames.filter(({ rows }) => rows[side] === row).map(({ depth }) => depth))];
  const rows: Row[] = [];
  let edge = top;
  for (let row = 0; row <= lastRow(cells); row++) {
    const [starts, ends] = [depths(0, row), depths(1, row)];
    const inRow = cells.filter((cell) => cell.row === row);
    const y = edge + header * starts.length;
    const bottom = y + Math.max(...inRow.map((cell) => heightOf(cell.state, notesOf(cell))));
    const labels = bottom + pad * ends.length;
    const leaving = ways.filter(({ from }) => from.row === row);
    const across = Math.max(0, ...leaving.filter(({ kind }) => kind === "across").map(acrossLabel)) + y;
    const toFloor = arrows.filter(({ from, to }) => to === "closed" && inRow.some(({ state }) => state.path === from));
    const rooms = [
      across - labels + 14,
      ...leaving.map((way) => roomBelow(way) + (way.kind === "gapBack" ? Math.max(0, across - labels) : 0)),
      ...toFloor.map((arrow) => linesOf(arrow).length * lineHeight + 18),
    ];
    const gap = Math.max(32, ...rooms);
    rows.push({ edge, y, bottom, labels, gap, across, starts, ends });
    edge = labels + gap;
  }
  return rows;

  function acrossLabel({ arrow, from, to }: Way): number {
    const heights = [from, to].map((cell) => heightOf(cell.state, notesOf(cell)));
    return Math.min(...heights) / 2 + (linesOf(arrow).length - 1) * lineHeight + 4;
  }
}

/** What a way's label needs below the row that it leaves. */
function roomBelow({ arrow, kind, from, to }: Way): number {
  const words = linesOf(arrow).length * lineHeight;
  switch (kind) {
    case "down":
      return to.row > from.row + 1 ? 0 : words + 18;
    case "over":
      return words + 18;
    case "back":
    case "gapBack":
      return words + 32;
    case "pastLeft":
      return words + 40;
    case "across":
    case "out":
    case "pastRight":
      return 0;
  }
}

function notesFor({ state: { path } }: Cell, opening: Anatomy, handshake: Anatomy): readonly string[] {
  const isOpening = path.startsWith(ofOpening);
  const anatomy = isOpening ? opening : handshake;
  const own = isOpening ? path.slice(ofOpening.length) : path;
  const arrows = anatomy.arrows.filter(({ from }) => from === own);
  const stays = arrows.filter(({ to, commands }) => to === undefined && commands.length > 0);
  const ends = arrows.filter(({ to }) => isOpening && (to === "closed" || to === "failed"));
  return [
    ...stays.flatMap(linesOf),
    ...ends.map(({ event, commands, to }) => `${event} / ${commands.join(", ")} → ${to}`),
    ...ignoredBy(own, anatomy),
  ];
}

/** Events that are ignored on a condition have a line of their own, and it another one. */
function ignoredBy(path: string, { arrows }: Anatomy): readonly string[] {
  const ignored = arrows.filter(({ from, to, commands }) => from === path && to === undefined && commands.length === 0);
  const always = ignored.filter(({ guard }) => guard === undefined).map(({ event }: Arrow) => event);
  return [
    ...always.length === 0 ? [] : [`ignores ${always.join(", ")}`],
    ...ignored.filter(({ guard }) => guard !== undefined).flatMap((
      { event, guard },
    ) => [`ignores ${event}`, `[${guard}]`]),
  ];
}

/** A long name in two lines. */
export function nameLines(name: string): readonly string[] {
  if (name.length <= 26) return [name];
  const cut = name.indexOf("Or");
  return cut < 1 ? [name] : [name.slice(0, cut), name.slice(cut)];
}

function widthOf({ name, tags }: State, notes: readonly string[]): number {
  const names = nameLines(name).map(({ length }) => length * nameLetter);
  return Math.ceil(Math.max(...names, ...[tagText(tags), ...notes].map(({ length }) => length * letter)) + 24);
}

function heightOf({ name, tags }: State, notes: readonly string[]): number {
  return 14 + lineHeight * (nameLines(name).length + notes.length + (tagText(tags) === "" ? 0 : 1));
}

/** That a state is pending is seen. */
export function tagText(tags: readonly string[]): string {
  return tags.filter((tag) => tag !== "pending").join(", ");
}
