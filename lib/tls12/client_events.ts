/**
 * The words of the TLS 1.2 client chart: the answers that it waits for and the commands that it gives.
 * @module
 */

import type { LifecycleCommands } from "../lifecycle.ts";
import type { HandshakeMessage } from "../messages/handshake.ts";

export type ClientAnswer = {
  readonly type:
    | "answer.serverHelloAccepted"
    | "answer.certificateTrusted"
    | "answer.serverKeyExchangeVerified"
    | "answer.finishedVerified";
};

type Received = { readonly message: HandshakeMessage };

export interface ClientCommands extends LifecycleCommands {
  checkServerHello: Received;
  checkCertificate: Received;
  checkServerKeyExchange: Received;
  checkCertificateRequest: Received;
  checkServerHelloDone: Received;
  sendEmptyCertificate: undefined;
  sendClientKeyExchange: undefined;
  deriveMasterSecret: undefined;
  sendChangeCipherSpec: undefined;
  protectWriting: undefined;
  sendFinished: undefined;
  protectReading: undefined;
  checkFinished: Received;
  reportEstablished: undefined;
  declineRenegotiation: Received;
}
