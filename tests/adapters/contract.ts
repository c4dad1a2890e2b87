/**
 * What every adapter promises, as a function of a runtime's adapter. A new adapter brings an AdapterRuntime and calls
 * `adapterContract`; what only its transport can do it tests beside.
 */
import type { ByteTransport, ClientOptions, ServerOptions, TlsStream } from "../../adapters/streams.ts";
import { assert, suite } from "../harness.ts";
import { crowdPromises } from "./contract_crowd.ts";
import { dataPromises } from "./contract_data.ts";
import { endingPromises } from "./contract_endings.ts";
import { faultPromises } from "./contract_faults.ts";
import { requestPromises } from "./contract_requests.ts";
import { sessionPromises } from "./contract_sessions.ts";
import { identityPromises } from "./contract_identity.ts";

export type { ClientOptions, ServerOptions } from "../../adapters/streams.ts";

/** Where a server listens; what is in `address` is the runtime's business. */
export interface Endpoint {
  readonly address: unknown;
  /** Stops listening. */
  close(): Promise<void>;
}

/** The other end of a transport, for a test that plays the peer by hand. */
export interface RawPeer extends ByteTransport {
  /** The transport breaks, in both directions. */
  reset(): void;
}

export interface AdapterRuntime {
  readonly name: string;
  serve(options: ServerOptions, accept: (stream: TlsStream) => void): Promise<Endpoint>;
  connect(endpoint: Endpoint, options: ClientOptions): TlsStream;
  serveRaw(accept: (peer: RawPeer) => void): Promise<Endpoint>;
  connectRaw(endpoint: Endpoint): Promise<RawPeer>;
  /** Begins to watch what is held open; the function tells, once it had time to go away, what is still there. */
  watch(): () => Promise<readonly string[]>;
  /** What its transport can't do: titles of tests, and why. */
  readonly cannot?: Readonly<Record<string, string>>;
}

/** A test of the contract: it closes what it opens, and nothing may be left behind. */
export type ContractTest = (title: string, body: () => Promise<void>) => void;

export function adapterContract(runtime: AdapterRuntime): void {
  const test = suite(runtime.name);
  const impossible = new Map(Object.entries(runtime.cannot ?? {}));
  const leavingNothing: ContractTest = (title, body) => {
    const reason = impossible.get(title);
    if (reason !== undefined && impossible.delete(title)) return test.skip(title, reason);
    test(title, async () => {
      await Promise.resolve(); // so that the harness's own timer is there already
      const leftovers = runtime.watch();
      await body();
      assert.equal(await leftovers(), [], "something is left behind");
    });
  };
  dataPromises(leavingNothing, runtime);
  endingPromises(leavingNothing, runtime);
  faultPromises(leavingNothing, runtime);
  crowdPromises(leavingNothing, runtime);
  requestPromises(leavingNothing, runtime);
  identityPromises(leavingNothing, runtime);
  sessionPromises(leavingNothing, runtime);
  test("knows the tests that it can't pass", () => assert.equal([...impossible], []));
  test.run();
}
