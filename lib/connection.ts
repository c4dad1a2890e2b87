/**
 * The loop: wire bytes become records, messages and events; events go through the chart; what its commands bring about
 * becomes bytes and outputs. Knows no role, no version and no message by name.
 * RFC 5246 §6, §7.1, §7.2. What is thrown on the way becomes an alert here, and the output `failed`.
 * @module
 */

import type { Effect, Exporter, Machine, Outgoing } from "./endpoint.ts";
import { AlertReceivedError, asTlsError, mustBeBytes, type TlsError, TlsUsageError, TruncationError } from "./error.ts";
import { frozenConnection, frozenQuestion, type Marks, type Standing } from "./freeze.ts";
import { messageEvent, type TlsEvent } from "./event.ts";
import { FloodGuard } from "./flood_guard.ts";
import { receivedAlert, refusalText } from "./messages/alert.ts";
import { checkChangeCipherSpec } from "./messages/change_cipher_spec.ts";
import type { HandshakeMessage } from "./messages/handshake.ts";
import type { Output } from "./output.ts";
import { answeredWithError, type CheckAnswer, type Question, type TlsRequest } from "./request.ts";
import type { ChannelBindingType, TlsSession } from "./session.ts";
import type { Settings } from "./settings.ts";
import type { FrozenConnection, TlsConnection } from "./tls_connection.ts";
import { Tracer } from "./tracer.ts";
import { Transcript } from "./transcript.ts";
import { type Incoming, Wire } from "./wire.ts";

export type { TlsConnection } from "./tls_connection.ts";

/** Joins a machine to the wire: an opening, or one that goes on, as `stands` says. */
export function createConnection(
  machine: Machine,
  settings: Settings,
  checkAnswer: CheckAnswer,
  stands?: Standing,
): TlsConnection {
  return new Connection(machine, settings, checkAnswer, stands);
}

class Connection implements TlsConnection {
  #machine: Machine;
  readonly #settings: Settings;
  readonly #checkAnswer: CheckAnswer;
  readonly #tracer: Tracer;
  readonly #wire: Wire;
  readonly #transcript = new Transcript();
  readonly #flood: FloodGuard;
  #session: TlsSession | undefined;
  readonly #outputs: Output[] = [];
  #request: TlsRequest | undefined;
  #marks: Marks = { started: false, transportEnded: false, requests: 0, sessionKey: undefined };
  #saidCloseNotify = false;
  #heardCloseNotify = false;
  /** Whether a call is going on, in which functions of the embedder's may be called, even getters of an answer. */
  #isBusy = false;
  #isFrozen = false;

  constructor(machine: Machine, settings: Settings, checkAnswer: CheckAnswer, stands?: Standing) {
    this.#machine = machine;
    this.#settings = settings;
    this.#checkAnswer = checkAnswer;
    this.#tracer = new Tracer(settings.trace, (event) => this.#outputs.push({ type: "trace", event }));
    this.#wire = new Wire(settings.limits, this.#tracer);
    this.#flood = new FloodGuard(settings.limits);
    if (stands !== undefined) this.#thaw(stands);
  }

  get state(): string {
    return this.#machine.state;
  }

  get session(): TlsSession | undefined {
    return this.#session;
  }

  get request(): TlsRequest | undefined {
    return this.#request;
  }

  start(): readonly Output[] {
    this.#mustBeFree("start");
    if (this.#marks.started) throw new TlsUsageError("Cannot start: the connection was started before");
    this.#marks.started = true;
    return this.#run(() => this.#take({ type: "app.start" }));
  }

  receive(bytes: Uint8Array): readonly Output[] {
    this.#mustBeStarted("receive");
    mustBeBytes("receive", bytes);
    if (this.#marks.transportEnded) throw new TlsUsageError("Cannot receive: receiveEnd() was called before");
    return this.#run(() => {
      for (let offset = 0; offset < bytes.length && this.#listens; offset += readAtOnce) {
        this.#wire.push(bytes.subarray(offset, offset + readAtOnce));
        this.#drain();
      }
    });
  }

