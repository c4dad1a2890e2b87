/**
 * Makes one JavaScript file of the shim, because thousands of processes must start quickly: `bundle.mjs PATH`.
 * Written beside its place first, so that a runner which is at work never meets half a file.
 */
import { rename } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("Usage: bundle.mjs PATH");
const fresh = `${path}.${process.pid}`;
await build({
  entryPoints: [fileURLToPath(new URL("shim.ts", import.meta.url))],
  outfile: fresh,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  logLevel: "warning",
});
await rename(fresh, path);
