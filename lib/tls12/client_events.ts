/**
 * The words of the TLS 1.2 client chart: the answers that it waits for and the commands that it gives.
 * @module
 */

import type { LifecycleCommands } from "../lifecycle.ts";
import type { HandshakeMessage } from "../messages/handshake.ts";
import type { SignatureSchemeName } from "../registry.ts";
import type { LoadedCredential } from "../settings.ts";
import type { Certificate } from "../x509/certificate.ts";
import type { EmbedderAnswer } from "./answered.ts";

/** What a ServerHello announces of the messages to come. */
export interface Announced {
  /** RFC 6066 §8: a CertificateStatus may follow. */
  readonly announcesCertificateStatus: boolean;
  /** RFC 5077 §3.3: a NewSessionTicket must follow. */
  readonly announcesTicket: boolean;
}

export type ClientAnswer =
  | EmbedderAnswer
  | ({ readonly type: "answer.serverHelloAccepted" | "answer.sessionResumed" } & Announced)
  | { readonly type: "answer.serverKeyExchangeVerified" }
  | {
    readonly type: "answer.credentialChosen";
    readonly credential: LoadedCredential;
    readonly scheme: SignatureSchemeName;
  }
  | { readonly type: "answer.noCredential" }
  | { readonly type: "answer.finishedVerified" };

type Received = { readonly message: HandshakeMessage };
type Chosen = { readonly credential: LoadedCredential; readonly scheme: SignatureSchemeName };

export interface ClientCommands extends LifecycleCommands {
  checkServerHello: Received;
  readCertificate: Received;
  readCertificateStatus: Received;
  checkCertificate: undefined;
  checkCertificateAgain: { readonly issuers: readonly Certificate[] };
  readServerKeyExchange: Received;
  checkServerKeyExchange: undefined;
  checkCertificateRequest: Received;
  checkServerHelloDone: Received;
  chooseCredential: undefined;
  pickCredential: { readonly credentials: readonly LoadedCredential[] };
  sendCertificate: Chosen;
  sendEmptyCertificate: undefined;
  sendClientKeyExchange: undefined;
  signCertificateVerify: Chosen;
  sendCertificateVerify: { readonly scheme: SignatureSchemeName; readonly signature: Uint8Array };
  deriveMasterSecret: undefined;
  deriveWriteKeys: undefined;
  sendChangeCipherSpec: undefined;
  protectWriting: undefined;
  sendFinished: undefined;
  readNewSessionTicket: Received;
  protectReading: undefined;
  checkFinished: Received;
  storeSession: undefined;
  reportEstablished: undefined;
  declineRenegotiation: Received;
  refuseRenegotiation: undefined;
}
