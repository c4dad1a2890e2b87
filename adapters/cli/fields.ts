/**
 * What stands in the messages of a story, ready to be shown: what came from a peer can't spoil the screen.
 * @module
 */

import type { HandshakeTypeName, MessageFields } from "../../mod.ts";
import type { SeenMessage, Side, Step } from "./step.ts";
import type { Story } from "./story.ts";
import { type Palette, printable } from "./terminal.ts";

export interface FactOptions {
  readonly palette: Palette;
  readonly showsSecrets: boolean;
  /** The client was told to accept any certificate. */
  readonly insecure?: boolean | undefined;
  /** The encrypted Finished as a wiretap saw it; without, only its length is told. */
  readonly finishedOnWire?: ((sender: Side) => Uint8Array | undefined) | undefined;
}

/** The first message of this name in a step. */
export function messageIn({ messages }: Step, name: HandshakeTypeName): SeenMessage | undefined {
  return messages.find((message) => message.name === name);
}

/** The decoded fields of a message in a step; none when it isn't there or can't be decoded. */
export function fieldsIn(step: Step, name: HandshakeTypeName): MessageFields {
  return messageIn(step, name)?.fields ?? {};
}

/** The same, wherever in the story the message is. */
export function fieldsOf({ steps }: Story, name: HandshakeTypeName): MessageFields {
  return steps.flatMap(({ messages }) => messages).find((message) => message.name === name)?.fields ?? {};
}

/** A field that is text. */
export function text(fields: MessageFields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? printable(value) : "";
}

/** A field that is bytes. */
export function bytes(fields: MessageFields, name: string): Uint8Array {
  const value = fields[name];
  return value instanceof Uint8Array ? value : new Uint8Array();
}

/** A field that is a list of names. */
export function texts(fields: MessageFields, name: string): readonly string[] {
  return lists(fields, name).flatMap((value) => typeof value === "string" ? [printable(value)] : []);
}

/** A field that is a list of byte strings. */
export function byteLists(fields: MessageFields, name: string): readonly Uint8Array[] {
  return lists(fields, name).flatMap((value) => value instanceof Uint8Array ? [value] : []);
}

function lists(fields: MessageFields, name: string): readonly (string | Uint8Array)[] {
  const value = fields[name];
  return value === undefined || typeof value === "string" || value instanceof Uint8Array ? [] : value;
}

/** A list of names in one text. */
export function joined(fields: MessageFields, name: string): string {
  return texts(fields, name).join(", ") || "none";
}

/** The first of many, and how many more there are. */
export function fewer(values: readonly string[], limit = 8): readonly string[] {
  if (values.length <= limit + 1) return values.length === 0 ? ["none"] : values;
  return [...values.slice(0, limit), `… and ${values.length - limit} more`];
}

/** The curve of the key exchange. */
export function curveOf(story: Story): string {
  return text(fieldsOf(story, "server_key_exchange"), "named_curve");
}
