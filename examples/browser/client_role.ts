/**
 * This page as the client: one HTTPS GET over a WebSocket to a relay, recorded from the first byte to the last.
 * @module
 */

import { timedProvider, timedVerifier } from "../../adapters/cli/stopwatch.ts";
import { wrapClient } from "../../adapters/streams.ts";
import { webSocketTransport } from "../../adapters/websocket.ts";
import { createCertificateVerifier, loadCertificates, nobleProvider } from "../../mod.ts";
import { getRequest, readResponse } from "./http.ts";
import { Recording } from "./recording.ts";
import { tapped } from "./tapped.ts";

export interface Visit {
  /** `ws://127.0.0.1:9000`. */
  readonly relay: string;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** PEM. */
  readonly trustAnchors: string;
}

/** Returns at once with the recording, which grows and ends. Throws for settings that can't work. */
export function visit(order: Visit, onChange: () => void): Recording {
  const { relay, host, port } = order;
  const authority = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const recording = new Recording({ watched: ["client"], serverName: host }, onChange);
  const verifier = createCertificateVerifier({
    trustAnchors: loadCertificates(order.trustAnchors),
  });
  const clock = recording.clock("client");
  const socket = new WebSocket(`${relay.replace(/\/+$/, "")}/${authority}`);
  socket.addEventListener("open", () => recording.begin());
  const transport = tapped(webSocketTransport(socket), {
    sent: (bytes) => recording.tap("client", bytes),
    received: (bytes) => recording.tap("server", bytes),
  });
  const tls = wrapClient(transport, {
    serverName: host,
    certificateVerifier: timedVerifier(verifier, clock),
    provider: timedProvider(nobleProvider, clock),
    alpnProtocols: ["http/1.1"],
    trace: "secrets",
    onTrace: recording.trace("client"),
    onKeyLog: (line) => recording.noteKey(line),
  });
  void get(tls, getRequest(port === 443 ? authority.replace(/:443$/, "") : authority, order.path), recording);
  return recording;
}

async function get(
  tls: ReturnType<typeof wrapClient>,
  request: Uint8Array<ArrayBuffer>,
  recording: Recording,
): Promise<void> {
  try {
    const session = await tls.opened;
    recording.hear("client", request);
    const writer = tls.writable.getWriter();
    await writer.write(request);
    await readResponse(tls.readable, (bytes) => recording.hear("server", bytes));
    // The server has said close_notify, which ends both directions.
    await writer.close().catch(() => {});
    await tls.close();
    recording.end({ type: "succeeded", session, isOrderly: tls.state !== "failed", lacksRequest: false });
  } catch (error) {
    await tls.close();
    recording.end({ type: "failed", error });
  }
}
