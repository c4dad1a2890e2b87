/** tlschart/node: the contract over real sockets, and what only sockets can do. */
import { connect, createServer, Socket } from "node:net";
import { acceptTls, connectTls, defaultTrustAnchors, type TlsStream, TransportError } from "../../adapters/node.ts";
import { readTrustAnchors } from "../../adapters/node_roots.ts";
import { deferred } from "../../adapters/deferred.ts";
import {
  type Credential,
  type CryptoProvider,
  nobleProvider,
  PeerMisbehavedError,
  TlsError,
  TlsUsageError,
} from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { adapterContract } from "./contract.ts";
import { echoed, rawServer } from "./contract_support.ts";
import {
  credential,
  errorOf,
  isError,
  pattern,
  pem,
  readAll,
  readText,
  trusting,
  utf8,
  write,
  writeAll,
} from "./fixtures.ts";
import { listening, nodeRuntime, portOf, portOfListening, remembered } from "./node_runtime.ts";

adapterContract(nodeRuntime);

const test = suite("tlschart/node over sockets");
const server = { credentials: [credential], halfClose: true };

/** Nothing may be left behind. */
function leavingNothing(title: string, body: () => Promise<void>): void {
  test(title, async () => {
    await Promise.resolve();
    const leftovers = nodeRuntime.watch();
    await body();
    assert.equal(await leftovers(), [], "something is left behind");
  });
}

leavingNothing("reads no more from the socket than the reader wants and a stated bound", async () => {
  const data = pattern(10_000_000);
  const endpoint = await listening((socket) => void writeAll(acceptTls(socket, server).writable, data).catch(() => {}));
  const socket = remembered(connect(portOf(endpoint.address), "127.0.0.1"));
  const stream = connectTls({ ...trusting, socket });
  await stream.opened;
  for (let last = -1; last !== socket.bytesRead;) {
    last = socket.bytesRead;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(socket.bytesRead <= 2 ** 18, `${socket.bytesRead} bytes were read from the socket`);
  assert.equal(await readAll(stream.readable), data);
  await stream.closed;
  await endpoint.close();
});

leavingNothing("holds no more than a piece of a large write while the peer doesn't read", async () => {
  const accepted = deferred<TlsStream>();
  const endpoint = await listening((socket) => accepted.resolve(acceptTls(socket, server)));
  const socket = remembered(connect(portOf(endpoint.address), "127.0.0.1"));
  let most = 0;
  const onTrace = (): void => void (most = Math.max(most, socket.writableLength));
  const stream = connectTls({ ...trusting, socket, onTrace });
  const data = pattern(2 ** 24);
  const writing = writeAll(stream.writable, data);
  const peer = await accepted.promise;
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await readAll(peer.readable), data);
  assert.ok(most <= 2 ** 17, `${most} bytes were waiting in the socket`);
  await Promise.all([writing, peer.close(), stream.closed]);
  await endpoint.close();
});

leavingNothing("adds no listener to the socket with each write", async () => {
  const options = { ...server, halfClose: false };
  const endpoint = await listening((socket) =>
    void acceptTls(socket, options).readable.pipeTo(new WritableStream()).catch(() => {})
  );
  const socket = remembered(connect(portOf(endpoint.address), "127.0.0.1"));
  const stream = connectTls({ ...trusting, socket });
  await stream.opened;
  for (let count = 0; count < 20; count++) await write(stream.writable, "x");
  for (const name of socket.eventNames()) assert.ok(socket.listenerCount(name) < 6, `listeners for ${String(name)}`);
  await stream.close();
  await endpoint.close();
});

leavingNothing("says to whom it can't connect", async () => {
  const gone = createServer();
  const port = await portOfListening(gone);
  await new Promise((resolve) => gone.close(resolve));
  const stream = connectTls({ ...trusting, host: "127.0.0.1", port });
  const error = await errorOf(stream.opened);
  isError(error, TransportError, new RegExp(`^Cannot connect to 127\\.0\\.0\\.1:${port}: `));
  if (error instanceof TransportError) assert.is(error.code, "ECONNREFUSED");
  assert.is(await errorOf(stream.closed), error);
  assert.is(await errorOf(write(stream.writable, "never")), error);
  assert.is(stream.state, "connecting");
});

