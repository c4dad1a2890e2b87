/**
 * An endpoint is a chart with the functions that carry out its commands: one for each role and version.
 * Events enter, effects leave, in the order in which the chart asks for them. A check's answer goes back into the
 * chart at once. Knows no message and no role.
 * @module
 */

import { type Chart, type CommandOf, type Snapshot, stateText } from "./chart.ts";
import type { Json, Shape } from "./codec/shape.ts";
import { InternalError, type TlsError } from "./error.ts";
import type { TlsEvent } from "./event.ts";
import type { HandshakeMessage } from "./messages/handshake.ts";
import type { Output } from "./output.ts";
import type { Question } from "./request.ts";
import type { RecordCipher } from "./record/protection.ts";
import type { AlertDescriptionName, AlertLevelName, CipherSuiteName } from "./registry.ts";
import type { ChannelBindingType } from "./session.ts";
import type { MessageFields, SecretName } from "./trace.ts";
import type { TranscriptView } from "./transcript.ts";

/**
 * `pending`: an answer is awaited, no further record is read. `applicationData`: data of the peer is delivered without
 * asking the chart. `maySendData`: ours may be sent.
 */
export type Tag = "pending" | "applicationData" | "maySendData";

/** What is to be sent. Everything else about it (records, keys, transcript) is the connection's business. */
export type Outgoing =
  | { readonly content: "handshake"; readonly message: HandshakeMessage }
  | { readonly content: "change_cipher_spec" }
  | { readonly content: "alert"; readonly level: AlertLevelName; readonly description: AlertDescriptionName };

/** One direction's keys as plain data; the endpoint makes a cipher of them. */
export interface RecordKeys {
  readonly cipherSuite: CipherSuiteName;
  readonly macKey: Uint8Array;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly encryptThenMac: boolean;
}

/** A cipher with what one key of it may do. */
export interface KeyedCipher {
  readonly cipher: RecordCipher;
  readonly maxRecords: number;
  /** How much longer than its plaintext a fragment may be, in bytes. */
  readonly maxExpansion: number;
}

/** The longest plaintext of a record, in bytes, from now on; or only of protected records (RFC 8449 §4). */
export interface RecordLimits {
  readonly send: number;
  readonly receive: number;
  readonly onlyProtected: boolean;
}

/** What can be derived from a finished handshake for other protocols. Throws TlsUsageError where that is forbidden. */
export interface Exporter {
  exportKeyingMaterial(label: string, context: Uint8Array | undefined, length: number): Uint8Array<ArrayBuffer>;
  channelBinding(type: ChannelBindingType): Uint8Array<ArrayBuffer>;
}

/** Where a machine stands, as JSON. */
export interface FrozenMachine {
  readonly machine: MachineName;
  /** The chart's, as text. */
  readonly state: string;
  readonly context: Json;
  readonly known: Json;
}

export type MachineName = "clientOpening" | "serverOpening" | "tls12Client" | "tls12Server";

/** What carrying out a command brings about, in this order. */
export interface Effect {
  /** At most one message. */
  readonly send?: Outgoing;
  /** Keys for what we send from now on. */
  readonly protectWriting?: RecordKeys;
  /** Keys for what we receive from now on. */
  readonly protectReading?: RecordKeys;
  /** Records must carry this version from now on. */
  readonly version?: number;
  readonly recordLimits?: RecordLimits | undefined;
  /** The session that this connection uses is kept under this key. */
  readonly sessionKey?: string | undefined;
  readonly secrets?: readonly (readonly [SecretName, Uint8Array])[];
  readonly output?: Output;
  /** What the embedder is to answer, while the chart waits in a pending state. */
  readonly question?: Question;
  /** The end: an alert, if the error has one, and the output `failed`. */
  readonly fail?: TlsError;
  /** From now on another machine is in charge, and takes this event first. */
  readonly handOver?: { readonly machine: Machine; readonly event: TlsEvent };
}

/** What a command's function says: its effect, what was learned, and, for a check, the answer. */
export interface Outcome<Known, Answer> extends Effect {
  readonly learned?: Partial<Known>;
  readonly answer?: Answer;
}

/** What a command's function may look at beside what the handshake knows. */
export interface Scene<Config> {
  readonly config: Config;
  readonly transcript: TranscriptView;
  /** The chart's state before the event, as text. */
  readonly state: string;
}

/** For each command word, what it does. Pure: same arguments, same outcome. */
export type CommandTable<Commands, Known, Config, Answer> = {
  readonly [Name in keyof Commands & string]: (
    known: Known,
    params: Commands[Name],
    scene: Scene<Config>,
  ) => Outcome<Known, Answer>;
};

