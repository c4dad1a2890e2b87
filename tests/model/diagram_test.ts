/**
 * The drawings in docs/charts are those that the charts make now. Needs files: Node only.
 * @module
 */

import { drawings, staleDrawings } from "../../docs/charts/draw.ts";
import { assert, suite } from "../harness.ts";
import { arrowsOf, nodesOf } from "./arrows.ts";
import { type Charts, charts } from "./role_model.ts";

const test = suite("drawings");

test("are as the charts are now; otherwise run: npx tsx docs/charts/draw.ts", () => {
  assert.equal(staleDrawings(), []);
});

test("show every state, every event and every command of both roles", () => {
  for (const role of ["client", "server"] as const) {
    const svg = drawings().get(`docs/charts/tls12_${role}.svg`) ?? "";
    const words = new Set(svg.replaceAll(/<[^>]*>/g, " ").split(/[\s,/]+/));
    const missing = wordsOf(charts[role]).filter((word) => !words.has(word));
    // One name is too long for a line of its box.
    assert.equal(missing, role === "client" ? ["awaitCertificateRequestOrServerHelloDone"] : []);
  }
});

test.run();

function wordsOf(role: Charts): readonly string[] {
  const words = Object.values(role).flatMap((chart) => [
    ...nodesOf(chart.machine).slice(1).filter(({ path }) => path.length > 0).map(({ key }) => key),
    ...arrowsOf(chart).flatMap(({ eventType, actions }) => [
      eventType,
      ...actions.map((action) => typeof action === "object" ? action.type : String(action)),
    ]),
  ]);
  return [...new Set(words)];
}
