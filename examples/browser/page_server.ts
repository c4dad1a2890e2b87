/**
 * Serves files from memory on this machine, with a policy that lets the page talk to nobody but this machine.
 * @module
 */

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { PageFile } from "./bundle.ts";

/** What the page may do: run and show what comes from here, and open WebSockets to this machine. */
export const contentSecurityPolicy: string = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' ws://127.0.0.1:* ws://localhost:*",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export interface PageServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** `files` may grow later. Port 0 is any free one. */
export async function servePage(port: number, files: ReadonlyMap<string, PageFile>): Promise<PageServer> {
  const server = createServer((request, response) => {
    response.setHeader("content-security-policy", contentSecurityPolicy);
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("referrer-policy", "no-referrer");
    response.setHeader("cache-control", "no-store");
    const { status, type, content } = answerTo(request, files);
    response.writeHead(status, { "content-type": type });
    response.end(content);
  });
  const listeningPort = await listening(server, port);
  return { origin: `http://127.0.0.1:${listeningPort}`, close: () => closed(server) };
}

/** On this machine only; resolves with the port. */
export async function listening(server: Server, port: number): Promise<number> {
  server.listen({ port, host: "127.0.0.1" });
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no TCP address");
  return address.port;
}

/** Ends what is open, too. */
export async function closed(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

interface Answer extends PageFile {
  readonly status: number;
}

function answerTo(
  { url = "", method, headers, socket }: IncomingMessage,
  files: ReadonlyMap<string, PageFile>,
): Answer {
  if (!isOurs(headers.host, socket.localPort)) return refusal(421, "This server has another name.\n");
  // What a stranger may ask for needn't be a URL, so it is compared and never parsed.
  const [path = ""] = url.split("?", 1);
  const file = files.get(path);
  if (file === undefined) return refusal(404, "There is no such file.\n");
  return method === "GET" ? { status: 200, ...file } : refusal(405, "Only GET.\n");
}

function refusal(status: number, content: string): Answer {
  return { status, type: "text/plain", content };
}

/** A foreign name that leads to this machine (DNS rebinding) would make its page one of the same origin. */
function isOurs(host: string | undefined, port: number | undefined): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].some((name) =>
    host === `${name}:${port}` || (port === 80 && host === name)
  );
}
