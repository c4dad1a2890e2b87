/**
 * A frozen server: whichever machine was at work goes on; before a version is known, that is the opening.
 * Enters: the parts of a frozen connection. Leaves: a machine with its open question, or TlsUsageError.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import { TlsUsageError } from "../error.ts";
import type { FrozenParts, ThawedMachine } from "../freeze.ts";
import { clientHelloFacts } from "../messages/client_hello_facts.ts";
import { thawedServers } from "../server_versions.ts";
import type { ServerSettings } from "../settings.ts";
import { checkStand, type Stands } from "../stand.ts";
import { serverOpening, type ServerOpeningKnown, serverOpeningShapes } from "./server_opening.ts";

/** Every state in which an opening may be frozen before its end. */
export const serverOpeningStands: Stands<keyof ServerOpeningKnown> = {
  version: undefined,
  states: {
    "live.start": { transcript: "", begins: true },
    "live.awaitClientHello": { transcript: "" },
    "live.inspectingClientHello": { transcript: "client_hello", knows: ["message"], asks: ["inspectClientHello"] },
  },
};

/** A server that goes on where it stood. */
export function thawServer(parts: FrozenParts, config: ServerSettings): ThawedMachine {
  const thaw = thawedServers.get(parts.machine);
  if (thaw !== undefined) return thaw(parts, config);
  const { state, question, transcript = [] } = parts;
  const shapes = serverOpeningShapes(config);
  const context = shapes.context.thaw(parts.context, "frozen.context");
  const known = shapes.known.thaw(parts.known, "frozen.known");
  checkStand(serverOpeningStands, parts, known);
  const { bytes } = known.message ?? { bytes: new Uint8Array(0) };
  if (known.message !== undefined && !transcript.some((message) => equalBytes(message, bytes))) {
    throw new TlsUsageError("Cannot thaw: frozen.known.message isn't that of the transcript");
  }
  return {
    machine: serverOpening(config, { known, stands: { state, context } }),
    question: question && { type: "inspectClientHello", clientHello: clientHelloFacts(bytes) },
    session: undefined,
  };
}
