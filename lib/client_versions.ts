/**
 * Version → client endpoint: the only place where a client's version is chosen. Carries no server.
 * @module
 */

import type { Machine, MachineName } from "./endpoint.ts";
import type { ThawMachine } from "./freeze.ts";
import { ProtocolVersion } from "./registry.ts";
import type { ClientSettings } from "./settings.ts";
import { tls12Client } from "./tls12/client.ts";
import { thawTls12Client } from "./tls12/client_thaw.ts";
import type { Offer } from "./tls12/known.ts";

export const clientVersions: ReadonlyMap<number, (offer: Offer, config: ClientSettings) => Machine> = new Map([
  [ProtocolVersion["TLSv1.2"], tls12Client],
]);

/** How a frozen one goes on. */
export const thawedClients: ReadonlyMap<MachineName, ThawMachine<ClientSettings>> = new Map([
  ["tls12Client", thawTls12Client],
]);
