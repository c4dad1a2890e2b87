/**
 * What a scripted peer's phrases are to a chart: the event that each one becomes, and, where its content matters, which
 * command refuses it with which alert, or answers something else than usual. By hand, from the RFCs.
 * @module
 */

import type { AlertDescriptionName } from "../../lib/registry.ts";
import { type HandshakeName, handshakeNames, type Phrase, type Role } from "../support/scripted_phrases.ts";
import type { AnyEvent, Said } from "./role_model.ts";

export interface Meaning {
  readonly event: AnyEvent;
  readonly said?: Said;
}

/** One thing that can happen to a connection from outside. */
export type Happening = Phrase | "start" | "close" | "end of transport";

/** Which command reads a message's body first, per role under test. A message that isn't listed is never read. */
const readers: { readonly [Name in Role]: Partial<Record<HandshakeName, string>> } = {
  client: {
    HelloRequest: "declineRenegotiation",
    ServerHello: "handOver",
    Certificate: "readCertificate",
    CertificateStatus: "readCertificateStatus",
    ServerKeyExchange: "readServerKeyExchange",
    CertificateRequest: "checkCertificateRequest",
    ServerHelloDone: "checkServerHelloDone",
    NewSessionTicket: "readNewSessionTicket",
    Finished: "checkFinished",
  },
  server: {
    ClientHello: "handOver",
    Certificate: "checkCertificate",
    ClientKeyExchange: "checkClientKeyExchange",
    CertificateVerify: "checkCertificateVerify",
    Finished: "checkFinished",
  },
};

const names = Object.keys(handshakeNames) as readonly HandshakeName[];

/** `peer.serverHello` for ServerHello; two types of other protocols have no name among TLS 1.2's events. */
function eventOf(name: HandshakeName): AnyEvent {
  if (name === "HelloVerifyRequest" || name === "CertificateURL") return { type: "peer.unknownMessage" };
  return { type: `peer.${name.charAt(0).toLowerCase()}${name.slice(1)}` };
}

function wrong(name: HandshakeName, by: string, alert: AlertDescriptionName): Meaning {
  return { event: eventOf(name), said: { [by]: { refuses: alert } } };
}

function answered(name: HandshakeName, by: string, answer: string): Meaning {
  return { event: eventOf(name), said: { [by]: { answers: { type: `answer.${answer}` } } } };
}

/** A ServerHello: what it announces, and whether it resumes. */
function serverHello(answer: string, announcesCertificateStatus: boolean, announcesTicket: boolean): Meaning {
  const answers = { type: `answer.${answer}`, announcesCertificateStatus, announcesTicket };
  return { event: eventOf("ServerHello"), said: { checkServerHello: { answers } } };
}

/** A ClientHello that offers a session. */
function clientHello(verdict: "sessionAccepted" | "sessionRefused", also: Said = {}): Meaning {
  const said: Said = {
    loadSession: { answers: { type: "answer.sessionFound" } },
    checkSession: { answers: { type: `answer.${verdict}` } },
    ...also,
  };
  return { event: eventOf("ClientHello"), said };
}

const status: Said = { sendCertificateStatusIfAgreed: { shows: ["CertificateStatus"] } };
const ticket: Said = { sendNewSessionTicketIfAgreed: { shows: ["NewSessionTicket"] } };

/** The record or alert itself is wrong: that is found before any chart is asked. */
function fault(alert: AlertDescriptionName): Meaning {
  return { event: { type: "fault", error: { alert } } };
}

const silent = { alert: undefined };

