/**
 * Promises that are settled from outside, and promises that are waited for only so long. Runtime-neutral.
 * @module
 */

export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

/** A promise that may be left alone: its rejection is no unhandled one. */
export function deferred<Value>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<Value>((resolves, rejects) => {
    resolve = resolves;
    reject = rejects;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/** What `setTimeout` can hold; for anything longer it fires at once. In ms. */
export const longestTimeout: number = 2 ** 31 - 1;

/** Settles when `work` does, and after `ms` in any case. */
export async function within(ms: number, work: Promise<void>): Promise<void> {
  if (ms > longestTimeout) return work;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
