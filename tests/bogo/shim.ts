/**
 * The shim: a program on the public face that BoringSSL's test runner starts for each of its tests (ssl/test/PORTING.md).
 * It dials the runner, is client or server there, and says how that ended: 0 and an empty standard error, or 1 and the
 * reason there, or 89 for a test that asks for what isn't there.
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { converse } from "./conversation.ts";
import { dial } from "./dial.ts";
import { type AllFlags, parseFlags, Unimplemented } from "./flags.ts";
import { createConnection } from "./options.ts";

const unimplementedCode = 89;

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.initial.has("is-handshaker-supported")) writeSync(1, "No\n");
  else await runAll(flags);
  process.exit(0);
} catch (error) {
  writeSync(2, `${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}\n`);
  process.exit(error instanceof Unimplemented ? unimplementedCode : 1);
}

async function runAll({ initial, resume }: AllFlags): Promise<void> {
  if (initial.number("resume-count") > 0) throw new Unimplemented("resumption");
  for (let index = 0; index <= initial.number("resume-count"); index++) {
    const flags = index === 0 ? initial : resume;
    const tls = createConnection(flags);
    await converse(tls, await dial(flags), flags);
  }
}
