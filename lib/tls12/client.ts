/**
 * The TLS 1.2 client: its chart joined to its commands.
 * @module
 */

import { flag, record } from "../codec/shape.ts";
import { createMachine, type Machine, type MachineParts } from "../endpoint.ts";
import type { ClientSettings } from "../settings.ts";
import { clientChart, type ClientContext } from "./client_chart.ts";
import { answeredAlike } from "./answered.ts";
import { clientCommands } from "./client_commands.ts";
import type { ClientAnswer, ClientCommands } from "./client_events.ts";
import { keyedCipher } from "./common_commands.ts";
import { describe } from "./describe.ts";
import { exporterOf } from "./established.ts";
import { type Known, knownFrom, type Offer, withoutSecrets } from "./known.ts";
import { knownShape } from "./known_shape.ts";

/** A client that has sent its offer and is about to take the ServerHello. */
export function tls12Client(offer: Offer, config: ClientSettings): Machine {
  return createMachine({ ...clientParts(config), known: knownFrom(offer) });
}

type ClientParts = MachineParts<ClientContext, ClientAnswer, ClientCommands, Known, ClientSettings>;
type ClientFacts = Pick<ClientContext, "halfClose" | "declinesRenegotiation">;

/** All that a client is beside what it knows. */
export function clientParts(config: ClientSettings): Omit<ClientParts, "known"> & { readonly facts: ClientFacts } {
  return {
    name: "tls12Client",
    chart: clientChart,
    commands: clientCommands,
    answered: answeredAlike,
    describe,
    recordCipher: keyedCipher,
    exporter: (all, settings) => exporterOf("client", all, settings),
    config,
    facts: { halfClose: config.halfClose, declinesRenegotiation: config.onHelloRequest === "decline" },
    shapes: clientShapes,
    forget: withoutSecrets,
  };
}

/** How a client is written down. */
export const clientShapes: NonNullable<ClientParts["shapes"]> = (config) => ({
  context: record<ClientContext>({
    halfClose: flag,
    declinesRenegotiation: flag,
    announcesCertificateStatus: flag,
    announcesTicket: flag,
  }),
  known: knownShape("client", config),
});
