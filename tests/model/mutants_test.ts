/**
 * Whether what is written by hand is awake: each broken chart must be caught by the roads or by the table, or do exactly
 * the same as the unbroken one in every state that can be reached (which is checked, not believed).
 * @module
 */

import { assert, suite } from "../harness.ts";
import type { Role } from "../support/scripted_phrases.ts";
import {
  canWalk,
  conductOf,
  differences,
  eventsOf,
  reachable,
  roadsByHand,
  roadsOf,
  stateDifferences,
  walked,
} from "./judge.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import {
  type AnyChart,
  type AnyEvent,
  charts,
  everyFact,
  type Facts,
  type Moment,
  type PartName,
  parts,
  roles,
  textOf,
} from "./role_model.ts";
import { everyEvent } from "./vocabulary.ts";

const test = suite("mutants");

/** Those that no test could catch, because they do the same: the reason, and who they are. */
const equivalents: { readonly [Chart in `${Role} ${PartName}`]: Readonly<Record<string, readonly string[]>> } = {
  "client opening": {},
  "client tls12": {
    "every state within live hears the event before live does": [
      "live.handshake on peer.closeNotify: also in live",
      "live.handshake on app.close: also in live",
      "live.handshake on peer.helloRequest: also in live",
      "live.connected on peer.helloRequest: also in live",
      "live.connected on peer.helloRequest (2): also in live",
      "live.connected on peer.closeNotify: also in live",
      "live.connected on peer.closeNotify (2): also in live",
      "live.connected on app.close: also in live",
      "live.peerClosed on app.close: also in live",
      "live.closing on peer.helloRequest: also in live",
      "live.closing on peer.helloRequest (2): also in live",
      "live.closing on peer.closeNotify: also in live",
      "live.closing on app.close: also in live",
      "live: ignores peer.closeNotify",
      "live: ignores app.close",
      "live: ignores peer.helloRequest",
    ],
    "peerClosed can't be reached without halfClose": [
      "live.peerClosed on peer.*: with the guard halfClose",
      "live.peerClosed on app.close: with the guard halfClose",
    ],
    "nothing is announced before a ServerHello was found right": [
      "live.handshake.awaitServerHello on peer.serverHello: with the guard announcesNoTicket",
      "live.handshake.checkingServerHello on answer.serverHelloAccepted: with the guard announcesNoTicket",
      "live.handshake.checkingServerHello on answer.sessionResumed: with the guard announcesNoTicket",
    ],
    "these states can't be reached unless a CertificateStatus was announced": [
      "live.handshake.full.awaitCertificateStatusOrServerKeyExchange on peer.certificateStatus: with the guard announcesCertificateStatus",
      "live.handshake.full.awaitCertificateStatusOrServerKeyExchange on peer.serverKeyExchange: with the guard announcesCertificateStatus",
      "live.handshake.full.checkingCertificateFirst on answer.issuersGiven: with the guard announcesCertificateStatus",
      "live.handshake.full.checkingCertificateFirst on answer.certificateTrusted: with the guard announcesCertificateStatus",
    ],
    "these states can't be reached unless a NewSessionTicket was announced": [
      "live.handshake.full.serverFinishes.awaitChangeCipherSpec on peer.changeCipherSpec: with the guard announcesTicket",
      "live.handshake.abbreviated.awaitChangeCipherSpec on peer.changeCipherSpec: with the guard announcesTicket",
    ],
  },
  "server opening": {},
  "server tls12": {
    "every state within live hears the event before live does": [
      "live.handshake on peer.closeNotify: also in live",
      "live.handshake on app.close: also in live",
      "live.connected on peer.closeNotify: also in live",
      "live.connected on peer.closeNotify (2): also in live",
      "live.connected on app.close: also in live",
      "live.peerClosed on app.close: also in live",
      "live.closing on peer.closeNotify: also in live",
      "live.closing on app.close: also in live",
      "live: ignores peer.closeNotify",
      "live: ignores app.close",
    ],
    "peerClosed can't be reached without halfClose": [
      "live.peerClosed on peer.*: with the guard halfClose",
      "live.peerClosed on app.close: with the guard halfClose",
    ],
    "these states can't be reached unless the server asks for a certificate": [
      "live.handshake.full.awaitCertificate on peer.certificate: with the guard asksForCertificate",
      "live.handshake.full.checkingCertificate on answer.issuersGiven: with the guard asksForCertificate",
      "live.handshake.full.checkingCertificate on answer.certificateTrusted: with the guard asksForCertificate",
      "live.handshake.full.checkingCertificate on answer.certificateAbsent: with the guard asksForCertificate",
      "live.handshake.full.authenticated.awaitClientKeyExchange on peer.clientKeyExchange: with the guard asksForCertificate",
      "live.handshake.full.authenticated.checkingClientKeyExchange on answer.clientKeyExchangeAccepted: with the guard asksForCertificate",
      "live.handshake.full.authenticated.awaitCertificateVerify on peer.certificateVerify: with the guard asksForCertificate",
      "live.handshake.full.authenticated.checkingCertificateVerify on answer.certificateVerified: with the guard asksForCertificate",
    ],
  },
};

