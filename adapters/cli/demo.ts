/**
 * The demo: a client and a server shake hands over TCP on this machine, with a wiretap between them, and do one HTTPS
 * request. Then the story is told in eleven steps.
 * @module
 */

import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import { createCertificateVerifier, loadCertificates, nobleProvider } from "../../mod.ts";
import { connectTls } from "../node.ts";
import type { DemoOptions } from "./options.ts";
import { type Exchange, loopback, offers, serverName, setStage, type Stage } from "./demo_stage.ts";
import { demoIntroduction, demoSummary, exchangeFacts } from "./demo_text.ts";
import { duplexOf } from "./duplex.ts";
import type { ExitCode } from "./failures.ts";
import { openKeyLog } from "./files.ts";
import { stepNumbers } from "./step.ts";
import { type StepOptions, storyLines } from "./steps.ts";
import { timedProvider, timedVerifier } from "./stopwatch.ts";
import type { Surroundings } from "./streams.ts";
import { paletteFor } from "./terminal.ts";

/** Runs the demo and prints it: also as far as it came, when it fails. */
export async function runDemo(options: DemoOptions, { stdout, env }: Surroundings): Promise<ExitCode> {
  const keyLog = openKeyLog(options.keyLog, env);
  const palette = paletteFor(stdout, env);
  const stage = await setStage(options);
  const { story, wiretap } = stage;
  const stepOptions: StepOptions = {
    palette,
    showsSecrets: options.showsSecrets,
    titles: { 11: "Encrypted HTTP request and response" },
    finishedOnWire: (sender) => wiretap.records(sender).filter(({ type }) => type === handshakeType).at(-1)?.fragment,
    more: (number) => number === 11 ? exchangeFacts(stage) : [],
  };
  const tell = (lines: readonly string[]): void => void stdout.write(`${lines.join("\n")}\n`);
  tell(demoIntroduction(stage, palette));
  try {
    const exchange = await askOnce(stage, keyLog?.write);
    tell([...storyLines(story, stepNumbers, stepOptions), ...demoSummary(stage, exchange, palette)]);
    return 0;
  } catch (error) {
    tell(storyLines(story, stepNumbers, stepOptions));
    throw error;
  } finally {
    stage.server.close();
    await wiretap.close();
    keyLog?.close();
  }
}

/** RFC 5246 §6.2.1: the content type of Finished. */
const handshakeType = 22;

/** One connection, one request. Throws what goes wrong. */
async function askOnce(
  { options, story, wiretap, plaintext, authority }: Stage,
  onKeyLog: ((line: string) => void) | undefined,
): Promise<Exchange> {
  const socket = connect({ host: loopback, port: wiretap.port, noDelay: true });
  await once(socket, "connect");
  const verifier = createCertificateVerifier({
    trustAnchors: loadCertificates(authority),
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
    onKeyLog,
  });
  const session = await tls.opened;
  const handshakeTime = performance.now() - began;
  const { status, body } = await get(duplexOf(tls, (data) => plaintext.client.push(data)));
  await tls.closed;
  return { session, status, body, handshakeTime, wholeTime: performance.now() - began };
}

function get(duplex: Duplex): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({
      createConnection: () => duplex,
      path: "/hello",
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
