/** tlschart/deno: its listener, and what is refused before a byte is sent. Runs under Deno only. */
import {
  acceptTls,
  connectTls,
  type ConnectTlsOptions,
  listenTls,
  type ListenTlsOptions,
  startTls,
  TimeoutError,
} from "../../adapters/deno.ts";
import { encodePem, encodePrivateKey, issueCertificate, issueCertificateAuthority, nobleProvider } from "../../mod.ts";
import { CertificateError, TlsError, TlsUsageError, TruncationError } from "../../mod.ts";
import { assert } from "../harness.ts";
import { listening } from "./deno_runtime.ts";
import {
  certified,
  denoSuite,
  handshaken,
  ourPair,
  place,
  quick,
  readOnce,
  readToEnd,
  rest,
  say,
  trusted,
} from "./deno_support.ts";
import { credential, errorOf, isError, otherAuthority, pem, random, utf8 } from "./fixtures.ts";

const test = denoSuite("tlschart/deno listeners");
const { AddrInUse, BadResource, ConnectionRefused } = Deno.errors;

const echo = (conn: Deno.TlsConn): Promise<void> => conn.readable.pipeTo(conn.writable).catch(() => {});

test("serve 1,000 connections at once", async () => {
  const listener = listenTls({ ...quick.server, tcpBacklog: 1_000 });
  const echoing: Promise<void>[] = [];
  const serving = (async () => {
    for await (const conn of listener) echoing.push(echo(conn));
  })();
  const clients = await Promise.all(
    Array.from({ length: 1_000 }, () => connectTls({ ...quick.client, port: listener.addr.port })),
  );
  await Promise.all(clients.map((client) => client.handshake()));
  const answers = await Promise.all(clients.map(async (client, number) => {
    await say(client, `number ${number}`);
    await client.closeWrite();
    const answer = await readOnce(client);
    assert.is(await readOnce(client), null);
    client.close();
    return answer;
  }));
  assert.equal(answers, clients.map((_, number) => `number ${number}`));
  await Promise.all(echoing);
  listener.close();
  await serving;
});

test("go on when a client has reset its connection before it was accepted, and end as Deno's own", async () => {
  const errors = [new Deno.errors.NotConnected("gone"), new Deno.errors.ConnectionAborted("gone")];
  const real = Deno.listen;
  let closed = 0;
  Deno.listen = ((options: Deno.TcpListenOptions & { transport?: "tcp" }) => {
    const tcp = real(options);
    const { accept, close } = tcp;
    tcp.accept = () => errors.length > 0 ? Promise.reject(errors.shift()) : accept.call(tcp);
    tcp.close = () => {
      closed++;
      close.call(tcp);
    };
    return tcp;
  }) as typeof Deno.listen;
  const listener = listenTls({ ...certified, ...place });
  Deno.listen = real;
  const client = await connectTls({ ...trusted, port: listener.addr.port });
  for await (const conn of listener) {
    await Promise.all([conn.handshake(), client.handshake()]);
    conn.close();
    break;
  }
  client.close();
  assert.equal([errors.length, closed], [0, 1]);
  await errorOf(listener.accept());
});

test("are kept neither waiting nor from listening by clients that are silent, garbled, gone or refused", async () => {
  const listener = listenTls({ ...certified, ...place, handshakeTimeout: 300 });
  const handshakes: Promise<unknown>[] = [];
  const serving = (async () => {
    for await (const conn of listener) {
      handshakes.push(conn.handshake().catch((error) => error));
      void echo(conn).finally(() => conn.close());
    }
  })();
  const address = { hostname: "127.0.0.1", port: listener.addr.port };
  const silent = await Deno.connect(address);
  const garbled = await Deno.connect(address);
  await garbled.write(utf8("GET / HTTP/1.1\r\n\r\n"));
  const gone = await Deno.connect(address);
  gone.close();
  const refusing = await connectTls({ ...trusted, ...address, serverName: "elsewhere.example" });
  isError(await errorOf(refusing.handshake()), CertificateError, /elsewhere\.example/);
  const good = await connectTls({ ...trusted, ...address });
  await say(good, "still served");
  assert.is(await readOnce(good), "still served");
  await good.closeWrite();
  assert.is(await readOnce(good), null);
  const [first, second, third, fourth] = await Promise.all(handshakes);
  isError(first, TimeoutError, /within 300 ms, in state live\.awaitClientHello/);
  isError(second, TlsError, /doesn't speak TLS/);
  isError(third, TruncationError, /./);
  isError(fourth, TlsError, /certificate_unknown|bad_certificate/);
  for (const conn of [silent, garbled, refusing, good]) conn.close();
  listener.close();
  await serving;
});

test("end as Deno's own: iteration, accept(), close(), break and using", async () => {
  for (const listen of [listenTls, Deno.listenTls]) {
    const listener = listen({ ...certified, ...place });
    assert.is(listener.addr.hostname, "127.0.0.1");
    listener.unref();
    listener.ref();
    const waiting = errorOf(listener.accept());
    await rest(5);
    listener.close();
    isError(await waiting, BadResource, /./);
    isError(await errorOf(listener.accept()), BadResource, /./);
    assert.throws(() => listener.close(), (error: Error) => error instanceof BadResource);
    assert.equal({ ...await listener[Symbol.asyncIterator]().next() }, { value: undefined, done: true });
    listener[Symbol.dispose]();
    const broken = listen({ ...certified, ...place });
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port: broken.addr.port });
    for await (const conn of broken) {
      conn.close();
      break;
    }
    assert.throws(() => broken.close(), (error: Error) => error instanceof BadResource);
    tcp.close();
    const taken = listen({ ...certified, ...place });
    assert.throws(
      () => listen({ ...certified, ...taken.addr, transport: "tcp" }),
      (error: Error) => error instanceof AddrInUse,
    );
    taken.close();
  }
});

