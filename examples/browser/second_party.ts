/**
 * The second party: a TLS client in a Worker, which knows the server by a MessagePort only. It tells what it sees.
 * @module
 */

import { type OnOperation, timedProvider, timedVerifier } from "../../adapters/cli/stopwatch.ts";
import { wrapClient } from "../../adapters/streams.ts";
import { createCertificateVerifier, loadCertificates, nobleProvider } from "../../mod.ts";
import { getRequest, readResponse } from "./http.ts";
import { portTransport, tell } from "./port_transport.ts";

/** What the page says to the Worker, once. */
export interface Order {
  readonly port: MessagePort;
  readonly serverName: string;
  /** PEM. */
  readonly authority: string;
}

// What goes wrong here the server in the page hears as an alert, or as an end.
self.onmessage = ({ data }: MessageEvent<Order>) => void visit(data).catch(() => {});

async function visit({ port, serverName, authority }: Order): Promise<void> {
  const clock: OnOperation = (operation, duration) =>
    tell(port, { type: "moment", moment: { at: 0, side: "client", operation, duration } });
  const verifier = createCertificateVerifier({
    trustAnchors: loadCertificates(authority),
  });
  const tls = wrapClient(portTransport(port), {
    serverName,
    certificateVerifier: timedVerifier(verifier, clock),
    provider: timedProvider(nobleProvider, clock),
    alpnProtocols: ["http/1.1"],
    trace: "secrets",
    onTrace: (event) => tell(port, { type: "moment", moment: { at: 0, side: "client", event } }),
  });
  const request = getRequest(serverName, "/");
  const writer = tls.writable.getWriter();
  tell(port, { type: "said", sender: "client", bytes: request });
  await writer.write(request);
  await readResponse(tls.readable, (bytes) => tell(port, { type: "said", sender: "server", bytes }));
  await writer.close();
}
