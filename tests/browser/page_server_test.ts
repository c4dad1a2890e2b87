/** The example page as a server, in Chromium: reached by OpenSSL through the relay, and by a Worker through a MessagePort. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { connect, type SecureVersion } from "node:tls";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { assert, suite } from "../harness.ts";
import { portTransport } from "../../examples/browser/port_transport.ts";
import { noChromium } from "./chromium.ts";
import {
  assertQuiet,
  bytesShown,
  factsShown,
  inScene,
  openPage,
  outcome,
  roads,
  run,
  showStep,
  statesOf,
} from "./page_support.ts";

const test = suite("the page as a server");
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

function inChromium(title: string, body: () => Promise<void>): void {
  if (noChromium !== undefined) test.skip(title, noChromium);
  else test(title, body);
}

const whoever = hasOpenssl ? "OpenSSL" : "Node's TLS";

inChromium(
  `is reached by ${whoever} through the relay, several times, and shows what it sees`,
  () =>
    inScene(async (scene) => {
      const opened = await openPage(scene, { query: "?role=server" });
      const { page } = opened;
      const { reversePort } = scene.example.config;
      const authority = await downloadedAuthority(page);
      assert.match(
        await page.textContent(".copy-box pre") ?? "",
        new RegExp(`^openssl s_client -connect 127.0.0.1:${reversePort} `),
      );
      await page.click("button.listen");
      await page.waitForSelector(".status.waiting");
      for (const [number, path] of ["/first", "/<img src=x onerror=alert(1)>"].entries()) {
        const answer = await ask(reversePort, authority, path);
        assert.match(answer, /HTTP\/1\.1 200 OK/);
        assert.match(answer, /This answer was written, and encrypted, inside a browser tab\./);
        assert.not.match(answer, /<img/, "what the page answers is HTML, in which the request is escaped");
        await page.waitForSelector(`[data-visit="${number}"].succeeded`);
        await outcome(page);
        assert.ok((await page.textContent(".http-head") ?? "").startsWith(`GET ${path} HTTP/1.1`));
      }
      assert.is(await page.locator("#detail img").count(), 0, "text of a stranger is no markup");
      assert.equal(await statesOf(page, "server"), roads.server);
      for (let step = 1; step <= 11; step++) await showStep(page, step);
      await showStep(page, 3);
      assert.match((await factsShown(page)).get("names") ?? "", /localhost, 127\.0\.0\.1/);
      await showStep(page, 2);
      assert.equal((await bytesShown(page)).map(({ sender, name }) => `${sender} ${name}`), ["server server_hello"]);
      await page.click('[data-visit="0"]');
      await outcome(page);
      assert.match(await page.textContent(".http-head") ?? "", /^GET \/first /);
      await page.click("button.listen");
      await page.waitForSelector(".status:not(.waiting)");
      assertQuiet(opened, scene);
    }),
);

inChromium(
  "paints no state that a failed connection never was in",
  () =>
    inScene(async (scene) => {
      const opened = await openPage(scene, { query: "?role=server" });
      const { page } = opened;
      const { reversePort } = scene.example.config;
      await page.click("button.listen");
      await page.waitForSelector(".status.waiting");
      const socket = connectTcp(reversePort, "127.0.0.1", () =>
        socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"));
      socket.on("error", () => {}).resume();
      await page.waitForSelector('[data-visit="0"].failed');
      await assertPainted(page, ["live.start", "live.awaitClientHello", "failed"]);
      // A client of TLS 1.3 only gets as far as the choice of the version.
      await askNode(reversePort, "", "/", "localhost", "TLSv1.3").catch(() => {});
      await page.waitForSelector('[data-visit="1"].failed');
      const states = ["live.start", "live.awaitClientHello", "live.selectingVersion", "failed"];
      await assertPainted(page, states, ["live.inspectingClientHello"]);
      assertQuiet(opened, scene);
    }),
);

inChromium(
  "calls it a success when the client has nothing to ask, and shows no answer that was never sent",
  () =>
    inScene(async (scene) => {
      const opened = await openPage(scene, { query: "?role=server" });
      const { page } = opened;
      const { reversePort } = scene.example.config;
      const authority = await downloadedAuthority(page);
      await page.click("button.listen");
      await page.waitForSelector(".status.waiting");
      await leaveAtOnce(reversePort, authority);
      await page.waitForSelector('[data-visit="0"].succeeded');
      await outcome(page);
      assert.is(await page.textContent("#detail h2"), "Handshake complete; the client closed without a request");
      assert.is(await page.locator(".http-head, .http-body, [data-failure]").count(), 0);
      assert.ok((await statesOf(page, "server")).includes("live.connected"));
      assert.not.ok((await statesOf(page, "server")).includes("failed"));
      await ask(reversePort, authority, "/");
      await page.waitForSelector('[data-visit="1"].succeeded');
      await outcome(page);
      const titles = await page.locator("#detail h3").allTextContents();
      assert.equal(titles.slice(0, 2), [
        "Request, as it was after decryption",
        "Response, as it was before encryption",
      ]);
      assertQuiet(opened, scene);
    }),
);

inChromium(
  "goes on waiting when somebody leaves without a word, or stays without one",
  () =>
    inScene(async (scene) => {
      const opened = await openPage(scene, { query: "?role=server" });
      const { page } = opened;
      const { reversePort } = scene.example.config;
      const authority = await downloadedAuthority(page);
      const strangers: Socket[] = [];
      await page.click("button.listen");
      await page.waitForSelector(".status.waiting");
      const silences: readonly ((socket: Socket) => void)[] = [
        (socket) => socket.end(),
        (socket) => socket.resetAndDestroy(),
        (socket) => void strangers.push(socket),
      ];
      try {
        for (const [number, silence] of [...silences, ...silences].entries()) {
          silence(await joined(reversePort));
          assert.match(await ask(reversePort, authority, "/"), /HTTP\/1\.1 200 OK/);
          await page.waitForSelector(`[data-visit="${number}"].succeeded`);
        }
        // More of them than WebSockets wait.
        for (let count = 0; count < 6; count++) (await joined(reversePort)).resetAndDestroy();
        assert.match(await ask(reversePort, authority, "/"), /HTTP\/1\.1 200 OK/);
        assert.is(await page.locator(".visit").count(), 7, "who says nothing is no visitor");
        assert.is(await page.locator(".status.waiting").count(), 1);
        assertQuiet(opened, scene);
      } finally {
        for (const stranger of strangers) stranger.destroy();
      }
    }),
);

inChromium(
  "says that the relay waits no more, when it was stopped and when it is gone without a word",
  () =>
    inScene(async (scene) => {
      const { page, errors } = await openPage(scene, { query: "?role=server" });
      const authority = await downloadedAuthority(page);
      for (const signal of ["SIGINT", "SIGKILL"] as const) {
        const relay = await relayProcess(scene.example.origin);
        try {
          await page.fill("[name=relay]", `ws://127.0.0.1:${relay.port}`);
          await page.click("button.listen");
          assert.match(await ask(relay.reversePort, authority, "/"), /HTTP\/1\.1 200 OK/);
          await page.waitForSelector(".visit.succeeded[aria-pressed=true]");
        } finally {
          relay.child.kill(signal);
        }
        await page.waitForSelector("#problem [role=alert]");
        assert.match(await page.textContent("#problem") ?? "", /waits no more/);
        assert.is(await page.locator(".status.waiting").count(), 0);
        if (signal === "SIGINT") assert.equal(errors, [], "the relay has said so, and no attempt is made");
      }
    }),
);

test("a MessagePort as a transport doesn't mind what comes after its reader has cancelled", async () => {
  const { port1, port2 } = new MessageChannel();
  try {
    const words: string[] = [];
    const heard = new Promise<void>((resolve) => {
      const { readable } = portTransport(port1, ({ type }) => {
        words.push(type);
        resolve();
      });
      void readable.cancel();
    });
    port2.postMessage({ type: "bytes", bytes: Uint8Array.of(1) });
    port2.postMessage({ type: "end" });
    port2.postMessage({ type: "said", sender: "client", bytes: Uint8Array.of(2) });
    await heard;
    assert.equal(words, ["said"]);
  } finally {
    port1.close();
  }
});

inChromium("says that no relay answers, in both languages", () =>
  inScene(async (scene) => {
    for (const [language, sentence] of [["en", "No relay answers at "], ["zh", "没有中继应答"]] as const) {
      const { page, errors } = await openPage(scene, { query: `?role=server&lang=${language}` });
      await page.fill("[name=relay]", "ws://127.0.0.1:1");
      await page.click("button.listen");
      await page.waitForSelector("#problem [role=alert]");
      const problem = await page.textContent("#problem") ?? "";
      assert.ok(problem.includes(sentence) && problem.includes("ws://127.0.0.1:1"), problem);
      assert.is(await page.locator(".status.waiting").count(), 0);
      assert.match(errors.splice(0).join(), /ERR_UNSAFE_PORT|ERR_CONNECTION_REFUSED/);
      await page.fill("[name=relay]", scene.example.config.relay);
      await page.click("button.listen");
      await page.waitForSelector(".status.waiting");
      assert.is(await page.locator("#problem [role=alert]").count(), 0);
    }
  }));

inChromium(
  "makes another certificate for other names, which the old CA doesn't vouch for",
  () =>
    inScene(async (scene) => {
      const opened = await openPage(scene, { query: "?role=server" });
      const { page } = opened;
      const before = await downloadedAuthority(page);
      await page.click("button.listen");
      await page.fill("[name=names]", "page.example");
      await page.click("button:has-text('Make a new certificate')");
      await page.waitForFunction(() =>
        document.querySelector(".server-certificate")?.textContent?.includes("page.example")
      );
      const { reversePort } = scene.example.config;
      await assertRefused(reversePort, before, "page.example");
      await page.waitForSelector('[data-visit="0"].failed');
      await page.waitForSelector(`[data-failure="${hasOpenssl ? "alert" : "truncated"}"]`);
      const answer = await askNode(reversePort, await downloadedAuthority(page), "/", "page.example");
      assert.match(answer, /Hello from a web page/);
      await page.fill("[name=names]", "not a name");
      await page.click("button:has-text('Make a new certificate')");
      await page.waitForSelector("#problem [role=alert]");
      assertQuiet(opened, scene);
    }),
);

inChromium(
  "is reached by a client in a Worker through a MessagePort, and shows both sides without a network",
  () =>
    inScene(async (scene) => {
      const opened = await openPage(scene, { query: "?role=both" });
      const { page } = opened;
      const sockets: string[] = [];
      page.on("websocket", (socket) => sockets.push(socket.url()));
      await run(page);
      await page.waitForFunction(() =>
        document.querySelector('[data-chart="client"]')?.getAttribute("data-states")?.endsWith("closed")
      );
      for (const side of ["client", "server"] as const) assert.equal(await statesOf(page, side), roads[side]);
      assert.equal(sockets, []);
      assert.match(await page.textContent(".http-body") ?? "", /Hello from a web page/);
      for (const step of [7, 8]) {
        await showStep(page, step);
        assert.is((await factsShown(page)).get("equal"), "yes, byte for byte, on both sides");
      }
      await showStep(page, 11);
      const sent = (await bytesShown(page)).map(({ sender, name }) => `${sender} ${name}`);
      assert.equal(sent, ["client application_data", "client alert", "server application_data", "server alert"]);
      assertQuiet(opened, scene);
    }),
);

test.run();

/**
 * What the trace had, and what the drawing marks, also where it was left at once. The last state before `failed` is where it
 * failed.
 */
