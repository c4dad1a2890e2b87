/**
 * Draws the charts: `tsx docs/charts/draw.ts` writes docs/charts/*.svg and *.mmd; with `--check` it writes nothing and
 * fails when a file is stale.
 * @module
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { clientOpeningChart } from "../../lib/opening/client_opening_chart.ts";
import { serverOpeningChart } from "../../lib/opening/server_opening_chart.ts";
import { clientChart } from "../../lib/tls12/client_chart.ts";
import { serverChart } from "../../lib/tls12/server_chart.ts";
import { type Anatomy, anatomyOf } from "./anatomy.ts";
import { mermaidOf } from "./mermaid.ts";
import { svgOf } from "./picture.ts";

const root = new URL("../../", import.meta.url);

const roles = {
  client: { opening: clientOpeningChart, handshake: clientChart },
  server: { opening: serverOpeningChart, handshake: serverChart },
} as const;
type Role = keyof typeof roles;

/** Every file that is made from the charts, as it should be: path from the repository's root → text. */
export function drawings(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const role of ["client", "server"] as const) {
    files.set(`docs/charts/tls12_${role}.svg`, svgOf({ role, title: titleOf(role), ...anatomies(role) }));
    files.set(`docs/charts/tls12_${role}.mmd`, mermaidOf(anatomies(role).handshake, titleOf(role)));
  }
  return files;
}

/** The files whose text isn't what the charts say. */
export function staleDrawings(): readonly string[] {
  return [...drawings()].filter(([path, text]) => read(path) !== text).map(([path]) => path);
}

function anatomies(role: Role): { readonly opening: Anatomy; readonly handshake: Anatomy } {
  const { opening, handshake } = roles[role];
  return { opening: anatomyOf(opening.machine), handshake: anatomyOf(handshake.machine) };
}

function titleOf(role: Role): string {
  return `The TLS 1.2 ${role}`;
}

function read(path: string): string | undefined {
  const url = new URL(path, root);
  return existsSync(url) ? readFileSync(url, "utf8") : undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = staleDrawings();
  if (!process.argv.includes("--check")) {
    for (const path of stale) writeFileSync(new URL(path, root), drawings().get(path) ?? "");
    console.log(stale.length === 0 ? "The drawings are as the charts." : `Drawn: ${stale.join(", ")}`);
  } else if (stale.length > 0) {
    console.error(`Stale, run tsx docs/charts/draw.ts: ${stale.join(", ")}`);
    process.exitCode = 1;
  }
}
