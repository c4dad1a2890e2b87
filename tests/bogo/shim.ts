/**
 * The shim: a program on the public face that BoringSSL's test runner starts for each of its tests (ssl/test/PORTING.md).
 * It dials the runner, is client or server there, and says how that ended: 0 and an empty standard error, or 1 and the
 * reason there, or 89 for a test that asks for what isn't there.
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { TlsError } from "../../mod.ts";
import { converse } from "./conversation.ts";
import { type AllFlags, parseFlags, Unimplemented } from "./flags.ts";
import { Memory } from "./memory.ts";

const unimplementedCode = 89;

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.initial.has("is-handshaker-supported")) writeSync(1, "No\n");
  else await runAll(flags);
  process.exit(0);
} catch (error) {
  writeSync(2, `${textOf(error)}\n`);
  process.exit(error instanceof Unimplemented ? unimplementedCode : 1);
}

async function runAll({ initial, resume }: AllFlags): Promise<void> {
  const memory = new Memory();
  for (let index = 0; index <= initial.number("resume-count"); index++) {
    const flags = index === 0 ? initial : resume;
    await converse(flags, memory, index > 0);
    memory.wait(flags.number("resumption-delay"));
  }
}

/** With the state in which a connection failed: the same fault may have another name there. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.name}: ${error.message}${error instanceof TlsError ? ` [${error.state ?? "no state"}]` : ""}`;
}
