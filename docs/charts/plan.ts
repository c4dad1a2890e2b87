/**
 * Where everything of a picture stands. The road to application data runs down the page in rows; a row has room for a
 * state that waits for the peer (left) and one that waits for an answer, or that not every road passes (right).
 * @module
 */

import type { Anatomy, Arrow, State } from "./anatomy.ts";
import { type Box, letter, lineHeight, nameLetter } from "./svg.ts";

export interface Cell {
  readonly state: State;
  readonly isLeft: boolean;
  readonly row: number;
}

export interface Frame {
  readonly name: string;
  readonly note: string;
  readonly box: Box;
  /** The states around which it is drawn, `undefined` for the opening. */
  readonly path: string | undefined;
}

export interface Plan {
  readonly width: number;
  readonly height: number;
  readonly cells: readonly Cell[];
  readonly frames: readonly Frame[];
  /** Where failures end, and orderly ends. */
  readonly wall: Box;
  readonly floor: Box;
  boxOf(path: string): Box;
  cellOf(path: string): Cell | undefined;
  notesOf(path: string): readonly string[];
  /** Where the arrows that leave a row downwards have their labels. */
  labelsBelow(path: string): number;
}

/** All states of the opening have paths of their own: `opening.live.start`. */
export const ofOpening = "opening.";

const left = 196;
const top = 96;
const pad = 14;
const header = 28;
const wallGap = 290;
/** Room for two labels beside each other. */
const narrowest = 330;

export function planOf(opening: Anatomy, handshake: Anatomy): Plan {
  const first = rowsOf(opening, (state) => opening.arrows.every(({ from }) => from !== state.path), 0);
  const rest = rowsOf(handshake, ({ name }) => name === "connected", 1 + lastRow(first));
  const cells = [
    ...first.map((cell) => ({ ...cell, state: { ...cell.state, path: ofOpening + cell.state.path } })),
    ...rest,
    ...afterwards(handshake, rest),
  ];
  const notes = new Map(cells.map(({ state: { path } }) => [path, notesFor(path, opening, handshake)]));
  const widths = (isLeft: boolean): number =>
    Math.max(
      isLeft ? narrowest : 0,
      ...cells.filter((cell) => cell.isLeft === isLeft)
        .map(({ state }) => widthOf(state, notes.get(state.path) ?? [])),
    );
  const right = left + widths(true) + gapBetween(handshake, opening);
  const frames = framesOf(cells, handshake);
  const rows = verticals(cells, frames, notes, handshake);
  const innerRight = right + Math.max(widths(false), labelWidth(rest, handshake)) + 3 * pad;
  const boxOf = (path: string): Box => {
    const cell = cells.find(({ state }) => state.path === path) ?? fail(`${path} has no place in the picture`);
    const row = rows[cell.row] ?? fail(`row ${cell.row}`);
    const lines = notes.get(path) ?? [];
    return { x: cell.isLeft ? left : right, y: row.y, width: widths(cell.isLeft), height: heightOf(cell.state, lines) };
  };
  const boxed = frames.map((frame): Frame => {
    const depth = frame.depth * pad;
    const y = (rows[frame.from]?.y ?? 0) - header * frame.headers;
    const bottom = (rows[frame.to]?.bottom ?? 0) + pad * frame.pads;
    return { ...frame, box: { x: 20 + depth, y, width: innerRight - 20 - 2 * depth, height: bottom - y } };
  });
  const last = rows.at(-1) ?? fail("no rows");
  const floorY = last.bottom + last.gap + 2 * pad;
  const wallX = innerRight + wallGap;
  return {
    width: wallX + 70,
    height: floorY + 60,
    cells,
    frames: boxed,
    wall: { x: wallX, y: top, width: 44, height: floorY - top - 40 },
    floor: { x: 20, y: floorY, width: innerRight - 20, height: 36 },
    boxOf,
    cellOf: (path) => cells.find(({ state }) => state.path === path),
    notesOf: (path) => notes.get(path) ?? [],
    labelsBelow: (path) => rows[cells.find(({ state }) => state.path === path)?.row ?? 0]?.labels ?? 0,
  };
}

