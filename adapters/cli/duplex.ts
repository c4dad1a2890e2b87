/**
 * A TlsStream as a Node Duplex, for what speaks over Duplexes: node:http, pipes.
 * By hand, because Duplex.fromWeb reports some errors twice and others not at all, depending on the version of Node.
 * @module
 */

import { Duplex } from "node:stream";
import type { TlsStream } from "../node.ts";

/** Its end says close_notify; destroying it ends the connection. `onWrite` hears what is written, before it is encrypted. */
export function duplexOf(tls: TlsStream, onWrite: (data: Uint8Array) => void = () => {}): Duplex {
  const reader = tls.readable.getReader();
  const writer = tls.writable.getWriter();
  // Whoever writes gets the error, and so does whoever reads.
  writer.closed.catch(() => {});
  return new Duplex({
    read() {
      reader.read().then(({ done, value }) => this.push(done ? null : value), (error) => this.destroy(error));
    },
    write(chunk: Uint8Array, _, done) {
      onWrite(chunk);
      writer.write(chunk).then(() => done(), done);
    },
    final(done) {
      writer.close().then(() => done(), done);
    },
    destroy(error, done) {
      tls.close(error ?? undefined).then(() => done(error));
    },
  });
}
