/**
 * Contenders take turns in rounds, so that whatever else the machine does meets all of them alike.
 * Time is CPU time of the process; a ratio is the median of the ratios of each round.
 * @module
 */

import process from "node:process";

export interface Contender {
  readonly name: string;
  readonly run: () => void | Promise<void>;
}

/** For each contender its CPU time per run in each round, in µs. */
export type Measured = ReadonlyMap<string, readonly number[]>;

/** Every contender runs for about `sliceMs` of CPU time in every round. */
export async function takeTurns(contenders: readonly Contender[], rounds: number, sliceMs: number): Promise<Measured> {
  const times = new Map<string, number[]>();
  const counts = new Map<Contender, number>();
  for (const contender of contenders) {
    times.set(contender.name, []);
    counts.set(contender, Math.max(1, Math.round(sliceMs * 1000 / await warmUp(contender, sliceMs * 1000 * 8))));
  }
  for (let round = 0; round < rounds; round++) {
    // There and back, so that nobody always pays for the garbage of the same neighbour.
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      times.get(contender.name)?.push(await cpuTime(contender, counts.get(contender) ?? 1));
    }
  }
  return times;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** How much CPU time `one` takes for each µs of `other`, round by round. */
export function ratio(measured: Measured, one: string, other: string): number {
  const others = measured.get(other) ?? [];
  return median((measured.get(one) ?? []).map((time, round) => time / (others[round] ?? Number.NaN)));
}

/** Until the engine has compiled what runs often; returns the CPU time of the last runs, in µs per run. */
async function warmUp(contender: Contender, enough: number): Promise<number> {
  let last = 0;
  for (let spent = 0; spent < enough; spent += last * 5) last = Math.max(1, await cpuTime(contender, 5));
  return last;
}

async function cpuTime({ run }: Contender, count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let turn = 0; turn < count; turn++) {
    const running = run();
    if (running !== undefined) await running;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}
