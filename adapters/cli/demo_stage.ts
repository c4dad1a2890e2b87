/**
 * Where the demo takes place: a CA and a certificate made on the spot, a listening server, a wiretap before it.
 * @module
 */

import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { performance } from "node:perf_hooks";
import {
  createSigner,
  createTlsServer,
  type Credential,
  issueCertificate,
  issueCertificateAuthority,
  loadCertificates,
  nobleProvider,
} from "../../mod.ts";
import { acceptTls, type TlsStreamInfo } from "../node.ts";
import type { DemoOptions } from "./options.ts";
import { random } from "./credential.ts";
import { duplexOf } from "./duplex.ts";
import { CliError } from "./failures.ts";
import type { Side } from "./step.ts";
import { timedProvider } from "./stopwatch.ts";
import { Story } from "./story.ts";
import { listening, openWiretap, type Wiretap } from "./wiretap.ts";

/** Where both ends are. */
export const loopback = "127.0.0.1";
/** The name that the client asks for and the certificate bears. */
export const serverName = "localhost";

/** Everything that the demo is made of, before the first byte is sent. */
export interface Stage {
  readonly options: DemoOptions;
  readonly story: Story;
  readonly wiretap: Wiretap;
  /** What goes into the encryption on each side. */
  readonly plaintext: Readonly<Record<Side, Uint8Array[]>>;
  readonly server: Server;
  readonly serverPort: number;
  readonly authority: Uint8Array;
  readonly leaf: Uint8Array;
  /** In ms. */
  readonly issuingTime: number;
}

/** What came of the request. */
export interface Exchange {
  readonly session: TlsStreamInfo;
  readonly status: number;
  readonly body: string;
  /** From the first byte of the handshake to its end, and to the end of the connection, in ms. */
  readonly handshakeTime: number;
  readonly wholeTime: number;
}

/** Makes everything ready; nobody has connected yet. */
export async function setStage(options: DemoOptions): Promise<Stage> {
  const story = new Story(["client", "server"]);
  const plaintext: Stage["plaintext"] = { client: [], server: [] };
  const began = performance.now();
  const issuing = { provider: nobleProvider, random, now: Date.now() };
  const authority = issueCertificateAuthority({ ...issuing, name: "tlschart demo CA" });
  const { chain, privateKey } = issueCertificate({ ...issuing, issuer: authority, names: [serverName, loopback] });
  const issuingTime = performance.now() - began;
  const provider = timedProvider(nobleProvider, story.clock("server"));
  const credentials = [{
    certificateChain: chain.flatMap(loadCertificates),
    signer: createSigner(privateKey, provider.signatureSchemes, random),
  }];
  checkOffers(options, credentials);
  const http = answeringServer(story);
  const server = createServer((socket) => {
    const tls = acceptTls(socket, {
      credentials,
      provider,
      ...offers(options),
      trace: "secrets",
      onTrace: story.watch("server"),
    });
    http.emit("connection", duplexOf(tls, (data) => plaintext.server.push(data)));
  });
  const serverPort = await listening(server, 0, loopback);
  const wiretap = await openWiretap(serverPort);
  const leaf = chain[0];
  return {
    options,
    story,
    wiretap,
    plaintext,
    server,
    serverPort,
    authority: authority.certificate,
    leaf,
    issuingTime,
  };
}

/** What both sides are told alike. */
export function offers(
  { cipherSuites, namedGroups }: DemoOptions,
): Pick<DemoOptions, "cipherSuites" | "namedGroups"> & {
  readonly alpnProtocols: readonly string[];
} {
  return { cipherSuites, namedGroups, alpnProtocols: ["http/1.1"] };
}

/** What could never succeed is said before anything begins. Throws CliError, or TlsUsageError. */
function checkOffers(options: DemoOptions, credentials: readonly Credential[]): void {
  createTlsServer({ credentials, ...offers(options), now: Date.now, random });
  if (options.namedGroups === undefined || options.namedGroups.includes("secp256r1")) return;
  throw new CliError("--groups must contain secp256r1 in the demo: its certificate has a key on that curve");
}

function answeringServer(story: Story): HttpServer {
  return createHttpServer((_, response) => {
    const text = `Hello! I am the server, my chart is in ${story.stateOf("server")}.\n`;
    response.writeHead(200, { "content-type": "text/plain", "content-length": text.length, connection: "close" });
    response.end(text);
  });
}
