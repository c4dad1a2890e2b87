/**
 * The words of a command, told apart: options with their values, and the others. Enters: the words, and which options there
 * are. Leaves: both, or CliError with one short line.
 * @module
 */

import { parseArgs, type ParseArgsConfig } from "node:util";
import { CliError, errorCode } from "./failures.ts";
import type { Topic } from "./options.ts";

export type Options = NonNullable<ParseArgsConfig["options"]>;

/** node:util's parser, with its refusals in one short line. */
export function parsed<const Known extends Options>(
  command: Topic,
  args: readonly string[],
  options: Known,
): ReturnType<typeof parseArgs<{ args: string[]; options: Known; allowPositionals: true; strict: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    if (errorCode(error)?.startsWith("ERR_PARSE_ARGS") !== true || !(error instanceof Error)) throw error;
    const [sentence = ""] = error.message.split(/\.(?:\s|$)|\n/);
    const help = command === "demo" ? "tlschart --help" : `tlschart ${command} --help`;
    throw new CliError(`${sentence.charAt(0).toLowerCase()}${sentence.slice(1)} (see ${help})`);
  }
}
