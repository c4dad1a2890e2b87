/** pump over transports in memory: web streams and nothing else. */
import { maxUnreadBytes } from "../../adapters/received_data.ts";
import { type ByteTransport, pump, type TlsStream, TransportError } from "../../adapters/pump.ts";
import { takeApart } from "../../adapters/adapter_options.ts";
import { createTlsClient, createTlsServer } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import {
  adapterContract,
  type AdapterRuntime,
  type ClientOptions,
  type RawPeer,
  type ServerOptions,
} from "./contract.ts";
import { credential, errorOf, isError, pattern, readAll, readText, trusting, write, writeAll } from "./fixtures.ts";
import { watchResources } from "./resources.ts";

type Accept = (peer: RawPeer) => void;

const memory: AdapterRuntime = {
  name: "pump",
  serve: (options, accept) => listening((peer) => accept(serverOver(peer, options))),
  serveRaw: (accept) => listening(accept),
  connect: ({ address }, options) => clientOver(() => dial(address), options),
  connectRaw: ({ address }) => Promise.resolve(dial(address)),
  watch: () => watchResources(),
};

adapterContract(memory);

const test = suite("pump with web streams");

test("takes no more from the transport than the reader wants and a stated bound", async () => {
  const wire = transportPair();
  let taken = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>(
    {
      transform: (bytes, controller) => {
        taken += bytes.length;
        controller.enqueue(bytes);
      },
    },
  );
  const client = clientOver({ ...wire.one, readable: wire.one.readable.pipeThrough(counting) }, trusting);
  const server = serverOver(wire.other, { credentials: [credential] });
  await client.opened;
  const before = taken;
  const data = pattern(10_000_000);
  const writing = writeAll(server.writable, data);
  for (let last = -1; last !== taken;) {
    last = taken;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const chunk = 2 ** 16 + 4 * 29; // what the server writes at once, encrypted
  assert.ok(taken - before <= maxUnreadBytes + 3 * chunk, `${taken - before} bytes were taken`);
  assert.equal(await readAll(client.readable), data);
  await Promise.all([writing, client.closed, server.closed]);
});

test("carries TLS inside TLS", async () => {
  const wire = transportPair();
  const outerClient = clientOver(wire.one, trusting);
  const outerServer = serverOver(wire.other, { credentials: [credential], halfClose: true });
  const client = clientOver(outerClient, trusting);
  const server = serverOver(outerServer, { credentials: [credential], halfClose: true });
  await writeAll(client.writable, "inside");
  assert.is(await readText(server.readable), "inside");
  await writeAll(server.writable, "outside");
  assert.is(await readText(client.readable), "outside");
  await Promise.all([client.closed, server.closed, outerClient.closed, outerServer.closed]);
});

test("waits until the transport is open, and says so", async () => {
  const wire = transportPair();
  let open = (): void => {};
  const opened = new Promise<{ remoteAddress: string }>((resolve) => {
    open = () => resolve({ remoteAddress: "nearby" });
  });
  const client = clientOver({ ...wire.one, opened }, trusting);
  const server = serverOver(wire.other, { credentials: [credential] });
  assert.is(client.state, "connecting");
  open();
  assert.is((await client.opened).remoteAddress, "nearby");
  await Promise.all([client.close(), server.closed]);
});

test("says which state it was in when the transport fails, and keeps the transport's error", async () => {
  const broken = new Error("cable cut");
  const transport: ByteTransport = {
    readable: new ReadableStream({ pull: (controller) => controller.error(broken) }),
    writable: new WritableStream(),
  };
  const client = clientOver(transport, trusting);
  const error = await errorOf(client.opened);
  isError(error, TransportError, /in state live\.awaitServerHello: cable cut/);
  assert.is(error.cause, broken);
  const failed: ByteTransport = { ...transportPair().one, opened: Promise.reject(broken) };
  isError(await errorOf(clientOver(failed, trusting).closed), TransportError, /in state connecting: cable cut/);
});

test("lets a stuck transport go when it is aborted", async () => {
  const stop = new AbortController();
  const stuck: ByteTransport = {
    readable: new ReadableStream(),
    writable: new WritableStream({ write: () => new Promise(() => {}) }),
  };
  const client = clientOver(stuck, { ...trusting, signal: stop.signal });
  const writing = errorOf(write(client.writable, "never"));
  await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort(new RangeError("enough"));
  isError(await errorOf(client.closed), RangeError, /enough/);
  isError(await writing, RangeError, /enough/);
});

test.run();

function clientOver(transport: ByteTransport | (() => ByteTransport), options: ClientOptions): TlsStream {
  const { stream, config } = takeApart(options);
  const tls = createTlsClient(config);
  return pump(tls, typeof transport === "function" ? transport() : transport, stream);
}

function serverOver(transport: ByteTransport, options: ServerOptions): TlsStream {
  const { stream, config } = takeApart(options);
  return pump(createTlsServer(config), transport, stream);
}

const servers = new Map<unknown, Accept>();

async function listening(accept: Accept): Promise<{ address: unknown; close(): Promise<void> }> {
  const address = {};
  servers.set(address, accept);
  return await Promise.resolve({ address, close: () => Promise.resolve(void servers.delete(address)) });
}

function dial(address: unknown): RawPeer {
  const { one, other } = transportPair();
  servers.get(address)?.(other);
  return one;
}

function transportPair(): { readonly one: RawPeer; readonly other: RawPeer } {
  const there = pipe();
  const back = pipe();
  const reset = (): void => [there, back].forEach(({ breaks }) => breaks());
  return {
    one: { readable: back.readable, writable: there.writable, reset },
    other: { readable: there.readable, writable: back.writable, reset },
  };
}

interface Pipe {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  breaks(): void;
}

function pipe(): Pipe {
  let breaks = (): void => {};
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => {
      breaks = () => controller.error(new Error("broken in the middle"));
    },
  });
  return { readable, writable, breaks: () => breaks() };
}
