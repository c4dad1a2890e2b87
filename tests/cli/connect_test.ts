/**
 * `connect` against servers of node:tls in this process.
 * @module
 */

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer, type TlsOptions, type TLSSocket } from "node:tls";
import { assert, suite } from "../harness.ts";
import { type Finished, openWorkshop, remarksOf, runCli, spawnCli, startCli } from "./run_cli.ts";

const test = suite("cli connect");
const workshop = openWorkshop();
const { ca } = workshop;

interface Peer {
  /** `localhost:40123`. */
  readonly target: string;
  close(): void;
}

/** The TLS connection, and the TCP connection below it. */
type Talk = (socket: TLSSocket, below: Socket | undefined) => void;

/** A TLS 1.2 server of Node's that does this with each connection. */
async function peer(talk: Talk, options: TlsOptions = {}): Promise<Peer> {
  const server = createServer({ cert: workshop.certPem, key: workshop.keyPem, maxVersion: "TLSv1.2", ...options });
  let below: Socket | undefined;
  server.on("connection", (socket: Socket) => below = socket);
  server.on("tlsClientError", () => {});
  server.on("secureConnection", (socket) => {
    socket.on("error", () => {});
    talk(socket, below);
  });
  return await listening(server);
}

async function listening(server: Server): Promise<Peer> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { target: `localhost:${port}`, close: () => server.close() };
}

/** Answers the first bytes that come; closes in good order unless told otherwise. */
function answering(answer: string, then: Talk = (socket) => socket.end()): Talk {
  return (socket, below) => socket.once("data", () => socket.write(answer, () => then(socket, below)));
}

async function get(talk: Talk, ...args: readonly string[]): Promise<Finished> {
  const { target, close } = await peer(talk);
  const finished = await runCli(["connect", target, "--ca", ca, "--get", "/", ...args]);
  close();
  return finished;
}

test("--get prints the body of a real HTTPS server's answer, and nothing else", async () => {
  const body = randomBytes(200_000).toString("base64");
  const asked: (string | undefined)[] = [];
  const server = createHttpsServer({ cert: workshop.certPem, key: workshop.keyPem }, (request, response) => {
    asked.push(request.url, request.headers.host);
    response.write(body.slice(0, 1000));
    response.end(body.slice(1000));
  });
  const { target, close } = await listening(server);
  const finished = await runCli(["connect", target, "--ca", ca, "--get", "/a?b=c"]);
  const { exitCode, stdout } = finished;
  close();
  assert.equal(remarksOf(finished), []);
  assert.is(exitCode, 0);
  assert.ok(stdout === body);
  assert.equal(asked, ["/a?b=c", target]);
});

test("--get notes a status that is no success, and tells answers that are cut short from whole ones", async () => {
  const [missing, moved, shortBody, cutOff, endless, notHttp, silent] = await Promise.all([
    get(answering("HTTP/1.1 404 Not\x1b[31m Found\r\nContent-Length: 4\r\n\r\nnope")),
    get(answering("HTTP/1.1 301 Moved\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n")),
    get(answering("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")),
    get(answering("HTTP/1.1 200 OK\r\n\r\nhello", (_, below) => below?.destroy())),
    get(answering("HTTP/1.1 200 OK\r\n\r\nhello")),
    get(answering("220 smtp.example\r\n")),
    get((socket) => socket.once("data", () => socket.end())),
  ]);
  assert.is(missing.exitCode, 0);
  assert.is(missing.stdout, "nope");
  assert.equal(remarksOf(missing), ["tlschart: the server answered 404 Not\\u001b[31m Found"]);
  assert.equal([moved.exitCode, remarksOf(moved)], [0, ["tlschart: the server answered 301 Moved, location /there"]]);
  assert.equal([shortBody.exitCode, shortBody.stdout, remarksOf(shortBody).length], [1, "hello", 1]);
  assert.match(shortBody.stderr, /cut short: the server ended the connection/);
  assert.equal([cutOff.exitCode, cutOff.stdout, remarksOf(cutOff).length], [1, "hello", 1]);
  assert.match(cutOff.stderr, /cut short: .*without close_notify/);
  assert.equal([endless.exitCode, endless.stdout, remarksOf(endless)], [0, "hello", []]);
  assert.equal([notHttp.exitCode, remarksOf(notHttp).length], [1, 1]);
  assert.match(notHttp.stderr, /not HTTP/);
  assert.equal([silent.exitCode, remarksOf(silent)], [1, [
    "tlschart: there was no answer: the server ended the connection",
  ]]);
});

test("sends what is on stdin, and after its end waits for the answer before it says close_notify", async () => {
  // The first answers while it is asked; the second only after close_notify; the third takes its time.
  const upper = await peer((socket) => socket.on("data", (data) => socket.end(data.toString().toUpperCase())));
  const whole = await peer((socket) => {
    let text = "";
    socket.on("data", (data) => text += data.toString());
    socket.on("end", () => socket.end(`got ${text}`));
  });
  const slow = await peer((socket) => socket.on("data", () => setTimeout(() => socket.end("at last"), 300)));
  const [first, second, third] = await Promise.all([
    runCli(["connect", upper.target, "--ca", ca], { stdin: "hello" }),
    runCli(["connect", whole.target, "--ca", ca], { stdin: "hello" }),
    runCli(["connect", slow.target, "--ca", ca], { stdin: "hello" }),
  ]);
  for (const { close } of [upper, whole, slow]) close();
  assert.equal([first.exitCode, first.stdout, remarksOf(first)], [0, "HELLO", []]);
  assert.equal([second.exitCode, second.stdout, remarksOf(second)], [0, "got hello", []]);
  assert.equal([third.exitCode, third.stdout, remarksOf(third)], [0, "at last", []]);
});

