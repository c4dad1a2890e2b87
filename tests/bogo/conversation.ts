/**
 * One connection of the shim: what the runner expects of it after the handshake. It says what the flags ask for, sends
 * back each byte of the runner with all its bits turned over, and ends when the runner does.
 * @module
 */

import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { type Output, type TlsConnection, type TlsError, type TlsRequest, TruncationError } from "../../mod.ts";
import { answerTo } from "./answers.ts";
import { hangUp } from "./dial.ts";
import { checkSession } from "./expectations.ts";
import type { Flags } from "./flags.ts";
import { MessageLog } from "./message_log.ts";

/** Holds the conversation to its end. Throws what ended it, unless it ended as the flags allow. */
export async function converse(tls: TlsConnection, socket: Socket, flags: Flags): Promise<void> {
  const conversation = new Conversation(tls, socket, flags);
  try {
    await conversation.hold();
  } finally {
    await hangUp(socket);
  }
  conversation.judge();
}

class Conversation {
  readonly #tls: TlsConnection;
  readonly #socket: Socket;
  readonly #flags: Flags;
  readonly #messages = new MessageLog();
  #requests: TlsRequest[] = [];
  #isOver = false;
  #error: TlsError | undefined;

  constructor(tls: TlsConnection, socket: Socket, flags: Flags) {
    this.#tls = tls;
    this.#socket = socket;
    this.#flags = flags;
  }

  async hold(): Promise<void> {
    await this.#carryOut(this.#tls.start());
    try {
      for await (const chunk of this.#socket.iterator({ destroyOnReturn: false })) {
        await this.#receive(chunk);
        if (this.#isOver) return;
      }
    } catch (error) {
      // A reset of the transport is an end like any other.
      if (!(error instanceof Error && "syscall" in error)) throw error;
    }
    if (!this.#isOver) await this.#carryOut(this.#tls.receiveEnd());
  }

  judge(): void {
    const error = this.#error;
    // The library tells a transport that ended from a connection that was closed. The flag says whether that matters.
    const isTolerated = error instanceof TruncationError && this.#tls.session !== undefined &&
      !this.#flags.has("check-close-notify");
    if (error !== undefined && !isTolerated) throw error;
    if (this.#tls.session === undefined) throw new Error("The handshake never ended");
    const expected = this.#flags.text("expect-msg-callback");
    if (expected !== undefined) this.#messages.check(expected);
  }

  /** With `-async` in single bytes. */
  async #receive(chunk: Uint8Array): Promise<void> {
    const step = this.#flags.has("async") ? 1 : chunk.length;
    for (let at = 0; at < chunk.length && !this.#isOver; at += step) {
      await this.#carryOut(this.#tls.receive(chunk.subarray(at, at + step)));
    }
  }

  async #carryOut(outputs: readonly Output[]): Promise<void> {
    for (const output of outputs) this.#do(output);
    while (this.#requests.length > 0) {
      const requests = this.#requests;
      this.#requests = [];
      for (const request of requests) {
        await setImmediate();
        for (const output of this.#tls.answer(request.id, answerTo(request, this.#flags))) this.#do(output);
      }
    }
  }

  #do(output: Output): void {
    switch (output.type) {
      case "transmit":
        return void this.#socket.write(output.bytes);
      case "request":
        return void this.#requests.push(output.request);
      case "established":
        return this.#begin();
      case "data":
        return this.#send(output.bytes.map((byte) => byte ^ 0xff));
      case "peerClosed":
        return this.#doAll(this.#tls.close());
      case "failed":
        this.#error = output.error;
        this.#isOver = true;
        return;
      case "closed":
        this.#isOver = true;
        return;
      case "trace":
        return this.#messages.add(output.event);
      default:
        return;
    }
  }

  #doAll(outputs: readonly Output[]): void {
    for (const output of outputs) this.#do(output);
  }

  /** The handshake is over: expectations first, then the words that the shim is to say before it listens. */
  #begin(): void {
    checkSession(this.#tls.session, this.#flags);
    for (const words of firstWords(this.#flags)) this.#send(words);
    if (!this.#flags.has("shim-shuts-down")) return;
    this.#doAll(this.#tls.close());
    this.#isOver ||= !this.#flags.has("check-close-notify");
  }

  /** What comes after the end is not answered. */
  #send(data: Uint8Array): void {
    if (!this.#isOver) this.#doAll(this.#tls.send(data));
  }
}

function firstWords(flags: Flags): readonly Uint8Array[] {
  if (flags.has("write-different-record-sizes")) {
    return [0, 1, 255, 256, 257, 16383, 16384, 16385, 32767, 32768, 32769].map((size) =>
      new Uint8Array(size).fill(0x42)
    );
  }
  if (!flags.has("shim-writes-first")) return [];
  const words = new TextEncoder().encode(flags.text("shim-initial-write") ?? "hello");
  return Array.from({ length: Number(flags.text("repeat-shim-initial-write") ?? 1) }, () => words);
}
