/**
 * What a scripted peer's phrases are to a chart: the event that each one becomes, and, where its content is wrong, which
 * command refuses it and with which alert. By hand, from the RFCs.
 * @module
 */

import type { AlertDescriptionName } from "../../lib/registry.ts";
import { type HandshakeName, handshakeNames, type Phrase, type Role } from "../support/scripted_peer.ts";
import type { AnyEvent, Refusal } from "./role_model.ts";

export interface Meaning {
  readonly event: AnyEvent;
  readonly refusal?: Refusal;
}

/** One thing that can happen to a connection from outside. */
export type Happening = Phrase | "start" | "close" | "end of transport";

/** Which command reads a message's body first, per role under test. A message that isn't listed is never read. */
const readers: { readonly [Name in Role]: Partial<Record<HandshakeName, string>> } = {
  client: {
    HelloRequest: "declineRenegotiation",
    ServerHello: "handOver",
    Certificate: "checkCertificate",
    ServerKeyExchange: "checkServerKeyExchange",
    CertificateRequest: "checkCertificateRequest",
    ServerHelloDone: "checkServerHelloDone",
    Finished: "checkFinished",
  },
  server: { ClientHello: "handOver", ClientKeyExchange: "checkClientKeyExchange", Finished: "checkFinished" },
};

const names = Object.keys(handshakeNames) as readonly HandshakeName[];

/** `peer.serverHello` for ServerHello; two types of other protocols have no name among TLS 1.2's events. */
function eventOf(name: HandshakeName): AnyEvent {
  if (name === "HelloVerifyRequest" || name === "CertificateURL") return { type: "peer.unknownMessage" };
  return { type: `peer.${name.charAt(0).toLowerCase()}${name.slice(1)}` };
}

function wrong(name: HandshakeName, by: string, alert: AlertDescriptionName): Meaning {
  return { event: eventOf(name), refusal: { by, alert } };
}

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
    ["ClientHello of TLS 1.1", wrong("ClientHello", "handOver", "protocol_version")],
    ["ClientHello without a suite in common", wrong("ClientHello", "checkClientHello", "handshake_failure")],
    ["ServerHello of TLS 1.1", wrong("ServerHello", "handOver", "protocol_version")],
    ["ServerHello with a suite that wasn't offered", wrong("ServerHello", "checkServerHello", "illegal_parameter")],
    ["Certificate without certificates", wrong("Certificate", "checkCertificate", "decode_error")],
    ["Certificate of a CA that nobody trusts", wrong("Certificate", "checkCertificate", "unknown_ca")],
    [
      "ServerKeyExchange with a wrong signature",
      wrong("ServerKeyExchange", "checkServerKeyExchange", "decrypt_error"),
    ],
    [
      "ClientKeyExchange with an invalid key",
      wrong("ClientKeyExchange", "checkClientKeyExchange", "illegal_parameter"),
    ],
    ["Finished with wrong verify_data", wrong("Finished", "checkFinished", "decrypt_error")],
    ["ChangeCipherSpec of value 2", fault("illegal_parameter")],
    ["alert of three bytes", fault("decode_error")],
    ["record of content type 24", fault("unexpected_message")],
    ["record with a wrong tag", fault("bad_record_mac")],
  ]);
}
