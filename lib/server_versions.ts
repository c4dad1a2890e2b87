/**
 * Version → server endpoint: the only place where a server's version is chosen. Carries no client.
 * @module
 */

import type { Machine, MachineName } from "./endpoint.ts";
import type { ThawMachine } from "./freeze.ts";
import { ProtocolVersion } from "./registry.ts";
import type { ServerSettings } from "./settings.ts";
import type { Offer } from "./tls12/known.ts";
import { tls12Server } from "./tls12/server.ts";
import { thawTls12Server } from "./tls12/server_thaw.ts";

/** Best first. */
export const serverVersions: ReadonlyMap<number, (offer: Offer, config: ServerSettings) => Machine> = new Map([
  [ProtocolVersion["TLSv1.2"], tls12Server],
]);

/** How a frozen one goes on. */
export const thawedServers: ReadonlyMap<MachineName, ThawMachine<ServerSettings>> = new Map([
  ["tls12Server", thawTls12Server],
]);
