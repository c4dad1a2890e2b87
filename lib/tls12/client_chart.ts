/**
 * The TLS 1.2 client handshake. The ClientHello is out already; the ServerHello that chose TLS 1.2 is the first event.
 * RFC 5246 §7.3, figures 1 and 2, with the messages of RFC 6066 §8 and RFC 5077 §3.1:
 *
 *     Client                                               Server
 *     ClientHello                  -------->                              ClientHello      -------->
 *                                                     ServerHello                                            ServerHello
 *                                                    Certificate                                       NewSessionTicket*
 *                                             CertificateStatus*                                      [ChangeCipherSpec]
 *                                              ServerKeyExchange                           <--------            Finished
 *                                             CertificateRequest*         [ChangeCipherSpec]
 *                                  <--------      ServerHelloDone         Finished         -------->
 *     Certificate*                                                        Application Data <-------->   Application Data
 *     ClientKeyExchange
 *     CertificateVerify*
 *     [ChangeCipherSpec]
 *     Finished                     -------->
 *                                              NewSessionTicket*
 *                                              [ChangeCipherSpec]
 *                                  <--------             Finished
 *     Application Data             <------->     Application Data
 *
 * Everything that affects the order of things is in this file; what a command does is in client_commands.ts.
 * @module
 */

import { assign, setup } from "xstate";
import { type Chart, chart, commands } from "../chart.ts";
import type { Tag } from "../endpoint.ts";
import type { TlsEvent } from "../event.ts";
import { closingArrows, earlyEndings, endings, ends, orderlyEndings, peerClosedArrows } from "../lifecycle.ts";
import type { Announced, ClientAnswer, ClientCommands } from "./client_events.ts";
import { its, itsChoice, itsCredentials, itsIssuers, itsSignature } from "./params.ts";

/** From the configuration: `halfClose`, `declinesRenegotiation`. From the ServerHello: which messages are to come. */
export type ClientContext = Announced & { readonly halfClose: boolean; readonly declinesRenegotiation: boolean };

const announced = ({ event }: { event: Announced }): Announced => ({
  announcesCertificateStatus: event.announcesCertificateStatus,
  announcesTicket: event.announcesTicket,
});

/** `note` is the only action that touches the context: it writes down what the ServerHello announces. */
const client = setup({
  types: {} as { context: ClientContext; events: TlsEvent | ClientAnswer; tags: Tag },
  actions: { ...commands<ClientCommands>(), note: assign((_, facts: Partial<ClientContext>) => facts) },
  guards: {
    halfClose: ({ context }) => context.halfClose,
    declinesRenegotiation: ({ context }) => context.declinesRenegotiation,
    announcesCertificateStatus: ({ context }) => context.announcesCertificateStatus,
    announcesTicket: ({ context }) => context.announcesTicket,
    announcesNoTicket: ({ context }) => !context.announcesTicket,
  },
});

// The end of the server's last flight, in both kinds of handshake. What its Finished leads to is each kind's own.
// deno-fmt-ignore -- this is a table
const serverEnds = {
  awaitNewSessionTicketOrChangeCipherSpec: client.createStateConfig({ on: {
    "peer.newSessionTicket": { guard: "announcesTicket", target: "awaitChangeCipherSpec", actions: { type: "readNewSessionTicket", params: its } },
    "peer.changeCipherSpec": { guard: "announcesNoTicket", target: "awaitFinished", actions: "protectReading" } } }),
  awaitChangeCipherSpec: client.createStateConfig({ on: {
    "peer.changeCipherSpec": { target: "awaitFinished", actions: "protectReading" } } }),
  awaitFinished: client.createStateConfig({ on: {
    "peer.finished": { target: "checkingFinished", actions: { type: "checkFinished", params: its } } } }),
};

