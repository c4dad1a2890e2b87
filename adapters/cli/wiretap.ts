/**
 * A wiretap: a TCP relay that passes everything on unchanged and keeps a copy, as anybody on the way can.
 * It knows no keys; it reads what stands in the open, the five bytes before each record (RFC 5246 §6.2.1).
 * @module
 */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { CliError } from "./failures.ts";
import type { Side } from "./step.ts";

export interface TappedRecord {
  /** 20 change_cipher_spec, 21 alert, 22 handshake, 23 application_data. */
  readonly type: number;
  /** The header, which is never encrypted. */
  readonly header: Uint8Array;
  /** What comes after it. */
  readonly fragment: Uint8Array;
}

export interface Wiretap {
  readonly port: number;
  /** All that one side sent so far, in bytes. */
  length(sender: Side): number;
  /** The whole records that one side sent so far. */
  records(sender: Side): readonly TappedRecord[];
  close(): Promise<void>;
}

/** Listens on a free port of this machine and passes what comes there on to `port`. */
export async function openWiretap(port: number): Promise<Wiretap> {
  const heard: Readonly<Record<Side, Uint8Array[]>> = { client: [], server: [] };
  const relay = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
    pass(near, far, heard.client);
    pass(far, near, heard.server);
  });
  return {
    port: await listening(relay, 0, "127.0.0.1"),
    length: (sender) => Buffer.concat(heard[sender]).length,
    records: (sender) => recordsIn(Buffer.concat(heard[sender])),
    close: async () => {
      relay.close();
      await once(relay, "close");
    },
  };
}

/** Listens, and says on which port. Throws CliError where that can't be. */
export async function listening(server: Server, port: number, host: string): Promise<number> {
  server.listen({ port, host });
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new CliError(`cannot listen on ${host}: no TCP address`);
  return address.port;
}

function pass(from: Socket, to: Socket, heard: Uint8Array[]): void {
  from.on("data", (bytes) => heard.push(bytes));
  from.on("error", () => to.destroy());
  from.pipe(to);
}

/** RFC 5246 §6.2.1: type, two bytes of version, two bytes of length, then the fragment. */
function recordsIn(bytes: Uint8Array): readonly TappedRecord[] {
  const records: TappedRecord[] = [];
  for (let offset = 0; offset + headerLength <= bytes.length;) {
    const header = bytes.subarray(offset, offset + headerLength);
    const [type = 0, , , high = 0, low = 0] = header;
    const end = offset + headerLength + (high << 8 | low);
    if (end > bytes.length) break;
    records.push({ type, header, fragment: bytes.subarray(offset + headerLength, end) });
    offset = end;
  }
  return records;
}

const headerLength = 5;
