/**
 * Whom Node trusts: the roots that it brings, and those in the file that NODE_EXTRA_CA_CERTS names.
 * Read at the first call, once.
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { rootCertificates } from "node:tls";
import { type Certificate, loadCertificates, TlsUsageError } from "../mod.ts";

let anchors: readonly Certificate[] | undefined;

/**
 * The trust anchors of `connectTls` unless it is told others. A root of Node's that can't be read is left out.
 * Throws TlsUsageError when the file in NODE_EXTRA_CA_CERTS can't be read.
 *
 * @example
 * connectTls({ host, port, trustAnchors: [...defaultTrustAnchors(), ownAuthority] });
 */
export function defaultTrustAnchors(): readonly Certificate[] {
  anchors ??= readTrustAnchors(rootCertificates, process.env["NODE_EXTRA_CA_CERTS"]);
  return anchors;
}

/** Roots in PEM, and a file with more of them. */
export function readTrustAnchors(roots: readonly string[], extraFile: string | undefined): readonly Certificate[] {
  const extra = extraFile === undefined || extraFile === "" ? [] : certificatesIn(extraFile);
  return [...roots.flatMap(readableRoot), ...extra];
}

function readableRoot(pem: string): readonly Certificate[] {
  try {
    return loadCertificates(pem);
  } catch {
    return [];
  }
}

function certificatesIn(path: string): readonly Certificate[] {
  try {
    return loadCertificates(readFileSync(path));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TlsUsageError(`Cannot use NODE_EXTRA_CA_CERTS (${path}): ${why}`, { cause });
  }
}
