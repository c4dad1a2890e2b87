/** Bundles a worker and runs it in workerd, Cloudflare's runtime, on a free port. Runs in Node. */
import { build } from "esbuild";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Workerd {
  readonly url: string;
  stop(): void;
}

/** `entry` is a file of this project, whose path is relative to this one; the worker finds `texts` in its `env`. */
export async function startWorkerd(entry: string, texts: Readonly<Record<string, string>> = {}): Promise<Workerd> {
  const folder = mkdtempSync(join(tmpdir(), "tlschart-workerd-"));
  await build({
    entryPoints: [here(entry)],
    outfile: join(folder, "worker.js"),
    bundle: true,
    ignoreAnnotations: true, // the package says that none of its modules has side effects; the tests do
    logLevel: "error",
    format: "esm",
    target: "es2023",
    external: ["cloudflare:*"],
    plugins: [{
      name: "the harness for workers",
      setup: ({ onResolve }) => onResolve({ filter: /\/harness\.ts$/ }, () => ({ path: here("harness.ts") })),
    }],
  });
  writeFileSync(join(folder, "config.capnp"), configWith(texts));
  const command = ["-y", "workerd@1.20261117.1", "serve", "--control-fd=1", join(folder, "config.capnp")];
  const workerd = spawn("npx", command, { stdio: ["ignore", "pipe", "inherit"], detached: true });
  let isStopped = false;
  const stop = (): void => {
    if (!isStopped && workerd.pid !== undefined && workerd.exitCode === null) process.kill(-workerd.pid);
    isStopped = true;
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", stop);
  return { url: `http://127.0.0.1:${await portToldBy(workerd.stdout)}/`, stop };
}

async function portToldBy(output: NodeJS.ReadableStream): Promise<number> {
  for await (const line of createInterface(output)) {
    const told: unknown = JSON.parse(line);
    if (typeof told === "object" && told !== null && "port" in told) return Number(told.port);
  }
  throw new Error("workerd ended before it listened");
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** By default a worker may reach only the public internet, and has some of Node's modules. */
function configWith(texts: Readonly<Record<string, string>>): string {
  const bindings = Object.entries(texts).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`);
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-17",
  compatibilityFlags = ["no_nodejs_compat", "no_nodejs_compat_v2"],
  bindings = [${bindings.join(", ")}],
);
`;
}
