/**
 * A peer that says any message at any time, protected as soon as its keys are on, and tells what it hears.
 * It knows no order and no chart: the script is the test's. What it takes from lib are tools that make and read bytes
 * (codecs, key schedule, records); what belongs to no library, the sequence of things, is not among them.
 * RFC 5246 §6, §7. One cipher suite, one group, one signature scheme.
 * @module
 */

import { concat, equalBytes } from "../../lib/codec/bytes.ts";
import { decode, encode, uint24, uint8 } from "../../lib/codec/codec.ts";
import type { CipherSuiteElement, NamedGroupElement, RandomSource, Signer } from "../../lib/crypto/provider.ts";
import { ecPointFormats, ourPointFormats } from "../../lib/extensions/ec_point_formats.ts";
import { extendedMasterSecret } from "../../lib/extensions/extended_master_secret.ts";
import { type Extension, extensionOf, hasExtension } from "../../lib/extensions/extension.ts";
import { renegotiationInfo } from "../../lib/extensions/renegotiation_info.ts";
import { signatureAlgorithms } from "../../lib/extensions/signature_algorithms.ts";
import { supportedGroups } from "../../lib/extensions/supported_groups.ts";
import { decodeAlert } from "../../lib/messages/alert.ts";
import { clientHello, decodeClientHello } from "../../lib/messages/client_hello.ts";
import type { HandshakeMessage } from "../../lib/messages/handshake.ts";
import { HandshakeReader } from "../../lib/messages/handshake_reader.ts";
import { decodeServerHello, serverHello } from "../../lib/messages/server_hello.ts";
import { Protection } from "../../lib/record/protection.ts";
import { recordHeader } from "../../lib/record/record.ts";
import { RecordReader } from "../../lib/record/record_reader.ts";
import {
  AlertDescription,
  AlertLevel,
  CipherSuite,
  ClientCertificateType,
  CompressionMethod,
  ContentType,
  type ContentTypeName,
  ECCurveType,
  HandshakeType,
  type HandshakeTypeName,
  NamedGroup,
  nameOf,
  ProtocolVersion,
  registeredName,
  SignatureScheme,
} from "../../lib/registry.ts";
import { keyLengths } from "../../lib/tls12/cipher_suites.ts";
import * as keySchedule from "../../lib/tls12/key_schedule.ts";
import { certificate } from "../../lib/tls12/messages/certificate.ts";
import { certificateRequest } from "../../lib/tls12/messages/certificate_request.ts";
import { clientKeyExchange } from "../../lib/tls12/messages/client_key_exchange.ts";
import { finished } from "../../lib/tls12/messages/finished.ts";
import { serverEcdhParams, serverKeyExchange } from "../../lib/tls12/messages/server_key_exchange.ts";
import { recordCipher } from "../../lib/tls12/record_protection.ts";
import { certified, provider, signer as certifiedSigner, steadyRandom, strange } from "./scripted_scene.ts";

export type Role = "client" | "server";

/** Every handshake message, as the RFC names it. */
export type HandshakeName =
  | "HelloRequest"
  | "ClientHello"
  | "ServerHello"
  | "HelloVerifyRequest"
  | "NewSessionTicket"
  | "Certificate"
  | "ServerKeyExchange"
  | "CertificateRequest"
  | "ServerHelloDone"
  | "CertificateVerify"
  | "ClientKeyExchange"
  | "Finished"
  | "CertificateURL"
  | "CertificateStatus";

/** The registered names of the same messages. */
export const handshakeNames: Readonly<Record<HandshakeName, HandshakeTypeName>> = {
  HelloRequest: "hello_request",
  ClientHello: "client_hello",
  ServerHello: "server_hello",
  HelloVerifyRequest: "hello_verify_request",
  NewSessionTicket: "new_session_ticket",
  Certificate: "certificate",
  ServerKeyExchange: "server_key_exchange",
  CertificateRequest: "certificate_request",
  ServerHelloDone: "server_hello_done",
  CertificateVerify: "certificate_verify",
  ClientKeyExchange: "client_key_exchange",
  Finished: "finished",
  CertificateURL: "certificate_url",
  CertificateStatus: "certificate_status",
};

