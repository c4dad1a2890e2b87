/**
 * A peer that says any message at any time, protected as soon as its keys are on, and tells what it hears.
 * It knows no order and no chart: the script is the test's. What it takes from lib are tools that make and read bytes
 * (codecs, key schedule, records); what belongs to no library, the sequence of things, is not among them.
 * RFC 5246 §6, §7. One cipher suite, one group, one signature scheme.
 * @module
 */

import { concat, equalBytes } from "../../lib/codec/bytes.ts";
import { decode, encode, uint24, uint8 } from "../../lib/codec/codec.ts";
import type { CipherSuiteElement, NamedGroupElement, RandomSource } from "../../lib/crypto/provider.ts";
import { hasExtension } from "../../lib/extensions/extension.ts";
import { decodeAlert } from "../../lib/messages/alert.ts";
import { decodeClientHello } from "../../lib/messages/client_hello.ts";
import type { HandshakeMessage } from "../../lib/messages/handshake.ts";
import { HandshakeReader } from "../../lib/messages/handshake_reader.ts";
import { decodeServerHello } from "../../lib/messages/server_hello.ts";
import { Protection } from "../../lib/record/protection.ts";
import { recordHeader } from "../../lib/record/record.ts";
import { RecordReader } from "../../lib/record/record_reader.ts";
import {
  AlertDescription,
  AlertLevel,
  ContentType,
  type ContentTypeName,
  ECCurveType,
  HandshakeType,
  NamedGroup,
  nameOf,
  ProtocolVersion,
  registeredName,
  SignatureScheme,
} from "../../lib/registry.ts";
import { keyLengths } from "../../lib/tls12/cipher_suites.ts";
import * as keySchedule from "../../lib/tls12/key_schedule.ts";
import { certificate } from "../../lib/tls12/messages/certificate.ts";
import { certificateStatus } from "../../lib/tls12/messages/certificate_status.ts";
import { certificateVerify } from "../../lib/tls12/messages/certificate_verify.ts";
import { clientKeyExchange } from "../../lib/tls12/messages/client_key_exchange.ts";
import { finished } from "../../lib/tls12/messages/finished.ts";
import { newSessionTicket } from "../../lib/tls12/messages/new_session_ticket.ts";
import { serverEcdhParams, serverKeyExchange } from "../../lib/tls12/messages/server_key_exchange.ts";
import { recordCipher } from "../../lib/tls12/record_protection.ts";
import { plainBody } from "./scripted_bodies.ts";
import { clientHelloBody, offeredSessionId, serverHelloBody } from "./scripted_hellos.ts";
import {
  type ClientHelloManner,
  type HandshakeName,
  handshakeNames,
  type Phrase,
  type Role,
  type ServerHelloManner,
} from "./scripted_phrases.ts";
import {
  provider,
  type Resumable,
  resumable as resumableSession,
  signer,
  steadyRandom,
  verifies,
} from "./scripted_scene.ts";

/** One thing heard: a handshake message's name, `ChangeCipherSpec`, `data`, `warning close_notify`, `fatal …`. */
export type Heard = string;

export interface ScriptedPeerOptions {
  /** Whom the peer plays. */
  readonly role: Role;
  readonly random?: RandomSource;
  /** The sessions that a client of this scene could resume. */
  readonly resumable?: Resumable;
}

interface Secrets extends keySchedule.WriteKeys {
  readonly masterSecret: Uint8Array;
}

export class ScriptedPeer {
  readonly #role: Role;
  readonly #reader = new RecordReader(2 ** 20);
  readonly #messages = new HandshakeReader(2 ** 20);
  readonly #reading = new Protection();
  readonly #writing = new Protection();
  readonly #suite: CipherSuiteElement = first(provider.cipherSuites);
  readonly #group: NamedGroupElement = first(provider.namedGroups);
  readonly #random: RandomSource;
  readonly #resumable: Resumable;
  #keyPair: ReturnType<NamedGroupElement["generateKeyPair"]> | undefined;
  #clientRandom: Uint8Array;
  #serverRandom: Uint8Array;
  #extendedMasterSecret = false;
  /** With which a client offers to resume. */
  #offeredSessionId: Uint8Array = new Uint8Array(0);
  #transcript: Uint8Array[] = [];
  #secrets: Secrets | undefined;
  #theirPublicKey: Uint8Array | undefined;

