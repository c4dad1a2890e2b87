/**
 * The TLS 1.2 client: its chart joined to its commands.
 * @module
 */

import { createMachine, type Machine } from "../endpoint.ts";
import type { ClientSettings } from "../settings.ts";
import { clientChart } from "./client_chart.ts";
import { clientAnswered, clientCommands } from "./client_commands.ts";
import { keyedCipher } from "./common_commands.ts";
import { describe } from "./describe.ts";
import { exporterOf } from "./established.ts";
import { knownFrom, type Offer } from "./known.ts";

/** A client that has sent its offer and is about to take the ServerHello. */
export function tls12Client(offer: Offer, config: ClientSettings): Machine {
  const facts = { halfClose: config.halfClose, declinesRenegotiation: config.onHelloRequest === "decline" };
  return createMachine({
    name: "tls12Client",
    chart: clientChart,
    commands: clientCommands,
    answered: clientAnswered,
    describe,
    recordCipher: keyedCipher,
    exporter: (all, settings) => exporterOf("client", all, settings),
    config,
    known: knownFrom(offer),
    facts,
  });
}
