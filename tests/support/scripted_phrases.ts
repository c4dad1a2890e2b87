/**
 * What a scripted peer can say: every handshake message as it should be, and messages that are wrong in one thing.
 * @module
 */

import type { HandshakeTypeName } from "../../lib/registry.ts";

export type Role = "client" | "server";

/** Every handshake message, as the RFC names it. */
export type HandshakeName =
  | "HelloRequest"
  | "ClientHello"
  | "ServerHello"
  | "HelloVerifyRequest"
  | "NewSessionTicket"
  | "Certificate"
  | "ServerKeyExchange"
  | "CertificateRequest"
  | "ServerHelloDone"
  | "CertificateVerify"
  | "ClientKeyExchange"
  | "Finished"
  | "CertificateURL"
  | "CertificateStatus";

/** The registered names of the same messages. */
export const handshakeNames: Readonly<Record<HandshakeName, HandshakeTypeName>> = {
  HelloRequest: "hello_request",
  ClientHello: "client_hello",
  ServerHello: "server_hello",
  HelloVerifyRequest: "hello_verify_request",
  NewSessionTicket: "new_session_ticket",
  Certificate: "certificate",
  ServerKeyExchange: "server_key_exchange",
  CertificateRequest: "certificate_request",
  ServerHelloDone: "server_hello_done",
  CertificateVerify: "certificate_verify",
  ClientKeyExchange: "client_key_exchange",
  Finished: "finished",
  CertificateURL: "certificate_url",
  CertificateStatus: "certificate_status",
};

/** How a ClientHello can differ from the plain one, which offers no session. The sessions are those of the scene. */
export type ClientHelloManner =
  | "of TLS 1.1"
  | "without a suite in common"
  | "that asks for CertificateStatus and NewSessionTicket"
  | "that resumes by session ID"
  | "that resumes by ticket"
  | "that resumes by a ticket that is to be renewed"
  | "that resumes without extended master secret"
  | "that offers a session which may not be resumed";

/** How a ServerHello can differ from the plain one, which announces nothing and resumes nothing. */
export type ServerHelloManner =
  | "of TLS 1.1"
  | "with a suite that wasn't offered"
  | "that announces CertificateStatus"
  | "that announces NewSessionTicket"
  | "that announces CertificateStatus and NewSessionTicket"
  | "that resumes"
  | "that resumes and announces NewSessionTicket"
  | "that resumes and announces CertificateStatus"
  | "that resumes with another suite";

/** What a peer can say. */
export type Phrase =
  | HandshakeName
  | `${HandshakeName} and a byte too many`
  | `ClientHello ${ClientHelloManner}`
  | `ServerHello ${ServerHelloManner}`
  | "NewSessionTicket without a ticket"
  | "Certificate without certificates"
  | "Certificate of a CA that nobody trusts"
  | "Certificate without its issuer"
  | "CertificateStatus of a type that isn't known"
  | "ServerKeyExchange with a wrong signature"
  | "CertificateRequest that no credential fits"
  | "ClientKeyExchange with an invalid key"
  | "CertificateVerify with a wrong signature"
  | "Finished with wrong verify_data"
  | "handshake message 99"
  | "ChangeCipherSpec"
  | "ApplicationData"
  | "empty ApplicationData"
  | "close_notify"
  | "warning user_canceled"
  | "warning no_renegotiation"
  | "fatal handshake_failure"
  | "fatal close_notify"
  | "fatal alert 254"
  | "ChangeCipherSpec of value 2"
  | "alert of three bytes"
  | "record of content type 24"
  | "record with a wrong tag";
