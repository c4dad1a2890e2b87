/** tlschart/deno against Deno's own TLS (rustls), both ways, and its own `fetch`. Runs under Deno only. */
import { acceptTls, connectTls, listenTls, startTls } from "../../adapters/deno.ts";
import { AlertReceivedError, CertificateError } from "../../mod.ts";
import { assert } from "../harness.ts";
import { listening } from "./deno_runtime.ts";
import { certified, denoSuite, handshaken, place, readOnce, say, trusted } from "./deno_support.ts";
import { credential, errorOf, isError, otherAuthority, pattern, pem, readAll, utf8, writeAll } from "./fixtures.ts";

const test = denoSuite("tlschart/deno and Deno's own TLS");
const { InvalidData } = Deno.errors;
const theirs = { hostname: "127.0.0.1", caCerts: [pem.ca] };

interface Pair {
  readonly client: Deno.TlsConn;
  readonly server: Deno.TlsConn;
  readonly listener: Deno.TlsListener;
}

async function met(listener: Deno.TlsListener, connecting: Promise<Deno.TlsConn>): Promise<Pair> {
  const [client, server] = await Promise.all([connecting, listener.accept()]);
  return { client, server, listener };
}

/** What stands in for Deno's own: with Deno's types, of which `deno check` compares ours with. */
type DenoTls = {
  connectTls(options: Deno.ConnectTlsOptions): Promise<Deno.TlsConn>;
  startTls(conn: Deno.TcpConn, options?: Deno.StartTlsOptions): Promise<Deno.TlsConn>;
  listenTls(options: Deno.ListenTlsOptions & Deno.TlsCertifiedKeyPem): Deno.TlsListener;
};
const ours: DenoTls = { connectTls, startTls, listenTls };

for (const [name, one, other] of [["client", ours, Deno], ["server", Deno, ours]] as const) {
  test(`take each other's places in a program, as the ${name}`, async () => {
    using listener = other.listenTls({ ...certified, ...place, transport: "tcp", keyFormat: "pem", tcpBacklog: 10 });
    const { port } = listener.addr;
    const serving = (async () => {
      for (let turn = 0; turn < 2; turn++) {
        using conn = await listener.accept();
        const buffer = new Uint8Array(100);
        const count = await conn.read(buffer) ?? 0;
        await conn.write(buffer.subarray(0, count));
      }
    })();
    const options = { ...theirs, alpnProtocols: [], unsafelyDisableHostnameVerification: false };
    using first = await one.connectTls({ ...options, port, autoSelectFamily: true, autoSelectFamilyAttemptDelay: 9 });
    await first.write(utf8("hello"));
    assert.is(await readOnce(first), "hello");
    using second = await one.startTls(await Deno.connect({ hostname: "127.0.0.1", port }), options);
    await second.write(utf8("again"));
    assert.is(await readOnce(second), "again");
    await serving;
  });
}

const protocols = { alpnProtocols: ["b", "a"] };
const ways: readonly (readonly [string, () => Promise<Pair>])[] = [
  ["our client and Deno.listenTls", () => {
    const listener = Deno.listenTls({ ...certified, ...place, alpnProtocols: ["a"] });
    return met(listener, connectTls({ ...trusted, ...protocols, port: listener.addr.port }));
  }],
  ["Deno.connectTls and our server", () => {
    const listener = listenTls({ ...certified, ...place, alpnProtocols: ["a"] });
    return met(listener, Deno.connectTls({ ...theirs, ...protocols, port: listener.addr.port }));
  }],
];

