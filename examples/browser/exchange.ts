/**
 * A recording up to some moment, sorted: the story of the eleven steps, the states of the charts, and what was sent.
 * Pure: the same prefix gives the same result, so live and replayed look alike.
 * @module
 */

import { type Side, sides, type StepNumber } from "../../adapters/cli/step.ts";
import { Story } from "../../adapters/cli/story.ts";
import type { MessageFields, TraceEvent } from "../../mod.ts";
import { type Moment, otherSide, type Recording, statesOf } from "./recording.ts";
import { Lane, type Sent, type SentName } from "./sent.ts";
import { joined } from "./text.ts";

export interface Exchange {
  readonly recording: Recording;
  readonly story: Story;
  /** How many of the recording's moments these are. */
  readonly count: number;
  readonly states: Readonly<Record<Side, readonly string[]>>;
  /** In the order of the steps. */
  readonly sent: readonly Sent[];
  /** The step of the last moment. */
  readonly step: StepNumber;
  /** What happened last that can be seen; `undefined` before the first. */
  readonly last: Moment | undefined;
}

/** Takes the first `count` moments. */
export function exchangeAt(recording: Recording, count: number): Exchange {
  const moments = recording.moments.slice(0, count);
  const { watched } = recording.scene;
  let now = 0;
  const story = new Story(watched, () => now);
  const lanes = { client: new Lane("client"), server: new Lane("server") };
  let step: StepNumber = 1;
  for (const moment of moments) {
    now = moment.at;
    const { side } = moment;
    if (!("event" in moment)) {
      story.clock(side)(moment.operation, moment.duration);
      continue;
    }
    story.watch(side)(moment.event);
    step = story.reached(side);
    const sender = senderOf(side, moment.event);
    // What both sides see is taken from its sender.
    if (sender !== undefined && (sender === side || !watched.includes(sender))) lanes[sender].take(moment.event, step);
  }
  const overhead = overheadOf(story);
  const sent = sides.flatMap((side) =>
    lanes[side].sent(joined(recording.wire[side]), joined(recording.said[side]), overhead)
  );
  return {
    recording,
    story,
    count,
    states: { client: statesOf(moments, "client"), server: statesOf(moments, "server") },
    sent,
    step,
    last: moments.findLast(isStop),
  };
}

/** After which moments there is something new to see: the places where a replay can stop. */
export function stopsOf({ moments }: Recording): readonly number[] {
  return moments.flatMap((moment, index) => isStop(moment) ? [withRecords(moments, index)] : []);
}

/** What is sent becomes records right away: they belong to the same stop. */
function withRecords(moments: readonly Moment[], index: number): number {
  let end = index + 1;
  for (let next = end; next < moments.length; next++) {
    const moment = moments[next];
    if (moment === undefined || isStop(moment)) break;
    if (!("event" in moment)) continue;
    if (moment.event.type !== "record" || moment.event.direction !== "sent") break;
    end = next + 1;
  }
  return end;
}

/** Which step each stop belongs to. */
export function stepsOfStops({ moments, scene }: Recording): readonly StepNumber[] {
  const story = new Story(scene.watched, () => 0);
  return moments.flatMap((moment) => {
    if (!("event" in moment)) return [];
    story.watch(moment.side)(moment.event);
    return isStop(moment) ? [story.reached(moment.side)] : [];
  });
}

/** The decoded fields of a message; none when it hasn't come or can't be decoded. */
export function fieldsOf({ story }: Exchange, name: SentName): MessageFields {
  return story.steps.flatMap(({ messages }) => messages).find((message) => message.name === name)?.fields ?? {};
}

function isStop(moment: Moment): boolean {
  if (!("event" in moment)) return false;
  return moment.event.type !== "record" || moment.event.contentType === "application_data";
}

function senderOf(side: Side, event: TraceEvent): Side | undefined {
  if (!("direction" in event)) return undefined;
  return event.direction === "sent" ? side : otherSide(side);
}

/** RFC 5288 §3: 8 bytes of nonce and 16 of tag; RFC 7905 §2: the tag only. */
function overheadOf({ steps }: Story): number {
  const suite = steps[1]?.messages.find(({ name }) => name === "server_hello")?.fields?.["cipher_suite"];
  return typeof suite === "string" && suite.includes("_GCM_") ? 24 : 16;
}