/** A chart at work. */
export interface Machine {
  /** The chart's value as text. */
  readonly state: string;
  hasTag(tag: Tag): boolean;
  /** Whether the chart has ended (`closed`, `failed`). */
  readonly done: boolean;
  /** Takes one event; `apply` gets each command's effect before the next command is carried out. May throw. */
  take(event: TlsEvent, transcript: TranscriptView, apply: (effect: Effect) => void): void;
  /** The same for the embedder's answer to a question. */
  answer(question: Question, value: unknown, transcript: TranscriptView, apply: (effect: Effect) => void): void;
  /** Decodes a handshake message for a trace; `undefined` for what it can't decode. */
  describe(message: HandshakeMessage): MessageFields | undefined;
  recordCipher(keys: RecordKeys): KeyedCipher;
  /** `undefined` until a handshake is over. */
  readonly exporter: Exporter | undefined;
  freeze(): FrozenMachine;
}

export interface MachineParts<Context, Answer, Commands, Known, Config> {
  readonly name: MachineName;
  readonly chart: Chart<Context, TlsEvent | Answer, Commands, Tag>;
  readonly commands: CommandTable<Commands, Known, Config, Answer>;
  /** The event that the embedder's answer is for the chart; `undefined` for questions that it never asks. Pure. */
  readonly answered?: (question: Question, value: unknown) => Answer | undefined;
  readonly describe: (message: HandshakeMessage) => MessageFields | undefined;
  /** Left out where nothing is protected yet. */
  readonly recordCipher?: (keys: RecordKeys, config: Config) => KeyedCipher;
  /** Left out where no handshake ends. */
  readonly exporter?: (known: Known, config: Config) => Exporter | undefined;
  readonly config: Config;
  readonly known: Known;
  /** What the configuration says of the chart's context. */
  readonly facts?: Partial<Context>;
  /** What it still knows at its end: nothing secret, unless it was established and closed. Left out where nothing is. */
  readonly forget?: (known: Known, state: string) => Known;
  /** How it is written down; left out where nothing is frozen. */
  readonly shapes?: (config: Config) => { readonly context: Shape<Context>; readonly known: Shape<Known> };
  /** A frozen machine goes on where it stood, instead of beginning. */
  readonly stands?: { readonly state: string; readonly context: Context };
}

/** Sets a chart to work. */
export function createMachine<Context, Answer extends { readonly type: string }, Commands, Known, Config>(
  parts: MachineParts<Context, Answer, Commands, Known, Config>,
): Machine {
  const { chart, commands, config, describe, stands } = parts;
  let snapshot: Snapshot<Context, Tag> = stands === undefined
    ? chart.begin(parts.facts)
    : chart.thaw(stands.state, stands.context);
  let known = parts.known;
  let state = stateText(snapshot.value);

  const carryOut = (
    command: CommandOf<Commands>,
    scene: Scene<Config>,
    apply: (effect: Effect) => void,
  ): Answer | undefined => {
    const { learned, answer, ...effect } = lookUp(commands, command)(known, command.params, scene);
    if (learned) known = { ...known, ...learned };
    apply(effect);
    return answer;
  };

  const run = (first: TlsEvent | Answer, transcript: TranscriptView, apply: (effect: Effect) => void): void => {
    let next: TlsEvent | Answer | undefined = first;
    while (next !== undefined) {
      const scene = { config, transcript, state };
      const [reached, asked] = chart.next(snapshot, next);
      snapshot = reached;
      state = stateText(reached.value);
      // RFC 5246 §7.2.2 MUST: "Servers and clients MUST forget any session-identifiers, keys, and secrets associated with a failed connection."
      if (reached.status !== "active") known = parts.forget?.(known, state) ?? known;
      next = undefined;
      for (const command of asked) next = carryOut(command, scene, apply) ?? next;
    }
  };

  return {
    get state() {
      return state;
    },
    get done() {
      return snapshot.status !== "active";
    },
    get exporter() {
      return state === "failed" ? undefined : parts.exporter?.(known, config);
    },
    hasTag: (tag) => snapshot.hasTag(tag),
    describe,
    recordCipher: (keys) => {
      if (parts.recordCipher === undefined) throw new InternalError(`Cannot protect records in ${parts.name}`);
      return parts.recordCipher(keys, config);
    },
    freeze: () => frozen(parts, snapshot, known),
    take: run,
    answer: (question, value, transcript, apply) => {
      const event = parts.answered?.(question, value);
      if (event === undefined) throw new InternalError(`Cannot take an answer to ${question.type}: it was never asked`);
      run(event, transcript, apply);
    },
  };
}

function frozen<Context, Answer, Commands, Known, Config>(
  { name, shapes, config }: MachineParts<Context, Answer, Commands, Known, Config>,
  snapshot: Snapshot<Context, Tag>,
  known: Known,
): FrozenMachine {
  if (shapes === undefined) throw new InternalError(`Cannot freeze ${name}: it has no shape`);
  const { context, known: knownShape } = shapes(config);
  const state = stateText(snapshot.value);
  return { machine: name, state, context: context.freeze(snapshot.context), known: knownShape.freeze(known) };
}

function lookUp<Commands, Known, Config, Answer, Name extends keyof Commands & string>(
  table: CommandTable<Commands, Known, Config, Answer>,
  command: { readonly type: Name },
): CommandTable<Commands, Known, Config, Answer>[Name] {
  return table[command.type];
}
