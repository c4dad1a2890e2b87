/** tlschart/streams over cloudflare:sockets, as a runtime of the contract. Both ends of each connection are in the worker. */
import { connect } from "cloudflare:sockets";
import { prepareClient } from "../../../adapters/endpoints.ts";
import { wrapClient, wrapServer } from "../../../adapters/streams.ts";
import type { AdapterRuntime, Endpoint, RawPeer } from "../contract.ts";
import { watchResources } from "../resources.ts";

type Socket = ReturnType<typeof connect>;

/** `broker` is the port of the broker, which listens for the worker. */
export function workerdRuntime(broker: number): AdapterRuntime {
  const sockets = new Set<Socket>();
  /** Let go of by TLS: its `closed` must settle. */
  const remembered = (socket: Socket): Socket => {
    sockets.add(socket);
    const forget = (): void => void sockets.delete(socket);
    socket.closed.then(forget, forget);
    return socket;
  };

  const listening = async (accept: (socket: Socket, id: string) => void): Promise<Endpoint> => {
    const { socket, lines } = await ask(broker, "listen");
    const port = Number((await lines.next()).value);
    const serving = (async () => {
      for await (const id of lines) accept((await ask(broker, `accept ${id}`)).socket, id);
    })();
    serving.catch(() => {});
    return {
      address: port,
      close: async () => {
        await socket.close();
        await serving.catch(() => {});
      },
    };
  };

  const rawPeer = ({ readable, writable, opened }: Socket, id: string): RawPeer => {
    const reset = async (): Promise<void> => void (await (await ask(broker, `reset ${id}`)).lines.next());
    return { readable, writable, opened, reset: () => void reset() };
  };

  const openConnections = async (): Promise<number> => Number((await (await ask(broker, "count")).lines.next()).value);

  return {
    name: "tlschart/streams over cloudflare:sockets",
    serve: (options, accept) => listening((socket) => accept(wrapServer(remembered(socket), options))),
    connect: ({ address }, options) => {
      prepareClient(options); // throws before there is a socket
      return wrapClient(remembered(dial(Number(address))), options);
    },
    serveRaw: (accept) => listening((socket, id) => accept(rawPeer(socket, id))),
    connectRaw: async ({ address }) => {
      const { socket, lines } = await ask(broker, `dial ${Number(address)}`);
      const id = await lines.next();
      await lines.return("");
      return rawPeer(socket, String(id.value));
    },
    watch: () => {
      sockets.clear();
      const leftovers = watchResources(() => [...sockets].map(() => "a socket that was not closed"));
      return async () => {
        const left = await leftovers();
        for (let turn = 0; turn < 200 && await openConnections() > 0; turn++) await sleep(5);
        const open = await openConnections();
        return open > 0 ? [...left, `open connections: ${open}`] : left;
      };
    },
  };
}

function dial(port: number): Socket {
  return connect({ hostname: "127.0.0.1", port }, { allowHalfOpen: true });
}

/** Says one line to the broker; it answers with lines, or not. */
async function ask(
  broker: number,
  line: string,
): Promise<{ readonly socket: Socket; readonly lines: AsyncGenerator<string, string> }> {
  const socket = dial(broker);
  const writer = socket.writable.getWriter();
  await writer.write(new TextEncoder().encode(`${line}\n`));
  writer.releaseLock();
  return { socket, lines: linesOf(socket.readable) };
}

/** Reads no more than it must, and lets go of the stream when it is ended. */
async function* linesOf(readable: ReadableStream<Uint8Array>): AsyncGenerator<string, string> {
  const reader = readable.getReader();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text;
      const lines = (text + new TextDecoder().decode(value)).split("\n");
      text = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    reader.releaseLock();
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
