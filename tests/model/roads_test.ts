/**
 * The charts against what is written by hand from the RFCs: the roads to application data are exactly these, and every
 * state takes, ignores and refuses exactly what the table says.
 * @module
 */

import { assert, suite } from "../harness.ts";
import type { Role } from "../support/scripted_phrases.ts";
import { statesByHand } from "./by_hand.ts";
import { differences, eventsOf, onTheRoad, reachable, reactionByHand, roadsByHand, roadsOf, walked } from "./judge.ts";
import {
  type AnyEvent,
  charts,
  everyFact,
  type Facts,
  keyOf,
  type Moment,
  parts,
  roles,
  textOf,
} from "./role_model.ts";
import { everyEvent } from "./vocabulary.ts";

const test = suite("roads");

for (const role of roles) {
  for (const facts of everyFact[role]) {
    const where = `the ${role}${Object.entries(facts).map(([fact, holds]) => holds ? `, ${fact}` : "").join("")}`;
    test(`lead ${where}, to application data as the RFCs say, and in no other way`, () => {
      assert.equal(roadsOf(charts[role], facts), roadsByHand(role, facts));
    });

    for (const part of parts) {
      test(`are left by ${where}, ${part}, only where the table written by hand lets it`, () => {
        assert.equal([...differences(role, charts[role][part], part, facts)], []);
      });
    }

    test(`lead ${where}, through everything of which the table says that it is on a road`, () => {
      assert.equal(promisedRoads(role, facts).toSorted(), walkedRoads(role, facts).toSorted());
    });
  }
}

test("are so many, and each is another one", () => {
  const numberOf = (role: Role, facts: Facts): number => new Set(roadsByHand(role, facts)).size;
  // Full: session × status × credential × ticket. Abbreviated: session × status × ticket.
  assert.is(numberOf("client", {}), 2 * 3 * 3 * 2 + 2 * 2 * 2);
  // Full: session × certificate. Abbreviated: one.
  assert.is(numberOf("server", { asksForCertificate: false }), 2 * 1 + 1);
  assert.is(numberOf("server", { asksForCertificate: true }), 2 * 2 + 1);
});

test.run();

/** State, context and event: where the table leaves it to the roads what is done. */
function promisedRoads(role: Role, facts: Facts): readonly string[] {
  return parts.flatMap((part) =>
    [...reachable(role, charts[role][part], part, facts)].flatMap((moment) => {
      const state = statesByHand(role, part, moment.snapshot.context)[textOf(moment)];
      if (state === undefined) return [];
      return everyEvent[role].filter((event) => reactionByHand(state, event) === onTheRoad)
        .map((event) => placeText(moment, event));
    })
  );
}

function walkedRoads(role: Role, facts: Facts): readonly string[] {
  const steps = roadsByHand(role, facts).flatMap((road) => walked(charts[role], facts, eventsOf(role, road)));
  return [...new Set(steps.flatMap(({ taken }) => taken.map(([moment, event]) => placeText(moment, event))))];
}

function placeText(moment: Moment, { type, ...content }: AnyEvent): string {
  const announced = Object.entries(content).filter(([, value]) => value === true).map(([fact]) => fact);
  return [keyOf(moment), type, ...announced].join(" ");
}
