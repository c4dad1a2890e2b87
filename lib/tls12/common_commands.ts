/**
 * What both roles do alike: derive the secrets, change the cipher spec, prove with Finished, report.
 * RFC 5246 §7.1, §7.4.9, §8.1; RFC 7627 §4.
 * @module
 */

import { constantTimeEqual } from "../codec/bytes.ts";
import { decode, encode } from "../codec/codec.ts";
import type { CipherSuiteElement, NamedGroupElement } from "../crypto/provider.ts";
import type { Effect, KeyedCipher, Outcome, Outgoing, RecordKeys, Scene } from "../endpoint.ts";
import { InternalError, PeerMisbehavedError } from "../error.ts";
import { type HandshakeMessage, handshakeMessage } from "../messages/handshake.ts";
import { maxPlaintextLength } from "../record/record.ts";
import type { HandshakeTypeName } from "../registry.ts";
import type { TlsSession } from "../session.ts";
import type { ResumableSession } from "../session/resumable_session.ts";
import type { Settings } from "../settings.ts";
import { keyLogLine, type SecretName } from "../trace.ts";
import { keyLengths, maxExpansion } from "./cipher_suites.ts";
import * as keySchedule from "./key_schedule.ts";
import { type Known, known } from "./known.ts";
import { finished } from "./messages/finished.ts";
import { recordCipher } from "./record_protection.ts";

export type Role = "client" | "server";
type Run<Params = undefined, Answer = never> = (
  all: Known,
  params: Params,
  scene: Scene<Settings>,
) => Outcome<Known, Answer>;

export interface CommonCommands {
  readonly deriveMasterSecret: Run;
  readonly deriveWriteKeys: Run;
  readonly sendChangeCipherSpec: Run;
  readonly protectWriting: Run;
  readonly protectReading: Run;
  readonly sendFinished: Run;
  readonly checkFinished: Run<{ readonly message: HandshakeMessage }, { readonly type: "answer.finishedVerified" }>;
  readonly reportEstablished: Run;
}

/** The same words for both roles; `role` says whose keys are ours. */
export function commonCommands(role: Role): CommonCommands {
  const peer: Role = role === "client" ? "server" : "client";
  return {
    deriveMasterSecret,
    deriveWriteKeys,
    sendChangeCipherSpec: () => ({ send: { content: "change_cipher_spec" } }),
    // RFC 5246 §7.1 MUST: "Immediately after sending this message, the sender MUST instruct the record layer to make the write pending state the write active state."
    // RFC 5246 §7.1 MUST: "once the ChangeCipherSpec has been sent, the new CipherSpec MUST be used."
    protectWriting: (all) => ({ protectWriting: recordKeysOf(all, role) }),
    protectReading: (all) => ({ protectReading: recordKeysOf(all, peer) }),
    sendFinished: (all, _, { config, transcript }) => {
      const verifyData = verifyDataOf(all, config, role, transcript.whole());
      return { learned: finishedOf(role, verifyData), ...sent("finished", encode(finished, { verifyData })) };
    },
    checkFinished: (all, { message }, { config, transcript }) => {
      const { verifyData } = decode(finished, message.body, "Finished");
      // RFC 5246 §7.4.9 MUST: "Recipients of Finished messages MUST verify that the contents are correct."
      if (!constantTimeEqual(verifyData, verifyDataOf(all, config, peer, transcript.beforeLast()))) {
        throw new PeerMisbehavedError(
          "decrypt_error",
          "Cannot accept Finished: its verify_data is wrong, so both sides did not see the same handshake",
        );
      }
      return { learned: finishedOf(peer, verifyData.slice()), answer: { type: "answer.finishedVerified" } };
    },
    reportEstablished,
  };
}

/** A handshake message as an effect. */
export function sent(name: HandshakeTypeName, body: Uint8Array): { readonly send: Outgoing } {
  return { send: { content: "handshake", message: handshakeMessage(name, body) } };
}

/** The element that does the negotiated suite's work. */
export function suiteOf(all: Known, config: Settings): CipherSuiteElement {
  return suiteNamed(known(all, "negotiated").cipherSuite, config);
}

/** The element that does the negotiated group's work. */
export function groupOf(all: Known, config: Settings): NamedGroupElement {
  const { namedGroup } = known(all, "keyExchange");
  const element = config.namedGroups.find(({ name }) => name === namedGroup);
  if (element === undefined) throw new InternalError(`Cannot use ${namedGroup}: the provider doesn't list it`);
  return element;
}

/** What protects records under these keys. */
export function keyedCipher({ cipherSuite, encryptThenMac, ...keys }: RecordKeys, config: Settings): KeyedCipher {
  const suite = suiteNamed(cipherSuite, config);
  const name = suite.aead === undefined ? suite.blockCipher.name : suite.aead.name;
  return {
    cipher: recordCipher(suite, keys, { encryptThenMac, random: config.random }),
    maxRecords: config.limits.maxRecordsPerKey[name],
    maxExpansion: maxExpansion(suite),
  };
}

function suiteNamed(wanted: CipherSuiteElement["name"], config: Settings): CipherSuiteElement {
  const element = config.cipherSuites.find(({ name }) => name === wanted);
  if (element === undefined) throw new InternalError(`Cannot use ${wanted}: the provider doesn't list it`);
  return element;
}

