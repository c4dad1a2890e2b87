/**
 * The words of the TLS 1.2 server chart: the answers that it waits for and the commands that it gives.
 * @module
 */

import type { LifecycleCommands } from "../lifecycle.ts";
import type { HandshakeMessage } from "../messages/handshake.ts";
import type { SignatureSchemeName } from "../registry.ts";
import type { LoadedCredential } from "../settings.ts";
import type { Certificate } from "../x509/certificate.ts";
import type { EmbedderAnswer } from "./answered.ts";

/** The bytes of a session, and whether its ticket is to be replaced by a new one. */
export interface FoundSession {
  readonly session: Uint8Array;
  readonly isRenewable: boolean;
}

export type ServerAnswer =
  | EmbedderAnswer
  | ({ readonly type: "answer.sessionFound" } & FoundSession)
  | { readonly type: "answer.sessionMissing" }
  | { readonly type: "answer.sessionAccepted" }
  | { readonly type: "answer.sessionRefused" }
  | { readonly type: "answer.certificateAbsent" }
  | { readonly type: "answer.clientKeyExchangeAccepted" }
  | { readonly type: "answer.certificateVerified" }
  | { readonly type: "answer.finishedVerified" };

type Received = { readonly message: HandshakeMessage };
type Given = { readonly credentials: readonly LoadedCredential[] };

export interface ServerCommands extends LifecycleCommands {
  checkClientHello: Received;
  loadSession: undefined;
  checkSession: FoundSession;
  chooseCredential: undefined;
  negotiate: Given;
  sendServerHello: undefined;
  sendCertificate: undefined;
  sendCertificateStatusIfAgreed: undefined;
  signServerKeyExchange: Given;
  sendServerKeyExchange: { readonly scheme: SignatureSchemeName; readonly signature: Uint8Array };
  sendCertificateRequest: undefined;
  sendServerHelloDone: undefined;
  checkCertificate: Received;
  checkCertificateAgain: { readonly issuers: readonly Certificate[] };
  checkClientKeyExchange: Received;
  checkCertificateVerify: Received;
  deriveMasterSecret: undefined;
  deriveWriteKeys: undefined;
  protectReading: undefined;
  checkFinished: Received;
  sendNewSessionTicketIfAgreed: undefined;
  sendChangeCipherSpec: undefined;
  protectWriting: undefined;
  sendFinished: undefined;
  storeSession: undefined;
  reportEstablished: undefined;
  refuseRenegotiation: undefined;
}
