/**
 * The picture of one role as SVG: the road to application data runs down the page; what waits for the peer stands on the
 * left, what waits for an answer on the right. Whatever fails runs to the wall, whatever ends in good order falls to the
 * floor. Arrows that hold in every state are drawn once, at the edge of the frame around those states.
 * The layout follows from the chart (plan.ts); a chart with a shape that it can't draw is refused.
 * @module
 */

import { type Anatomy, type Arrow, merged, type State } from "./anatomy.ts";
import { fail, type Frame, linesOf, nameLines, ofOpening, type Plan, planOf } from "./plan.ts";
import { arrow, type Box, escaped, letter, lineHeight, named, type Point, rectangle, style, text } from "./svg.ts";

export interface Picture {
  readonly title: string;
  /** Before the version is known; its last state hands over to the other chart. */
  readonly opening: Anatomy;
  readonly handshake: Anatomy;
}

/** The whole picture. */
export function svgOf({ title, opening, handshake }: Picture): string {
  checkOpening(opening, handshake);
  const plan = planOf(opening, handshake);
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
    ...plan.cells.flatMap(({ state }) => drawState(state, plan.boxOf(state.path), plan.notesOf(state.path))),
    ...drawRoad(plan, opening, ofOpening),
    ...drawHandOver(plan, opening, handshake),
    ...drawRoad(plan, handshake, ""),
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
    text([230 + 9 * letter, 58], "a check has passed"),
    text([450, 58], "app.…", "app"),
    text([450 + 6 * letter, 58], "the application calls"),
    text([690, 80], "fault", "wrong"),
    text([690 + 6 * letter, 80], "a check has failed, or something threw"),
    text([690, 58], "/ command", "send"),
    text([690 + 10 * letter, 58], "what the chart asks for, in order"),
    rectangle({ x: 24, y: 68, width: 34, height: 16 }, "state pending", 4),
    text([66, 80], "pending: waits for an answer, reads no record"),
    rectangle({ x: 450, y: 68, width: 34, height: 16 }, "state data", 4),
    text([492, 80], "application data may flow"),
  ];
}

