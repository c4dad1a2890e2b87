/**
 * Serves files from memory on this machine, with a policy that lets the page talk to nobody but this machine.
 * @module
 */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
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
  const server = createServer(({ method, url = "/" }, response) => {
    const file = files.get(new URL(url, "http://localhost").pathname);
    response.setHeader("content-security-policy", contentSecurityPolicy);
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("referrer-policy", "no-referrer");
    response.setHeader("cache-control", "no-store");
    if (file === undefined || method !== "GET") {
      response.writeHead(file === undefined ? 404 : 405, { "content-type": "text/plain" });
      return response.end(file === undefined ? "There is no such file.\n" : "Only GET.\n");
    }
    response.writeHead(200, { "content-type": file.type });
    response.end(file.content);
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
