/**
 * The loop: wire bytes become records, messages and events; events go through the chart; what its commands bring about
 * becomes bytes and outputs. Knows no role, no version and no message by name.
 * RFC 5246 §6, §7.1, §7.2. Holds the only `catch` of a running connection.
 * @module
 */

import { encode } from "./codec/codec.ts";
import type { ChannelBindingType, Effect, Exporter, Machine, Outgoing } from "./endpoint.ts";
import {
  AlertReceivedError,
  InternalError,
  PeerMisbehavedError,
  TlsError,
  TlsUsageError,
  TruncationError,
} from "./error.ts";
import { messageEvent, type TlsEvent } from "./event.ts";
import { FloodGuard } from "./flood_guard.ts";
import { alert, decodeAlert, refusalText } from "./messages/alert.ts";
import { changeCipherSpec, changeCipherSpecType, checkChangeCipherSpec } from "./messages/change_cipher_spec.ts";
import type { HandshakeMessage } from "./messages/handshake.ts";
import type { Output } from "./output.ts";
import { AlertDescription, AlertLevel, nameOf, registeredName } from "./registry.ts";
import { answeredWithError, type Question, type TlsRequest } from "./request.ts";
import type { TlsSession } from "./session.ts";
import type { Settings } from "./settings.ts";
import type { TlsConnection } from "./tls_connection.ts";
import { Tracer } from "./tracer.ts";
import { Transcript } from "./transcript.ts";
import { type Incoming, Wire } from "./wire.ts";

export type { TlsConnection } from "./tls_connection.ts";

/** Makes of an embedder's answer what commands can use. Throws TlsUsageError for what answers no such question. */
export type CheckAnswer = (question: Question, value: unknown, settings: Settings) => unknown;