function drawFrame({ box, name, note }: Frame): readonly string[] {
  const words = note === "" ? [] : [text([box.x + 22 + name.length * 7.9, box.y + 19], note, "quiet")];
  return [rectangle(box, "frame", 12), text([box.x + 12, box.y + 19], name, "name"), ...words];
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

function drawState({ path, name, tags }: State, box: Box, notes: readonly string[]): readonly string[] {
  const isPending = tags.includes("pending");
  const shown = tags.filter((tag) => tag !== "pending");
  const classes = ["state", ...isPending ? ["pending"] : [], ...tags.includes("applicationData") ? ["data"] : []];
  const middle = box.x + box.width / 2;
  const names = nameLines(name).map((line) => [line, "name"] as const);
  const lines = [
    ...names,
    ...(shown.length > 0 ? [[shown.join(", "), "quiet"] as const] : []),
    ...notes.map((note) => [note, noteClass(note)] as const),
  ];
  return named(path.replace(ofOpening, ""), [
    rectangle(box, classes.join(" ")),
    ...lines.map(([line, kind], at) => text([middle, box.y + 19 + at * lineHeight], line, kind, "middle")),
  ]);
}

function noteClass(note: string): string {
  return note.startsWith("ignores") ? "quiet" : eventClass(note);
}

/** From state to state. */
function drawRoad(plan: Plan, { arrows }: Anatomy, prefix: string): readonly string[] {
  return merged(arrows).flatMap((one) => {
    const [from, to] = [prefix + one.from, prefix + (one.to ?? "")];
    const [source, target] = [plan.cellOf(from), plan.cellOf(to)];
    if (source === undefined || target === undefined) return [];
    if (source.row === target.row) return across(plan.boxOf(from), plan.boxOf(to), one);
    if (target.row !== source.row + 1) fail(`${from} to ${to} passes over a row`);
    const labels = plan.labelsBelow(from);
    if (source.isLeft === target.isLeft) return down(plan.boxOf(from), plan.boxOf(to), labels, one);
    return source.isLeft
      ? overAndDown(plan.boxOf(from), plan.boxOf(to), one)
      : downAndBack(plan.boxOf(from), plan.boxOf(to), labels, one);
  });
}

/** What the hand-over brings: the same message as the first event of the version's chart. */
function drawHandOver(plan: Plan, opening: Anatomy, handshake: Anatomy): readonly string[] {
  const last = opening.arrows.find(({ commands }) => commands.includes("handOver")) ?? fail("no hand-over");
  const from = ofOpening + (last.to ?? "");
  const one: Arrow = {
    from: last.to ?? "",
    to: handshake.initial,
    event: `hands over ${last.event.replace("peer.", "")}`,
    guard: undefined,
    commands: [],
  };
  return downAndBack(plan.boxOf(from), plan.boxOf(handshake.initial), plan.labelsBelow(from), one);
}

function across(from: Box, to: Box, one: Arrow): readonly string[] {
  const y = from.y + Math.min(from.height, to.height) / 2;
  const [head = "", ...commands] = linesOf(one);
  const x = from.x + from.width + 12;
  return [
    arrow([[from.x + from.width, y], [to.x, y]], one),
    text([x, y - 6], head, eventClass(one.event)),
    ...commands.map((command, at) => text([x, y + 15 + at * lineHeight], command, commandClass(command))),
  ];
}

function down(from: Box, to: Box, labels: number, one: Arrow): readonly string[] {
  const x = from.x + 22;
  return [arrow([[x, from.y + from.height], [x, to.y]], one), ...label([x + 10, labels + 17], one)];
}

function downAndBack(from: Box, to: Box, labels: number, one: Arrow): readonly string[] {
  const x = from.x + 22;
  const [end, turn] = [to.x + to.width - 30, labels + lineHeight * linesOf(one).length + 18];
  return [
    arrow([[x, from.y + from.height], [x, turn], [end, turn], [end, to.y]], one),
    ...label([x + 10, labels + 17], one),
  ];
}

function overAndDown(from: Box, to: Box, one: Arrow): readonly string[] {
  const [x, y] = [to.x + 22, from.y + from.height / 2];
  return [
    arrow([[from.x + from.width, y], [x, y], [x, to.y]], one),
    ...label([x + 10, from.y + from.height + 17], one),
  ];
}

/** To the wall and to the floor. */
function drawEndings(plan: Plan, { arrows }: Anatomy): readonly string[] {
  const ends = merged(arrows.filter(({ to }) => to === "failed" || to === "closed"));
  const failing = ends.filter(({ to }) => to === "failed");
  const framed = failing.filter(({ from }) => frameOf(plan, from) !== undefined);
  const wall = framed.flatMap((one, at) => {
    const { box } = frameOf(plan, one.from) ?? fail(one.from);
    const { box: outermost } = frameOf(plan, "live") ?? fail("live");
    return toTheWall(plan, [box.x + box.width, outermost.y + 70 + at * 62], one);
  });
  const single = failing.filter((one) => !framed.includes(one)).flatMap((one) => {
    const box = plan.boxOf(one.from);
    return toTheWall(plan, [box.x + box.width, box.y + 10], one);
  });
  return [
    ...wall,
    ...single,
    ...ends.filter(({ to }) => to === "closed").flatMap((one) => toTheFloor(plan, ends, one)),
  ];
}

function toTheWall({ wall }: Plan, [x, y]: Point, one: Arrow): readonly string[] {
  const lines = linesOf(one);
  const start = wall.x - 270;
  const [head = "", ...commands] = lines;
  return [
    arrow([[x, y], [wall.x, y]], one, true),
    text([start, y - 6], head, "wrong"),
    ...commands.length === 0 ? [] : [text([start, y + 15], commands.join(", "))],
  ];
}

function toTheFloor(plan: Plan, ends: readonly Arrow[], one: Arrow): readonly string[] {
  const { floor } = plan;
  const frame = frameOf(plan, one.from);
  if (frame !== undefined) {
    const [x, y] = [frame.box.x + 18, frame.box.y + frame.box.height];
    return [arrow([[x, y], [x, floor.y]], one), ...label([x + 10, y + 22], one)];
  }
  const cell = plan.cellOf(one.from) ?? fail(one.from);
  const box = plan.boxOf(one.from);
  const isLast = plan.cells.every(({ row }) => row <= cell.row);
  if (!isLast) { // from connected, between the columns
    const [x, y] = [box.x + box.width + 24, box.y + box.height - 10];
    return [arrow([[box.x + box.width, y], [x, y], [x, floor.y]], one), ...label([x + 10, y + 30], one)];
  }
  const siblings = ends.filter(({ from, to }) => from === one.from && to === one.to);
  const x = box.x + 22 + siblings.indexOf(one) * 170;
  return [
    arrow([[x, box.y + box.height], [x, floor.y]], one),
    ...label([x + 10, plan.labelsBelow(one.from) + 17], one),
  ];
}

function frameOf({ frames }: Plan, path: string): Frame | undefined {
  return frames.find((frame) => frame.path === path);
}

/** The event, and below it the commands. */
function label([x, y]: Point, one: Arrow): readonly string[] {
  const [head = "", ...commands] = linesOf(one);
  return [
    text([x, y], head, eventClass(one.event)),
    ...commands.map((command, at) => text([x, y + (at + 1) * lineHeight], command, commandClass(command))),
  ];
}

function eventClass(event: string): string {
  return /^(peer|answer|app)\./.exec(event)?.[1] ?? "quiet";
}

function commandClass(command: string): string {
  return command.startsWith("send") ? "send" : "";
}
