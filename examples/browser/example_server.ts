/**
 * Everything that the example needs, on this machine: the page's server, a real HTTPS server (Node's own) with a
 * certificate made on the spot, and a relay between the page and both directions of TCP.
 * @module
 */

import { createServer, type Server } from "node:https";
import { type Relay, type RelayEvent, startRelay } from "../../adapters/relay.ts";
import { encodePem, encodePrivateKey, issueCertificate, issueCertificateAuthority, nobleProvider } from "../../mod.ts";
import { bundlePage } from "./bundle.ts";
import type { ExampleConfig } from "./example_config.ts";
import { closed, listening, servePage } from "./page_server.ts";

/** Ports; 0 is any free one. */
export interface ExamplePorts {
  readonly page: number;
  readonly relay: number;
  readonly reverse: number;
  readonly https: number;
}

export interface Example {
  /** Where the page is. */
  readonly origin: string;
  readonly config: ExampleConfig;
  close(): Promise<void>;
}

/** What the HTTPS server answers at `/hello`. */
export const greeting = "Hello! This text was encrypted by Node's TLS and decrypted inside your page.\n";

/** `allow`: more servers, as HOST:PORT, that the relay may connect to. `onRelay` hears what the relay has to say. */
export async function startExample(
  ports: ExamplePorts,
  allow: readonly string[] = [],
  onRelay?: (event: RelayEvent) => void,
): Promise<Example> {
  const files = new Map(await bundlePage());
  const page = await servePage(ports.page, files);
  const { server, authority } = httpsServer();
  const httpsPort = await listening(server, ports.https);
  const target = `localhost:${httpsPort}`;
  const relay: Relay = await startRelay({
    port: ports.relay,
    allow: [target, ...allow],
    origins: [page.origin],
    reverse: ports.reverse,
    onEvent: onRelay,
  });
  const config: ExampleConfig = {
    relay: `ws://127.0.0.1:${relay.port}`,
    target,
    path: "/hello",
    authority,
    reversePort: relay.reversePort ?? 0,
  };
  files.set("/config.json", { type: "application/json", content: JSON.stringify(config) });
  return {
    origin: page.origin,
    config,
    close: async () => void await Promise.all([page.close(), relay.close(), closed(server)]),
  };
}

function httpsServer(): { readonly server: Server; readonly authority: string } {
  const random = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));
  const options = { provider: nobleProvider, random, now: Date.now() };
  const authority = issueCertificateAuthority({ ...options, name: "tlschart example CA" });
  const { chain, privateKey } = issueCertificate({ ...options, issuer: authority, names: ["localhost", "127.0.0.1"] });
  const server = createServer({
    cert: chain.map((der) => encodePem("CERTIFICATE", der)).join(""),
    key: encodePem("PRIVATE KEY", encodePrivateKey(privateKey)),
  }, (request, response) => {
    const isKnown = request.url === "/hello";
    const text = isKnown ? greeting : "There is nothing here; try /hello.\n";
    response.writeHead(isKnown ? 200 : 404, {
      "content-type": "text/plain; charset=utf-8",
      "content-length": text.length,
    });
    response.end(text);
  });
  return { server, authority: encodePem("CERTIFICATE", authority.certificate) };
}
