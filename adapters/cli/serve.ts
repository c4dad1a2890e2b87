/**
 * The command `serve`: a TLS server for any number of connections, which answers HTTP with a page of facts or echoes.
 * One line on stderr for each connection and each failure; no connection can end the server.
 * @module
 */

import { createServer, type Server, type Socket } from "node:net";
import {
  type Certificate,
  createTicketKeyRing,
  createTlsServer,
  type Credential,
  type CryptoProvider,
  nobleProvider,
  type ServerConfig,
  type TicketKey,
} from "../../mod.ts";
import { acceptTls, type TlsStream } from "../node.ts";
import { credentialsFor, random } from "./credential.ts";
import { duplexOf } from "./duplex.ts";
import { CliError, type ExitCode, failureLine, systemReason } from "./failures.ts";
import { type KeyLog, openKeyLog, readCertificates } from "./files.ts";
import { type Narrator, narratorFor } from "./narrator.ts";
import type { ServeOptions } from "./options.ts";
import { watchMessages } from "./seen_messages.ts";
import { sessionText } from "./session_text.ts";
import type { Streams } from "./streams.ts";
import { listening } from "./wiretap.ts";
import { type PageServer, pageServer } from "./page_server.ts";

/** Serves until it is stopped. Throws what keeps it from beginning. */
export async function runServe(options: ServeOptions, streams: Streams): Promise<ExitCode> {
  const { credentials, selfSigned } = credentialsFor(options);
  const { clientCa } = options;
  const trustAnchors = clientCa === undefined ? undefined : readCertificates(clientCa, "--client-ca");
  const keyLog = openKeyLog(options.keyLog, streams.env);
  const serving = new Serving(options, { credentials, trustAnchors }, keyLog, streams);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => serving.accept(socket));
  const listens = await listen(server, options, streams.note);
  if (selfSigned !== undefined) {
    streams.stdout.write(selfSigned.pem);
    streams.note(`self-signed certificate for ${selfSigned.names}, SHA-256 ${selfSigned.fingerprint}`);
  }
  streams.note(listens);
  await streams.stopped();
  server.close();
  await serving.close();
  keyLog?.close();
  return 0;
}

/** Listens; the result says where. Throws CliError. */
async function listen(server: Server, options: ServeOptions, note: Streams["note"]): Promise<string> {
  const { host, port, answer } = options;
  const where = host.includes(":") ? `[${host}]` : host;
  try {
    const realPort = await listening(server, port, host);
    // Such as too many open files, while a connection comes in: the next one may go well.
    server.on("error", (error) => note(`cannot accept a connection: ${systemReason(error) ?? error.message}`));
    const named = `https://${certified(options) ?? where}:${realPort}/`;
    const what = answer === "www" ? `${named} shows the connection` : "everything is sent back";
    return `listening on ${where}:${realPort} (--${answer}: ${what}; Ctrl-C ends it)`;
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    throw new CliError(`cannot listen on ${where}:${port}: ${reason}`);
  }
}

/** The name that a client has to use, where we know it; `undefined` for names of many. */
function certified({ credential, host }: ServeOptions): string | undefined {
  const [name] = credential.type === "selfSigned" && host === "127.0.0.1" ? credential.names : [];
  return name === undefined || /[*:]/.test(name) ? undefined : name;
}

/** What the server shows, and whose certificates it accepts. */
interface Identity {
  readonly credentials: readonly Credential[];
  readonly trustAnchors: readonly Certificate[] | undefined;
}

/** All connections of one server. */
class Serving {
  readonly #options: ServeOptions;
  readonly #identity: Identity;
  readonly #ticketKeys: () => readonly TicketKey[] = createTicketKeyRing({ now: Date.now, random });
  readonly #keyLog: KeyLog | undefined;
  readonly #surroundings: Streams;
  readonly #pages: PageServer = pageServer();
  readonly #streams: Set<TlsStream> = new Set();
  #count = 0;

  /** Throws TlsUsageError at once for what would fail with each connection. */
  constructor(
    options: ServeOptions,
    identity: Identity,
    keyLog: KeyLog | undefined,
    streams: Streams,
  ) {
    this.#options = options;
    this.#identity = identity;
    this.#keyLog = keyLog;
    this.#surroundings = streams;
    createTlsServer({ ...this.#config(nobleProvider), now: Date.now, random });
  }

  accept(socket: Socket): void {
    const label = `#${++this.#count} ${socket.remoteAddress ?? "unknown"}:${socket.remotePort ?? 0}`;
    const narrator = narratorFor("server", this.#options, this.#surroundings);
    this.#serve(socket, label, narrator)
      .catch((error: unknown) => this.#surroundings.note(`${label} ${failureLine(error)}`))
      .finally(() => narrator?.tellRest());
  }

  /** Says close_notify on every connection. */
  async close(): Promise<void> {
    await Promise.all([...this.#streams].map((tls) => tls.close()));
  }

  /** Resolves when the connection has ended in good order, rejects when it failed. */
  async #serve(socket: Socket, label: string, narrator: Narrator | undefined): Promise<void> {
    const messages = watchMessages(narrator);
    // Reported through the stream; without a listener an error before it is made would end the process.
    socket.on("error", () => {});
    const tls = acceptTls(socket, {
      tickets: this.#options.tickets,
      ...this.#config(narrator?.timedProvider(nobleProvider) ?? nobleProvider),
      // node:http has no timers for connections that it hasn't accepted itself.
      idleTimeout: this.#options.answer === "www" ? idleTimeout : undefined,
      onKeyLog: this.#keyLog?.write,
      ...messages.traceOptions,
    });
    this.#streams.add(tls);
    try {
      const info = await tls.opened;
      const hasStapled = messages.lengthOf("sent", "certificate_status") !== undefined;
      const status = hasStapled ? "OCSP response stapled" : undefined;
      this.#surroundings.note(`${label} ${sessionText("server", info, status)}`);
      narrator?.tellHandshake();
      if (this.#options.answer === "www") this.#pages.answer(duplexOf(tls), tls, info);
      // Its failure is that of the connection.
      else tls.readable.pipeTo(tls.writable).catch(() => {});
      await tls.closed;
    } finally {
      this.#streams.delete(tls);
    }
  }

  #config(provider: CryptoProvider): Omit<ServerConfig, "now" | "random" | "sessionCache"> {
    const { cipherSuites, namedGroups, alpnProtocols, answer, requireClientCert, tickets } = this.#options;
    const { trustAnchors } = this.#identity;
    return {
      ...this.#identity,
      clientAuthentication: trustAnchors === undefined ? "none" : requireClientCert ? "required" : "optional",
      provider,
      ticketKeys: tickets ? this.#ticketKeys : undefined,
      legacyCbc: this.#options.legacyCbc,
      recordSizeLimit: this.#options.recordSizeLimit,
      cipherSuites,
      namedGroups,
      alpnProtocols: alpnProtocols ?? (answer === "www" ? ["http/1.1"] : undefined),
      // A client that has said all may still want to hear the answer.
      halfClose: true,
    };
  }
}

/** In ms. */
const idleTimeout = 60_000;