async function assertPainted(page: Page, states: readonly string[], left: readonly string[] = []): Promise<void> {
  await outcome(page);
  const shown = await statesOf(page, "server");
  assert.equal(
    [...shown.slice(0, -1), states.at(-2), shown.at(-1)].filter((one, at, all) => one !== all[at - 1]),
    states,
  );
  const painted = await page.locator('[data-chart="server"] .chart.main .visited').evaluateAll((groups) =>
    groups.map((group) => group.getAttribute("data-state") ?? "")
  );
  assert.equal([...painted].sort(), [...states, ...left].sort());
}

/** A relay that can be killed. */
async function relayProcess(origin: string) {
  const script = fileURLToPath(new URL("../../adapters/cli/main.ts", import.meta.url));
  const args = ["--import", "tsx", script, "relay", "0", "--reverse", "0", "--origin", origin];
  const child = spawn(process.execPath, args);
  let text = "";
  for await (const part of child.stderr.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    text += part;
    const [, reversePort, port] = /to 127\.0\.0\.1:(\d+) go to .* ws:\/\/127\.0\.0\.1:(\d+)\/reverse/.exec(text) ?? [];
    if (port !== undefined) return { child, port: Number(port), reversePort: Number(reversePort) };
  }
  throw new Error(`it ended, and said:\n${text}`);
}