  receiveEnd(): readonly Output[] {
    this.#mustBeStarted("receiveEnd");
    if (this.#marks.transportEnded) return [];
    this.#marks.transportEnded = true;
    return this.#run(() => this.#drain());
  }

  send(data: Uint8Array): readonly Output[] {
    this.#mustBeFree("send");
    mustBeBytes("send", data);
    // RFC 5246 §7.3 MUST: "Application data MUST NOT be sent prior to the completion of the first handshake"
    if (this.#machine.hasTag("maySendData")) return this.#run(() => this.#wire.write("application_data", data));
    const isEarly = this.#session === undefined && !this.#machine.done;
    const why = isEarly ? "the handshake isn't over" : "the connection is closed";
    throw new TlsUsageError(`Cannot send: ${why} (state ${this.state})`);
  }

  answer(id: number, value: unknown): readonly Output[] {
    this.#mustBeFree("answer");
    if (this.#machine.done) return [];
    const request = this.#request;
    if (request?.id !== id) {
      const open = request === undefined ? "no request is open" : `request ${request.id} is open`;
      throw new TlsUsageError(`Cannot answer request ${id}: ${open}`);
    }
    let answer: unknown;
    this.#isBusy = true;
    try {
      answer = this.#checkAnswer(request, value, this.#settings);
    } finally {
      this.#isBusy = false;
    }
    this.#request = undefined;
    return this.#run(() => {
      if (answer instanceof Error) throw answeredWithError(request, answer);
      this.#step((apply) => this.#machine.answer(request, answer, this.#transcript, apply));
      this.#drain();
    });
  }

  exportKeyingMaterial(label: string, context: Uint8Array | undefined, length: number): Uint8Array<ArrayBuffer> {
    return this.#exporter("export key material").exportKeyingMaterial(label, context, length);
  }

  channelBinding(type: ChannelBindingType): Uint8Array<ArrayBuffer> {
    return this.#exporter("give a channel binding").channelBinding(type);
  }

  #exporter(aim: string): Exporter {
    this.#mustBeFree(aim);
    const exporter = this.#session && this.#machine.exporter;
    if (exporter) return exporter;
    const why = this.#session === undefined ? "the handshake isn't over" : "the connection failed";
    throw new TlsUsageError(`Cannot ${aim}: ${why} (state ${this.state})`);
  }

  close(): readonly Output[] {
    this.#mustBeFree("close");
    return this.#run(() => this.#take({ type: "app.close" }));
  }

  freeze(): FrozenConnection {
    this.#mustBeFree("freeze");
    const frozen = frozenConnection(
      {
        ...this.#machine.freeze(),
        marks: this.#marks,
        wire: this.#wire.freeze(),
        transcript: this.#transcript.freeze(),
        floods: this.#flood.freeze(),
        question: this.#request && frozenQuestion(this.#request),
      },
      this.#machine.done,
      this.#settings,
    );
    this.#isFrozen = true;
    return frozen;
  }

  #thaw({ parts, question, session }: Standing): void {
    this.#marks = { ...parts.marks };
    if (parts.wire) this.#wire.thaw(parts.wire, this.#machine.recordCipher);
    this.#transcript.thaw(parts.transcript);
    this.#flood.thaw(parts.floods);
    this.#request = question && { ...question, id: parts.marks.requests };
    this.#session = session;
    // Who may receive data and not send any has said close_notify, and the other way round.
    const [receives, sends] = [this.#machine.hasTag("applicationData"), this.#machine.hasTag("maySendData")];
    this.#saidCloseNotify = receives && !sends;
    this.#heardCloseNotify = sends && !receives;
  }