for (const [way, pairOf] of ways) {
  test(`agree on a protocol, exchange data and end in good order: ${way}`, async () => {
    const { client, server, listener } = await pairOf();
    const facts = await Promise.all([client.handshake(), server.handshake()]);
    assert.equal(facts.map(({ alpnProtocol }) => alpnProtocol), ["a", "a"]);
    await say(client, "question");
    assert.is(await readOnce(server), "question");
    await say(server, "answer");
    assert.is(await readOnce(client), "answer");
    await client.closeWrite();
    assert.is(await readOnce(server), null);
    await say(server, "the last word");
    assert.is(await readOnce(client), "the last word");
    server.close();
    assert.is(await readOnce(client), null);
    client.close();
    listener.close();
  });

  test(`carry two megabytes each way at once: ${way}`, async () => {
    const { client, server, listener } = await pairOf();
    const data = pattern(2_000_000);
    const read = async (conn: Deno.TlsConn): Promise<Uint8Array> => {
      const all = new Uint8Array(data.length);
      for (let at = 0; at < all.length;) at += await conn.read(all.subarray(at)) ?? NaN;
      return all;
    };
    const write = async (conn: Deno.TlsConn): Promise<void> => {
      for (let sent = 0; sent < data.length;) sent += await conn.write(data.subarray(sent));
    };
    const [one, other] = await Promise.all([read(client), read(server), write(client), write(server)]);
    assert.equal(one, data);
    assert.equal(other, data);
    client.close();
    assert.is(await readOnce(server), null);
    server.close();
    listener.close();
  });

  test(`survive a peer that is closed in the middle: ${way}`, async () => {
    for (const first of ["client", "server"] as const) {
      const pair = await pairOf();
      await handshaken({ ...pair, stop: () => {} });
      const second = first === "client" ? pair.server : pair.client;
      await say(second, "unread");
      pair[first].close();
      assert.is(await readOnce(second), null);
      second.close();
      pair.listener.close();
    }
  });
}

test("echo by web streams, our server for Deno's client", async () => {
  const listener = listenTls({ ...certified, ...place });
  const { client, server } = await met(listener, Deno.connectTls({ ...theirs, port: listener.addr.port }));
  const piping = server.readable.pipeTo(server.writable);
  const data = pattern(500_000);
  const reader = client.readable.getReader();
  let echoed = 0;
  await Promise.all([
    (async () => {
      for (let sent = 0; sent < data.length;) sent += await client.write(data.subarray(sent));
      await client.closeWrite();
    })(),
    (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        assert.equal(value, data.subarray(echoed, echoed + value.length));
        echoed += value.length;
      }
    })(),
    piping,
  ]);
  assert.is(echoed, data.length);
  listener.close();
});

test("begin in the middle of a connection, both ways", async () => {
  const endpoint = await listening(async (tcp) => {
    assert.is(await readOnce(tcp), "STARTTLS");
    await say(tcp, "go");
    const conn = acceptTls(tcp, certified);
    await conn.readable.pipeTo(conn.writable);
  });
  const rustls = Deno.listenTls({ ...certified, ...place });
  for (const theirTurn of [true, false]) {
    const tcp = await Deno.connect({
      hostname: "127.0.0.1",
      port: theirTurn ? Number(endpoint.address) : rustls.addr.port,
    });
    if (theirTurn) {
      await say(tcp, "STARTTLS");
      assert.is(await readOnce(tcp), "go");
    }
    const accepted = theirTurn
      ? undefined
      : rustls.accept().then((conn) => conn.readable.pipeTo(conn.writable).catch(() => {}));
    const conn = theirTurn ? await Deno.startTls(tcp, theirs) : await startTls(tcp, trusted);
    await say(conn, "secret");
    assert.is(await readOnce(conn), "secret");
    await conn.closeWrite();
    assert.is(await readOnce(conn), null);
    conn.close();
    await accepted;
  }
  rustls.close();
  await endpoint.close();
});