/** What a peer can say: messages as they should be, and messages that are wrong in exactly one thing. */
export type Phrase =
  | HandshakeName
  | `${HandshakeName} and a byte too many`
  | "handshake message 99"
  | "ChangeCipherSpec"
  | "ApplicationData"
  | "empty ApplicationData"
  | "close_notify"
  | "warning user_canceled"
  | "warning no_renegotiation"
  | "fatal handshake_failure"
  | "fatal close_notify"
  | "fatal alert 254"
  | "ClientHello of TLS 1.1"
  | "ClientHello without a suite in common"
  | "ServerHello of TLS 1.1"
  | "ServerHello with a suite that wasn't offered"
  | "Certificate without certificates"
  | "Certificate of a CA that nobody trusts"
  | "ServerKeyExchange with a wrong signature"
  | "ClientKeyExchange with an invalid key"
  | "Finished with wrong verify_data"
  | "ChangeCipherSpec of value 2"
  | "alert of three bytes"
  | "record of content type 24"
  | "record with a wrong tag";

/** One thing heard: a handshake message's name, `ChangeCipherSpec`, `data`, `warning close_notify`, `fatal …`. */
export type Heard = string;

export interface ScriptedPeerOptions {
  /** Whom the peer plays. */
  readonly role: Role;
  readonly random?: RandomSource;
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
  readonly #signer: Signer = certifiedSigner;
  readonly #random: RandomSource;
  #keyPair: ReturnType<NamedGroupElement["generateKeyPair"]> | undefined;
  #clientRandom: Uint8Array;
  #serverRandom: Uint8Array;
  #extendedMasterSecret = false;
  #transcript: Uint8Array[] = [];
  #secrets: Secrets | undefined;
  #theirPublicKey: Uint8Array | undefined;

