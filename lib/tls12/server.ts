/**
 * The TLS 1.2 server: its chart joined to its commands.
 * @module
 */

import { flag, record } from "../codec/shape.ts";
import { createMachine, type Machine, type MachineParts } from "../endpoint.ts";
import type { ServerSettings } from "../settings.ts";
import { keyedCipher } from "./common_commands.ts";
import { describe } from "./describe.ts";
import { exporterOf } from "./established.ts";
import { type Known, knownFrom, type Offer, withoutSecrets } from "./known.ts";
import { knownShape } from "./known_shape.ts";
import { serverChart, type ServerContext } from "./server_chart.ts";
import { serverAnswered, serverCommands } from "./server_commands.ts";
import type { ServerAnswer, ServerCommands } from "./server_events.ts";

/** A server that knows the client's offer and is about to take the ClientHello. */
export function tls12Server(offer: Offer, config: ServerSettings): Machine {
  return createMachine({ ...serverParts(config), known: knownFrom(offer) });
}

type ServerParts = MachineParts<ServerContext, ServerAnswer, ServerCommands, Known, ServerSettings>;

/** All that a server is beside what it knows. */
export function serverParts(config: ServerSettings): Omit<ServerParts, "known"> & { readonly facts: ServerContext } {
  return {
    name: "tls12Server",
    chart: serverChart,
    commands: serverCommands,
    answered: serverAnswered,
    describe,
    recordCipher: keyedCipher,
    exporter: (all, settings) => exporterOf("server", all, settings),
    config,
    facts: { halfClose: config.halfClose, asksForCertificate: config.clientAuthentication !== undefined },
    shapes: serverShapes,
    forget: withoutSecrets,
  };
}

/** How a server is written down. */
export const serverShapes: NonNullable<ServerParts["shapes"]> = (config) => ({
  context: record<ServerContext>({ halfClose: flag, asksForCertificate: flag }),
  known: knownShape("server", config),
});
