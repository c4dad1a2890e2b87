/**
 * `npm run example:browser`: serves the example page with all that it needs, until Ctrl-C.
 * `--port N --relay-port N --reverse-port N --https-port N`, and `--allow HOST:PORT` for more servers to visit.
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { startExample } from "./example_server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8080" },
    "relay-port": { type: "string", default: "9000" },
    "reverse-port": { type: "string", default: "8443" },
    "https-port": { type: "string", default: "0" },
    allow: { type: "string", multiple: true, default: [] },
  },
});

const example = await startExample({
  page: Number(values.port),
  relay: Number(values["relay-port"]),
  reverse: Number(values["reverse-port"]),
  https: Number(values["https-port"]),
}, values.allow);

console.log(`Open ${example.origin}/

  the page as a client   ${example.origin}/?role=client   visits https://${example.config.target}/hello
  the page as a server   ${example.origin}/?role=server   is reached at 127.0.0.1:${example.config.reversePort}
  both in the page       ${example.origin}/?role=both     needs nothing else
  the relay              ${example.config.relay}

Ctrl-C ends it.`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void example.close().then(() => process.exit(0)));
}
