/**
 * What `connect` verifies the server with, by its options: the library's verifier, or none at all.
 * Enters: options, files. Leaves: a verifier that also tells what became of a stapled OCSP response.
 * @module
 */

import { createHash } from "node:crypto";
import {
  type CertificateVerifier,
  createCertificateVerifier,
  insecureAcceptAnyCertificate,
  policies,
} from "../../mod.ts";
import { defaultTrustAnchors } from "../node.ts";
import { readCertificates, readRevocationLists } from "./files.ts";
import type { ConnectOptions } from "./options.ts";

export interface ServerVerifier extends CertificateVerifier {
  /** What a stapled response said of the server's certificate; `undefined` where none was verified. */
  readonly stapledStatus: () => string | undefined;
}

type Told = Pick<ConnectOptions, "insecure" | "ca" | "policy" | "crls" | "pins">;

/** Throws CliError for files that can't be read, TlsUsageError for pins that are none. */
export function serverVerifierFor(options: Told): ServerVerifier {
  if (options.insecure) return { ...insecureAcceptAnyCertificate, stapledStatus: () => undefined };
  const { ca, policy, pins } = options;
  const trustAnchors = ca === undefined ? defaultTrustAnchors() : readCertificates(ca, "--ca");
  const crls = options.crls.flatMap((path) => readRevocationLists(path, "--crl"));
  const verifier = createCertificateVerifier({
    trustAnchors,
    policy: policies[policy],
    crls,
    pins: pins.length === 0 ? undefined : pins,
  });
  let status: string | undefined;
  return {
    // A session that is saved may only be resumed by whoever trusts the same authorities, by the same rules.
    identity: `tlschart connect, ${
      digestOf([...trustAnchors, ...crls].map(({ der }) => der), policy, [...pins].sort())
    }`,
    verify: (request) => {
      const { checks, error } = verifier.explain(request);
      status = checks.find(({ check }) => check === "ocsp")?.text.replace(/^the OCSP response says that /, "");
      if (error !== undefined) throw error;
    },
    stapledStatus: () => status,
  };
}

function digestOf(files: readonly Uint8Array[], policy: string, pins: readonly string[]): string {
  const digests = files.map((der) => createHash("sha256").update(der).digest("hex"));
  return createHash("sha256").update(JSON.stringify([digests, policy, pins])).digest("hex");
}