// RFC 5246 §7.4 MUST: "The handshake protocol messages are presented below in the order they MUST be sent"
// RFC 5246 §7.3 MUST: "If the server has sent a CertificateRequest message, the client MUST send the Certificate message."
// RFC 5246 §7.4.7 MUST: "It MUST immediately follow the client certificate message, if it is sent. Otherwise, it MUST be the first message sent by the client after it receives the ServerHelloDone message."
// RFC 5246 §7.4.8 MUST: "When sent, it MUST immediately follow the client key exchange message."
// RFC 8422 §3 MUST: "In this case, the ClientKeyExchange MUST be sent as described in Section 2, and the CertificateVerify MUST NOT be sent."
// RFC 5077 §3.3 MUST: "The client MUST NOT treat the ticket as valid until it has verified the server's Finished message."
// RFC 6066 §8 MUST: "a server MUST NOT send the "CertificateStatus" message unless it received a "status_request" extension in the client hello message and sent a "status_request" extension in the server hello message."
// RFC 5246 §7.4.1.3 MUST: "Clients MUST be prepared to do a full negotiation -- including negotiating new cipher suites -- during any handshake."
// deno-fmt-ignore -- this is a table
const full = client.createStateConfig({
  initial: "awaitCertificate",
  states: {
    awaitCertificate: { on: {
      "peer.certificate": [
        { guard: "announcesCertificateStatus", target: "awaitCertificateStatusOrServerKeyExchange", actions: { type: "readCertificate", params: its } },
        { target: "checkingCertificate", actions: [{ type: "readCertificate", params: its }, "checkCertificate"] }] } },
    awaitCertificateStatusOrServerKeyExchange: { on: {          // RFC 6066 §8: the server may leave it out
      "peer.certificateStatus": { target: "checkingCertificate", actions: [{ type: "readCertificateStatus", params: its }, "checkCertificate"] },
      "peer.serverKeyExchange": { target: "checkingCertificateFirst", actions: [{ type: "readServerKeyExchange", params: its }, "checkCertificate"] } } },
    checkingCertificate: { tags: "pending", on: {
      "answer.issuersGiven": { actions: { type: "checkCertificateAgain", params: itsIssuers } },
      "answer.certificateTrusted": "awaitServerKeyExchange" } },
    checkingCertificateFirst: { tags: "pending", on: {
      "answer.issuersGiven": { actions: { type: "checkCertificateAgain", params: itsIssuers } },
      "answer.certificateTrusted": { target: "checkingServerKeyExchange", actions: "checkServerKeyExchange" } } },
    awaitServerKeyExchange: { on: {
      "peer.serverKeyExchange": { target: "checkingServerKeyExchange", actions: [{ type: "readServerKeyExchange", params: its }, "checkServerKeyExchange"] } } },
    checkingServerKeyExchange: { tags: "pending", on: {
      "answer.serverKeyExchangeVerified": "awaitCertificateRequestOrServerHelloDone" } },
    awaitCertificateRequestOrServerHelloDone: { on: {
      "peer.certificateRequest": { target: "awaitServerHelloDone", actions: { type: "checkCertificateRequest", params: its } },
      "peer.serverHelloDone": { target: "serverFinishes", actions: [
        { type: "checkServerHelloDone", params: its }, "sendClientKeyExchange", "deriveMasterSecret",
        "deriveWriteKeys", "sendChangeCipherSpec", "protectWriting", "sendFinished"] } } },
    awaitServerHelloDone: { on: {
      "peer.serverHelloDone": { target: "choosingCredential", actions: [{ type: "checkServerHelloDone", params: its }, "chooseCredential"] } } },
    choosingCredential: { tags: "pending", on: {
      "answer.credentialsGiven": { target: "pickingCredential", actions: { type: "pickCredential", params: itsCredentials } } } },
    pickingCredential: { tags: "pending", on: {
      "answer.credentialChosen": { target: "signing", actions: [
        { type: "sendCertificate", params: itsChoice }, "sendClientKeyExchange", "deriveMasterSecret",
        { type: "signCertificateVerify", params: itsChoice }] },
      "answer.noCredential": { target: "serverFinishes", actions: [
        "sendEmptyCertificate", "sendClientKeyExchange", "deriveMasterSecret",
        "deriveWriteKeys", "sendChangeCipherSpec", "protectWriting", "sendFinished"] } } },
    signing: { tags: "pending", on: {
      "answer.signed": { target: "serverFinishes", actions: [
        { type: "sendCertificateVerify", params: itsSignature },
        "deriveWriteKeys", "sendChangeCipherSpec", "protectWriting", "sendFinished"] } } },
    serverFinishes: {
      initial: "awaitNewSessionTicketOrChangeCipherSpec",
      states: {
        ...serverEnds,
        checkingFinished: { tags: "pending", on: {
          "answer.finishedVerified": { target: "#connected", actions: ["storeSession", "reportEstablished"] } } } } },
  },
});

// RFC 5246 §7.3 MUST: "At this point, both client and server MUST send ChangeCipherSpec messages and proceed directly to Finished messages."
// deno-fmt-ignore -- this is a table
const abbreviated = client.createStateConfig({
  initial: "awaitNewSessionTicketOrChangeCipherSpec",
  states: {
    ...serverEnds,
    checkingFinished: { tags: "pending", on: {
      "answer.finishedVerified": { target: "#connected", actions: [
        "sendChangeCipherSpec", "protectWriting", "sendFinished", "storeSession", "reportEstablished"] } } },
  },
});

// deno-fmt-ignore -- this is a table
export const clientChart: Chart<ClientContext, TlsEvent | ClientAnswer, ClientCommands, Tag> = chart(client.createMachine({
  id: "client",
  context: { halfClose: false, declinesRenegotiation: true, announcesCertificateStatus: false, announcesTicket: false },
  initial: "live",
  states: {
    live: {
      initial: "handshake",
      on: endings,
      states: {
        handshake: {
          initial: "awaitServerHello",
          on: { ...earlyEndings,
            "peer.helloRequest": {} },                         // RFC 5246 §7.4.1.1: ignored while negotiating
          states: {
            awaitServerHello: { on: {
              "peer.serverHello": { target: "checkingServerHello", actions: { type: "checkServerHello", params: its } } } },
            checkingServerHello: { tags: "pending", on: {
              "answer.serverHelloAccepted": { target: "full", actions: { type: "note", params: announced } },
              "answer.sessionResumed": { target: "abbreviated", actions: [{ type: "note", params: announced }, "deriveWriteKeys"] } } },
            full,
            abbreviated,
          },
        },
        connected: { id: "connected", tags: ["applicationData", "maySendData"], on: {
          "peer.helloRequest": [
            { guard: "declinesRenegotiation", actions: { type: "declineRenegotiation", params: its } },
            { target: "#failed", actions: "refuseRenegotiation" }],
          ...orderlyEndings } },
        peerClosed: { tags: "maySendData", on: peerClosedArrows },
        closing: { tags: "applicationData", on: {
          "peer.helloRequest": [
            { guard: "declinesRenegotiation" },                 // nothing is said after our close_notify
            { target: "#failed", actions: "refuseRenegotiation" }],
          ...closingArrows } },
      },
    },
    ...ends,
  },
}));
