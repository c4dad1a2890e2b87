/**
 * What is held open: what a connection must have let go of when it is over. Timers are counted in every runtime, handles
 * where the runtime tells them.
 */

const timers = new Set<unknown>();

/** Notes what there is; the function tells what there is more, once it had time to go away. */
export function watchResources(others: () => readonly string[] = () => []): () => Promise<readonly string[]> {
  const before = held();
  return async () => {
    let left = moreThan(before, others());
    for (let turn = 0; turn < 200 && left.length > 0; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      left = moreThan(before, others());
    }
    return left;
  };
}

/** The reasons of rejections that nobody has looked at, from now on until the function is called. */
export function watchRejections(): () => readonly unknown[] {
  const reasons: unknown[] = [];
  if (runtime.process?.on !== undefined) {
    const note = (reason: unknown): void => void reasons.push(reason);
    runtime.process.on("unhandledRejection", note);
    return () => {
      runtime.process?.off?.("unhandledRejection", note);
      return reasons;
    };
  }
  const note = (event: Event): void => {
    reasons.push("reason" in event ? event.reason : event);
    event.preventDefault();
  };
  globalThis.addEventListener("unhandledrejection", note);
  return () => {
    globalThis.removeEventListener("unhandledrejection", note);
    return reasons;
  };
}

interface Process {
  on?(name: string, listener: (reason: unknown) => void): unknown;
  off?(name: string, listener: (reason: unknown) => void): unknown;
  getActiveResourcesInfo?(): readonly string[];
}

const runtime: { readonly process?: Process } = globalThis as { process?: Process };
const { setTimeout: begin, clearTimeout: end } = globalThis;

function countTimers(): void {
  globalThis.setTimeout = Object.assign((run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const timer: unknown = begin.call(globalThis, () => {
      timers.delete(timer);
      run(...args);
    }, ms);
    timers.add(timer);
    return timer as ReturnType<typeof setTimeout>;
  }, begin);
  globalThis.clearTimeout = (timer) => {
    timers.delete(timer);
    end.call(globalThis, timer);
  };
}

function moreThan(before: ReadonlyMap<string, number>, others: readonly string[]): readonly string[] {
  const more = [...held()].filter(([name, count]) => count > (before.get(name) ?? 0));
  return [...more.map(([name, count]) => `${name}: ${count - (before.get(name) ?? 0)}`), ...others];
}

/** Sockets and pipes are told by Node; the runtimes of other adapters remember their own. */
function held(): ReadonlyMap<string, number> {
  const handles = runtime.process?.getActiveResourcesInfo?.() ?? [];
  const counts = new Map([["timers", timers.size]]);
  for (const name of handles.filter((one) => /^(TCP|Pipe)/.test(one))) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

countTimers();
