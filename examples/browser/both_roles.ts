/**
 * Both roles without a network: the server in this page, a client in a Worker, a MessagePort between them.
 * @module
 */

import { mint } from "./credentials.ts";
import { type PortMessage, portTransport } from "./port_transport.ts";
import { Recording } from "./recording.ts";
import type { Order } from "./second_party.ts";
import { answer } from "./server_role.ts";
import { tapped } from "./tapped.ts";

/** Returns at once with the recording of both sides. Throws TlsUsageError for a name that no certificate can bear. */
export function shakeHands(serverName: string, onChange: () => void): Recording {
  const minted = mint([serverName]);
  const recording = new Recording({ watched: ["client", "server"], serverName }, onChange);
  const { port1, port2 } = new MessageChannel();
  const transport = tapped(portTransport(port1, (word) => take(recording, word)), {
    sent: (bytes) => recording.tap("server", bytes),
    received: (bytes) => recording.tap("client", bytes),
  });
  const worker = new Worker("second_party.js", { type: "module" });
  const order: Order = { port: port2, serverName, authority: minted.authorityPem };
  worker.postMessage(order, [port2]);
  void answer(transport, minted, recording).finally(() => letGo(worker, port1));
  return recording;
}

function take(recording: Recording, word: PortMessage): void {
  if (word.type === "moment") {
    // Until then the Worker was loading.
    if (recording.moments.every(({ side }) => side !== "client")) recording.begin();
    recording.take(word.moment);
  }
  if (word.type === "said") recording.hear(word.sender, word.bytes);
}

/** The client has a moment to tell how it ended. */
function letGo(worker: Worker, port: MessagePort): void {
  setTimeout(() => {
    worker.terminate();
    port.close();
  }, 250);
}
