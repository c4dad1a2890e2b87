/**
 * A file that keeps one session of a client, so that the next connection resumes it. It is as SECRET as the session: only
 * its owner may read it. What isn't such a file is never written over.
 *
 *   PEM of: session  SHA-256(session)
 *
 * The digest finds damage: a session with a wrong secret would be offered, and fail as if the server were to blame.
 * @module
 */

import { createHash } from "node:crypto";
import { chmodSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import process from "node:process";
import { encodePem, type SessionCache } from "../../mod.ts";
import { CliError, systemReason } from "./failures.ts";

/** A cache for one session, in one file. */
export interface SessionFile {
  readonly path: string;
  readonly cache: SessionCache;
  /** What became of it: was there one at the beginning, is there a new one, was one forgotten? */
  readonly fate: () => { readonly found: boolean; readonly saved: boolean; readonly forgotten: boolean };
}

/**
 * Reads the file if there is one, and sees to it that others can't, which is noted. Throws CliError for one that can't be
 * read, or is something else, and where none could be written.
 */
export function openSessionFile(path: string, note: (line: string) => void): SessionFile {
  let session = read(path);
  const found = session !== undefined;
  let [saved, forgotten] = [false, false];
  if (found) makePrivate(path, note);
  checkWritable(path);
  const cache: SessionCache = {
    // Whether it was made with this server is in the session itself, and looked at there.
    load: () => session,
    store: (_, bytes) => {
      write(path, encodePem(label, Buffer.concat([bytes, digestOf(bytes)])));
      session = new Uint8Array(bytes);
      saved = true;
      forgotten = false;
    },
    remove: () => {
      rmSync(path, { force: true });
      forgotten = session !== undefined;
      session = undefined;
      saved = false;
    },
  };
  return { path, cache, fate: () => ({ found, saved, forgotten }) };
}

const label = "TLSCHART CLIENT SESSION";
/** Of SHA-256, in bytes. */
const digestLength = 32;

function digestOf(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

function read(path: string): Uint8Array | undefined {
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw refusal(path, error);
  }
  if (text === "") return undefined;
  const [, base64] =
    new RegExp(`^-----BEGIN ${label}-----\\s+([A-Za-z0-9+/=\\s]+)-----END ${label}-----\\s*$`).exec(text) ??
      [];
  if (base64 === undefined) throw new CliError(`--session ${path}: there is something else in it than a session`);
  const bytes = new Uint8Array(Buffer.from(base64, "base64"));
  const session = bytes.slice(0, -digestLength);
  if (Buffer.compare(digestOf(session), bytes.subarray(session.length)) === 0) return session;
  throw new CliError(`--session ${path}: the session in it is damaged; without the file a new one is made`);
}

/** Whoever can read the file can decrypt. Windows has no such bits. */
function makePrivate(path: string, note: (line: string) => void): void {
  if (process.platform === "win32" || (statSync(path).mode & 0o077) === 0) return;
  try {
    chmodSync(path, 0o600);
    note(`others could read the session in ${path}, and decrypt it; now only its owner can`);
  } catch {
    note(`WARNING: others can read the session in ${path}, and decrypt it`);
  }
}

/** Before any connection: one whose session can't be saved would be broken off. */
function checkWritable(path: string): void {
  const trial = freshName(path);
  try {
    writeFileSync(trial, "", { mode: 0o600, flag: "wx" });
    rmSync(trial);
  } catch (error) {
    throw refusal(path, error);
  }
}

/** In one step, so that whoever reads it meanwhile gets the old one or the new one; what could be read by others can't any more. */
function write(path: string, text: string): void {
  const fresh = freshName(path);
  try {
    writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw refusal(path, error);
  }
}

/** Beside the file, so that it can take its name. */
function freshName(path: string): string {
  return `${path}.${process.pid}.new`;
}

function refusal(path: string, error: unknown): unknown {
  const reason = systemReason(error);
  return reason === undefined ? error : new CliError(`--session ${path}: ${reason}`);
}
