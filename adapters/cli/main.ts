#!/usr/bin/env node
/**
 * The command `tlschart`: gives a run of the command line the real streams, and its exit code to the process.
 * @module
 */

import process from "node:process";
import { run } from "./run.ts";

const { stdin, stdout, stderr, env } = process;

/** Whoever reads our output may have seen enough (`| head`): that is no failure. */
for (const stream of [stdout, stderr]) {
  stream.on("error", (error: Error & { readonly code?: string }) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
}

const stopped = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });

run(process.argv.slice(2), { stdin, stdout, stderr, env, stopped }).then((exitCode) => {
  process.exitCode = exitCode;
});