  constructor({ role, random = steadyRandom(role === "client" ? 3 : 4) }: ScriptedPeerOptions) {
    this.#role = role;
    this.#random = random;
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
      case "ClientHello of TLS 1.1":
        return this.#message("ClientHello", this.#clientHello({ clientVersion: ProtocolVersion["TLSv1.1"] }));
      case "ClientHello without a suite in common":
        return this.#message("ClientHello", this.#clientHello({ cipherSuites: [CipherSuite.TLS_AES_128_GCM_SHA256] }));
      case "ServerHello of TLS 1.1":
        return this.#message("ServerHello", this.#serverHello({ serverVersion: ProtocolVersion["TLSv1.1"] }));
      case "ServerHello with a suite that wasn't offered":
        return this.#message("ServerHello", this.#serverHello({ cipherSuite: CipherSuite.TLS_AES_128_GCM_SHA256 }));
      case "Certificate without certificates":
        return this.#message("Certificate", encode(certificate, []));
      case "Certificate of a CA that nobody trusts":
        return this.#message("Certificate", encode(certificate, strange.chain));
      case "ServerKeyExchange with a wrong signature":
        return this.#message("ServerKeyExchange", this.#serverKeyExchange(Uint8Array.of(1)));
      case "ClientKeyExchange with an invalid key":
        return this.#message("ClientKeyExchange", encode(clientKeyExchange, { ecdhYc: new Uint8Array(32) }));
      case "Finished with wrong verify_data":
        return this.#message("Finished", encode(finished, { verifyData: new Uint8Array(12).fill(7) }));
      default: {
        const tooLong = " and a byte too many";
        if (!phrase.endsWith(tooLong)) return this.#message(phrase as HandshakeName);
        const name = phrase.slice(0, -tooLong.length) as HandshakeName;
        return this.#message(name, concat(this.#body(name), Uint8Array.of(0)));
      }
    }
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
        const { random, extensions } = decodeClientHello(message.body);
        this.#clientRandom = random;
        this.#extendedMasterSecret = hasExtension(extensions, "extended_master_secret");
        break;
      }
      case HandshakeType.server_hello: {
        const { random, extensions } = decodeServerHello(message.body);
        this.#serverRandom = random;
        this.#extendedMasterSecret = hasExtension(extensions, "extended_master_secret");
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

  #message(name: HandshakeName, body: Uint8Array = this.#body(name)): Uint8Array {
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
  #body(name: HandshakeName): Uint8Array {
    switch (name) {
      case "ClientHello":
        return this.#clientHello({});
      case "ServerHello":
        return this.#serverHello({});
      case "Certificate":
        return encode(certificate, certified.chain);
      case "ServerKeyExchange":
        return this.#serverKeyExchange();
      case "CertificateRequest":
        return encode(certificateRequest, {
          certificateTypes: [ClientCertificateType.ecdsa_sign],
          supportedSignatureAlgorithms: [SignatureScheme.ecdsa_secp256r1_sha256],
          certificateAuthorities: [],
        });
      case "ClientKeyExchange":
        return encode(clientKeyExchange, { ecdhYc: this.#ownKeyPair().publicKey });
      case "Finished":
        return encode(finished, { verifyData: this.#verifyData(this.#role, concat(...this.#transcript)) });
      case "HelloRequest":
      case "ServerHelloDone":
        return new Uint8Array(0);
      case "NewSessionTicket": // RFC 5077 §3.3: a lifetime hint of 4 bytes, a ticket with a length of 2
        return Uint8Array.of(0, 0, 14, 16, 0, 1, 7);
      case "CertificateStatus": // RFC 6066 §8: status_type ocsp, a response with a length of 3
        return Uint8Array.of(1, 0, 0, 1, 7);
      case "CertificateVerify": // a scheme, a signature with a length of 2
        return Uint8Array.of(4, 3, 0, 1, 7);
      case "HelloVerifyRequest":
      case "CertificateURL":
        return Uint8Array.of(3, 3, 0);
    }
  }

  #clientHello(changes: { readonly clientVersion?: number; readonly cipherSuites?: readonly number[] }): Uint8Array {
    return encode(clientHello, {
      clientVersion: ProtocolVersion["TLSv1.2"],
      random: this.#clientRandom,
      sessionId: new Uint8Array(0),
      cipherSuites: [CipherSuite[this.#suite.name]],
      compressionMethods: [CompressionMethod.null],
      extensions: [
        ...this.#commonExtensions(true),
        extensionOf("supported_groups", supportedGroups, [NamedGroup[this.#group.name], NamedGroup.secp256r1]),
        extensionOf("signature_algorithms", signatureAlgorithms, [SignatureScheme.ecdsa_secp256r1_sha256]),
      ],
      ...changes,
    });
  }

  #serverHello(changes: { readonly serverVersion?: number; readonly cipherSuite?: number }): Uint8Array {
    return encode(serverHello, {
      serverVersion: ProtocolVersion["TLSv1.2"],
      random: this.#serverRandom,
      sessionId: this.#random(32),
      cipherSuite: CipherSuite[this.#suite.name],
      compressionMethod: CompressionMethod.null,
      extensions: this.#commonExtensions(this.#extendedMasterSecret),
      ...changes,
    });
  }

  #commonExtensions(extended: boolean): readonly Extension[] {
    return [
      ...extended ? [extensionOf("extended_master_secret", extendedMasterSecret, undefined)] : [],
      extensionOf("renegotiation_info", renegotiationInfo, new Uint8Array(0)),
      extensionOf("ec_point_formats", ecPointFormats, ourPointFormats),
    ];
  }

  #serverKeyExchange(signature?: Uint8Array): Uint8Array {
    const params = {
      curveType: ECCurveType.named_curve,
      namedCurve: NamedGroup[this.#group.name],
      public: this.#ownKeyPair().publicKey,
    };
    const signed = concat(this.#clientRandom, this.#serverRandom, encode(serverEcdhParams, params));
    return encode(serverKeyExchange, {
      params,
      algorithm: SignatureScheme.ecdsa_secp256r1_sha256,
      signature: signature ?? this.#signer.sign("ecdsa_secp256r1_sha256", signed),
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
