/**
 * Every word that charts can hear, with content that is recognized when a chart hands it on to a command: by hand.
 * @module
 */

import { handshakeMessage } from "../../lib/messages/handshake.ts";
import { handshakeNames, type Role } from "../support/scripted_phrases.ts";
import type { AnyEvent } from "./role_model.ts";

const contents = {
  message: handshakeMessage("finished", Uint8Array.of(1)),
  error: { alert: undefined },
  session: Uint8Array.of(2),
  isRenewable: true,
  credentials: ["two", "credentials"],
  credential: "the one that was picked",
  scheme: "ed25519",
  signature: Uint8Array.of(3),
  issuers: ["an issuer"],
} as const;
type Content = keyof typeof contents;

/** The ClientHello that a server's opening keeps for the version that it hands over to. */
export const clientHello: AnyEvent = { type: "peer.clientHello", message: contents.message };

const event = (type: string, ...names: readonly Content[]): AnyEvent => ({
  type,
  ...Object.fromEntries(names.map((name) => [name, contents[name]])),
});
const announcing = (type: string, announcesCertificateStatus: boolean, announcesTicket: boolean): AnyEvent => ({
  type,
  announcesCertificateStatus,
  announcesTicket,
});
const everyAnnouncement = (type: string): readonly AnyEvent[] =>
  [[false, false], [false, true], [true, false], [true, true]].map(([status = false, ticket = false]) =>
    announcing(type, status, ticket)
  );

const trusted = event("answer.certificateTrusted");
const issuers = event("answer.issuersGiven", "issuers");
const signed = event("answer.signed", "scheme", "signature");
const given = event("answer.credentialsGiven", "credentials");
const missing = event("answer.sessionMissing");

/** What each check can answer; the first one is what it answers where nothing else is said. */
export const answers: { readonly [Name in Role]: Readonly<Record<string, readonly AnyEvent[]>> } = {
  client: {
    loadSession: [missing, event("answer.sessionFound", "session")],
    checkServerHello: [
      ...everyAnnouncement("answer.serverHelloAccepted"),
      ...everyAnnouncement("answer.sessionResumed"),
    ],
    checkCertificate: [trusted, issuers],
    checkCertificateAgain: [trusted, issuers],
    checkServerKeyExchange: [event("answer.serverKeyExchangeVerified")],
    chooseCredential: [given],
    pickCredential: [event("answer.credentialChosen", "credential", "scheme"), event("answer.noCredential")],
    signCertificateVerify: [signed],
    checkFinished: [event("answer.finishedVerified")],
  },
  server: {
    inspectClientHello: [event("answer.clientHelloInspected")],
    loadSession: [missing, event("answer.sessionFound", "session", "isRenewable")],
    checkSession: [event("answer.sessionAccepted"), event("answer.sessionRefused")],
    chooseCredential: [given],
    signServerKeyExchange: [signed],
    checkCertificate: [trusted, event("answer.certificateAbsent"), issuers],
    checkCertificateAgain: [trusted, issuers],
    checkClientKeyExchange: [event("answer.clientKeyExchangeAccepted")],
    checkCertificateVerify: [event("answer.certificateVerified")],
    checkFinished: [event("answer.finishedVerified")],
  },
};

const fromOutside: readonly AnyEvent[] = [
  ...Object.keys(handshakeNames)
    .filter((name) => name !== "HelloVerifyRequest" && name !== "CertificateURL")
    .map((name) => event(`peer.${name.charAt(0).toLowerCase()}${name.slice(1)}`, "message")),
  event("peer.unknownMessage", "message"),
  event("peer.changeCipherSpec"),
  event("peer.applicationData"),
  event("peer.closeNotify", "error"),
  event("peer.warning"),
  event("peer.fatal", "error"),
  event("peer.end", "error"),
  event("app.start"),
  event("app.close"),
  event("fault", "error"),
];

/** Everything that a role's charts could be told, each event with all that its kind carries. */
export const everyEvent: { readonly [Name in Role]: readonly AnyEvent[] } = {
  client: [...fromOutside, ...new Set(Object.values(answers.client).flat()), event("answer.thatNobodyKnows")],
  server: [...fromOutside, ...new Set(Object.values(answers.server).flat()), event("answer.thatNobodyKnows")],
};

const choice: readonly Content[] = ["credential", "scheme"];
const signature: readonly Content[] = ["scheme", "signature"];

/** Of the event that a command is asked for by, what it must be told; a command that isn't listed is told nothing. */
const told: { readonly [Name in Role]: Readonly<Record<string, readonly Content[]>> } = {
  client: {
    recallSession: ["session"],
    handOver: ["message"],
    checkServerHello: ["message"],
    readCertificate: ["message"],
    readCertificateStatus: ["message"],
    checkCertificateAgain: ["issuers"],
    readServerKeyExchange: ["message"],
    checkCertificateRequest: ["message"],
    checkServerHelloDone: ["message"],
    pickCredential: ["credentials"],
    sendCertificate: choice,
    signCertificateVerify: choice,
    sendCertificateVerify: signature,
    readNewSessionTicket: ["message"],
    checkFinished: ["message"],
    declineRenegotiation: ["message"],
    fail: ["error"],
  },
  server: {
    inspectClientHello: ["message"],
    checkClientHello: ["message"],
    checkSession: ["session", "isRenewable"],
    negotiate: ["credentials"],
    signServerKeyExchange: ["credentials"],
    sendServerKeyExchange: signature,
    checkCertificate: ["message"],
    checkCertificateAgain: ["issuers"],
    checkClientKeyExchange: ["message"],
    checkCertificateVerify: ["message"],
    checkFinished: ["message"],
    fail: ["error"],
  },
};

/** What a command must be told when this event makes a chart ask for it; `undefined`: nothing. */
export function contentFor(
  role: Role,
  command: string,
  event: AnyEvent,
): Readonly<Record<string, unknown>> | undefined {
  if (command === "refuse") return { event };
  if (command === "failInternally") return { event: event.type };
  const carried: Readonly<Record<string, unknown>> = { ...event };
  const names = told[role][command];
  return names && Object.fromEntries(names.map((name) => [name, carried[name]]));
}
