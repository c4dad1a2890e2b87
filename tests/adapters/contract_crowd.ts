/** The contract, fourth part: many connections at once, code of the embedder that fails, and an end at every moment. */
import { deferred } from "../../adapters/deferred.ts";
import { maxUnreadBytes } from "../../adapters/received_data.ts";
import type { TlsStream } from "../../adapters/streams.ts";
import { TlsError, type TraceEvent } from "../../mod.ts";
import { nullProvider } from "../bench/null_provider.ts";
import { assert } from "../harness.ts";
import type { AdapterRuntime, ContractTest, Endpoint } from "./contract.ts";
import { client, connected, echoed, quick, server, wireTo } from "./contract_support.ts";
import { errorOf, isError, pattern, readAll, readText, write, writeAll } from "./fixtures.ts";

export function crowdPromises(test: ContractTest, runtime: AdapterRuntime): void {
  test("serves 1,000 connections at once", async () => {
    const endings: Promise<void>[] = [];
    const endpoint = await runtime.serve(
      { ...quick.server, handshakeTimeout: 100_000 },
      (stream) => void endings.push(echoed(stream), stream.closed),
    );
    // On a busy machine the last of them waits for all the others.
    const patient = { ...quick.client, handshakeTimeout: 100_000 };
    const streams = Array.from({ length: 1_000 }, () => runtime.connect(endpoint, patient));
    await Promise.all(streams.map(({ opened }) => opened));
    await Promise.all(streams.map(({ writable }, number) => writeAll(writable, `number ${number}`)));
    const answers = await Promise.all(streams.map(({ readable }) => readText(readable)));
    assert.equal(answers, streams.map((_, number) => `number ${number}`));
    await Promise.all([...endings, ...streams.map(({ closed }) => closed)]);
    assert.is(endings.length, 2_000);
    await endpoint.close();
  });

  test("lets no silent client stand in the way of others", async () => {
    const endpoint = await runtime.serve(server, echoed);
    const silent = await Promise.all([1, 2, 3].map(() => runtime.connectRaw(endpoint)));
    const stream = runtime.connect(endpoint, client);
    await writeAll(stream.writable, "not silent");
    assert.is(await readText(stream.readable), "not silent");
    await stream.closed;
    for (const peer of silent) peer.reset();
    await endpoint.close();
  });

  test("keeps a handler that throws to its own connection", async () => {
    let count = 0;
    const handled: Promise<unknown>[] = [];
    const handler = async (stream: TlsStream): Promise<void> => {
      const isFaulty = count++ === 0;
      try {
        await stream.opened;
        if (isFaulty) throw new RangeError("from the handler");
        await stream.readable.pipeTo(stream.writable);
      } finally {
        await stream[Symbol.asyncDispose]();
      }
    };
    const endpoint = await runtime.serve(
      server,
      (stream) => void handled.push(handler(stream).catch((error) => error)),
    );
    const first = runtime.connect(endpoint, client);
    assert.is(await readText(first.readable), "", "close_notify, and nothing before");
    const second = runtime.connect(endpoint, client);
    await writeAll(second.writable, "still served");
    assert.is(await readText(second.readable), "still served");
    await Promise.all([first.close(), second.closed]);
    isError((await Promise.all(handled))[0], RangeError, /from the handler/);
    await endpoint.close();
  });

  test("ends in good order when a reader throws in the middle of its loop", async () => {
    const pair = await connected(runtime);
    const sending = errorOf(
      writeAll(pair.server.writable, pattern(2 ** 22)).then(() => Promise.reject(new Error("sent"))),
    );
    const reading = async (): Promise<void> => {
      for await (const _ of pair.client.readable) throw new RangeError("seen enough");
    };
    isError(await errorOf(reading()), RangeError, /seen enough/);
    await Promise.all([pair.client.close(), pair.client.closed]);
    await sending;
    await Promise.all([pair.server.close(), pair.server.closed.catch(() => {})]);
    await pair.stop();
  });

  test("decrypts no more than a stated bound for a reader that pauses", async () => {
    let decrypted = 0;
    const onTrace = (event: TraceEvent): void => {
      if (event.type === "record" && event.direction === "received") decrypted += event.length;
    };
    const pair = await connected(runtime, { client: { onTrace, provider: nullProvider }, server: quick.server });
    await pair.client.opened;
    const data = pattern(10_000_000);
    const writing = writeAll(pair.server.writable, data);
    for (let last = -1; last !== decrypted;) {
      last = decrypted;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.ok(decrypted <= maxUnreadBytes + largestChunk, `${decrypted} bytes were decrypted`);
    assert.equal(await readAll(pair.client.readable), data);
    await Promise.all([writing, pair.client.closed, pair.server.closed]);
    await pair.stop();
  });

  test("closes although the peer never answers", async () => {
    const accepted = deferred<TlsStream>();
    const endpoint = await runtime.serve(server, accepted.resolve);
    let isCut = false;
    const wire = await wireTo(runtime, endpoint, (bytes) => isCut ? [] : [bytes]);
    const stream = runtime.connect(wire.endpoint, client);
    const peer = await accepted.promise;
    await Promise.all([stream.opened, peer.opened]);
    isCut = true;
    await stream.close();
    await stream.closed;
    wire.reset();
    await errorOf(peer.closed);
    await Promise.all([wire.stop(), endpoint.close()]);
  });

  for (const role of ["client", "server"] as const) {
    test(`can be aborted and closed at every step of the ${role}`, async () => {
      const steps = await countedSteps(runtime, role);
      assert.ok(steps > 15, `there are ${steps} steps`);
      for (let step = 1; step <= steps; step++) {
        const ends = [await endsAt(runtime, role, step, "abort"), await endsAt(runtime, role, step, "close")];
        // In which pieces bytes arrive decides how many steps the very end takes.
        assert.ok(
          ends.every(({ wasReached }) => wasReached) || step > steps - 4,
          `step ${step} of ${steps} never came`,
        );
        assert.ok(ends[0]?.hasFailed || step > steps / 2, `the signal did not end the handshake at step ${step}`);
      }
    });
  }
}

/** What a transport hands over at once, at the most; in bytes. */
const largestChunk = 2 ** 17;

type Role = "client" | "server";

/** One exchange and its end, seen by one side. */
async function exchange(
  runtime: AdapterRuntime,
  role: Role,
  onStep: (stream: () => TlsStream | undefined) => void,
  signal?: AbortSignal,
): Promise<{ readonly ours: TlsStream; readonly theirs: TlsStream; readonly endpoint: Endpoint }> {
  let ours: TlsStream | undefined;
  const watching = { onTrace: () => onStep(() => ours), signal };
  const accepted = deferred<TlsStream>();
  const endpoint = await runtime.serve({ ...quick.server, ...(role === "server" ? watching : {}) }, (stream) => {
    if (role === "server") ours = stream;
    accepted.resolve(stream);
  });
  const connecting = runtime.connect(endpoint, { ...quick.client, ...(role === "client" ? watching : {}) });
  if (role === "client") ours = connecting;
  const accepting = await accepted.promise;
  const talk = async (stream: TlsStream): Promise<void> => {
    const reading = readAll(stream.readable).catch(() => {});
    await write(stream.writable, "x").then(() => stream.writable.close()).catch(() => {});
    await reading;
  };
  await Promise.all([talk(connecting), talk(accepting)]);
  return role === "client"
    ? { ours: connecting, theirs: accepting, endpoint }
    : { ours: accepting, theirs: connecting, endpoint };
}

async function countedSteps(runtime: AdapterRuntime, role: Role): Promise<number> {
  let steps = 0;
  const { ours, theirs, endpoint } = await exchange(runtime, role, () => steps++);
  await Promise.all([ours.closed, theirs.closed]);
  await endpoint.close();
  return steps;
}

async function endsAt(
  runtime: AdapterRuntime,
  role: Role,
  step: number,
  how: "abort" | "close",
): Promise<{ readonly wasReached: boolean; readonly hasFailed: boolean }> {
  const stop = new AbortController();
  let seen = 0;
  const onStep = (stream: () => TlsStream | undefined): void => {
    if (++seen !== step) return;
    if (how === "abort") stop.abort(new RangeError(`at step ${step}`));
    else void stream()?.close();
  };
  const { ours, theirs, endpoint } = await exchange(runtime, role, onStep, stop.signal);
  const [our, their] = await Promise.allSettled([ours.closed, theirs.closed]);
  if (our.status === "rejected") isError(our.reason, how === "abort" ? RangeError : TlsError, /./);
  if (their.status === "rejected") isError(their.reason, TlsError, /./);
  await endpoint.close();
  return { wasReached: seen >= step, hasFailed: our.status === "rejected" };
}
