/**
 * The charts against what is written by hand from RFC 5246: the roads to application data are exactly these, and every
 * state takes, ignores and refuses exactly what the table says.
 * @module
 */

import { assert, suite } from "../harness.ts";
import type { Role } from "../support/scripted_peer.ts";
import { differences, everyFact, roadsByHand, roadsOf } from "./judge.ts";
import { charts, type PartName } from "./role_model.ts";

const test = suite("roads");
const roles: readonly Role[] = ["client", "server"];
const parts: readonly PartName[] = ["opening", "tls12"];

for (const role of roles) {
  for (const facts of everyFact) {
    const where = `the ${role}${facts.halfClose ? " with halfClose" : ""}`;
    test(`lead ${where} to application data as RFC 5246 §7.3 says, and in no other way`, () => {
      assert.equal(roadsOf(charts[role], facts), roadsByHand(role));
    });

    for (const part of parts) {
      test(`are left by ${where}, ${part}, only where the table written by hand lets it`, () => {
        assert.equal([...differences(role, charts[role][part], part, facts)], []);
      });
    }
  }
}

test.run();
