/**
 * A WebSocketStream as a transport. Both of its streams make the other side wait. Knows no TLS. Runtime-neutral.
 * @module
 */

import { deferred } from "./deferred.ts";
import { type ByteTransport, TransportError, type TransportInfo } from "./tls_stream.ts";
import { isGoodEnd, nameOf, WebSocketCloseError, type WebSocketStreamLike } from "./websocket_like.ts";

/** The transport; the WebSocketStream belongs to it from now on. */
export function streamTransport(socket: WebSocketStreamLike): ByteTransport {
  // Its own streams come later than the transport must have some.
  const reader = deferred<ReadableStreamDefaultReader<unknown>>();
  const writer = deferred<WritableStreamDefaultWriter<unknown>>();
  const opened = socket.opened.then(({ readable, writable }): TransportInfo => {
    reader.resolve(readable.getReader());
    writer.resolve(writable.getWriter());
    return {};
  }).catch((cause) => {
    const error = new TransportError(`Cannot connect to ${nameOf(socket)}`, cause);
    reader.reject(error);
    writer.reject(error);
    throw error;
  });
  for (const promise of [opened, socket.closed]) promise.catch(() => {});
  const letGo = async (): Promise<void> => {
    // In Chromium, what nobody has read would keep it open; to cancel the reader breaks Deno.
    reader.promise.then(drain).catch(() => {});
    // In a turn of its own: Chromium's renderer crashes when it is closed from within a stream's own work.
    await new Promise((resolve) => setTimeout(resolve));
    closeAtOnce(socket);
  };
  return {
    opened,
    readable: new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { done, value } = await (await reader.promise).read();
        if (!done) return controller.enqueue(bytesOf(value));
        await checkEnd(socket);
        controller.close();
      },
      cancel: letGo,
    }, { highWaterMark: 0 }),
    writable: new WritableStream<Uint8Array>({
      write: async (bytes) => await (await writer.promise).write(new Uint8Array(bytes)),
      close: async () => {
        await (await writer.promise).ready;
        socket.close({ closeCode: 1000 });
      },
      abort: letGo,
    }),
    close: letGo,
  };
}

function bytesOf(data: unknown): Uint8Array<ArrayBuffer> {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  throw new Error("a text message came; the tunnel carries binary messages");
}

/** The readable of a WebSocketStream ends in good order with any code. */
async function checkEnd(socket: WebSocketStreamLike): Promise<void> {
  const { closeCode = 1005, reason = "" } = await socket.closed;
  if (!isGoodEnd(closeCode)) throw new WebSocketCloseError(closeCode, reason);
}

async function drain(reader: ReadableStreamDefaultReader<unknown>): Promise<void> {
  while (!(await reader.read()).done);
}

function closeAtOnce(socket: WebSocketStreamLike): void {
  try {
    socket.close();
  } catch {
    // It has ended by itself.
  }
}