test("let go of a connection whose signal is aborted, and listen on", async () => {
  const stop = new AbortController();
  const pair = await handshaken(await ourPair({ server: { signal: stop.signal } }));
  const waiting = errorOf(pair.server.read(new Uint8Array(1)));
  stop.abort(new RangeError("enough"));
  isError(await waiting, RangeError, /enough/);
  isError(await errorOf(pair.client.read(new Uint8Array(1))), TruncationError, /./);
  pair.stop();
});

test("say when there is no connection to be had, in Deno's words, and within the time that was given", async () => {
  const gone = Deno.listen(place);
  const { port } = gone.addr;
  gone.close();
  isError(await errorOf(connectTls({ ...trusted, port })), ConnectionRefused, /./);
  isError(await errorOf(connectTls({ ...trusted, port: 70_000 })), RangeError, /Invalid port/);
  const { connect } = Deno;
  // A connection that is never there, until it is given up.
  const never = ({ signal }: Deno.ConnectOptions): Promise<Deno.TcpConn> =>
    new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  try {
    Object.assign(Deno, { connect: never });
    const late = connectTls({ ...trusted, port, handshakeTimeout: 30 });
    isError(await errorOf(late), TimeoutError, /within 30 ms, in state connecting/);
    const stop = new AbortController();
    const aborted = connectTls({ ...trusted, port, signal: stop.signal });
    stop.abort(new RangeError("enough"));
    isError(await errorOf(aborted), RangeError, /enough/);
  } finally {
    Object.assign(Deno, { connect });
  }
});

test("give up on a server that says nothing, naming the state", async () => {
  const endpoint = await listening((conn) => void readToEnd(conn).catch(() => {}).then(() => conn.close()));
  const conn = await connectTls({ ...trusted, port: Number(endpoint.address), handshakeTimeout: 50 });
  for (const waiting of [conn.handshake(), conn.read(new Uint8Array(1)), conn.write(utf8("x"))]) {
    isError(await errorOf(waiting), TimeoutError, /not over within 50 ms, in state live\.awaitServerHello/);
  }
  conn.close();
  await endpoint.close();
});

test("begin TLS in the middle of a connection, on both sides, once", async () => {
  const accepted: Promise<Deno.TlsConn>[] = [];
  const endpoint = await listening((tcp) => {
    accepted.push((async () => {
      assert.is(await readOnce(tcp), "STARTTLS");
      await say(tcp, "go");
      return acceptTls(tcp, certified);
    })());
  });
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port: Number(endpoint.address) });
  await say(tcp, "STARTTLS");
  assert.is(await readOnce(tcp), "go");
  const client = await startTls(tcp, trusted);
  isError(await errorOf(startTls(tcp, trusted)), TlsUsageError, /it was started on this connection before/);
  await say(client, "secret");
  const [server] = await Promise.all(accepted);
  assert.ok(server !== undefined);
  assert.is(await readOnce(server), "secret");
  assert.equal({ ...server.localAddr }, { ...client.remoteAddr });
  client.close();
  server.close();
  await endpoint.close();
});

