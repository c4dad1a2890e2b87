/**
 * The page of facts that `serve --www` answers with.
 * @module
 */

import { page } from "../../adapters/cli/page.ts";
import { someSession } from "../adapters/fixtures.ts";
import { assert, suite } from "../harness.ts";

const test = suite("cli page");

test("escapes whatever comes from outside", () => {
  const text = page({
    info: {
      ...someSession,
      alpnProtocol: "<alpn>",
      alpn: "<alpn>",
      serverName: "\"'&",
    },
    state: "live.connected",
    requestLine: "GET /<script>alert(1)</script> HTTP/1.1",
    rawHeaders: ["Host", "<b>"],
  });
  assert.not.match(text, /<script|<alpn|<b>/);
  assert.match(text, /GET \/&#60;script&#62;/);
  assert.match(text, /<td>&#34;&#39;&#38;<\/td>/);
});

test.run();
