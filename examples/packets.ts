import type { Output, TlsConnection } from "../mod.ts";

/** Gets what happens, and what carries out what it brings about: `carryOut(tls.send(data))`. */
export type Hear = (output: Output, carryOut: (outputs: readonly Output[]) => void) => void;

/** Speaks TLS inside packets (4 bytes of length, big-endian, then so many bytes) until the wire ends. */
export async function inPackets(wire: Wire, tls: TlsConnection, hear: Hear): Promise<void> {
  function carryOut(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.type === "transmit") wire.write(packet(output.bytes));
      else hear(output, carryOut);
      if (output.type === "closed" || output.type === "failed") wire.end();
    }
  }

  carryOut(tls.start());
  let [length, digits, missing] = [0, 0, 0];
  for await (const bytes of wire) {
    for (let offset = 0; offset < bytes.length;) {
      if (missing === 0) {
        length = length * 256 + (bytes[offset++] ?? 0);
        if (++digits === 4) [missing, length, digits] = [length, 0, 0];
      } else { // TLS takes its bytes in any pieces: nothing has to wait for the packet's end.
        const piece = bytes.subarray(offset, offset + missing);
        carryOut(tls.receive(piece));
        [offset, missing] = [offset + piece.length, missing - piece.length];
      }
    }
  }
  carryOut(tls.receiveEnd());
}

function packet(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(4 + bytes.length);
  new DataView(whole.buffer).setUint32(0, bytes.length);
  whole.set(bytes, 4);
  return whole;
}

/** Any byte pipe; a net.Socket, for one. */
export type Wire = AsyncIterable<Uint8Array> & { write(bytes: Uint8Array): unknown; end(): unknown };
