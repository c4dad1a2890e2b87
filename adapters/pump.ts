/**
 * The one loop: joins one TlsConnection to one transport, and gives a TlsStream.
 * Bytes from the transport go into the connection; its outputs go to the transport, to the reader, and into promises.
 * Knows no runtime, and of TLS only the outputs.
 * @module
 */

import {
  type ChannelBindingType,
  type Output,
  type TlsConnection,
  TlsError,
  type TlsRequest,
  TlsUsageError,
} from "../mod.ts";
import { checked, type CheckedStreamOptions } from "./adapter_options.ts";
import { type Deferred, deferred, longestTimeout, within } from "./deferred.ts";
import { ReceivedData } from "./received_data.ts";
import {
  type Answer,
  type AsyncSessionCache,
  type ByteTransport,
  TimeoutError,
  type TlsStream,
  type TlsStreamInfo,
  type TlsStreamOptions,
  TransportError,
  type TransportInfo,
} from "./tls_stream.ts";

export * from "./tls_stream.ts";

/** One write is encrypted in pieces of this length, each of which waits until the transport takes more. In bytes. */
const writeAtOnce = 2 ** 16;
/** How many replies that the transport has not yet taken may wait before nothing more is read. */
const maxUnsentReplies = 32;
/** How long, in ms, an alert and the last bytes may take to go out when a connection ends early … */
const flushTimeout = 5_000;
/** … and how long the peer's own end is awaited then, so that what was sent reaches it and no reset overtakes it. */
const lingerTimeout = 1_000;

/**
 * Starts the connection over the transport, and returns at once. Throws TlsUsageError for options that can't work.
 *
 * @example
 * const { readable, writable, opened, closed } = pump(createTlsClient(config), { readable: wire.readable, writable: wire.writable });
 */
export function pump(tls: TlsConnection, transport: ByteTransport, options: TlsStreamOptions = {}): TlsStream {
  return new Pump(tls, transport, checked(options));
}

