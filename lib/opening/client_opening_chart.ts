/**
 * A client before a version is known: it offers, maybe a session to resume, and the ServerHello chooses. Ends with the hand-over to the
 * version's endpoint, which takes the same ServerHello as its first event.
 * @module
 */

import { setup } from "xstate";
import { type Chart, chart, commands } from "../chart.ts";
import type { Tag } from "../endpoint.ts";
import type { TlsEvent } from "../event.ts";
import { earlyEndings, endings, ends, type LifecycleCommands } from "../lifecycle.ts";
import type { HandshakeMessage } from "../messages/handshake.ts";

export interface ClientOpeningCommands extends LifecycleCommands {
  loadSession: undefined;
  recallSession: { readonly session: Uint8Array };
  sendClientHello: undefined;
  handOver: { readonly message: HandshakeMessage };
}

const its = ({ event }: { event: { message: HandshakeMessage } }): { message: HandshakeMessage } => ({
  message: event.message,
});

export type ClientOpeningAnswer =
  | { readonly type: "answer.sessionFound"; readonly session: Uint8Array }
  | { readonly type: "answer.sessionMissing" };

const itsSession = ({ event }: { event: { session: Uint8Array } }): { session: Uint8Array } => ({
  session: event.session,
});

const opening = setup({
  types: {} as { context: Record<never, never>; events: TlsEvent | ClientOpeningAnswer; tags: Tag },
  actions: commands<ClientOpeningCommands>(),
});

// deno-fmt-ignore -- this is a table
export const clientOpeningChart: Chart<Record<never, never>, TlsEvent | ClientOpeningAnswer, ClientOpeningCommands, Tag> = chart(opening.createMachine({
  id: "clientOpening",
  context: {},
  initial: "live",
  states: {
    live: {
      initial: "start",
      on: { ...endings, ...earlyEndings },
      states: {
        start: { on: {
          "app.close": { target: "#closed", actions: "reportClosed" },   // nothing was sent yet
          "app.start": { target: "loadingSession", actions: "loadSession" } } },
        loadingSession: { tags: "pending", on: {
          "app.close": { target: "#closed", actions: "reportClosed" },
          "answer.sessionFound": { target: "awaitServerHello", actions: [{ type: "recallSession", params: itsSession }, "sendClientHello"] },
          "answer.sessionMissing": { target: "awaitServerHello", actions: "sendClientHello" } } },
        awaitServerHello: { on: {
          "peer.helloRequest": {},                            // RFC 5246 §7.4.1.1: ignored while negotiating
          "peer.serverHello": { target: "selectingVersion", actions: { type: "handOver", params: its } } } },
        selectingVersion: { tags: "pending" },                // left by the hand-over, or by a fault
      },
    },
    ...ends,
  },
}));
