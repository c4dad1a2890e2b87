import { createServer, type Server } from "node:net";
import { acceptTls, connectTls } from "../adapters/node.ts";
import { decodeCertificate } from "../mod.ts";

/** A certificate chain with its key, in PEM. */
export interface Identity {
  readonly certificateChain: string;
  readonly privateKey: string;
}

/** Greets each client by the name in its certificate, and refuses those that have none of this authority. */
export function serveMembers(port: number, server: Identity, membersAuthority: string): Server {
  const options = {
    credentials: [server],
    clientAuthentication: "required", // or "optional": who has none gets in, without a name
    trustAnchors: membersAuthority, // whose clients are trusted: never the public roots
  } as const;
  return createServer((socket) => {
    const stream = acceptTls(socket, options);
    stream.opened.then(async ({ peerCertificates: [own] }) => {
      const name = own && decodeCertificate(own).subjectAltName?.dnsNames[0];
      const writer = stream.writable.getWriter();
      await writer.write(new TextEncoder().encode(`hello ${name ?? "stranger"}`));
      await writer.close();
    }).catch((error) => console.error(error.message)); // a client that is refused, and why
  }).listen(port, "127.0.0.1");
}

/** Visits as one of several members: the first whose issuer, key type and signature the server accepts. */
export async function visitAs(members: readonly Identity[], port: number, trustAnchors: string): Promise<string> {
  const { readable, opened, closed } = connectTls({
    host: "127.0.0.1",
    port,
    serverName: "localhost",
    trustAnchors,
    credentials: members,
  });
  await opened; // rejects when the server doesn't accept the certificate, or the lack of one
  let words = "";
  for await (const bytes of readable) words += new TextDecoder().decode(bytes);
  await closed;
  return words;
}
