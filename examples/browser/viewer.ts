/**
 * Where somebody who looks at a recording stands in it: at the newest moment while it happens, anywhere afterwards.
 * One number decides everything that is shown.
 * @module
 */

import type { StepNumber } from "../../adapters/cli/step.ts";
import { type Exchange, exchangeAt, stepsOfStops, stopsOf } from "./exchange.ts";
import type { Recording } from "./recording.ts";

/** How long a slow replay stays at each moment, in ms. */
const pace = 700;

export class Viewer {
  readonly #onChange: () => void;
  #recording: Recording | undefined;
  /** Counts stops; `undefined` is the newest. */
  #position: number | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Long fields that are shown whole, by a name of theirs. */
  readonly expanded: Set<string> = new Set<string>();

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get recording(): Recording | undefined {
    return this.#recording;
  }

  /** Shows another recording, at its newest moment. */
  open(recording: Recording | undefined): void {
    this.#recording = recording;
    this.expanded.clear();
    this.#goTo(undefined);
  }

  /** From 0, before the first byte, to `last`. */
  get position(): number {
    return Math.min(this.#position ?? this.last, this.last);
  }

  /** After the last stop comes the outcome, when there is one. */
  get last(): number {
    if (this.#recording === undefined) return 0;
    return stopsOf(this.#recording).length + (this.#recording.outcome === undefined ? 0 : 1);
  }

  get showsOutcome(): boolean {
    return this.#recording?.outcome !== undefined && this.position === this.last;
  }

  get isPlaying(): boolean {
    return this.#timer !== undefined;
  }

  exchange(): Exchange | undefined {
    return this.#recording === undefined ? undefined : exchangeAt(this.#recording, this.#countAt(this.position));
  }

  goTo(position: number): void {
    this.pause();
    this.#goTo(Math.max(0, Math.min(position, this.last)));
  }

  /** The steps that the connection came to, seen or not. */
  get steps(): ReadonlySet<StepNumber> {
    return new Set(this.#stepsOfStops());
  }

  /** To the last moment of a step, or as near to it as the connection came. */
  goToStep(step: StepNumber): void {
    const last = this.#stepsOfStops().findLastIndex((one) => one === step);
    if (last !== -1) this.goTo(last + 1);
  }

  nextStep(): void {
    const steps = this.#stepsOfStops();
    const here = this.position === 0 ? 0 : steps[this.position - 1] ?? 12;
    const next = steps.findIndex((step, index) => index >= this.position && step > here);
    this.goTo(next === -1 ? this.last : steps.findLastIndex((step) => step === steps[next]) + 1);
  }

  previousStep(): void {
    const steps = this.#stepsOfStops();
    const here = this.showsOutcome ? 12 : steps[this.position - 1] ?? 1;
    const before = steps.findLastIndex((step, index) => index < this.position && step < here);
    this.goTo(before + 1);
  }

  /** From the beginning when it is at its end. */
  play(): void {
    this.pause();
    if (this.position === this.last) this.#position = 0;
    else this.#position = this.position;
    this.#timer = setInterval(() => this.#tick(), pace);
    this.#onChange();
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (this.position + 1 >= this.last) this.pause();
    this.#goTo(Math.min(this.position + 1, this.last));
  }

  #goTo(position: number | undefined): void {
    this.#position = position;
    this.#onChange();
  }

  #countAt(position: number): number {
    if (this.#recording === undefined || position === 0) return 0;
    const stops = stopsOf(this.#recording);
    if (position >= stops.length) return this.#recording.moments.length;
    return stops[position - 1] ?? 0;
  }

  #stepsOfStops(): readonly StepNumber[] {
    return this.#recording === undefined ? [] : stepsOfStops(this.#recording);
  }
}
