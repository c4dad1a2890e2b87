/**
 * What can happen to a handshake, said in the words of the charts. An event's name tells where it comes from:
 * `peer.` from the wire, `app.` from the embedder, `answer.` from a check that a chart asked for, `fault` from inside.
 * @module
 */

import type { TlsError } from "./error.ts";
import type { HandshakeMessage } from "./messages/handshake.ts";
import { HandshakeType, type HandshakeTypeName, registeredName } from "./registry.ts";

type CamelCase<Text extends string> = Text extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Text;

/** A handshake message's event, such as `peer.serverHelloDone`. Its body isn't decoded yet: order comes first. */
export type PeerMessageName = `peer.${CamelCase<HandshakeTypeName> | "unknownMessage"}`;

export type PeerMessageEvent = {
  readonly [Name in PeerMessageName]: { readonly type: Name; readonly message: HandshakeMessage };
}[PeerMessageName];

export type PeerEvent =
  | PeerMessageEvent
  | { readonly type: "peer.changeCipherSpec" }
  | { readonly type: "peer.applicationData" }
  | { readonly type: "peer.closeNotify"; readonly error: TlsError }
  | { readonly type: "peer.warning" }
  | { readonly type: "peer.fatal"; readonly error: TlsError }
  /** The transport ended. */
  | { readonly type: "peer.end"; readonly error: TlsError };

export type AppEvent = { readonly type: "app.start" } | { readonly type: "app.close" };

/** Something threw: what the peer sent is wrong, or we are. */
export interface FaultEvent {
  readonly type: "fault";
  readonly error: TlsError;
}

/** What a connection tells a chart. Answers are each chart's own. */
export type TlsEvent = PeerEvent | AppEvent | FaultEvent;

const messageEvents: ReadonlyMap<number, PeerMessageName> = new Map([
  [HandshakeType.hello_request, "peer.helloRequest"],
  [HandshakeType.client_hello, "peer.clientHello"],
  [HandshakeType.server_hello, "peer.serverHello"],
  [HandshakeType.certificate, "peer.certificate"],
  [HandshakeType.server_key_exchange, "peer.serverKeyExchange"],
  [HandshakeType.certificate_request, "peer.certificateRequest"],
  [HandshakeType.server_hello_done, "peer.serverHelloDone"],
  [HandshakeType.certificate_verify, "peer.certificateVerify"],
  [HandshakeType.client_key_exchange, "peer.clientKeyExchange"],
  [HandshakeType.finished, "peer.finished"],
  [HandshakeType.new_session_ticket, "peer.newSessionTicket"],
  [HandshakeType.certificate_status, "peer.certificateStatus"],
]);

/** The event of a received handshake message; a type without a name here is `peer.unknownMessage`. */
export function messageEvent(message: HandshakeMessage): PeerMessageEvent {
  return { type: messageEvents.get(message.type) ?? "peer.unknownMessage", message };
}

/** What an event is called in an error: `ServerHelloDone`, `handshake message 99`. */
export function eventText(event: TlsEvent): string {
  if ("message" in event) {
    const name = registeredName(HandshakeType, event.message.type);
    if (name === undefined) return `handshake message ${event.message.type}`;
    return name.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  }
  const name = event.type.replace(/^\w+\./, "");
  return name.charAt(0).toUpperCase() + name.slice(1);
}