/** In which row and column the states of the road stand. */
function rowsOf(
  { initial, states, arrows }: Anatomy,
  isGoal: (state: State) => boolean,
  firstRow: number,
): readonly Cell[] {
  const leaves = states.filter(({ children, isFinal }) => children.length === 0 && !isFinal);
  const goal = leaves.find(isGoal) ?? fail("the chart has no goal");
  const next = (path: string): readonly string[] =>
    arrows.filter(({ from, to }) => from === path && to !== undefined).map(({ to }) => to ?? "");
  const reaches = (from: string, without?: string): boolean =>
    from === goal.path ||
    (from !== without && next(from).some((to) => to !== from && to !== without && reaches(to, without)));
  const depth = (path: string): number =>
    path === initial
      ? 0
      : 1 + Math.max(...leaves.filter(({ path: from }) => next(from).includes(path)).map((one) => depth(one.path)));
  const road = leaves.filter(({ path }) => reaches(path)).sort((one, other) => depth(one.path) - depth(other.path));
  let row = firstRow - 1;
  let isTaken = true;
  return road.map((state) => {
    const isLeft = !state.tags.includes("pending") &&
      (state.path === initial || !reaches(initial, state.path) || state === goal);
    if (isLeft || isTaken) row++;
    isTaken = !isLeft;
    return { state, isLeft, row };
  });
}

/** What comes after application data: one row more. */
function afterwards({ states }: Anatomy, road: readonly Cell[]): readonly Cell[] {
  const isPlaced = (path: string): boolean => road.some(({ state }) => state.path === path);
  const rest = states.filter(({ path, children, isFinal }) => children.length === 0 && !isFinal && !isPlaced(path));
  if (rest.length > 2) fail("more than two states come after application data: teach the plan where to put them");
  const row = lastRow(road) + 1;
  return [...rest].sort((one, other) => one.name < other.name ? -1 : 1).map((state, at) => ({
    state,
    isLeft: at === 0,
    row,
  }));
}

interface FrameRows extends Omit<Frame, "box"> {
  readonly from: number;
  readonly to: number;
  /** How deep it stands in others, and how many headers and margins are below its own edge. */
  readonly depth: number;
  readonly headers: number;
  readonly pads: number;
}

function framesOf(cells: readonly Cell[], handshake: Anatomy): readonly FrameRows[] {
  const rowsWithin = (prefix: string): readonly number[] =>
    cells.filter(({ state }) => state.path.startsWith(prefix)).map(({ row }) => row);
  const parents = handshake.states.filter(({ children }) => children.length > 0);
  const named = [
    {
      name: "opening",
      path: undefined,
      depth: 0,
      prefix: ofOpening,
      note: "before a version is known; it ends as live and handshake do",
    },
    ...parents.map(({ name, path, parents }) => ({
      name,
      path,
      depth: parents.length,
      prefix: `${path}.`,
      note: ignoredBy(path, handshake),
    })),
  ];
  const spans = named.map((frame) => {
    const rows = rowsWithin(frame.prefix);
    return { ...frame, from: Math.min(...rows), to: Math.max(...rows) };
  });
  return spans.map((frame) => {
    const inner = spans.filter(({ prefix }) => prefix.startsWith(frame.prefix));
    return {
      ...frame,
      headers: inner.filter(({ from }) => from === frame.from).length,
      pads: inner.filter(({ to }) => to === frame.to).length,
    };
  });
}

interface Row {
  readonly y: number;
  readonly bottom: number;
  /** Where labels below it begin, and how much room they take. */
  readonly labels: number;
  readonly gap: number;
}

