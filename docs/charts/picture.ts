/**
 * The picture of one role as SVG: the road to application data runs down the page. Whatever fails runs to the wall,
 * whatever ends in good order falls to the floor. Arrows that hold in every state are drawn once, at the edge of the frame
 * around those states. Where things stand is plan.ts; how arrows run is ways.ts.
 * @module
 */

import { type Anatomy, type Arrow, merged } from "./anatomy.ts";
import { fail } from "./fail.ts";
import { type Cell, ofOpening, type Role } from "./places.ts";
import { type Frame, nameLines, type Plan, planOf, tagText } from "./plan.ts";
import {
  arrow,
  type Box,
  escaped,
  letter,
  lineHeight,
  named,
  nameLetter,
  type Point,
  rectangle,
  style,
  text,
} from "./svg.ts";
import { linesOf, type Way } from "./ways.ts";

export interface Picture {
  readonly role: Role;
  readonly title: string;
  /** Before the version is known; its last state hands over to the other chart. */
  readonly opening: Anatomy;
  readonly handshake: Anatomy;
}

/** The whole picture. */
export function svgOf({ role, title, opening, handshake }: Picture): string {
  checkOpening(opening, handshake);
  const plan = planOf(role, opening, handshake);
  const { width, height } = plan;
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`,
    `<title>${escaped(title)}</title>`,
    style,
    rectangle({ x: 0, y: 0, width, height }, "paper"),
    '<g class="legend">',
    ...drawLegend(title),
    "</g>",
    ...plan.frames.flatMap(drawFrame),
    ...drawEnds(plan),
    ...plan.cells.flatMap((cell) => drawState(cell, plan.boxOf(cell), plan.notesOf(cell))),
    ...plan.ways.flatMap((way) => drawWay(plan, way)),
    ...drawEndings(plan, handshake),
    "</svg>",
    "",
  ].join("\n");
}

/** The picture says of the opening only that it ends as the others do; that must be true. */
function checkOpening(opening: Anatomy, handshake: Anatomy): void {
  const endings = ({ arrows }: Anatomy, states: readonly string[]): string =>
    arrows.filter(({ from }) => states.includes(from)).map(({ event, to, commands }) =>
      `${event} ${to} ${commands.join()}`
    )
      .filter((one) => !/^peer\.(helloRequest|clientHello) /.test(one)).sort().join("\n");
  if (endings(opening, ["live"]) !== endings(handshake, ["live", "live.handshake"])) {
    fail("the opening ends in other ways than live and handshake do");
  }
}

function drawLegend(title: string): readonly string[] {
  return [
    text([24, 34], title, "title"),
    text([24, 58], "peer.…", "peer"),
    text([24 + 7 * letter, 58], "a message arrives"),
    text([230, 58], "answer.…", "answer"),
    text([230 + 9 * letter, 58], "a check has ended well"),
    text([470, 58], "app.…", "app"),
    text([470 + 6 * letter, 58], "the application calls"),
    text([730, 80], "fault", "wrong"),
    text([730 + 6 * letter, 80], "a check has failed, or something threw"),
    text([730, 58], "/ command", "send"),
    text([730 + 10 * letter, 58], "what the chart asks for, in order"),
    rectangle({ x: 24, y: 68, width: 34, height: 16 }, "state pending", 4),
    text([66, 80], "pending: waits for an answer, reads no record"),
    rectangle({ x: 470, y: 68, width: 34, height: 16 }, "state data", 4),
    text([512, 80], "application data may flow"),
  ];
}

function drawFrame({ box, name, note, namedAt }: Frame): readonly string[] {
  const words = note === "" ? [] : [text([namedAt + 10 + name.length * nameLetter, box.y + 18], note, "quiet")];
  return [rectangle(box, "frame", 12), text([namedAt, box.y + 18], name, "name"), ...words];
}

function drawEnds({ wall, floor }: Plan): readonly string[] {
  const [x, y] = [wall.x + wall.width / 2 + 5, wall.y + wall.height / 2];
  return [
    ...named("failed", [
      rectangle(wall, "failed"),
      `<text x="${x}" y="${y}" class="name" text-anchor="middle" transform="rotate(90 ${x - 5} ${y})">failed</text>`,
    ]),
    ...named("closed", [
      rectangle(floor, "closed"),
      text([floor.x + floor.width / 2, floor.y + 23], "closed", "name", "middle"),
    ]),
  ];
}

function drawState({ state: { path, name, tags } }: Cell, box: Box, notes: readonly string[]): readonly string[] {
  const isPending = tags.includes("pending");
  const classes = ["state", ...isPending ? ["pending"] : [], ...tags.includes("applicationData") ? ["data"] : []];
  const middle = box.x + box.width / 2;
  const shown = tagText(tags);
  const lines = [
    ...nameLines(name).map((line) => [line, "name"] as const),
    ...(shown === "" ? [] : [[shown, "quiet"] as const]),
    ...notes.map((note) => [note, noteClass(note)] as const),
  ];
  return named(path.replace(ofOpening, ""), [
    rectangle(box, classes.join(" ")),
    ...lines.map(([line, kind], at) => text([middle, box.y + 19 + at * lineHeight], line, kind, "middle")),
  ]);
}

function noteClass(note: string): string {
  if (/^(ignores |\[)/.test(note)) return "quiet";
  return note.includes(".") ? eventClass(note) : "";
}

/** From state to state. */
function drawWay(plan: Plan, way: Way): readonly string[] {
  const { points, words } = runOf(plan, way);
  return [arrow(points, way.arrow), ...label(words, way.arrow, way.kind === "across" ? 5 : 0)];
}

interface Run {
  readonly points: readonly Point[];
  /** Where its label begins. */
  readonly words: Point;
}

function runOf(plan: Plan, { kind, from: fromCell, to: toCell, arrow, nth, arrives }: Way): Run {
  const [from, to] = [plan.boxOf(fromCell), plan.boxOf(toCell)];
  const [fromRight, toRight, fromBottom] = [from.x + from.width, to.x + to.width, from.y + from.height];
  const labels = plan.labelsBelow(fromCell.row) + 17;
  const turn = labels + lineHeight * linesOf(arrow).length + 1;
  const end = toRight - 30 - 34 * arrives;
  const leavesBeside = plan.ways.some(({ from, kind }) => from === fromCell && kind === "gapBack");
  switch (kind) {
    case "across": {
      const y = from.y + Math.min(from.height, to.height) / 2;
      return { points: [[fromRight, y], [to.x, y]], words: [fromRight + 12, y - 6] };
    }
    case "down": {
      const x = from.x + (leavesBeside ? 48 : 22) + 168 * nth;
      return { points: [[x, fromBottom], [x, to.y]], words: [x + 10, labels] };
    }
    case "over": {
      const [x, y] = [to.x + 22, from.y + from.height / 2];
      return { points: [[fromRight, y], [x, y], [x, to.y]], words: [x + 10, labels] };
    }
    case "back": {
      const x = from.x + 22;
      return { points: [[x, fromBottom], [x, turn], [end, turn], [end, to.y]], words: [x + 10, labels] };
    }
    case "gapBack": {
      const x = from.x + 22;
      const below = Math.max(0, plan.acrossEnds(fromCell.row) - plan.labelsBelow(fromCell.row));
      const y = turn + below;
      return { points: [[x, fromBottom], [x, y], [end, y], [end, to.y]], words: [toRight + 12, labels + below] };
    }
    case "out": {
      const y = from.y + from.height / 2;
      return { points: [[from.x, y], [end, y], [end, to.y]], words: [end + 10, y + 18] };
    }
    case "pastLeft": {
      const [x, y] = [from.x + 22, to.y + to.height / 2];
      const points: readonly Point[] = [[x, fromBottom], [x, turn], [plan.pastLeft, turn], [plan.pastLeft, y], [
        to.x,
        y,
      ]];
      return { points, words: [x + 10, labels] };
    }
    case "pastRight": {
      const [x, y] = [plan.pastRight, from.y + from.height / 2];
      const above = plan.edgeAbove(toCell.row) - 10;
      return { points: [[fromRight, y], [x, y], [x, above], [end, above], [end, to.y]], words: [x + 10, y + 4] };
    }
  }
}

/** To the wall and to the floor. */
function drawEndings(plan: Plan, { arrows }: Anatomy): readonly string[] {
  const ends = merged(arrows.filter(({ to }) => to === "failed" || to === "closed"));
  const failing = ends.filter(({ to }) => to === "failed");
  const framed = failing.filter(({ from }) => frameOf(plan, from) !== undefined);
  const { box: outermost } = frameOf(plan, "live") ?? fail("live");
  const wall = framed.flatMap((one, at) => {
    const { box } = frameOf(plan, one.from) ?? fail(one.from);
    return toTheWall(plan, [box.x + box.width, outermost.y + 72 + at * 62], one);
  });
  const single = failing.filter((one) => !framed.includes(one)).flatMap((one) => {
    const box = plan.boxOf(cellOf(plan, one.from));
    return toTheWall(plan, [box.x + box.width, box.y + 14], one);
  });
  return [
    ...wall,
    ...single,
    ...ends.filter(({ to }) => to === "closed").flatMap((one) => toTheFloor(plan, ends, one)),
  ];
}

function toTheWall({ wall, floor }: Plan, [x, y]: Point, one: Arrow): readonly string[] {
  const start = floor.x + floor.width + 12;
  const heads = `${one.event} /`.split(/(?<=,) (?=[^,]*$)/); // the last of several events in a line of its own
  return [
    arrow([[x, y], [wall.x, y]], one, true),
    ...heads.map((head, at) => text([start, y - 6 - (heads.length - 1 - at) * lineHeight], head, "wrong")),
    text([start, y + 15], one.commands.join(", ")),
  ];
}

function toTheFloor(plan: Plan, ends: readonly Arrow[], one: Arrow): readonly string[] {
  const { floor } = plan;
  const frame = frameOf(plan, one.from);
  if (frame !== undefined) {
    const [x, y] = [frame.box.x + 18, frame.box.y + frame.box.height];
    return [arrow([[x, y], [x, floor.y]], one), ...label([x + 10, y + 22], one)];
  }
  const cell = cellOf(plan, one.from);
  const box = plan.boxOf(cell);
  const isLast = plan.cells.every(({ row }) => row <= cell.row);
  if (!isLast) { // from connected, between the columns
    const [x, y] = [box.x + box.width + 24, box.y + box.height - 14];
    return [arrow([[box.x + box.width, y], [x, y], [x, floor.y]], one), ...label([x + 10, y + 34], one)];
  }
  const siblings = ends.filter(({ from, to }) => from === one.from && to === one.to);
  const x = box.x + 22 + siblings.indexOf(one) * 170;
  return [
    arrow([[x, box.y + box.height], [x, floor.y]], one),
    ...label([x + 10, plan.labelsBelow(cell.row) + 17], one),
  ];
}

function frameOf({ frames }: Plan, path: string): Frame | undefined {
  return frames.find((frame) => frame.path === path);
}

function cellOf({ cells }: Plan, path: string): Cell {
  return cells.find(({ state }) => state.path === path) ?? fail(`${path} has no place`);
}

/** The event, its guard, and below it the commands; below the first line there may be room for an arrow. */
function label([x, y]: Point, one: Arrow, room = 0): readonly string[] {
  return linesOf(one).map((line, at) =>
    text([x, y + at * lineHeight + (at > 0 ? room : 0)], line, lineClass(line, one))
  );
}

function lineClass(line: string, { event, commands }: Arrow): string {
  if (line === "note") return "quiet"; // to remember something isn't to do something
  if (commands.includes(line)) return line.startsWith("send") ? "send" : "";
  return eventClass(event);
}

function eventClass(event: string): string {
  return /^(peer|answer|app)\./.exec(event)?.[1] ?? "quiet";
}
