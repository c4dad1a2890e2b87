/** The contract of the adapters, run by Chromium: over streams in memory, and over WebSockets through a real relay. */
import type { Browser } from "playwright-core";
import { type Relay, startRelay } from "../../adapters/relay.ts";
import { servePage } from "../../examples/browser/page_server.ts";
import { assert, suite } from "../harness.ts";
import { bundleTest, launch, noChromium } from "./chromium.ts";
import type { Transport } from "./contract_page.ts";
import type { Result } from "./harness_stand_in.ts";

const test = suite("in Chromium");
const titles = {
  memory: "tlschart/streams keeps the contract",
  WebSocket: "tlschart/websocket keeps the contract over WebSocket, through the relay and its reverse side",
  WebSocketStream: "tlschart/websocket keeps the contract over WebSocketStream, through the relay and its reverse side",
} as const;

for (const which of ["memory", "WebSocket", "WebSocketStream"] as const) {
  if (noChromium !== undefined) test.skip(titles[which], noChromium);
  else test(titles[which], () => contractIn(which));
}

test.run();

async function contractIn(which: Transport): Promise<void> {
  const browser = await launch();
  try {
    const results = await resultsIn(browser, which);
    const failed = results.filter(({ outcome }) => outcome === "failed");
    for (const { title, outcome, error } of results) {
      if (outcome !== "passed") console.log(`${outcome}: ${title}: ${error}`);
    }
    const count = (wanted: Result["outcome"]): number => results.filter(({ outcome }) => outcome === wanted).length;
    console.log(
      `in Chromium, ${which}: ${count("passed")} passed, ${failed.length} failed, ${count("skipped")} skipped`,
    );
    assert.equal(failed.map(({ title }) => title), []);
    assert.ok(count("passed") > 40, "the contract has that many promises");
  } finally {
    await browser.close();
  }
}

async function resultsIn(browser: Browser, which: Transport): Promise<readonly Result[]> {
  const results: Result[] = [];
  const relays: Relay[] = [];
  const files = new Map([
    ["/", { type: "text/html", content: '<!doctype html><script type="module" src="contract.js"></script>' }],
    ["/contract.js", { type: "text/javascript", content: await bundleTest("contract_page.ts") }],
  ]);
  const server = await servePage(0, files);
  try {
    const page = await browser.newPage();
    await page.exposeFunction("openRelay", async () => {
      // It may reach nothing but its own reverse side.
      const relay = await relayToItself(server.origin);
      relays.push(relay);
      return { port: relay.port, reversePort: relay.reversePort };
    });
    await page.exposeFunction("report", (result: Result) => void results.push(result));
    await page.addInitScript(
      "globalThis.outside = { openRelay: () => openRelay(), report: (result) => report(result) }",
    );
    await page.goto(server.origin);
    await page.waitForFunction("globalThis.runContract !== undefined");
    await page.evaluate(`runContract("${which}")`).catch((error: unknown) => {
      throw new Error(`${String(error)} after "${results.at(-1)?.title}"`);
    });
    return results;
  } finally {
    await Promise.all(relays.map((relay) => relay.close()));
    await server.close();
  }
}

/** Its list must name a port that is free yet; when somebody else takes it meanwhile, another one will do. */
async function relayToItself(origin: string): Promise<Relay> {
  for (let attempt = 1;; attempt++) {
    try {
      return await relayWithFreePort(origin);
    } catch (error) {
      if (attempt === 5 || !String(error).includes("EADDRINUSE")) throw error;
    }
  }
}

async function relayWithFreePort(origin: string): Promise<Relay> {
  const probe = await startRelay({ port: 0, reverse: 0, origins: [origin] });
  const { reversePort = 0 } = probe;
  await probe.close();
  return await startRelay({
    port: 0,
    reverse: reversePort,
    allow: [`127.0.0.1:${reversePort}`],
    origins: [origin],
    maxConnections: 1_000,
    maxWaiting: 200,
  });
}
