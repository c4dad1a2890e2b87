/**
 * The worker that holds the tests. `/FOLDER?broker=PORT` answers with their titles, `/FOLDER/NUMBER` runs one of them:
 * in a request of its own, so that a test can leave nothing to the next one.
 */
import { skips, tests } from "./harness.ts";

const loaded = new Map<string, { readonly first: number; readonly count: number }>();

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, folder = "", number] = pathname.split("/");
    const { first, count } = loaded.get(folder) ?? await load(folder, Number(searchParams.get("broker")));
    if (number === undefined) {
      return Response.json({ titles: tests.slice(first, first + count).map(({ title }) => title), skips });
    }
    try {
      await tests[first + Number(number)]?.body();
      return new Response("passed");
    } catch (error) {
      return new Response(`${error instanceof Error ? error.stack : String(error)}`, { status: 500 });
    }
  },
};

/** Only now: outside of a request a worker has no time and no random numbers. */
async function load(folder: string, broker: number): Promise<{ readonly first: number; readonly count: number }> {
  const first = tests.length;
  switch (folder) {
    case "sockets": {
      const { adapterContract } = await import("../contract.ts");
      const { workerdRuntime } = await import("./runtime.ts");
      adapterContract(workerdRuntime(broker));
      break;
    }
    case "memory":
      await import("../streams_test.ts");
      await import("../pump_test.ts");
      break;
    case "core":
      await import("../../core.ts");
      break;
    default:
      throw new Error(`There are no tests called ${folder}`);
  }
  const range = { first, count: tests.length - first };
  loaded.set(folder, range);
  return range;
}