test("ask for the name in an address with brackets, and for another one when told", async () => {
  const common = { provider: nobleProvider, random, now: Date.now() };
  const authority = issueCertificateAuthority({ ...common, name: "Brackets" });
  const leaf = issueCertificate({ ...common, issuer: authority, names: ["::1"] });
  const credentials = [{
    certificateChain: leaf.chain,
    privateKey: encodePem("PRIVATE KEY", encodePrivateKey(leaf.privateKey)),
  }];
  const listener = listenTls({ ...place, credentials });
  const caCerts = [encodePem("CERTIFICATE", authority.certificate)];
  for (const [hostname, isRight] of [["[::1]", true], ["[::2]", false]] as const) {
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    const [client, server] = await Promise.all([startTls(tcp, { hostname, caCerts }), listener.accept()]);
    if (isRight) await client.handshake();
    else isError(await errorOf(client.handshake()), CertificateError, /::2/);
    client.close();
    server.close();
  }
  listener.close();
});

test("trust caCerts beside trustAnchors, and nobody whom nobody named", async () => {
  const certificateVerifier = { verify: () => {} };
  const others: Partial<ConnectTlsOptions>[] = [
    { caCerts: [pem.ca], trustAnchors: otherAuthority.certificate },
    { caCerts: [encodePem("CERTIFICATE", otherAuthority.certificate)], trustAnchors: pem.ca },
    { caCerts: [], trustAnchors: pem.ca },
    { caCerts: undefined, certificateVerifier },
  ];
  for (const client of others) (await handshaken(await ourPair({ client }))).stop();
  const port = 1;
  const refused = errorOf(connectTls({ port, hostname: "127.0.0.1" }));
  isError(
    await refused,
    TlsUsageError,
    /Cannot read whom Deno trusts: give caCerts or trustAnchors .*tlschart\/roots\), or .*--allow-sys/,
  );
  isError(
    await errorOf(connectTls({ ...trusted, port, certificateVerifier })),
    TlsUsageError,
    /give either trustAnchors/,
  );
});

test("refuse options that can't work before there is a connection", async () => {
  const refusals: readonly (readonly [object, RegExp])[] = [
    [{ handshakeTimeout: -1 }, /Cannot use a timeout of -1/],
    [{ noSuchOption: 1 }, /there is no option "noSuchOption"/],
    [{ unsafelyDisableHostnameVerification: true }, /give the name that the certificate bears as serverName/],
    [{ cert: pem.cert }, /give both, or credentials/],
    [{ key: pem.key }, /give both, or credentials/],
    [{ cert: "none", key: pem.key }, /Cannot load certificates/],
    [{ ...certified, keyFormat: "der" }, /keyFormat: it is "pem", not der/],
    [{ ...certified, credentials: [credential] }, /Cannot use credentials beside cert and key/],
    [{ minVersion: "TLSv1.2" }, /TLS 1\.2 is the only version/],
    [{ caCerts: pem.ca }, /caCerts: it must be a list of PEM texts, not string/],
    [{ caCerts: ["none"] }, /Cannot load certificates/],
    [{ alpnProtocols: [""] }, /./],
    [{ transport: "tcp" }, /there is no option "transport"/],
  ];
  const listener = Deno.listen(place);
  const accepting = errorOf(listener.accept());
  const tcp = { read: () => assert.unreachable("it was touched") } as unknown as Deno.TcpConn;
  for (const [options, says] of refusals) {
    isError(await errorOf(connectTls({ ...trusted, ...options, port: listener.addr.port })), TlsUsageError, says);
    isError(await errorOf(startTls(tcp, { ...trusted, ...options })), TlsUsageError, says);
  }
  await rest(20);
  listener.close();
  isError(await accepting, BadResource, /./);
  const nothing: unknown = undefined;
  isError(await errorOf(startTls(nothing as Deno.TcpConn, trusted)), TlsUsageError, /a Deno\.TcpConn is needed/);
  const unfit: readonly (readonly [object, RegExp])[] = [
    [{}, /credentials is needed/],
    [{ cert: pem.cert }, /give both, or credentials/],
    [{ key: pem.key }, /give both, or credentials/],
    [{ ...certified, credentials: [credential] }, /Cannot use credentials beside cert and key/],
    [{ ...certified, keyFormat: "der" }, /keyFormat: it is "pem", not der/],
    [{ ...certified, transport: "unix" }, /transport is "tcp", not unix/],
    [{ cert: "none", key: pem.key }, /Cannot load certificates/],
    [{ ...certified, trustAnchors: pem.ca }, /trustAnchors, certificateRules and certificateVerifier are for clients/],
    [{ ...certified, requestCert: true }, /clientAuthentication is what it is called here/],
  ];
  for (const [options, says] of unfit) {
    assert.throws(() => listenTls({ ...place, ...options } as ListenTlsOptions), (error: Error) => {
      isError(error, TlsUsageError, says);
      return true;
    });
  }
});

test.run();
