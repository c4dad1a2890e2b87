/**
 * What both roles do alike: derive the secrets, change the cipher spec, prove with Finished, report.
 * RFC 5246 §7.1, §7.4.9, §8.1; RFC 7627 §4.
 * @module
 */

import { constantTimeEqual } from "../codec/bytes.ts";
import { decode, encode } from "../codec/codec.ts";
import type { CipherSuiteElement, NamedGroupElement } from "../crypto/provider.ts";
import type { Effect, Outcome, Outgoing, Scene } from "../endpoint.ts";
import { InternalError, PeerMisbehavedError } from "../error.ts";
import { type HandshakeMessage, handshakeMessage } from "../messages/handshake.ts";
import type { HandshakeTypeName } from "../registry.ts";
import type { Settings } from "../settings.ts";
import { keyLogLine } from "../trace.ts";
import { keyLengths } from "./cipher_suites.ts";
import * as keySchedule from "./key_schedule.ts";
import { type Known, known } from "./known.ts";
import { finished } from "./messages/finished.ts";
import { recordCipher } from "./record_protection.ts";

type Role = "client" | "server";
type Run<Params = undefined, Answer = never> = (
  all: Known,
  params: Params,
  scene: Scene<Settings>,
) => Outcome<Known, Answer>;

export interface CommonCommands {
  readonly deriveMasterSecret: Run;
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
    sendChangeCipherSpec: () => ({ send: { content: "change_cipher_spec" } }),
    protectWriting: (all, _, { config }) => ({ protectWriting: cipherOf(all, config, role) }),
    protectReading: (all, _, { config }) => ({ protectReading: cipherOf(all, config, peer) }),
    sendFinished: (all, _, { config, transcript }) =>
      sent("finished", encode(finished, { verifyData: verifyDataOf(all, config, role, transcript.whole()) })),
    checkFinished: (all, { message }, { config, transcript }) => {
      const { verifyData } = decode(finished, message.body, "Finished");
      // RFC 5246 §7.4.9 MUST: "Recipients of Finished messages MUST verify that the contents are correct."
      if (!constantTimeEqual(verifyData, verifyDataOf(all, config, peer, transcript.beforeLast()))) {
        throw new PeerMisbehavedError(
          "decrypt_error",
          "Cannot accept Finished: its verify_data is wrong, so both sides did not see the same handshake",
        );
      }
      return { answer: { type: "answer.finishedVerified" } };
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
  const { cipherSuite } = known(all, "negotiated");
  const element = config.cipherSuites.find(({ name }) => name === cipherSuite);
  if (element === undefined) throw new InternalError(`Cannot use ${cipherSuite}: the provider doesn't list it`);
  return element;
}

/** The element that does the negotiated group's work. */
export function groupOf(all: Known, config: Settings): NamedGroupElement {
  const { namedGroup } = known(all, "keyExchange");
  const element = config.namedGroups.find(({ name }) => name === namedGroup);
  if (element === undefined) throw new InternalError(`Cannot use ${namedGroup}: the provider doesn't list it`);
  return element;
}

function deriveMasterSecret(all: Known, _: undefined, { config, transcript }: Scene<Settings>): Outcome<Known, never> {
  const suite = suiteOf(all, config);
  const { clientRandom } = all.offer;
  const { serverRandom, extendedMasterSecret } = known(all, "negotiated");
  const preMasterSecret = known(all, "preMasterSecret");
  const masterSecret = extendedMasterSecret
    ? keySchedule.deriveExtendedMasterSecret(suite.hash, preMasterSecret, transcript.whole())
    : keySchedule.deriveMasterSecret(suite.hash, preMasterSecret, clientRandom, serverRandom);
  const keys = keySchedule.deriveWriteKeys(suite.hash, masterSecret, clientRandom, serverRandom, keyLengths(suite));
  return {
    // RFC 5246 §8.1: "The pre_master_secret should be deleted from memory once the master_secret has been computed."
    learned: { secrets: { masterSecret, ...keys }, preMasterSecret: undefined },
    secrets: [
      ["pre_master_secret", preMasterSecret],
      ["master_secret", masterSecret],
      ["client_write_key", keys.clientWriteKey],
      ["server_write_key", keys.serverWriteKey],
      ["client_write_IV", keys.clientWriteIv],
      ["server_write_IV", keys.serverWriteIv],
    ],
    ...keyLogged(config, clientRandom, masterSecret),
  };
}

function keyLogged(config: Settings, clientRandom: Uint8Array, masterSecret: Uint8Array): Effect {
  return config.keyLog ? { output: { type: "keyLog", line: keyLogLine(clientRandom, masterSecret) } } : {};
}

function cipherOf(all: Known, config: Settings, sender: Role): ReturnType<typeof recordCipher> {
  const options = { encryptThenMac: false, random: config.random };
  return recordCipher(suiteOf(all, config), keySchedule.recordKeysOf(sender, known(all, "secrets")), options);
}

function verifyDataOf(all: Known, config: Settings, sender: Role, transcript: Uint8Array): Uint8Array {
  return keySchedule.deriveVerifyData(
    suiteOf(all, config).hash,
    known(all, "secrets").masterSecret,
    sender,
    transcript,
  );
}

function reportEstablished(all: Known): Outcome<Known, never> {
  const { serverRandom, ...negotiated } = known(all, "negotiated");
  const { namedGroup, signatureScheme } = known(all, "keyExchange");
  return {
    // The record protection has its keys; nothing else needs a secret any more.
    learned: { secrets: undefined },
    output: {
      type: "established",
      session: {
        version: "TLSv1.2",
        ...negotiated,
        namedGroup,
        signatureScheme,
        peerCertificates: (all.peer?.certificates ?? []).map((der) => Uint8Array.from(der)),
        clientRandom: Uint8Array.from(all.offer.clientRandom),
        serverRandom: Uint8Array.from(serverRandom),
      },
    },
  };
}
