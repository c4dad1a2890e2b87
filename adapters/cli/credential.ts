/**
 * What `serve` proves itself with: files, or a certificate made on the spot.
 * @module
 */

import { createHash } from "node:crypto";
import {
  type Certificate,
  createTlsServer,
  type Credential,
  encodePem,
  issueSelfSigned,
  loadCertificates,
  nobleProvider,
  type PrivateKey,
  TlsUsageError,
} from "../../mod.ts";
import { CliError } from "./failures.ts";
import { readCertificates, readOcspResponse, readPrivateKey } from "./files.ts";
import type { CredentialFiles, ServeOptions } from "./options.ts";

export interface ServerCredentials {
  /** The first one is the default. */
  readonly credentials: readonly Credential[];
  /** What people and clients need to trust it; only for one that was made on the spot. */
  readonly selfSigned: { readonly pem: string; readonly names: string; readonly fingerprint: string } | undefined;
}

/** Throws CliError, or TlsUsageError for names that no certificate can bear. */
export function credentialsFor({ credential, ocsp }: Pick<ServeOptions, "credential" | "ocsp">): ServerCredentials {
  const { credentials, selfSigned } = credential.type === "files"
    ? { credentials: credential.files.map(credentialIn), selfSigned: undefined }
    : madeFor(credential.names);
  const responses = ocsp.map((path) => readOcspResponse(path, "--ocsp"));
  return { selfSigned, credentials: credentials.map((one, index) => ({ ...one, ocspResponse: responses[index] })) };
}

/** What is in a --cert and a --key. */
export interface LoadedFiles {
  readonly certificateChain: readonly Certificate[];
  readonly privateKey: PrivateKey;
}

/** A certificate and its key, from two files that belong together. Throws CliError, which names them. */
export function credentialIn({ cert, key }: CredentialFiles): LoadedFiles {
  const loaded = { certificateChain: readCertificates(cert, "--cert"), privateKey: readPrivateKey(key, "--key") };
  try {
    // The connection says the same, but not of which of several files.
    createTlsServer({ credentials: [loaded], now: Date.now, random });
  } catch (error) {
    throw error instanceof TlsUsageError ? new CliError(`--cert ${cert} --key ${key}: ${error.message}`) : error;
  }
  return loaded;
}

function madeFor(names: readonly string[]): ServerCredentials {
  const { chain, privateKey } = issueSelfSigned({ provider: nobleProvider, names, random, now: Date.now() });
  return {
    credentials: [{ certificateChain: chain.flatMap(loadCertificates), privateKey }],
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
