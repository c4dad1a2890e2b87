/**
 * Every state of both roles × everything that can happen to it, driven with real bytes and real cryptography against
 * createTlsClient and createTlsServer: the state reached, the outputs, and what the peer reads (decrypted) are those
 * that the charts say. The shortest way to each state comes from the charts.
 * What these tests can't see is a wrong chart: that is roads_test.ts.
 * @module
 */

import type { AnyActorLogic } from "xstate";
import { getShortestPaths } from "xstate/graph";
import type { TlsConnection } from "../../lib/connection.ts";
import { createTlsClient, createTlsServer } from "../../lib/core.ts";
import { TlsUsageError } from "../../lib/error.ts";
import type { Output } from "../../lib/output.ts";
import { assert, suite } from "../harness.ts";
import { type Role, ScriptedPeer } from "../support/scripted_peer.ts";
import { clientConfig, serverConfig } from "../support/scripted_scene.ts";
import { type Arrow, arrowsOf, arrowsTaken, arrowText } from "./arrows.ts";
import { arrowsOfOurFaults, ignoredByHand, statesByHand } from "./by_hand.ts";
import { type Happening, type Meaning, meanings } from "./phrases.ts";
import {
  begin,
  charts,
  drive,
  type Driven,
  type Facts,
  keyOf,
  type Moment,
  type PartName,
  textOf,
} from "./role_model.ts";

const test = suite("pairs");

const roles: readonly Role[] = ["client", "server"];
const parts: readonly PartName[] = ["opening", "tls12"];
const happenings: { readonly [Name in Role]: ReadonlyMap<Happening, Meaning> } = {
  client: meanings("client"),
  server: meanings("server"),
};

/** A moment in which a connection can rest, the shortest way there, and what can happen then. */
interface Place {
  readonly role: Role;
  readonly facts: Facts;
  readonly moment: Moment;
  readonly way: readonly Happening[];
  readonly possible: readonly Happening[];
}

const places: readonly Place[] = roles.flatMap((role) =>
  [{ halfClose: false }, { halfClose: true }].flatMap((facts) =>
    restingMoments(role, facts)
      // Only what comes after the handshake reads the fact.
      .filter(({ moment }) => !facts.halfClose || /connected|peerClosed|closing/.test(textOf(moment)))
      .map((resting) => ({ role, facts, ...resting, possible: [...possible(role, resting.moment)] }))
  )
);

for (const place of places) {
  const { role, moment, possible, facts } = place;
  const where = `a ${role} in ${moment.part} ${textOf(moment)}${facts.halfClose ? " with halfClose" : ""}`;
  test(`drive ${where} with the ${possible.length} things that can happen, and it does what its chart says`, () => {
    const ignored = possible.filter((happening) => !meet(place, happening));
    assert.equal(ignored.toSorted(), ignoredByHand(role, textOf(moment), possible).toSorted(), `what ${where} ignores`);
  });
}

test("take every arrow of the four charts, but for those that only a fault of ours could take", () => {
  const notTaken = new Map<Arrow, string>();
  for (const role of roles) {
    for (const [part, chart] of Object.entries(charts[role])) {
      for (const arrow of arrowsOf(chart)) notTaken.set(arrow, `${role} ${part} ${arrowText(arrow)}`);
    }
  }
  for (const { role, moment, possible } of places) {
    for (const [from, event] of possible.flatMap((happening) => driven(role, moment, happening).steps)) {
      for (const arrow of arrowsTaken(charts[role][from.part], from, event)) notTaken.delete(arrow);
    }
  }
  assert.equal([...notTaken.values()].toSorted(), arrowsOfOurFaults);
});

test("leave out nothing: every state of the table written by hand is there, if it isn't pending", () => {
  const driven = new Set(places.map(({ role, moment }) => `${role} ${moment.part} ${textOf(moment)}`));
  const listed = roles.flatMap((role) => parts.flatMap((part) => restingByHand(role, part)));
  assert.equal([...driven].toSorted(), listed.toSorted());
  assert.ok(places.reduce((sum, { possible }) => sum + possible.length, 0) > 1500);
});

test("refuse what is misuse, and change nothing", () => {
  for (const role of roles) {
    const { tls, peer } = new Scene(role, {});
    const misuse = (call: () => unknown): void =>
      assert.throws(call, (error: unknown) => error instanceof TlsUsageError);
    misuse(() => tls.receive(peer.say("ClientHello")));
    misuse(() => tls.receiveEnd());
    misuse(() => tls.send(Uint8Array.of(1)));
    tls.start();
    const { state } = tls;
    misuse(() => tls.start());
    assert.is(tls.state, state);
  }
});