test("refuse an authority and a name that aren't the right ones, both ways", async () => {
  const rustls = Deno.listenTls({ ...certified, ...place });
  const wrong = [{ caCerts: undefined, trustAnchors: otherAuthority.certificate }, { serverName: "elsewhere.example" }];
  for (const options of wrong) {
    const { client, server } = await met(rustls, connectTls({ ...trusted, ...options, port: rustls.addr.port }));
    const theirError = errorOf(server.handshake());
    isError(await errorOf(client.handshake()), CertificateError, /./);
    isError(await theirError, InvalidData, /received fatal alert: (UnknownCA|BadCertificate|CertificateUnknown)/);
    client.close();
    server.close();
  }
  rustls.close();
  const listener = listenTls({ ...certified, ...place });
  const unknown = { hostname: "127.0.0.1", port: listener.addr.port };
  const first = await met(listener, Deno.connectTls(unknown));
  isError(await errorOf(first.client.handshake()), InvalidData, /UnknownIssuer/);
  isError(await errorOf(first.server.handshake()), AlertReceivedError, /unknown_ca/);
  const tcp = await Deno.connect(unknown);
  const second = await met(listener, Deno.startTls(tcp, { hostname: "elsewhere.example", caCerts: [pem.ca] }));
  isError(await errorOf(second.client.handshake()), InvalidData, /not valid for name/i);
  isError(await errorOf(second.server.handshake()), AlertReceivedError, /bad_certificate|certificate_unknown/);
  for (const { client, server } of [first, second]) [client, server].forEach((conn) => conn.close());
  listener.close();
});

test("ask for a client's certificate, which Deno's own client and ours name in the same way", async () => {
  const listener = listenTls({ ...certified, ...place, clientAuthentication: "required", trustAnchors: pem.ca });
  const identity = { cert: pem.cert, key: pem.key, keyFormat: "pem" } as const;
  for (const connect of [ours.connectTls, Deno.connectTls]) {
    const connecting = connect({ ...theirs, ...identity, port: listener.addr.port });
    const [client, server] = await Promise.all([connecting, listener.accept()]);
    await Promise.all([client.handshake(), server.handshake()]);
    const { peerCertificates } = await server.handshake();
    assert.equal(peerCertificates, [credential.certificateChain].flat());
    assert.is(server.channelBinding("tls-exporter").length, 32);
    [client, server].forEach((conn) => conn.close());
  }
  listener.close();
});

test("answer Deno's own fetch, which trusts our authority only when told", async () => {
  const listener = listenTls({ ...certified, ...place, alpnProtocols: ["http/1.1"] });
  const serving = (async () => {
    for await (const conn of listener) answer(conn).catch(() => {}).finally(() => conn.close());
  })();
  const url = `https://127.0.0.1:${listener.addr.port}/`;
  using client = Deno.createHttpClient({ caCerts: [pem.ca] });
  const response = await fetch(url, { client, method: "POST", body: "a".repeat(100_000) });
  assert.is(response.status, 200);
  assert.is(await response.text(), "POST / with 100000 bytes");
  const { cause } = await errorOf(fetch(url));
  isError(cause, Error, /UnknownIssuer/);
  listener.close();
  await serving;
});

/** Just enough of HTTP/1.1 for one request. */
async function answer(conn: Deno.TlsConn): Promise<void> {
  let head = "";
  while (!head.includes("\r\n\r\n")) head += await readOnce(conn) ?? "\r\n\r\n";
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
  let body = head.length - head.indexOf("\r\n\r\n") - 4;
  while (body < length) body += (await readOnce(conn))?.length ?? NaN;
  const text = `${head.slice(0, head.indexOf(" HTTP"))} with ${body} bytes`;
  await writeAll(
    conn.writable,
    utf8(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`),
  );
}

test("read what Deno's own server says to the end", async () => {
  const page = Deno.serve({ ...place, ...certified, onListen: () => {} }, () => new Response("a page"));
  const conn = await connectTls({ ...trusted, port: page.addr.port, alpnProtocols: ["http/1.1"] });
  await say(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  assert.match(new TextDecoder().decode(await readAll(conn.readable)), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\na page$/);
  conn.close();
  await page.shutdown();
});

test.run();
