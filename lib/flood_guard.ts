/**
 * Counts what a peer may send for nothing: legal, but work without end when there is too much of it in a row.
 * Throws PeerMisbehavedError beyond the limits.
 * @module
 */

import { PeerMisbehavedError } from "./error.ts";

/** RFC 5246 §7.2.2 says nothing of how many warnings one must bear: four in a row. */
const maxWarningsInARow = 4;
/** RFC 5246 §6.2.1 allows empty application data as a guard against traffic analysis. */
const maxEmptyRecordsInARow = 32;
/** HelloRequest may come at any time (RFC 5246 §7.4.1.1), and each may cost an answer. */
const maxIdleMessagesInARow = 32;

export class FloodGuard {
  #warnings = 0;
  #emptyRecords = 0;
  #idleMessages = 0;

  /** Something came that counts: all begins anew. */
  progress(): void {
    this.#warnings = 0;
    this.#emptyRecords = 0;
    this.#idleMessages = 0;
  }

  /** `name`: the alert's. */
  warning(name: string): void {
    if (++this.#warnings <= maxWarningsInARow) return;
    throw tooMany(`Cannot accept more warnings in a row (the last was ${name})`);
  }

  emptyRecord(): void {
    if (++this.#emptyRecords <= maxEmptyRecordsInARow) return;
    throw tooMany("Cannot accept more empty records in a row");
  }

  idleMessage(): void {
    if (++this.#idleMessages <= maxIdleMessagesInARow) return;
    throw tooMany("Cannot accept more handshake messages in a row that change nothing");
  }
}

function tooMany(message: string): PeerMisbehavedError {
  return new PeerMisbehavedError("unexpected_message", message);
}
