/**
 * The example of docs/adapters/websocket.md is examples/websocket_relay.ts to the letter, and it works through a relay.
 * @module
 */

import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { startRelay } from "../../adapters/relay.ts";
import { get } from "../../examples/websocket_relay.ts";
import { pem } from "../adapters/fixtures.ts";
import { portOf } from "../adapters/node_runtime.ts";
import { assert, suite } from "../harness.ts";

const test = suite("examples/websocket_relay.ts");

test("stands in the documentation to the letter", () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  const example = read("../../examples/websocket_relay.ts").replace("../adapters/websocket.ts", "tlschart/websocket");
  assert.ok(read("../../docs/adapters/websocket.md").includes("```ts\n" + example + "```"));
});

test("gets a page of an HTTPS server through a relay", async () => {
  const server = createServer({ ...pem, maxVersion: "TLSv1.2" }, (_, response) => response.end("a page"));
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const port = portOf(server.address());
  const relay = await startRelay({ port: 0, allow: [`localhost:${port}`] });
  try {
    assert.match(await get(`ws://127.0.0.1:${relay.port}`, "localhost", port, pem.ca), /^HTTP\/1\.1 200 OK[^]*a page/);
  } finally {
    await relay.close();
    server.close();
  }
});

test.run();