/** Everything that can happen to a role, with its meaning. */
export function meanings(role: Role): ReadonlyMap<Happening, Meaning> {
  return new Map<Happening, Meaning>([
    ["start", { event: { type: "app.start" } }],
    ["close", { event: { type: "app.close" } }],
    ["end of transport", { event: { type: "peer.end", error: silent } }],
    ...names.map((name): [Happening, Meaning] => [name, { event: eventOf(name) }]),
    ...names.map((name): [Happening, Meaning] => [
      `${name} and a byte too many`,
      wrong(name, readers[role][name] ?? "nobody", "decode_error"),
    ]),
    ...hellos,
    ...certificates(role),
    [
      "CertificateStatus of a type that isn't known",
      wrong("CertificateStatus", "readCertificateStatus", "decode_error"),
    ],
    ["ServerKeyExchange with a wrong signature", wrong("ServerKeyExchange", "checkServerKeyExchange", "decrypt_error")],
    ["CertificateRequest that no credential fits", answered("CertificateRequest", "pickCredential", "noCredential")],
    [
      "ClientKeyExchange with an invalid key",
      wrong("ClientKeyExchange", "checkClientKeyExchange", "illegal_parameter"),
    ],
    ["CertificateVerify with a wrong signature", wrong("CertificateVerify", "checkCertificateVerify", "decrypt_error")],
    ["NewSessionTicket without a ticket", { event: eventOf("NewSessionTicket") }],
    ["Finished with wrong verify_data", wrong("Finished", "checkFinished", "decrypt_error")],
    ["handshake message 99", { event: { type: "peer.unknownMessage" } }],
    ["ChangeCipherSpec", { event: { type: "peer.changeCipherSpec" } }],
    ["ApplicationData", { event: { type: "peer.applicationData", length: 5 } }],
    ["empty ApplicationData", { event: { type: "peer.applicationData", length: 0 } }],
    ["close_notify", { event: { type: "peer.closeNotify", error: silent } }],
    ["warning user_canceled", { event: { type: "peer.warning" } }],
    ["warning no_renegotiation", { event: { type: "peer.warning" } }],
    ["fatal handshake_failure", { event: { type: "peer.fatal", error: silent } }],
    ["fatal close_notify", { event: { type: "peer.fatal", error: silent } }],
    ["fatal alert 254", { event: { type: "peer.fatal", error: silent } }],
    ["ChangeCipherSpec of value 2", fault("illegal_parameter")],
    ["alert of three bytes", fault("decode_error")],
    ["record of content type 24", fault("unexpected_message")],
    ["record with a wrong tag", fault("bad_record_mac")],
  ]);
}

const hellos: readonly (readonly [Happening, Meaning])[] = [
  ["ClientHello of TLS 1.1", wrong("ClientHello", "handOver", "protocol_version")],
  ["ClientHello without a suite in common", wrong("ClientHello", "negotiate", "handshake_failure")],
  [
    "ClientHello that asks for CertificateStatus and NewSessionTicket",
    { event: eventOf("ClientHello"), said: { ...status, ...ticket } },
  ],
  ["ClientHello that resumes by session ID", clientHello("sessionAccepted")],
  ["ClientHello that resumes by ticket", clientHello("sessionAccepted")],
  ["ClientHello that resumes by a ticket that is to be renewed", clientHello("sessionAccepted", ticket)],
  ["ClientHello that offers a session which may not be resumed", clientHello("sessionRefused")],
  [
    "ClientHello that resumes without extended master secret",
    clientHello("sessionAccepted", { checkSession: { refuses: "handshake_failure" } }),
  ],
  ["ServerHello of TLS 1.1", wrong("ServerHello", "handOver", "protocol_version")],
  ["ServerHello with a suite that wasn't offered", wrong("ServerHello", "checkServerHello", "illegal_parameter")],
  ["ServerHello that announces CertificateStatus", serverHello("serverHelloAccepted", true, false)],
  ["ServerHello that announces NewSessionTicket", serverHello("serverHelloAccepted", false, true)],
  [
    "ServerHello that announces CertificateStatus and NewSessionTicket",
    serverHello("serverHelloAccepted", true, true),
  ],
  ["ServerHello that resumes", serverHello("sessionResumed", false, false)],
  ["ServerHello that resumes and announces NewSessionTicket", serverHello("sessionResumed", false, true)],
  ["ServerHello that resumes and announces CertificateStatus", serverHello("sessionResumed", true, false)],
  ["ServerHello that resumes with another suite", wrong("ServerHello", "checkServerHello", "illegal_parameter")],
];

function certificates(role: Role): readonly (readonly [Happening, Meaning])[] {
  return [
    [
      "Certificate without certificates",
      // RFC 5246 §7.4.2: a server must have one; §7.4.6: a client need not.
      role === "client"
        ? wrong("Certificate", "readCertificate", "decode_error")
        : answered("Certificate", "checkCertificate", "certificateAbsent"),
    ],
    ["Certificate of a CA that nobody trusts", wrong("Certificate", "checkCertificate", "unknown_ca")],
    ["Certificate without its issuer", wrong("Certificate", "checkCertificate", "unknown_ca")],
  ];
}
