/**
 * A frozen connection: what is in it, as JSON with a format version, and what must hold of it in every state. What a
 * machine knows is the machine's to describe (`known_shape.ts`), whether all fits together `stand.ts` says.
 * Enters: the parts of a connection that stands still, or JSON that nobody has looked at. Leaves: the other of the two,
 * or TlsUsageError. Much of it is what RFC 5246 §6.1 calls a connection state. Knows roles and versions by name only.
 * @module
 */

import {
  bytes,
  checked,
  flag,
  list,
  maybe,
  oneOf,
  record,
  type RecordShape,
  type Shape,
  text,
  time,
  union,
  unread,
  whole,
} from "./codec/shape.ts";
import type { FrozenMachine, Machine, MachineName, RecordKeys, RecordLimits } from "./endpoint.ts";
import type { MissingIssuer } from "./error.ts";
import { smallestRecordSizeLimit } from "./extensions/record_size_limit.ts";
import type { FloodCounts } from "./flood_guard.ts";
import { handshakeHeaderLength } from "./messages/handshake.ts";
import { maxPlaintextLength } from "./record/record.ts";
import type { SignatureSchemeName } from "./registry.ts";
import type { Question } from "./request.ts";
import type { TlsSession } from "./session.ts";
import type { Limits, Settings } from "./settings.ts";
import type { FrozenConnection } from "./tls_connection.ts";
import type { FrozenProtection, FrozenWire } from "./wire.ts";

/** To be raised with every change of what follows, or of what a machine knows. */
const formatVersion = 1;

/**
 * What was asked, as far as nothing else in the frozen connection tells: the machine asks it again in the same words.
 */
export type FrozenQuestion =
  | { readonly type: "sign"; readonly scheme: SignatureSchemeName }
  /** `now`: the time that the question names, in ms since 1970. */
  | { readonly type: "verifyCertificate"; readonly now: number }
  | ({ readonly type: "issuerMissing" } & MissingIssuer)
  | { readonly type: "chooseCredential" | "loadSession" | "inspectClientHello" };

/** Everything that a connection is, beside its configuration. */
export interface FrozenParts extends FrozenMachine {
  readonly marks: Readonly<Marks>;
  /** `undefined` at the end, when nothing is sent and received any more. */
  readonly wire: FrozenWire | undefined;
  /** The messages so far; `undefined` once the handshake is over. Empty when it ended before. */
  readonly transcript: readonly Uint8Array[] | undefined;
  readonly floods: FloodCounts;
  readonly question: FrozenQuestion | undefined;
}

/** What a connection notes of its way. */
export interface Marks {
  started: boolean;
  transportEnded: boolean;
  /** How many there were. An open one has this number. */
  requests: number;
  /** Under which the session is kept that this connection uses. */
  sessionKey: string | undefined;
}

/** A machine that goes on, with what it had asked and what it had told of. */
export interface ThawedMachine {
  readonly machine: Machine;
  readonly question: Question | undefined;
  /** Once the handshake is over. */
  readonly session: TlsSession | undefined;
}

/** A connection that goes on: its parts, and what its machine makes of them. */
export interface Standing extends Omit<ThawedMachine, "machine"> {
  readonly parts: FrozenParts;
}

/** Throws TlsUsageError where a machine's part doesn't fit together, or doesn't fit the configuration. */
export type ThawMachine<Config> = (parts: FrozenParts, config: Config) => ThawedMachine;

/** What of a question the machine doesn't know by itself. */
export function frozenQuestion(question: Question): FrozenQuestion {
  switch (question.type) {
    case "sign":
      return { type: question.type, scheme: question.scheme };
    case "verifyCertificate":
      return { type: question.type, now: question.now };
    case "issuerMissing":
      return question;
    case "chooseCredential":
    case "loadSession":
    case "inspectClientHello":
      return { type: question.type };
  }
}

/** `isOver`: nothing is sent and received any more, so that keys and messages are left out. */
export function frozenConnection(parts: FrozenParts, isOver: boolean, settings: Settings): FrozenConnection {
  const role = machinesOf.client.includes(parts.machine) ? "client" : "server";
  const rest = isOver ? { ...parts, wire: undefined, transcript: parts.transcript && [] } : parts;
  const fields = connectionShape(role, settings).freeze({
    format: formatVersion,
    role,
    trust: settings.trust(),
    ...rest,
  });
  return { ...fields, format: formatVersion, role, state: parts.state };
}

/** Throws TlsUsageError for whatever isn't a frozen connection of this role. */
export function thawedParts(frozen: unknown, role: FrozenConnection["role"], settings: Settings): FrozenParts {
  // First of all, because another format may have other fields.
  if (typeof frozen === "object" && frozen !== null && "format" in frozen) format.thaw(frozen.format, "frozen.format");
  return connectionShape(role, settings).thaw(frozen, "frozen");
}

interface Whole extends FrozenParts {
  /** How the peer is verified. */
  readonly trust: string;
  readonly format: number;
  readonly role: FrozenConnection["role"];
}

const format: Shape<number> = checked(
  whole(0, Number.MAX_SAFE_INTEGER),
  (version) => version === formatVersion ? undefined : `is ${version}, and only ${formatVersion} is known here`,
);

const machinesOf: Readonly<Record<FrozenConnection["role"], readonly MachineName[]>> = {
  client: ["clientOpening", "tls12Client"],
  server: ["serverOpening", "tls12Server"],
};

