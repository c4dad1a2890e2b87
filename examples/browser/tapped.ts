/**
 * A transport with a wiretap on it: everything passes unchanged, and a copy is handed out.
 * @module
 */

import type { ByteTransport } from "../../adapters/streams.ts";

export interface Taps {
  sent(bytes: Uint8Array): void;
  received(bytes: Uint8Array): void;
}

/** The transport belongs to the result from now on. Nothing is read ahead, and a write is over when it is below. */
export function tapped(transport: ByteTransport, taps: Taps): ByteTransport {
  const reader = transport.readable.getReader();
  const writer = transport.writable.getWriter();
  return {
    opened: transport.opened,
    close: (reason) => transport.close?.(reason),
    readable: new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        taps.received(value);
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 }),
    writable: new WritableStream<Uint8Array>({
      write: (bytes) => {
        taps.sent(bytes);
        return writer.write(bytes);
      },
      close: () => writer.close(),
      abort: (reason) => writer.abort(reason),
    }),
  };
}
