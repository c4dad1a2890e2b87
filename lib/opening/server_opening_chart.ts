/**
 * A server before a version is known: the ClientHello says which ones the client can speak, and the embedder may look at it. Ends with the hand-over
 * to the version's endpoint, which takes the same ClientHello as its first event.
 * @module
 */

import { setup } from "xstate";
import { type Chart, chart, commands } from "../chart.ts";
import type { Tag } from "../endpoint.ts";
import type { TlsEvent } from "../event.ts";
import { earlyEndings, endings, ends, type LifecycleCommands } from "../lifecycle.ts";
import type { HandshakeMessage } from "../messages/handshake.ts";

export interface ServerOpeningCommands extends LifecycleCommands {
  inspectClientHello: { readonly message: HandshakeMessage };
  handOver: undefined;
}

export type ServerOpeningAnswer = { readonly type: "answer.clientHelloInspected" };

const its = ({ event }: { event: { message: HandshakeMessage } }): { message: HandshakeMessage } => ({
  message: event.message,
});

const opening = setup({
  types: {} as { context: Record<never, never>; events: TlsEvent | ServerOpeningAnswer; tags: Tag },
  actions: commands<ServerOpeningCommands>(),
});

// deno-fmt-ignore -- this is a table
export const serverOpeningChart: Chart<Record<never, never>, TlsEvent | ServerOpeningAnswer, ServerOpeningCommands, Tag> = chart(opening.createMachine({
  id: "serverOpening",
  context: {},
  initial: "live",
  states: {
    live: {
      initial: "start",
      on: { ...endings, ...earlyEndings },
      states: {
        start: { on: {
          "app.close": { target: "#closed", actions: "reportClosed" },   // nothing was sent yet
          "app.start": "awaitClientHello" } },
        awaitClientHello: { on: {
          "peer.clientHello": { target: "inspectingClientHello", actions: { type: "inspectClientHello", params: its } } } },
        inspectingClientHello: { tags: "pending", on: {
          "answer.clientHelloInspected": { target: "selectingVersion", actions: "handOver" } } },
        selectingVersion: { tags: "pending" },                // left by the hand-over, or by a fault
      },
    },
    ...ends,
  },
}));