class Pump implements TlsStream {
  readonly #tls: TlsConnection;
  readonly #transport: ByteTransport;
  readonly #options: CheckedStreamOptions;
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;
  readonly #sink: WritableStreamDefaultWriter<Uint8Array>;
  readonly #received: ReceivedData = new ReceivedData(() => this.#oneSideIsDone());
  readonly #opened: Deferred<TlsStreamInfo> = deferred<TlsStreamInfo>();
  readonly #closed: Deferred<void> = deferred<void>();
  readonly #cut: Deferred<never> = deferred<never>();
  readonly secureTransport = "on";
  readonly upgraded = false;
  readonly writable: WritableStream<Uint8Array>;
  #sending: WritableStreamDefaultController | undefined;
  #reading: Promise<ReadableStreamReadResult<Uint8Array>> | undefined;
  #info: TransportInfo | undefined;
  #outputs: Output[] | undefined;
  #sent: Promise<void> = Promise.resolve();
  #answered: Promise<void> | undefined;
  #asking: AbortController | undefined;
  /** What is being stored and forgotten; never rejects. */
  #kept: Promise<void> = Promise.resolve();
  #unsent = 0;
  #sidesDone = 0;
  #over = false;
  #why: unknown;
  #writerCloses = false;
  #idleTimerRuns = false;
  readonly #onAbort = (): void => {
    this.#received.abort(this.#options.signal?.reason);
    this.#stop(this.#options.signal?.reason);
  };
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tls: TlsConnection, transport: ByteTransport, options: CheckedStreamOptions) {
    this.#tls = tls;
    this.#transport = transport;
    this.#options = options;
    this.#source = transport.readable.getReader();
    this.#sink = transport.writable.getWriter();
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#sending = controller;
        // The sink's own abort waits until the write is over that is under way; Node 20 bears no error from within.
        controller.signal.addEventListener("abort", () => queueMicrotask(() => this.#abort(controller.signal.reason)));
      },
      write: (data) => this.#write(data).catch((error) => this.#refuseWrites(error)),
      close: () => this.#sayClose().catch((error) => this.#refuseWrites(error)),
    });
    options.signal?.addEventListener("abort", this.#onAbort);
    this.#startTimer(options.handshakeTimeout, "The handshake was not over");
    if (options.signal?.aborted) this.#onAbort();
    this.#run().catch((error) => this.#fail(error));
  }

  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#received.readable;
  }

  get opened(): Promise<TlsStreamInfo> {
    return this.#opened.promise;
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  get state(): string {
    return this.#info === undefined ? "connecting" : this.#tls.state;
  }

  async close(reason: unknown = new TlsUsageError("Cannot go on: the stream was closed")): Promise<void> {
    if (!this.#over) {
      this.#why = reason;
      this.#carryOut(this.#tls.close());
      await Promise.resolve(); // A callback may have called: first comes what it has interrupted.
      this.#finish(undefined, flushTimeout);
    }
    await this.closed.catch(ignore);
  }

  exportKeyingMaterial(label: string, context: Uint8Array | undefined, length: number): Uint8Array<ArrayBuffer> {
    return this.#tls.exportKeyingMaterial(label, context, length);
  }

  channelBinding(type: ChannelBindingType): Uint8Array<ArrayBuffer> {
    return this.#tls.channelBinding(type);
  }

  startTls(): never {
    throw new TlsUsageError("Cannot start TLS: it is on already");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<void> {
    this.#info = await this.#transport.opened ?? {};
    if (this.#over) return;
    for (const side of [this.#source, this.#sink]) side.closed.catch((error) => this.#fail(error));
    this.#carryOut(this.#tls.start());
    while (!this.#over) {
      await this.#received.room();
      await this.#answered;
      const { done, value } = await this.#read();
      if (this.#over) return;
      this.#carryOut(done ? this.#tls.receiveEnd() : this.#tls.receive(value));
      if (done) return;
      this.#restartIdleTimer();
      // Only for a flood of replies: waiting after every one could stop both peers for good.
      if (this.#unsent > maxUnsentReplies) await this.#sent;
    }
  }

  async #write(data: Uint8Array): Promise<void> {
    await this.opened;
    // What is no Uint8Array is refused by the connection, in its own words.
    if (!(data instanceof Uint8Array)) return this.#carryOut(this.#tls.send(data));
    for (let offset = 0; offset < data.length; offset += writeAtOnce) {
      this.#carryOut(this.#tls.send(data.subarray(offset, offset + writeAtOnce)));
      await this.#sent; // and not the sink's `ready`, which workerd's sockets always are
    }
  }

  async #sayClose(): Promise<void> {
    await this.opened;
    this.#writerCloses = true;
    this.#carryOut(this.#tls.close());
    await this.#sent;
    this.#oneSideIsDone();
  }

  /** In order, also when a callback calls `close()`. What a callback throws waits until all is carried out. */
  #carryOut(outputs: readonly Output[]): void {
    if (this.#outputs !== undefined) return void this.#outputs.push(...outputs);
    const thrown: unknown[] = [];
    this.#outputs = [...outputs];
    for (const output of this.#outputs) {
      try {
        this.#carryOutOne(output);
      } catch (error) {
        thrown.push(error);
      }
    }
    this.#outputs = undefined;
    if (thrown.length > 0) this.#stopFor(thrown[0]);
  }

  #carryOutOne(output: Output): void {
    switch (output.type) {
      case "transmit":
        return this.#transmit(output.bytes);
      case "established":
        if (this.#over) return; // A callback has ended it meanwhile.
        this.#opened.resolve({ ...this.#info, ...output.session, alpn: output.session.alpnProtocol });
        clearTimeout(this.#timer);
        this.#idleTimerRuns = true;
        return this.#restartIdleTimer();
      case "data":
        return this.#received.push(output.bytes);
      case "peerClosed":
        return this.#received.end();
      case "closed":
        // RFC 5246 §7.2.1 lets us discard pending writes, unless the writer has brought them to an end.
        return this.#finish(undefined, this.#writerCloses ? Infinity : flushTimeout);
      case "failed":
        return this.#finish(output.error, flushTimeout);
      case "request":
        if (this.#over) return;
        this.#answered = this.#answer(output.request);
        return;
      case "requestCanceled": // The connection's end, which comes next, says why.
        return;
      case "storeSession":
        return this.#keep((cache) => cache.store(output.key, output.session, output.expiresAt));
      case "forgetSession":
        return this.#keep((cache) => cache.remove(output.key));
      case "keyLog":
        return this.#options.onKeyLog?.(output.line);
      case "trace":
        return this.#options.onTrace?.(output.event);
    }
  }

  /** An answer of the wrong kind is one more way in which the embedder fails, of which the peer is told. */
  async #answer(request: TlsRequest): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    const answers = (value: Answer): void => {
      if (this.#asking === asking) this.#asking = undefined;
      if (!this.#over) this.#carryOut(this.#tls.answer(request.id, value));
    };
    try {
      answers(await answerOf(request, this.#options, asking.signal));
    } catch (error) {
      answers(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** One after another: a session that is stored slowly must not be there after it was forgotten. */
  #keep(work: (cache: AsyncSessionCache) => unknown): void {
    const { sessionCache } = this.#options;
    if (sessionCache === undefined) return;
    this.#kept = this.#kept.then(() => work(sessionCache)).then(ignore, (error) => this.#stopFor(error));
  }

  #transmit(bytes: Uint8Array): void {
    this.#unsent++;
    this.#sent = this.#sink.write(bytes).then(() => {
      this.#unsent--;
      this.#restartIdleTimer();
    });
    this.#sent.catch(ignore);
  }

  /** Nobody reads and nobody writes: the peer's answer to our close_notify need not be awaited (RFC 5246 §7.2.1). */
  #oneSideIsDone(): void {
    if (++this.#sidesDone === 2) this.#finish(undefined, Infinity);
  }

  /** A stream whose sink rejects a write is broken, so the connection ends, too. */
  #refuseWrites(error: unknown): never {
    if (this.#why === undefined) this.#fail(error);
    throw this.#why;
  }

  /** What isn't an error of ours is the transport's. */
  #fail(cause: unknown): void {
    if (this.#over) return;
    const { state } = this;
    const isOurs = cause instanceof TlsError || cause instanceof TlsUsageError;
    const error = isOurs ? cause : new TransportError(`The transport failed in state ${state}`, cause);
    if (error instanceof TlsError) error.state ??= state;
    this.#stop(error);
  }

  #abort(reason: unknown): void {
    this.#stop(reason ?? new TlsUsageError("Cannot go on: the writable was aborted"));
  }

  /** The end for what a function of the embedder's threw. */
  #stopFor(thrown: unknown): void {
    if (!this.#over) this.#stop(thrown ?? new TypeError("A callback threw nothing"));
  }

  /** The end, at once: what is under way is cut off, and the transport let go. */
  #stop(error: unknown): void {
    this.#cut.reject(error);
    this.#finish(error, 0);
  }

  /** The end. What was sent may take `patience` ms to go out. */
  #finish(error: unknown, patience: number): void {
    if (this.#over) return;
    this.#over = true;
    this.#why ??= error ?? new TlsUsageError("Cannot go on: the connection is closed");
    this.#opened.reject(this.#why);
    this.#sending?.error(this.#why);
    this.#asking?.abort(this.#why);
    this.#received.end(error);
    this.#release(this.#info === undefined ? 0 : patience).then(
      () => error === undefined ? this.#closed.resolve() : this.#closed.reject(error),
      (cutBy) => this.#closed.reject(error ?? cutBy),
    );
  }

  /** Flushes and lingers, unless it is cut, and lets go of everything. */
  async #release(patience: number): Promise<void> {
    const orCut = (work: Promise<unknown>): Promise<unknown> => Promise.race([work, this.#cut.promise]);
    try {
      if (patience === 0) return;
      await orCut(within(patience, this.#sink.close().catch(ignore)));
      await orCut(within(flushTimeout, this.#kept));
      await orCut(within(lingerTimeout, this.#drain().catch(ignore)));
    } finally {
      this.#idleTimerRuns = false;
      clearTimeout(this.#timer);
      this.#options.signal?.removeEventListener("abort", this.#onAbort);
      // First, and with some time: in workerd, a socket whose writable was aborted stays open until its request is over.
      const letGo = this.#letGo().catch(ignore);
      await within(lingerTimeout, letGo);
      this.#source.cancel(this.#why).catch(ignore);
      this.#sink.abort(this.#why).catch(ignore);
      await letGo;
    }
  }

  async #letGo(): Promise<void> {
    await this.#transport.close?.(this.#why);
  }

  async #drain(): Promise<void> {
    while (!(await this.#read()).done);
  }

  /** One at a time, whoever waits for it: workerd refuses a second one. */
  #read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    this.#reading ??= this.#source.read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  #restartIdleTimer(): void {
    if (this.#idleTimerRuns) this.#startTimer(this.#options.idleTimeout, "Nothing came or went");
  }

  #startTimer(ms: number, what: string): void {
    clearTimeout(this.#timer);
    if (ms > longestTimeout) return;
    this.#timer = setTimeout(() => {
      const error = new TimeoutError(`${what} within ${ms} ms, in state ${this.state}`);
      error.state = this.state;
      this.#stop(error);
    }, ms);
  }
}

async function answerOf(
  request: TlsRequest,
  { onRequest, sessionCache }: TlsStreamOptions,
  signal: AbortSignal,
): Promise<Answer> {
  if (request.type === "loadSession" && sessionCache !== undefined) {
    return await sessionCache.load(request.key, signal) ?? undefined;
  }
  if (onRequest !== undefined) return await onRequest(request, signal);
  throw new TlsUsageError(`Cannot answer ${request.type}: the option onRequest is needed for that`);
}

function ignore(): void {}
