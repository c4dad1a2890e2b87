/**
 * Where a machine may stand between two calls, and what is there then: a table for each machine, to which a frozen
 * connection must fit. States that are left in the same call are in no table.
 * Enters: the parts of a frozen connection and what its machine knows. Leaves: nothing, or TlsUsageError.
 * @module
 */

import { TlsUsageError } from "./error.ts";
import type { FrozenParts, FrozenQuestion } from "./freeze.ts";
import { HandshakeType, nameOf, ProtocolVersion } from "./registry.ts";
import type { FrozenWire } from "./wire.ts";

/** One state. What isn't mentioned isn't there. */
export interface Stand<Chapter> extends Place {
  /** Chapters of what is known that are there; others that may be. */
  readonly knows?: readonly Chapter[];
  readonly mayKnow?: readonly Chapter[];
}

interface Place {
  /** The directions whose records are protected. */
  readonly protects?: "reading" | "writing" | "both";
  /** One of these questions is open. */
  readonly asks?: readonly FrozenQuestion["type"][];
  /**
   * The messages so far by their registered names, one with `?` where it may be missing. Left out: the transcript is
   * dropped.
   */
  readonly transcript?: string;
  /** `start()` comes next. */
  readonly begins?: boolean;
  /** Nothing that arrives is looked at, not even the transport's end. */
  readonly deaf?: boolean;
}

/** By state, as text. `version`: that of the records. */
export interface Stands<Chapter> {
  readonly version: number | undefined;
  readonly states: Readonly<Record<string, Stand<Chapter>>>;
}

/** The state of every connection that is established and open. */
export const connected = "live.connected";

/** Throws TlsUsageError for what doesn't fit its state. */
export function checkStand<Chapter extends string>(
  { states, version }: Stands<Chapter>,
  parts: FrozenParts,
  known: Readonly<Record<Chapter, unknown>>,
): void {
  const { state, machine, wire } = parts;
  if (["closed", "failed"].includes(state)) return checkEnd(states[connected], parts, known);
  const stand = Object.hasOwn(states, state) ? states[state] : undefined;
  if (stand === undefined) {
    throw usage(`state is ${JSON.stringify(state)}, where no ${machine} stands between two calls`);
  }
  if (wire === undefined) throw usage(`wire is missing in state ${state}`);
  checkKnown(stand, known, state);
  checkWire(stand, wire, state, version);
  checkQuestion(stand, parts);
  checkTranscript(stand, parts);
  checkMarks(stand, parts);
}

/** Nothing happens any more. One that was established knows its session, one that is closed can export as well. */
function checkEnd<Chapter extends string>(
  established: Stand<Chapter> | undefined,
  parts: FrozenParts,
  known: Readonly<Record<Chapter, unknown>>,
): void {
  const { state, transcript, wire } = parts;
  if (wire !== undefined) throw usage(`wire can't be there in state ${state}`);
  checkQuestion({}, parts);
  if (transcript !== undefined) return checkTranscript({ transcript: "" }, parts);
  if (established === undefined) throw usage(`transcript is missing in state ${state}`);
  const isSecret = (chapter: string): boolean => state === "failed" && chapter === "masterSecret";
  const { knows = [] } = established;
  checkKnown({ ...established, knows: knows.filter((chapter) => !isSecret(chapter)) }, known, state);
}

function checkKnown<Chapter extends string>(
  { knows = [], mayKnow = [] }: Stand<Chapter>,
  known: Readonly<Record<Chapter, unknown>>,
  state: string,
): void {
  for (const chapter in known) {
    const isThere = known[chapter] !== undefined;
    if (!isThere && knows.includes(chapter)) throw usage(`known.${chapter} is missing in state ${state}`);
    if (isThere && !knows.includes(chapter) && !mayKnow.includes(chapter)) {
      throw usage(`known.${chapter} can't be there in state ${state}`);
    }
  }
}

function checkWire({ protects }: Place, wire: FrozenWire, state: string, version: number | undefined): void {
  for (const direction of ["reading", "writing"] as const) {
    const isProtected = protects === direction || protects === "both";
    if (isProtected === (wire[direction] !== undefined)) continue;
    throw usage(`wire.${direction} ${isProtected ? "is missing" : "can't be there"} in state ${state}`);
  }
  if (version === undefined && wire.recordLimits !== undefined) throw usage("wire.recordLimits come too early");
  if (wire.version === version) return;
  const wanted = version === undefined ? "none" : nameOf(ProtocolVersion, version);
  throw usage(`wire.version is ${wire.version ?? "missing"}, and must be ${wanted} in state ${state}`);
}

function checkQuestion({ asks }: Place, { question, marks, state }: FrozenParts): void {
  if (question === undefined) {
    if (asks !== undefined) throw usage(`question is missing: in state ${state} one is open (${asks.join(" or ")})`);
  } else if (asks?.includes(question.type) !== true) {
    throw usage(`question is ${question.type}, which can't be open in state ${state}`);
  } else if (marks.requests < 1) {
    throw usage("marks.requests is 0, and a question is open");
  }
}

function checkMarks({ begins = false, deaf = false, asks }: Place, { marks, state }: FrozenParts): void {
  if (marks.started === begins) throw usage(`marks.started is ${marks.started} in state ${state}`);
  // Where bytes are awaited, the end of the transport would have been noticed.
  if (!marks.transportEnded || deaf || asks !== undefined) return;
  throw usage(`marks.transportEnded is true, and state ${state} still waits for bytes`);
}

function checkTranscript({ transcript: wanted }: Place, { transcript, state }: FrozenParts): void {
  if ((wanted === undefined) !== (transcript === undefined)) {
    throw usage(`transcript ${wanted === undefined ? "can't be there" : "is missing"} in state ${state}`);
  }
  if (wanted === undefined || transcript === undefined) return;
  const has = transcript.map(([type = 0]) => nameOf(HandshakeType, type));
  const names = wanted === "" ? [] : wanted.split(" ");
  const pattern = names.map((name) => name.endsWith("?") ? `(?:${name.slice(0, -1)} )?` : `${name} `);
  if (new RegExp(`^${pattern.join("")}$`).test(has.map((name) => `${name} `).join(""))) return;
  throw usage(`transcript is ${has.join(" ") || "empty"}, and in state ${state} it must be ${wanted || "empty"}`);
}

function usage(what: string): TlsUsageError {
  return new TlsUsageError(`Cannot thaw: frozen.${what}`);
}
