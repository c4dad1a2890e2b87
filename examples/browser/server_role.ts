/**
 * This page as a server: what it does with one connection, whoever brings it, and with those that a relay brings.
 * @module
 */

import { timedProvider } from "../../adapters/cli/stopwatch.ts";
import { within } from "../../adapters/deferred.ts";
import { type ByteTransport, type TlsStream, wrapServer } from "../../adapters/streams.ts";
import { nobleProvider, type TlsSession } from "../../mod.ts";
import type { Minted } from "./credentials.ts";
import { readHead, response } from "./http.ts";
import { Recording } from "./recording.ts";
import { tapped } from "./tapped.ts";
import { printable } from "./text.ts";
import { Waiting } from "./waiting.ts";

/** How long the client may take to say close_notify, too, in ms. */
const patience = 1_000;

/** Answers one HTTP request over a transport, and records the whole connection. Resolves when it is over. */
export async function answer(
  transport: ByteTransport,
  { credential }: Minted,
  recording: Recording,
  signal?: AbortSignal,
): Promise<void> {
  const tls = wrapServer(transport, {
    credentials: [credential],
    provider: timedProvider(nobleProvider, recording.clock("server")),
    alpnProtocols: ["http/1.1"],
    trace: "secrets",
    onTrace: recording.trace("server"),
    onKeyLog: (line) => recording.noteKey(line),
    signal,
  });
  try {
    const session = await tls.opened;
    const hear = (bytes: Uint8Array): void => {
      if (!recording.scene.watched.includes("client")) recording.hear("client", bytes);
    };
    const head = await readHead(tls.readable, hear);
    if (head !== undefined) await respond(tls, pageFor(head, session), recording);
    // RFC 5246 §7.2.1: who closes need not wait for the other's close_notify, which many never send.
    if (head !== undefined) await within(patience, tls.closed.catch(() => {}));
    await tls.close();
    const isOrderly = tls.state !== "failed";
    recording.end({ type: "succeeded", session, isOrderly, lacksRequest: head === undefined });
  } catch (error) {
    await tls.close();
    recording.end({ type: "failed", error });
  }
}

async function respond(tls: TlsStream, html: string, recording: Recording): Promise<void> {
  const page = response("200 OK", "text/html; charset=utf-8", html);
  const writer = tls.writable.getWriter();
  await writer.write(page);
  if (!recording.scene.watched.includes("client")) recording.hear("server", page);
  await writer.close();
}

/** What a listener tells. */
export interface ListenerEvents {
  /** Somebody has connected. */
  began(recording: Recording): void;
  /** The relay has ended the waiting, or, when nobody has waited yet, can't be reached or refuses. */
  ended(hasWaited: boolean): void;
  changed(): void;
}

/** Answers whoever comes by the reverse side of a relay, with the certificate of that moment. */
export function listen(relay: string, minted: () => Minted, events: ListenerEvents): Waiting {
  return new Waiting(relay, {
    heard: (transport) => {
      const recording = new Recording({ watched: ["server"], serverName: "" }, events.changed);
      events.began(recording);
      const wire = tapped(transport, {
        sent: (bytes) => recording.tap("server", bytes),
        received: (bytes) => recording.tap("client", bytes),
      });
      void answer(wire, minted(), recording);
    },
    ended: events.ended,
  });
}

/** What the visitor sees. The request is text of a stranger: it is escaped. */
function pageFor(head: string, { cipherSuite, namedGroup, serverName }: TlsSession): string {
  const [requestLine = ""] = head.split("\r\n");
  const rows = [
    ["Your request", printable(requestLine)],
    ["Server name asked for", serverName ?? "none"],
    ["Cipher suite", cipherSuite],
    ["Key exchange", namedGroup],
  ].map(([name = "", value = ""]) => `  <tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`);
  return [
    "<!doctype html>",
    '<meta charset="utf-8">',
    "<title>A TLS server in a web page</title>",
    "<h1>Hello from a web page</h1>",
    "<p>This answer was written, and encrypted, inside a browser tab.</p>",
    "<table>",
    ...rows,
    "</table>",
    "",
  ].join("\n");
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
