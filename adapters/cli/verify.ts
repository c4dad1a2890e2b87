/**
 * The command `verify`: judges a certificate in a file with the library's X.509 part, and explains the verdict.
 * Fetches nothing; the same files, options and time have the same verdict.
 * @module
 */

import type { Readable } from "node:stream";
import { type Certificate, policies, verifyCertificate } from "../../mod.ts";
import { defaultTrustAnchors } from "../node.ts";
import type { ExitCode } from "./failures.ts";
import {
  certificatesIn,
  readCertificates,
  readOcspResponse,
  readPublicSuffixes,
  readRevocationLists,
} from "./files.ts";
import type { FoundCertificate, Judgement } from "./judgement.ts";
import type { VerifyOptions } from "./options.ts";
import type { Streams } from "./streams.ts";
import { paletteFor } from "./terminal.ts";
import { verdictJson } from "./verdict_json.ts";
import { verdictLines } from "./verdict_text.ts";

/** 0 for a certificate that is accepted, 1 for one that is refused. Throws CliError for what has no verdict. */
export async function runVerify(options: VerifyOptions, { stdin, stdout, env }: Streams): Promise<ExitCode> {
  const input = options.files.includes("-") ? await bytesOf(stdin) : new Uint8Array();
  // A terminal that is still open for reading keeps the process alive.
  stdin.destroy();
  const judgement = judge(options, input);
  const text = options.json ? verdictJson(judgement) : verdictLines(judgement, paletteFor(stdout, env)).join("\n");
  stdout.write(`${text}\n`);
  return judgement.verdict.accepted ? 0 : 1;
}

function judge(options: VerifyOptions, stdin: Uint8Array): Judgement {
  const { serverName, emailAddress, purpose, pins, ocsp, publicSuffixes, maxIntermediates } = options;
  const chain = options.files.flatMap((path) =>
    path === "-"
      ? found("stdin", certificatesIn(stdin, "stdin", "verify"))
      : found(path, readCertificates(path, "verify"))
  );
  const trustAnchors = options.ca.length === 0
    ? defaultTrustAnchors().map((certificate) => ({ certificate, from: "the roots of Node" }))
    : options.ca.flatMap((path) => found(path, readCertificates(path, "--ca")));
  const crls = options.crls.flatMap((path) => readRevocationLists(path, "--crl"));
  const now = options.time ?? Date.now();
  const verdict = verifyCertificate({
    chain: chain.map(({ certificate }) => certificate),
    trustAnchors: trustAnchors.map(({ certificate }) => certificate),
    serverName,
    emailAddress,
    acceptAnyName: options.anyName,
    purpose,
    now,
    policy: policies[options.policy],
    crls,
    pins: pins.length === 0 ? undefined : pins,
    requireRevocationStatus: options.requireRevocationStatus,
    ocspResponse: ocsp === undefined ? undefined : readOcspResponse(ocsp, "--ocsp"),
    isPublicSuffix: publicSuffixes === undefined ? undefined : readPublicSuffixes(publicSuffixes, "--public-suffixes"),
    limits: maxIntermediates === undefined ? undefined : { maxIntermediates },
  });
  return { verdict, options, now, chain, trustAnchors, revocationLists: crls.length };
}

function found(name: string, certificates: readonly Certificate[]): readonly FoundCertificate[] {
  return certificates.map((certificate, index) => ({
    certificate,
    from: certificates.length === 1 ? name : `${name}, number ${index + 1}`,
  }));
}

async function bytesOf(stdin: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}
