import { createTlsClient, type Output } from "../mod.ts";

/** Says `text` to a TLS server at the other end of any byte pipe, and yields what it answers. */
export async function* converse(wire: Wire, serverName: string, trustAnchors: string, text: string) {
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const tls = createTlsClient({ serverName, trustAnchors, now: Date.now, random });

  function* carryOut(outputs: readonly Output[]): Generator<Uint8Array> {
    for (const output of outputs) {
      if (output.type === "transmit") wire.write(output.bytes);
      else if (output.type === "established") yield* carryOut(tls.send(new TextEncoder().encode(text)));
      else if (output.type === "data") yield output.bytes;
      else if (output.type === "failed") throw output.error; // its alert is in the `transmit` before
    }
  }

  yield* carryOut(tls.start());
  for await (const bytes of wire) yield* carryOut(tls.receive(bytes));
  yield* carryOut(tls.receiveEnd());
}

type Wire = AsyncIterable<Uint8Array> & { write(bytes: Uint8Array): unknown }; // a net.Socket, for one
