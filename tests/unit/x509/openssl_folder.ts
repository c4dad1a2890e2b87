/**
 * The openssl command as an independent judge and issuer: it works in a folder of its own, which is gone afterwards.
 * @module
 */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePem } from "../../../lib/x509/pem.ts";
import type { Suite } from "../../harness.ts";

export interface OpensslFolder {
  /** What the command prints; throws where it fails. */
  readonly openssl: (...parameters: readonly string[]) => string;
  /** All that `openssl verify` prints, whether it accepts or not. */
  readonly verdict: (...parameters: readonly string[]) => string;
  readonly read: (name: string) => string;
  readonly write: (name: string, text: string) => void;
  /** Certificates as PEM, all in one file. */
  readonly writeCertificates: (name: string, ...certificates: readonly Uint8Array[]) => void;
}

/** Why the command can't be used: skip the test then, with this reason. */
export function opensslMissing(): string | undefined {
  try {
    const version = execFileSync("openssl", ["version"], { encoding: "utf8", stdio: "pipe" });
    return /^OpenSSL [3-9]/.test(version) ? undefined : `${version.trim()} is not OpenSSL 3`;
  } catch {
    return "there is no openssl command";
  }
}

/** Adds tests to a suite that get a folder; they are skipped where there is no OpenSSL 3. */
export function opensslTests(suite: Suite): (title: string, body: (folder: OpensslFolder) => void) => void {
  const missing = opensslMissing();
  return (title, body) => {
    if (missing !== undefined) suite.skip(title, missing);
    else suite(title, () => inFolder(body));
  };
}

function inFolder(body: (folder: OpensslFolder) => void): void {
  const path = mkdtempSync(join(tmpdir(), "x509-"));
  const write = (name: string, text: string): void => writeFileSync(join(path, name), text);
  try {
    body({
      openssl: (...parameters) => execFileSync("openssl", parameters, { cwd: path, encoding: "utf8", stdio: "pipe" }),
      verdict: (...parameters) => {
        const { stdout, stderr } = spawnSync("openssl", ["verify", ...parameters], { cwd: path, encoding: "utf8" });
        return stdout + stderr;
      },
      read: (name) => readFileSync(join(path, name), "utf8"),
      write,
      writeCertificates: (name, ...certificates) =>
        write(name, certificates.map((der) => encodePem("CERTIFICATE", der)).join("")),
    });
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}
