/**
 * `serve` for clients of node:tls and node:https in this process, and for `connect`.
 * @module
 */

import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { get as httpsGet } from "node:https";
import { connect as tcpConnect } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import { assert, suite } from "../harness.ts";
import { openWorkshop, portOf, remarksOf, runCli, type Running, said, spawnCli, startCli } from "./run_cli.ts";

const test = suite("cli serve");
const workshop = openWorkshop();
const files = ["--cert", workshop.cert, "--key", workshop.key];

/** Status and body of one HTTPS request with Node's own client. */
async function ask(port: number, ca: string, path = "/", method = "GET"): Promise<readonly [number, string]> {
  const asking = httpsGet({ host: "localhost", port, path, method, ca, agent: false });
  const [response] = await once(asking, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return [response.statusCode, Buffer.concat(chunks).toString("utf8")];
}

/** Says something by node:tls, ends, and gives back everything that came. */
async function say(port: number, text: string, options: ConnectionOptions = {}): Promise<string> {
  const socket = connect({ host: "localhost", port, ca: workshop.caPem, ...options });
  await once(socket, "secureConnect");
  socket.end(text);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
}

test("--self-signed prints a certificate that clients can trust, and --www answers with facts", async () => {
  const keyLog = workshop.path("serve_keys.txt");
  const server = startCli(["serve", "0", "--self-signed", "localhost,127.0.0.1", "--steps", "--keylog", keyLog]);
  try {
    await facts(server, keyLog);
  } finally {
    await server.stop();
  }
});

async function facts(server: Running, keyLog: string): Promise<void> {
  const port = await portOf(server);
  const pem = server.stdout();
  const certificate = new X509Certificate(pem);
  assert.is(certificate.subjectAltName, "DNS:localhost, IP Address:127.0.0.1");
  const fingerprint = createHash("sha256").update(certificate.raw).digest("hex");
  assert.ok(server.stderr().includes(fingerprint));
  const caFile = workshop.write("self_signed.pem", pem);

  const [[status, body], [, other], [postStatus], ours, piped, untrusted] = await Promise.all([
    ask(port, pem),
    ask(port, pem, "/?<b>"),
    ask(port, pem, "/", "POST"),
    runCli(["connect", `localhost:${port}`, "--ca", caFile, "--get", "/"]),
    runCli(["connect", `127.0.0.1:${port}`, "--ca", caFile], { stdin: "GET / HTTP/1.0\r\n\r\n" }),
    runCli(["connect", `localhost:${port}`, "--ca", workshop.ca]),
  ]);
  assert.is(status, 200);
  assert.match(body, /^<!doctype html>/);
  for (const fact of ["TLSv1.2", "TLS_ECDHE_ECDSA_WITH_", "localhost", "live.connected"]) {
    assert.ok(body.includes(fact), fact);
  }
  assert.match(ours.stdout, /ALPN.*<td>http\/1\.1<\/td>/);
  assert.ok(other.includes("/?&#60;b&#62;") || other.includes("%3Cb%3E"));
  assert.is(postStatus, 405);
  assert.equal([ours.exitCode, remarksOf(ours)], [0, []]);
  assert.match(ours.stdout, /^<!doctype html>/);
  assert.equal([piped.exitCode, remarksOf(piped)], [0, []]);
  assert.match(piped.stdout, /^HTTP\/1\.1 200 OK\r\n/);
  assert.is(untrusted.exitCode, 1);

  await said(server, /#\d+ \S+ the handshake failed: .*unknown_ca/);
  const { exitCode, stderr, stdout } = await server.stop();
  assert.is(exitCode, 0);
  assert.is(stdout, pem);
  assert.is(
    stderr.match(/^tlschart: #\d+ \S+ TLSv1\.2 TLS_ECDHE_ECDSA_\S+ \S+ ecdsa_secp256r1_sha256.*ALPN http\/1\.1$/gm)
      ?.length,
    1,
  );
  assert.is(stderr.match(/^tlschart: #\d+ \S+ TLSv1\.2 TLS_ECDHE_ECDSA_/gm)?.length, 5);
  assert.is(stderr.match(/^ {2}1 {2}Client Hello/gm)?.length, 6);
  assert.ok((stderr.match(/^ 10 {2}Server Change Cipher Spec/gm)?.length ?? 0) >= 5);
  assert.is(readFileSync(keyLog, "utf8").match(/^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/gm)?.length, 5);
}

test("--echo serves many at once, outlives every failure, and says close_notify when it is stopped", async () => {
  const server = spawnCli(["serve", "0", ...files, "--echo", "--alpn", "echo", "--groups", "secp256r1"]);
  try {
    await echoes(server);
  } finally {
    await server.stop();
  }
});

async function echoes(server: Running): Promise<void> {
  const port = await portOf(server);
  const big = "0123456789abcdef".repeat(20_000);
  const texts = ["one", "two", big, "four"];
  const options = { ALPNProtocols: ["echo"] };
  const answers = await Promise.all(texts.map((text) => say(port, text, options)));
  assert.ok(answers.every((answer, index) => answer === texts[index]));

  const garbage = tcpConnect(port, "127.0.0.1");
  garbage.write("garbage\r\n\r\n");
  await once(garbage.on("data", () => {}), "close");
  const vanishing = tcpConnect(port, "127.0.0.1");
  await once(vanishing, "connect");
  vanishing.resetAndDestroy();
  const unwilling = connect({ host: "localhost", port, maxVersion: "TLSv1.1", minVersion: "TLSv1.1" });
  await once(unwilling, "error");
  const strange = connect({ host: "localhost", port, ca: workshop.caPem, ALPNProtocols: ["strange"] });
  await once(strange, "error");
  await said(server, /no_application_protocol/);
  await said(server, /speak TLS/);

  const [again, staying] = await Promise.all([
    runCli(["connect", `localhost:${port}`, "--ca", workshop.ca, "--alpn", "echo"], { stdin: "again" }),
    Promise.resolve(connect({ host: "localhost", port, ca: workshop.caPem })),
  ]);
  assert.equal([again.exitCode, again.stdout, remarksOf(again)], [0, "again", []]);
  // The one that stays hears close_notify, which Node tells as the end.
  staying.resume();
  const ended = once(staying, "end");
  const { exitCode, stdout, lines } = await server.stop();
  await ended;
  assert.equal([exitCode, stdout], [0, ""]);
  for (const line of lines) assert.match(line, /^tlschart: (listening on|#\d+) /);
  assert.is(lines.filter((line) => / TLSv1\.2 .* secp256r1 /.test(line)).length, 6);
}

test.run();
