/** tlschart/streams with `secureTransport: "starttls"`: plaintext first, then TLS over the same connection; and misuse. */
import {
  type ByteTransport,
  type ClientOptions,
  type StartTlsSocket,
  type TlsStream,
  wrapClient,
  wrapServer,
} from "../../adapters/streams.ts";
import { CertificateError, TlsUsageError } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import {
  countingSignal,
  credential,
  errorOf,
  isError,
  otherAuthority,
  readBytes,
  readText,
  trusting,
  utf8,
  write,
  writeAll,
} from "./fixtures.ts";
import { transportPair } from "./memory_runtime.ts";

const test = suite("tlschart/streams, startTls");
const starttls = { secureTransport: "starttls" } as const;
const server = { credentials: [credential], halfClose: true };

test("upgrades a connection in the middle, as SMTP does", async () => {
  const { client, server } = sockets();
  const serving = (async () => {
    await write(server.writable, "220 ready\r\n");
    assert.is(await readLine(server), "STARTTLS\r\n");
    await write(server.writable, "220 go ahead\r\n");
    const tls = server.startTls();
    await tls.readable.pipeTo(tls.writable);
  })();
  assert.is(await readLine(client), "220 ready\r\n");
  await write(client.writable, "STARTTLS\r\n");
  assert.is(await readLine(client), "220 go ahead\r\n");
  const tls = client.startTls();
  assert.is((await tls.opened).serverName, "localhost");
  await writeAll(tls.writable, "in secret");
  assert.is(await readText(tls.readable), "in secret");
  await Promise.all([serving, tls.closed, client.closed, server.closed]);
});

test("says by its attributes what the Sockets API says", async () => {
  const { client, server } = sockets();
  assert.equal([client.secureTransport, client.upgraded], ["starttls", false]);
  assert.equal(await client.opened, {});
  const tls = client.startTls();
  assert.equal([client.upgraded, tls.secureTransport, tls.upgraded], [true, "on", false]);
  await client.closed;
  assert.throws(() => tls.startTls(), isUsage(/it is on already/));
  assert.throws(() => client.startTls(), isUsage(/the socket was upgraded before/));
  await Promise.all([tls.close(), server.close()]);
});

test("sends what was written before the upgrade before the ClientHello", async () => {
  const { one, other } = transportPair();
  const client = wrapClient(one, { ...trusting, ...starttls });
  const writer = client.writable.getWriter();
  void writer.write(utf8("last words"));
  writer.releaseLock();
  const tls = client.startTls();
  const said = await readBytes(other.readable, 13);
  assert.is(new TextDecoder().decode(said.subarray(0, 10)), "last words");
  assert.equal([...said.subarray(10, 13)], [22, 3, 1]);
  other.reset();
  await errorOf(tls.closed);
});

test("takes no stream out of somebody's hands", async () => {
  const { client, server } = sockets();
  const reader = client.readable.getReader();
  assert.throws(() => client.startTls(), isUsage(/the readable is locked; release its reader first/));
  assert.not(client.upgraded);
  reader.releaseLock();
  const writer = client.writable.getWriter();
  assert.throws(() => client.startTls(), isUsage(/the writable is locked; release its writer first/));
  writer.releaseLock();
  const both = [client.startTls(), server.startTls()];
  await Promise.all(both.map(({ opened }) => opened));
  await Promise.all(both.map((stream) => stream.close()));
});

test("closes in plaintext, once, and starts no TLS then", async () => {
  const { one, other } = transportPair();
  const reasons: unknown[] = [];
  const transport: ByteTransport = {
    ...one,
    close: (reason) => {
      reasons.push(reason);
      throw new Error("it is closed already");
    },
  };
  const client = wrapClient(transport, { ...trusting, ...starttls });
  const enough = new RangeError("enough");
  await Promise.all([client.close(enough), client.close()]);
  await client.closed;
  assert.equal(reasons, [enough]);
  isError(await errorOf(readText(other.readable)), RangeError, /enough/);
  assert.throws(() => client.startTls(), isUsage(/the socket was closed before/));
  await client[Symbol.asyncDispose]();
});

