/**
 * The TLS 1.2 server: its chart joined to its commands.
 * @module
 */

import { createMachine, type Machine } from "../endpoint.ts";
import type { ServerSettings } from "../settings.ts";
import { keyedCipher } from "./common_commands.ts";
import { describe } from "./describe.ts";
import { exporterOf } from "./established.ts";
import { knownFrom, type Offer } from "./known.ts";
import { serverChart } from "./server_chart.ts";
import { serverAnswered, serverCommands } from "./server_commands.ts";

/** A server that knows the client's offer and is about to take the ClientHello. */
export function tls12Server(offer: Offer, config: ServerSettings): Machine {
  const facts = { halfClose: config.halfClose, asksForCertificate: config.clientAuthentication !== undefined };
  return createMachine({
    name: "tls12Server",
    chart: serverChart,
    commands: serverCommands,
    answered: serverAnswered,
    describe,
    recordCipher: keyedCipher,
    exporter: (all, settings) => exporterOf("server", all, settings),
    config,
    known: knownFrom(offer),
    facts,
  });
}
