/**
 * Every state of both roles × everything that can happen to it, driven with real bytes and real cryptography against
 * createTlsClient and createTlsServer: the state reached, the outputs, and what the peer reads (decrypted) are those
 * that the charts say. The shortest way to each state comes from the charts.
 * What these tests can't see is a wrong chart: that is roads_test.ts. Pending states rest in pending_test.ts.
 * @module
 */

import type { TlsConnection } from "../../lib/connection.ts";
import { createTlsClient, createTlsServer } from "../../lib/core.ts";
import { TlsUsageError } from "../../lib/error.ts";
import type { Output } from "../../lib/output.ts";
import { assert, suite } from "../harness.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import type { Role } from "../support/scripted_phrases.ts";
import { clientConfig, resumable, serverConfig } from "../support/scripted_scene.ts";
import { type Arrow, arrowsOf, arrowsTaken, arrowText } from "./arrows.ts";
import { arrowsOfLateAnswers, arrowsOfOurFaults, ignoredByHand, statesByHand } from "./by_hand.ts";
import { type Happening, type Meaning, meanings } from "./phrases.ts";
import {
  begin,
  charts,
  drive,
  type Driven,
  type Facts,
  keyOf,
  type Moment,
  parts,
  roles,
  type Said,
  textOf,
} from "./role_model.ts";

const test = suite("pairs");

const happenings: { readonly [Name in Role]: ReadonlyMap<Happening, Meaning> } = {
  client: meanings("client"),
  server: meanings("server"),
};

const beginnings = new Map<Scenario, Moment>();
const drives = new WeakMap<Moment, Map<Happening, Driven>>();

/** A configuration, and in which states it matters. */
interface Scenario {
  readonly role: Role;
  readonly name: string;
  readonly facts: Facts;
  /** A client that has a session to resume. */
  readonly remembers?: boolean;
  readonly matters: RegExp;
}

const scenarios: readonly Scenario[] = [
  { role: "client", name: "", facts: { declinesRenegotiation: true }, matters: /./ },
  {
    role: "client",
    name: " with a session to resume",
    facts: { declinesRenegotiation: true },
    remembers: true,
    matters: /start|awaitServerHello|abbreviated|connected/,
  },
  {
    role: "client",
    name: " with halfClose",
    facts: { declinesRenegotiation: true, halfClose: true },
    matters: /connected|peerClosed|closing/,
  },
  {
    role: "client",
    name: " that fails on HelloRequest",
    facts: { declinesRenegotiation: false },
    matters: /connected|closing/,
  },
  { role: "server", name: "", facts: {}, matters: /./ },
  {
    role: "server",
    name: " that asks for certificates",
    facts: { asksForCertificate: true },
    matters: /awaitClientHello|full|connected/,
  },
  { role: "server", name: " with halfClose", facts: { halfClose: true }, matters: /connected|peerClosed|closing/ },
];

/** A moment in which a connection can rest, the shortest way there, and what can happen then. */
interface Place {
  readonly scenario: Scenario;
  readonly moment: Moment;
  readonly way: readonly Happening[];
  readonly possible: readonly Happening[];
}

const places: readonly Place[] = scenarios.flatMap((scenario) =>
  restingMoments(scenario)
    .filter(({ moment }) => scenario.matters.test(textOf(moment)))
    .map((resting) => ({ scenario, ...resting, possible: [...possible(scenario, resting.moment)] }))
);

for (const [where, together] of byState(places)) {
  const count = together.reduce((sum, { possible }) => sum + possible.length, 0);
  test(`drive ${where} ${count} times with something that can happen, and it does what its chart says`, () => {
    for (const place of together) {
      const { scenario: { role }, moment, possible } = place;
      const ignored = possible.filter((happening) => !meet(place, happening));
      const byHand = ignoredByHand(role, textOf(moment), possible, moment.facts);
      assert.equal(ignored.toSorted(), byHand.toSorted(), `what ${where} ignores`);
    }
  });
}

test("take every arrow of the four charts, but for those that need a fault of ours, or an answer that comes late", () => {
  const notTaken = new Map<Arrow, string>();
  for (const role of roles) {
    for (const part of parts) {
      for (const arrow of arrowsOf(charts[role][part])) notTaken.set(arrow, `${role} ${part} ${arrowText(arrow)}`);
    }
  }
  for (const { scenario: { role }, moment, possible } of places) {
    for (const [from, event] of possible.flatMap((happening) => driven(role, moment, happening).steps)) {
      for (const arrow of arrowsTaken(charts[role][from.part], from, event)) notTaken.delete(arrow);
    }
  }
  assert.equal([...notTaken.values()].toSorted(), [...arrowsOfOurFaults, ...arrowsOfLateAnswers].toSorted());
});

test("leave out nothing: every state of the table written by hand is there, if it isn't pending", () => {
  const driven = places.map(({ scenario: { role }, moment }) => `${role} ${moment.part} ${textOf(moment)}`);
  const listed = roles.flatMap((role) => parts.flatMap((part) => restingByHand(role, part)));
  assert.equal([...new Set(driven)].toSorted(), listed.toSorted());
  assert.ok(places.reduce((sum, { possible }) => sum + possible.length, 0) > 5000);
});

