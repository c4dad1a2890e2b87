import { createServer, type Server } from "node:net";
import { acceptTls, connectTls } from "../adapters/node.ts";
import { createSessionCache } from "../mod.ts";

/** Says to each client whether its session was resumed. It does nothing for that: tickets are on by default. */
export function serveTickets(port: number, certificateChain: string, privateKey: string): Server {
  const options = { credentials: [{ certificateChain, privateKey }] };
  return createServer((socket) => {
    const stream = acceptTls(socket, options);
    stream.opened.then(async ({ resumed }) => {
      const writer = stream.writable.getWriter();
      await writer.write(new TextEncoder().encode(resumed ? "welcome back" : "welcome"));
      await writer.close();
    }).catch((error) => console.error(error.message));
  }).listen(port, "127.0.0.1");
}

/** Visits a server again and again; from the second time on, sessions are resumed. Gives what the server says. */
export function visitor(port: number, trustAnchors: string): () => Promise<string> {
  // One cache for everything that trusts the same: sessions with different servers don't get in each other's way.
  const sessionCache = createSessionCache({ now: Date.now });
  return async () => {
    const options = { host: "127.0.0.1", port, serverName: "localhost", trustAnchors, sessionCache };
    const { readable, closed } = connectTls(options);
    let words = "";
    for await (const bytes of readable) words += new TextDecoder().decode(bytes);
    await closed;
    return words;
  };
}
