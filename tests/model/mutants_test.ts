/**
 * Whether what is written by hand is awake: each broken chart must be caught by the roads or by the table, or do exactly
 * the same as the unbroken one in every state that can be reached (which is checked, not believed).
 * @module
 */

import type { Snapshot } from "../../lib/chart.ts";
import type { Tag } from "../../lib/endpoint.ts";
import { assert, suite } from "../harness.ts";
import type { Role } from "../support/scripted_peer.ts";
import { statesByHand } from "./by_hand.ts";
import {
  behaveAlike,
  canWalk,
  differences,
  everyFact,
  reachable,
  roadsByHand,
  roadsOf,
  stateDifferences,
} from "./judge.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import { type AnyChart, charts, type Facts, type Moment, type PartName, textOf } from "./role_model.ts";

const test = suite("mutants");

const shadowed = "every state within live hears the event before live does";
const needsHalfClose = "peerClosed can't be reached without halfClose";

/** Those that no test could catch, because they do the same, with the reason. */
const equivalents: { readonly [Chart in `${Role} ${PartName}`]: Readonly<Record<string, string>> } = {
  "client opening": {},
  "client tls12": {
    "live.handshake on peer.closeNotify: also in live": shadowed,
    "live.handshake on app.close: also in live": shadowed,
    "live.handshake on peer.helloRequest: also in live": shadowed,
    "live.handshake.checkingServerHello on answer.serverHelloAccepted: leads to live.handshake.full.awaitCertificate":
      "full begins there",
    "live.connected on peer.helloRequest: leads to live.connected": "it is there, and nothing is done on entry or exit",
    "live.connected on peer.helloRequest: also in live": shadowed,
    "live.connected on peer.closeNotify: also in live": shadowed,
    "live.connected on peer.closeNotify (2): also in live": shadowed,
    "live.connected on app.close: also in live": shadowed,
    "live.peerClosed on peer.*: with the guard halfClose": needsHalfClose,
    "live.peerClosed on app.close: with the guard halfClose": needsHalfClose,
    "live.peerClosed on app.close: also in live": shadowed,
    "live.closing on peer.helloRequest: also in live": shadowed,
    "live.closing on peer.closeNotify: also in live": shadowed,
    "live.closing on app.close: also in live": shadowed,
    "live: ignores peer.closeNotify": shadowed,
    "live: ignores app.close": shadowed,
    "live: ignores peer.helloRequest": shadowed,
  },
  "server opening": {},
  "server tls12": {
    "live.handshake on peer.closeNotify: also in live": shadowed,
    "live.handshake on app.close: also in live": shadowed,
    "live.handshake.checkingClientHello on answer.clientHelloAccepted: leads to live.handshake.full.signing":
      "full begins there",
    "live.connected on peer.closeNotify: also in live": shadowed,
    "live.connected on peer.closeNotify (2): also in live": shadowed,
    "live.connected on app.close: also in live": shadowed,
    "live.peerClosed on peer.*: with the guard halfClose": needsHalfClose,
    "live.peerClosed on app.close: with the guard halfClose": needsHalfClose,
    "live.peerClosed on app.close: also in live": shadowed,
    "live.closing on peer.closeNotify: also in live": shadowed,
    "live.closing on app.close: also in live": shadowed,
    "live: ignores peer.closeNotify": shadowed,
    "live: ignores app.close": shadowed,
  },
};

for (const role of ["client", "server"] as const) {
  for (const part of ["opening", "tls12"] as const) {
    const chart = charts[role][part];
    const mutants = [...mutantsOf(chart)];
    const same = Object.keys(equivalents[`${role} ${part}`]);
    const moments = everyFact.flatMap((facts) => [...reachable(chart, part, facts)]);

    test(`of the ${role}'s ${part} chart, ${mutants.length - same.length}, are caught one and all`, () => {
      const escaped = mutants.filter((mutant) => !same.includes(mutant.name) && !isCaught(role, part, mutant, moments));
      assert.equal(escaped.map(({ name }) => name), []);
    });

    if (same.length === 0) continue;
    test(`of the ${role}'s ${part} chart that are listed as doing the same, ${same.length}, do the same`, () => {
      const listed = mutants.filter(({ name }) => same.includes(name));
      assert.is(listed.length, same.length, "a listed mutant doesn't exist");
      for (const { name, make } of listed) {
        assert.ok(everyFact.every((facts) => behaveAlike(chart, make(), part, facts)), name);
      }
    });
  }
}

test.run();

/** The quickest judge comes first; only what several of them let pass is looked at in every state. */
function isCaught(role: Role, part: PartName, { make, where }: Mutant, moments: readonly Moment[]): boolean {
  const chart = make();
  if (!canBegin(chart)) return true;
  const broken = { ...charts[role], [part]: chart };
  if (!everyFact.every((facts) => canWalk(role, broken, facts))) return true;
  const near = moments.filter((moment) => textOf(moment).startsWith(where));
  if (near.some((moment) => differsIn(role, chart, moment))) return true;
  return everyFact.some((facts) =>
    roadsOf(broken, facts).join() !== roadsByHand(role).join() ||
    !differences(role, chart, part, facts).next().done
  );
}

/** `chart` of lib refuses a machine that asks for something before anything has happened. */
function canBegin(chart: AnyChart): boolean {
  try {
    chart.begin();
    return true;
  } catch {
    return false;
  }
}

function differsIn(role: Role, chart: AnyChart, moment: Moment): boolean {
  const { value, context } = moment.snapshot;
  const snapshot = chart.machine.resolveState({ value, context }) as unknown as Snapshot<Facts, Tag>;
  const byHand = statesByHand(role, moment.part, moment.facts.halfClose ?? false)[textOf(moment)];
  return !stateDifferences(chart, { ...moment, snapshot }, byHand).next().done;
}
