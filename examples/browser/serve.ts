/**
 * `npm run example:browser`: serves the example page with all that it needs, until Ctrl-C; `--help` lists the options.
 * @module
 */

import process from "node:process";
import { systemReason } from "../../adapters/cli/failures.ts";
import type { RelayEvent } from "../../adapters/relay.ts";
import { type Example, startExample } from "./example_server.ts";
import { exampleOptions, usage } from "./example_options.ts";
import { availablePorts } from "./free_port.ts";
import { relayLines } from "./relay_lines.ts";

const example = await started();
if (example === undefined) process.exit(0);

console.log(`Open ${example.origin}/

  the page as a client   ${example.origin}/?role=client   visits https://${example.config.target}/hello
  the page as a server   ${example.origin}/?role=server   is reached at 127.0.0.1:${example.config.reversePort}
  both in the page       ${example.origin}/?role=both     needs nothing else
  the relay              ${example.config.relay}

Ctrl-C ends it. What the relay carries or refuses is told here:`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void example.close().then(() => process.exit(0)));
}

/** What keeps it from starting is said in one line. `undefined` when help was asked for. */
async function started(): Promise<Example | undefined> {
  try {
    const options = exampleOptions(process.argv.slice(2));
    if (options === undefined) return void console.log(usage);
    const choices = [options.page, options.relay, options.reverse, options.https];
    const [page = 0, relay = 0, reverse = 0, https = 0] = await availablePorts(choices);
    const lineOf = relayLines();
    const onRelay = (event: RelayEvent): void => console.log(lineOf(event));
    return await startExample({ page, relay, reverse, https }, options.allow, onRelay);
  } catch (error) {
    const reason = systemReason(error) ?? (error instanceof Error ? error.message : String(error));
    console.error(`The example can't start: ${reason}`);
    process.exit(2);
  }
}
