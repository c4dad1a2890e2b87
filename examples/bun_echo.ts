import { connectTls, listenTls, type TlsListener } from "../adapters/bun.ts";

/** Sends back to each client, over TLS, what it says. */
export function serveEcho(port: number, certificateChain: string, privateKey: string): TlsListener {
  const credentials = [{ certificateChain, privateKey }];
  // With halfClose the answer still goes out after the client has said that it is done.
  const options = { hostname: "127.0.0.1", port, credentials, halfClose: true };
  return listenTls(options, ({ readable, writable }) => readable.pipeTo(writable));
}

/** Says something over TLS, and gives all that comes back. */
export async function say(port: number, trustAnchors: string, text: string): Promise<string> {
  const { readable, writable } = connectTls({ hostname: "127.0.0.1", port, serverName: "localhost", trustAnchors });
  const writer = writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  let answer = "";
  const decoder = new TextDecoder();
  for await (const bytes of readable) answer += decoder.decode(bytes, { stream: true });
  return answer + decoder.decode();
}
