/** examples/data_channel.ts in Chromium: TLS from one WebRTC connection to another, and what a cut looks like. */
import { servePage } from "../../examples/browser/page_server.ts";
import { assert, suite } from "../harness.ts";
import { bundleTest, launch, noChromium } from "./chromium.ts";

const test = suite("examples/data_channel.ts");

const tests: readonly (readonly [string, string, string])[] = [
  [
    "carries TLS over a WebRTC data channel, three million bytes both ways",
    "talk()",
    "3000000 TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  ],
  ["lets TLS see that the channel went away", "cut()", "TruncationError,TruncationError"],
];

for (const [title, call, result] of tests) {
  if (noChromium !== undefined) test.skip(title, noChromium);
  else test(title, async () => assert.is(await evaluated(call), result));
}

test.run();

async function evaluated(call: string): Promise<unknown> {
  const server = await servePage(
    0,
    new Map([
      ["/", { type: "text/html", content: '<!doctype html><script type="module" src="page.js"></script>' }],
      ["/page.js", { type: "text/javascript", content: await bundleTest("data_channel_page.ts") }],
    ]),
  );
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(server.origin);
    await page.waitForFunction("globalThis.talk !== undefined");
    return await page.evaluate(call);
  } finally {
    await browser.close();
    await server.close();
  }
}
