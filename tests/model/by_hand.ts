/**
 * What TLS 1.2 lets each state do, written by hand from the RFCs and from nothing else: see roads_by_hand.ts.
 * Sections are those of RFC 5246, if nothing else is said.
 * @module
 */

import type { Role } from "../support/scripted_phrases.ts";
import type { Happening } from "./phrases.ts";
import type { Context, Facts, PartName } from "./role_model.ts";

/** What a state does with events: the commands, then where it goes. `on the road`: see there. `ignored`: nothing. */
export type Reactions = Readonly<Record<string, string>>;

export interface StateByHand {
  readonly tags: readonly string[];
  /** An event that isn't listed is refused: see `refusal`. */
  readonly on: Reactions;
}

/** RFC 5246 §7.2.2: what may not come now is unexpected_message; what isn't the peer's fault is internal_error. */
export function refusal(event: string): string {
  return event.startsWith("peer.") ? "refuse → failed" : "failInternally → failed";
}

/** RFC 5246 §7.2: as long as a connection lives. */
const whileAlive: Reactions = {
  "fault": "fail → failed",
  "peer.fatal": "fail → failed", // §7.2.2: "both parties MUST immediately close the connection"
  "peer.end": "fail → failed", // §7.2.1: without close_notify it is a truncation
  "peer.warning": "ignored", // §7.2.2: the receiving party decides; the flood is the connection's business
};

/** An end before the handshake is over. */
const beforeData: Reactions = {
  ...whileAlive,
  "peer.closeNotify": "sendCloseNotify fail → failed", // §7.2.1: answered; but nothing was agreed
  "app.close": "sendUserCanceled sendCloseNotify reportClosed → closed", // §7.2.2: user_canceled, then close_notify
};

/** §7.4.1.1: "This message will be ignored by the client if the client is currently negotiating a session." */
const helloRequestIgnored: Reactions = { "peer.helloRequest": "ignored" };

const passes = (...events: string[]): Reactions => Object.fromEntries(events.map((event) => [event, "on the road"]));
const pending = ["pending"];

/** A state that waits for the peer (`peer.…`) or, pending, for an answer (`answer.…`), and what else it bears. */
const awaiting = (events: readonly string[], also: Reactions = {}): StateByHand => ({
  tags: events.every((event) => event.startsWith("answer.")) ? pending : [],
  on: { ...beforeData, ...also, ...passes(...events) },
});

const clientAwaits = (...events: string[]): StateByHand => awaiting(events, helloRequestIgnored);
const serverAwaits = (...events: string[]): StateByHand => awaiting(events);

/** The embedder has found an issuer that the peer didn't send: the same certificate is checked once more. */
const orMoreIssuers = ({ tags, on }: StateByHand): StateByHand => ({
  tags,
  on: { ...on, "answer.issuersGiven": "checkCertificateAgain" },
});

const ended: StateByHand = { tags: [], on: {} };
const ends = { closed: ended, failed: ended };

/** No byte has been sent: nobody is to be told of the end. */
const beforeHello = (state: StateByHand): StateByHand => ({
  tags: state.tags,
  on: { ...state.on, "app.close": "reportClosed → closed" },
});
const start: StateByHand = beforeHello(awaiting(["app.start"]));
const selectingVersion: StateByHand = { tags: pending, on: beforeData };

/** §7.2.1: close_notify is answered with close_notify, unless half-close was asked for. */
const orderly = ({ halfClose }: Context): Reactions => ({
  ...whileAlive,
  "peer.closeNotify": halfClose
    ? "reportPeerClosed → live.peerClosed"
    : "sendCloseNotify reportPeerClosed reportClosed → closed",
  "app.close": "sendCloseNotify → live.closing",
});

/** §7.2.1: data is still delivered after our close_notify, so that an end without the peer's own is a truncation. */
const closing: Reactions = {
  ...whileAlive,
  "peer.closeNotify": "reportPeerClosed reportClosed → closed",
  "app.close": "ignored",
};

/** §7.2.1: "Any data received after a closure alert is ignored." */
const peerClosed: StateByHand = {
  tags: ["maySendData"],
  on: { "fault": "fail → failed", "peer.*": "ignored", "app.close": "sendCloseNotify reportClosed → closed" },
};

type StatesByHand = Readonly<Record<string, StateByHand>>;

/** Every state of the four charts; `context` are the facts that a chart knows by then. */
export function statesByHand(role: Role, part: PartName, context: Context): StatesByHand {
  const key = JSON.stringify([role, part, context]);
  const states = written.get(key) ?? byHand[role][part](context);
  written.set(key, states);
  return states;
}

