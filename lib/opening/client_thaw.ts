/**
 * A frozen client: whichever machine was at work goes on; before a version is known, that is the opening.
 * Enters: the parts of a frozen connection. Leaves: a machine with its open question, or TlsUsageError.
 * @module
 */

import { thawedClients } from "../client_versions.ts";
import type { FrozenParts, ThawedMachine } from "../freeze.ts";
import type { ClientSettings } from "../settings.ts";
import { checkStand, type Stands } from "../stand.ts";
import { clientSessionKey } from "../tls12/client_session.ts";
import { checkOfferedName } from "../tls12/client_thaw.ts";
import { clientOpening, type ClientOpeningKnown, clientOpeningShapes } from "./client_opening.ts";

/** Every state in which an opening may be frozen before its end. */
export const clientOpeningStands: Stands<keyof ClientOpeningKnown> = {
  version: undefined,
  states: {
    "live.start": { transcript: "", begins: true },
    "live.loadingSession": { transcript: "", asks: ["loadSession"] },
    "live.awaitServerHello": { transcript: "client_hello", knows: ["offer"] },
  },
};

/** A client that goes on where it stood. */
export function thawClient(parts: FrozenParts, config: ClientSettings): ThawedMachine {
  const thaw = thawedClients.get(parts.machine);
  if (thaw !== undefined) return thaw(parts, config);
  const { state, question } = parts;
  const shapes = clientOpeningShapes(config);
  const context = shapes.context.thaw(parts.context, "frozen.context");
  const known = shapes.known.thaw(parts.known, "frozen.known");
  checkStand(clientOpeningStands, parts, known);
  if (known.offer !== undefined) checkOfferedName(known.offer.serverName, config);
  return {
    machine: clientOpening(config, { known, stands: { state, context } }),
    question: question && { type: "loadSession", key: clientSessionKey(config) },
    session: undefined,
  };
}
