/** tlschart/bun against TLS stacks that aren't ours: Bun's own (BoringSSL), and the openssl command. Runs under Bun. */
import { connectTls, listenTls, type TlsStream } from "../../adapters/bun.ts";
import { deferred } from "../../adapters/deferred.ts";
import { CertificateError } from "../../mod.ts";
import { readFileSync } from "node:fs";
import { say, serveEcho } from "../../examples/bun_echo.ts";
import { assert, suite } from "../harness.ts";
import { file, Openssl, opensslClient, opensslServer, opensslVersion } from "../interop/talk.ts";
import { credentialOf, nameOfKind } from "../support/fixtures.ts";
import { certificatePem } from "../support/x509_fixtures.ts";
import { bunRuntime } from "./bun_runtime.ts";
import { credential, errorOf, isError, otherAuthority, pem, readText, trusting, utf8, writeAll } from "./fixtures.ts";

const inner = suite("tlschart/bun with others");

/** Nothing may be left behind. */
function test(title: string, body: () => Promise<void>): void {
  inner(title, async () => {
    await Promise.resolve();
    const leftovers = bunRuntime.watch();
    await body();
    assert.equal(await leftovers(), [], "something is left behind");
  });
}

const anywhere = { hostname: "127.0.0.1", port: 0 };
const server = { credentials: [credential], halfClose: true };
const echo = ({ readable, writable }: TlsStream): Promise<void> => readable.pipeTo(writable);
/** Bun's own TLS, as far as these tests use it. */
const { listen, connect, serve } = (globalThis as unknown as { Bun: BunTls }).Bun;

test("talks to a server of Bun.listen with tls", async () => {
  const socket = { open: () => {}, data: (other: BunTlsSocket, bytes: Uint8Array) => void other.end(bytes) };
  const listener = listen({ ...anywhere, tls: pem, socket });
  const stream = connectTls({ ...trusting, ...anywhere, port: listener.port });
  const writer = stream.writable.getWriter();
  await writer.write(utf8("hello"));
  assert.is(await readText(stream.readable), "hello");
  assert.is((await stream.opened).version, "TLSv1.2");
  await stream.closed;
  listener.stop(true);
});

test("takes a client of Bun.connect with tls", async () => {
  const listener = listenTls({ ...server, ...anywhere }, echo);
  const said = deferred<string>();
  const ended = deferred<void>();
  const socket = {
    open: () => {},
    handshake: (other: BunTlsSocket, isDone: boolean, error: unknown) => {
      if (!isDone || error) said.reject(error);
      other.write(utf8("hello"));
    },
    data: (other: BunTlsSocket, bytes: Uint8Array) => {
      said.resolve(`${other.getTLSVersion()} ${new TextDecoder().decode(bytes)}`);
      other.end();
    },
    close: ended.resolve,
  };
  await connect({ ...anywhere, port: listener.port, tls: { ca: pem.ca, serverName: "localhost" }, socket });
  assert.is(await said.promise, "TLSv1.2 hello");
  await ended.promise;
  listener.stop();
});

test("gets a page from Bun.serve with tls", async () => {
  const page = serve({ ...anywhere, tls: pem, fetch: () => new Response("a page") });
  const stream = connectTls({ ...trusting, ...anywhere, port: page.port });
  const answer = readText(stream.readable);
  const writer = stream.writable.getWriter();
  await writer.write(utf8("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
  assert.match(await answer, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\na page$/);
  await stream.closed;
  await page.stop(true);
});

test("serves a page to fetch, which trusts our authority only when told", async () => {
  const reported: unknown[] = [];
  const onError = (error: unknown): void => void reported.push(error);
  const listener = listenTls({ ...server, ...anywhere, onError }, async ({ readable, writable }) => {
    for await (const _ of readable) break;
    await writeAll(writable, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\na page");
  });
  const url = `https://localhost:${listener.port}/`;
  const tls = { ca: pem.ca };
  assert.is(await (await fetch(url, Object.assign({ keepalive: false }, { tls }))).text(), "a page");
  assert.instance(await errorOf(fetch(url)), Error);
  assert.equal(reported, []);
  listener.stop();
});

test("refuses a server of Bun's that it doesn't trust", async () => {
  const listener = listen({ ...anywhere, tls: pem, socket: { open: () => {}, data: () => {}, error: () => {} } });
  const options = { ...trusting, trustAnchors: otherAuthority.certificate, ...anywhere, port: listener.port };
  const stream = connectTls(options);
  isError(await errorOf(stream.opened), CertificateError, /./);
  await errorOf(stream.closed);
  listener.stop(true);
});

test("talks to openssl s_server", async () => {
  if (opensslVersion === undefined) throw new Error("there is no openssl command");
  const { openssl, port } = await opensslServer("p256", ["-rev", "-naccept", "1"]);
  const options = { serverName: nameOfKind("p256"), trustAnchors: certificatePem.p256 };
  const stream = connectTls({ ...options, hostname: "127.0.0.1", port });
  const writer = stream.writable.getWriter();
  await writer.write(utf8("hello\n"));
  const reader = stream.readable.getReader();
  assert.is(new TextDecoder().decode((await reader.read()).value), "olleh\n");
  await Promise.all([stream.close(), stream.closed]);
  assert.is(await openssl.ended(), 0);
});

test("takes openssl s_client", async () => {
  const listener = listenTls({ ...server, ...anywhere, credentials: [credentialOf.p256] }, echo);
  const openssl = opensslClient(listener.port, "p256", ["-verify_hostname", nameOfKind("p256")]);
  openssl.process.stdin.write("hello\n");
  await openssl.says(/hello/);
  openssl.process.stdin.end();
  assert.is(await openssl.ended(), 0);
  listener.stop();
});

test("the example echoes, to our client and to openssl", async () => {
  const listener = serveEcho(0, pem.cert, pem.key);
  assert.is(await say(listener.port, pem.ca, "hello — 你好"), "hello — 你好");
  const verify = ["-verify_return_error", "-verify_hostname", "localhost", "-CAfile", file("bun.pem", pem.ca)];
  const openssl = new Openssl(["s_client", "-connect", `127.0.0.1:${listener.port}`, ...verify]);
  openssl.process.stdin.write("hello\n");
  await openssl.says(/hello/);
  openssl.process.stdin.end();
  assert.is(await openssl.ended(), 0);
  listener.stop();
});

inner("shows the example in the documentation to the letter", () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  const example = read("../../examples/bun_echo.ts").replace('"../adapters/bun.ts"', '"tlschart/bun"');
  assert.ok(read("../../docs/adapters/bun.md").includes("```ts\n" + example + "```"));
});

inner.run();

interface BunTlsSocket {
  write(bytes: Uint8Array): number;
  end(bytes?: Uint8Array): number;
  getTLSVersion(): string;
}

interface BunTls {
  listen(options: object): { readonly port: number; stop(closeActive: boolean): void };
  connect(options: object): Promise<BunTlsSocket>;
  serve(options: object): { readonly port: number; stop(closeActive: boolean): Promise<void> };
}
