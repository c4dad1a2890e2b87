/**
 * The TLS 1.2 server handshake. The ClientHello for which TLS 1.2 was chosen is the first event.
 * RFC 5246 §7.3, figure 1:
 *
 *     Client                                               Server
 *     ClientHello                  -------->
 *                                                     ServerHello
 *                                                    Certificate
 *                                              ServerKeyExchange
 *                                  <--------      ServerHelloDone
 *     ClientKeyExchange
 *     [ChangeCipherSpec]
 *     Finished                     -------->
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
import type { HandshakeMessage } from "../messages/handshake.ts";
import type { SignatureSchemeName } from "../registry.ts";
import type { ServerAnswer, ServerCommands } from "./server_events.ts";

/** `halfClose`: the embedder may go on sending after the peer's close_notify. */
export type ServerContext = { readonly halfClose: boolean };

const its = ({ event }: { event: { message: HandshakeMessage } }): { message: HandshakeMessage } => ({
  message: event.message,
});
type Signed = { scheme: SignatureSchemeName; signature: Uint8Array };
const itsSignature = ({ event: { scheme, signature } }: { event: Signed }): Signed => ({ scheme, signature });

const server = setup({
  types: {} as { context: ServerContext; events: TlsEvent | ServerAnswer; tags: Tag },
  actions: commands<ServerCommands>(),
  guards: { halfClose: ({ context }) => context.halfClose },
});

// deno-fmt-ignore -- this is a table
const full = server.createStateConfig({
  initial: "signing",
  states: {
    signing: { tags: "pending", on: {
      "answer.signed": { target: "awaitClientKeyExchange", actions: [
        { type: "sendServerKeyExchange", params: itsSignature }, "sendServerHelloDone"] } } },
    awaitClientKeyExchange: { on: {
      "peer.clientKeyExchange": { target: "checkingClientKeyExchange", actions: { type: "checkClientKeyExchange", params: its } } } },
    checkingClientKeyExchange: { tags: "pending", on: {
      "answer.clientKeyExchangeAccepted": { target: "awaitChangeCipherSpec", actions: "deriveMasterSecret" } } },
    awaitChangeCipherSpec: { on: {
      "peer.changeCipherSpec": { target: "awaitFinished", actions: "protectReading" } } },
    awaitFinished: { on: {
      "peer.finished": { target: "checkingFinished", actions: { type: "checkFinished", params: its } } } },
    checkingFinished: { tags: "pending", on: {
      "answer.finishedVerified": { target: "#connected", actions: [
        "sendChangeCipherSpec", "protectWriting", "sendFinished", "reportEstablished"] } } },
  },
});

// deno-fmt-ignore -- this is a table
export const serverChart: Chart<ServerContext, TlsEvent | ServerAnswer, ServerCommands, Tag> = chart(server.createMachine({
  id: "server",
  context: { halfClose: false },
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
              "peer.clientHello": { target: "checkingClientHello", actions: { type: "checkClientHello", params: its } } } },
            checkingClientHello: { tags: "pending", on: {
              "answer.clientHelloAccepted": { target: "full", actions: [
                "sendServerHello", "sendCertificate", "signServerKeyExchange"] } } },
            full,
          },
        },
        connected: { id: "connected", tags: ["applicationData", "maySendData"], on: {
          "peer.clientHello": { target: "#failed", actions: "refuseRenegotiation" },
          ...orderlyEndings } },
        peerClosed: { tags: "maySendData", on: peerClosedArrows },
        closing: { tags: "applicationData", on: { "peer.clientHello": {}, ...closingArrows } },  // it crossed our close_notify
      },
    },
    ...ends,
  },
}));