  constructor(options: ScriptedPeerOptions) {
    const { role, random = steadyRandom(role === "client" ? 3 : 4), resumable = resumableSession(false) } = options;
    this.#role = role;
    this.#random = random;
    this.#resumable = resumable;
    this.#clientRandom = random(32);
    this.#serverRandom = random(32);
  }

  /** Whether what the peer says is protected by now. */
  get protects(): boolean {
    return this.#writing.active;
  }

  /** The bytes that say it, now. */
  say(phrase: Phrase): Uint8Array {
    switch (phrase) {
      case "handshake message 99":
        return this.#handshake(99, Uint8Array.of(1, 2, 3));
      case "ChangeCipherSpec":
        return this.#changeCipherSpec();
      case "ChangeCipherSpec of value 2":
        return this.#record("change_cipher_spec", Uint8Array.of(2));
      case "ApplicationData":
        return this.#record("application_data", Uint8Array.of(1, 2, 3, 4, 5));
      case "empty ApplicationData":
        return this.#record("application_data", new Uint8Array(0));
      case "close_notify":
        return this.#alert(AlertLevel.warning, AlertDescription.close_notify);
      case "warning user_canceled":
        return this.#alert(AlertLevel.warning, AlertDescription.user_canceled);
      case "warning no_renegotiation":
        return this.#alert(AlertLevel.warning, AlertDescription.no_renegotiation);
      case "fatal handshake_failure":
        return this.#alert(AlertLevel.fatal, AlertDescription.handshake_failure);
      case "fatal close_notify":
        return this.#alert(AlertLevel.fatal, AlertDescription.close_notify);
      case "fatal alert 254":
        return this.#alert(AlertLevel.fatal, 254);
      case "alert of three bytes":
        return this.#record("alert", Uint8Array.of(AlertLevel.warning, AlertDescription.user_canceled, 0));
      case "record of content type 24":
        return recordOf(24, Uint8Array.of(1));
      case "record with a wrong tag":
        return damaged(this.#record("application_data", Uint8Array.of(1)));
      default:
        return this.#sayMessage(phrase);
    }
  }

  /** `ServerHello`, `ServerHello that resumes`, `ServerHello and a byte too many`. */
  #sayMessage(phrase: string): Uint8Array {
    const [name = "", ...words] = phrase.split(" ");
    const manner = words.length === 0 ? undefined : words.join(" ");
    if (!isHandshakeName(name)) throw new Error(`nobody can say ${phrase}`);
    if (manner !== "and a byte too many") return this.#message(name, this.#body(name, manner));
    return this.#message(name, concat(this.#body(name), Uint8Array.of(0)));
  }

