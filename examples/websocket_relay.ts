import { WebSocket } from "ws"; // a browser, Deno, Bun and Node 22 have their own: give connectTls the URL
import { connectTls } from "../adapters/websocket.ts";

/** One HTTP request over TLS, through `tlschart relay 9000 --allow example.com:443` and the like. */
export async function get(relay: string, serverName: string, port: number, trustAnchors: string): Promise<string> {
  const socket = new WebSocket(`${relay}/${serverName}:${port}`);
  const { readable, writable } = connectTls(socket, { serverName, trustAnchors });
  const request = `GET / HTTP/1.1\r\nHost: ${serverName}\r\nConnection: close\r\n\r\n`;
  await writable.getWriter().write(new TextEncoder().encode(request));
  let answer = "";
  const decoder = new TextDecoder();
  for await (const bytes of readable) answer += decoder.decode(bytes, { stream: true });
  return answer;
}
