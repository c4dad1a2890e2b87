/**
 * The TLS 1.2 client handshake. The ClientHello is out already; the ServerHello that chose TLS 1.2 is the first event.
 * RFC 5246 §7.3, figure 1:
 *
 *     Client                                               Server
 *     ClientHello                  -------->
 *                                                     ServerHello
 *                                                    Certificate
 *                                              ServerKeyExchange
 *                                             CertificateRequest*
 *                                  <--------      ServerHelloDone
 *     Certificate*
 *     ClientKeyExchange
 *     [ChangeCipherSpec]
 *     Finished                     -------->
 *                                              [ChangeCipherSpec]
 *                                  <--------             Finished
 *     Application Data             <------->     Application Data
 *
 * Everything that affects the order of things is in this file; what a command does is in client_commands.ts.
 * @module
 */

import { setup } from "xstate";
import { type Chart, chart, commands } from "../chart.ts";
import type { Tag } from "../endpoint.ts";
import type { TlsEvent } from "../event.ts";
import { closingArrows, earlyEndings, endings, ends, orderlyEndings, peerClosedArrows } from "../lifecycle.ts";
import type { HandshakeMessage } from "../messages/handshake.ts";
import type { ClientAnswer, ClientCommands } from "./client_events.ts";

/** `halfClose`: the embedder may go on sending after the peer's close_notify. */
export type ClientContext = { readonly halfClose: boolean };

const its = ({ event }: { event: { message: HandshakeMessage } }): { message: HandshakeMessage } => ({
  message: event.message,
});

const client = setup({
  types: {} as { context: ClientContext; events: TlsEvent | ClientAnswer; tags: Tag },
  actions: commands<ClientCommands>(),
  guards: { halfClose: ({ context }) => context.halfClose },
});

// deno-fmt-ignore -- this is a table
const full = client.createStateConfig({
  initial: "awaitCertificate",
  states: {
    awaitCertificate: { on: {
      "peer.certificate": { target: "checkingCertificate", actions: { type: "checkCertificate", params: its } } } },
    checkingCertificate: { tags: "pending", on: {
      "answer.certificateTrusted": "awaitServerKeyExchange" } },
    awaitServerKeyExchange: { on: {
      "peer.serverKeyExchange": { target: "checkingServerKeyExchange", actions: { type: "checkServerKeyExchange", params: its } } } },
    checkingServerKeyExchange: { tags: "pending", on: {
      "answer.serverKeyExchangeVerified": "awaitCertificateRequestOrServerHelloDone" } },
    awaitCertificateRequestOrServerHelloDone: { on: {
      "peer.certificateRequest": { target: "awaitServerHelloDone", actions: { type: "checkCertificateRequest", params: its } },
      "peer.serverHelloDone": { target: "awaitChangeCipherSpec", actions: [
        { type: "checkServerHelloDone", params: its },
        "sendClientKeyExchange", "deriveMasterSecret", "sendChangeCipherSpec", "protectWriting", "sendFinished"] } } },
    awaitServerHelloDone: { on: {
      "peer.serverHelloDone": { target: "awaitChangeCipherSpec", actions: [
        { type: "checkServerHelloDone", params: its }, "sendEmptyCertificate",
        "sendClientKeyExchange", "deriveMasterSecret", "sendChangeCipherSpec", "protectWriting", "sendFinished"] } } },
    awaitChangeCipherSpec: { on: {
      "peer.changeCipherSpec": { target: "awaitFinished", actions: "protectReading" } } },
    awaitFinished: { on: {
      "peer.finished": { target: "checkingFinished", actions: { type: "checkFinished", params: its } } } },
    checkingFinished: { tags: "pending", on: {
      "answer.finishedVerified": { target: "#connected", actions: "reportEstablished" } } },
  },
});

// deno-fmt-ignore -- this is a table
export const clientChart: Chart<ClientContext, TlsEvent | ClientAnswer, ClientCommands, Tag> = chart(client.createMachine({
  id: "client",
  context: { halfClose: false },
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
              "answer.serverHelloAccepted": "full" } },
            full,
          },
        },
        connected: { id: "connected", tags: ["applicationData", "maySendData"], on: {
          "peer.helloRequest": { actions: { type: "declineRenegotiation", params: its } },
          ...orderlyEndings } },
        peerClosed: { tags: "maySendData", on: peerClosedArrows },
        closing: { tags: "applicationData", on: { "peer.helloRequest": {}, ...closingArrows } },  // it crossed our close_notify
      },
    },
    ...ends,
  },
}));