test("says that it is closed when it is, to whoever asks", async () => {
  let isGone = false;
  const letGo = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    isGone = true;
  };
  const client = wrapClient({ ...transportPair().one, close: letGo }, { ...trusting, ...starttls });
  void client.close();
  await client.close();
  assert.ok(isGone);
});

test("is ended by the signal in plaintext, and afterwards", async () => {
  for (const when of ["before", "in plaintext", "upgraded"] as const) {
    const stop = countingSignal();
    const { one, other } = transportPair();
    if (when === "before") stop.abort(new RangeError("no more"));
    const client = wrapClient(one, { ...trusting, ...starttls, signal: stop.signal });
    const ends = when === "upgraded" ? client.startTls() : client;
    if (when !== "before") stop.abort(new RangeError("no more"));
    isError(await errorOf(ends.closed), RangeError, /no more/);
    isError(await errorOf(readText(other.readable)), RangeError, /no more/);
    if (when !== "upgraded") assert.throws(() => client.startTls(), isUsage(/closed before/));
    assert.is(stop.count(), 0);
  }
});

test("checks the certificate after the upgrade as at any other time", async () => {
  const { client, server } = sockets({ ...trusting, trustAnchors: otherAuthority.certificate });
  const [ours, theirs] = [client.startTls(), server.startTls()];
  isError(await errorOf(ours.opened), CertificateError, /./);
  await errorOf(theirs.closed);
});

test("refuses options that can't work before it touches the transport", () => {
  const { one } = transportPair();
  const untouched = (call: () => unknown, says: RegExp): void => {
    assert.throws(call, isUsage(says));
    assert.not(one.readable.locked || one.writable.locked);
  };
  const noOptions = {} as ClientOptions; // as from JavaScript
  untouched(() => wrapClient(one, noOptions), /give either trustAnchors \(the CA certificates to trust/);
  untouched(() => wrapClient(one, { ...noOptions, ...starttls }), /give either trustAnchors/);
  untouched(() => wrapClient(one, { trustAnchors: trusting.trustAnchors }), /serverName is needed/);
  untouched(() => wrapServer(one, { credentials: [] }), /credentials is needed/);
  const wrong: object = { secureTransport: "off" };
  untouched(() => wrapClient(one, { ...trusting, ...wrong }), /secureTransport is "on" or "starttls", not off/);
  const misspelt: object = { onTraces: () => {} };
  untouched(() => wrapServer(one, { ...server, ...misspelt }), /there is no option "onTraces"/);
});

test("refuses what is no transport, and one that somebody holds", () => {
  const { one } = transportPair();
  for (
    const wrong of [undefined, null, {}, { readable: one.readable }, { ...one, writable: "wire" }, new EventTarget()]
  ) {
    const transport = wrong as unknown as ByteTransport; // as from JavaScript
    assert.throws(
      () => wrapClient(transport, trusting),
      isUsage(/a transport has a readable and a writable web stream/),
    );
  }
  const reader = one.readable.getReader();
  assert.throws(() => wrapClient(one, trusting), isUsage(/the transport's readable is locked/));
  reader.releaseLock();
  one.writable.getWriter();
  assert.throws(() => wrapServer(one, server), isUsage(/the transport's writable is locked/));
});

test.run();

function sockets(client: ClientOptions = trusting): { client: StartTlsSocket; server: StartTlsSocket } {
  const { one, other } = transportPair();
  return { client: wrapClient(one, { ...client, ...starttls }), server: wrapServer(other, { ...server, ...starttls }) };
}

async function readLine({ readable }: StartTlsSocket | TlsStream): Promise<string> {
  let line = "";
  while (!line.endsWith("\n")) line += new TextDecoder().decode(await readBytes(readable, 1));
  return line;
}

function isUsage(says: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof TlsUsageError && says.test(error.message);
}