function verticals(
  cells: readonly Cell[],
  frames: readonly FrameRows[],
  notes: ReadonlyMap<string, readonly string[]>,
  { arrows }: Anatomy,
): readonly Row[] {
  const rows: Row[] = [];
  let y = top;
  for (let row = 0; row <= lastRow(cells); row++) {
    const inRow = cells.filter((cell) => cell.row === row);
    y += header * frames.filter(({ from }) => from === row).length;
    const bottom = y + Math.max(...inRow.map(({ state }) => heightOf(state, notes.get(state.path) ?? [])));
    const labels = bottom + pad * frames.filter(({ to }) => to === row).length;
    const lines = arrows
      .filter(({ from, to }) =>
        inRow.some(({ state }) => state.path === from) && !inRow.some(({ state }) => state.path === to)
      )
      .map((arrow) => linesOf(arrow).length);
    const gap = Math.max(1, ...lines) * lineHeight + 34;
    rows.push({ y, bottom, labels, gap });
    y = labels + gap;
  }
  return rows;
}

/** Below the right column there must be room for the longest label there. */
function labelWidth(cells: readonly Cell[], { arrows }: Anatomy): number {
  const below = arrows.filter(({ from, to }) =>
    to !== undefined && cells.some(({ state, isLeft }) => state.path === from && !isLeft)
  );
  return 32 + letter * Math.max(...below.flatMap(linesOf).map(({ length }) => length));
}

/** Between the columns there must be room for the label of the longest arrow from left to right. */
function gapBetween(...anatomies: readonly Anatomy[]): number {
  const lengths = anatomies.flatMap(({ arrows }) => arrows)
    .filter(({ from, to }) => to !== undefined && /await|connected/.test(from))
    .flatMap((
      { event, commands },
    ) => [event.length + 2, ...commands.length < 3 ? commands.map(({ length }) => length) : []]);
  return Math.max(...lengths) * letter + 30;
}

/** What stands in a state's box below its name: what it does without leaving, and what it ignores. */
function notesFor(path: string, opening: Anatomy, handshake: Anatomy): readonly string[] {
  const isOpening = path.startsWith(ofOpening);
  const { arrows } = isOpening ? opening : handshake;
  const own = arrows.filter(({ from }) => from === (isOpening ? path.slice(ofOpening.length) : path));
  const stays = own.filter(({ to, commands }) => to === undefined && commands.length > 0);
  const ends = own.filter(({ to }) => isOpening && (to === "closed" || to === "failed"));
  const ignored = ignoredBy(isOpening ? path.slice(ofOpening.length) : path, isOpening ? opening : handshake);
  return [
    ...stays.map(({ event, commands }) => `${event} / ${commands.join(", ")}`),
    ...ends.map(({ event, commands, to }) => `${event} / ${commands.join(", ")} → ${to}`),
    ...ignored === "" ? [] : [ignored],
  ];
}

function ignoredBy(path: string, { arrows }: Anatomy): string {
  const events = arrows.filter(({ from, to, commands }) => from === path && to === undefined && commands.length === 0);
  return events.length === 0 ? "" : `ignores ${events.map(({ event }) => event).join(", ")}`;
}

/** An arrow's label: the event, then its commands. */
export function linesOf({ event, guard, commands }: Arrow): readonly string[] {
  const head = `${event}${guard === undefined ? "" : ` [${guard}]`}`;
  return [commands.length === 0 ? head : `${head} /`, ...commands];
}

/** A long name in two lines. */
export function nameLines(name: string): readonly string[] {
  if (name.length <= 26) return [name];
  const cut = name.indexOf("Or");
  return cut < 1 ? [name] : [name.slice(0, cut), name.slice(cut)];
}

function widthOf({ name }: State, notes: readonly string[]): number {
  const names = nameLines(name).map(({ length }) => length * nameLetter);
  return Math.ceil(Math.max(...names, ...notes.map(({ length }) => length * letter)) + 24);
}

function heightOf({ name, tags }: State, notes: readonly string[]): number {
  const shown = tags.filter((tag) => tag !== "pending").length > 0 ? 1 : 0;
  return 14 + lineHeight * (nameLines(name).length + notes.length + shown);
}

function lastRow(cells: readonly Cell[]): number {
  return Math.max(...cells.map(({ row }) => row));
}

export function fail(why: string): never {
  throw new Error(`Cannot draw the chart: ${why}`);
}
