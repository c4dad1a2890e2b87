/**
 * One connection of the shim: what the runner expects of it after the handshake. It says what the flags ask for, sends
 * back each byte of the runner with all its bits turned over, and ends when the runner does.
 * @module
 */

import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { type Output, type TlsConnection, type TlsError, type TlsRequest, TruncationError } from "../../mod.ts";
import { Answers } from "./answers.ts";
import { Credentials } from "./credentials.ts";
import { dial, hangUp } from "./dial.ts";
import { checkSession } from "./expectations.ts";
import type { Flags } from "./flags.ts";
import type { Memory } from "./memory.ts";
import { MessageLog } from "./message_log.ts";
import { createConnection } from "./options.ts";

/** Dials, and holds the conversation to its end. Throws what ended it, unless it ended as the flags allow. */
export async function converse(flags: Flags, memory: Memory, isResumption: boolean): Promise<void> {
  const credentials = new Credentials(flags);
  const tls = createConnection(flags, credentials, memory, isResumption);
  const socket = await dial(flags);
  const conversation = new Conversation({ tls, socket, flags, memory, credentials, isResumption });
  try {
    await conversation.hold();
  } finally {
    await hangUp(socket);
  }
  conversation.judge();
}

interface Scene {
  readonly tls: TlsConnection;
  readonly socket: Socket;
  readonly flags: Flags;
  readonly memory: Memory;
  readonly credentials: Credentials;
  readonly isResumption: boolean;
}

class Conversation {
  readonly #scene: Scene;
  readonly #tls: TlsConnection;
  readonly #socket: Socket;
  readonly #flags: Flags;
  readonly #answers: Answers;
  readonly #messages = new MessageLog();
  #requests: TlsRequest[] = [];
  #isOver = false;
  #error: TlsError | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#tls = scene.tls;
    this.#socket = scene.socket;
    this.#flags = scene.flags;
    this.#answers = new Answers(scene.flags, scene.credentials, scene.memory);
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
    this.#checkMessages();
  }

  #checkMessages(): void {
    const expected = this.#flags.text("expect-msg-callback");
    if (expected === undefined) return;
    // Without -check-close-notify BoringSSL's shim leaves without a word, which the library never does.
    const ours = this.#flags.has("check-close-notify") ? "" : "write alert 1 0\n";
    if (expected + ours === this.#messages.text) return;
    throw new Error(`The messages are not the expected ones:\n${this.#messages.text}`);
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
        for (const output of this.#tls.answer(request.id, this.#answers.to(request))) this.#do(output);
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
      case "storeSession":
        return this.#scene.memory.store(output.key, output.session, output.expiresAt);
      case "forgetSession":
        return this.#scene.memory.remove(output.key);
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
    const { memory, credentials, isResumption } = this.#scene;
    const session = this.#tls.session;
    if (session === undefined) throw new Error("There is no session after the handshake");
    checkSession(session, this.#flags, {
      isResumption,
      usedCredential: credentials.used,
      storedSessions: memory.takeStored(),
      messages: this.#messages,
    });
    for (const words of firstWords(this.#tls, this.#flags)) this.#send(words);
    if (!this.#flags.has("shim-shuts-down")) return;
    this.#doAll(this.#tls.close());
    this.#isOver ||= !this.#flags.has("check-close-notify");
  }

  /** What comes after the end is not answered. */
  #send(data: Uint8Array): void {
    if (!this.#isOver) this.#doAll(this.#tls.send(data));
  }
}

function firstWords(tls: TlsConnection, flags: Flags): readonly Uint8Array[] {
  const words: Uint8Array[] = [];
  const exported = flags.number("export-keying-material");
  if (exported > 0) {
    const context = flags.has("use-export-context") ? asciiBytes(flags.text("export-context") ?? "") : undefined;
    words.push(tls.exportKeyingMaterial(flags.text("export-label") ?? "", context, exported));
  }
  if (flags.has("tls-unique")) words.push(tls.channelBinding("tls-unique"));
  if (flags.has("write-different-record-sizes")) {
    return [...words, ...recordSizes.map((size) => new Uint8Array(size).fill(0x42))];
  }
  if (!flags.has("shim-writes-first")) return words;
  const first = asciiBytes(flags.text("shim-initial-write") ?? "hello");
  return [...words, ...Array.from({ length: Number(flags.text("repeat-shim-initial-write") ?? 1) }, () => first)];
}

const recordSizes: readonly number[] = [0, 1, 255, 256, 257, 16383, 16384, 16385, 32767, 32768, 32769];

function asciiBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
