/**
 * What the relay has to say, in the words of `tlschart relay`: a browser tells a page nothing about why it was refused.
 * @module
 */

import { eventLine } from "../../adapters/cli/relay.ts";
import { printable } from "../../adapters/cli/terminal.ts";
import type { RelayEvent } from "../../adapters/relay.ts";

/** Makes a line of each event; connections that have ended are counted. */
export function relayLines(): (event: RelayEvent) => string {
  let count = 0;
  return (event) => printable(eventLine(event, () => ++count));
}
