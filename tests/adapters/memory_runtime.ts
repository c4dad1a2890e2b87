/** tlschart/streams as a runtime of the contract, over pairs of web streams in memory. Runs wherever there are web streams. */
import { prepareClient } from "../../adapters/endpoints.ts";
import { wrapServer } from "../../adapters/streams.ts";
import type { AdapterRuntime, RawPeer } from "./contract.ts";
import { watchResources } from "./resources.ts";

type Accept = (peer: RawPeer) => void;

export const memoryRuntime: AdapterRuntime = {
  name: "tlschart/streams",
  serve: (options, accept) => listening((peer) => accept(wrapServer(peer, options))),
  serveRaw: (accept) => listening(accept),
  connect: ({ address }, options) => {
    const start = prepareClient(options); // throws before there is a transport
    return start(dial(address));
  },
  connectRaw: ({ address }) => Promise.resolve(dial(address)),
  watch: () => watchResources(),
};

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

/** Two ends of one transport. */
export function transportPair(): { readonly one: RawPeer; readonly other: RawPeer } {
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
