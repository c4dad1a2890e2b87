/**
 * The wire's side of a connection: received bytes become records, plaintext and whole handshake messages, what is to be
 * sent becomes protected records. RFC 5246 §6; RFC 8449 §4; RFC 6066 §4.
 * Knows neither the order of things nor what they mean.
 * @module
 */

import { encode } from "./codec/codec.ts";
import type { KeyedCipher, Outgoing, RecordKeys, RecordLimits } from "./endpoint.ts";
import { DecodeError, InternalError, PeerMisbehavedError } from "./error.ts";
import { alert } from "./messages/alert.ts";
import { changeCipherSpec, changeCipherSpecType } from "./messages/change_cipher_spec.ts";
import type { HandshakeMessage } from "./messages/handshake.ts";
import { HandshakeReader } from "./messages/handshake_reader.ts";
import { Protection } from "./record/protection.ts";
import { maxPlaintextLength } from "./record/record.ts";
import { RecordReader } from "./record/record_reader.ts";
import { RecordWriter } from "./record/record_writer.ts";
import { AlertDescription, AlertLevel, ContentType, type ContentTypeName, ProtocolVersion } from "./registry.ts";
import type { Limits } from "./settings.ts";
import type { Tracer } from "./tracer.ts";

/** What has arrived: a whole handshake message, or the content of a record of another type. */
export type Incoming =
  | { readonly type: "message"; readonly message: HandshakeMessage }
  | { readonly type: "applicationData" | "changeCipherSpec" | "alert"; readonly content: Uint8Array<ArrayBuffer> };

/** One direction's keys and how many records they have protected. */
export interface FrozenProtection {
  readonly keys: RecordKeys;
  readonly sequenceNumber: number;
}

export interface FrozenWire {
  /** The version that records must carry, once it is agreed on. */
  readonly version: number | undefined;
  /** Bytes that came and aren't a whole record yet, or may not be read yet. */
  readonly received: Uint8Array;
  /** What was read of handshake messages that aren't whole yet, or may not be taken yet. */
  readonly fragments: Uint8Array;
  readonly reading: FrozenProtection | undefined;
  readonly writing: FrozenProtection | undefined;
  readonly recordLimits: RecordLimits | undefined;
}

/** How a machine makes a cipher of keys. */
export type MakeCipher = (keys: RecordKeys) => KeyedCipher;

const noLimits: RecordLimits = { send: maxPlaintextLength, receive: maxPlaintextLength, onlyProtected: false };

export class Wire {
  readonly #tracer: Tracer;
  readonly #reader: RecordReader;
  readonly #messages: HandshakeReader;
  readonly #reading = new Protection();
  readonly #writing = new Protection();
  readonly #writer = new RecordWriter(this.#writing);
  #readKeys: RecordKeys | undefined;
  #writeKeys: RecordKeys | undefined;
  #limits = noLimits;
  #maxExpansion = 0;
  #version: number | undefined;

  constructor({ maxWaitingBytes, maxHandshakeMessageLength }: Limits, tracer: Tracer) {
    this.#tracer = tracer;
    this.#reader = new RecordReader(maxWaitingBytes);
    this.#messages = new HandshakeReader(maxHandshakeMessageLength);
  }

  /** Whether both hellos have been exchanged. */
  get isAgreed(): boolean {
    return this.#version !== undefined;
  }

  /** How many received bytes wait that aren't a whole record yet, or may not be read yet. */
  get waiting(): number {
    return this.#reader.waiting;
  }

