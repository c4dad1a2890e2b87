import { connectTls } from "../adapters/websocket.ts";

/** One HTTPS GET from a page: TLS runs here, `relay` only carries it. The whole answer as text, its head included. */
export async function httpsGet(relay: string, host: string, port: number, path: string, trustAnchors: string) {
  const tls = connectTls(`${relay}/${host}:${port}`, {
    serverName: host, // the name that the certificate must bear; the URL leads to the relay only
    trustAnchors, // PEM: a page can't read whom its browser trusts
    alpnProtocols: ["http/1.1"],
  });
  const writer = tls.writable.getWriter();
  const request = `GET ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\nconnection: close\r\n\r\n`;
  await writer.write(new TextEncoder().encode(request)); // waits for the handshake, and throws when it fails
  const decoder = new TextDecoder();
  let answer = "";
  const reader = tls.readable.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    answer += decoder.decode(part.value, { stream: true });
  }
  return answer + decoder.decode(); // it ended with close_notify: nothing is cut off
}
