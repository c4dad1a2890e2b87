/**
 * Everything that was seen of one connection, in order: what the connection traced, how long its cryptography took, what
 * passed over the wire. It only grows; whoever shows it takes a prefix, so that live and replayed look the same.
 * @module
 */

import { type Side, sides } from "../../adapters/cli/step.ts";
import type { OnOperation, Operation } from "../../adapters/cli/stopwatch.ts";
import type { TlsSession, TraceEvent } from "../../mod.ts";

/** `at` is in ms since the recording began. */
export type Moment =
  | { readonly at: number; readonly side: Side; readonly event: TraceEvent }
  | { readonly at: number; readonly side: Side; readonly operation: Operation; readonly duration: number };

export type Outcome =
  /** `isOrderly`: the other side didn't just leave. `lacksRequest`: it has asked for nothing. */
  | {
    readonly type: "succeeded";
    readonly session: TlsSession;
    readonly isOrderly: boolean;
    readonly lacksRequest: boolean;
  }
  | { readonly type: "failed"; readonly error: unknown };

/** What is known before the first byte. */
export interface Scene {
  /** Whose trace will come. */
  readonly watched: readonly Side[];
  readonly serverName: string;
}

export class Recording {
  readonly scene: Scene;
  readonly moments: Moment[] = [];
  /** What each side put on the wire, encrypted or not. */
  readonly wire: Readonly<Record<Side, Uint8Array[]>> = { client: [], server: [] };
  /** What each side said inside the encryption. */
  readonly said: Readonly<Record<Side, Uint8Array[]>> = { client: [], server: [] };
  readonly keyLog: string[] = [];
  outcome: Outcome | undefined;
  readonly #onChange: () => void;
  #began: number = performance.now();
  #last = 0;

  /** `onChange` is called after each addition. */
  constructor(scene: Scene, onChange: () => void) {
    this.scene = scene;
    this.#onChange = onChange;
  }

  /** Time is measured from here on; what was seen before happened at 0. */
  begin(): void {
    this.#began = performance.now();
    this.#last = 0;
    this.moments.splice(0, Infinity, ...this.moments.map((moment) => ({ ...moment, at: 0 })));
  }

  /** Takes what `onTrace` gets. */
  trace(side: Side): (event: TraceEvent) => void {
    return (event) => this.add({ at: this.#now(), side, event });
  }

  /** Takes what a timed provider says. */
  clock(side: Side): OnOperation {
    return (operation, duration) => this.add({ at: this.#now(), side, operation, duration });
  }

  /** A moment that was seen elsewhere gets the time of its arrival. */
  take(moment: Moment): void {
    this.add({ ...moment, at: this.#now() });
  }

  /** Bytes on the wire. */
  tap(sender: Side, bytes: Uint8Array): void {
    this.wire[sender].push(bytes.slice());
    this.#onChange();
  }

  /** Application data, as it is before encryption. */
  hear(sender: Side, bytes: Uint8Array): void {
    this.said[sender].push(bytes.slice());
    this.#onChange();
  }

  noteKey(line: string): void {
    this.keyLog.push(line);
  }

  /** How it ended; the first word counts. */
  end(outcome: Outcome): void {
    this.outcome ??= outcome;
    this.#onChange();
  }

  add(moment: Moment): void {
    this.moments.push(moment);
    this.#onChange();
  }

  #now(): number {
    this.#last = Math.max(this.#last, performance.now() - this.#began);
    return this.#last;
  }
}

/** The states of one side's chart in order, from the start on: those that it reached, and those in which it sent. */
export function statesOf(moments: readonly Moment[], side: Side): readonly string[] {
  const states = ["live.start"];
  for (const moment of moments) {
    const state = moment.side === side && "event" in moment ? stateAt(moment.event) : undefined;
    if (state !== undefined && state !== states.at(-1)) states.push(state);
  }
  return states;
}

function stateAt(event: TraceEvent): string | undefined {
  if (event.type === "state") return event.to;
  return "state" in event ? event.state : undefined;
}

/** The other side of a conversation. */
export function otherSide(side: Side): Side {
  return sides.find((one) => one !== side) ?? side;
}
