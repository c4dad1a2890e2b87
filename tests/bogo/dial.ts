/**
 * The shim's way to the runner: a TCP connection to a port of this machine that begins with the shim's number.
 * @module
 */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Flags } from "./flags.ts";

/** Dials the runner. What goes wrong later on the socket is no news: a test ends with it, or doesn't care. */
export async function dial(flags: Flags): Promise<Socket> {
  const host = flags.has("ipv6") ? "::1" : "127.0.0.1";
  const socket = connect({ host, port: flags.number("port"), noDelay: true, allowHalfOpen: true });
  await once(socket, "connect");
  socket.on("error", () => {});
  const shimId = new Uint8Array(8);
  new DataView(shimId.buffer).setBigUint64(0, BigInt(flags.text("shim-id") ?? "0"), true);
  socket.write(shimId);
  return socket;
}

/** Says that nothing more is sent, and reads to the end: the peer shall be able to read our last words. */
export async function hangUp(socket: Socket): Promise<void> {
  socket.end();
  socket.resume();
  const isOver = socket.readableEnded || socket.destroyed;
  if (!isOver) await new Promise<void>((resolve) => socket.once("end", resolve).once("close", () => resolve()));
  socket.destroy();
}
