/**
 * What must hold of a frozen TLS 1.2 machine, whichever role it has: it stands in its tables, its keys fit, and its
 * configuration is the one that it was made with, as far as that has been told to the peer.
 * Enters: the parts of a frozen connection, read by their shapes. Leaves: nothing, or TlsUsageError.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import { TlsUsageError } from "../error.ts";
import type { FrozenParts } from "../freeze.ts";
import { ProtocolVersion, type SignatureSchemeName } from "../registry.ts";
import { handshakeHeaderLength } from "../messages/handshake.ts";
import type { Question } from "../request.ts";
import type { Settings } from "../settings.ts";
import { checkStand, connected, type Stand } from "../stand.ts";
import { decodeCertificate } from "../x509/certificate.ts";
import { suiteOf } from "./common_commands.ts";
import { type Known, known } from "./known.ts";
import { faultOfKeys } from "./known_shape.ts";

export type Chapter = keyof Known;

/** A state of either kind of handshake, and what is there. The offer is there always. */
export type States = Readonly<Record<string, Stand<Chapter>>>;

/** The states after the handshake, in which the same things are known. */
export function establishedStates(knows: readonly Chapter[], mayKnow: readonly Chapter[]): States {
  const stand = {
    knows: ["offer", "negotiated", "masterSecret", "clientFinished", "serverFinished", ...knows],
    mayKnow,
  } as const;
  const open = { ...stand, protects: "both" } as const;
  return { [connected]: open, "live.closing": open, "live.peerClosed": { ...open, deaf: true } };
}

/** `facts`: what the configuration says of the context. */
export function checkMachine(
  parts: FrozenParts,
  all: Known,
  states: { readonly full: States; readonly abbreviated: States },
  config: Settings,
): void {
  const version = ProtocolVersion["TLSv1.2"];
  checkStand({ version, states: all.resumed === undefined ? states.full : states.abbreviated }, parts, all);
  for (const direction of ["reading", "writing"] as const) checkKeys(direction, parts, all, config);
  checkRecordLimits(parts, all);
  checkHellos(parts, all);
}

/** Throws TlsUsageError where the configuration is another one than that with which the connection began. */
export function checkFacts<Context extends object>(context: Context, facts: Partial<Context>): void {
  for (const name in facts) {
    if (context[name] === facts[name]) continue;
    throw new TlsUsageError(
      `Cannot thaw: frozen.context.${name} is ${String(context[name])}, and this configuration makes it ${
        String(facts[name])
      }`,
    );
  }
}

/** The key is that of the certificate that we have shown. */
export function signQuestion(
  scheme: SignatureSchemeName,
  message: Uint8Array<ArrayBuffer>,
  all: Known,
  { signatureSchemes }: Settings,
): Question {
  const [leaf] = known(all, "local").certificates;
  const publicKey = leaf && decodeCertificate(leaf).publicKey;
  const fits = signatureSchemes.some(({ name, keyType }) => name === scheme && keyType === publicKey?.type);
  if (publicKey !== undefined && fits) return { type: "sign", scheme, message, publicKey };
  throw new TlsUsageError(`Cannot thaw: frozen.question.scheme ${scheme} doesn't fit the key in known.local`);
}

function checkKeys(direction: "reading" | "writing", { wire }: FrozenParts, all: Known, config: Settings): void {
  const keys = wire?.[direction]?.keys;
  if (keys === undefined) return;
  const where = `Cannot thaw: frozen.wire.${direction}.keys`;
  const { cipherSuite, encryptThenMac } = all.negotiated ?? {};
  if (keys.cipherSuite !== cipherSuite || keys.encryptThenMac !== encryptThenMac) {
    throw new TlsUsageError(`${where} are for ${keys.cipherSuite}, and known.negotiated has ${cipherSuite ?? "none"}`);
  }
  const fault = faultOfKeys(keys, suiteOf(all, config));
  if (fault !== undefined) throw new TlsUsageError(`${where} ${fault}`);
}

/** RFC 5246 §7.4.1.2, §7.4.1.3: both hellos begin with a version of 2 bytes and a random of 32. */
function checkHellos({ transcript = [] }: FrozenParts, { offer, negotiated }: Known): void {
  const randoms: readonly (readonly [string, Uint8Array | undefined])[] = [
    ["offer.clientRandom", offer.clientRandom],
    ["negotiated.serverRandom", negotiated?.serverRandom],
  ];
  for (const [index, [name, random]] of randoms.entries()) {
    const said = transcript[index]?.subarray(handshakeHeaderLength + 2, handshakeHeaderLength + 34);
    if (said === undefined || random === undefined || equalBytes(said, random)) continue;
    throw new TlsUsageError(`Cannot thaw: frozen.known.${name} isn't that of frozen.transcript[${index}]`);
  }
}

function checkRecordLimits({ wire }: FrozenParts, { negotiated }: Known): void {
  if (wire === undefined) return;
  const [one, other] = [wire.recordLimits, negotiated?.recordLimits];
  const isSame = one?.send === other?.send && one?.receive === other?.receive &&
    one?.onlyProtected === other?.onlyProtected;
  if (!isSame) throw new TlsUsageError("Cannot thaw: frozen.wire.recordLimits aren't those of known.negotiated");
}
