/**
 * The TLS 1.2 server handshake. The ClientHello for which TLS 1.2 was chosen is the first event.
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
 * Everything that affects the order of things is in this file; what a command does is in server_commands.ts.
 * @module
 */

import { setup } from "xstate";
import { type Chart, chart, commands } from "../chart.ts";
import type { Tag } from "../endpoint.ts";
import type { TlsEvent } from "../event.ts";
import { closingArrows, earlyEndings, endings, ends, orderlyEndings, peerClosedArrows } from "../lifecycle.ts";
import { its, itsCredentials, itsIssuers, itsSession, itsSignature } from "./params.ts";
import type { ServerAnswer, ServerCommands } from "./server_events.ts";

/** From the configuration. `asksForCertificate`: clients are to prove who they are. */
export type ServerContext = { readonly halfClose: boolean; readonly asksForCertificate: boolean };

const server = setup({
  types: {} as { context: ServerContext; events: TlsEvent | ServerAnswer; tags: Tag },
  actions: commands<ServerCommands>(),
  guards: {
    halfClose: ({ context }) => context.halfClose,
    asksForCertificate: ({ context }) => context.asksForCertificate,
  },
});

// The end of the client's last flight, in both kinds of handshake. What its Finished leads to is each kind's own.
// deno-fmt-ignore -- this is a table
const clientEnds = {
  awaitChangeCipherSpec: server.createStateConfig({ on: {
    "peer.changeCipherSpec": { target: "awaitFinished", actions: "protectReading" } } }),
  awaitFinished: server.createStateConfig({ on: {
    "peer.finished": { target: "checkingFinished", actions: { type: "checkFinished", params: its } } } }),
};

// RFC 5246 §7.4 MUST: "The handshake protocol messages are presented below in the order they MUST be sent"
// RFC 5246 §7.4.7 MUST: "It MUST immediately follow the client certificate message, if it is sent. Otherwise, it MUST be the first message sent by the client after it receives the ServerHelloDone message."
// RFC 5246 §7.4.8 MUST: "When sent, it MUST immediately follow the client key exchange message."
// RFC 5077 §3.3 MUST: "In the case of a full handshake, the server MUST verify the client's Finished message before sending the ticket."
// deno-fmt-ignore -- this is a table
const full = server.createStateConfig({
  initial: "signing",
  states: {
    signing: { tags: "pending", on: {
      "answer.signed": [
        { guard: "asksForCertificate", target: "awaitCertificate", actions: [
          { type: "sendServerKeyExchange", params: itsSignature }, "sendCertificateRequest", "sendServerHelloDone"] },
        { target: "anonymous", actions: [
          { type: "sendServerKeyExchange", params: itsSignature }, "sendServerHelloDone"] }] } },
    awaitCertificate: { on: {
      "peer.certificate": { target: "checkingCertificate", actions: { type: "checkCertificate", params: its } } } },
    checkingCertificate: { tags: "pending", on: {
      "answer.issuersGiven": { actions: { type: "checkCertificateAgain", params: itsIssuers } },
      "answer.certificateTrusted": "authenticated",
      "answer.certificateAbsent": "anonymous" } },
    authenticated: {                                            // RFC 5246 §7.4.8: CertificateVerify must follow
      initial: "awaitClientKeyExchange",
      states: {
        awaitClientKeyExchange: { on: {
          "peer.clientKeyExchange": { target: "checkingClientKeyExchange", actions: { type: "checkClientKeyExchange", params: its } } } },
        checkingClientKeyExchange: { tags: "pending", on: {
          "answer.clientKeyExchangeAccepted": { target: "awaitCertificateVerify", actions: "deriveMasterSecret" } } },
        awaitCertificateVerify: { on: {
          "peer.certificateVerify": { target: "checkingCertificateVerify", actions: { type: "checkCertificateVerify", params: its } } } },
        checkingCertificateVerify: { tags: "pending", on: {
          "answer.certificateVerified": { target: "#clientFinishes", actions: "deriveWriteKeys" } } } } },
    anonymous: {                                                // and here it must not
      initial: "awaitClientKeyExchange",
      states: {
        awaitClientKeyExchange: { on: {
          "peer.clientKeyExchange": { target: "checkingClientKeyExchange", actions: { type: "checkClientKeyExchange", params: its } } } },
        checkingClientKeyExchange: { tags: "pending", on: {
          "answer.clientKeyExchangeAccepted": { target: "#clientFinishes", actions: ["deriveMasterSecret", "deriveWriteKeys"] } } } } },
    clientFinishes: {
      id: "clientFinishes",
      initial: "awaitChangeCipherSpec",
      states: {
        ...clientEnds,
        checkingFinished: { tags: "pending", on: {
          "answer.finishedVerified": { target: "#connected", actions: [
            "sendNewSessionTicketIfAgreed", "sendChangeCipherSpec", "protectWriting", "sendFinished",
            "storeSession", "reportEstablished"] } } } } },
  },
});

// RFC 5246 §7.3 MUST: "At this point, both client and server MUST send ChangeCipherSpec messages and proceed directly to Finished messages."
// deno-fmt-ignore -- this is a table
const abbreviated = server.createStateConfig({
  initial: "awaitChangeCipherSpec",
  states: {
    ...clientEnds,
    checkingFinished: { tags: "pending", on: {
      "answer.finishedVerified": { target: "#connected", actions: "reportEstablished" } } },
  },
});

// deno-fmt-ignore -- this is a table
export const serverChart: Chart<ServerContext, TlsEvent | ServerAnswer, ServerCommands, Tag> = chart(server.createMachine({
  id: "server",
  context: { halfClose: false, asksForCertificate: false },
  initial: "live",
  states: {
    live: {
      initial: "handshake",
      on: endings,
      states: {
        handshake: {
          initial: "awaitClientHello",
          on: earlyEndings,
          states: {
            awaitClientHello: { on: {
              "peer.clientHello": { target: "loadingSession", actions: [{ type: "checkClientHello", params: its }, "loadSession"] } } },
            loadingSession: { tags: "pending", on: {
              "answer.sessionFound": { target: "checkingSession", actions: { type: "checkSession", params: itsSession } },
              "answer.sessionMissing": { target: "choosingCredential", actions: "chooseCredential" } } },
            checkingSession: { tags: "pending", on: {
              "answer.sessionAccepted": { target: "abbreviated", actions: [
                "sendServerHello", "sendNewSessionTicketIfAgreed", "deriveWriteKeys", "sendChangeCipherSpec", "protectWriting", "sendFinished"] },
              "answer.sessionRefused": { target: "choosingCredential", actions: "chooseCredential" } } },
            choosingCredential: { tags: "pending", on: {
              "answer.credentialsGiven": { target: "full", actions: [
                { type: "negotiate", params: itsCredentials }, "sendServerHello", "sendCertificate", "sendCertificateStatusIfAgreed",
                { type: "signServerKeyExchange", params: itsCredentials }] } } },
            full,
            abbreviated,
          },
        },
        connected: { id: "connected", tags: ["applicationData", "maySendData"], on: {
          "peer.clientHello": { target: "#failed", actions: "refuseRenegotiation" },
          ...orderlyEndings } },
        peerClosed: { tags: "maySendData", on: peerClosedArrows },
        closing: { tags: "applicationData", on: {
          "peer.clientHello": { target: "#failed", actions: "refuseRenegotiation" },
          ...closingArrows } },
      },
    },
    ...ends,
  },
}));