  /** Reads what the other side sent, checks what can be checked (tags, Finished), and tells what it was. */
  hear(bytes: Uint8Array): readonly Heard[] {
    this.#reader.push(bytes);
    const heard: Heard[] = [];
    for (let record = this.#reader.next(); record !== undefined; record = this.#reader.next()) {
      const isProtected = this.#reading.active;
      const plaintext = this.#reading.unprotect(record.type, record.fragment);
      if (record.type === ContentType.handshake) this.#messages.push(plaintext);
      else heard.push(this.#hearRecord(record.type, plaintext));
      for (let message = this.#messages.next(); message !== undefined; message = this.#messages.next()) {
        heard.push(this.#hearMessage(message, isProtected));
      }
    }
    return heard;
  }

  #hearRecord(type: number, plaintext: Uint8Array): Heard {
    if (type === ContentType.application_data) return "data";
    if (type === ContentType.alert) {
      const { level, description } = decodeAlert(plaintext);
      return `${registeredName(AlertLevel, level)} ${nameOf(AlertDescription, description)}`;
    }
    const secrets = this.#secrets;
    if (secrets === undefined) throw new Error("the other side changed its cipher spec before there were keys");
    this.#reading.use(this.#cipher(secrets, this.#role === "client" ? "server" : "client"));
    this.#reader.expectProtection();
    return "ChangeCipherSpec";
  }

  #hearMessage(message: HandshakeMessage, isProtected: boolean): Heard {
    const before = concat(...this.#transcript);
    this.#transcript.push(message.bytes);
    switch (message.type) {
      case HandshakeType.client_hello: {
        const { random, sessionId, extensions } = decodeClientHello(message.body);
        this.#clientRandom = random;
        this.#offeredSessionId = sessionId.slice();
        this.#extendedMasterSecret = hasExtension(extensions, "extended_master_secret");
        break;
      }
      case HandshakeType.server_hello: {
        const { random, sessionId, extensions } = decodeServerHello(message.body);
        this.#serverRandom = random;
        this.#extendedMasterSecret = hasExtension(extensions, "extended_master_secret");
        if (sessionId.length > 0 && equalBytes(sessionId, this.#offeredSessionId)) this.#resume();
        break;
      }
      case HandshakeType.certificate:
        return decode(certificate, message.body, "Certificate").length === 0
          ? "Certificate without certificates"
          : "Certificate";
      case HandshakeType.certificate_status:
        decode(certificateStatus, message.body, "CertificateStatus");
        break;
      case HandshakeType.new_session_ticket:
        decode(newSessionTicket, message.body, "NewSessionTicket");
        break;
      case HandshakeType.certificate_verify: {
        const { signature } = decode(certificateVerify, message.body, "CertificateVerify");
        if (!verifies(before, signature)) throw new Error("their CertificateVerify is wrong");
        break;
      }
      case HandshakeType.server_key_exchange:
        this.#theirPublicKey = decode(serverKeyExchange, message.body, "ServerKeyExchange").params.public;
        break;
      case HandshakeType.client_key_exchange:
        this.#theirPublicKey = decode(clientKeyExchange, message.body, "ClientKeyExchange").ecdhYc;
        this.#derive();
        break;
      case HandshakeType.finished: {
        const theirs = this.#role === "client" ? "server" : "client";
        const { verifyData } = decode(finished, message.body, "Finished");
        if (!isProtected) throw new Error("the other side sent Finished without protection");
        if (!equalBytes(verifyData, this.#verifyData(theirs, before))) throw new Error("their Finished is wrong");
      }
    }
    const name = registeredName(HandshakeType, message.type);
    const found = Object.entries(handshakeNames).find(([, registered]) => registered === name);
    return found?.[0] ?? `handshake message ${message.type}`;
  }

  #message(name: HandshakeName, body: Uint8Array): Uint8Array {
    const bytes = this.#handshake(HandshakeType[handshakeNames[name]], body);
    if (name === "ClientKeyExchange") this.#derive();
    return bytes;
  }

  #handshake(type: number, body: Uint8Array): Uint8Array {
    const bytes = concat(encode(uint8, type), encode(uint24, body.length), body);
    if (type !== HandshakeType.hello_request) this.#transcript.push(bytes);
    return this.#record("handshake", bytes);
  }

  #alert(level: number, description: number): Uint8Array {
    return this.#record("alert", Uint8Array.of(level, description));
  }

  /** After it everything is protected, if there are keys; without keys it is only said. */
  #changeCipherSpec(): Uint8Array {
    const bytes = this.#record("change_cipher_spec", Uint8Array.of(1));
    if (this.#secrets !== undefined) this.#writing.use(this.#cipher(this.#secrets, this.#role));
    return bytes;
  }

  #record(type: ContentTypeName, content: Uint8Array): Uint8Array {
    return recordOf(ContentType[type], this.#writing.protect(ContentType[type], content));
  }

  /** A body that is well-formed even where the facts that belong into it aren't known yet. */
  #body(name: HandshakeName, manner?: string): Uint8Array {
    switch (name) {
      case "ClientHello":
        return this.#clientHello(manner as ClientHelloManner | undefined);
      case "ServerHello":
        return this.#serverHello(manner as ServerHelloManner | undefined);
      case "ServerKeyExchange":
        return this.#serverKeyExchange(manner === "with a wrong signature");
      case "ClientKeyExchange": {
        const isInvalid = manner === "with an invalid key";
        return encode(clientKeyExchange, { ecdhYc: isInvalid ? new Uint8Array(32) : this.#ownKeyPair().publicKey });
      }
      case "CertificateVerify":
        return encode(certificateVerify, {
          algorithm: SignatureScheme.ecdsa_secp256r1_sha256,
          signature: sign(manner === "with a wrong signature" ? Uint8Array.of(1) : concat(...this.#transcript)),
        });
      case "Finished": {
        const isWrong = manner === "with wrong verify_data";
        const verifyData = isWrong
          ? new Uint8Array(12).fill(7)
          : this.#verifyData(this.#role, concat(...this.#transcript));
        return encode(finished, { verifyData });
      }
      default:
        return plainBody(name, manner);
    }
  }

  #clientHello(manner: ClientHelloManner | undefined): Uint8Array {
    const sessionId = offeredSessionId(manner, this.#resumable, this.#random);
    this.#offeredSessionId = sessionId;
    const facts = { random: this.#clientRandom, sessionId, cipherSuite: this.#suite.name };
    return clientHelloBody(manner, facts, this.#resumable);
  }

  #serverHello(manner: ServerHelloManner | undefined): Uint8Array {
    const resumes = manner?.startsWith("that resumes") === true;
    if (resumes) this.#resume();
    const [, other = this.#suite] = provider.cipherSuites;
    return serverHelloBody(manner, {
      random: this.#serverRandom,
      sessionId: resumes ? this.#offeredSessionId : this.#random(32),
      cipherSuite: (manner === "that resumes with another suite" ? other : this.#suite).name,
      extendedMasterSecret: this.#extendedMasterSecret,
    });
  }

  #serverKeyExchange(isWrong: boolean): Uint8Array {
    const params = {
      curveType: ECCurveType.named_curve,
      namedCurve: NamedGroup[this.#group.name],
      public: this.#ownKeyPair().publicKey,
    };
    const signed = concat(this.#clientRandom, this.#serverRandom, encode(serverEcdhParams, params));
    return encode(serverKeyExchange, {
      params,
      algorithm: SignatureScheme.ecdsa_secp256r1_sha256,
      signature: isWrong ? Uint8Array.of(1) : sign(signed),
    });
  }

  #ownKeyPair(): ReturnType<NamedGroupElement["generateKeyPair"]> {
    this.#keyPair ??= this.#group.generateKeyPair(this.#random);
    return this.#keyPair;
  }

  /** Once both public keys are known and ClientKeyExchange is in the transcript (RFC 7627 §4). */
  #derive(): void {
    if (this.#theirPublicKey === undefined || this.#secrets !== undefined) return;
    const { hash } = this.#suite;
    const preMasterSecret = this.#group.sharedSecret(this.#ownKeyPair().privateKey, this.#theirPublicKey);
    if (preMasterSecret === undefined) throw new Error("their public key is invalid");
    const masterSecret = this.#extendedMasterSecret
      ? keySchedule.deriveExtendedMasterSecret(hash, preMasterSecret, concat(...this.#transcript))
      : keySchedule.deriveMasterSecret(hash, preMasterSecret, this.#clientRandom, this.#serverRandom);
    this.#use(masterSecret);
  }

  /** Both randoms are known, and the master secret is that of the session. */
  #resume(): void {
    if (this.#secrets === undefined) this.#use(this.#resumable.masterSecret);
  }

  #use(masterSecret: Uint8Array): void {
    const { hash } = this.#suite;
    const lengths = keyLengths(this.#suite);
    const keys = keySchedule.deriveWriteKeys(hash, masterSecret, this.#clientRandom, this.#serverRandom, lengths);
    this.#secrets = { masterSecret, ...keys };
  }

  #cipher(secrets: Secrets, sender: Role): ReturnType<typeof recordCipher> {
    const options = { encryptThenMac: false, random: this.#random };
    return recordCipher(this.#suite, keySchedule.recordKeysOf(sender, secrets), options);
  }

  /** Zeros as long as there is no master secret. */
  #verifyData(sender: Role, transcript: Uint8Array): Uint8Array {
    if (this.#secrets === undefined) return new Uint8Array(12);
    return keySchedule.deriveVerifyData(this.#suite.hash, this.#secrets.masterSecret, sender, transcript);
  }
}

function recordOf(type: number, fragment: Uint8Array): Uint8Array {
  const version = ProtocolVersion["TLSv1.2"];
  return concat(encode(recordHeader, { type, version, length: fragment.length }), fragment);
}

function damaged(record: Uint8Array): Uint8Array {
  const bytes = record.slice();
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes;
}

function first<Element>([element]: readonly Element[]): Element {
  if (element === undefined) throw new Error("the provider lists nothing");
  return element;
}

function isHandshakeName(name: string): name is HandshakeName {
  return Object.hasOwn(handshakeNames, name);
}

function sign(message: Uint8Array): Uint8Array {
  return signer.sign("ecdsa_secp256r1_sha256", message);
}
