/**
 * The tests of Deno, from outside of it: starts Deno, with the permission to use the network of this machine and no other,
 * and peers for it that a program without permissions can't start. Runs under Node: `npx tsx tests/adapters/deno_run.ts`.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer as createTcpServer } from "node:net";
import { createServer } from "node:tls";
import { assert, suite } from "../harness.ts";
import { opensslClient, opensslServer, opensslVersion } from "../interop/talk.ts";
import { nameOfKind } from "../support/fixtures.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";
import { pem } from "./fixtures.ts";
import { portOfListening } from "./node_runtime.ts";

const inner = suite("Deno, from outside");
const version = "2.9.6";
const onlyNet = ["--no-prompt", "--allow-net=127.0.0.1"];
const program = "tests/adapters/deno_program.ts";
const key = privateKeyPem.p256Pkcs8;

/** Where the command is: what is started by name would stand between us and what is to be killed. */
const deno = spawnSync("npx", ["-y", `deno@${version}`, "eval", "console.log(Deno.execPath())"], { encoding: "utf8" })
  .stdout.trim();

class Run {
  readonly process: ChildProcess;
  output = "";

  constructor(parameters: readonly string[]) {
    const root = new URL("../../", import.meta.url);
    const limits = { timeout: 100_000, killSignal: "SIGKILL" } as const;
    this.process = spawn(deno, ["run", ...parameters], { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...limits });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => this.output += text);
    }
  }

  async says(what: RegExp): Promise<RegExpExecArray> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      const found = what.exec(this.output);
      if (found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`Deno never said ${what}: ${this.output}`);
  }

  async ended(): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, "close");
    return this.process.exitCode;
  }
}

/** What is started is ended, whatever comes of it. */
function test(title: string, body: (start: (...parameters: readonly string[]) => Run) => Promise<void>): void {
  inner(title, async () => {
    const runs: Run[] = [];
    try {
      await body((...parameters) => {
        const run = new Run(parameters);
        runs.push(run);
        return run;
      });
    } finally {
      for (const run of runs) run.process.kill("SIGKILL");
    }
  });
}

const openssl = (title: string, body: Parameters<typeof test>[1]): void =>
  opensslVersion === undefined ? inner.skip(title, "there is no openssl command") : test(title, body);

test("passes the tests that need Deno itself", async (start) => {
  const run = start(...onlyNet, "tests/deno.ts");
  const code = await run.ended();
  console.log(run.output);
  assert.match(run.output, /^[1-9]\d* passed, 0 failed, 0 skipped$/m);
  assert.is(code, 0);
});

for (const suites of ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"]) {
  openssl(`talks to openssl s_server with ${suites}`, async (start) => {
    const server = await opensslServer("p256", ["-rev", "-naccept", "1", "-tls1_2", "-cipher", suites]);
    const run = start(...onlyNet, program, "connect", `${server.port}`, certificatePem.p256, nameOfKind("p256"));
    await run.says(/heard oneD morf olleh/);
    assert.is(await run.ended(), 0);
    assert.is(await server.openssl.ended(), 0);
  });
}

openssl("takes openssl s_client, which says its last word and hears ours", async (start) => {
  const run = start(...onlyNet, program, "serve", certificatePem.p256, key);
  const [, port] = await run.says(/listening (\d+)/);
  const client = opensslClient(Number(port), "p256", ["-verify_hostname", nameOfKind("p256")]);
  client.process.stdin.write("hello\n");
  await client.says(/^hello$/m);
  client.process.stdin.end();
  assert.is(await client.ended(), 0);
  await run.says(/^ended$/m);
  assert.is(await run.ended(), 0);
});

openssl("refuses an openssl s_server whose name is another one, and is refused by s_client likewise", async (start) => {
  const server = await opensslServer("p256", ["-naccept", "1"]);
  const refusing = start(...onlyNet, program, "fail", `${server.port}`, certificatePem.p256, "elsewhere.example");
  await refusing.says(/failed : CertificateError: .*elsewhere\.example/);
  assert.is(await refusing.ended(), 0);
  server.openssl.kill();
  const refused = start(...onlyNet, program, "serve", certificatePem.p256, key);
  const [, port] = await refused.says(/listening (\d+)/);
  const client = opensslClient(Number(port), "p256", ["-verify_hostname", "elsewhere.example"]);
  await client.says(/hostname mismatch/i);
  await refused.says(/AlertReceivedError: .*(bad_certificate|certificate_unknown)/);
  assert.is(await refused.ended(), 1);
});

test("tells that a connection was reset", async (start) => {
  const server = createTcpServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
  const run = start(...onlyNet, program, "fail", `${await portOfListening(server)}`, pem.ca, "localhost");
  await run.says(/failed ECONNRESET: TransportError: The transport failed in state live\.awaitServerHello/);
  assert.is(await run.ended(), 0);
  server.close();
});

test("ends although a connection and a listener are open that nobody refers to, and not while one is", async (start) => {
  const unref = start(...onlyNet, program, "idle", pem.cert, pem.key, pem.ca);
  await unref.says(/idle/);
  assert.is(await unref.ended(), 0);
  const ref = start(...onlyNet, program, "idle", pem.cert, pem.key, pem.ca, "ref");
  await ref.says(/idle/);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.is(ref.process.exitCode, null);
});

test("trusts Deno's own roots by default, when they may be read", async (start) => {
  const server = createServer({ cert: pem.cert, key: pem.key }, () => {}).on("tlsClientError", () => {});
  const port = `${await portOfListening(server)}`;
  await start(...onlyNet, "--allow-sys", program, "roots", port).says(/refused CertificateError: .*/);
  await start(...onlyNet, program, "roots", port).says(/TlsUsageError: Cannot read whom Deno trusts: .*--allow-sys/);
  server.close();
});

inner.run();
