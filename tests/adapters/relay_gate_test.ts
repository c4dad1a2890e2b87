/** Who may pass the relay, and where to: decided without a network. */
import { admit, type RequestHead, rulesOf } from "../../adapters/relay_gate.ts";
import { TlsUsageError } from "../../mod.ts";
import { assert, suite } from "../harness.ts";

const test = suite("the relay's gate");

const allow = ["Example.com:443", "127.0.0.1:8443", "[2001:DB8:0::1]:443", "a_b.example:1"];
const webSocket = { upgrade: "websocket", connection: "Upgrade", "sec-websocket-version": "13" };
const asking = (url: string, headers: RequestHead["headers"] = {}): RequestHead => (
  { method: "GET", url, headers: { ...webSocket, ...headers } }
);

/** `→ HOST PORT`, `→ reverse`, or the status. */
function fate(request: RequestHead, origins: readonly string[] = [], isReverse = false): string {
  const admission = admit(request, rulesOf(allow, origins, isReverse));
  switch (admission.type) {
    case "target":
      return `→ ${admission.target.host} ${admission.target.port}`;
    case "reverse":
      return "→ reverse";
    case "refused":
      return String(admission.status);
  }
}

const paths: readonly (readonly [url: string, fate: string])[] = [
  ["/example.com:443", "→ example.com 443"],
  ["/EXAMPLE.COM:443", "→ example.com 443"],
  ["/example%2Ecom%3A443", "→ example.com 443"],
  ["/127.0.0.1:8443", "→ 127.0.0.1 8443"],
  ["/[2001:db8::1]:443", "→ 2001:db8::1 443"],
  ["/%5B2001:db8:0:0:0:0:0:1%5D:443", "→ 2001:db8::1 443"],
  ["/a_b.example:1", "→ a_b.example 1"],
  // Not on the list: another port, another name, another way to write an address.
  ["/example.com:444", "403"],
  ["/sub.example.com:443", "403"],
  ["/example.com.:443", "403"],
  ["/localhost:8443", "403"],
  ["/2130706433:8443", "403"],
  ["/0x7f.1:8443", "403"],
  ["/127.1:8443", "403"],
  ["/[::ffff:127.0.0.1]:8443", "403"],
  // No HOST:PORT at all.
  ["", "400"],
  ["/", "400"],
  ["*", "400"],
  ["//example.com:443", "400"],
  ["/example.com:443/", "400"],
  ["/./example.com:443", "400"],
  ["/x/../example.com:443", "400"],
  ["/%2e%2e/example.com:443", "400"],
  ["/%2Fexample.com:443", "400"],
  ["/example.com", "400"],
  ["/example.com:", "400"],
  ["/:443", "400"],
  ["/example.com:0", "400"],
  ["/example.com:0443", "400"],
  ["/example.com:65536", "400"],
  ["/example.com:99999", "400"],
  ["/example.com:-1", "400"],
  ["/example.com:443:443", "400"],
  ["/example.com:443?x", "400"],
  ["/example.com:443#x", "400"],
  ["/user@example.com:443", "400"],
  ["/user:pass@example.com:443", "400"],
  ["/example.com%00:443", "400"],
  ["/example.com%0d%0a:443", "400"],
  ["/example.com%20:443", "400"],
  ["/example%252Ecom:443", "400"],
  ["/example%E3%80%82com:443", "400"],
  ["/ex%C3%A4mple.com:443", "400"],
  ["/example.com:%EF%BC%94%EF%BC%94%EF%BC%93", "400"],
  ["/%", "400"],
  ["/%FF", "400"],
  ["/[::1:443", "400"],
  ["/[fe80::1%25eth0]:443", "400"],
  ["/[12345::1]:443", "400"],
  ["/[1.2.3.4]:443", "400"],
  ["http://example.com:443", "400"],
  [`/${"a".repeat(254)}:443`, "400"],
  ["/reverse", "404"],
  ["/__proto__:1", "403"],
];

test("leads to what is on the list, however it is spelt, and to nothing else", () => {
  for (const [url, expected] of paths) assert.is(fate(asking(url)), expected, url);
});

test("has a reverse way only if there is one", () => {
  assert.is(fate(asking("/reverse"), [], true), "→ reverse");
  assert.is(fate(asking("/reverse/"), [], true), "400");
  assert.is(fate(asking("/Reverse"), [], true), "400");
});

test("asks browsers for their origin, and knows it to the letter", () => {
  const from = (origin: string, ...origins: string[]): string => fate(asking("/example.com:443", { origin }), origins);
  const page = "http://localhost:8080";
  assert.is(from(page), "403");
  assert.is(from(page, page), "→ example.com 443");
  assert.is(from(page, "https://other.example", page), "→ example.com 443");
  assert.is(from(page, "*"), "→ example.com 443");
  assert.is(from("null", page), "403");
  assert.is(from("null", "null"), "→ example.com 443");
  const others = ["http://localhost", "https://localhost:8080", "http://localhost:80801", "http://LOCALHOST:8080"];
  const tricks = ["", `${page}, ${page}`, `${page}.evil.example`, `${page}/`, `http://evil.example/${page}`, "*"];
  for (const origin of [...others, ...tricks]) assert.is(from(origin, page), "403", origin);
});

test("lets no page in because of the name it has for this machine", () => {
  const rebound = { host: "evil.example:9000", origin: "http://evil.example:9000" };
  assert.is(fate(asking("/example.com:443", rebound)), "403");
  const own = { host: "localhost:9000", origin: "http://localhost:9000" };
  assert.is(fate(asking("/example.com:443", own)), "403");
});

test("has WebSockets only, of version 13", () => {
  const url = "/example.com:443";
  assert.is(fate({ method: "POST", url, headers: webSocket }), "426");
  assert.is(fate({ method: "GET", url, headers: {} }), "426");
  assert.is(fate(asking(url, { upgrade: "h2c" })), "426");
  assert.is(fate(asking(url, { upgrade: "websocket, h2c" })), "426");
  assert.is(fate(asking(url, { "sec-websocket-version": "8" })), "426");
  assert.is(fate(asking(url, { "sec-websocket-version": undefined })), "426");
});

test("can't be made without a list, and says which entry is wrong", () => {
  const refusal = (allow: readonly string[], origins: readonly string[], says: RegExp): void =>
    assert.throws(
      () => rulesOf(allow, origins, false),
      (error: unknown) => error instanceof TlsUsageError && says.test(error.message),
    );
  refusal([], [], /relay to everywhere: give the HOST:PORT/);
  for (const entry of ["*", "*:443", "example.com", "https://example.com", "example.com:*", ":443", "::1:443", ""]) {
    refusal([entry], [], /^Cannot allow ".*": HOST:PORT is needed/);
  }
  for (const origin of ["localhost", "http://localhost:8080/", "HTTP://localhost", "http://", "", "http://a b"]) {
    refusal(["a:1"], [origin], /^Cannot use the origin/);
  }
  refusal(["a:1"], ["http://localhost:80"], /http:\/\/localhost is needed/);
  rulesOf([], [], true);
  rulesOf(["a:1"], ["chrome-extension://abcdef", "isolated-app://abc", "null", "*", "https://example.com:8443"], false);
});

test.run();
