/**
 * A Deno.TcpConn as a transport. By hand, because a Deno.Conn's own streams close the whole connection as soon as one of
 * them ends, so that nothing could be answered to a peer that has said its last word. Knows no TLS.
 * @module
 */

import type { NetAddr, TcpConn } from "./deno_types.ts";
import type { ByteTransport, TransportInfo } from "./tls_stream.ts";

/** How much is taken from the connection at once, in bytes: about a record. */
const readAtOnce = 2 ** 14 + 2 ** 9;

/** `cancel` gives up on connecting. */
export function tcpTransport(
  connecting: Promise<TcpConn>,
  cancel: (reason: unknown) => void = () => {},
): ByteTransport {
  return {
    opened: connecting.then(infoOf),
    readable: readableOf(connecting),
    writable: writableOf(connecting),
    close: async (reason) => {
      cancel(reason);
      (await connecting).close();
    },
  };
}

function readableOf(connecting: Promise<TcpConn>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const tcp = await connecting;
      const buffer = new Uint8Array(readAtOnce);
      const length = await tcp.read(buffer);
      if (length === null) return controller.close();
      controller.enqueue(buffer.subarray(0, length));
    },
  }, { highWaterMark: 0 });
}

function writableOf(connecting: Promise<TcpConn>): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    write: async (bytes) => {
      const tcp = await connecting;
      for (let sent = 0; sent < bytes.length;) sent += await tcp.write(bytes.subarray(sent));
    },
    close: async () => (await connecting).closeWrite(),
  });
}

function infoOf({ localAddr, remoteAddr }: TcpConn): TransportInfo {
  return { localAddress: addressText(localAddr), remoteAddress: addressText(remoteAddr) };
}

function addressText({ hostname, port }: NetAddr): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
