/** The contract, seventh part: sessions are resumed, from tickets and from caches that take their time. */
import { deferred } from "../../adapters/deferred.ts";
import type { AsyncSessionCache, ClientOptions, ServerOptions, TlsStream } from "../../adapters/streams.ts";
import { createSessionCache, TlsError } from "../../mod.ts";
import { assert } from "../harness.ts";
import type { AdapterRuntime, ContractTest } from "./contract.ts";
import { client, connected, type Pair, server, wireTo } from "./contract_support.ts";
import { clientCredential, errorOf, isError, trusting, write } from "./fixtures.ts";

interface Told {
  readonly client: Partial<ClientOptions>;
  readonly server?: Partial<ServerOptions> | undefined;
}

export function sessionPromises(test: ContractTest, runtime: AdapterRuntime): void {
  test("resumes by ticket as soon as a client has a cache, and a server nothing of its own", async () => {
    const client = { sessionCache: createSessionCache({ now: Date.now }) };
    assert.equal(await resumptions(runtime, [{ client }, { client }, { client }]), [false, true, true]);
  });

  test("resumes no session where the server gives no tickets", async () => {
    const told = { client: { sessionCache: createSessionCache({ now: Date.now }) }, server: { tickets: false } };
    assert.equal(await resumptions(runtime, [told, told]), [false, false]);
  });

  test("resumes from caches whose functions take their time, in both roles", async () => {
    const [ours, theirs] = [slowCache(), slowCache()];
    const told = { client: { sessionCache: ours, tickets: false }, server: { sessionCache: theirs } };
    assert.equal(await resumptions(runtime, [told, told]), [false, true]);
    assert.equal(ours.calls, ["load client it", "store client it", "load client it"]);
    assert.is(theirs.calls.length, 2);
    assert.match(theirs.calls.join(), /^store server [0-9a-f]{64},load server [0-9a-f]{64}$/);
  });

  test("says in a resumed session who the peer was proved to be", async () => {
    const { trustAnchors } = trusting;
    const told: Told = {
      client: { sessionCache: createSessionCache({ now: Date.now }), credentials: [clientCredential] },
      server: { clientAuthentication: "required", trustAnchors },
    };
    const seen: unknown[] = [];
    const note = async ({ client, server }: Pair): Promise<void> => {
      seen.push((await client.opened).peerCertificates, (await server.opened).peerCertificates);
    };
    assert.equal(await resumptions(runtime, [told, told], note), [false, true]);
    assert.equal(seen.slice(2), seen.slice(0, 2));
    assert.equal(seen[3], [clientCredential.certificateChain].flat());
  });

  test("resumes no session with a server that now wants to know who the client is", async () => {
    const client = { sessionCache: createSessionCache({ now: Date.now }), credentials: [clientCredential] };
    const { trustAnchors } = trusting;
    const strict: Told = { client, server: { clientAuthentication: "required", trustAnchors } };
    assert.equal(await resumptions(runtime, [{ client }, strict, strict]), [false, false, true]);
  });

  test("goes on without a session that a cache has lost, and takes null for nothing", async () => {
    const cache = slowCache();
    const forgetful = { ...cache, load: () => Promise.resolve(null) };
    const told = { client: { sessionCache: forgetful } };
    assert.equal(await resumptions(runtime, [told, told]), [false, false]);
  });

  test("forgets the session of a connection that fails", async () => {
    const cache = slowCache();
    const accepted = deferred<TlsStream>();
    const endpoint = await runtime.serve(server, accepted.resolve);
    let isOver = false;
    const wire = await wireTo(runtime, endpoint, (bytes) => isOver ? [bytes.map((byte) => byte ^ 1)] : [bytes]);
    const stream = runtime.connect(wire.endpoint, { ...client, sessionKey: "it", sessionCache: cache });
    const other = await accepted.promise;
    await Promise.all([stream.opened, other.opened]);
    isOver = true;
    await write(other.writable, "changed on its way");
    isError(await errorOf(stream.closed), TlsError, /record/);
    assert.equal(cache.calls.slice(1), ["store client it", "remove client it"]);
    assert.is(cache.stored(), 0);
    await other.close();
    wire.reset();
    await Promise.all([wire.stop(), endpoint.close()]);
  });

  test("ends the handshake with the error of a cache that fails", async () => {
    const lost = new Error("The database is gone");
    const broken: AsyncSessionCache = { ...slowCache(), load: () => Promise.reject(lost) };
    const pair = await connected(runtime, { client: { sessionCache: broken } });
    const error = await errorOf(pair.client.opened);
    isError(error, TlsError, /loadSession was answered with an error: The database is gone/);
    assert.is(error.cause, lost);
    await Promise.allSettled([pair.client.closed, pair.server.closed]);
    await pair.stop();
  });

  test("ends the connection when a session can't be stored", async () => {
    const full = new Error("The database is full");
    const broken: AsyncSessionCache = { ...slowCache(), store: () => Promise.reject(full) };
    const pair = await connected(runtime, { client: { sessionCache: broken } });
    assert.is(await errorOf(pair.client.closed), full);
    await errorOf(pair.server.closed);
    await pair.stop();
  });

  test("has stored everything when it is closed", async () => {
    const cache = slowCache();
    const pair = await connected(runtime, { client: { sessionCache: cache } });
    await Promise.all([pair.client.opened, pair.server.opened]);
    await Promise.all([pair.client.close(), pair.server.close()]);
    assert.is(cache.stored(), 1);
    await pair.stop();
  });

  test("wants a cache with three functions, and tickets that are true or false, before it makes a transport", async () => {
    const endpoint = await runtime.serveRaw((peer) => peer.reset());
    for (const sessionCache of ["request", { load: () => undefined }, 1]) {
      const options = { ...trusting, sessionCache: sessionCache as unknown as AsyncSessionCache }; // as from JavaScript
      assert.throws(
        () => runtime.connect(endpoint, options),
        /functions load, store and remove, which may return promises/,
      );
    }
    await endpoint.close();
  });
}

/**
 * One connection after another; tells of each whether it was resumed, on which both sides agree. The server is the same
 * one, whatever port it has each time.
 */
async function resumptions(
  runtime: AdapterRuntime,
  all: readonly Told[],
  note: (pair: Pair) => Promise<void> = () => Promise.resolve(),
): Promise<readonly boolean[]> {
  const resumed: boolean[] = [];
  for (const { client, server } of all) {
    const pair = await connected(runtime, { client: { sessionKey: "it", ...client }, server: server ?? {} });
    const [ours, theirs] = await Promise.all([pair.client.opened, pair.server.opened]);
    assert.is(ours.resumed, theirs.resumed);
    resumed.push(ours.resumed);
    await note(pair);
    await Promise.all([pair.client.close(), pair.server.close()]);
    await pair.stop();
  }
  return resumed;
}

interface SlowCache extends AsyncSessionCache {
  readonly calls: string[];
  stored(): number;
}

/** A database, as far as a connection can see. */
function slowCache(): SlowCache {
  const calls: string[] = [];
  const rows = new Map<string, Uint8Array>();
  const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  return {
    calls,
    stored: () => rows.size,
    load: async (key) => {
      calls.push(`load ${key}`);
      await later();
      return rows.get(key);
    },
    store: async (key, session) => {
      calls.push(`store ${key}`);
      await later();
      rows.set(key, session);
    },
    remove: async (key) => {
      calls.push(`remove ${key}`);
      await later();
      rows.delete(key);
    },
  };
}
