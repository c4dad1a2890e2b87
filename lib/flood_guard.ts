/**
 * Counts what a peer may send for nothing: legal, but work without end when there is too much of it in a row.
 * Throws PeerMisbehavedError beyond the limits.
 * @module
 */

import { PeerMisbehavedError } from "./error.ts";
import type { Limits } from "./settings.ts";

/** How many of each may come in a row. */
export type FloodLimits = Pick<Limits, "maxWarningsInARow" | "maxEmptyRecordsInARow" | "maxIdleMessagesInARow">;

/** How many of each have come since something that counts. */
export interface FloodCounts {
  readonly warnings: number;
  readonly emptyRecords: number;
  readonly idleMessages: number;
}

export class FloodGuard {
  #warnings = 0;
  #emptyRecords = 0;
  #idleMessages = 0;
  readonly #limits: FloodLimits;

  constructor(limits: FloodLimits) {
    this.#limits = limits;
  }

  /** Something came that counts: all begins anew. */
  progress(): void {
    this.#warnings = 0;
    this.#emptyRecords = 0;
    this.#idleMessages = 0;
  }

  freeze(): FloodCounts {
    return { warnings: this.#warnings, emptyRecords: this.#emptyRecords, idleMessages: this.#idleMessages };
  }

  /** Goes on where a frozen one stood. */
  thaw({ warnings, emptyRecords, idleMessages }: FloodCounts): void {
    this.#warnings = warnings;
    this.#emptyRecords = emptyRecords;
    this.#idleMessages = idleMessages;
  }

  /** `name`: the alert's. */
  warning(name: string): void {
    if (++this.#warnings <= this.#limits.maxWarningsInARow) return;
    throw tooMany(`Cannot accept more warnings in a row (the last was ${name})`);
  }

  emptyRecord(): void {
    if (++this.#emptyRecords <= this.#limits.maxEmptyRecordsInARow) return;
    throw tooMany("Cannot accept more empty records in a row");
  }

  idleMessage(): void {
    if (++this.#idleMessages <= this.#limits.maxIdleMessagesInARow) return;
    throw tooMany("Cannot accept more handshake messages in a row that change nothing");
  }
}

function tooMany(message: string): PeerMisbehavedError {
  return new PeerMisbehavedError("unexpected_message", message);
}
