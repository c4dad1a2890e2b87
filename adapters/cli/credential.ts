/**
 * What `serve` proves itself with: files, or a certificate made on the spot.
 * @module
 */

import { createHash } from "node:crypto";
import { type Credential, encodePem, issueSelfSigned, loadCertificates, nobleProvider } from "../../mod.ts";
import type { ServeOptions } from "./arguments.ts";
import { readCertificates, readPrivateKey } from "./files.ts";

export interface ServerCredential {
  readonly credential: Credential;
  /** What people and clients need to trust it; only for one that was made on the spot. */
  readonly selfSigned: { readonly pem: string; readonly names: string; readonly fingerprint: string } | undefined;
}

/** Throws CliError, or TlsUsageError for names that no certificate can bear. */
export function credentialFor(wanted: ServeOptions["credential"]): ServerCredential {
  return wanted.type === "files" ? fromFiles(wanted.cert, wanted.key) : madeFor(wanted.names);
}

function fromFiles(cert: string, key: string): ServerCredential {
  const credential = { certificateChain: readCertificates(cert, "--cert"), privateKey: readPrivateKey(key, "--key") };
  return { credential, selfSigned: undefined };
}

function madeFor(names: readonly string[]): ServerCredential {
  const { chain, privateKey } = issueSelfSigned({ provider: nobleProvider, names, random, now: Date.now() });
  return {
    credential: { certificateChain: chain.flatMap(loadCertificates), privateKey },
    selfSigned: {
      pem: encodePem("CERTIFICATE", chain[0]),
      names: names.join(", "),
      fingerprint: createHash("sha256").update(chain[0]).digest("hex"),
    },
  };
}

/** The system's randomness. */
export function random(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