function deriveMasterSecret(all: Known, _: undefined, { config, transcript }: Scene<Settings>): Outcome<Known, never> {
  const { hash } = suiteOf(all, config);
  const { clientRandom } = all.offer;
  const { serverRandom, extendedMasterSecret } = known(all, "negotiated");
  const preMasterSecret = known(all, "preMasterSecret");
  // RFC 7627 §5.1 MUST: "If the client and server agree on this extension and a full handshake takes place, both client and server MUST use the extended master secret derivation algorithm"
  // RFC 7627 §5.2 MUST: "If the client and server choose to continue a full handshake without the extension, they MUST use the standard master secret derivation for the new session."
  const masterSecret = extendedMasterSecret
    ? keySchedule.deriveExtendedMasterSecret(hash, preMasterSecret, transcript.whole())
    : keySchedule.deriveMasterSecret(hash, preMasterSecret, clientRandom, serverRandom);
  return {
    // RFC 5246 §8.1: "The pre_master_secret should be deleted from memory once the master_secret has been computed."
    learned: { masterSecret, preMasterSecret: undefined },
    secrets: [["pre_master_secret", preMasterSecret]],
  };
}

function deriveWriteKeys(all: Known, _: undefined, { config }: Scene<Settings>): Outcome<Known, never> {
  const suite = suiteOf(all, config);
  const { clientRandom } = all.offer;
  const masterSecret = known(all, "masterSecret");
  const { serverRandom } = known(all, "negotiated");
  const keys = keySchedule.deriveWriteKeys(suite.hash, masterSecret, clientRandom, serverRandom, keyLengths(suite));
  return {
    learned: { writeKeys: keys },
    secrets: secretsOf(masterSecret, keys).filter(([, bytes]) => bytes.length > 0),
    ...keyLogged(config, clientRandom, masterSecret),
  };
}

/** Of MAC keys and IVs, AEAD and CBC suites have one kind each. */
function secretsOf(
  masterSecret: Uint8Array,
  keys: keySchedule.WriteKeys,
): readonly (readonly [SecretName, Uint8Array])[] {
  return [
    ["master_secret", masterSecret],
    ["client_write_MAC_key", keys.clientWriteMacKey],
    ["server_write_MAC_key", keys.serverWriteMacKey],
    ["client_write_key", keys.clientWriteKey],
    ["server_write_key", keys.serverWriteKey],
    ["client_write_IV", keys.clientWriteIv],
    ["server_write_IV", keys.serverWriteIv],
  ];
}

function keyLogged(config: Settings, clientRandom: Uint8Array, masterSecret: Uint8Array): Effect {
  return config.keyLog ? { output: { type: "keyLog", line: keyLogLine(clientRandom, masterSecret) } } : {};
}

function recordKeysOf(all: Known, sender: Role): RecordKeys {
  const { cipherSuite, encryptThenMac } = known(all, "negotiated");
  return { cipherSuite, encryptThenMac, ...keySchedule.recordKeysOf(sender, known(all, "writeKeys")) };
}

function verifyDataOf(all: Known, config: Settings, sender: Role, transcript: Uint8Array): Uint8Array {
  return keySchedule.deriveVerifyData(suiteOf(all, config).hash, known(all, "masterSecret"), sender, transcript);
}

function finishedOf(sender: Role, verifyData: Uint8Array): Partial<Known> {
  return sender === "client" ? { clientFinished: verifyData } : { serverFinished: verifyData };
}

function reportEstablished(all: Known): Outcome<Known, never> {
  return {
    // The record protection has its keys. The master secret stays for exporters, as RFC 5705 needs it.
    learned: { writeKeys: undefined, ticket: undefined, offer: { ...all.offer, session: undefined } },
    output: { type: "established", session: sessionOf(all) },
  };
}

/** What was agreed. Copies: what the embedder gets is the embedder's. */
export function sessionOf(all: Known): TlsSession {
  const { answers: _, sessionId: __, recordLimits, serverRandom, ...negotiated } = known(all, "negotiated");
  const { namedGroup, signatureScheme } = all.resumed ?? known(all, "keyExchange");
  const { peerCertificates, ocspResponse, signedCertificateTimestamps, clientSignatureScheme } = provedOf(all);
  return {
    version: "TLSv1.2",
    ...negotiated,
    resumed: all.resumed !== undefined,
    maxSendLength: recordLimits?.send ?? maxPlaintextLength,
    maxReceiveLength: recordLimits?.receive ?? maxPlaintextLength,
    namedGroup,
    signatureScheme,
    clientSignatureScheme,
    peerCertificates: copies(peerCertificates),
    localCertificates: copies(all.local?.certificates ?? []),
    ocspResponse: ocspResponse && Uint8Array.from(ocspResponse),
    signedCertificateTimestamps: copies(signedCertificateTimestamps),
    clientRandom: Uint8Array.from(all.offer.clientRandom),
    serverRandom: Uint8Array.from(serverRandom),
    clientFinished: Uint8Array.from(known(all, "clientFinished")),
    serverFinished: Uint8Array.from(known(all, "serverFinished")),
  };
}

type Proved = Pick<
  ResumableSession,
  "peerCertificates" | "ocspResponse" | "signedCertificateTimestamps" | "clientSignatureScheme"
>;

/** What was proved, now or in the session that is resumed. */
export function provedOf({ resumed, peer, negotiated, clientSignatureScheme }: Known): Proved {
  return resumed ?? {
    peerCertificates: peer?.certificates ?? [],
    ocspResponse: peer?.ocspResponse,
    signedCertificateTimestamps: negotiated?.signedCertificateTimestamps ?? [],
    clientSignatureScheme,
  };
}

/** RFC 6066 §4: in bytes; `undefined` where records are as long as they may be, or limited otherwise. */
export function fragmentLengthAgreed(all: Known): number | undefined {
  const { recordLimits } = known(all, "negotiated");
  return recordLimits?.onlyProtected === false ? recordLimits.send : undefined;
}

function copies(list: readonly Uint8Array[]): readonly Uint8Array<ArrayBuffer>[] {
  return list.map((bytes) => Uint8Array.from(bytes));
}