test("refuse what is misuse, and change nothing", () => {
  for (const role of roles) {
    const { tls, peer } = new Scene({ role, name: "", facts: {}, matters: /./ });
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
function restingByHand(role: Role, part: Moment["part"]): readonly string[] {
  return Object.entries(statesByHand(role, part, {}))
    .filter(([state, { tags }]) => !tags.includes("pending") && !/handshake.await(Client|Server)Hello$/.test(state))
    .map(([state]) => `${role} ${part} ${state}`);
}

function byState(places: readonly Place[]): ReadonlyMap<string, readonly Place[]> {
  const states = new Map<string, readonly Place[]>();
  for (const place of places) {
    const { scenario: { role, name }, moment } = place;
    const where = `a ${role}${name} in ${moment.part} ${textOf(moment)}`;
    states.set(where, [...states.get(where) ?? [], place]);
  }
  return states;
}

/** Drives a connection of ours to that place, lets it happen, and compares. Whether anything came of it. */
function meet({ scenario, way }: Place, happening: Happening): boolean {
  const scene = new Scene(scenario);
  for (const one of way) scene.act(one);
  return scene.act(happening);
}

/** A connection of ours, its scripted peer, and the model of what should be. */
class Scene {
  readonly #role: Role;
  readonly peer: ScriptedPeer;
  readonly tls: TlsConnection;
  #moment: Moment;

  constructor(scenario: Scenario) {
    const { role, facts, remembers } = scenario;
    const { halfClose = false, declinesRenegotiation = false, asksForCertificate = false } = facts;
    this.#role = role;
    this.peer = new ScriptedPeer({
      role: role === "client" ? "server" : "client",
      resumable: resumable(asksForCertificate),
    });
    const onHelloRequest = declinesRenegotiation ? "decline" : "fail";
    this.tls = role === "client"
      ? createTlsClient({ ...clientConfig(remembers), halfClose, onHelloRequest })
      : createTlsServer({ ...serverConfig(asksForCertificate), halfClose });
    this.#moment = beginning(scenario);
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

function beginning(scenario: Scenario): Moment {
  const { role, facts, remembers } = scenario;
  const found: Said = { loadSession: { answers: { type: "answer.sessionFound" } } };
  const moment = beginnings.get(scenario) ?? begin(charts[role], facts, remembers ? found : {});
  beginnings.set(scenario, moment);
  return moment;
}

/** Each moment is driven once with each happening, however many connections come through it. */
function driven(role: Role, moment: Moment, happening: Happening): Driven {
  const known = drives.get(moment) ?? new Map<Happening, Driven>();
  drives.set(moment, known);
  const { event, said } = meaningOf(role, happening);
  const result = known.get(happening) ?? drive(charts[role], moment, event, said);
  known.set(happening, result);
  return result;
}

function meaningOf(role: Role, happening: Happening): Meaning {
  const meaning = happenings[role].get(happening);
  if (meaning === undefined) throw new Error(`${happening} has no meaning`);
  return meaning;
}

/** All moments in which a connection can rest, with the shortest way to each. */
function restingMoments(
  scenario: Scenario,
): readonly { readonly moment: Moment; readonly way: readonly Happening[] }[] {
  const { role } = scenario;
  const start = { moment: beginning(scenario), way: [] };
  const found = new Map<string, { readonly moment: Moment; readonly way: readonly Happening[] }>();
  // What has ended hears nothing any more: one way to each end will do.
  const key = (moment: Moment): string =>
    moment.status === "active" ? keyOf(moment) : `${moment.part} ${textOf(moment)}`;
  found.set(key(start.moment), start);
  for (const { moment, way } of found.values()) {
    for (const happening of possible(scenario, moment)) {
      if (!leadsOn(moment, happening)) continue;
      const reached = driven(role, moment, happening).moment;
      if (!found.has(key(reached))) found.set(key(reached), { moment: reached, way: [...way, happening] });
    }
  }
  return [...found.values()];
}

/** On the way, nothing after which nobody could speak any more. */
function leadsOn(moment: Moment, happening: Happening): boolean {
  return moment.status === "active" && happening !== "end of transport" &&
    !(isAtStart(moment) && happening === "close");
}

function possible({ role, remembers }: Scenario, moment: Moment): ReadonlySet<Happening> {
  if (isAtStart(moment)) return new Set<Happening>(["start", "close"]);
  const all = [...happenings[role].keys()].filter((happening) => {
    if (happening.startsWith("ServerHello that resumes")) return remembers === true; // what was never offered isn't resumed
    return happening !== "start";
  });
  const areTagged = !/await(?!Finished)/.test(textOf(moment));
  return new Set(all.filter((happening) => areTagged || happening !== "record with a wrong tag"));
}

function isAtStart(moment: Moment): boolean {
  return textOf(moment) === "live.start";
}
