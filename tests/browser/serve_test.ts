/** The command that serves the example page: its options, its ports, and what it passes on from the relay. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { exampleOptions } from "../../examples/browser/example_options.ts";
import { servePage } from "../../examples/browser/page_server.ts";
import { portOfListening } from "../adapters/node_runtime.ts";
import { assert, suite } from "../harness.ts";

const test = suite("the command of the browser example");

const script = fileURLToPath(new URL("../../examples/browser/serve.ts", import.meta.url));
const anyPorts = ["--port", "0", "--relay-port", "0", "--reverse-port", "0"];

test("says in one line what is wrong with its options, and lists them when asked", async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["--prot", "1"], /^The example can't start: Unknown option '--prot'; --help lists the options\n$/],
    [["--port", "abc"], /^The example can't start: --port is "abc"; a port is a number from 0 to 65535\n$/],
    [["--relay-port", "65536"], /^The example can't start: --relay-port is "65536"; a port is .*\n$/],
    [["--port"], /^The example can't start: Option '--port <value>' argument missing; --help lists the options\n$/],
    [["extra"], /^The example can't start: Unexpected argument 'extra'; --help lists the options\n$/],
  ];
  for (const [args, expected] of cases) {
    const { code, out, err } = await ended(run(args));
    assert.match(err, expected);
    assert.is(out, "");
    assert.is(code, 2);
  }
  const { code, out, err } = await ended(run(["--help"]));
  assert.equal([code, err], [0, ""]);
  for (const option of ["--port", "--relay-port", "--reverse-port", "--https-port", "--allow"]) {
    assert.ok(out.includes(option), option);
  }
});

test("names the port that is in use, and its option, when the user has chosen it", async () => {
  const busy = createServer();
  const port = await portOfListening(busy);
  for (const option of ["--port", "--relay-port", "--reverse-port", "--https-port"]) {
    const { code, err } = await ended(run([...anyPorts, option, String(port)]));
    assert.is(err, `The example can't start: port ${port} (${option}) is in use; give another\n`);
    assert.is(code, 2);
  }
  busy.close();
  const { err } = await ended(run(["--port", "9", "--relay-port", "9"]));
  assert.is(err, "The example can't start: port 9 is given twice (--port, --relay-port)\n");
});

test("takes a free port in place of a default that is in use", async () => {
  const options = exampleOptions([]);
  assert.ok(options);
  const busy = createServer().listen(options.page.port, "127.0.0.1").on("error", () => {});
  await Promise.race([once(busy, "listening"), once(busy, "error")]);
  const child = run(anyPorts.slice(2));
  try {
    const [, port] = await said(child, /Open http:\/\/127\.0\.0\.1:(\d+)\//);
    assert.not.equal(port, String(options.page.port));
  } finally {
    child.kill();
    busy.close();
  }
});

test("prints what its relay refuses, with the reason", async () => {
  const child = run(anyPorts);
  try {
    const [, port] = await said(child, /ws:\/\/127\.0\.0\.1:(\d+)/);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/127.0.0.1:1`);
    socket.on("error", () => {});
    const [line] = await said(child, /^#1 .* refused with 403: .*127\.0\.0\.1:1.*$/m);
    assert.ok(line);
  } finally {
    child.kill();
  }
});

test("answers 404 to whatever isn't a file, be it a URL or not, and goes on", async () => {
  const { port, close } = await page();
  try {
    for (const target of ["//", "//:x", "/\\", "/%", "/..", "*", "http://[", "/nothing"]) {
      assert.is(await statusOf(port, target, `127.0.0.1:${port}`), 404, target);
    }
    for (const target of ["/", "/?role=server"]) assert.is(await statusOf(port, target, `127.0.0.1:${port}`), 200);
    assert.is(await statusOf(port, "/", `127.0.0.1:${port}`, "POST"), 405);
  } finally {
    await close();
  }
});

test("shows its page under the names of this machine only, so that a foreign name that leads here gets nothing", async () => {
  const { port, close } = await page();
  try {
    const foreign = ["attacker.example", `attacker.example:${port}`, "127.0.0.1", `127.0.0.1:${port + 1}`, ""];
    for (const host of foreign) assert.is(await statusOf(port, "/", host), 421, host);
    for (const name of ["127.0.0.1", "localhost", "[::1]"]) {
      assert.is(await statusOf(port, "/", `${name}:${port}`), 200, name);
    }
  } finally {
    await close();
  }
});

test.run();

async function page() {
  const { origin, close } = await servePage(0, new Map([["/", { type: "text/html", content: "a page" }]]));
  return { port: Number(new URL(origin).port), close };
}

/** Says just that; `fetch` would tidy it up. */
async function statusOf(port: number, target: string, host: string, method = "GET"): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  socket.write(`${method} ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  let answer = "";
  for await (const part of socket.setEncoding("utf8")) answer += part;
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

function run(args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ["--import", "tsx", script, ...args]);
}

async function ended(child: ChildProcessWithoutNullStreams) {
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => out += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => err += text);
  const [code]: (number | null)[] = await once(child, "close");
  return { code, out, err };
}

/** Waits until standard output has it; throws what it said when it ends before. */
function said(child: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<RegExpExecArray> {
  let text = "";
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      const found = pattern.exec(text += part);
      if (found !== null) resolve(found);
    });
    child.on("close", () => reject(new Error(`it ended, and said:\n${text}`)));
  });
}
