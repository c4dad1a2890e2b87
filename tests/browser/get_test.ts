/** The shortest example for a page, examples/browser_get.ts, in Chromium through a relay. */
import { greeting } from "../../examples/browser/example_server.ts";
import { encodePem } from "../../mod.ts";
import { otherAuthority } from "../adapters/fixtures.ts";
import { assert, suite } from "../harness.ts";
import { bundleTest, noChromium } from "./chromium.ts";
import { inScene, openPage } from "./page_support.ts";

const test = suite("examples/browser_get.ts");
const title = "gets an answer from a real server, and refuses one that it doesn't trust";

if (noChromium !== undefined) test.skip(title, noChromium);
else {
  test(title, () =>
    inScene(async (scene) => {
      const { page } = await openPage(scene);
      await page.evaluate(await bundleTest("get_page.ts"));
      const { relay, target, path, authority } = scene.example.config;
      const port = Number(target.split(":").at(-1));
      const get = (name: string, ca: string): Promise<string> =>
        page.evaluate(
          ([relay, name, port, path, ca]) => getByTls(relay, name, port, path, ca).catch((error) => String(error)),
          [relay, name, port, path, ca] as const,
        );
      const answer = await get("localhost", authority);
      assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
      assert.ok(answer.endsWith(`\r\n\r\n${greeting}`));
      assert.match(await get("localhost", encodePem("CERTIFICATE", otherAuthority.certificate)), /^CertificateError: /);
    }));
}

test.run();
