/**
 * A net.Socket as a transport. By hand, because Duplex.toWeb loses errors and half-open ends in some versions of Node.
 * One chunk at a time in each direction; the socket isn't read while nobody asks. Knows no TLS.
 * @module
 */

import type { Socket } from "node:net";
import { type ByteTransport, TransportError, type TransportInfo } from "./tls_stream.ts";

type Listeners = {
  readonly connect?: () => void;
  readonly data?: (bytes: Uint8Array) => void;
  readonly end?: () => void;
  readonly error?: (error: Error) => void;
  readonly close?: () => void;
};

/** `peer` is how errors call the other side: `example.com:443`. */
export function socketTransport(socket: Socket, peer: string): ByteTransport {
  // Otherwise Node ends our half as soon as the peer ends its own.
  socket.allowHalfOpen = true;
  socket.pause();
  // The error that it was destroyed with may still come; unheard, it would end the process.
  if (socket.destroyed) socket.once("error", () => {});
  const opened = connected(socket, peer);
  opened.catch(() => {});
  return { opened, readable: readableOf(socket), writable: writableOf(socket), close: () => destroyed(socket) };
}

function connected(socket: Socket, peer: string): Promise<TransportInfo> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(new TransportError(`Cannot connect to ${peer}`, cause));
    if (socket.destroyed) return fail("the socket is destroyed");
    if (!socket.connecting) return resolve(infoOf(socket));
    const stopListening = listen(socket, {
      connect: () => {
        stopListening();
        resolve(infoOf(socket));
      },
      error: fail,
      close: () => fail("the socket was destroyed"),
    });
  });
}

function readableOf(socket: Socket): ReadableStream<Uint8Array> {
  let ended = false;
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      const end = (): void => {
        if (!ended) controller.close();
        ended = true;
      };
      if (socket.readableEnded || socket.destroyed) return end();
      listen(socket, {
        data: (bytes) => {
          if (ended) return;
          socket.pause();
          controller.enqueue(bytes);
        },
        end,
        error: (error) => {
          ended = true;
          controller.error(error);
        },
        close: end,
      });
    },
    pull: () => void socket.resume(),
    cancel: () => {
      ended = true;
      socket.destroy();
    },
  }, { highWaterMark: 0 });
}

function writableOf(socket: Socket): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    start: (controller) => {
      if (socket.destroyed) return controller.error(new Error("the socket is destroyed"));
      listen(socket, {
        error: (error) => controller.error(error),
        close: () => controller.error(new Error("the socket was closed")),
      });
    },
    write: (bytes) => settled(socket, (done) => socket.write(bytes, done)),
    close: () => settled(socket, (done) => socket.end(done)),
    abort: () => void socket.destroy(),
  });
}

/** Some runtimes never call back for what was under way when a socket was destroyed. */
function settled(socket: Socket, run: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(new Error("the socket was closed"));
    socket.once("close", closed);
    run((error) => {
      socket.off("close", closed);
      if (error) return reject(error);
      resolve();
    });
  });
}

function destroyed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) return resolve();
    socket.once("close", () => resolve());
    socket.destroy();
  });
}

/** Until the socket is closed, or until the function is called that it returns. */
function listen(socket: Socket, listeners: Listeners): () => void {
  const stop = (): void => {
    for (const [name, listener] of Object.entries(all)) socket.off(name, listener);
  };
  const all = {
    ...listeners,
    close: () => {
      stop();
      listeners.close?.();
    },
  };
  for (const [name, listener] of Object.entries(all)) socket.on(name, listener);
  return stop;
}

function infoOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): TransportInfo {
  return { remoteAddress: addressText(remoteAddress, remotePort), localAddress: addressText(localAddress, localPort) };
}

function addressText(address: string | undefined, port: number | undefined): string | undefined {
  if (address === undefined || port === undefined) return undefined;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