/** Joins a machine (an opening) to the wire. */
export function createConnection(opening: Machine, settings: Settings, checkAnswer: CheckAnswer): TlsConnection {
  return new Connection(opening, settings, checkAnswer);
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
  #sessionKey: string | undefined;
  #outputs: Output[] = [];
  #request: TlsRequest | undefined;
  #requests = 0;
  #started = false;
  /** Both hellos have been exchanged. */
  #isAgreed = false;
  #transportEnded = false;
  #saidCloseNotify = false;
  #heardCloseNotify = false;

  constructor(machine: Machine, settings: Settings, checkAnswer: CheckAnswer) {
    this.#machine = machine;
    this.#settings = settings;
    this.#checkAnswer = checkAnswer;
    this.#tracer = new Tracer(settings.trace, (event) => this.#outputs.push({ type: "trace", event }));
    this.#wire = new Wire(settings.limits, this.#tracer);
    this.#flood = new FloodGuard(settings.limits);
  }

  get state(): string {
    return this.#machine.state;
  }

  get session(): TlsSession | undefined {
    return this.#session;
  }

  start(): readonly Output[] {
    if (this.#started) throw new TlsUsageError("Cannot start: the connection was started before");
    this.#started = true;
    return this.#run(() => this.#take({ type: "app.start" }));
  }

  receive(bytes: Uint8Array): readonly Output[] {
    this.#mustBeStarted("receive");
    mustBeBytes("receive", bytes);
    if (this.#transportEnded) throw new TlsUsageError("Cannot receive: receiveEnd() was called before");
    return this.#run(() => {
      for (let offset = 0; offset < bytes.length && this.#listens; offset += readAtOnce) {
        this.#wire.push(bytes.subarray(offset, offset + readAtOnce));
        this.#drain();
      }
    });
  }

  receiveEnd(): readonly Output[] {
    this.#mustBeStarted("receiveEnd");
    if (this.#transportEnded) return [];
    this.#transportEnded = true;
    return this.#run(() => this.#drain());
  }

  send(data: Uint8Array): readonly Output[] {
    mustBeBytes("send", data);
    // RFC 5246 §7.3 MUST: "Application data MUST NOT be sent prior to the completion of the first handshake"
    if (!this.#machine.hasTag("maySendData")) {
      const why = this.#session === undefined && !this.#machine.done
        ? "the handshake isn't over"
        : "the connection is closed";
      throw new TlsUsageError(`Cannot send: ${why} (state ${this.state})`);
    }
    return this.#run(() => this.#wire.write("application_data", data));
  }

  answer(id: number, value: unknown): readonly Output[] {
    if (this.#machine.done) return [];
    const request = this.#request;
    if (request?.id !== id) {
      const open = request === undefined ? "no request is open" : `request ${request.id} is open`;
      throw new TlsUsageError(`Cannot answer request ${id}: ${open}`);
    }
    const answer = this.#checkAnswer(request, value, this.#settings);
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
    const exporter = this.#session && this.#machine.exporter;
    if (exporter) return exporter;
    throw new TlsUsageError(`Cannot ${aim}: the handshake isn't over (state ${this.state})`);
  }

  close(): readonly Output[] {
    return this.#run(() => this.#take({ type: "app.close" }));
  }

  /** Does the work; whatever is thrown becomes a fault, and the fault an alert and the output `failed`. */
  #run(work: () => void): readonly Output[] {
    try {
      work();
    } catch (thrown) {
      this.#fault(asTlsError(thrown));
    }
    this.#flush();
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  #fault(error: TlsError): void {
    // On the way into its end a chart takes no more events: the close_notify could not be sealed.
    if (this.#machine.done) return void this.#outputs.push({ type: "failed", error });
    try {
      this.#take({ type: "fault", error });
    } catch {
      // Even the alert can't be sent (a provider that throws): the chart has moved to `failed` all the same.
      this.#outputs.push({ type: "failed", error });
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
    if (!this.#transportEnded) return;
    const within = this.#wire.waiting > 0 ? "in the middle of a record" : "without close_notify";
    const error = new TruncationError(`The transport ended ${within}, in state ${this.state}`);
    this.#take({ type: "peer.end", error });
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
    this.#outputs.push({ type: "data", bytes: plaintext });
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
    const { level, description } = decodeAlert(plaintext);
    const levelName = registeredName(AlertLevel, level);
    if (levelName === undefined) {
      throw new PeerMisbehavedError("illegal_parameter", `Cannot accept alert: its level is ${level}`);
    }
    const text = nameOf(AlertDescription, description);
    this.#tracer.event({
      type: "alert",
      direction: "received",
      level: levelName,
      description: text,
      state: this.state,
    });
    const name = registeredName(AlertDescription, description);
    const why = this.#isAgreed ? "" : refusalText(name, this.#settings);
    const says = `The peer sent the ${levelName} alert ${text} (${description}) in state ${this.state}${why}`;
    const error = new AlertReceivedError(levelName, name, description, says);
    if (levelName === "fatal") return this.#take({ type: "peer.fatal", error });
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
    if (version !== undefined) {
      this.#isAgreed = true;
      this.#wire.expectVersion(version);
    }
    if (recordLimits) this.#wire.limitRecords(recordLimits);
    this.#sessionKey = effect.sessionKey ?? this.#sessionKey;
    this.#tracer.secrets(effect.secrets);
    if (output) this.#output(output);
    if (question) this.#ask(question);
    if (fail) this.#fail(fail, from);
  }

  #fail(error: TlsError, from: string): void {
    error.state ??= from;
    // RFC 5246 §7.2.1: close_notify "notifies the recipient that the sender will not send any more messages on this connection."
    // RFC 5246 §7.2.2 MUST: "Whenever an implementation encounters a condition which is defined as a fatal alert, it MUST send the appropriate alert prior to closing the connection."
    // RFC 5246 §7.2.2 MUST: "If the implementation chooses to send an alert but intends to close the connection immediately afterwards, it MUST send that alert at the fatal alert level."
    if (error.alert !== undefined && !this.#saidCloseNotify) {
      this.#send({ content: "alert", level: "fatal", description: error.alert });
    }
    // RFC 5246 §7.2.2 MUST: "Thus, any connection terminated with a fatal alert MUST NOT be resumed."
    // RFC 5246 §7.2 MUST: "the session identifier MUST be invalidated, preventing the failed session from being used to establish new connections."
    // RFC 5246 §7.2.2 MUST: "Servers and clients MUST forget any session-identifiers, keys, and secrets associated with a failed connection."
    const isFatal = error.alert !== undefined || error instanceof AlertReceivedError;
    if (isFatal && this.#sessionKey !== undefined) this.#output({ type: "forgetSession", key: this.#sessionKey });
    this.#output({ type: "failed", error });
  }

  #ask(question: Question): void {
    this.#request = { ...question, id: ++this.#requests };
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
    const { state } = this;
    switch (outgoing.content) {
      case "handshake":
        this.#transcript.append(outgoing.message);
        this.#tracer.message("sent", outgoing.message, this.#machine);
        return this.#wire.write("handshake", outgoing.message.bytes);
      case "change_cipher_spec":
        this.#tracer.event({ type: "changeCipherSpec", direction: "sent", state });
        return this.#wire.write("change_cipher_spec", encode(changeCipherSpec, { type: changeCipherSpecType }));
      case "alert": {
        const { level, description } = outgoing;
        this.#tracer.event({ type: "alert", direction: "sent", level, description, state });
        const bytes = encode(alert, { level: AlertLevel[level], description: AlertDescription[description] });
        this.#saidCloseNotify ||= description === "close_notify";
        return this.#wire.write("alert", bytes);
      }
    }
  }

  /** One `transmit` for everything that was written since the last one. */
  #flush(): void {
    const bytes = this.#wire.flush();
    if (bytes !== undefined) this.#outputs.push({ type: "transmit", bytes });
  }

  #mustBeStarted(call: string): void {
    if (this.#started || this.#machine.done) return;
    throw new TlsUsageError(`Cannot ${call}: call start() first`);
  }
}

/** Large chunks are taken in pieces, so that at most one record waits in the inbox. In bytes. */
const readAtOnce = 2 ** 14;

function mustBeBytes(call: string, bytes: unknown): void {
  if (!(bytes instanceof Uint8Array)) {
    throw new TlsUsageError(`Cannot ${call}: a Uint8Array is needed, not ${typeof bytes}`);
  }
}

function asTlsError(thrown: unknown): TlsError {
  if (thrown instanceof TlsError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new InternalError(`Something that the connection uses failed: ${text}`, { cause: thrown });
}