leavingNothing("gives up on connecting when the time is over or the signal is aborted", async () => {
  const lookup = (): void => {}; // never answers
  const stuck = (): ReturnType<typeof connect> => remembered(connect({ host: "stuck.example", port: 443, lookup }));
  const late = connectTls({ ...trusting, socket: stuck(), handshakeTimeout: 20 });
  isError(await errorOf(late.opened), TlsError, /within 20 ms, in state connecting/);
  await errorOf(late.closed);
  const stop = new AbortController();
  const aborted = connectTls({ ...trusting, socket: stuck(), signal: stop.signal });
  stop.abort(new RangeError("enough"));
  isError(await errorOf(aborted.closed), RangeError, /enough/);
  const closed = connectTls({ ...trusting, socket: stuck() });
  await closed.close();
  isError(await errorOf(closed.opened), TlsUsageError, /closed/);
});

leavingNothing("says that the peer reset the connection", async () => {
  const accepted = deferred<TlsStream>();
  const endpoint = await listening((socket) => accepted.resolve(acceptTls(socket, server)));
  const socket = remembered(connect(portOf(endpoint.address), "127.0.0.1"));
  const stream = connectTls({ ...trusting, socket });
  const peer = await accepted.promise;
  await Promise.all([stream.opened, peer.opened]);
  socket.resetAndDestroy();
  const error = await errorOf(peer.closed);
  isError(error, TransportError, /in state live\.connected: .*ECONNRESET/);
  if (error instanceof TransportError) assert.is(error.code, "ECONNRESET");
  await errorOf(stream.closed);
  await endpoint.close();
});

