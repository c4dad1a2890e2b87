/**
 * Version → server endpoint: the only place where a server's version is chosen. Carries no client.
 * @module
 */

import type { Machine } from "./endpoint.ts";
import { ProtocolVersion } from "./registry.ts";
import type { ServerSettings } from "./settings.ts";
import type { Offer } from "./tls12/known.ts";
import { tls12Server } from "./tls12/server.ts";

/** Best first. */
export const serverVersions: ReadonlyMap<number, (offer: Offer, config: ServerSettings) => Machine> = new Map([
  [ProtocolVersion["TLSv1.2"], tls12Server],
]);
