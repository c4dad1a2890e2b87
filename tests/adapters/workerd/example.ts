/** examples/workerd_fetch.ts in workerd, against peers outside: node:tls, and the openssl command. Runs in Node. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createTcpServer } from "node:net";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:tls";
import { createWebSocketStream, WebSocket } from "ws";
import { file, Openssl, portOf } from "../../interop/talk.ts";
import {
  encodePem,
  encodePrivateKey,
  issueCertificate,
  issueCertificateAuthority,
  nobleProvider,
} from "../../../mod.ts";
import { startWorkerd, type Workerd } from "./launch.ts";

export interface Example {
  readonly tests: readonly (readonly [title: string, body: () => Promise<void>])[];
  stop(): void;
}

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const common = { provider: nobleProvider, random, now: Date.now() };
const pem = pemOf(issueCertificateAuthority({ ...common, name: "Workers" }));
const foreign = pemOf(issueCertificateAuthority({ ...common, name: "Somebody else" }));

export async function startExample(): Promise<Example> {
  const texts = { TRUST_ANCHORS: pem.ca, CERTIFICATE_CHAIN: pem.cert, PRIVATE_KEY: pem.key };
  const workerd = await startWorkerd("../../../examples/workerd_fetch.ts", texts);
  return {
    tests: [
      ["fetches from a server of node:tls that only its own authority vouches for", () => fetches(workerd)],
      ["fetches from openssl s_server", () => fetchesFromOpenssl(workerd)],
      ["refuses a server that its authority doesn't vouch for, and says why", () => refuses(workerd)],
      ["says that nobody listens", () => findsNobody(workerd)],
      ["is a TLS server for node:tls over a WebSocket", () => serves(workerd)],
      ["is a TLS server for openssl s_client over a WebSocket", () => servesOpenssl(workerd)],
      ["stands in the documentation to the letter", () => Promise.resolve(isDocumented())],
    ],
    stop: () => workerd.stop(),
  };
}

async function fetches({ url }: Workerd): Promise<void> {
  const server = createServer(pem, (socket) => {
    socket.once("data", (request) => socket.end(`${socket.getProtocol()} ${String(request).split("\r\n")[0]}`));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const answer = await fetch(`${url}localhost:${portOf(server)}/secret`);
  assert.equal(await answer.text(), "TLSv1.2 GET /secret HTTP/1.0");
  server.close();
}

async function fetchesFromOpenssl({ url }: Workerd): Promise<void> {
  const files = ["-cert", file("workerd.crt", pem.cert), "-key", file("workerd.key", pem.key)];
  const openssl = new Openssl(["s_server", "-accept", "127.0.0.1:0", "-www", ...files]);
  try {
    await openssl.says(/ACCEPT 127\.0\.0\.1:\d+/);
    const port = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(openssl.stdout)?.[1];
    assert.match(await (await fetch(`${url}localhost:${port}/`)).text(), /^HTTP\/1\.0 200 ok[^]*TLSv1\.2/);
  } finally {
    openssl.kill();
  }
}

async function refuses({ url }: Workerd): Promise<void> {
  const server = createServer(foreign).on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const answer = await fetch(`${url}localhost:${portOf(server)}/`);
  assert.equal(answer.status, 502);
  assert.match(await answer.text(), /^CertificateError: /);
  server.close();
}

async function findsNobody({ url }: Workerd): Promise<void> {
  const answer = await fetch(`${url}localhost:1/`);
  assert.equal(answer.status, 502);
  assert.match(await answer.text(), /^TransportError: The transport failed in state connecting: .*cannot connect/);
}

async function serves({ url }: Workerd): Promise<void> {
  const wire = createWebSocketStream(new WebSocket(url.replace("http", "ws")));
  const socket = connect({ socket: wire, ca: pem.ca, servername: "localhost" });
  await once(socket, "secureConnect");
  assert.ok(socket.authorized);
  socket.end("hello");
  let text = "";
  for await (const bytes of socket) text += bytes;
  assert.equal(text, "hello");
}

async function servesOpenssl({ url }: Workerd): Promise<void> {
  const bridge = createTcpServer((socket) => {
    const wire = createWebSocketStream(new WebSocket(url.replace("http", "ws")));
    for (const end of [socket, wire]) end.on("error", () => {});
    socket.pipe(wire).pipe(socket);
  });
  bridge.listen(0, "127.0.0.1");
  await once(bridge, "listening");
  const verify = ["-verify_return_error", "-verify_hostname", "localhost", "-CAfile", file("workerd_ca.crt", pem.ca)];
  const openssl = new Openssl(["s_client", "-connect", `127.0.0.1:${portOf(bridge)}`, ...verify]);
  openssl.process.stdin.write("hello\n");
  await openssl.says(/hello/);
  openssl.process.stdin.end();
  assert.equal(await openssl.ended(), 0);
  bridge.close();
}

function isDocumented(): void {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  const example = read("../../../examples/workerd_fetch.ts").replaceAll(
    /"\.\.\/adapters\/(\w+)\.ts"/g,
    '"tlschart/$1"',
  );
  assert.ok(read("../../../docs/adapters/workers.md").includes("```ts\n" + example + "```"));
}

function pemOf(issuer: ReturnType<typeof issueCertificateAuthority>): { ca: string; cert: string; key: string } {
  const leaf = issueCertificate({ ...common, issuer, names: ["localhost"] });
  return {
    ca: encodePem("CERTIFICATE", issuer.certificate),
    cert: leaf.chain.map((der) => encodePem("CERTIFICATE", der)).join(""),
    key: encodePem("PRIVATE KEY", encodePrivateKey(leaf.privateKey)),
  };
}
