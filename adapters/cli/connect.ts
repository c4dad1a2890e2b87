/**
 * The command `connect`: a TLS client that pipes stdin and stdout, or does one HTTP request.
 * @module
 */

import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { nobleProvider } from "../../mod.ts";
import { connectTls, type TlsStream, type TlsStreamInfo } from "../node.ts";
import { credentialIn, type LoadedFiles } from "./credential.ts";
import type { ConnectOptions } from "./options.ts";
import { CliError, connectionReason, type ExitCode, failureOf } from "./failures.ts";
import { openKeyLog } from "./files.ts";
import { bytes } from "./fields.ts";
import { hintsFor, notShown } from "./hints.ts";
import { getOnce } from "./http_get.ts";
import { type Narrator, narratorFor } from "./narrator.ts";
import { type SeenMessages, watchMessages } from "./seen_messages.ts";
import { openSessionFile, type SessionFile } from "./session_file.ts";
import { sessionText } from "./session_text.ts";
import type { Streams } from "./streams.ts";
import { byteCount } from "./terminal.ts";
import { type ServerVerifier, serverVerifierFor } from "./server_verifier.ts";

/** Throws what goes wrong before the handshake is over, and after. */
export async function runConnect(options: ConnectOptions, streams: Streams): Promise<ExitCode> {
  const { host, port, get } = options;
  const peer = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  if (options.insecure) warn(streams.note);
  const verifier = serverVerifierFor(options);
  const credential = options.credential === undefined ? undefined : credentialIn(options.credential);
  const session = options.session === undefined ? undefined : openSessionFile(options.session, streams.note);
  const keyLog = openKeyLog(options.keyLog, streams.env);
  const narrator = narratorFor("client", options, streams);
  const messages = watchMessages(narrator);
  const equipment = { verifier, credential, narrator, session, messages, onKeyLog: keyLog?.write };
  const tls = open(options, equipment);
  try {
    const info = await tls.opened.catch((error: unknown) => {
      const reason = connectionReason(error);
      throw reason === undefined ? error : new CliError(`cannot connect to ${peer}: ${reason}`);
    });
    tellAgreed(options, info, equipment, streams.note);
    narrator?.tellHandshake();
    if (get === undefined) await pipe(tls, streams);
    else await getOnce(tls, { host, port, path: get }, streams);
    return 0;
  } catch (error) {
    // What a failure does to the session has been done then.
    await tls.close();
    throw withHints(error, options, equipment);
  } finally {
    await tls.close();
    narrator?.tellRest();
    keyLog?.close();
    // Otherwise a terminal that is still open for reading keeps the process alive.
    streams.stdin.destroy();
  }
}

interface Equipment {
  readonly verifier: ServerVerifier;
  readonly credential: LoadedFiles | undefined;
  readonly narrator: Narrator | undefined;
  readonly session: SessionFile | undefined;
  readonly messages: SeenMessages;
  readonly onKeyLog: ((line: string) => void) | undefined;
}

function open(options: ConnectOptions, equipment: Equipment): TlsStream {
  const { verifier, credential, narrator, session, messages, onKeyLog } = equipment;
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
      credentials: credential === undefined ? undefined : [credential],
      sessionCache: session?.cache,
      tickets: options.tickets,
      requestOcspResponse: options.ocsp,
      legacyCbc: options.legacyCbc,
      maxFragmentLength: options.maxFragmentLength,
      recordSizeLimit: options.recordSizeLimit,
      onKeyLog,
      ...messages.traceOptions,
    });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** One line of what was agreed, then what didn't come of what was asked for, and what becomes of the session. */
function tellAgreed(options: ConnectOptions, info: TlsStreamInfo, equipment: Equipment, note: Streams["note"]): void {
  const { ocsp, credential } = options;
  const { session, messages, verifier } = equipment;
  note(sessionText("client", info, statusText(info, verifier)));
  if (ocsp && info.ocspResponse === undefined && !info.resumed) note("the server stapled no OCSP response");
  if (credential !== undefined && info.localCertificates.length === 0 && !info.resumed) {
    const reason = notShown(messages, equipment.credential?.certificateChain ?? []);
    note(reason ?? "the server asked for no certificate");
  }
  if (session !== undefined) tellSession(session, info, messages, note);
}

/** What became of a stapled response. A session that is resumed brings that of its full handshake. */
function statusText({ ocspResponse, resumed }: TlsStreamInfo, verifier: ServerVerifier): string | undefined {
  if (ocspResponse === undefined) return undefined;
  const length = `OCSP response of ${byteCount(ocspResponse.length)}`;
  if (resumed) return `${length} from the session's first connection`;
  const status = verifier.stapledStatus();
  return status === undefined ? `${length}, not verified` : `${length} (${status})`;
}

function tellSession(file: SessionFile, info: TlsStreamInfo, messages: SeenMessages, note: Streams["note"]): void {
  const { path } = file;
  const { found, saved } = file.fate();
  if (found && !info.resumed) note(`the session in ${path} was not resumed: ${whyNotResumed(messages)}`);
  if (saved) {
    note(`the session is saved in ${path}, which lets its reader decrypt it; the next connection resumes it`);
  } else if (!info.resumed) {
    note(`there is no session to save in ${path}: the server keeps none, and gives no ticket`);
  }
}

/** A client names no session unless it wants to resume one (RFC 5246 §7.4.1.2; RFC 5077 §3.4). */
function whyNotResumed(messages: SeenMessages): string {
  const hello = messages.fieldsOf("sent", "client_hello") ?? {};
  const wasOffered = ["session_id", "session_ticket"].some((name) => bytes(hello, name).length > 0);
  if (wasOffered) return "the server wanted a full handshake";
  return "it has expired, or was made for another name, another trust (--ca, --insecure), --cert or suite";
}

/** What may help, where an option would; and that a session is gone, as nobody asked for that. */
function withHints(error: unknown, options: ConnectOptions, { messages, session, credential }: Equipment): unknown {
  const hints = hintsFor(error, options, messages, credential?.certificateChain ?? []);
  const gone = session?.fate().forgotten === true
    ? [`the session in ${session.path} is forgotten, because a connection with it failed; the next one makes a new one`]
    : [];
  if (hints.length + gone.length === 0) return error;
  const { exitCode, lines: [first = "", ...more] } = failureOf(error);
  return new CliError(first, exitCode, [...more, ...hints, ...gone]);
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
