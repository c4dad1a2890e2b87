/** The examples for tlschart/node and tlschart/streams do what they say, against each other and against node:tls. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { connect as connectWithNode, TLSSocket } from "node:tls";
import { serveUnlisted, type Visit } from "../../examples/client_hello.ts";
import { say, serveEcho } from "../../examples/node_echo.ts";
import { serveWithRemoteKey } from "../../examples/remote_key.ts";
import { startSmtpTls } from "../../examples/streams_starttls.ts";
import { socketTransport } from "../../adapters/node_socket.ts";
import { CertificateError } from "../../mod.ts";
import { errorOf, isError, pem, readText, writeAll } from "../adapters/fixtures.ts";
import { portOf, portOfListening } from "../adapters/node_runtime.ts";
import { assert, suite } from "../harness.ts";
import { nameOfKind } from "../support/fixtures.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";

const test = suite("examples for node and streams");

test("node_echo.ts says something and gets it back", async () => {
  const server = serveEcho(0, pem.cert, pem.key);
  await once(server, "listening");
  assert.is(await say(portOf(server.address()), pem.ca, "Grüß dich"), "Grüß dich");
  server.close();
});

test("streams_starttls.ts upgrades an SMTP connection to a server of node:tls", async () => {
  const said: string[] = [];
  await withSmtp(said, (data) => data, async (port) => {
    const tls = await startSmtpTls(socketTransport(connect(port, "127.0.0.1"), "smtp"), "localhost", pem.ca);
    await writeAll(tls.writable, "NOOP\r\n");
    assert.is(await readText(tls.readable), "250 in secret\r\n");
  });
  assert.equal(said, ["EHLO client.example", "STARTTLS", "NOOP"]);
});

test("streams_starttls.ts refuses what an attacker puts behind the reply in plaintext", async () => {
  const inject = (reply: string): string => reply.startsWith("220 go") ? `${reply}250 trust me\r\n` : reply;
  await withSmtp([], inject, async (port) => {
    const wire = socketTransport(connect(port, "127.0.0.1"), "smtp");
    isError(await errorOf(startSmtpTls(wire, "localhost", pem.ca)), Error, /it said "220 go ahead\\r\\n250 trust me/);
    await wire.close?.();
  });
});

test("streams_starttls.ts trusts no certificate for another name", async () => {
  await withSmtp([], (data) => data, async (port) => {
    const wire = socketTransport(connect(port, "127.0.0.1"), "smtp");
    isError(await errorOf(startSmtpTls(wire, "mail.example", pem.ca)), CertificateError, /mail\.example/);
  });
});

test("client_hello.ts tells fingerprints of node:tls, and refuses a client by its own", async () => {
  const visits: Visit[] = [];
  const refused = new Set<string>();
  const server = createServer((socket) => {
    const credential = { certificateChain: pem.cert, privateKey: pem.key };
    const stream = serveUnlisted(socketTransport(socket, "client"), credential, refused, (visit) => visits.push(visit));
    stream.closed.catch(() => {});
  });
  const port = await portOfListening(server);
  const visit = (minVersion: "TLSv1.2" | undefined): Promise<string> =>
    new Promise((resolve) => {
      const options = {
        port,
        host: "127.0.0.1",
        ca: pem.ca,
        servername: "localhost",
        ALPNProtocols: ["h2"],
        minVersion,
      };
      const socket = connectWithNode({ ...options, maxVersion: minVersion }, () => socket.end());
      socket.on("error", (error) => resolve(error.message)).on("close", () => resolve("served")).resume();
    });
  try {
    assert.equal([await visit("TLSv1.2"), await visit("TLSv1.2"), await visit(undefined)], [
      "served",
      "served",
      "served",
    ]);
    const [first, second, other] = visits;
    assert.equal(first, second);
    assert.equal([first?.serverName, first?.alpnProtocols], ["localhost", ["h2"]]);
    assert.match(first?.ja4 ?? "", /^t12d\d{4}h2_[0-9a-f]{12}_[0-9a-f]{12}$/);
    assert.match(other?.ja4 ?? "", /^t13d\d{4}h2_/);
    assert.match(first?.ja3 ?? "", /^[0-9a-f]{32}$/);
    refused.add(first?.ja4 ?? "");
    assert.match(await visit("TLSv1.2"), /access denied/);
    assert.is(await visit(undefined), "served");
  } finally {
    server.close();
  }
});

test("remote_key.ts serves node:tls with a key that can't be taken out of WebCrypto", async () => {
  const der = Buffer.from(privateKeyPem.rsaPkcs8.replace(/-----.*?-----|\s/g, ""), "base64");
  const key = await crypto.subtle.importKey("pkcs8", der, { name: "RSA-PSS", hash: "SHA-256" }, false, ["sign"]);
  const server = createServer((socket) => {
    const { readable, writable } = serveWithRemoteKey(socketTransport(socket, "client"), certificatePem.rsa, key);
    readable.pipeTo(writable).catch(() => {});
  });
  const port = await portOfListening(server);
  const socket = connectWithNode({ port, host: "127.0.0.1", ca: certificatePem.rsa, servername: nameOfKind("rsa") });
  await once(socket, "secureConnect");
  socket.end("signed elsewhere");
  const [echo] = await once(socket, "data");
  assert.is(String(echo), "signed elsewhere");
  assert.ok(socket.authorized);
  socket.destroy();
  server.close();
});

test.run();

const replies: Readonly<Record<string, string>> = {
  "EHLO client.example": "250-localhost\r\n250 STARTTLS\r\n",
  "STARTTLS": "220 go ahead\r\n",
};

/** A mail server of three sentences. Its TLS is Node's. */
async function withSmtp(
  said: string[],
  change: (reply: string) => string,
  talk: (port: number) => Promise<void>,
): Promise<void> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => {}));
    socket.write("220 localhost\r\n");
    const answer = (data: Uint8Array): void => {
      const command = new TextDecoder().decode(data).trim();
      said.push(command);
      socket.write(change(replies[command] ?? "500\r\n"));
      if (command !== "STARTTLS") return;
      socket.off("data", answer);
      const tls = new TLSSocket(socket, { isServer: true, cert: pem.cert, key: pem.key });
      tls.on("error", () => {});
      tls.on("data", (bytes: Uint8Array) => {
        said.push(new TextDecoder().decode(bytes).trim());
        tls.end("250 in secret\r\n");
      });
    };
    socket.on("data", answer);
  });
  try {
    await talk(await portOfListening(server));
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}
