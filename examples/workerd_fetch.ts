import { connect } from "cloudflare:sockets";
import { wrapClient } from "../adapters/streams.ts";
import { acceptTls } from "../adapters/websocket.ts";

/** Texts in PEM, which the worker is configured with. */
interface Env {
  readonly TRUST_ANCHORS: string;
  readonly CERTIFICATE_CHAIN: string;
  readonly PRIVATE_KEY: string;
}

export default {
  fetch(request: Request, env: Env): Promise<Response> | Response {
    return request.headers.get("Upgrade") === "websocket" ? serveEcho(env) : get(new URL(request.url), env);
  },
};

/** A TLS client with its own authority: `/db.internal:8443/path` fetches `/path` there, and answers with all that comes. */
async function get({ pathname }: URL, env: Env): Promise<Response> {
  const [, hostname = "", port, path] = /^\/([^/:]+):(\d+)(\/.*)$/.exec(pathname) ?? [];
  const socket = connect({ hostname, port: Number(port) }, { allowHalfOpen: true });
  const tls = wrapClient(socket, { serverName: hostname, trustAnchors: env.TRUST_ANCHORS });
  const request = `GET ${path} HTTP/1.0\r\nHost: ${hostname}\r\n\r\n`;
  try {
    await tls.writable.getWriter().write(new TextEncoder().encode(request));
    return new Response(tls.readable);
  } catch (error) {
    return new Response(String(error), { status: 502 });
  }
}

/** A TLS server over a WebSocket: only the worker and the client see what is said, whoever carries it. */
function serveEcho(env: Env): Response {
  const { 0: theirs, 1: ours } = new WebSocketPair();
  ours.accept();
  const credentials = [{ certificateChain: env.CERTIFICATE_CHAIN, privateKey: env.PRIVATE_KEY }];
  const { readable, writable } = acceptTls(ours, { credentials, halfClose: true });
  readable.pipeTo(writable).catch((error) => console.error(error.message));
  return new Response(null, { status: 101, webSocket: theirs });
}
