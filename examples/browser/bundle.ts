/**
 * The page as one folder in memory: the bundles, made from the sources and npm packages only, and the files beside them.
 * @module
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface PageFile {
  readonly type: string;
  readonly content: Uint8Array | string;
}

/** What a browser may ask for: path → file. */
export async function bundlePage(): Promise<ReadonlyMap<string, PageFile>> {
  const { outputFiles } = await build({
    entryPoints: { page: pathOf("main.ts"), second_party: pathOf("second_party.ts") },
    outdir: "/",
    bundle: true,
    write: false,
    format: "esm",
    // Whatever would need Node is an error.
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    minify: true,
    legalComments: "none",
    loader: { ".svg": "text" },
    logLevel: "silent",
  });
  const files = new Map<string, PageFile>();
  for (const { path, contents } of outputFiles) {
    files.set(`/${path.split(/[\\/]/).at(-1)}`, { type: "text/javascript; charset=utf-8", content: contents });
  }
  for (const name of ["page.css", "chart.css"]) {
    files.set(`/${name}`, { type: "text/css; charset=utf-8", content: read(name) });
  }
  return files.set("/", { type: "text/html; charset=utf-8", content: read("page.html") });
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}