function connectionShape(role: FrozenConnection["role"], settings: Settings): RecordShape<Whole> {
  return record<Whole>({
    format,
    role: checked(
      oneOf(["client", "server"], '"client" or "server"'),
      (itsRole) => itsRole === role ? undefined : `is ${itsRole}: the other function thaws it`,
    ),
    trust: checked(
      text(maxTrustLength),
      (itsTrust) =>
        itsTrust === settings.trust() ? undefined : "names other rules for the peer than this configuration",
    ),
    machine: oneOf(machinesOf[role], `a machine of a ${role}`),
    state: text(maxNameLength),
    context: unread,
    known: unread,
    marks: marksShape,
    wire: maybe(wireShape(settings)),
    transcript: maybe(transcriptShape(settings.limits)),
    floods: floodsShape,
    question: maybe(questionShape(settings)),
  });
}

/** Rules with the name of a verifier are shorter. */
const maxTrustLength = 2048;
/** Names and keys of sessions are shorter. */
const maxNameLength = 512;
const count = whole(0, Number.MAX_SAFE_INTEGER);

const marksShape = record<Marks>({
  started: flag,
  transportEnded: flag,
  requests: count,
  sessionKey: maybe(text(maxNameLength)),
});

const floodsShape = record<FloodCounts>({ warnings: count, emptyRecords: count, idleMessages: count });

/** RFC 8449 §4, RFC 6066 §4. */
export const recordLimitsShape: RecordShape<RecordLimits> = record<RecordLimits>({
  send: whole(smallestRecordSizeLimit, maxPlaintextLength),
  receive: whole(smallestRecordSizeLimit, maxPlaintextLength),
  onlyProtected: flag,
});

function wireShape({ limits, cipherSuites }: Settings): Shape<FrozenWire> {
  const protection = maybe(record<FrozenProtection>({ keys: keysShape(cipherSuites), sequenceNumber: count }));
  return record<FrozenWire>({
    version: maybe(whole(0, 2 ** 16 - 1)),
    received: bytes(0, limits.maxWaitingBytes),
    // A message that isn't whole, and behind it, while an answer is awaited, what else its last record brought.
    fragments: bytes(0, handshakeHeaderLength + limits.maxHandshakeMessageLength + maxPlaintextLength),
    reading: protection,
    writing: protection,
    recordLimits: maybe(recordLimitsShape),
  });
}

/** How long each of them is depends on the suite, and is checked by who knows it. */
function keysShape(cipherSuites: Settings["cipherSuites"]): Shape<RecordKeys> {
  return record<RecordKeys>({
    cipherSuite: oneOf(cipherSuites.map(({ name }) => name), "a cipher suite of this configuration"),
    macKey: bytes(0, maxKeyLength),
    key: bytes(0, maxKeyLength),
    iv: bytes(0, maxKeyLength),
    encryptThenMac: flag,
  });
}

/** In bytes. */
const maxKeyLength = 64;

function transcriptShape({ maxHandshakeMessageLength }: Limits): Shape<readonly Uint8Array[]> {
  // Ours may be longer than the peer's are allowed to be: as long as a message can be.
  const maxLength = handshakeHeaderLength + Math.max(maxHandshakeMessageLength, 2 ** 24 - 1);
  return list(checked(bytes(handshakeHeaderLength, maxLength), faultOfMessage), maxMessages);
}

/** More than any handshake has. */
const maxMessages = 16;

function faultOfMessage(message: Uint8Array): string | undefined {
  const [, high = 0, middle = 0, low = 0] = message;
  const length = high << 16 | middle << 8 | low;
  const body = message.length - handshakeHeaderLength;
  return length === body ? undefined : `is no handshake message: it says that ${length} bytes follow, and ${body} do`;
}

function questionShape({ signatureSchemes }: Settings): Shape<FrozenQuestion> {
  const schemes = signatureSchemes.map(({ name }) => name);
  return union<FrozenQuestion>({
    ...questionShapes,
    sign: record<Extract<FrozenQuestion, { type: "sign" }>>({
      type: oneOf(["sign"], "sign"),
      scheme: oneOf(schemes, "a signature scheme of this configuration"),
    }),
  });
}

/** Of what stands in a certificate. */
const maxFieldLength = 2 ** 18;

const questionShapes = {
  verifyCertificate: record<Extract<FrozenQuestion, { type: "verifyCertificate" }>>({
    type: oneOf(["verifyCertificate"], "verifyCertificate"),
    now: time,
  }),
  issuerMissing: record<Extract<FrozenQuestion, { type: "issuerMissing" }>>({
    type: oneOf(["issuerMissing"], "issuerMissing"),
    issuer: bytes(1, maxFieldLength),
    issuerText: text(maxFieldLength),
    keyIdentifier: maybe(bytes(0, maxFieldLength)),
    urls: list(text(maxFieldLength), maxFieldLength),
  }),
  chooseCredential: plainQuestion("chooseCredential"),
  loadSession: plainQuestion("loadSession"),
  inspectClientHello: plainQuestion("inspectClientHello"),
};

function plainQuestion<Type extends "chooseCredential" | "loadSession" | "inspectClientHello">(
  type: Type,
): Shape<{ readonly type: Type }> {
  return record<{ readonly type: Type }>({ type: oneOf([type], type) });
}
