import {
  createTlsServer,
  type FrozenConnection,
  type Output,
  type ServerConfig,
  thawTlsServer,
  type TlsConnection,
  type TlsRequest,
} from "../mod.ts";

/** Where connections sleep: a database, a Durable Object. What is taken is gone, so that nobody takes it twice. */
export interface Store {
  put(id: string, frozen: FrozenConnection): Promise<void>;
  take(id: string): Promise<FrozenConnection | undefined>;
}

export interface Server {
  readonly store: Store;
  readonly config: ServerConfig;
  readonly reply: (data: Uint8Array) => Uint8Array;
}

/** What is to be done before the connection is woken again. */
export interface Woken {
  readonly transmit: readonly Uint8Array[];
  /** To be answered by `wake(id, (tls) => tls.answer(request.id, value), server)`, whenever the answer is there. */
  readonly request: TlsRequest | undefined;
  readonly isOver: boolean;
}

/** A new connection. */
export function begin(id: string, server: Server): Promise<Woken> {
  return act(id, createTlsServer(server.config), (tls) => tls.start(), server);
}

/** Wakes a connection for one thing that happens to it: `(tls) => tls.receive(bytes)`. */
export async function wake(
  id: string,
  happens: (tls: TlsConnection) => readonly Output[],
  server: Server,
): Promise<Woken> {
  const frozen = await server.store.take(id);
  if (frozen === undefined) throw new Error(`Nobody sleeps under ${id}, or somebody else has woken it`);
  return act(id, thawTlsServer(frozen, server.config), happens, server);
}

/** Does it, and lays the connection down again: between two calls nobody holds it. */
async function act(
  id: string,
  tls: TlsConnection,
  happens: (tls: TlsConnection) => readonly Output[],
  { store, reply }: Server,
): Promise<Woken> {
  const transmit: Uint8Array[] = [];
  let isOver = false;
  function carryOut(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.type === "transmit") transmit.push(output.bytes);
      if (output.type === "data") carryOut(tls.send(reply(output.bytes)));
      if (output.type === "closed" || output.type === "failed") isOver = true;
    }
  }
  carryOut(happens(tls));
  const { request } = tls;
  if (!isOver) await store.put(id, tls.freeze());
  return { transmit, request, isOver };
}
