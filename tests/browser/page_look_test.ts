/** How the example page looks and reads: both languages, both themes, three widths. And what its bundle is made of. */
import type { Page } from "playwright-core";
import { bundlePage } from "../../examples/browser/bundle.ts";
import { english } from "../../examples/browser/words_en.ts";
import { chinese } from "../../examples/browser/words_zh.ts";
import { assert, suite } from "../harness.ts";
import { bundleTest, noChromium } from "./chromium.ts";
import { assertQuiet, inScene, openPage, run, showStep } from "./page_support.ts";

const test = suite("the look of the page");

const readability = bundleTest("readability.ts");

function inChromium(title: string, body: () => Promise<void>): void {
  if (noChromium !== undefined) test.skip(title, noChromium);
  else test(title, body);
}

test("has Chinese words for everything but the words of the protocol", () => {
  const same = leavesOf(chinese).filter((text) => !/\p{Script=Han}/u.test(text) && text !== "");
  assert.equal(same, ["zh-Hans", "English", "CA", "SHA-256", "nonce_explicit", "session hash"]);
});

test("is bundled without anything of Node, and names no other host", async () => {
  const files = await bundlePage();
  assert.equal([...files.keys()].sort(), ["/", "/chart.css", "/page.css", "/page.js", "/second_party.js"]);
  for (const [path, { content }] of files) {
    const text = typeof content === "string" ? content : new TextDecoder().decode(content);
    assert.not.match(text, /["'`]node:|\brequire\(|(?:^|[;}])\s*import\s*["'{*(]|@import/, path);
    const urls = (text.match(/\bhttps?:\/\/[\w.-]+/g) ?? []).filter((url) => url !== "http://www.w3.org");
    assert.equal(urls, [], path);
  }
});

inChromium(
  "speaks the language and wears the theme that the browser, or the address, asks for",
  () =>
    inScene(async (scene) => {
      const look = async (page: Page): Promise<readonly unknown[]> => [
        await page.getAttribute("html", "lang"),
        await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor),
      ];
      const [light, dark] = ["rgb(243, 245, 248)", "rgb(13, 17, 23)"];
      const cases = [
        [{ locale: "en-GB" }, ["en", light]],
        [{ locale: "zh-CN", colorScheme: "dark" }, ["zh-Hans", dark]],
        [{ locale: "zh-CN", colorScheme: "dark", query: "?lang=en&theme=light" }, ["en", light]],
        [{ query: "?lang=zh&theme=dark" }, ["zh-Hans", dark]],
      ] as const;
      for (const [view, expected] of cases) {
        const opened = await openPage(scene, view);
        assert.equal(await look(opened.page), expected);
        assertQuiet(opened, scene);
      }
      const { page } = await openPage(scene);
      await page.click("#language");
      await page.click("#theme");
      await page.click("#theme");
      assert.equal(await look(page), ["zh-Hans", dark]);
      assert.match(page.url(), /lang=zh.*theme=dark|theme=dark.*lang=zh/);
    }),
);

inChromium("says nothing in English when it speaks Chinese, and the other way round", () =>
  inScene(async (scene) => {
    const [ours, theirs] = [leavesOf(english), leavesOf(chinese)];
    for (
      const [query, foreign] of [["lang=zh", ours.filter((text) => !theirs.includes(text))], [
        "lang=en",
        theirs.filter((text) => !ours.includes(text)),
      ]] as const
    ) {
      for (const role of ["client", "server", "both"]) {
        const { page } = await openPage(scene, { query: `?${query}&role=${role}` });
        if (role !== "server") await run(page);
        for (const step of role === "server" ? [] : [1, 4, 8, 11, "result"]) {
          await page.click(`[data-step="${step}"]`);
          await page.waitForSelector(`#detail[data-shown="${step}"]`);
          const texts = await textsOf(page);
          assert.equal(texts.filter((text) => foreign.includes(text)), []);
        }
        if (query === "lang=en") {
          assert.equal((await textsOf(page)).filter((text) => /\p{Script=Han}/u.test(text)), ["中文"]);
        }
      }
    }
  }));

inChromium("can be read in both themes: enough contrast, letters of 14 pixels or more", () =>
  inScene(async (scene) => {
    for (const theme of ["light", "dark"]) {
      for (const role of ["client", "server", "both"]) {
        const { page } = await openPage(scene, { query: `?theme=${theme}&role=${role}` });
        assert.equal(await hardToRead(page), []);
        if (role === "server") continue;
        await run(page);
        assert.equal(await hardToRead(page), []);
        for (const step of [1, 8, 10]) {
          await showStep(page, step);
          assert.equal(await hardToRead(page), [], `step ${step}, ${theme}`);
        }
        if (role === "both") continue;
        await page.selectOption("[name=trust]", "other");
        await run(page);
        assert.equal(await hardToRead(page), []);
      }
    }
  }));

inChromium("fits wide screens, small ones and phones without scrolling sideways", () =>
  inScene(async (scene) => {
    for (const [width, height] of [[1440, 900], [1024, 768], [390, 844]] as const) {
      for (const query of ["?role=client", "?role=server", "?role=both", "?role=client&lang=zh"]) {
        const { page } = await openPage(scene, { query, width, height });
        if (!query.includes("server")) {
          await run(page);
          for (const step of [1, 3, 11]) {
            await showStep(page, step);
            assert.is(await page.evaluate(() => document.documentElement.scrollWidth), width, `${query} at ${width}`);
          }
        }
        assert.is(await page.evaluate(() => document.documentElement.scrollWidth), width, `${query} at ${width}`);
      }
    }
  }));

inChromium(
  "brings what was asked for into sight on a phone, and needs no sideways scrolling for a command",
  () =>
    inScene(async (scene) => {
      const phone = { width: 390, height: 844 };
      const { page } = await openPage(scene, phone);
      await run(page);
      await page.waitForFunction(detailIsInSight);
      await page.evaluate(() => scrollTo(0, 0));
      await showStep(page, 4);
      await page.waitForFunction(detailIsInSight);
      const both = await openPage(scene, { ...phone, query: "?role=both" });
      const widths = await both.page.locator(".controls input, .controls button").evaluateAll((elements) =>
        elements.map((element) => element.getBoundingClientRect().width)
      );
      assert.is(widths.length, 2);
      assert.is(widths[0], widths[1]);
      for (const view of [phone, {}]) {
        const server = await openPage(scene, { ...view, query: "?role=server" });
        const cut = await server.page.locator(".server-reach pre").evaluateAll((boxes) =>
          boxes.filter((box) => box.scrollWidth > box.clientWidth).length
        );
        assert.is(cut, 0);
      }
    }),
);

inChromium(
  "follows the chart to its end, and shows the whole of it over the full page until Escape",
  () =>
    inScene(async (scene) => {
      const opened = await openPage(scene);
      const { page } = opened;
      await run(page);
      const scaleOf = (drawing: string): Promise<number> =>
        page.locator(`[data-chart="client"] ${drawing}`).evaluate((svg) =>
          svg instanceof SVGSVGElement ? svg.getScreenCTM()?.a ?? 0 : 0
        );
      await page.waitForTimeout(500);
      assert.ok(await scaleOf(".chart.main") > 1, "letters keep their size at the end");
      await page.click(".chart-open");
      const dialog = page.locator("dialog[open]");
      assert.equal(await dialog.evaluate(({ clientWidth, clientHeight }) => [clientWidth, clientHeight]), [1440, 900]);
      assert.ok(await scaleOf(".chart.full") >= 1);
      assert.ok(await page.locator('.chart.full [data-state="closed"].current').isVisible());
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      assert.is(await page.evaluate(() => document.activeElement?.className), "chart-open");
      assertQuiet(opened, scene);
    }),
);

inChromium(
  "can be used by keyboard and by those who don't see it: everything has a name",
  () =>
    inScene(async (scene) => {
      for (const role of ["client", "server", "both"]) {
        const { page } = await openPage(scene, { query: `?role=${role}` });
        const nameless = await page.locator("button, input, select, textarea, a").evaluateAll((elements) =>
          elements.filter((element) => {
            const label = element.closest("label")?.textContent ?? "";
            return `${element.textContent}${element.getAttribute("aria-label") ?? ""}${label}`.trim() === "";
          }).map(({ outerHTML }) => outerHTML)
        );
        assert.equal(nameless, []);
      }
      const { page } = await openPage(scene);
      await page.focus("[name=path]");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".rung.result.current");
      await page.focus('[data-step="5"]');
      await page.keyboard.press("Enter");
      await page.waitForSelector('#detail[data-shown="5"]');
      assert.is(await page.evaluate(() => document.activeElement?.getAttribute("data-step")), "5", "the focus stays");
    }),
);

test.run();

/** Runs in the page. The player covers what is above. */
function detailIsInSight(): boolean {
  const player = document.querySelector("#player")?.getBoundingClientRect().bottom ?? 0;
  const detail = document.querySelector("#detail")?.getBoundingClientRect().top ?? 0;
  return detail >= player && detail < player + 60;
}

/** Every text of a language; not those that are made with a number or a name. */
function leavesOf(words: object): readonly string[] {
  return Object.values(words).flatMap((value: unknown) =>
    typeof value === "string" ? [value] : typeof value === "object" && value !== null ? leavesOf(value) : []
  );
}

async function textsOf(page: Page): Promise<readonly string[]> {
  return await page.evaluate(() => {
    const texts: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (node.parentElement?.closest("svg, pre, code") === null) texts.push(node.textContent?.trim() ?? "");
    }
    return texts.filter((text) => text !== "");
  });
}

/** What readability.ts finds. */
async function hardToRead(page: Page): Promise<readonly string[]> {
  await page.waitForTimeout(250); // colours change slowly
  await page.evaluate(await readability);
  return await page.evaluate(() => hardToReadTexts());
}
