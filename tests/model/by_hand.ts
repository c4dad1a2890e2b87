/**
 * What TLS 1.2 allows, written by hand from RFC 5246 §7 and from nothing else: tests that are derived from a chart can't
 * judge the chart. Whoever changes a chart changes this file in the same commit, by hand, with the RFC open.
 * @module
 */

import type { Role } from "../support/scripted_peer.ts";
import type { Happening } from "./phrases.ts";
import type { PartName } from "./role_model.ts";

/**
 * Every legal way to application data, as RFC 5246 §7.3 tells it.
 * One line per event: `<` the peer's message, `?` a check that has passed; behind the colon what it makes us do: `>` is
 * our message, `{…}` is protected by the new keys, and other words are the charts' commands.
 */
export const roads: { readonly [Name in Role]: readonly string[] } = {
  client: [
    // Figure 1, without a CertificateRequest.
    `app.start: > ClientHello
     < ServerHello: handOver, checkServerHello
     ? serverHelloAccepted
     < Certificate: checkCertificate
     ? certificateTrusted
     < ServerKeyExchange: checkServerKeyExchange
     ? serverKeyExchangeVerified
     < ServerHelloDone: checkServerHelloDone, > ClientKeyExchange, deriveMasterSecret, > ChangeCipherSpec, protectWriting, > {Finished}
     < ChangeCipherSpec: protectReading
     < {Finished}: checkFinished
     ? finishedVerified: established`,
    // §7.3: "If the server has sent a CertificateRequest message, the client MUST send the Certificate message."
    // §7.4.6: an empty one when there is no suitable certificate; §7.4.8: then there is no CertificateVerify.
    `app.start: > ClientHello
     < ServerHello: handOver, checkServerHello
     ? serverHelloAccepted
     < Certificate: checkCertificate
     ? certificateTrusted
     < ServerKeyExchange: checkServerKeyExchange
     ? serverKeyExchangeVerified
     < CertificateRequest: checkCertificateRequest
     < ServerHelloDone: checkServerHelloDone, > Certificate, > ClientKeyExchange, deriveMasterSecret, > ChangeCipherSpec, protectWriting, > {Finished}
     < ChangeCipherSpec: protectReading
     < {Finished}: checkFinished
     ? finishedVerified: established`,
  ],
  server: [
    // Figure 1. This server never asks for a certificate.
    `app.start
     < ClientHello: handOver, checkClientHello
     ? clientHelloAccepted: > ServerHello, > Certificate, signServerKeyExchange
     ? signed: > ServerKeyExchange, > ServerHelloDone
     < ClientKeyExchange: checkClientKeyExchange
     ? clientKeyExchangeAccepted: deriveMasterSecret
     < ChangeCipherSpec: protectReading
     < {Finished}: checkFinished
     ? finishedVerified: > ChangeCipherSpec, protectWriting, > {Finished}, established`,
  ],
};

/** What a state does with events: the commands, then where it goes. `on the road`: see above. `ignored`: nothing. */
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

const ended: StateByHand = { tags: [], on: {} };
const ends = { closed: ended, failed: ended };

const start: StateByHand = {
  tags: [],
  on: { ...beforeData, ...passes("app.start"), "app.close": "reportClosed → closed" },
};
const selectingVersion: StateByHand = { tags: pending, on: beforeData };

