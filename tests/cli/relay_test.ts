/**
 * `relay` as a command: its words, where it listens, what it says of each connection, and its end.
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:tls";
import { WebSocket } from "ws";
import { parseArguments } from "../../adapters/cli/arguments.ts";
import type { Command } from "../../adapters/cli/options.ts";
import { usage } from "../../adapters/cli/usage.ts";
import { acceptTls, connectTls } from "../../adapters/websocket.ts";
import { errorOf, readText, writeAll } from "../adapters/fixtures.ts";
import { portOf as portOfAddress } from "../adapters/node_runtime.ts";
import { assert, suite } from "../harness.ts";
import { opensslVersion } from "../interop/talk.ts";
import { openWorkshop, portOf, runCli, said, spawnCli, startCli } from "./run_cli.ts";

const test = suite("cli relay");
const workshop = openWorkshop();
const trusting = { serverName: "localhost", trustAnchors: workshop.caPem };

test("takes every option of its help", () => {
  const words = "relay 9000 --allow a:1 --allow [::1]:2 --origin http://localhost:8080 --origin null --host :: " +
    "--max-connections 5 --max-bytes 1000000 --idle-timeout 60 --reverse 0";
  const expected: Command = {
    name: "relay",
    host: "::",
    port: 9000,
    allow: ["a:1", "[::1]:2"],
    origins: ["http://localhost:8080", "null"],
    maxConnections: 5,
    maxBytes: 1_000_000,
    idleTimeout: 60_000,
    reverse: 0,
  };
  assert.equal(parseArguments(words.split(" ")), expected);
  for (const option of words.match(/--[a-z-]+/g) ?? []) assert.ok(usage("relay").includes(`  ${option} `), option);
  for (const line of usage("relay").split("\n")) assert.ok(line.length <= 100, line);
  assert.equal(parseArguments(["relay", "0", "--reverse", "1"]), {
    ...expected,
    port: 0,
    host: "127.0.0.1",
    allow: [],
    origins: [],
    maxConnections: undefined,
    maxBytes: undefined,
    idleTimeout: undefined,
    reverse: 1,
  });
});

const wrong: readonly (readonly [words: string, reason: RegExp])[] = [
  ["relay", /relay needs a PORT/],
  ["relay 0", /--allow HOST:PORT or --reverse PORT: without, it would be a way to everywhere/],
  ["relay 0 --origin *", /a way to everywhere/],
  ["relay 0 --allow example.com", /Cannot allow "example\.com": HOST:PORT is needed/],
  ["relay 0 --allow *", /Cannot allow "\*"/],
  ["relay 0 --allow a:1 --origin localhost:8080", /Cannot use the origin "localhost:8080"/],
  ["relay 0 --allow a:1 b:2", /"b:2" is one word too many/],
  ["relay 65536 --allow a:1", /"65536" is no port/],
  ["relay 0 --reverse x", /"x" is no port/],
  ["relay 0 --allow a:1 --max-bytes 0", /--max-bytes needs a whole number from 1 on, not "0"/],
  ["relay 0 --allow a:1 --max-connections many", /--max-connections needs a whole number/],
  ["relay 0 --allow a:1 --idle-timeout 1e9", /--idle-timeout needs a whole number/],
  ["relay 0 --allow a:1 --idle-timeout 99999999", /idleTimeout is 99999999000; .* at most/],
  ["relay 0 --allow a:1 --secrets", /unknown option '--secrets'/i],
];

test("says in one line what is wrong or dangerous, and exits with 2 when it can't begin", async () => {
  for (const [words, reason] of wrong) {
    const { exitCode, lines, stdout } = await runCli(words.split(" "));
    assert.equal([exitCode, lines.length, stdout], [2, 1, ""], words);
    assert.match(lines[0] ?? "", reason);
  }
  const open = startCli(["relay", "0", "--allow", "a:1", "--host", "0.0.0.0"]);
  await said(open, /--host 0\.0\.0\.0: whoever reaches this address can use this relay/);
  await open.stop();
  const taken = startCli(["relay", "0", "--allow", "a:1"]);
  const again = await runCli(["relay", String(await portOf(taken)), "--allow", "a:1"]);
  assert.match(again.stderr, /cannot listen on 127\.0\.0\.1:\d+: the port is in use/);
  await taken.stop();
});

test("carries TLS to a server that it allows, says so in a line, and ends at Ctrl-C", async () => {
  const server = createServer({ key: workshop.keyPem, cert: workshop.certPem, maxVersion: "TLSv1.2" }, (socket) => {
    socket.on("data", (bytes) => socket.end(bytes));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const target = `127.0.0.1:${portOfAddress(server.address())}`;
  const relay = spawnCli(["relay", "0", "--allow", target, "--origin", "*"]);
  try {
    const url = `ws://127.0.0.1:${await portOf(relay)}/`;
    const client = connectTls(new WebSocket(`${url}${target}`), trusting);
    await writeAll(client.writable, "through a process of its own");
    assert.is(await readText(client.readable), "through a process of its own");
    await client.closed;
    await errorOf(connectTls(new WebSocket(`${url}evil.example:443`), trusting).opened);
    await said(relay, /#2 /);
  } finally {
    server.close();
  }
  const { exitCode, stdout, lines } = await relay.stop();
  assert.equal([exitCode, stdout, lines.length], [0, "", 5]);
  assert.match(lines[0] ?? "", /listening on 127\.0\.0\.1:\d+ \(a relay; Ctrl-C ends it\)/);
  assert.ok(lines[1]?.endsWith(`/${target}`));
  assert.match(lines[2] ?? "", /--origin '\*': every page/);
  assert.match(lines[3] ?? "", /#1 127\.0\.0\.1:\d+ → 127\.0\.0\.1:\d+: \d+ bytes out, [\d,]+ bytes back; /);
  assert.match(lines[4] ?? "", /#2 127\.0\.0\.1:\d+ refused with 403: evil\.example:443 isn't on the list/);
});

const reverse = "gives the openssl command to a TLS server that has no port, by the reverse way";
const reverseWay = async (): Promise<void> => {
  const relay = startCli(["relay", "0", "--reverse", "0"]);
  const port = await portOf(relay);
  const [, tcpPort = ""] = await said(relay, /TCP connections to 127\.0\.0\.1:(\d+) go to who waits at ws:/);
  const credential = { certificateChain: workshop.certPem, privateKey: workshop.keyPem };
  const server = acceptTls(new WebSocket(`ws://127.0.0.1:${port}/reverse`), {
    credentials: [credential],
    halfClose: true,
  });
  const heard = readText(server.readable);
  const openssl = spawn("openssl", [
    "s_client",
    "-connect",
    `127.0.0.1:${tcpPort}`,
    "-CAfile",
    workshop.ca,
    "-verify_return_error",
    "-quiet",
    "-servername",
    "localhost",
  ]);
  let answer = "";
  openssl.stdout.on("data", (bytes) => answer += bytes);
  const closed = once(openssl, "close");
  await server.opened;
  await writeAll(server.writable, "an answer from nowhere");
  openssl.stdin.end("a question\n");
  await closed;
  assert.is(answer, "an answer from nowhere");
  await server.close();
  assert.match(await heard, /^(a question\n)?$/);
  const { exitCode, stderr } = await relay.stop();
  assert.is(exitCode, 0);
  assert.match(stderr, /#1 127\.0\.0\.1:\d+ → \/reverse \(127\.0\.0\.1:\d+\): [\d,]+ bytes out, /);
};
if (opensslVersion === undefined) test.skip(reverse, "there is no openssl command");
else test(reverse, reverseWay);

test.run();
