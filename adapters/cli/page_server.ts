/**
 * Answers HTTP over TLS connections that somebody else has accepted, with Node's own HTTP.
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { TlsStream, TlsStreamInfo } from "../node.ts";
import { page } from "./page.ts";

export interface PageServer {
  /** Serves requests on this connection until it ends. */
  answer(duplex: Duplex, tls: TlsStream, info: TlsStreamInfo): void;
}

/** For any number of connections. */
export function pageServer(): PageServer {
  const connections = new WeakMap<object, { readonly tls: TlsStream; readonly info: TlsStreamInfo }>();
  const server = createServer((request, response) => {
    const connection = connections.get(request.socket);
    if (connection === undefined) return void response.writeHead(500).end();
    const { tls, info } = connection;
    answer(request, response, () =>
      page({
        info,
        state: tls.state,
        requestLine: `${request.method} ${request.url} HTTP/${request.httpVersion}`,
        rawHeaders: request.rawHeaders,
      }));
  });
  return {
    answer: (duplex, tls, info) => {
      connections.set(duplex, { tls, info });
      // Whoever made the connection hears of its failure; here there is nobody to tell.
      duplex.on("error", () => {});
      server.emit("connection", duplex);
    },
  };
}

function answer({ method }: IncomingMessage, response: ServerResponse, write: () => string): void {
  if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD", "content-type": "text/plain" }).end("There is only GET here.\n");
    return;
  }
  const body = Buffer.from(write());
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-length": body.length,
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  });
  response.end(method === "HEAD" ? undefined : body);
}