  push(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  /**
   * It is our turn to speak, or the handshake is over: whatever of the handshake follows in the records that were read
   * comes too early, and would straddle the change of keys.
   */
  mustHaveEndedFlight(): void {
    if (!this.#messages.midMessage) return;
    throw new PeerMisbehavedError(
      "unexpected_message",
      "Cannot accept more of a handshake message: its flight is over",
    );
  }

  /** Whole messages first, then whole records; `undefined` when nothing is whole. */
  next(): Incoming | undefined {
    for (;;) {
      const message = this.#messages.next();
      if (message !== undefined) return { type: "message", message };
      const record = this.#reader.next();
      if (record === undefined) return undefined;
      this.#tracer.record("received", record.type, record.fragment.length, this.#reading.active);
      this.#checkLength(record.fragment, this.#maxExpansion);
      const content = this.#reading.unprotect(record.type, record.fragment);
      this.#checkLength(content, 0);
      if (record.type !== ContentType.handshake) return this.#other(record.type, content);
      this.#messages.push(content);
    }
  }

  send(outgoing: Outgoing): void {
    switch (outgoing.content) {
      case "handshake":
        return this.write("handshake", outgoing.message.bytes);
      case "change_cipher_spec":
        return this.write("change_cipher_spec", encode(changeCipherSpec, { type: changeCipherSpecType }));
      case "alert": {
        const [level, description] = [AlertLevel[outgoing.level], AlertDescription[outgoing.description]];
        return this.write("alert", encode(alert, { level, description }));
      }
    }
  }

  /** Appends content to what is to be sent. */
  write(contentType: ContentTypeName, content: Uint8Array): void {
    // RFC 5246 §6 MUST: "Implementations MUST NOT send record types not defined in this document unless negotiated by some extension."
    const type = ContentType[contentType];
    const isProtected = this.#writing.active;
    if (contentType === "application_data" && !isProtected) {
      throw new InternalError("Cannot send application data: no key protects it yet");
    }
    // RFC 8449 §4 MUST: "When the "record_size_limit" extension is negotiated, an endpoint MUST NOT generate a protected record with plaintext that is larger than the RecordSizeLimit value it receives from its peer."
    // RFC 6066 §4 MUST: "Once a maximum fragment length other than 2^14 has been successfully negotiated, the client and server MUST immediately begin fragmenting messages (including handshake messages) to ensure that no fragment larger than the negotiated length is sent."
    const maxLength = this.#isLimited(isProtected) ? this.#limits.send : maxPlaintextLength;
    // RFC 5246 appendix E.1: before a version is agreed on, a client may write any; the oldest one troubles nobody.
    const version = this.#version ?? ProtocolVersion.TLSv1;
    for (const length of this.#writer.write(type, version, content, maxLength)) {
      this.#tracer.record("sent", type, length, isProtected);
    }
  }

  /** Everything written since the last flush, in one piece; `undefined` when there is nothing. */
  flush(): Uint8Array<ArrayBuffer> | undefined {
    return this.#writer.flush();
  }

  protectWriting(keys: RecordKeys, make: MakeCipher, sequenceNumber = 0): void {
    const { cipher, maxRecords } = make(keys);
    this.#writeKeys = keys;
    this.#writing.use(cipher, { maxRecords, sequenceNumber });
  }

  protectReading(keys: RecordKeys, make: MakeCipher, sequenceNumber = 0): void {
    const { cipher, maxExpansion } = make(keys);
    this.#maxExpansion = maxExpansion;
    this.#readKeys = keys;
    // How much a key protects is up to whoever writes with it.
    this.#reading.use(cipher, { sequenceNumber });
    this.#reader.expectProtection();
  }

  /** Records must carry this version from now on. */
  expectVersion(version: number): void {
    this.#version = version;
    this.#reader.expectVersion(version);
  }

  limitRecords(limits: RecordLimits): void {
    this.#limits = limits;
  }

  freeze(): FrozenWire {
    return {
      version: this.#version,
      received: this.#reader.freeze(),
      fragments: this.#messages.freeze(),
      reading: this.#readKeys && { keys: this.#readKeys, sequenceNumber: this.#reading.sequenceNumber },
      writing: this.#writeKeys && { keys: this.#writeKeys, sequenceNumber: this.#writing.sequenceNumber },
      recordLimits: this.#limits === noLimits ? undefined : this.#limits,
    };
  }

  /** Goes on where a frozen one stood. */
  thaw({ version, received, fragments, reading, writing, recordLimits }: FrozenWire, make: MakeCipher): void {
    if (version !== undefined) this.expectVersion(version);
    if (reading) this.protectReading(reading.keys, make, reading.sequenceNumber);
    if (writing) this.protectWriting(writing.keys, make, writing.sequenceNumber);
    this.#reader.push(received);
    if (fragments.length > 0) this.#messages.push(fragments);
    this.#limits = recordLimits ?? noLimits;
  }

  #other(type: number, content: Uint8Array<ArrayBuffer>): Incoming {
    if (type === ContentType.alert) return { type: "alert", content };
    const isData = type === ContentType.application_data;
    // RFC 5246 §7.1: the change is at a boundary of messages; so are data.
    if (this.#messages.midMessage) {
      const what = isData ? "ApplicationData" : "ChangeCipherSpec";
      throw new PeerMisbehavedError("unexpected_message", `Cannot accept ${what}: a handshake message is half read`);
    }
    return { type: isData ? "applicationData" : "changeCipherSpec", content };
  }

  /** What can't be short enough is refused before it is opened, and what wasn't after it. */
  #checkLength({ length }: Uint8Array, expansion: number): void {
    const { receive } = this.#limits;
    // RFC 6066 §4 MUST: "a TLS record-layer peer receiving a TLS record-layer message larger than 805 bytes MUST discard the message and send a "record_overflow" alert, without decrypting the message."
    if (length <= receive + expansion || !this.#isLimited(this.#reading.active)) return;
    // RFC 8449 §4 MUST: "A TLS endpoint that receives a record larger than its advertised limit MUST generate a fatal "record_overflow" alert"
    const what = expansion === 0 ? "its plaintext" : "it";
    throw new DecodeError(
      `Cannot read record: ${what} has ${length} bytes, and at most ${receive} bytes of plaintext were agreed on`,
      { alert: "record_overflow" },
    );
  }

  #isLimited(isProtected: boolean): boolean {
    return isProtected || !this.#limits.onlyProtected;
  }
}
