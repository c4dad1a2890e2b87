/** tlschart/node against node:tls, both ways: another implementation, with its own ways to end. */
import tls from "node:tls";
import { acceptTls, connectTls, type TlsStream } from "../../adapters/node.ts";
import { deferred } from "../../adapters/deferred.ts";
import { AlertReceivedError, CertificateError, TlsError } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import {
  credential,
  errorOf,
  isError,
  otherAuthority,
  pattern,
  pem,
  readAll,
  readText,
  trusting,
  write,
  writeAll,
} from "./fixtures.ts";
import { listening, nodeRuntime, portOf, portOfListening } from "./node_runtime.ts";

const test = suite("tlschart/node and node:tls");
const tls12 = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
const suites = ["ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"];

/** Nothing may be left behind. Deno and Bun have a node:tls of their own, with gaps of their own. */
function leavingNothing(title: string, body: () => Promise<void>): void {
  if ("Deno" in globalThis || "Bun" in globalThis) return test.skip(title, "this is not Node's node:tls");
  test(title, async () => {
    await Promise.resolve();
    const leftovers = nodeRuntime.watch();
    await body();
    assert.equal(await leftovers(), [], "something is left behind");
  });
}

for (const ciphers of suites) {
  leavingNothing(`exchange data and end in good order, our client with ${ciphers}`, async () => {
    const theirs = await tlsServer({ ciphers, allowHalfOpen: true }, (socket) => void socket.pipe(socket));
    const stream = connectTls({ ...trusting, host: "127.0.0.1", port: theirs.port });
    const data = pattern(1_000_000);
    const writing = writeAll(stream.writable, data);
    assert.equal(await readAll(stream.readable), data);
    await Promise.all([writing, stream.closed]);
    await theirs.stop();
  });

  leavingNothing(`exchange data and end in good order, our server with ${ciphers}`, async () => {
    const ours = await ourServer(({ readable, writable }) => void readable.pipeTo(writable));
    const socket = tls.connect({ ...tls12, port: ours.port, ca: pem.ca, servername: "localhost", ciphers });
    const data = pattern(1_000_000);
    socket.end(data);
    assert.equal(await bytesOf(socket), data);
    await ours.stop();
  });
}

leavingNothing("agree on a protocol, a name and a group", async () => {
  const names = deferred<unknown>();
  const theirs = await tlsServer({ ALPNProtocols: ["b"], ecdhCurve: "P-384" }, (socket) => {
    names.resolve([socket.alpnProtocol, "servername" in socket ? socket.servername : undefined]);
    socket.resume().end();
  });
  const stream = connectTls({ ...trusting, host: "127.0.0.1", port: theirs.port, alpnProtocols: ["a", "b"] });
  const { alpn, namedGroup, extendedMasterSecret } = await stream.opened;
  assert.equal([alpn, namedGroup, extendedMasterSecret], ["b", "secp384r1", true]);
  assert.equal(await names.promise, ["b", "localhost"]);
  await stream.closed;
  await theirs.stop();
});

leavingNothing("read what a server says that ends with close_notify and without a half close", async () => {
  const theirs = await tlsServer({}, (socket) => void socket.end("goodbye"));
  const stream = connectTls({ ...trusting, host: "127.0.0.1", port: theirs.port });
  assert.is(await readText(stream.readable), "goodbye");
  await stream.closed;
  assert.is(stream.state, "closed");
  await theirs.stop();
});

leavingNothing("tell a server why its certificate isn't accepted", async () => {
  const said = deferred<Error>();
  const theirs = await tlsServer({}, () => {}, said.resolve);
  const { trustAnchors } = { trustAnchors: otherAuthority.certificate };
  const stream = connectTls({ serverName: "localhost", trustAnchors, host: "127.0.0.1", port: theirs.port });
  isError(await errorOf(stream.opened), CertificateError, /./);
  assert.match((await said.promise).message, /unknown ca/i);
  await errorOf(stream.closed);
  await theirs.stop();
});

leavingNothing("notice a client that doesn't accept the certificate", async () => {
  const accepted = deferred<TlsStream>();
  const ours = await ourServer(accepted.resolve);
  const socket = tls.connect({ ...tls12, port: ours.port, servername: "localhost" });
  const theirs = await new Promise<Error>((resolve) => socket.once("error", resolve));
  assert.match(theirs.message, /certificate/);
  // node:tls looks at the certificate only after the handshake, and leaves without a word.
  isError(await errorOf(accepted.promise.then(({ closed }) => closed)), TlsError, /in state live\./);
  await ours.stop();
});

leavingNothing("hear of a server that has no protocol in common", async () => {
  const theirs = await tlsServer({ minVersion: "TLSv1.3", maxVersion: "TLSv1.3" }, () => {});
  const stream = connectTls({ ...trusting, host: "127.0.0.1", port: theirs.port });
  isError(await errorOf(stream.opened), AlertReceivedError, /protocol_version/);
  await errorOf(stream.closed);
  await theirs.stop();
});

leavingNothing("can be aborted when a client has ended and doesn't read what is written to it", async () => {
  const stop = new AbortController();
  const accepted = deferred<TlsStream>();
  const ours = await ourServer(accepted.resolve, stop.signal);
  const socket = tls.connect({ ...tls12, port: ours.port, ca: pem.ca, servername: "localhost" });
  socket.on("error", () => {}).pause().end("that is all");
  const stream = await accepted.promise;
  assert.is(await readText(stream.readable), "that is all");
  const writing = errorOf(writeAll(stream.writable, pattern(2 ** 25)));
  await new Promise((resolve) => setTimeout(resolve, 500));
  stop.abort(new RangeError("enough"));
  isError(await errorOf(stream.closed), RangeError, /enough/);
  isError(await writing, RangeError, /enough/);
  socket.destroy();
  await ours.stop();
});

leavingNothing("survive a server that is destroyed in the middle", async () => {
  const theirs = await tlsServer({}, (socket) => void socket.write("half", () => socket.destroy()));
  const stream = connectTls({ ...trusting, host: "127.0.0.1", port: theirs.port });
  assert.instance(await errorOf(stream.closed), Error);
  assert.instance(await errorOf(write(stream.writable, "late")), Error);
  await theirs.stop();
});

test.run();

interface Listening {
  readonly port: number;
  stop(): Promise<void>;
}

async function tlsServer(
  options: tls.TlsOptions,
  accept: (socket: tls.TLSSocket) => void,
  onError: (error: Error) => void = () => {},
): Promise<Listening> {
  const server = tls.createServer({ ...tls12, cert: pem.cert, key: pem.key, ...options }, (socket) => {
    socket.on("error", () => {});
    accept(socket);
  });
  server.on("tlsClientError", onError);
  const port = await portOfListening(server);
  return { port, stop: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function ourServer(accept: (stream: TlsStream) => void, signal?: AbortSignal): Promise<Listening> {
  const endpoint = await listening((socket) =>
    accept(acceptTls(socket, { credentials: [credential], halfClose: true, signal }))
  );
  return { port: portOf(endpoint.address), stop: () => endpoint.close() };
}

function bytesOf(socket: tls.TLSSocket): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  return new Promise((resolve, reject) => {
    socket.on("data", (chunk: Uint8Array) => void chunks.push(chunk));
    socket.once("error", reject).once("close", () => resolve(new Uint8Array(Buffer.concat(chunks))));
  });
}