/** §7.2.1: close_notify is answered with close_notify, unless half-close was asked for. */
const orderly = (halfClose: boolean): Reactions => ({
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

/** Every state of the four charts. */
export function statesByHand(role: Role, part: PartName, halfClose: boolean): StatesByHand {
  return byHand[role][part](halfClose);
}

const byHand: { readonly [Name in Role]: { readonly [Part in PartName]: (halfClose: boolean) => StatesByHand } } = {
  client: {
    opening: () => ({
      "live.start": start,
      "live.awaitServerHello": clientAwaits("peer.serverHello"),
      "live.selectingVersion": selectingVersion,
      ...ends,
    }),
    tls12: (halfClose) => ({
      "live.handshake.awaitServerHello": clientAwaits("peer.serverHello"),
      "live.handshake.checkingServerHello": clientAwaits("answer.serverHelloAccepted"),
      "live.handshake.full.awaitCertificate": clientAwaits("peer.certificate"),
      "live.handshake.full.checkingCertificate": clientAwaits("answer.certificateTrusted"),
      "live.handshake.full.awaitServerKeyExchange": clientAwaits("peer.serverKeyExchange"),
      "live.handshake.full.checkingServerKeyExchange": clientAwaits("answer.serverKeyExchangeVerified"),
      "live.handshake.full.awaitCertificateRequestOrServerHelloDone": clientAwaits(
        "peer.certificateRequest",
        "peer.serverHelloDone",
      ),
      "live.handshake.full.awaitServerHelloDone": clientAwaits("peer.serverHelloDone"),
      "live.handshake.full.awaitChangeCipherSpec": clientAwaits("peer.changeCipherSpec"),
      "live.handshake.full.awaitFinished": clientAwaits("peer.finished"),
      "live.handshake.full.checkingFinished": clientAwaits("answer.finishedVerified"),
      "live.connected": {
        tags: ["applicationData", "maySendData"],
        on: { ...orderly(halfClose), "peer.helloRequest": "declineRenegotiation" }, // §7.4.1.1: no_renegotiation
      },
      "live.peerClosed": peerClosed,
      "live.closing": { tags: ["applicationData"], on: { ...closing, ...helloRequestIgnored } },
      ...ends,
    }),
  },
  server: {
    opening: () => ({
      "live.start": start,
      "live.awaitClientHello": serverAwaits("peer.clientHello"),
      "live.selectingVersion": selectingVersion,
      ...ends,
    }),
    tls12: (halfClose) => ({
      "live.handshake.awaitClientHello": serverAwaits("peer.clientHello"),
      "live.handshake.checkingClientHello": serverAwaits("answer.clientHelloAccepted"),
      "live.handshake.full.signing": serverAwaits("answer.signed"),
      "live.handshake.full.awaitClientKeyExchange": serverAwaits("peer.clientKeyExchange"),
      "live.handshake.full.checkingClientKeyExchange": serverAwaits("answer.clientKeyExchangeAccepted"),
      "live.handshake.full.awaitChangeCipherSpec": serverAwaits("peer.changeCipherSpec"),
      "live.handshake.full.awaitFinished": serverAwaits("peer.finished"),
      "live.handshake.full.checkingFinished": serverAwaits("answer.finishedVerified"),
      "live.connected": {
        tags: ["applicationData", "maySendData"],
        on: { ...orderly(halfClose), "peer.clientHello": "refuseRenegotiation → failed" },
      },
      "live.peerClosed": peerClosed,
      "live.closing": { tags: ["applicationData"], on: { ...closing, "peer.clientHello": "ignored" } },
      ...ends,
    }),
  },
};

const warnings: readonly Happening[] = ["warning user_canceled", "warning no_renegotiation"];
const clientHellos: readonly Happening[] = [
  "ClientHello",
  "ClientHello and a byte too many",
  "ClientHello of TLS 1.1",
  "ClientHello without a suite in common",
];
const helloRequests: readonly Happening[] = ["HelloRequest", "HelloRequest and a byte too many"];

/** What nothing comes of, seen from outside: no output, the same state. `everything` but the listed. */
export function ignoredByHand(role: Role, state: string, everything: Iterable<Happening>): readonly Happening[] {
  switch (state) {
    case "live.start":
      return [];
    case "closed":
    case "failed":
      return [...everything];
    case "live.connected":
      return ["empty ApplicationData", ...warnings];
    case "live.closing":
      return ["close", "empty ApplicationData", ...warnings, ...(role === "client" ? helloRequests : clientHellos)];
    case "live.peerClosed":
      return [...everything].filter((happening) => happening !== "close");
    default:
      return [...warnings, ...(role === "client" ? helloRequests : [])];
  }
}

/**
 * Arrows that nothing from outside can take: an event that a chart doesn't know is a fault of ours, and pending states
 * don't rest as long as every check answers at once.
 */
export const arrowsOfOurFaults: readonly string[] = [
  "client opening live: *",
  "client tls12 live: *",
  "server opening live: *",
  "server tls12 live: *",
];
