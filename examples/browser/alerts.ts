/**
 * Alerts have arrows of their own: one goes where its sender sends it, whichever way the messages of its step go.
 * @module
 */

import type { Step, StepNumber } from "../../adapters/cli/step.ts";
import { AlertLevel } from "../../lib/registry.ts";
import type { Exchange } from "./exchange.ts";
import type { Sent } from "./sent.ts";

/** In the last step both sides send, and close_notify is a part of it. */
export function alertsOf({ sent }: Exchange, number: StepNumber): readonly Sent[] {
  return sent.filter(({ step, name, plaintext }) =>
    step === number && name === "alert" && (number < 11 || plaintext[0] === AlertLevel.fatal)
  );
}

/** What a step has on the wire without these alerts. */
export function messageBytes(exchange: Exchange, { number, wireBytes }: Step): number {
  return alertsOf(exchange, number).reduce((rest, alert) => rest - recordBytes(alert), wireBytes);
}

/** Whole records, in bytes. */
export function recordBytes({ records }: Sent): number {
  return records.reduce((sum, { start, end }) => sum + end - start, 0);
}
