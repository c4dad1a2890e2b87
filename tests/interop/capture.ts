/**
 * A capture file (pcap) of bytes that were recorded, as if they had gone over TCP between two addresses; for tshark.
 * The format: magic, version 2.4, link type 101 (IPv4), then for each packet its time, its length and its bytes.
 */

export interface Recorded {
  readonly from: "client" | "server";
  readonly bytes: Uint8Array;
}

const longestSegment = 1400;

/** A capture of one connection to port 443, with the opening of TCP. */
export function encodeCapture(recorded: readonly Recorded[]): Uint8Array {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(101, 20);
  const sequence = { client: 1000, server: 2000 };
  const packets: Buffer[] = [];
  const add = (from: Recorded["from"], flags: number, bytes: Uint8Array): void => {
    const acknowledged = flags === syn ? 0 : sequence[from === "client" ? "server" : "client"];
    packets.push(packet(packets.length, segment(from, sequence[from], acknowledged, flags, bytes)));
    sequence[from] += flags & syn ? 1 : bytes.length;
  };
  const nothing = new Uint8Array(0);
  add("client", syn, nothing);
  add("server", syn | ack, nothing);
  add("client", ack, nothing);
  for (const { from, bytes } of recorded) {
    for (let at = 0; at < bytes.length; at += longestSegment) {
      add(from, ack | push, bytes.subarray(at, at + longestSegment));
    }
  }
  return Uint8Array.from(Buffer.concat([header, ...packets]));
}

const [syn, push, ack] = [0x02, 0x08, 0x10];

function packet(index: number, content: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(1_700_000_000, 0);
  header.writeUInt32LE(index, 4);
  header.writeUInt32LE(content.length, 8);
  header.writeUInt32LE(content.length, 12);
  return Buffer.concat([header, content]);
}

/** IPv4 and TCP, with checksums of zero, which nobody checks by default. */
function segment(
  from: Recorded["from"],
  sequence: number,
  acknowledged: number,
  flags: number,
  bytes: Uint8Array,
): Buffer {
  const [ip, tcp] = [Buffer.alloc(20), Buffer.alloc(20)];
  const [client, server] = [{ address: [10, 0, 0, 1], port: 40000 }, { address: [10, 0, 0, 2], port: 443 }] as const;
  const [source, target] = from === "client" ? [client, server] : [server, client];
  ip.set([0x45, 0], 0);
  ip.writeUInt16BE(40 + bytes.length, 2);
  ip.set([64, 6], 8);
  ip.set(source.address, 12);
  ip.set(target.address, 16);
  tcp.writeUInt16BE(source.port, 0);
  tcp.writeUInt16BE(target.port, 2);
  tcp.writeUInt32BE(sequence, 4);
  tcp.writeUInt32BE(acknowledged, 8);
  tcp.set([0x50, flags], 12);
  tcp.writeUInt16BE(65535, 14);
  return Buffer.concat([ip, tcp, bytes]);
}
