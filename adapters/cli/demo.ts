/**
 * The demo: a client and a server shake hands over TCP on this machine, with a wiretap between them, and do one HTTPS
 * request. Then the story is told in eleven steps.
 * @module
 */

import { once } from "node:events";
import { createServer as createHttpServer, request, type Server as HttpServer } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import {
  createCertificateVerifier,
  createSigner,
  issueCertificate,
  issueCertificateAuthority,
  loadCertificates,
  nobleProvider,
} from "../../mod.ts";
import { acceptTls, connectTls, type TlsStream } from "../node.ts";
import type { DemoOptions } from "./arguments.ts";
import { random } from "./credential.ts";
import { demoIntroduction, demoSummary, exchangeFacts } from "./demo_text.ts";
import { duplexOf } from "./duplex.ts";
import type { ExitCode } from "./failures.ts";
import { openKeyLog } from "./files.ts";
import { timedProvider, timedVerifier } from "./stopwatch.ts";
import { type StepOptions, storyLines } from "./steps.ts";
import { type Side, stepNumbers } from "./step.ts";
import { Story } from "./story.ts";
import type { Palette } from "./terminal.ts";
import { listening, openWiretap, type Wiretap } from "./wiretap.ts";

const loopback = "127.0.0.1";
/** The name that the client asks for and the certificate bears. */
export const serverName = "localhost";
const path = "/hello";

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

/** Runs the demo and prints it: also as far as it came, when it fails. */
export async function runDemo(
  options: DemoOptions,
  print: (text: string) => void,
  palette: Palette,
): Promise<ExitCode> {
  const stage = await setStage(options);
  const { story, wiretap } = stage;
  const stepOptions: StepOptions = {
    palette,
    showsSecrets: options.showsSecrets,
    titles: { 11: "Encrypted HTTP request and response" },
    finishedOnWire: (sender) => wiretap.records(sender).filter(({ type }) => type === handshakeType).at(-1)?.fragment,
    more: (number) => number === 11 ? exchangeFacts(stage) : [],
  };
  const tell = (lines: readonly string[]): void => print(`${lines.join("\n")}\n`);
  tell(demoIntroduction(stage, palette));
  try {
    const exchange = await askOnce(stage);
    tell([...storyLines(story, stepNumbers, stepOptions), ...demoSummary(stage, exchange, palette)]);
    return 0;
  } catch (error) {
    tell(storyLines(story, stepNumbers, stepOptions));
    throw error;
  } finally {
    stage.server.close();
    await wiretap.close();
  }
}

/** RFC 5246 §6.2.1: the content type of Finished. */
const handshakeType = 22;

async function setStage(options: DemoOptions): Promise<Stage> {
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

/** What came of the request. */
export interface Exchange {
  readonly session: Awaited<TlsStream["opened"]>;
  readonly status: number;
  readonly body: string;
  /** From the first byte of the handshake to its end, and to the end of the connection, in ms. */
  readonly handshakeTime: number;
  readonly wholeTime: number;
}

/** One connection, one request. Throws what goes wrong. */
async function askOnce({ options, story, wiretap, plaintext, authority }: Stage): Promise<Exchange> {
  const keyLog = openKeyLog(options.keyLog);
  const socket = connect({ host: loopback, port: wiretap.port, noDelay: true });
  await once(socket, "connect");
  const verifier = createCertificateVerifier({
    trustAnchors: loadCertificates(authority),
    signatureSchemes: nobleProvider.signatureSchemes,
  });
  const began = performance.now();
  story.begin();
  const tls = connectTls({
    socket,
    serverName,
    certificateVerifier: timedVerifier(verifier, story.clock("client")),
    provider: timedProvider(nobleProvider, story.clock("client")),
    ...offers(options),
    trace: "secrets",
    onTrace: story.watch("client"),
    onKeyLog: keyLog?.write,
  });
  const session = await tls.opened;
  const handshakeTime = performance.now() - began;
  const { status, body } = await get(duplexOf(tls, (data) => plaintext.client.push(data)));
  await tls.closed;
  keyLog?.close();
  return { session, status, body, handshakeTime, wholeTime: performance.now() - began };
}

function offers({ cipherSuites, namedGroups }: DemoOptions): Pick<DemoOptions, "cipherSuites" | "namedGroups"> & {
  readonly alpnProtocols: readonly string[];
} {
  return { cipherSuites, namedGroups, alpnProtocols: ["http/1.1"] };
}

function answeringServer(story: Story): HttpServer {
  return createHttpServer((_, response) => {
    const text = `Hello! I am the server, my chart is in ${story.stateOf("server")}.\n`;
    response.writeHead(200, { "content-type": "text/plain", "content-length": text.length, connection: "close" });
    response.end(text);
  });
}

function get(duplex: Duplex): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({
      createConnection: () => duplex,
      path,
      headers: { host: serverName, "user-agent": "tlschart", connection: "close" },
    });
    asking.on("error", reject);
    asking.on("response", (response) => {
      const chunks: Uint8Array[] = [];
      response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      response.on("error", reject);
      response.on(
        "end",
        () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    asking.end();
  });
}
