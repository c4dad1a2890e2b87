/**
 * One run of the command line: from words to an exit code. Whatever goes wrong becomes a line on stderr.
 * @module
 */

import { parseArguments } from "./arguments.ts";
import { runConnect } from "./connect.ts";
import { runDemo } from "./demo.ts";
import { type ExitCode, failureOf } from "./failures.ts";
import type { Command } from "./options.ts";
import { runRelay } from "./relay.ts";
import { runServe } from "./serve.ts";
import type { Streams, Surroundings } from "./streams.ts";
import { usage, version } from "./usage.ts";
import { runVerify } from "./verify.ts";

/** `args` are the words after `tlschart`. Never rejects. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const note = (line: string): void => void surroundings.stderr.write(`tlschart: ${line}\n`);
  try {
    return await carryOut(parseArguments(args), { ...surroundings, note });
  } catch (error) {
    const { exitCode, lines } = failureOf(error);
    lines.forEach(note);
    return exitCode;
  }
}

async function carryOut(command: Command, streams: Streams): Promise<ExitCode> {
  switch (command.name) {
    case "help":
      streams.stdout.write(usage(command.topic));
      return 0;
    case "version":
      streams.stdout.write(`${version()}\n`);
      return 0;
    case "demo":
      return await runDemo(command, streams);
    case "connect":
      return await runConnect(command, streams);
    case "serve":
      return await runServe(command, streams);
    case "relay":
      return await runRelay(command, streams);
    case "verify":
      return await runVerify(command, streams);
  }
}
