/**
 * One HTTP/1.1 request over a TLS stream, with Node's own HTTP; the body goes to stdout.
 * @module
 */

import { type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TlsError } from "../../mod.ts";
import type { TlsStream } from "../node.ts";
import { duplexOf } from "./duplex.ts";
import { CliError, errorCode, failureOf } from "./failures.ts";
import type { Streams } from "./streams.ts";
import { printable } from "./terminal.ts";
import { version } from "./usage.ts";

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** Throws CliError with exit code 1 when the answer is cut short or isn't HTTP. A status like 404 is only noted. */
export async function getOnce(tls: TlsStream, target: Target, { stdout, note }: Streams): Promise<void> {
  const { alpnProtocol } = await tls.opened;
  if (alpnProtocol !== undefined && !alpnProtocol.startsWith("http/1.")) {
    throw new CliError(`the server chose ${printable(alpnProtocol)} by ALPN, and --get speaks HTTP/1.1 only`, 1);
  }
  const duplex = duplexOf(tls);
  let response: IncomingMessage | undefined;
  try {
    response = await ask(duplex, target);
    noteStatus(response, note);
    await pipeline(response, stdout, { end: false });
    // node:http takes any end for that of such a body; only close_notify is one (RFC 5246 §7.2.1).
    if (endsWithConnection(response) && duplex.errored !== null) throw duplex.errored;
  } catch (error) {
    throw new CliError(reasonOf(duplex.errored ?? error, response !== undefined), 1);
  } finally {
    duplex.destroy();
  }
}

function noteStatus({ statusCode = 0, statusMessage = "", headers }: IncomingMessage, note: Streams["note"]): void {
  if (statusCode >= 200 && statusCode < 300) return;
  const whither = headers.location === undefined ? "" : `, location ${printable(headers.location)}`;
  note(`the server answered ${statusCode} ${printable(statusMessage)}${whither}`);
}

/** RFC 9112 §6.3: without these two, the body goes on until the connection is closed. */
function endsWithConnection({ headers }: IncomingMessage): boolean {
  return headers["content-length"] === undefined && headers["transfer-encoding"] === undefined;
}

function ask(duplex: Duplex, { host, port, path }: Target): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const authority = host.includes(":") ? `[${host}]` : host;
    const asking = request({
      createConnection: () => duplex,
      path,
      headers: {
        host: port === 443 ? authority : `${authority}:${port}`,
        "user-agent": version().replace(" ", "/"),
        accept: "*/*",
        connection: "close",
      },
    });
    asking.on("response", resolve);
    asking.on("error", reject);
    asking.end();
  });
}

function reasonOf(error: unknown, hasBegun: boolean): string {
  const code = errorCode(error) ?? "";
  if (code.startsWith("HPE_")) return `the answer is not HTTP: ${error instanceof Error ? error.message : code}`;
  const what = hasBegun ? "the answer is cut short" : "there was no answer";
  const { lines: [line = ""] } = failureOf(error, what);
  if (error instanceof TlsError) return `${what}: ${line}`;
  return code === "ECONNRESET" ? `${what}: the server ended the connection` : line;
}
