#!/usr/bin/env node
/**
 * The command `tlschart`: gives a run of the command line the real streams, and its exit code to the process.
 * @module
 */

import process from "node:process";
import { run } from "./run.ts";

const { stdin, stdout, stderr, env } = process;

/** Whoever reads our output may have seen enough (`| head`): that is no failure. A full disk is one. */
stdout.on("error", (error: Error & { readonly code?: string }) => {
  if (error.code === "EPIPE") process.exit(0);
  stderr.write(`tlschart: cannot write to stdout: ${error.message}\n`);
  process.exit(1);
});
/** There is nobody left to tell. */
stderr.on("error", () => {});

const stopped = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });

run(process.argv.slice(2), { stdin, stdout, stderr, env, stopped }).then((exitCode) => {
  process.exitCode = exitCode;
});
