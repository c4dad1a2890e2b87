/**
 * Chromium for tests, where there is one: started with nothing in it that would call home, driven by playwright-core.
 * @module
 */

import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { type Browser, chromium } from "playwright-core";

/** Why there is no browser to test in; `undefined` when there is one. */
export const noChromium: string | undefined = executable() === undefined
  ? "no Chromium: neither /usr/bin/chromium, chromium-browser or google-chrome, nor one that CHROMIUM names"
  : undefined;

export function launch(): Promise<Browser> {
  const path = executable();
  if (path === undefined) throw new Error(noChromium);
  return chromium.launch({
    executablePath: path,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

function executable(): string | undefined {
  const { CHROMIUM } = process.env;
  const usual = ["chromium", "chromium-browser", "google-chrome"].map((name) => `/usr/bin/${name}`);
  return [...CHROMIUM === undefined || CHROMIUM === "" ? [] : [CHROMIUM], ...usual].find((path) => existsSync(path));
}

/** A test file of this folder as one script for a page, with the stand-in for the harness. */
export async function bundleTest(name: string): Promise<string> {
  const { outputFiles: [file] } = await build({
    entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    plugins: [harness],
    logLevel: "silent",
  });
  return file?.text ?? "";
}

const harness: Plugin = {
  name: "harness",
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/harness\.ts$/ }, () => ({
      path: fileURLToPath(new URL("harness_stand_in.ts", import.meta.url)),
    })),
};
