/** The example page as a client, in Chromium, against Node's HTTPS server with a wiretap before it. */
import { Buffer } from "node:buffer";
import { createDecipheriv } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { openWiretap, type Wiretap } from "../../adapters/cli/wiretap.ts";
import { greeting } from "../../examples/browser/example_server.ts";
import { portOfListening } from "../adapters/node_runtime.ts";
import { assert, suite } from "../harness.ts";
import { noChromium } from "./chromium.ts";
import {
  assertQuiet,
  bytesShown,
  factsShown,
  inScene,
  markedState,
  openPage,
  roads,
  run,
  type Scene,
  showStep,
  statesOf,
} from "./page_support.ts";

const test = suite("the page as a client");

const slider = "#player-slider input";

function inChromium(title: string, body: () => Promise<void>): void {
  if (noChromium !== undefined) test.skip(title, noChromium);
  else test(title, body);
}

inChromium(
  "shows eleven steps with every byte that a wiretap hears, and keys that decrypt them",
  () =>
    withWiretap(async (scene, wiretap) => {
      const opened = await openPage(scene);
      const { page } = opened;
      await page.fill("[name=target]", `127.0.0.1:${wiretap.port}`);
      await run(page);
      assert.is(await page.textContent(".http-body"), greeting.trimEnd());
      assert.match(await page.textContent(".http-head >> nth=1") ?? "", /^HTTP\/1\.1 200 OK/);
      assert.equal(await statesOf(page, "client"), roads.client);
      const shown: Record<string, string> = { client: "", server: "" };
      const facts = new Map<number, ReadonlyMap<string, string>>();
      for (let step = 1; step <= 11; step++) {
        await showStep(page, step);
        facts.set(step, await factsShown(page));
        for (const { sender, bytes } of await bytesShown(page)) shown[sender] += bytes;
      }
      assert.is(shown["server"], heard(wiretap, "server"));
      // The server has ended TCP with its close_notify, so the relay may have nobody to give the client's to.
      const lost = shown["client"]?.replace(heard(wiretap, "client"), "");
      assert.match(lost ?? "not heard", /^(150303001a[\da-f]{52})?$/);
      assert.match(facts.get(9)?.get("formula") ?? "", /^verify_data = PRF\(/);
      const key = (name: string): string => facts.get(8)?.get(name)?.replaceAll(" ", "") ?? "";
      const sealed = wiretap.records("client").find(({ type }) => type === 23)?.fragment ?? new Uint8Array();
      const request = decrypted(sealed, key("client_write_key"), key("client_write_IV"));
      assert.match(request, /^GET \/hello HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n/);
      assert.ok(
        (await page.textContent("#detail") ?? "").includes("GET /hello HTTP/1.1"),
        "the plaintext is shown, too",
      );
      assertQuiet(opened, scene);
    }),
);

inChromium(
  "leads through the connection moment by moment, and marks each state of the chart in turn",
  () =>
    inScene(async (scene) => {
      const opened = await openPage(scene);
      const { page } = opened;
      await run(page);
      await page.click(".player-start");
      const marked: (string | null)[] = [];
      for (let at = 0; at <= Number(await page.getAttribute(slider, "max")); at++) {
        if (at > 0) await page.click(".player-next");
        await page.waitForFunction(
          (text) => document.querySelector(".player-count")?.textContent?.startsWith(text),
          `${at} /`,
        );
        marked.push(await markedState(page, "client"));
      }
      assert.equal(marked.filter((state, at) => state !== marked[at - 1]), roads.client);
      // The trail also holds the states that answer at once, on the way that the chart draws.
      const trail = await page.locator('[data-chart="client"] .chart.main .visited').evaluateAll((groups) =>
        groups.map((group) => group.getAttribute("data-state"))
      );
      assert.ok(trail.includes("live.handshake.full.checkingCertificate"));
      assert.not(trail.includes("live.handshake.full.awaitServerHelloDone"));
      await page.click(".player-start");
      await page.click(".player-play");
      await page.waitForFunction(() => document.querySelector(".player-count")?.textContent?.startsWith("2 /"));
      await page.click(".player-play");
      await page.waitForSelector('.player-play[aria-label="Replay slowly"]');
      await page.click(".player-end");
      await page.click(".player-previousStep");
      await page.waitForSelector('#detail[data-shown="11"]');
      await page.focus(slider);
      await page.keyboard.press("Home");
      await page.waitForSelector('.chart.main [data-state="live.start"].current');
      await page.click(".player-nextStep");
      await page.waitForSelector('#detail[data-shown="1"]');
      assertQuiet(opened, scene);
    }),
);

inChromium("shows how far it has come while it waits for a server that says nothing", async () => {
  const silent = createServer({ pauseOnConnect: true }, (socket) => void sockets.push(socket));
  const sockets: Socket[] = [];
  const port = await portOfListening(silent);
  await inScene(async (scene) => {
    const opened = await openPage(scene);
    const { page } = opened;
    await page.fill("[name=target]", `127.0.0.1:${port}`);
    await page.click("button.primary");
    await page.waitForSelector('.rung.current[data-step="1"]');
    await page.waitForSelector('.chart.main [data-state="live.awaitServerHello"].current');
    assert.equal((await bytesShown(page)).map(({ name }) => name), ["client_hello"]);
    assert.is(await page.locator(".rung.result.current").count(), 0);
    for (const socket of sockets) socket.resume().end();
    await page.waitForSelector('[data-failure="truncated"]');
    assertQuiet(opened, scene);
  }, { allow: [`127.0.0.1:${port}`] });
  silent.close();
});

inChromium("gives a key log line that can be copied", () =>
  inScene(async (scene) => {
    const opened = await openPage(scene);
    const { page } = opened;
    await run(page);
    await page.click("[data-copy]");
    const line = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(line, /^CLIENT_RANDOM [\da-f]{64} [\da-f]{96}$/);
    await showStep(page, 8);
    const secret = (await factsShown(page)).get("master_secret")?.replaceAll(" ", "");
    assert.is(line.split(" ")[2], secret);
    assertQuiet(opened, scene);
  }));

inChromium("says which state, which check and which alert when the CA isn't trusted", () =>
  inScene(async (scene) => {
    const opened = await openPage(scene);
    const { page } = opened;
    await page.selectOption("[name=trust]", "other");
    await run(page);
    assert.is(await page.getAttribute("[data-failure]", "data-failure"), "certificate");
    const facts = await factsShown(page);
    assert.is(facts.get("State of the chart"), "live.handshake.full.checkingCertificate");
    assert.is(facts.get("Alert sent"), "unknown_ca (48)");
    assert.is(facts.get("Check that failed"), "path");
    assert.equal(await statesOf(page, "client"), [...roads.client.slice(0, 4), "failed"]);
    const fatal = await page.getAttribute(".chart.main .fatal", "data-state");
    assert.is(fatal, "live.handshake.full.checkingCertificate");
    assert.is(await page.getAttribute(".rung.failed:not(.result)", "data-step"), "3");
    // The alert goes the other way than the certificate, and is no part of it.
    assert.equal(await page.locator(".rung.alert .way-size").allTextContents(), ["7 bytes"]);
    assert.equal(await page.locator(".rung.alert .way.toServer").count(), 1);
    const arrow = await page.textContent('.rung[data-step="3"] .way-size');
    await showStep(page, 3);
    const shown = await bytesShown(page);
    assert.equal(shown.map(({ sender, name }) => `${sender} ${name}`), ["client alert", "server certificate"]);
    const certificate = shown[1];
    assert.is(arrow, `${((certificate?.bytes.length ?? 0) / 2).toLocaleString("en")} bytes`);
    assert.is(await page.textContent("#detail .meta span:nth-child(2)"), arrow);
    assertQuiet(opened, scene);
  }));

inChromium("says so when the relay refuses, when no TLS is spoken, and when the target makes no sense", async () => {
  const plain = createServer((socket) => socket.end("SSH-2.0-example\r\n"));
  const port = await portOfListening(plain);
  await inScene(async (scene) => {
    const opened = await openPage(scene);
    const { page, errors } = opened;
    const failureWith = async (target: string): Promise<string | null> => {
      await page.fill("[name=target]", target);
      await page.click(".player-start", { force: true, timeout: 500 }).catch(() => {});
      await run(page);
      return await page.getAttribute("[data-failure]", "data-failure");
    };
    assert.is(await failureWith(`127.0.0.1:${port}`), "notTls");
    assert.is((await factsShown(page)).get("State of the chart"), "live.awaitServerHello");
    assert.equal(errors, []);
    assert.is(await failureWith("127.0.0.1:1"), "transport");
    // The browser's own word about it can't be kept off the console.
    assert.is((await factsShown(page)).get("State of the chart"), "live.start\nthe handshake has not begun");
    assert.match(await page.textContent("[data-failure]") ?? "", /Look at the terminal of the example\.$/);
    assert.match(errors.splice(0).join("\n"), /^WebSocket connection to 'ws:.*127\.0\.0\.1:1' failed: .*403$/);
    await page.fill("[name=target]", "nonsense");
    await page.click("button.primary");
    assert.match(await page.textContent("#problem [role=alert]") ?? "", /host and a port/);
    assertQuiet(opened, scene);
  }, { allow: [`127.0.0.1:${port}`] });
  plain.close();
});

test.run();

/** The relay may reach the wiretap; the wiretap passes on to the example's server. */
async function withWiretap(body: (scene: Scene, wiretap: Wiretap) => Promise<void>): Promise<void> {
  const probe = createServer();
  const https = await portOfListening(probe);
  await new Promise((resolve) => probe.close(resolve));
  const wiretap = await openWiretap(https);
  try {
    await inScene((scene) => body(scene, wiretap), { https, allow: [`127.0.0.1:${wiretap.port}`] });
  } finally {
    await wiretap.close();
  }
}

/** All records, in hexadecimal. */
function heard(wiretap: Wiretap, side: "client" | "server"): string {
  return wiretap.records(side).map(({ header, fragment }) => Buffer.concat([header, fragment]).toString("hex")).join(
    "",
  );
}

/** RFC 5288 §3, by Node: what the first protected record after Finished holds. */
function decrypted(fragment: Uint8Array, key: string, iv: string): string {
  const bytes = Buffer.from(fragment);
  const [explicit, sealed, tag] = [bytes.subarray(0, 8), bytes.subarray(8, -16), bytes.subarray(-16)];
  const decipher = createDecipheriv(
    "aes-128-gcm",
    Buffer.from(key, "hex"),
    Buffer.concat([Buffer.from(iv, "hex"), explicit]),
  );
  const additional = Buffer.alloc(13);
  additional.writeBigUInt64BE(1n, 0); // Finished was record 0
  additional.set([23, 3, 3], 8);
  additional.writeUInt16BE(sealed.length, 11);
  decipher.setAAD(additional).setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed), decipher.final()]).toString("utf8");
}
