/**
 * What was seen of a handshake, sorted into the eleven steps in which it is told.
 * Enters: the trace of one side or of both, and how long operations took. Leaves: for each step the messages, the chart's
 * states, the bytes on the wire and the time. Prints nothing.
 * @module
 */

import type { SecretName, TraceEvent } from "../../mod.ts";
import {
  type SeenAlert,
  type SeenMessage,
  type SeenOperation,
  type SeenRecord,
  type Side,
  type Step,
  type StepNumber,
  stepNumbers,
  stepOfMessage,
} from "./step.ts";
import type { OnOperation, Operation } from "./stopwatch.ts";

interface DraftStep {
  readonly number: StepNumber;
  readonly messages: SeenMessage[];
  readonly alerts: SeenAlert[];
  readonly states: Record<Side, string[]>;
  readonly operations: SeenOperation[];
  wireBytes: number;
  duration: number;
}

/** One connection's story while it happens. Times are measured from its creation on, or from `begin`. */
export class Story {
  readonly watched: readonly Side[];
  /** By their numbers. */
  readonly steps: readonly Step[];
  readonly secrets: Readonly<Record<Side, Map<SecretName, Uint8Array>>> = { client: new Map(), server: new Map() };
  readonly applicationData: SeenRecord[] = [];
  readonly #steps: readonly DraftStep[];
  /** In an abbreviated handshake step 10 is reached before step 9: there the server finishes first (RFC 5246 §7.3). */
  readonly #reached: StepNumber[] = [];
  readonly #current: Record<Side, StepNumber> = { client: 1, server: 1 };
  readonly #state: Record<Side, string> = { client: "live.start", server: "live.start" };
  /** The last sign of a handshake is the change of state after its last messages. */
  readonly #isConnected: Record<Side, boolean> = { client: false, server: false };
  readonly #received: Record<Side, { headers: number; protected: number }> = {
    client: { headers: 0, protected: 0 },
    server: { headers: 0, protected: 0 },
  };
  readonly #sealed: Record<Side, number> = { client: 0, server: 0 };
  readonly #opened: Record<Side, number> = { client: 0, server: 0 };
  readonly #now: () => number;
  #lastAt: number;
  #unclaimedTime = 0;

  /** `watched`: whose trace will come. `now`, in ms, is that of the recording where one is played again. */
  constructor(watched: readonly Side[], now: () => number = () => performance.now()) {
    this.watched = watched;
    this.#now = now;
    this.#lastAt = now();
    this.#steps = stepNumbers.map((number) => ({
      number,
      messages: [],
      alerts: [],
      states: { client: [], server: [] },
      operations: [],
      wireBytes: 0,
      duration: 0,
    }));
    this.steps = this.#steps;
  }

  /** The state that a side is in, as text. */
  stateOf(side: Side): string {
    return this.#state[side];
  }

  /** The step that a side has come to. */
  reached(side: Side): StepNumber {
    return this.#current[side];
  }

  /** The steps that a side has come to, in the order in which that happened. */
  get stepsAsReached(): readonly Step[] {
    return this.#reached.map((number) => this.#step(number));
  }

  /** Where a side stood when a step began that happens without it; `undefined` before its first step. */
  stateBefore(number: StepNumber, side: Side): string | undefined {
    const place = this.#reached.indexOf(number);
    const before = place < 0 ? this.steps.slice(0, number - 1) : this.stepsAsReached.slice(0, place);
    return before.findLast(({ states }) => states[side].length > 0)?.states[side].at(-1);
  }

  /** Whether a watched side has finished the handshake. */
  isConnected(side: Side): boolean {
    return this.#isConnected[side];
  }

  /** Time is measured from here on. */
  begin(): void {
    this.#lastAt = this.#now();
    this.#unclaimedTime = 0;
  }

  /** Takes what `onTrace` gets. */
  watch(side: Side): (event: TraceEvent) => void {
    return (event) => this.#takeEvent(side, event);
  }

  /** Takes what a timed provider says. */
  clock(side: Side): OnOperation {
    return (operation, duration) => {
      const step = this.#step(this.#stepOfOperation(side, operation));
      step.operations.push({ side, operation, duration });
      step.duration += duration;
      this.#unclaimedTime += this.#elapsed() - duration;
    };
  }

  #takeEvent(side: Side, event: TraceEvent): void {
    this.#unclaimedTime += this.#elapsed();
    switch (event.type) {
      case "record":
        return this.#takeRecord(side, event);
      case "message":
        return this.#takeMessage(side, event);
      case "changeCipherSpec":
        return this.#enter(side, senderOf(side, event.direction) === "client" ? 9 : 10, event.state);
      case "secret":
        this.secrets[side].set(event.name, event.bytes);
        return this.#enter(side, event.name === "pre_master_secret" ? 7 : 8);
      case "state":
        this.#enter(side, this.#isConnected[side] ? 11 : this.#current[side], event.to);
        this.#isConnected[side] ||= event.to === "live.connected";
        return;
      case "alert":
        return this.#takeAlert(side, event);
    }
  }

  #takeRecord(side: Side, event: Extract<TraceEvent, { type: "record" }>): void {
    const sender = senderOf(side, event.direction);
    if (this.#isConnected[side]) this.#enter(side, 11);
    // Seen when it is sent, unless only the receiver is watched.
    if (!this.#counts(event.direction)) return;
    if (event.contentType === "application_data") this.applicationData.push({ sender, length: event.length });
    if (event.contentType !== "handshake") {
      const number = event.contentType === "change_cipher_spec" ? (sender === "client" ? 9 : 10) : this.#current[side];
      this.#step(number).wireBytes += event.length;
      return;
    }
    if (event.direction === "sent") {
      this.#step(this.#current[side]).wireBytes += event.length;
      return;
    }
    if (event.protected) this.#received[side].protected += event.length;
    else this.#received[side].headers += recordHeaderLength;
  }

  #takeMessage(side: Side, { name, direction, bytes, fields, state }: Extract<TraceEvent, { type: "message" }>): void {
    const sender = senderOf(side, direction);
    const number = stepOfMessage(name, sender);
    this.#enter(side, number, state);
    const step = this.#step(number);
    if (!step.messages.some((seen) => seen.name === name && seen.sender === sender)) {
      step.messages.push({ name, sender, bytes: bytes.slice(), fields });
    }
    if (direction === "sent" || !this.#counts(direction)) return;
    // A received record may hold several messages, or a part of one: its header counts for the first one it completes.
    const received = this.#received[side];
    step.wireBytes += received.protected > 0 ? received.protected : received.headers + bytes.length;
    received.protected = 0;
    received.headers = 0;
  }

  #takeAlert(side: Side, { direction, level, description, state }: Extract<TraceEvent, { type: "alert" }>): void {
    const number = this.#isConnected[side] ? 11 : this.#current[side];
    this.#enter(side, number, state);
    if (this.#counts(direction)) {
      this.#step(number).alerts.push({ sender: senderOf(side, direction), level, description });
    }
  }

  /** A side has come to a step; the time since the last sign of life belongs to it. */
  #enter(side: Side, number: StepNumber, state: string = this.#state[side]): void {
    const step = this.#step(number);
    if (!this.#reached.includes(number)) this.#reached.push(number);
    const states = step.states[side];
    if (states.at(-1) !== state) states.push(state);
    step.duration += this.#unclaimedTime;
    this.#unclaimedTime = 0;
    this.#current[side] = number;
    this.#state[side] = state;
  }

  #stepOfOperation(side: Side, operation: Operation): StepNumber {
    switch (operation.type) {
      case "keyPair":
        return side === "server" ? 4 : 6;
      case "path":
        return side === "client" ? 3 : 6;
      case "sharedSecret":
        return 7;
      case "sign":
        return side === "server" ? 4 : 6;
      case "verify":
        return side === "client" ? 4 : 6;
      case "prf":
        return operation.label === "client finished" ? 9 : operation.label === "server finished" ? 10 : 8;
      case "seal":
        return this.#sealed[side]++ === 0 ? (side === "client" ? 9 : 10) : 11;
      case "open":
        return this.#opened[side]++ === 0 ? (side === "client" ? 10 : 9) : 11;
    }
  }

  #counts(direction: "sent" | "received"): boolean {
    return direction === "sent" || this.watched.length === 1;
  }

  #elapsed(): number {
    const now = this.#now();
    const elapsed = now - this.#lastAt;
    this.#lastAt = now;
    return elapsed;
  }

  #step(number: StepNumber): DraftStep {
    const step = this.#steps[number - 1];
    if (step === undefined) throw new RangeError(`there is no step ${number}`);
    return step;
  }
}

/** RFC 5246 §6.2.1, in bytes. */
const recordHeaderLength = 5;

function senderOf(side: Side, direction: "sent" | "received"): Side {
  if (direction === "sent") return side;
  return side === "client" ? "server" : "client";
}