leavingNothing("gets its alert to a peer that writes a lot and listens late", async () => {
  const { stream, peer, stop } = await rawServer(nodeRuntime);
  const sending = writeAll(peer.writable, utf8("HTTP/1.1 400 Bad Request\r\n\r\n".padEnd(10_000_000, "x")));
  isError(await errorOf(stream.closed), PeerMisbehavedError, /doesn't speak TLS/);
  await sending;
  assert.equal([...(await readAll(peer.readable)).slice(-7)], [21, 3, 1, 0, 2, 2, 10]);
  await stop();
});

leavingNothing("refuses a socket that is destroyed already", async () => {
  const socket = remembered(connect(1, "127.0.0.1"));
  socket.on("error", () => {}).destroy();
  isError(await errorOf(connectTls({ ...trusting, socket }).closed), TransportError, /the socket is destroyed/);
  socket.removeAllListeners("error");
});

leavingNothing("takes a socket that is connected, and what it has received already", async () => {
  const endpoint = await listening(async (socket) => {
    await new Promise((resolve) => setTimeout(resolve, 50)); // the ClientHello is there by now
    await echoed(acceptTls(socket, server)).catch(() => {});
  });
  const socket = remembered(connect(portOf(endpoint.address), "127.0.0.1"));
  await new Promise((resolve) => socket.once("connect", resolve));
  const stream = connectTls({ ...trusting, socket });
  await writeAll(stream.writable, "late");
  assert.is(await readText(stream.readable), "late");
  await stream.closed;
  await endpoint.close();
});

leavingNothing("tells the addresses of both ends", async () => {
  const accepted = deferred<TlsStream>();
  const endpoint = await listening((socket) => accepted.resolve(acceptTls(socket, server)));
  const stream = connectTls({ ...trusting, host: "127.0.0.1", port: portOf(endpoint.address) });
  const [ours, theirs] = await Promise.all([stream.opened, accepted.promise.then(({ opened }) => opened)]);
  assert.is(ours.remoteAddress, `127.0.0.1:${portOf(endpoint.address)}`);
  assert.is(theirs.localAddress, ours.remoteAddress);
  assert.is(theirs.remoteAddress, ours.localAddress);
  await Promise.all([stream.close(), accepted.promise.then((peer) => peer.close())]);
  await endpoint.close();
});

leavingNothing("reads a server's certificates and key once, not for each connection", async () => {
  let keysRead = 0;
  const counting: CryptoProvider = {
    ...nobleProvider,
    signatureSchemes: nobleProvider.signatureSchemes.map((scheme) => ({
      ...scheme,
      publicKeyOf: (key) => {
        keysRead++;
        return scheme.publicKeyOf(key);
      },
    })),
  };
  const options = {
    credentials: [{ certificateChain: pem.cert, privateKey: pem.key }],
    halfClose: true,
    provider: counting,
  };
  const endpoint = await listening((socket) => void echoed(acceptTls(socket, { ...options })));
  for (const text of ["one", "two", "three"]) {
    const stream = connectTls({ ...trusting, host: "127.0.0.1", port: portOf(endpoint.address) });
    await writeAll(stream.writable, text);
    assert.is(await readText(stream.readable), text);
    await stream.closed;
  }
  assert.is(keysRead, 1);
  await endpoint.close();
});

test("refuses options that can't work before it makes a socket", () => {
  const target = { host: "127.0.0.1", port: 443 };
  assert.throws(
    () => connectTls({ ...trusting, host: "127.0.0.1", port: 0 }),
    /Cannot connect to 127\.0\.0\.1: port must be a number from 1 to 65535, not 0/,
  );
  const fromJavaScript = (options: object): unknown =>
    connectTls({ ...trusting, ...options } as typeof target & typeof trusting);
  assert.throws(() => fromJavaScript({ port: 443 }), /host is needed, a name or an address/);
  assert.throws(() => fromJavaScript({ ...target, port: "443" }), /port must be .*, not the text "443"/);
  for (const [wrong, right] of [["hostname", "host"], ["ca", "trustAnchors"], ["servername", "serverName"]] as const) {
    assert.throws(
      () => fromJavaScript({ ...target, [wrong]: "x" }),
      new RegExp(`no option "${wrong}" \\(${right} is what`),
    );
  }
  assert.throws(
    () => fromJavaScript({ ...target, colour: "red" }),
    /"colour" \(there are host, port, .*handshakeTimeout/,
  );
  const noSocket: unknown = undefined;
  assert.throws(() => acceptTls(noSocket as Socket, server), /the first argument is a net\.Socket/);
  const typo: object = { cert: pem.cert, key: pem.key };
  assert.throws(
    () => acceptTls(new Socket(), { credentials: [typo as Credential] }),
    /no option "cert" \(there are certificateChain/,
  );
  assert.throws(() => connectTls({ ...trusting, ...target, handshakeTimeout: -1 }), /Cannot use a timeout of -1/);
  assert.throws(() => connectTls({ ...trusting, ...target, trustAnchors: "none" }), /Cannot load certificates/);
  assert.throws(() => connectTls({ ...trusting, ...target, namedGroups: [] }), /namedGroups is empty/);
});

test("trusts the runtime's own roots by default", () => {
  assert.ok(defaultTrustAnchors().length > 100);
  assert.is(defaultTrustAnchors(), defaultTrustAnchors());
  assert.throws(() => connectTls({ host: "127.0.0.1", port: 0 }), /Cannot connect/);
});

test("leaves out a root that it can't read, and says which extra file is broken", () => {
  const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  assert.is(readTrustAnchors([broken, pem.ca], undefined).length, 1);
  assert.is(readTrustAnchors([pem.ca], "").length, 1);
  assert.throws(() => readTrustAnchors([pem.ca], "/no/such/file"), /NODE_EXTRA_CA_CERTS \(\/no\/such\/file\): /);
  assert.throws(
    () => readTrustAnchors([pem.ca], "package.json"),
    /NODE_EXTRA_CA_CERTS \(package\.json\): .*neither PEM/,
  );
});

test.run();
