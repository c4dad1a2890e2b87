/**
 * A peer with switchable faults, client or server: it can say each step of a handshake rightly, wrongly, early, twice
 * or not at all, and it hears what the connection under test answers, decrypted when keys are on.
 * It shares codecs and key derivation with the library (those have tests of their own), and nothing else.
 */
import { assert } from "../harness.ts";
import { concat } from "../../lib/codec/bytes.ts";
import { encode, uint24, uint8 } from "../../lib/codec/codec.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import type { TlsConnection } from "../../lib/connection.ts";
import { createTlsClient, createTlsServer } from "../../lib/core.ts";
import { createSigner } from "../../lib/crypto/signer.ts";
import type { CipherSuiteElement, NamedGroupElement } from "../../lib/crypto/provider.ts";
import { type TlsError, TlsUsageError } from "../../lib/error.ts";
import type { Extension } from "../../lib/extensions/extension.ts";
import { type ClientHello, clientHello, decodeClientHello } from "../../lib/messages/client_hello.ts";
import { decodeServerHello, type ServerHello, serverHello } from "../../lib/messages/server_hello.ts";
import type { Output } from "../../lib/output.ts";
import type { RecordCipher } from "../../lib/record/protection.ts";
import {
  AlertDescription,
  AlertLevel,
  CipherSuite,
  type CipherSuiteName,
  ContentType,
  ExtensionType,
  type ExtensionTypeName,
  HandshakeType,
  type HandshakeTypeName,
  NamedGroup,
  type NamedGroupName,
  nameOf,
  SignatureScheme,
  type SignatureSchemeName,
} from "../../lib/registry.ts";
import { keyLengths } from "../../lib/tls12/cipher_suites.ts";
import * as keySchedule from "../../lib/tls12/key_schedule.ts";
import { certificate } from "../../lib/tls12/messages/certificate.ts";
import { clientKeyExchange } from "../../lib/tls12/messages/client_key_exchange.ts";
import {
  serverEcdhParams,
  type ServerKeyExchange,
  serverKeyExchange,
} from "../../lib/tls12/messages/server_key_exchange.ts";
import { recordCipher } from "../../lib/tls12/record_protection.ts";
import { loadCertificates, loadPrivateKey } from "../../lib/x509/load.ts";
import {
  clientConfig,
  type KeyKind,
  nameOfKind,
  rememberingProvider,
  seededRandom,
  serverConfig,
} from "../support/fixtures.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";

export type Role = "client" | "server";
export type Step =
  | "ClientHello"
  | "ServerHello"
  | "Certificate"
  | "ServerKeyExchange"
  | "ServerHelloDone"
  | "ClientKeyExchange"
  | "ChangeCipherSpec"
  | "Finished";

/** What a well-behaved peer says, in order (RFC 5246 §7.3). */
export const stepsOf: Readonly<Record<Role, readonly Step[]>> = {
  client: ["ClientHello", "ClientKeyExchange", "ChangeCipherSpec", "Finished"],
  server: ["ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone", "ChangeCipherSpec", "Finished"],
};

export interface PeerOptions {
  readonly kind?: KeyKind;
  readonly cipherSuite?: CipherSuiteName;
  readonly namedGroup?: NamedGroupName;
  readonly scheme?: SignatureSchemeName;
  readonly extendedMasterSecret?: boolean;
}

const derOf = (kind: KeyKind): readonly Uint8Array[] => loadCertificates(certificatePem[kind]).map(({ der }) => der);

/** One extension from its name or number and its data. */
export function extension(name: ExtensionTypeName | number, ...data: readonly number[]): Extension {
  return { type: typeof name === "number" ? name : ExtensionType[name], data: Uint8Array.from(data) };
}

export class HostilePeer {
  /** The connection under test. */
  readonly tls: TlsConnection;
  /** The peer's own role. */
  readonly role: Role;
  /** Everything that the connection handed back. */
  readonly outputs: Output[] = [];
  /** Alerts heard, as `fatal unexpected_message`. */
  readonly alerts: string[] = [];
  /** Names of the handshake messages heard, and `ChangeCipherSpec`. */
  readonly heard: string[] = [];
  /** Application data heard. */
  readonly data: Uint8Array[] = [];
  /** What the peer's records are sealed with; a test may change the sequence number. */
  writing: { readonly cipher: RecordCipher; sequenceNumber: number } | undefined;
  clientHello: ClientHello | undefined;
  serverHello: ServerHello | undefined;
  /** The master secret of an earlier session: keys come from it as soon as both hellos are there. */
  resuming: Uint8Array | undefined;