for (const role of roles) {
  for (const part of parts) {
    const chart = charts[role][part];
    const mutants = [...mutantsOf(chart)];
    const same = Object.values(equivalents[`${role} ${part}`]).flat();
    const ground = groundOf(role, part);

    test(`of the ${role}'s ${part} chart, ${mutants.length - same.length}, are caught one and all`, () => {
      const escaped = mutants.filter((mutant) => !same.includes(mutant.name) && !isCaught(ground, mutant));
      assert.equal(escaped.map(({ name }) => name), []);
    });

    if (same.length === 0) continue;
    test(`of the ${role}'s ${part} chart that are listed as doing the same, ${same.length}, do the same`, () => {
      const listed = mutants.filter(({ name }) => same.includes(name));
      assert.equal(listed.map(({ name }) => name).toSorted(), same.toSorted(), "each listed mutant exists");
      for (const mutant of listed) assert.ok(doesTheSame(ground, mutant), mutant.name);
    });
  }
}

test.run();

/** What all mutants of a chart are held against. */
interface Ground {
  readonly role: Role;
  readonly part: PartName;
  readonly moments: readonly Moment[];
  readonly roads: readonly Road[];
}

/** A road written by hand, with the states of the chart that it passes and the events that they take. */
interface Road {
  readonly facts: Facts;
  readonly text: string;
  readonly passes: readonly (readonly [state: string, event: string])[];
}

function groundOf(role: Role, part: PartName): Ground {
  const moments = everyFact[role].flatMap((facts) => [...reachable(role, charts[role][part], part, facts)]);
  const roads = everyFact[role].flatMap((facts) =>
    roadsByHand(role, facts).map((text): Road => {
      const taken = walked(charts[role], facts, eventsOf(role, text)).flatMap((step) => step.taken);
      const here = taken.filter(([moment]) => moment.part === part);
      return { facts, text, passes: here.map(([moment, { type }]) => [textOf(moment), type]) };
    })
  );
  return { role, part, moments, roads };
}

/**
 * The quickest judge comes first: the table where the mutant differs, then the roads that pass there; only what both let
 * pass is looked at everywhere.
 */
function isCaught({ role, part, moments, roads }: Ground, { make, where, concerns }: Mutant): boolean {
  const chart = make();
  if (!canBegin(chart)) return true;
  const broken = { ...charts[role], [part]: chart };
  const events = everyEvent[role].filter(({ type }) => concerns(type));
  if (moments.some((moment) => isIn(where, textOf(moment)) && differsIn(role, chart, moment, events))) return true;
  const near = roads.filter(({ passes }) => passes.some(([state, event]) => isIn(where, state) && concerns(event)));
  if (near.some(({ facts, text }) => !canWalk(broken, facts, text))) return true;
  return everyFact[role].some((facts) =>
    roadsOf(broken, facts).join() !== roadsByHand(role, facts).join() ||
    !differences(role, chart, part, facts).next().done
  );
}

/** It differs in one place: if it does the same there, in whatever context, it can get nowhere else. */
function doesTheSame({ role, part, moments }: Ground, { make, where, concerns }: Mutant): boolean {
  const chart = make();
  const events = everyEvent[role].filter(({ type }) => concerns(type));
  return moments.filter((moment) => isIn(where, textOf(moment))).every((moment) =>
    conductOf(role, charts[role][part], moment, events) === conductOf(role, chart, placed(chart, moment), events)
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

function differsIn(role: Role, chart: AnyChart, moment: Moment, events: readonly AnyEvent[]): boolean {
  return !stateDifferences(role, chart, placed(chart, moment), events).next().done;
}

/** The same moment in another chart. */
function placed(chart: AnyChart, moment: Moment): Moment {
  return { ...moment, snapshot: chart.thaw(textOf(moment), moment.snapshot.context) };
}

function isIn(outer: string, state: string): boolean {
  return state === outer || state.startsWith(`${outer}.`);
}
