/**
 * One HTTP/1.1 request over a TLS stream, with Node's own HTTP; the body goes to stdout.
 * @module
 */

import { type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { TlsStream } from "../node.ts";
import type { Streams } from "./connect.ts";
import { duplexOf } from "./duplex.ts";
import { CliError, failureOf } from "./failures.ts";
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
  try {
    const response = await ask(duplex, target);
    const { statusCode = 0, statusMessage = "", headers: { location } } = response;
    const isFine = statusCode >= 200 && statusCode < 300;
    const whither = location === undefined ? "" : `, location ${printable(location)}`;
    if (!isFine) note(`the server answered ${statusCode} ${printable(statusMessage)}${whither}`);
    await pipeline(response, stdout, { end: false });
  } catch (error) {
    throw await cutShort(tls, error);
  } finally {
    duplex.destroy();
  }
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

/** The true reason is what ended the connection, if something did; node:http only sees that it is gone. */
async function cutShort(tls: TlsStream, error: unknown): Promise<unknown> {
  const reason = await Promise.race([tls.closed.then(() => undefined, (cause: unknown) => cause), undefined]);
  const { lines: [line = ""] } = failureOf(reason ?? error, "the answer is cut short or not HTTP");
  return new CliError(reason === undefined ? line : `the answer is cut short: ${line}`, 1);
}
