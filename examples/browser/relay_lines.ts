/**
 * What the relay has to say, in the words of `tlschart relay`: a browser tells a page nothing about why it was refused.
 * @module
 */

import { byteCount, printable } from "../../adapters/cli/terminal.ts";
import type { RelayEvent } from "../../adapters/relay.ts";

/** Makes a line of each event; connections that have ended are counted. */
export function relayLines(): (event: RelayEvent) => string {
  let count = 0;
  return (event) => printable(lineOf(event, () => ++count));
}

function lineOf(event: RelayEvent, number: () => number): string {
  switch (event.type) {
    case "ended": {
      const { from, to, sent, received, how } = event;
      return `#${number()} ${from} → ${to}: ${byteCount(sent)} out, ${byteCount(received)} back; ${how}`;
    }
    case "refused":
      return `#${number()} ${event.from} refused with ${event.status}: ${event.reason}`;
    case "error":
      return `cannot accept a connection: ${event.reason}`;
  }
}
