/**
 * The command `connect`: a TLS client that pipes stdin and stdout, or does one HTTP request.
 * @module
 */

import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import {
  type CertificateVerifier,
  createCertificateVerifier,
  insecureAcceptAnyCertificate,
  nobleProvider,
} from "../../mod.ts";
import { connectTls, defaultTrustAnchors, type TlsStream } from "../node.ts";
import type { ConnectOptions } from "./arguments.ts";
import { CliError, connectionReason, type ExitCode } from "./failures.ts";
import { openKeyLog, readCertificates } from "./files.ts";
import { getOnce } from "./http_get.ts";
import { type Narrator, narratorFor } from "./narrator.ts";
import type { Streams } from "./streams.ts";

/** Throws what goes wrong before the handshake is over, and after. */
export async function runConnect(options: ConnectOptions, streams: Streams): Promise<ExitCode> {
  const { host, port, get } = options;
  const peer = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  if (options.insecure) warn(streams.note);
  const verifier = verifierFor(options);
  const keyLog = openKeyLog(options.keyLog, streams.env);
  const narrator = narratorFor("client", options, streams);
  const tls = open(options, verifier, narrator, keyLog?.write);
  try {
    await tls.opened.catch((error: unknown) => {
      const reason = connectionReason(error);
      throw reason === undefined ? error : new CliError(`cannot connect to ${peer}: ${reason}`);
    });
    narrator?.tellHandshake();
    if (get === undefined) await pipe(tls, streams);
    else await getOnce(tls, { host, port, path: get }, streams);
    return 0;
  } finally {
    await tls.close();
    narrator?.tellRest();
    keyLog?.close();
    // Otherwise a terminal that is still open for reading keeps the process alive.
    streams.stdin.destroy();
  }
}

function open(
  options: ConnectOptions,
  verifier: CertificateVerifier,
  narrator: Narrator | undefined,
  onKeyLog: ((line: string) => void) | undefined,
): TlsStream {
  const { host, port, cipherSuites, namedGroups, get } = options;
  const socket = connect({ host, port, noDelay: true });
  socket.once("connect", () => narrator?.story.begin());
  try {
    return connectTls({
      socket,
      serverName: options.serverName ?? host,
      certificateVerifier: narrator?.timedVerifier(verifier) ?? verifier,
      provider: narrator?.timedProvider(nobleProvider) ?? nobleProvider,
      cipherSuites,
      namedGroups,
      alpnProtocols: options.alpnProtocols ?? (get === undefined ? undefined : ["http/1.1"]),
      onKeyLog,
      ...narrator?.traceOptions,
    });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function verifierFor({ insecure, ca }: ConnectOptions): CertificateVerifier {
  if (insecure) return insecureAcceptAnyCertificate;
  const trustAnchors = ca === undefined ? defaultTrustAnchors() : readCertificates(ca, "--ca");
  return createCertificateVerifier({ trustAnchors, signatureSchemes: nobleProvider.signatureSchemes });
}

function warn(note: Streams["note"]): void {
  note("WARNING: --insecure: the server's certificate is NOT checked.");
  note("WARNING: Whoever is on the way can read and change everything. Use it for tests only.");
}

/** Both directions at once; over when the server ends. */
async function pipe(tls: TlsStream, { stdin, stdout }: Streams): Promise<void> {
  const over = new AbortController();
  let lastSign = performance.now();
  const sending = send(tls, stdin, () => lastSign, over.signal);
  // What keeps us from sending keeps the server's words from us too, and is thrown there, or else doesn't matter.
  sending.catch(() => {});
  try {
    for await (const bytes of tls.readable) {
      lastSign = performance.now();
      if (!stdout.write(bytes)) await new Promise((resolve) => stdout.once("drain", resolve));
      lastSign = performance.now();
    }
  } finally {
    over.abort();
  }
}

async function send(tls: TlsStream, stdin: Readable, lastSign: () => number, over: AbortSignal): Promise<void> {
  const writer = tls.writable.getWriter();
  for await (const chunk of stdin) await writer.write(chunk);
  const began = performance.now();
  for (;;) {
    const wait = Math.max(began, lastSign()) + silence - performance.now();
    if (wait <= 0) break;
    await delay(wait, undefined, { signal: over });
  }
  await writer.close();
}

/**
 * In ms. RFC 5246 §7.2.1 makes a peer that gets close_notify drop what it still wanted to say, and some do: so the end of
 * stdin, after which `openssl s_client -quiet` says nothing at all, is passed on only when the server has nothing more to say.
 */
const silence = 1000;