test.run();

/** States without the tag pending, but for the one that the hand-over leaves within the same call. */
function restingByHand(role: Role, part: PartName): readonly string[] {
  return Object.entries(statesByHand(role, part, false))
    .filter(([state, { tags }]) => !tags.includes("pending") && !/handshake.await(Client|Server)Hello$/.test(state))
    .map(([state]) => `${role} ${part} ${state}`);
}

/** Drives a connection of ours to that place, lets it happen, and compares. Whether anything came of it. */
function meet({ role, facts, way }: Place, happening: Happening): boolean {
  const scene = new Scene(role, facts);
  for (const one of way) scene.act(one);
  return scene.act(happening);
}

/** A connection of ours, its scripted peer, and the model of what should be. */
class Scene {
  readonly #role: Role;
  readonly peer: ScriptedPeer;
  readonly tls: TlsConnection;
  #moment: Moment;

  constructor(role: Role, facts: Facts) {
    this.#role = role;
    this.peer = new ScriptedPeer({ role: role === "client" ? "server" : "client" });
    this.tls = role === "client"
      ? createTlsClient({ ...clientConfig(), ...facts })
      : createTlsServer({ ...serverConfig(), ...facts });
    this.#moment = begin(charts[role], facts);
  }

  act(happening: Happening): boolean {
    const from = textOf(this.#moment);
    const expected = driven(this.#role, this.#moment, happening);
    this.#moment = expected.moment;
    const outputs = this.#happen(happening);
    const where = `${this.#role} in ${from}: ${happening}`;
    assert.equal(outputs.flatMap((output) => this.#seen(output, expected, where)), expected.seen, where);
    assert.is(this.tls.state, textOf(expected.moment), where);
    return expected.seen.length > 0 || textOf(expected.moment) !== from;
  }

  #happen(happening: Happening): readonly Output[] {
    switch (happening) {
      case "start":
        return this.tls.start();
      case "close":
        return this.tls.close();
      case "end of transport":
        return this.tls.receiveEnd();
      default:
        return this.tls.receive(this.peer.say(happening));
    }
  }

  #seen(output: Output, { failure }: Driven, where: string): readonly string[] {
    if (output.type === "transmit") return this.peer.hear(output.bytes);
    if (output.type === "failed") {
      assert.is(output.error.alert, failure?.alert, `the error's alert, ${where}`);
      assert.is(output.error.state, failure?.state, `the error's state, ${where}`);
    }
    return [output.type];
  }
}

function driven(role: Role, moment: Moment, happening: Happening): Driven {
  const { event, refusal } = meaningOf(role, happening);
  return drive(charts[role], moment, event, refusal);
}

function meaningOf(role: Role, happening: Happening): Meaning {
  const meaning = happenings[role].get(happening);
  if (meaning === undefined) throw new Error(`${happening} has no meaning`);
  return meaning;
}

/** All moments in which a connection can rest, with the shortest way to each. */
function restingMoments(role: Role, facts: Facts): readonly { readonly moment: Moment; readonly way: Happening[] }[] {
  const logic = {
    getInitialSnapshot: () => begin(charts[role], facts),
    transition: (moment: Moment, { type }: { readonly type: Happening }) => driven(role, moment, type).moment,
  };
  const paths = getShortestPaths(logic as unknown as AnyActorLogic, {
    events: [...happenings[role].keys()].map((type) => ({ type })),
    serializeState: (state) => keyOf(state as unknown as Moment),
    filterEvents: (state, event) => leadsOn(role, state as unknown as Moment, event.type as Happening),
  });
  return paths.map(({ state, steps }) => ({
    moment: state as unknown as Moment,
    way: steps.slice(1).map(({ event }) => event.type as Happening),
  }));
}

/** On the way, nothing after which nobody could speak any more. */
function leadsOn(role: Role, moment: Moment, happening: Happening): boolean {
  if (moment.status !== "active" || happening === "end of transport") return false;
  return possible(role, moment).has(happening) && !(isAtStart(moment) && happening === "close");
}

function possible(role: Role, moment: Moment): ReadonlySet<Happening> {
  if (isAtStart(moment)) return new Set<Happening>(["start", "close"]);
  const all = new Set(happenings[role].keys());
  all.delete("start");
  if (/awaitC|awaitServer/.test(textOf(moment))) all.delete("record with a wrong tag"); // there are no tags yet
  return all;
}

function isAtStart(moment: Moment): boolean {
  return textOf(moment) === "live.start";
}