test("ends when the server does, though stdin is still open, and says when the end is not in order", async () => {
  const orderly = await peer((socket) => socket.end("bye"));
  const cut = await peer((socket, below) => socket.write("bye", () => below?.destroy()));
  const [first, second] = await Promise.all([
    startCli(["connect", orderly.target, "--ca", ca]).finished,
    startCli(["connect", cut.target, "--ca", ca]).finished,
  ]);
  orderly.close();
  cut.close();
  assert.equal([first.exitCode, first.stdout, remarksOf(first)], [0, "bye", []]);
  assert.equal([second.exitCode, second.stdout, remarksOf(second).length], [1, "bye", 1]);
  assert.match(second.stderr, /the connection failed: The transport ended without close_notify/);
});

test("offers what it is told to, shows the steps on stderr and appends to the key log", async () => {
  const seen: unknown[] = [];
  const { target, close } = await peer((socket) => {
    seen.push(socket.servername, socket.alpnProtocol, socket.getCipher().standardName);
    socket.end("bye");
  }, { ALPNProtocols: ["two", "three"], ecdhCurve: "secp384r1:prime256v1" });
  const keyLog = workshop.write("keys.txt", "# before\n");
  const { exitCode, stdout, stderr } = await runCli([
    ...["connect", target.replace("localhost", "127.0.0.1"), "--ca", ca, "--servername", "localhost"],
    ...["--alpn", "one,two", "--groups", "secp384r1,secp256r1", "--ciphers", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
    ...["--keylog", keyLog, "--steps"],
  ]);
  close();
  assert.equal([exitCode, stdout], [0, "bye"]);
  assert.equal(seen, ["localhost", "two", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"]);
  assert.is(stderr.match(/^ [ 1]\d {2}\S.* ms$/gm)?.length, 11);
  assert.match(stderr, /curve +secp384r1/);
  const [before, line = ""] = readFileSync(keyLog, "utf8").split("\n");
  assert.is(before, "# before");
  assert.match(line, /^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/);
  assert.not.ok(stderr.replace(/\s+/g, "").includes(line.slice(-96, -84)));
});

test("says why a handshake failed, and which alert was sent or received, with exit code 1", async () => {
  const good = await peer((socket) => socket.end());
  const modern = await peer((socket) => socket.end(), { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" });
  const picky = await peer((socket) => socket.end(), { ALPNProtocols: ["h2"] });
  const plain = await listening(createTcpServer((socket) => socket.end("SSH-2.0-sample\r\n")));
  const [untrusted, otherName, version, protocol, notTls] = await Promise.all([
    runCli(["connect", good.target]),
    runCli(["connect", good.target, "--ca", ca, "--servername", "other.example"]),
    runCli(["connect", modern.target, "--ca", ca]),
    runCli(["connect", picky.target, "--ca", ca, "--get", "/"]),
    runCli(["connect", plain.target, "--ca", ca, "--steps"]),
  ]);
  for (const { close } of [good, modern, picky, plain]) close();
  for (const { exitCode, stdout } of [untrusted, otherName, version, protocol, notTls]) {
    assert.equal([exitCode, stdout], [1, ""]);
  }
  assert.is(untrusted.lines.length, 3);
  assert.match(untrusted.lines[1] ?? "", /^tlschart: alert sent: unknown_ca \(48\), in state live\.handshake\.full/);
  assert.is(untrusted.lines[2], "tlschart: to trust another CA: --ca FILE");
  assert.is(otherName.lines.length, 2);
  assert.match(otherName.lines[0] ?? "", /handshake failed: .*other\.example/);
  assert.match(otherName.lines[1] ?? "", /alert sent: .*check "name"/);
  assert.is(version.lines.length, 1);
  assert.match(version.lines[0] ?? "", /peer sent the fatal alert protocol_version \(70\)/);
  assert.is(protocol.lines.length, 1);
  assert.match(protocol.lines[0] ?? "", /peer sent the fatal alert no_application_protocol \(120\)/);
  assert.match(notTls.stderr, /doesn't speak TLS/);
  assert.match(notTls.stderr, /^ {2}1 {2}Client Hello/m);
});

test("--insecure trusts everybody, and says so loudly", async () => {
  const { target, close } = await peer((socket) => socket.end("bye"));
  const { exitCode, stdout, stderr } = await runCli([
    "connect",
    target,
    "--insecure",
    "--servername",
    "any.example",
    "--steps",
  ]);
  close();
  assert.equal([exitCode, stdout], [0, "bye"]);
  assert.match(stderr, /WARNING: --insecure/);
  assert.match(stderr, /verdict +NOT CHECKED/);
  assert.not.match(stderr, /trusts it/);
});

test("ends without a stack trace when nobody reads its output", async () => {
  const { target, close } = await peer((socket) => socket.end(Buffer.alloc(5_000_000)));
  const { child, finished } = spawnCli(["connect", target, "--ca", ca]);
  child.stdout.once("data", () => child.stdout.destroy());
  assert.equal(remarksOf(await finished), []);
  close();
});

test.run();