/** Connects, and says nothing. */
async function joined(port: number): Promise<Socket> {
  const socket = connectTcp(port, "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** What the link downloads, in PEM. */
async function downloadedAuthority(page: Page): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(".download")]);
  assert.is(download.suggestedFilename(), "tlschart_page_ca.pem");
  return readFileSync(await download.path(), "utf8");
}

async function ask(port: number, authority: string, path: string): Promise<string> {
  if (!hasOpenssl) return await askNode(port, authority, path);
  const { exitCode, answer } = await openssl(
    port,
    authority,
    "localhost",
    `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
  );
  assert.is(exitCode, 0, "OpenSSL trusts the page");
  return answer;
}

/** What `openssl s_client … </dev/null` does: the handshake, then close_notify. */
async function leaveAtOnce(port: number, authority: string): Promise<void> {
  if (hasOpenssl) return void await openssl(port, authority, "localhost", undefined);
  const socket = connect({ host: "127.0.0.1", port, ca: authority, servername: "localhost" }, () => socket.end());
  await once(socket.resume(), "close");
}

/** A client that trusts somebody else. Node's finishes the handshake before it looks, and then just leaves. */
async function assertRefused(port: number, authority: string, name: string): Promise<void> {
  if (hasOpenssl) return assert.not.equal((await openssl(port, authority, name, "")).exitCode, 0);
  assert.instance(await askNode(port, authority, "/", name).catch((error: unknown) => error), Error);
}

/** Reads its CA from a file, and ends when the server does, or at once when it has nothing to say. */
async function openssl(port: number, authority: string, name: string, says: string | undefined) {
  const folder = mkdtempSync(join(tmpdir(), "tlschart_"));
  const file = join(folder, "ca.pem");
  writeFileSync(file, authority);
  const names = ["-servername", name, "-verify_hostname", name];
  const args = ["-connect", `127.0.0.1:${port}`, ...names, "-CAfile", file, "-verify_return_error"];
  if (says !== undefined) args.push("-quiet");
  const client = spawn("openssl", ["s_client", ...args]);
  try {
    let answer = "";
    client.stdout.setEncoding("utf8").on("data", (text: string) => answer += text);
    client.stdin.on("error", () => {});
    if (says === undefined) client.stdin.end();
    else client.stdin.write(says);
    const [exitCode]: (number | null)[] = await once(client, "close");
    return { exitCode, answer };
  } finally {
    client.kill();
    rmSync(folder, { recursive: true });
  }
}

function askNode(
  port: number,
  authority: string,
  path: string,
  servername = "localhost",
  minVersion: SecureVersion = "TLSv1.2",
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ca: authority, servername, minVersion });
    let answer = "";
    socket.setEncoding("utf8").on("data", (text: string) => answer += text);
    socket.on("end", () => resolve(answer)).on("error", reject);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${servername}\r\n\r\n`);
  });
}
