/**
 * The drawings in docs/charts are those that the charts make now, and can be read. Needs files: Node only.
 * @module
 */

import { drawings, staleDrawings } from "../../docs/charts/draw.ts";
import { letter, nameLetter } from "../../docs/charts/svg.ts";
import { assert, suite } from "../harness.ts";
import { arrowsOf, nodesOf } from "./arrows.ts";
import { charts, parts, roles } from "./role_model.ts";
import type { Role } from "../support/scripted_phrases.ts";

const test = suite("drawings");

test("are as the charts are now; otherwise run: npx tsx docs/charts/draw.ts", () => {
  assert.equal(staleDrawings(), []);
});

for (const role of roles) {
  const svg = drawings().get(`docs/charts/tls12_${role}.svg`) ?? "";

  test(`show every state, every event, every guard and every command of the ${role}`, () => {
    const words = new Set(svg.replaceAll(/<[^>]*>/g, " ").split(/[\s,/]+/));
    // Names that are too long for a line of their boxes stand in two.
    const missing = wordsOf(role).filter((word) =>
      !words.has(word) && !(words.has(word.replace(/Or.*/, "")) && words.has(word.replace(/.*(?=Or)/, "")))
    );
    assert.equal(missing, []);
  });

  test(`let no word of the ${role}'s lie on another one, or outside`, () => {
    const texts = textsOf(svg);
    const [, width = 0, height = 0] = /viewBox="0 0 (\S+) (\S+)"/.exec(svg)?.map(Number) ?? [];
    for (const [at, one] of texts.entries()) {
      assert.ok(one.x > 0 && one.y > 0 && one.x2 < width && one.y2 < height, `${one.words} is outside`);
      const other = texts.slice(at + 1).find((other) => overlap(one, other));
      assert.is(other, undefined, `${one.words} lies on ${other?.words}`);
    }
  });

  test(`let no arrow of the ${role}'s run through a word, or through a state where it neither begins nor ends`, () => {
    const texts = textsOf(svg);
    const states = statesOf(svg);
    assert.ok(states.length > 20);
    for (const { from, to, pieces } of linesOf(svg)) {
      for (const piece of pieces) {
        const word = texts.find((one) => overlap(one, piece));
        assert.is(word, undefined, `${from} → ${to} runs through ${word?.words}`);
        const state = states.find((one) => overlap(one, piece));
        assert.is(state, undefined, `${from} → ${to} runs through ${state?.name}`);
      }
    }
  });
}

test.run();

function wordsOf(role: Role): readonly string[] {
  const words = parts.map((part) => charts[role][part]).flatMap((chart) => [
    ...nodesOf(chart.machine).slice(1).filter(({ path }) => path.length > 0).map(({ key }) => key),
    ...arrowsOf(chart).flatMap(({ eventType, guard, actions }) => [
      eventType,
      ...guard === undefined ? [] : [`[${String(typeof guard === "object" ? guard.type : guard)}]`],
      ...actions.map((action) => typeof action === "object" ? action.type : String(action)),
    ]),
  ]);
  return [...new Set(words)];
}

interface Area {
  readonly x: number;
  readonly y: number;
  readonly x2: number;
  readonly y2: number;
}

/** Touching isn't overlapping. */
function overlap(one: Area, other: Area): boolean {
  return one.x < other.x2 && other.x < one.x2 && one.y < other.y2 && other.y < one.y2;
}

/** Letters are monospaced; what turns with the wall has none beside it. */
function textsOf(svg: string): readonly (Area & { readonly words: string })[] {
  return [...svg.matchAll(/<text x="(\S+)" y="(\S+)"(?: class="(\w+)")?(?: text-anchor="(\w+)")?>([^<]*)</g)].map(
    ([, left = "", base = "", kind, anchor, words = ""]) => {
      const width = words.replaceAll(/&\w+;/g, "_").length * (kind === "name" ? nameLetter : letter);
      const x = Number(left) - (anchor === "middle" ? width / 2 : 0);
      return { words, x, x2: x + width, y: Number(base) - 9, y2: Number(base) + 2 };
    },
  );
}

function statesOf(svg: string): readonly (Area & { readonly name: string })[] {
  const boxes = /data-state="(live[\w.]*)">\n<rect x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)"/g;
  return [...svg.matchAll(boxes)].map(([, name = "", ...numbers]) => {
    const [x = 0, y = 0, width = 0, height = 0] = numbers.map(Number);
    return { name, x, y, x2: x + width, y2: y + height };
  });
}

interface Line {
  readonly from: string;
  readonly to: string;
  readonly pieces: readonly Area[];
}

function linesOf(svg: string): readonly Line[] {
  return [...svg.matchAll(/<path d="M([^"]*)" class="arrow[^"]*" data-from="([^"]*)" data-to="([^"]*)"/g)].map(
    ([, path = "", from = "", to = ""]) => {
      const points = path.split(" L").map((point) => point.split(" ").map(Number));
      // A little thicker than they are, and a little shorter: an arrow touches the states that it joins.
      const pieces = points.slice(1).map(([x2 = 0, y2 = 0], at): Area => {
        const [x = 0, y = 0] = points[at] ?? [];
        const [alongX, alongY] = y === y2 ? [1, -0.1] : [-0.1, 1];
        return {
          x: Math.min(x, x2) + alongX,
          x2: Math.max(x, x2) - alongX,
          y: Math.min(y, y2) + alongY,
          y2: Math.max(y, y2) - alongY,
        };
      });
      return { from, to, pieces };
    },
  );
}