/** Once for each context: the judges ask often. */
const written = new Map<string, StatesByHand>();

/** RFC 5077 §3.3: announced it must come, unannounced it must not. */
const ticketOrNot = ({ announcesTicket }: Context): StateByHand =>
  clientAwaits(announcesTicket ? "peer.newSessionTicket" : "peer.changeCipherSpec");

const byHand: { readonly [Name in Role]: { readonly [Part in PartName]: (context: Context) => StatesByHand } } = {
  client: {
    opening: () => ({
      "live.start": start,
      "live.loadingSession": beforeHello(awaiting(["answer.sessionFound", "answer.sessionMissing"])),
      "live.awaitServerHello": clientAwaits("peer.serverHello"),
      "live.selectingVersion": selectingVersion,
      ...ends,
    }),
    tls12: (context) => ({
      "live.handshake.awaitServerHello": clientAwaits("peer.serverHello"),
      "live.handshake.checkingServerHello": clientAwaits("answer.serverHelloAccepted", "answer.sessionResumed"),
      "live.handshake.full.awaitCertificate": clientAwaits("peer.certificate"),
      "live.handshake.full.awaitCertificateStatusOrServerKeyExchange": clientAwaits(
        "peer.certificateStatus",
        "peer.serverKeyExchange",
      ),
      "live.handshake.full.checkingCertificate": orMoreIssuers(clientAwaits("answer.certificateTrusted")),
      "live.handshake.full.checkingCertificateFirst": orMoreIssuers(clientAwaits("answer.certificateTrusted")),
      "live.handshake.full.awaitServerKeyExchange": clientAwaits("peer.serverKeyExchange"),
      "live.handshake.full.checkingServerKeyExchange": clientAwaits("answer.serverKeyExchangeVerified"),
      "live.handshake.full.awaitCertificateRequestOrServerHelloDone": clientAwaits(
        "peer.certificateRequest",
        "peer.serverHelloDone",
      ),
      "live.handshake.full.awaitServerHelloDone": clientAwaits("peer.serverHelloDone"),
      "live.handshake.full.choosingCredential": clientAwaits("answer.credentialsGiven"),
      "live.handshake.full.pickingCredential": clientAwaits("answer.credentialChosen", "answer.noCredential"),
      "live.handshake.full.signing": clientAwaits("answer.signed"),
      "live.handshake.full.serverFinishes.awaitNewSessionTicketOrChangeCipherSpec": ticketOrNot(context),
      "live.handshake.full.serverFinishes.awaitChangeCipherSpec": clientAwaits("peer.changeCipherSpec"),
      "live.handshake.full.serverFinishes.awaitFinished": clientAwaits("peer.finished"),
      "live.handshake.full.serverFinishes.checkingFinished": clientAwaits("answer.finishedVerified"),
      "live.handshake.abbreviated.awaitNewSessionTicketOrChangeCipherSpec": ticketOrNot(context),
      "live.handshake.abbreviated.awaitChangeCipherSpec": clientAwaits("peer.changeCipherSpec"),
      "live.handshake.abbreviated.awaitFinished": clientAwaits("peer.finished"),
      "live.handshake.abbreviated.checkingFinished": clientAwaits("answer.finishedVerified"),
      "live.connected": {
        tags: ["applicationData", "maySendData"],
        on: {
          ...orderly(context),
          // §7.4.1.1: the client may answer no_renegotiation; or end it, where the embedder wants that.
          "peer.helloRequest": context.declinesRenegotiation ? "declineRenegotiation" : "refuseRenegotiation → failed",
        },
      },
      "live.peerClosed": peerClosed,
      "live.closing": {
        tags: ["applicationData"],
        on: {
          ...closing,
          // Nothing can be said after our close_notify; but that it was to fail still holds.
          "peer.helloRequest": context.declinesRenegotiation ? "ignored" : "refuseRenegotiation → failed",
        },
      },
      ...ends,
    }),
  },
  server: {
    opening: () => ({
      "live.start": start,
      "live.awaitClientHello": serverAwaits("peer.clientHello"),
      "live.inspectingClientHello": serverAwaits("answer.clientHelloInspected"),
      "live.selectingVersion": selectingVersion,
      ...ends,
    }),
    tls12: (context) => ({
      "live.handshake.awaitClientHello": serverAwaits("peer.clientHello"),
      "live.handshake.loadingSession": serverAwaits("answer.sessionFound", "answer.sessionMissing"),
      "live.handshake.checkingSession": serverAwaits("answer.sessionAccepted", "answer.sessionRefused"),
      "live.handshake.choosingCredential": serverAwaits("answer.credentialsGiven"),
      "live.handshake.full.signing": serverAwaits("answer.signed"),
      "live.handshake.full.awaitCertificate": serverAwaits("peer.certificate"),
      "live.handshake.full.checkingCertificate": orMoreIssuers(
        serverAwaits("answer.certificateTrusted", "answer.certificateAbsent"),
      ),
      "live.handshake.full.authenticated.awaitClientKeyExchange": serverAwaits("peer.clientKeyExchange"),
      "live.handshake.full.authenticated.checkingClientKeyExchange": serverAwaits("answer.clientKeyExchangeAccepted"),
      "live.handshake.full.authenticated.awaitCertificateVerify": serverAwaits("peer.certificateVerify"),
      "live.handshake.full.authenticated.checkingCertificateVerify": serverAwaits("answer.certificateVerified"),
      "live.handshake.full.anonymous.awaitClientKeyExchange": serverAwaits("peer.clientKeyExchange"),
      "live.handshake.full.anonymous.checkingClientKeyExchange": serverAwaits("answer.clientKeyExchangeAccepted"),
      "live.handshake.full.clientFinishes.awaitChangeCipherSpec": serverAwaits("peer.changeCipherSpec"),
      "live.handshake.full.clientFinishes.awaitFinished": serverAwaits("peer.finished"),
      "live.handshake.full.clientFinishes.checkingFinished": serverAwaits("answer.finishedVerified"),
      "live.handshake.abbreviated.awaitChangeCipherSpec": serverAwaits("peer.changeCipherSpec"),
      "live.handshake.abbreviated.awaitFinished": serverAwaits("peer.finished"),
      "live.handshake.abbreviated.checkingFinished": serverAwaits("answer.finishedVerified"),
      "live.connected": {
        tags: ["applicationData", "maySendData"],
        on: { ...orderly(context), "peer.clientHello": "refuseRenegotiation → failed" },
      },
      "live.peerClosed": peerClosed,
      "live.closing": {
        tags: ["applicationData"],
        on: { ...closing, "peer.clientHello": "refuseRenegotiation → failed" },
      },
      ...ends,
    }),
  },
};

