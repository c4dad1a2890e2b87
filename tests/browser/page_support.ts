/**
 * The example page in Chromium, with everything that it needs, and what tests read from it. Whatever a page logs as an
 * error, and whomever it talks to, is noted.
 * @module
 */

import type { Browser, Page } from "playwright-core";
import { type Example, startExample } from "../../examples/browser/example_server.ts";
import { assert } from "../harness.ts";
import { launch } from "./chromium.ts";

export interface Scene {
  readonly example: Example;
  readonly browser: Browser;
}

/** Runs a test with a scene, and ends it in any case. `allow`: whom the relay may reach besides the example's server. */
export async function inScene(
  body: (scene: Scene) => Promise<void>,
  options: { readonly https?: number; readonly allow?: readonly string[] } = {},
): Promise<void> {
  const { https = 0, allow = [] } = options;
  const example = await startExample({ page: 0, relay: 0, reverse: 0, https }, allow);
  const browser = await launch();
  try {
    await body({ example, browser });
  } finally {
    await browser.close();
    await example.close();
  }
}

export interface OpenedPage {
  readonly page: Page;
  /** What the console said as an error, and what was thrown. */
  readonly errors: string[];
  /** `host:port` of everything that was asked for, WebSockets too. */
  readonly hosts: Set<string>;
}

export interface View {
  readonly query?: string;
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  readonly locale?: string;
}

export async function openPage({ browser, example }: Scene, view: View = {}): Promise<OpenedPage> {
  const { query = "", width = 1440, height = 900, colorScheme = "light", locale = "en-GB" } = view;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    locale,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  const errors: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => hosts.add(hostOf(request.url())));
  page.on("websocket", (socket) => hosts.add(hostOf(socket.url())));
  await page.goto(`${example.origin}/${query}`);
  await page.waitForSelector("form");
  return { page, errors, hosts };
}

function hostOf(url: string): string {
  return url.startsWith("data:") ? "data:" : new URL(url).host;
}

/** Nothing was logged, and nobody else was asked for anything. */
export function assertQuiet({ errors, hosts }: OpenedPage, { example }: Scene): void {
  assert.equal(errors, []);
  const allowed = [new URL(example.origin).host, new URL(example.config.relay).host, "data:"];
  assert.equal([...hosts].filter((host) => !allowed.includes(host)), []);
}

/** Submits the form, and waits until the connection has come out somehow. */
export async function run(page: Page): Promise<void> {
  await page.click("button.primary");
  await outcome(page);
}

export async function outcome(page: Page): Promise<void> {
  await page.waitForSelector(".rung.result.current");
}

export type Side = "client" | "server";

/** The states that a chart has shown, in order. */
export async function statesOf(page: Page, side: Side): Promise<readonly string[]> {
  return (await page.getAttribute(`[data-chart="${side}"]`, "data-states"))?.split(" ") ?? [];
}

/** The state that the drawing marks. */
export async function markedState(page: Page, side: Side): Promise<string | null> {
  return await page.getAttribute(`[data-chart="${side}"] .chart.main .current`, "data-state");
}

/** Goes to a step; its title says that it is shown. */
export async function showStep(page: Page, step: number): Promise<void> {
  await page.click(`[data-step="${step}"]`);
  await page.waitForSelector(`#detail[data-shown="${step}"]`);
  for (let more = page.locator("#detail [data-expand]"), at = 0; at < await more.count(); at++) {
    await more.nth(at).click();
    await page.waitForTimeout(50);
  }
}

export interface ShownBytes {
  readonly sender: string;
  readonly name: string;
  readonly bytes: string;
}

/** The bytes on the wire that the step in sight shows, in hexadecimal. */
export async function bytesShown(page: Page): Promise<readonly ShownBytes[]> {
  return await page.locator("#detail [data-sent]").evaluateAll((sections) =>
    sections.map((section) => ({
      sender: section.getAttribute("data-sender") ?? "",
      name: section.getAttribute("data-sent") ?? "",
      bytes: [...section.querySelectorAll('[data-part="wire"] .bytes')].map(({ textContent }) => textContent).join("")
        .replaceAll(" ", ""),
    }))
  );
}

/** The facts of what is in sight, by their labels. */
export async function factsShown(page: Page): Promise<ReadonlyMap<string, string>> {
  const pairs = await page.locator("#detail .facts").evaluateAll((lists) =>
    lists.flatMap((list) =>
      [...list.querySelectorAll("dt")].map((term): [string, string] => [
        term.textContent ?? "",
        [...term.nextElementSibling?.children ?? []].map(({ textContent }) => textContent).join("\n"),
      ])
    )
  );
  return new Map(pairs);
}

/** What clients and servers of TLS 1.2 pass through, written by hand: where each chart sends, and where it comes to rest. */
export const roads: Readonly<Record<Side, readonly string[]>> = {
  client: [
    "live.start",
    "live.awaitServerHello",
    "live.selectingVersion",
    "live.handshake.full.awaitCertificate",
    "live.handshake.full.awaitServerKeyExchange",
    "live.handshake.full.awaitCertificateRequestOrServerHelloDone",
    "live.handshake.full.serverFinishes.awaitNewSessionTicketOrChangeCipherSpec",
    "live.handshake.full.serverFinishes.awaitFinished",
    "live.connected",
    "closed",
  ],
  server: [
    "live.start",
    "live.awaitClientHello",
    "live.selectingVersion",
    "live.handshake.full.signing",
    "live.handshake.full.anonymous.awaitClientKeyExchange",
    "live.handshake.full.clientFinishes.awaitChangeCipherSpec",
    "live.handshake.full.clientFinishes.awaitFinished",
    "live.connected",
    "live.closing",
    "closed",
  ],
};
