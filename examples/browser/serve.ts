/**
 * `npm run example:browser`: serves the example page with all that it needs, until Ctrl-C.
 * `--port N --relay-port N --reverse-port N --https-port N`, and `--allow HOST:PORT` for more servers to visit.
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { systemReason } from "../../adapters/cli/failures.ts";
import { type Example, startExample } from "./example_server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8080" },
    "relay-port": { type: "string", default: "9000" },
    "reverse-port": { type: "string", default: "8443" },
    "https-port": { type: "string", default: "0" },
    allow: { type: "string", multiple: true, default: [] },
  },
});

const example = await started();

console.log(`Open ${example.origin}/

  the page as a client   ${example.origin}/?role=client   visits https://${example.config.target}/hello
  the page as a server   ${example.origin}/?role=server   is reached at 127.0.0.1:${example.config.reversePort}
  both in the page       ${example.origin}/?role=both     needs nothing else
  the relay              ${example.config.relay}

Ctrl-C ends it.`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void example.close().then(() => process.exit(0)));
}

/** What keeps it from starting is said in one line. */
async function started(): Promise<Example> {
  const ports = {
    page: Number(values.port),
    relay: Number(values["relay-port"]),
    reverse: Number(values["reverse-port"]),
    https: Number(values["https-port"]),
  };
  try {
    return await startExample(ports, values.allow);
  } catch (error) {
    const reason = systemReason(error) ?? (error instanceof Error ? error.message : String(error));
    console.error(`The example can't start: ${reason} (ports: ${Object.values(ports).join(", ")})`);
    process.exit(2);
  }
}
