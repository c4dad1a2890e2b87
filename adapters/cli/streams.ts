/**
 * What surrounds a command: where it reads and writes, what the environment says, and how it is asked to end.
 * The real ones are in main.ts; tests bring others.
 * @module
 */

import type { Readable, Writable } from "node:stream";

/** Coloured when it is a terminal. */
export type TextStream = Writable & { readonly isTTY?: boolean };

export interface Surroundings {
  readonly stdin: Readable;
  /** For data and nothing else. */
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Resolves when somebody wants the command to end (SIGINT, SIGTERM). */
  readonly stopped: () => Promise<void>;
}

/** The same, with a way to say a line to a person, on stderr. */
export interface Streams extends Surroundings {
  readonly note: (line: string) => void;
}