  readonly #options: Required<PeerOptions>;
  readonly #suite: CipherSuiteElement;
  readonly #group: NamedGroupElement;
  readonly #keyPair: { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array };
  readonly #random = seededRandom(3);
  readonly #transcript: Uint8Array[] = [];
  #reading: { readonly cipher: RecordCipher; sequenceNumber: number } | undefined;
  #isAgreed = false;
  #wire: Uint8Array = new Uint8Array(0);
  #messages: Uint8Array = new Uint8Array(0);
  #clientRandom: Uint8Array = new Uint8Array(32);
  #serverRandom: Uint8Array = new Uint8Array(32);
  #theirPublicKey: Uint8Array = new Uint8Array(0);
  #masterSecret: Uint8Array = new Uint8Array(0);
  #keys: keySchedule.WriteKeys | undefined;

  constructor(role: Role, tls: TlsConnection, options: PeerOptions = {}) {
    this.role = role;
    this.tls = tls;
    this.#options = {
      kind: "p256",
      cipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      namedGroup: "x25519",
      scheme: "ecdsa_secp256r1_sha256",
      extendedMasterSecret: true,
      ...options,
    };
    this.#suite = found(rememberingProvider.cipherSuites, this.#options.cipherSuite);
    this.#group = found(rememberingProvider.namedGroups, this.#options.namedGroup);
    this.#keyPair = this.#group.generateKeyPair(this.#random);
    this.take(tls.start());
  }

  /** Says all steps before this one, rightly. */
  playUntil(step: Step): this {
    for (const each of stepsOf[this.role]) {
      if (each === step) return this;
      this.play(each);
    }
    throw new Error(`a ${this.role} never says ${step}`);
  }

  /** The whole handshake, rightly. */
  playAll(): this {
    for (const step of stepsOf[this.role]) this.play(step);
    assert.is(this.tls.state, "live.connected");
    return this;
  }

  /** Says one step rightly. */
  play(step: Step): this {
    switch (step) {
      case "ChangeCipherSpec":
        this.changeCipherSpec();
        return this.protect();
      case "Finished":
        return this.finished();
      default:
        return this.handshake(messageNames[step], this.bodyOf(step));
    }
  }

  /** The right body of a handshake message at this moment. */
  bodyOf(step: Step): Uint8Array<ArrayBuffer> {
    switch (step) {
      case "ClientHello":
        return this.clientHelloBody();
      case "ServerHello":
        return this.serverHelloBody();
      case "Certificate":
        return encode(certificate, derOf(this.#options.kind));
      case "ServerKeyExchange":
        return this.serverKeyExchangeBody();
      case "ServerHelloDone":
        return new Uint8Array(0);
      case "ClientKeyExchange":
        return encode(clientKeyExchange, { ecdhYc: this.#keyPair.publicKey });
      case "Finished":
        return this.#verifyData();
      default:
        throw new Error(`${step} is no handshake message`);
    }
  }

  clientHelloBody(overrides: Partial<ClientHello> = {}): Uint8Array<ArrayBuffer> {
    const name = Array.from(nameOfKind(this.#options.kind), (character) => character.charCodeAt(0));
    const kept = this.#options.extendedMasterSecret ? [extension("extended_master_secret")] : [];
    return encode(clientHello, {
      clientVersion: 0x0303,
      random: seededRandom(4)(32),
      sessionId: new Uint8Array(0),
      cipherSuites: [CipherSuite[this.#options.cipherSuite]],
      compressionMethods: [0],
      extensions: [
        extension("server_name", 0, name.length + 3, 0, 0, name.length, ...name),
        extension("supported_groups", 0, 4, ...uint16(NamedGroup[this.#options.namedGroup]), 0, 23),
        extension("ec_point_formats", 1, 0),
        extension("signature_algorithms", 0, 2, ...uint16(SignatureScheme[this.#options.scheme])),
        extension("renegotiation_info", 0),
        ...kept,
      ],
      ...overrides,
    });
  }

  serverHelloBody(overrides: Partial<ServerHello> = {}): Uint8Array<ArrayBuffer> {
    const kept = this.#options.extendedMasterSecret ? [extension("extended_master_secret")] : [];
    return encode(serverHello, {
      serverVersion: 0x0303,
      random: seededRandom(5)(32),
      sessionId: new Uint8Array(0),
      cipherSuite: CipherSuite[this.#options.cipherSuite],
      compressionMethod: 0,
      extensions: [extension("renegotiation_info", 0), extension("ec_point_formats", 1, 0), ...kept],
      ...overrides,
    });
  }

  /** Changes are made before the signature, which is right, unless it is changed itself. */
  serverKeyExchangeBody(
    overrides: Partial<ServerKeyExchange> = {},
    kind = this.#options.kind,
  ): Uint8Array<ArrayBuffer> {
    const params = { curveType: 3, namedCurve: NamedGroup[this.#group.name], public: this.#keyPair.publicKey };
    const signed = overrides.params ?? params;
    const signer = createSigner(
      loadPrivateKey(privateKeyPem[`${kind}Pkcs8`]),
      rememberingProvider.signatureSchemes,
      this.#random,
    );
    const scheme = signer.schemes.includes(this.#options.scheme) ? this.#options.scheme : signer.schemes[0];
    const message = keySchedule.signedParams(this.#clientRandom, this.#serverRandom, encode(serverEcdhParams, signed));
    return encode(serverKeyExchange, {
      params,
      algorithm: SignatureScheme[scheme ?? this.#options.scheme],
      signature: signer.sign(scheme ?? this.#options.scheme, message),
      ...overrides,
    });
  }

  /** A handshake message in one record, noted in the transcript. */
  handshake(name: HandshakeTypeName | number, body: Uint8Array): this {
    const message = handshakeBytes(name, body);
    this.note(message);
    return this.record("handshake", message);
  }

  /** Puts a message that was sent by hand into the transcript, and learns from it. */
  note(message: Uint8Array): this {
    if (message[0] !== HandshakeType.hello_request) this.#transcript.push(message);
    this.#learn(message);
    return this;
  }

  changeCipherSpec(...bytes: readonly number[]): this {
    return this.record("change_cipher_spec", Uint8Array.from(bytes.length === 0 ? [1] : bytes));
  }

  finished(change: (verifyData: Uint8Array<ArrayBuffer>) => Uint8Array = (same) => same): this {
    return this.handshake("finished", change(this.#verifyData()));
  }

  alert(level: number, description: number): this {
    return this.record("alert", Uint8Array.of(level, description));
  }

  /** One record, sealed when keys are on. */
  record(type: keyof typeof ContentType | number, content: Uint8Array, version = 0x0303): this {
    return this.raw(this.recordBytes(type, content, version));
  }

  recordBytes(type: keyof typeof ContentType | number, content: Uint8Array, version = 0x0303): Uint8Array<ArrayBuffer> {
    const number = typeof type === "number" ? type : ContentType[type];
    const fragment = this.writing ? this.writing.cipher.seal(this.writing.sequenceNumber++, number, content) : content;
    return concat(Uint8Array.of(number, ...uint16(version), ...uint16(fragment.length)), fragment);
  }

  /** A record with this fragment, whatever keys are on. */
  plainRecord(type: keyof typeof ContentType, fragment: Uint8Array): this {
    return this.raw(concat(Uint8Array.of(ContentType[type], 3, 3, ...uint16(fragment.length)), fragment));
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): this {
    this.take(this.tls.receive(bytes));
    return this;
  }

  /** From now on the peer's records are sealed. */
  protect(): this {
    if (this.#keys === undefined) throw new Error("no keys are known yet");
    this.writing = { cipher: this.#cipher(this.role, this.#keys), sequenceNumber: 0 };
    return this;
  }

  /** Hears what a call on the connection handed back. */
  take(outputs: readonly Output[]): void {
    this.outputs.push(...outputs);
    for (const output of outputs) if (output.type === "transmit") this.#hear(output.bytes);
  }

  /** The kinds of outputs in their order. */
  get story(): readonly string[] {
    return this.outputs.map(({ type }) => type);
  }

  /** Of this connection, once it is known. */
  get masterSecret(): Uint8Array {
    return this.#masterSecret.slice();
  }

  /** All handshake messages so far, as they stand in the transcript. */
  get transcript(): Uint8Array<ArrayBuffer> {
    return concat(...this.#transcript);
  }

  get error(): TlsError | undefined {
    const last = this.outputs.at(-1);
    return last?.type === "failed" ? last.error : undefined;
  }

  #hear(bytes: Uint8Array): void {
    this.#wire = concat(this.#wire, bytes);
    while (this.#wire.length >= 5) {
      const [type = 0, major = 0, minor = 0, high = 0, low = 0] = this.#wire;
      this.#checkVersion(major, minor);
      const fragment = this.#wire.slice(5, 5 + high * 256 + low);
      assert.is(fragment.length, high * 256 + low, "the connection transmits whole records");
      this.#wire = this.#wire.slice(5 + fragment.length);
      this.#hearRecord(type, this.#reading?.cipher.open(this.#reading.sequenceNumber++, type, fragment) ?? fragment);
    }
  }

  /** RFC 5246 appendix E.1: any 3.x before a version is agreed on; ours is 3.1. From then on it is TLS 1.2's, for good. */
  #checkVersion(major: number, minor: number): void {
    this.#isAgreed ||= minor === 3 || this.heard.some((name) => name !== "client_hello");
    assert.equal([major, minor], [3, this.#isAgreed ? 3 : 1], "the connection writes records of TLS 1.2");
  }

  #hearRecord(type: number, content: Uint8Array): void {
    if (type === ContentType.application_data) this.data.push(content);
    if (type === ContentType.alert) {
      this.alerts.push(`${nameOf(AlertLevel, content[0] ?? -1)} ${nameOf(AlertDescription, content[1] ?? -1)}`);
    }
    if (type === ContentType.change_cipher_spec) {
      this.heard.push("ChangeCipherSpec");
      if (this.#keys === undefined) throw new Error("ChangeCipherSpec came before any key could be known");
      const cipher = this.#cipher(this.role === "client" ? "server" : "client", this.#keys);
      this.#reading = { cipher, sequenceNumber: 0 };
    }
    if (type !== ContentType.handshake) return;
    this.#messages = concat(this.#messages, content);
    for (;;) {
      const [, high = 0, middle = 0, low = 0] = this.#messages;
      const length = 4 + (high * 256 + middle) * 256 + low;
      if (this.#messages.length < Math.max(length, 4)) return;
      const message = this.#messages.slice(0, length);
      this.#messages = this.#messages.slice(length);
      this.heard.push(nameOf(HandshakeType, message[0] ?? -1));
      this.#transcript.push(message);
      this.#learn(message);
    }
  }

  /** What both sides' messages tell: randoms, public keys, and, once all is there, the keys. */
  #learn(message: Uint8Array): void {
    const body = message.subarray(4);
    try {
      if (message[0] === HandshakeType.client_hello) {
        this.clientHello = decodeClientHello(body);
        this.#clientRandom = this.clientHello.random;
      }
      if (message[0] === HandshakeType.server_hello) {
        this.serverHello = decodeServerHello(body);
        this.#serverRandom = this.serverHello.random;
        if (this.resuming) this.#deriveKeys(this.resuming);
      }
    } catch {
      return; // a hostile hello
    }
    if (message[0] === HandshakeType.server_key_exchange && this.role === "client") {
      this.#theirPublicKey = body.slice(4, 4 + (body[3] ?? 0));
    }
    if (message[0] !== HandshakeType.client_key_exchange) return;
    if (this.role === "server") this.#theirPublicKey = body.slice(1);
    const preMasterSecret = this.#group.sharedSecret(this.#keyPair.privateKey, this.#theirPublicKey);
    if (preMasterSecret === undefined) return; // nothing was agreed: ServerKeyExchange never came
    const { hash } = this.#suite;
    this.#deriveKeys(
      this.#options.extendedMasterSecret
        ? keySchedule.deriveExtendedMasterSecret(hash, preMasterSecret, concat(...this.#transcript))
        : keySchedule.deriveMasterSecret(hash, preMasterSecret, this.#clientRandom, this.#serverRandom),
    );
  }

  #deriveKeys(masterSecret: Uint8Array): void {
    this.#masterSecret = masterSecret;
    const lengths = keyLengths(this.#suite);
    const { hash } = this.#suite;
    this.#keys = keySchedule.deriveWriteKeys(hash, masterSecret, this.#clientRandom, this.#serverRandom, lengths);
  }

  #cipher(sender: "client" | "server", keys: keySchedule.WriteKeys): RecordCipher {
    const options = { encryptThenMac: false, random: this.#random };
    return recordCipher(this.#suite, keySchedule.recordKeysOf(sender, keys), options);
  }

  #verifyData(): Uint8Array<ArrayBuffer> {
    return keySchedule.deriveVerifyData(this.#suite.hash, this.#masterSecret, this.role, concat(...this.#transcript));
  }
}

/** A hostile server in front of a client of ours. */
export function hostileServer(config: Partial<ClientConfig> = {}, options: PeerOptions = {}): HostilePeer {
  return new HostilePeer("server", createTlsClient(clientConfig(options.kind ?? "p256", config)), options);
}

/** A hostile client in front of a server of ours. */
export function hostileClient(config: Partial<ServerConfig> = {}, options: PeerOptions = {}): HostilePeer {
  return new HostilePeer("client", createTlsServer(serverConfig(options.kind ?? "p256", config)), options);
}

export function hostile(role: Role): HostilePeer {
  return role === "client" ? hostileClient() : hostileServer();
}

/** A handshake message from its name or number and its body. */
export function handshakeBytes(name: HandshakeTypeName | number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(
    encode(uint8, typeof name === "number" ? name : HandshakeType[name]),
    encode(uint24, body.length),
    body,
  );
}

export const uint16 = (value: number): readonly [number, number] => [value >> 8, value & 0xff];

export interface Failure {
  /** The alert on the wire, by name; `undefined`: none may be there. */
  readonly alert: keyof typeof AlertDescription | undefined;
  readonly error: abstract new (...parameters: never[]) => TlsError;
  /** What the message must say. */
  readonly says: RegExp;
  /** The chart's state that the error must name. */
  readonly state?: RegExp;
}

/** Proves that the connection has failed like this, with its alert on the wire, and that it is over for good. */
export function fails(peer: HostilePeer, { alert, error, says, state = /^live\./ }: Failure): void {
  const failure = peer.error;
  if (failure === undefined) throw new Error(`expected a failure, got ${peer.story.join(" ")} in ${peer.tls.state}`);
  assert.instance(failure, error, `${failure.name}: ${failure.message}`);
  assert.is(failure.alert, alert, failure.message);
  assert.match(failure.message, says);
  assert.match(failure.state ?? "", state);
  assert.is(peer.tls.state, "failed");
  const fatal = peer.alerts.filter((each) => each.startsWith("fatal"));
  assert.equal(fatal, alert === undefined ? [] : [`fatal ${alert}`], `alerts on the wire: ${peer.alerts.join(", ")}`);
  if (alert !== undefined) assert.is(peer.story.at(-2), "transmit", "the alert comes right before the failure");
  assert.is(peer.story.filter((type) => type === "failed").length, 1);
  isOver(peer.tls);
}

/** A connection that has ended takes everything and says nothing. */
export function isOver(tls: TlsConnection): void {
  assert.equal(tls.receive(Uint8Array.of(22, 3, 3, 0, 1, 0)), []);
  assert.equal(tls.close(), []);
  assert.equal(tls.receiveEnd(), []);
  assert.throws(() => tls.send(Uint8Array.of(1)), (thrown: unknown) => thrown instanceof TlsUsageError);
}

const messageNames: Readonly<Record<Exclude<Step, "ChangeCipherSpec">, HandshakeTypeName>> = {
  ClientHello: "client_hello",
  ServerHello: "server_hello",
  Certificate: "certificate",
  ServerKeyExchange: "server_key_exchange",
  ServerHelloDone: "server_hello_done",
  ClientKeyExchange: "client_key_exchange",
  Finished: "finished",
};

function found<Element extends { readonly name: string }>(elements: readonly Element[], name: string): Element {
  const element = elements.find((each) => each.name === name);
  if (element === undefined) throw new Error(`the provider has no ${name}`);
  return element;
}
