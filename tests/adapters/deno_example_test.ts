/** examples/deno_http.ts works: `Deno.serve` and `fetch` with our TLS, together and with Deno's own. Runs under Deno only. */
import { AlertReceivedError, CertificateError } from "../../mod.ts";
import { fetchHttps, serveHttps } from "../../examples/deno_http.ts";
import { connectTls } from "../../adapters/deno.ts";
import { assert } from "../harness.ts";
import { certified, denoSuite, place, readOnce, rest, say, trusted } from "./deno_support.ts";
import { errorOf, isError, otherAuthority, pem } from "./fixtures.ts";

const test = denoSuite("examples/deno_http.ts");
const told = { caCerts: [pem.ca] };

async function echoed(request: Request): Promise<Response> {
  const body = await request.text();
  return new Response(
    `${request.method} ${new URL(request.url).pathname} ${request.headers.get("host")} ${body.length}`,
  );
}

test("serves and fetches, with each other and with Deno's own", async () => {
  const ours = serveHttps(0, certified.cert, certified.key, echoed);
  const theirs = Deno.serve({ ...place, ...certified, onListen: () => {} }, echoed);
  const post = { method: "POST", body: "a".repeat(300_000) };
  for (const { port } of [ours.addr, theirs.addr]) {
    const response = await fetchHttps(`https://127.0.0.1:${port}/path`, told, post);
    assert.is(response.status, 200);
    assert.is(await response.text(), `POST /path 127.0.0.1:${port} 300000`);
  }
  using client = Deno.createHttpClient(told);
  for (let turn = 0; turn < 3; turn++) {
    const response = await fetch(`https://127.0.0.1:${ours.addr.port}/`, { client, ...post });
    assert.is(await response.text(), `POST / 127.0.0.1:${ours.addr.port} 300000`);
  }
  client.close();
  ours.close();
  await theirs.shutdown();
});

test("answers a client that has said its last word", async () => {
  const ours = serveHttps(0, certified.cert, certified.key, () => rest(20).then(() => new Response("late")));
  using conn = await connectTls({ ...trusted, port: ours.addr.port });
  await say(conn, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");
  let answer = "";
  for (let text: string | null = ""; text !== null; text = await readOnce(conn)) answer += text;
  assert.match(answer, /^HTTP\/1\.[01] 200 OK\r\n[^]*late$/);
  ours.close();
});

test("says of a server that it isn't to be trusted, and why, on both sides", async () => {
  const { error } = console;
  const said: unknown[] = [];
  console.error = (...args) => void said.push(...args);
  try {
    const ours = serveHttps(0, certified.cert, certified.key, echoed);
    const url = `https://127.0.0.1:${ours.addr.port}/`;
    isError(await errorOf(fetchHttps(url, { trustAnchors: otherAuthority.certificate })), CertificateError, /./);
    while (said.length < 2) await rest(5);
    isError(said[1], AlertReceivedError, /unknown_ca/);
    ours.close();
  } finally {
    console.error = error;
  }
});

test.run();
