#!/usr/bin/env node
/**
 * The command `tlschart`: reads the arguments, runs a command, and turns whatever goes wrong into a line and an exit code.
 * @module
 */

import process from "node:process";
import { type Command, parseArguments } from "./arguments.ts";
import { runConnect } from "./connect.ts";
import { runDemo } from "./demo.ts";
import { type ExitCode, failureOf } from "./failures.ts";
import { runServe } from "./serve.ts";
import { paletteFor } from "./terminal.ts";
import { usage, version } from "./usage.ts";

/** Whoever reads our output may have seen enough (`| head`): that is no failure. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: Error & { readonly code?: string }) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
}

run(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});

async function run(args: readonly string[]): Promise<ExitCode> {
  try {
    return await carryOut(parseArguments(args));
  } catch (error) {
    const { exitCode, lines } = failureOf(error);
    lines.forEach(note);
    return exitCode;
  }
}

async function carryOut(command: Command): Promise<ExitCode> {
  switch (command.name) {
    case "help":
      print(usage(command.topic));
      return 0;
    case "version":
      print(`${version()}\n`);
      return 0;
    case "demo":
      return await runDemo(command, print, paletteFor(process.stdout));
    case "connect":
      return await runConnect(command, { stdin: process.stdin, stdout: process.stdout, note });
    case "serve":
      return await runServe(command, { print, note });
  }
}

function print(text: string): void {
  process.stdout.write(text);
}

function note(line: string): void {
  process.stderr.write(`tlschart: ${line}\n`);
}
