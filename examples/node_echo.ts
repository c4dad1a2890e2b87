import { createServer, type Server } from "node:net";
import { acceptTls, connectTls } from "../adapters/node.ts";

/** Sends back to each client, over TLS, what it says. */
export function serveEcho(port: number, certificateChain: string, privateKey: string): Server {
  // With halfClose the answer still goes out after the client has said that it is done.
  const options = { credentials: [{ certificateChain, privateKey }], halfClose: true };
  return createServer((socket) => {
    const { readable, writable } = acceptTls(socket, options);
    readable.pipeTo(writable).catch((error) => console.error(error.message));
  }).listen(port, "127.0.0.1");
}

/** Says something over TLS, and gives all that comes back. */
export async function say(port: number, trustAnchors: string, text: string): Promise<string> {
  const stream = connectTls({
    host: "127.0.0.1",
    port,
    serverName: "localhost",
    trustAnchors,
    handshakeTimeout: 5_000,
  });
  const writer = stream.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  let answer = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream.readable) answer += decoder.decode(bytes, { stream: true });
  await stream.closed;
  return answer + decoder.decode();
}
