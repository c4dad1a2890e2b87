/** What is held open in this process: what a connection must have let go of when it is over. */
import process from "node:process";

/** Notes what there is; the function tells what there is more, once it had time to go away. */
export function watchResources(others: () => readonly string[] = () => []): () => Promise<readonly string[]> {
  const before = counted(activeResources());
  return async () => {
    let left = moreThan(before, others());
    for (let turn = 0; turn < 200 && left.length > 0; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      left = moreThan(before, others());
    }
    return left;
  };
}

function moreThan(before: ReadonlyMap<string, number>, others: readonly string[]): readonly string[] {
  const now = counted(activeResources());
  const more = [...now].filter(([name, count]) => count > (before.get(name) ?? 0));
  return [...more.map(([name, count]) => `${name}: ${count - (before.get(name) ?? 0)}`), ...others];
}

/** Runtimes other than Node tell little or nothing here. */
function activeResources(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => /^(Timeout|TCP|Pipe)/.test(name));
}

function counted(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