/** Reached only with certain facts: half-close, and, on a server, a wish for certificates. */
export function neverReached(role: Role, { halfClose, asksForCertificate }: Facts): (state: string) => boolean {
  return (state) =>
    (state === "live.peerClosed" && !halfClose) ||
    (role === "server" && !asksForCertificate && /awaitCertificate$|checkingCertificate$|authenticated/.test(state));
}

const warnings: readonly Happening[] = ["warning user_canceled", "warning no_renegotiation"];

/** What nothing comes of, seen from outside: no output, the same state. `everything` but the listed. */
export function ignoredByHand(
  role: Role,
  state: string,
  everything: Iterable<Happening>,
  { declinesRenegotiation }: Facts,
): readonly Happening[] {
  const all = [...everything];
  const helloRequests = role === "client" ? all.filter((happening) => happening.startsWith("HelloRequest")) : [];
  switch (state) {
    case "live.start":
      return [];
    case "closed":
    case "failed":
      return all;
    case "live.connected":
      return ["empty ApplicationData", ...warnings];
    case "live.closing":
      return ["close", "empty ApplicationData", ...warnings, ...(declinesRenegotiation ? helloRequests : [])];
    case "live.peerClosed":
      return all.filter((happening) => happening !== "close");
    default:
      return [...warnings, ...helloRequests];
  }
}

/** Arrows that nothing from outside can take: an event that a chart doesn't know is a fault of ours. */
export const arrowsOfOurFaults: readonly string[] = [
  "client opening live: *",
  "client tls12 live: *",
  "server opening live: *",
  "server tls12 live: *",
];

/** Arrows that are taken only where the embedder is asked, and answers later: pending_test.ts. */
export const arrowsOfLateAnswers: readonly string[] = [
  "client opening live.loadingSession: app.close",
  "client tls12 live.handshake.full.checkingCertificate: answer.issuersGiven",
  "client tls12 live.handshake.full.checkingCertificateFirst: answer.issuersGiven",
  "server tls12 live.handshake.full.checkingCertificate: answer.issuersGiven",
];
