/**
 * The files that a command names: certificates, keys, key logs. Each refusal is one line that names the file.
 * @module
 */

import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import {
  type Certificate,
  type CertificateRevocationList,
  loadCertificateRevocationLists,
  loadCertificates,
  loadPrivateKey,
  type PrivateKey,
  publicSuffixMatcher,
  TlsUsageError,
} from "../../mod.ts";
import { CliError, systemReason } from "./failures.ts";
import type { Surroundings } from "./streams.ts";

/** The certificates in a file, PEM or DER; at least one. */
export function readCertificates(path: string, option: string): readonly Certificate[] {
  return inFile(path, option, () => loadCertificates(readFileSync(path)));
}

/** The same from what was read already, such as stdin. */
export function certificatesIn(bytes: Uint8Array, path: string, option: string): readonly Certificate[] {
  return inFile(path, option, () => loadCertificates(bytes));
}

/** The revocation lists in a file, PEM or DER; at least one. */
export function readRevocationLists(path: string, option: string): readonly CertificateRevocationList[] {
  return inFile(path, option, () => loadCertificateRevocationLists(readFileSync(path)));
}

/** Whether a domain is a public suffix, by the list in a file. */
export function readPublicSuffixes(path: string, option: string): (domain: string) => boolean {
  return inFile(path, option, () => publicSuffixMatcher(readFileSync(path, "utf8")));
}

/** The one private key in a file, PEM or DER. */
export function readPrivateKey(path: string, option: string): PrivateKey {
  return inFile(path, option, () => loadPrivateKey(readFileSync(path)));
}

/** An OCSP response, in DER as `openssl ocsp -respout` writes it. Whether it is right is for clients to judge. */
export function readOcspResponse(path: string, option: string): Uint8Array {
  const bytes = inFile(path, option, () => readFileSync(path));
  // RFC 6960 §4.2.1: a SEQUENCE that begins with an ENUMERATED. A length from 128 on has its own length before it.
  const [tag, length = 0] = bytes;
  const begin = length < 0x80 ? 2 : 2 + (length & 0x7f);
  if (tag === 0x30 && bytes[begin] === 0x0a) return new Uint8Array(bytes);
  throw new CliError(`${option} ${path}: it is no OCSP response in DER`);
}

/** Where the lines of a key log go. */
export interface KeyLog {
  write(line: string): void;
  close(): void;
}

/**
 * The key log that was asked for by option, or else by the environment; `undefined` when none was.
 * It is opened at once, so that a wrong path is told before any connection, and only its owner may read it.
 */
export function openKeyLog(path: string | undefined, env: Surroundings["env"]): KeyLog | undefined {
  const [name, source] = path === undefined ? [env["SSLKEYLOGFILE"], "SSLKEYLOGFILE"] : [path, "--keylog"];
  if (name === undefined || name === "") return undefined;
  const file = inFile(name, source, () => openSync(name, "a", 0o600));
  return {
    // One call for each line: lines of several processes that write to one file stay whole.
    write: (line) => void writeSync(file, `${line}\n`),
    close: () => closeSync(file),
  };
}

function inFile<Value>(path: string, option: string, use: () => Value): Value {
  try {
    return use();
  } catch (error) {
    const reason = error instanceof TlsUsageError ? error.message : systemReason(error);
    if (reason === undefined) throw error;
    throw new CliError(`${option} ${path}: ${reason}`);
  }
}
