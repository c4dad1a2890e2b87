/** The contract, third part: what an adapter survives, and what it says then. */
import { deferred } from "../../adapters/deferred.ts";
import { TimeoutError, type TlsStream } from "../../adapters/tls_stream.ts";
import { CertificateError, PeerMisbehavedError, TlsError, type TraceEvent, TruncationError } from "../../mod.ts";
import { assert } from "../harness.ts";
import type { AdapterRuntime, ContractTest } from "./contract.ts";
import { client, connected, echoed, quick, rawClient, rawServer, server, wireTo } from "./contract_support.ts";
import {
  countingSignal,
  errorOf,
  isError,
  otherAuthority,
  pattern,
  readAll,
  readBytes,
  readText,
  utf8,
  write,
  writeAll,
} from "./fixtures.ts";
import { watchRejections } from "./resources.ts";

export function faultPromises(test: ContractTest, runtime: AdapterRuntime): void {
  test("rejects everything with the reason when the signal is aborted already", async () => {
    const endpoint = await runtime.serveRaw((peer) => peer.reset());
    const stop = countingSignal();
    stop.abort(new RangeError("not at all"));
    const stream = runtime.connect(endpoint, { ...client, signal: stop.signal });
    await rejectsEverything(stream, RangeError, /not at all/);
    assert.is(stop.count(), 0);
    await endpoint.close();
  });

  test("rejects everything with the reason when the signal is aborted during the handshake", async () => {
    const stop = countingSignal();
    const { stream, peer, stop: close } = await rawServer(runtime, { signal: stop.signal });
    const writing = errorOf(write(stream.writable, "early"));
    await readBytes(peer.readable, 5);
    stop.abort(new RangeError("not now"));
    isError(await writing, RangeError, /not now/);
    await rejectsEverything(stream, RangeError, /not now/);
    assert.is(stop.count(), 0);
    peer.reset();
    await close();
  });

  test("rejects everything with the reason when the signal is aborted after the handshake", async () => {
    const stop = countingSignal();
    const pair = await connected(runtime, { client: { signal: stop.signal } });
    await Promise.all([pair.client.opened, pair.server.opened]);
    await write(pair.server.writable, "unread");
    await turns(5);
    stop.abort(new RangeError("no more"));
    isError(await errorOf(pair.client.closed), RangeError, /no more/);
    isError(await errorOf(pair.client.readable.getReader().read()), RangeError, /no more/);
    isError(await errorOf(write(pair.client.writable, "late")), RangeError, /no more/);
    assert.instance(await errorOf(pair.server.closed), TlsError);
    assert.is(stop.count(), 0);
    await pair.stop();
  });

  test("is not moved by a signal that is aborted after the end", async () => {
    const stop = countingSignal();
    const pair = await connected(runtime, { client: { signal: stop.signal } });
    await writeAll(pair.server.writable, "unread");
    await Promise.all([pair.client.closed, pair.server.closed]);
    stop.abort(new RangeError("too late"));
    await pair.client.closed;
    assert.is(await readText(pair.client.readable), "unread");
    assert.is(stop.count(), 0);
    await pair.stop();
  });

  test("gives up on a server that says nothing, naming the state", async () => {
    const { stream, peer, stop } = await rawServer(runtime, { handshakeTimeout: 50 });
    await rejectsEverything(stream, TimeoutError, /not over within 50 ms, in state live\.awaitServerHello/);
    await readAll(peer.readable).catch(() => {});
    peer.reset();
    await stop();
  });

  test("gives up on a client that says nothing, naming the state", async () => {
    const { stream, peer, stop } = await rawClient(runtime, { handshakeTimeout: 50 });
    await rejectsEverything(stream, TimeoutError, /not over within 50 ms, in state live\.awaitClientHello/);
    peer.reset();
    await stop();
  });

  test("gives up on a handshake that stalls in the middle, naming the state", async () => {
    const accepted = deferred<TlsStream>();
    const endpoint = await runtime.serve(server, accepted.resolve);
    let through = 2; // ClientHello, and the server's answer
    const wire = await wireTo(runtime, endpoint, (bytes) => through-- > 0 ? [bytes] : []);
    const stream = runtime.connect(wire.endpoint, { ...client, handshakeTimeout: 2_000 });
    const error = await errorOf(stream.opened);
    isError(error, TimeoutError, /in state live\.handshake\.full\.[A-Za-z.]*awaitNewSessionTicketOrChangeCipherSpec/);
    if (error instanceof TlsError) assert.match(error.message, `in state ${error.state}`);
    wire.reset();
    await errorOf(accepted.promise.then(({ closed }) => closed));
    await Promise.all([wire.stop(), endpoint.close()]);
  });

  test("gives up when nothing comes and goes for too long, and not while something does", async () => {
    const pair = await connected(runtime, { client: { idleTimeout: 1_000 } });
    await pair.client.opened;
    for (let round = 0; round < 12; round++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await write(pair.server.writable, "x");
    }
    assert.is(pair.client.state, "live.connected");
    isError(await errorOf(pair.client.closed), TimeoutError, /within 1000 ms, in state live\.connected/);
    await errorOf(pair.server.closed);
    await pair.stop();
  });

  test("survives a peer that breaks the transport during the handshake", async () => {
    const { stream, peer, stop } = await rawServer(runtime);
    await readBytes(peer.readable, 5);
    peer.reset();
    await rejectsEverything(stream, TlsError, /in state live\.awaitServerHello/);
    await stop();
  });

  test("survives a peer that breaks the transport after the handshake", async () => {
    const endpoint = await runtime.serve(server, echoed);
    const wire = await wireTo(runtime, endpoint);
    const stream = runtime.connect(wire.endpoint, client);
    await stream.opened;
    wire.reset();
    isError(await errorOf(stream.closed), TlsError, /in state live\.connected/);
    isError(await errorOf(write(stream.writable, "late")), TlsError, /in state live\.connected/);
    await Promise.all([wire.stop(), endpoint.close()]);
  });

  test("notices a transport that broke while nobody read, at the latest when somebody reads", async () => {
    const accepted = deferred<TlsStream>();
    const endpoint = await runtime.serve(server, accepted.resolve);
    const wire = await wireTo(runtime, endpoint);
    const stream = runtime.connect(wire.endpoint, client);
    const sending = errorOf(accepted.promise.then(({ writable }) => writeAll(writable, pattern(2 ** 25))));
    await stream.opened;
    await turns(20);
    wire.reset();
    assert.instance(await errorOf(readAll(stream.readable)), TlsError);
    assert.instance(await errorOf(stream.closed), TlsError);
    await sending;
    await Promise.all([wire.stop(), endpoint.close()]);
  });

  test("survives a server that ends during the handshake", async () => {
    const { stream, peer, stop } = await rawServer(runtime);
    await readBytes(peer.readable, 5);
    await peer.writable.close();
    await rejectsEverything(stream, TruncationError, /without close_notify, in state live\.awaitServerHello/);
    peer.reset();
    await stop();
  });

  test("survives a client that ends in the middle of a record", async () => {
    const { stream, peer, stop } = await rawClient(runtime);
    await writeAll(peer.writable, Uint8Array.of(22, 3, 1, 0, 200, 1, 0));
    await rejectsEverything(stream, TruncationError, /in the middle of a record/);
    peer.reset();
    await stop();
  });

  test("gets its alert to a peer that goes on sending", async () => {
    const { stream, peer, stop } = await rawServer(runtime);
    const hearing = readAll(peer.readable);
    const sending = writeAll(peer.writable, utf8("HTTP/1.1 400 Bad Request\r\n\r\n".padEnd(300_000, "x"))).catch(
      () => {},
    );
    await rejectsEverything(stream, PeerMisbehavedError, /doesn't speak TLS/);
    const said = await hearing;
    assert.equal([...said.slice(-7)], [21, 3, 1, 0, 2, 2, 10]);
    await sending;
    peer.reset();
    await stop();
  });

  test("rejects everything with CertificateError when the server isn't trusted, and tells the server why", async () => {
    const pair = await connected(runtime, { client: { trustAnchors: otherAuthority.certificate } });
    const writing = errorOf(write(pair.client.writable, "never sent"));
    await rejectsEverything(pair.client, CertificateError, /./);
    assert.instance(await writing, CertificateError);
    isError(await errorOf(pair.server.opened), TlsError, /unknown_ca/);
    await errorOf(pair.server.closed);
    await pair.stop();
  });

  for (const callback of ["onTrace", "onKeyLog"] as const) {
    test(`ends with the error that ${callback} throws`, async () => {
      const throwing = (): void => {
        throw new RangeError("from the callback");
      };
      const pair = await connected(runtime, { client: { [callback]: throwing } });
      isError(await errorOf(pair.client.closed), RangeError, /from the callback/);
      assert.instance(await errorOf(pair.server.closed), TlsError);
      await pair.stop();
    });
  }

  test("can be closed from a callback", async () => {
    const accepted = deferred<TlsStream>();
    const endpoint = await runtime.serve(server, accepted.resolve);
    const streams: TlsStream[] = [];
    const onTrace = ({ type }: TraceEvent): void => {
      if (type === "changeCipherSpec") void streams[0]?.close();
    };
    const stream = runtime.connect(endpoint, { ...client, onTrace });
    streams.push(stream);
    await stream.closed;
    await accepted.promise.then((peer) => peer.close());
    await endpoint.close();
  });

  test("leaves no rejection unhandled when nobody looks", async () => {
    const unhandled = watchRejections();
    const pair = await connected(runtime, { client: { trustAnchors: otherAuthority.certificate } });
    while (pair.client.state !== "failed" || pair.server.state !== "failed") await turns(1);
    await pair.stop();
    const endpoint = await runtime.serveRaw((peer) => peer.reset());
    runtime.connect(endpoint, { ...client, signal: AbortSignal.abort() });
    runtime.connect(endpoint, client);
    await turns(50);
    await endpoint.close();
    assert.equal(unhandled(), []);
  });

  for (const role of ["client", "server"] as const) {
    test(`leaves no rejection unhandled at whatever step of the ${role} the transport breaks`, async () => {
      const unhandled = watchRejections();
      for (const use of [talk, () => {}]) {
        const steps = await breaksAt(runtime, role, Infinity, use);
        assert.ok(steps > 10, `there are ${steps} steps`);
        for (let step = 1; step <= steps; step++) await breaksAt(runtime, role, step, use);
      }
      assert.equal(unhandled(), []);
    });
  }
}

/** What a program does that looks at the outcome of its reads and writes, and at no other promise of a stream. */
function talk({ readable, writable }: TlsStream): void {
  const writer = writable.getWriter();
  writer.write(pattern(100_000)).then(() => writer.close()).catch(() => {});
  const reader = readable.getReader();
  const readToEnd = async (): Promise<void> => {
    while (!(await reader.read()).done);
  };
  readToEnd().catch(() => {});
}

/** The transport breaks at a step of one side, or when no further step comes. Returns how many steps there were. */
async function breaksAt(
  runtime: AdapterRuntime,
  role: "client" | "server",
  step: number,
  use: (stream: TlsStream) => void,
): Promise<number> {
  const accepted = deferred<TlsStream>();
  const reached = deferred<void>();
  let seen = 0;
  const watching = {
    onTrace: (): void => {
      if (++seen === step) reached.resolve();
    },
  };
  const endpoint = await runtime.serve({ ...quick.server, ...(role === "server" ? watching : {}) }, (stream) => {
    use(stream);
    accepted.resolve(stream);
  });
  const wire = await wireTo(runtime, endpoint);
  use(runtime.connect(wire.endpoint, { ...quick.client, ...(role === "client" ? watching : {}) }));
  await accepted.promise;
  const still = async (): Promise<void> => {
    for (let last = -1; last !== seen; await turns(20)) last = seen;
  };
  await (step === Infinity ? still() : Promise.race([reached.promise, turns(200)]));
  wire.reset();
  await turns(2);
  await Promise.all([wire.stop(), endpoint.close()]);
  return seen;
}

/** Before the handshake is over. All four reject with the same error. */
async function rejectsEverything(
  { opened, closed, readable, writable }: TlsStream,
  type: abstract new (...args: never[]) => Error,
  says: RegExp,
): Promise<void> {
  const error = await errorOf(opened);
  isError(error, type, says);
  assert.is(await errorOf(closed), error);
  assert.is(await errorOf(readAll(readable)), error);
  assert.is(await errorOf(write(writable, "late")), error);
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
}
