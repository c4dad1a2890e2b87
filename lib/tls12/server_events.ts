/**
 * The words of the TLS 1.2 server chart: the answers that it waits for and the commands that it gives.
 * @module
 */

import type { LifecycleCommands } from "../lifecycle.ts";
import type { HandshakeMessage } from "../messages/handshake.ts";
import type { SignatureSchemeName } from "../registry.ts";

export type ServerAnswer =
  | { readonly type: "answer.clientHelloAccepted" }
  | { readonly type: "answer.signed"; readonly scheme: SignatureSchemeName; readonly signature: Uint8Array }
  | { readonly type: "answer.clientKeyExchangeAccepted" }
  | { readonly type: "answer.finishedVerified" };

type Received = { readonly message: HandshakeMessage };

export interface ServerCommands extends LifecycleCommands {
  checkClientHello: Received;
  sendServerHello: undefined;
  sendCertificate: undefined;
  signServerKeyExchange: undefined;
  sendServerKeyExchange: { readonly scheme: SignatureSchemeName; readonly signature: Uint8Array };
  sendServerHelloDone: undefined;
  checkClientKeyExchange: Received;
  deriveMasterSecret: undefined;
  protectReading: undefined;
  checkFinished: Received;
  sendChangeCipherSpec: undefined;
  protectWriting: undefined;
  sendFinished: undefined;
  reportEstablished: undefined;
  refuseRenegotiation: undefined;
}