  /** Does the work; whatever is thrown becomes a fault, and the fault an alert and the output `failed`. */
  #run(work: () => void): readonly Output[] {
    this.#isBusy = true;
    try {
      work();
    } catch (thrown) {
      this.#fault(asTlsError(thrown));
    } finally {
      this.#isBusy = false;
    }
    this.#flush();
    return this.#outputs.splice(0);
  }

  #fault(error: TlsError): void {
    // On the way into its end a chart takes no more events: the close_notify could not be sealed.
    if (this.#machine.done) return this.#output({ type: "failed", error });
    try {
      this.#take({ type: "fault", error });
    } catch {
      // Even the alert can't be sent (a provider that throws): the chart has moved to `failed` all the same.
      this.#forget();
      this.#output({ type: "failed", error });
    }
  }

  /** RFC 5246 §7.2.1: "Any data received after a closure alert is ignored." Not even opened: it may be anything. */
  get #listens(): boolean {
    return !this.#machine.done && !this.#heardCloseNotify;
  }

  /** Takes what has arrived, until an answer is awaited or nothing is whole. */
  #drain(): void {
    while (this.#listens && !this.#machine.hasTag("pending")) {
      const incoming = this.#wire.next();
      if (incoming === undefined) return this.#takeEnd();
      this.#takeIncoming(incoming);
    }
  }

  /** The end of the transport waits in the inbox like everything else. */
  #takeEnd(): void {
    if (!this.#marks.transportEnded) return;
    const within = this.#wire.waiting > 0 ? "in the middle of a record" : "without close_notify";
    const says = `The transport ended ${within}, in state ${this.state}`;
    this.#take({ type: "peer.end", error: new TruncationError(says) });
  }

  #takeIncoming(incoming: Incoming): void {
    switch (incoming.type) {
      case "message":
        return this.#takeMessage(incoming.message);
      case "applicationData":
        return this.#takeApplicationData(incoming.content);
      case "alert":
        return this.#takeAlert(incoming.content);
      case "changeCipherSpec":
        return this.#takeChangeCipherSpec(incoming.content);
    }
  }

  #takeApplicationData(plaintext: Uint8Array<ArrayBuffer>): void {
    if (!this.#machine.hasTag("applicationData")) return this.#take({ type: "peer.applicationData" });
    if (plaintext.length === 0) return this.#flood.emptyRecord();
    this.#flood.progress();
    this.#output({ type: "data", bytes: plaintext });
  }

  #takeMessage(message: HandshakeMessage): void {
    const from = this.state;
    this.#transcript.append(message);
    this.#tracer.message("received", message, this.#machine);
    this.#take(messageEvent(message));
    if (this.state !== from) return this.#flood.progress();
    this.#flood.idleMessage();
  }

  #takeChangeCipherSpec(plaintext: Uint8Array): void {
    checkChangeCipherSpec(plaintext);
    this.#tracer.event({ type: "changeCipherSpec", direction: "received", state: this.state });
    this.#take({ type: "peer.changeCipherSpec" });
  }

  #takeAlert(plaintext: Uint8Array): void {
    const { level, name, description, text } = receivedAlert(plaintext);
    this.#tracer.event({ type: "alert", direction: "received", level, description: text, state: this.state });
    const why = this.#wire.isAgreed ? "" : refusalText(name, this.#settings);
    const says = `The peer sent the ${level} alert ${text} (${description}) in state ${this.state}${why}`;
    const error = new AlertReceivedError(level, name, description, says);
    if (level === "fatal") return this.#take({ type: "peer.fatal", error });
    if (name === "close_notify") {
      this.#heardCloseNotify = true;
      return this.#take({ type: "peer.closeNotify", error });
    }
    this.#flood.warning(text);
    this.#take({ type: "peer.warning" });
  }

  #take(event: TlsEvent): void {
    this.#step((apply) => this.#machine.take(event, this.#transcript, apply));
  }

  #step(run: (apply: (effect: Effect) => void) => void): void {
    const from = this.state;
    let handOver: Effect["handOver"];
    run((effect) => {
      this.#apply(effect, from);
      handOver = effect.handOver;
    });
    if (this.state !== from) this.#tracer.event({ type: "state", from, to: this.state });
    if (handOver === undefined) return;
    this.#machine = handOver.machine;
    this.#take(handOver.event);
  }

  #apply(effect: Effect, from: string): void {
    const { send, protectWriting, protectReading, version, recordLimits, output, question, fail } = effect;
    const makeCipher = this.#machine.recordCipher;
    const isOurTurn = send !== undefined && send.content !== "alert";
    if (isOurTurn || output?.type === "established") this.#wire.mustHaveEndedFlight();
    if (send) this.#send(send);
    if (protectWriting) this.#wire.protectWriting(protectWriting, makeCipher);
    if (protectReading) this.#wire.protectReading(protectReading, makeCipher);
    if (version !== undefined) this.#wire.expectVersion(version);
    if (recordLimits) this.#wire.limitRecords(recordLimits);
    this.#marks.sessionKey = effect.sessionKey ?? this.#marks.sessionKey;
    this.#tracer.secrets(effect.secrets);
    if (output) this.#output(output);
    if (question) this.#ask(question);
    if (fail) this.#fail(fail, from);
  }

  #fail(error: TlsError, from: string): void {
    if (!Object.isFrozen(error)) error.state ??= from;
    // RFC 5246 §7.2.1: close_notify "notifies the recipient that the sender will not send any more messages on this connection."
    // RFC 5246 §7.2.2 MUST: "Whenever an implementation encounters a condition which is defined as a fatal alert, it MUST send the appropriate alert prior to closing the connection."
    // RFC 5246 §7.2.2 MUST: "If the implementation chooses to send an alert but intends to close the connection immediately afterwards, it MUST send that alert at the fatal alert level."
    if (error.alert !== undefined && !this.#saidCloseNotify) {
      this.#send({ content: "alert", level: "fatal", description: error.alert });
    }
    // RFC 5246 §7.2.2 MUST: "Thus, any connection terminated with a fatal alert MUST NOT be resumed."
    // RFC 5077 §3.2 SHOULD: "If the ticket is accepted by the server but the handshake fails, the client SHOULD delete the ticket."
    // RFC 5246 §7.2 MUST: "the session identifier MUST be invalidated, preventing the failed session from being used to establish new connections."
    // RFC 5246 §7.2.2 MUST: "Servers and clients MUST forget any session-identifiers, keys, and secrets associated with a failed connection."
    if (error.alert !== undefined || error instanceof AlertReceivedError) this.#forget();
    this.#output({ type: "failed", error });
  }

  /** The session that this connection uses. A cache that can't forget must not hide why the connection fails. */
  #forget(): void {
    const { sessionKey: key } = this.#marks;
    try {
      if (key !== undefined) this.#output({ type: "forgetSession", key });
    } catch {
      // The alert is out, and the embedder is told of the failure itself.
    }
  }

  #ask(question: Question): void {
    this.#request = { ...question, id: ++this.#marks.requests };
    this.#output({ type: "request", request: this.#request });
  }

  #output(output: Output): void {
    if (output.type === "storeSession" || output.type === "forgetSession") return this.#keep(output);
    if (output.type !== "keyLog") this.#flush();
    if (this.#request !== undefined && (output.type === "closed" || output.type === "failed")) {
      this.#outputs.push({ type: "requestCanceled", id: this.#request.id });
      this.#request = undefined;
    }
    this.#outputs.push(output);
    if (output.type !== "established") return;
    this.#session = output.session;
    this.#transcript.forget();
  }

  /** With a cache at hand the connection keeps its sessions itself; else the embedder is told to. */
  #keep(output: Extract<Output, { readonly type: "storeSession" | "forgetSession" }>): void {
    const cache = this.#settings.sessions?.cache;
    if (cache === "request") return void this.#outputs.push(output);
    if (output.type === "forgetSession") return cache?.remove(output.key);
    cache?.store(output.key, output.session, output.expiresAt);
  }

  #send(outgoing: Outgoing): void {
    if (outgoing.content === "handshake") this.#transcript.append(outgoing.message);
    this.#saidCloseNotify ||= outgoing.content === "alert" && outgoing.description === "close_notify";
    this.#tracer.sent(outgoing, this.#machine);
    this.#wire.send(outgoing);
  }

  /** One `transmit` for everything that was written since the last one. */
  #flush(): void {
    const bytes = this.#wire.flush();
    if (bytes !== undefined) this.#outputs.push({ type: "transmit", bytes });
  }

  /** Two that go on from one point would use the same nonces; a call from inside a call would put things out of order. */
  #mustBeFree(call: string): void {
    if (this.#isBusy) throw new TlsUsageError(`Cannot ${call}: a call on the connection is going on`);
    if (!this.#isFrozen) return;
    throw new TlsUsageError(`Cannot ${call}: the connection was frozen, and goes on where it is thawed`);
  }

  #mustBeStarted(call: string): void {
    this.#mustBeFree(call);
    if (this.#marks.started || this.#machine.done) return;
    throw new TlsUsageError(`Cannot ${call}: call start() first`);
  }
}

/** Large chunks are taken in pieces, so that at most one record waits in the inbox. In bytes. */
const readAtOnce = 2 ** 14;
