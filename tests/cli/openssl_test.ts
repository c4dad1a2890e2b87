/**
 * The command line against the `openssl` command, both ways.
 * @module
 */

import { execFileSync, spawn } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";
import { assert, suite } from "../harness.ts";
import { openWorkshop, portOf, remarksOf, runCli, startCli } from "./run_cli.ts";

const test = suite("cli with openssl");
const workshop = openWorkshop();
const { ca, cert, key } = workshop;

/** Whether a command ends well; what it prints isn't looked at. */
function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Runs `openssl` with this on stdin until it ends, or until it has said what is awaited. */
async function openssl(args: readonly string[], stdin: string, awaited = /$^/): Promise<string> {
  const child = spawn("openssl", args);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (awaited.test(said)) child.kill();
    });
  }
  child.stdin.on("error", () => {});
  child.stdin.write(stdin);
  await once(child, "close");
  return said;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** `openssl s_server`, once it listens. */
async function opensslServer(port: number, args: readonly string[]): Promise<() => void> {
  const child = spawn("openssl", ["s_server", "-accept", `127.0.0.1:${port}`, "-cert", cert, "-key", key, ...args]);
  let said = "";
  await new Promise<void>((resolve) =>
    child.stdout.on("data", (data: Buffer) => {
      said += data.toString();
      if (said.includes("ACCEPT")) resolve();
    })
  );
  return () => void child.kill();
}

function connects(): void {
  test("connect gets the page of s_server -www, and talks to s_server -rev", async () => {
    const [webPort, reversePort] = [await freePort(), await freePort()];
    const stopWeb = await opensslServer(webPort, ["-www"]);
    const stopReverse = await opensslServer(reversePort, ["-rev"]);
    const [page, piped, reversed] = await Promise.all([
      runCli(["connect", `localhost:${webPort}`, "--ca", ca, "--get", "/"]),
      runCli(["connect", `localhost:${webPort}`, "--ca", ca], { stdin: "GET / HTTP/1.0\r\n\r\n" }),
      runCli(["connect", `localhost:${reversePort}`, "--ca", ca], { stdin: "hello\n" }),
    ]);
    stopWeb();
    stopReverse();
    assert.match(page.stdout, /Protocol *: TLSv1\.2/);
    assert.match(piped.stdout, /^HTTP\/1\.0 200 ok/);
    assert.is(reversed.stdout, "olleh\n");
    assert.equal([reversed.exitCode, remarksOf(reversed)], [0, []]);
  });

  test("connect resumes with s_server, by ticket and by session ID, and shows it a certificate", async () => {
    const [tickets, ids] = [await freePort(), await freePort()];
    const stops = [
      await opensslServer(tickets, ["-www", "-tls1_2", "-Verify", "1", "-verify_return_error", "-CAfile", ca]),
      await opensslServer(ids, ["-www", "-tls1_2", "-no_ticket"]),
    ];
    const own = ["--cert", cert, "--key", key];
    for (const [port, options] of [[tickets, own], [ids, []]] as const) {
      const session = ["--session", workshop.path(`${port}.session`)];
      const visit = () => runCli(["connect", `localhost:${port}`, "--ca", ca, "--get", "/", ...session, ...options]);
      const [first, second] = [await visit(), await visit()];
      assert.equal([first.exitCode, second.exitCode], [0, 0], first.stderr + second.stderr);
      assert.match(first.stdout, /^New, TLSv1\.2/m);
      assert.match(second.stdout, /^Reused, TLSv1\.2/m);
      assert.match(second.stderr, /, resumed/);
    }
    const { lines } = await runCli(["connect", `localhost:${tickets}`, "--ca", ca, "--get", "/"]);
    assert.is(lines.at(-1), "tlschart: the server asked for a client certificate: --cert FILE --key FILE");
    for (const stop of stops) stop();
  });

  test("s_client resumes with serve, gets a stapled response, and shows its certificate", async () => {
    const staple = workshop.write("staple.der", Uint8Array.of(0x30, 3, 0x0a, 1, 3)); // tryLater (RFC 6960 §4.2.1)
    const server = startCli(["serve", "0", "--cert", cert, "--key", key, "--client-ca", ca, "--ocsp", staple]);
    try {
      const session = workshop.path("openssl.session");
      const common = [
        "s_client",
        "-connect",
        `127.0.0.1:${await portOf(server)}`,
        "-servername",
        "localhost",
        "-tls1_2",
      ];
      const visit = (...args: string[]) =>
        openssl([...common, "-CAfile", ca, "-cert", cert, "-key", key, ...args], "GET / HTTP/1.0\r\n\r\n", /<\/html>/);
      const first = await visit("-sess_out", session, "-status");
      const second = await visit("-sess_in", session);
      assert.match(first, /^New, TLSv1\.2/m);
      assert.match(first, /OCSP Response Status: trylater/);
      assert.match(second, /^Reused, TLSv1\.2/m);
      assert.match(second, /<th>Resumed<\/th><td>yes/);
      assert.match(second, /<th>Your certificate<\/th><td>(?!none)/);
    } finally {
      await server.stop();
    }
  });

  test("serve answers s_client: the page, and what it said", async () => {
    const [web, echo] = [["--www"], ["--echo"]].map((args) =>
      startCli(["serve", "0", "--cert", cert, "--key", key, ...args])
    );
    if (web === undefined || echo === undefined) throw new Error("two servers were started");
    try {
      const target = async (server: typeof web): Promise<readonly string[]> => [
        ...["s_client", "-connect", `127.0.0.1:${await portOf(server)}`, "-servername", "localhost"],
        ...["-CAfile", ca, "-verify_return_error", "-quiet"],
      ];
      const page = await openssl(await target(web), "GET / HTTP/1.0\r\n\r\n");
      assert.match(page, /HTTP\/1\.1 200 OK/);
      assert.match(page, /<td>TLSv1\.2<\/td>/);
      assert.match(await openssl(await target(echo), "hello there\n", /hello there/), /hello there\n/);
    } finally {
      await web.stop();
      await echo.stop();
    }
  });
}

if (hasOpenssl()) connects();
else test.skip("connect and serve talk to s_server and s_client", "there is no openssl command");

test.run();
