/**
 * A file that keeps one session of a client, so that the next connection resumes it. It is as SECRET as the session: only
 * its owner may read it. What isn't such a file is never written over.
 * @module
 */

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { encodePem, type SessionCache } from "../../mod.ts";
import { CliError, systemReason } from "./failures.ts";

/** A cache for one session, in one file. */
export interface SessionFile {
  readonly cache: SessionCache;
  /** What became of it: was there one, and is there one now? */
  readonly fate: () => { readonly offered: boolean; readonly saved: boolean };
}

/** Reads the file if there is one. Throws CliError for one that can't be read, or is something else. */
export function openSessionFile(path: string): SessionFile {
  let session = read(path);
  const offered = session !== undefined;
  let saved = false;
  const cache: SessionCache = {
    // Whether it was made with this server is in the session itself, and looked at there.
    load: () => session,
    store: (_, bytes) => {
      write(path, encodePem(label, bytes));
      session = new Uint8Array(bytes);
      saved = true;
    },
    remove: () => {
      rmSync(path, { force: true });
      session = undefined;
      saved = false;
    },
  };
  return { cache, fate: () => ({ offered, saved }) };
}

const label = "TLSCHART CLIENT SESSION";

function read(path: string): Uint8Array | undefined {
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    const reason = systemReason(error);
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw reason === undefined ? error : new CliError(`--session ${path}: ${reason}`);
  }
  if (text === "") return undefined;
  const [, base64] =
    new RegExp(`^-----BEGIN ${label}-----\\s+([A-Za-z0-9+/=\\s]+)-----END ${label}-----\\s*$`).exec(text) ??
      [];
  if (base64 === undefined) throw new CliError(`--session ${path}: there is something else in it than a session`);
  return new Uint8Array(Buffer.from(base64, "base64"));
}

/** In one step, so that whoever reads it meanwhile gets the old one or the new one; what could be read by others can't any more. */
function write(path: string, text: string): void {
  const fresh = `${path}.${process.pid}.new`;
  try {
    writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    const reason = systemReason(error);
    throw reason === undefined ? error : new CliError(`--session ${path}: ${reason}`);
  }
}
