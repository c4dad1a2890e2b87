/**
 * The bytes of a step as they were on the wire: one row for each field, with its place, its bytes, its name and what it
 * says. Encrypted ones first as anybody saw them, then what was inside.
 * @module
 */

import { AlertDescription } from "../../mod.ts";
import { AlertLevel, ContentType, nameOf, ProtocolVersion } from "../../lib/registry.ts";
import { dissect, type Field, type Tone } from "./dissect.ts";
import { breakable, h } from "./dom.ts";
import type { Sent } from "./sent.ts";
import { groupedHex, partsOf, printable, utf8Text } from "./text.ts";
import type { Words } from "./words.ts";
import { recordHeaderLength, type WireRecord } from "./wire.ts";

/** Longer fields are cut, in bytes. */
const cutAt = 128;
/** Longer fields have lines of their own, in bytes. */
const shortest = 4;
/** More of application data isn't shown, in characters. */
const maxText = 4_000;

export interface WireOptions {
  readonly words: Words;
  readonly isGcm: boolean;
  /** Which long fields are shown whole. */
  readonly expanded: ReadonlySet<string>;
}

interface Row {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly tone: Tone;
  readonly depth: number;
  readonly value: string | undefined;
}

/** One thing that was sent; `key` names it among all. */
export function wireView(sent: Sent, key: string, options: WireOptions): HTMLElement {
  const { words } = options;
  const length = sent.spans.reduce((sum, { start, end }) => sum + end - start, 0);
  const inside = insideOf(sent, key, options);
  return h(
    "section",
    { class: `sent from-${sent.sender}`, "data-sent": sent.name, "data-sender": sent.sender },
    h(
      "h4",
      {},
      h("span", { class: `side side-${sent.sender}` }, words.sides[sent.sender]),
      h("code", {}, titleOf(sent.name)),
      h("span", { class: "size" }, length === 0 ? words.step.notTapped : words.bytes(length + headersOf(sent))),
    ),
    table(wireRows(sent, options), `${key}/wire`, options, "wire"),
    inside,
  );
}

/** The message's name as the RFC writes it in text: `ClientHello`. */
export function titleOf(name: string): string {
  if (name === "application_data" || name === "alert") return name;
  return name.split("_").map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("");
}

function headersOf({ records, spans }: Sent): number {
  return records.filter((record) => spans.some(({ start }) => beginsWith(record, start))).length * recordHeaderLength;
}

/** A record's header belongs to what comes first in it. */
function beginsWith({ start }: WireRecord, at: number): boolean {
  return at === start + recordHeaderLength;
}

function wireRows(sent: Sent, { words, isGcm }: WireOptions): readonly Row[] {
  const { stream, records, spans, isProtected, name } = sent;
  let offset = 0;
  return spans.flatMap((span) => {
    const record = records.find((one) => beginsWith(one, span.start));
    const header = record === undefined ? [] : headerRows(stream.subarray(record.start, span.start));
    const content = stream.subarray(span.start, span.end);
    const from = offset;
    offset += content.length;
    if (isProtected) return [...header, ...sealedRows(content, isGcm, words)];
    if (name === "change_cipher_spec") return [...header, row(content, "type", "choice", "change_cipher_spec (1)")];
    if (name === "alert") return [...header, ...alertRows(content)];
    if (name === "application_data") return [...header, row(content, "data", "text", undefined)];
    return [...header, ...fieldRows(dissect(name, sent.plaintext), content, from, words)];
  });
}

/** RFC 5246 §6.2.1. */
function headerRows(header: Uint8Array): readonly Row[] {
  const [type = 0, major = 0, minor = 0, high = 0, low = 0] = header;
  return [
    row(header.subarray(0, 1), "record type", "frame", `${nameOf(ContentType, type)} (${type})`),
    row(header.subarray(1, 3), "record version", "frame", nameOf(ProtocolVersion, major << 8 | minor)),
    row(header.subarray(3, 5), "record length", "frame", String(high << 8 | low)),
  ];
}

function sealedRows(content: Uint8Array, isGcm: boolean, { step }: Words): readonly Row[] {
  const nonceLength = isGcm ? 8 : 0;
  return [
    ...isGcm ? [row(content.subarray(0, nonceLength), step.nonce, "random", undefined)] : [],
    row(content.subarray(nonceLength, -tagLength), step.ciphertext, "sealed", undefined),
    row(content.subarray(-tagLength), step.tag, "proof", undefined),
  ].filter(({ bytes }) => bytes.length > 0);
}

/** RFC 5116 §5: of every AEAD here, in bytes. */
const tagLength = 16;

/** The part of a message's fields that one record holds. */
function fieldRows(fields: readonly Field[], content: Uint8Array, from: number, words: Words): readonly Row[] {
  return fields.flatMap(({ name, start, end, tone, depth, value }) => {
    const bytes = content.subarray(Math.max(0, start - from), Math.max(0, end - from));
    if (bytes.length === 0) return [];
    const isContinued = start < from;
    return [{ bytes, tone, depth, name: isContinued ? `${name} (${words.step.continued})` : name, value }];
  });
}

function alertRows(content: Uint8Array): readonly Row[] {
  const [level = 0, description = 0] = content;
  return [
    row(content.subarray(0, 1), "level", "choice", `${nameOf(AlertLevel, level)} (${level})`),
    row(content.subarray(1, 2), "description", "choice", `${nameOf(AlertDescription, description)} (${description})`),
  ];
}

function row(bytes: Uint8Array, name: string, tone: Tone, value: string | undefined): Row {
  return { bytes, name, tone, depth: 0, value };
}

function insideOf(sent: Sent, key: string, options: WireOptions): HTMLElement | undefined {
  const { name, plaintext, isProtected } = sent;
  if (!isProtected || plaintext.length === 0) return undefined;
  const heading = h("h5", {}, options.words.step.inside);
  if (name === "application_data") {
    const text = printable(utf8Text(plaintext), true);
    return h("div", { class: "inside" }, heading, h("pre", { tabindex: 0 }, text.slice(0, maxText)));
  }
  const rows = name === "alert"
    ? alertRows(plaintext)
    : name === "change_cipher_spec"
    ? []
    : fieldRows(dissect(name, plaintext), plaintext, 0, options.words);
  return h("div", { class: "inside" }, heading, table(rows, `${key}/inside`, options, "inside"));
}

function table(rows: readonly Row[], key: string, options: WireOptions, part: string): HTMLElement {
  let offset = 0;
  return h(
    "div",
    { class: "dump", role: "table", "data-part": part },
    rows.map((one) => {
      const line = fieldLine(one, offset, `${key}/${offset}`, options);
      offset += one.bytes.length;
      return line;
    }),
  );
}

function fieldLine({ bytes, name, tone, depth, value }: Row, offset: number, key: string, options: WireOptions) {
  const { words, expanded } = options;
  const isCut = bytes.length > cutAt && !expanded.has(key);
  const shown = isCut ? bytes.subarray(0, cutAt) : bytes;
  return h(
    "div",
    { class: `field tone-${tone} depth-${Math.min(depth, 4)}${bytes.length > shortest ? " long" : ""}`, role: "row" },
    h("span", { class: "offset", role: "cell" }, offset.toString(16).padStart(3, "0")),
    h("code", { class: "bytes", role: "cell", "data-length": bytes.length }, groupedHex(shown)),
    h(
      "span",
      { class: "says", role: "cell" },
      h("span", { class: "field-name" }, breakable(partsOf(name))),
      value === undefined ? undefined : h("span", { class: "field-value" }, breakable(partsOf(value))),
      bytes.length <= cutAt ? undefined : h(
        "button",
        { type: "button", class: "more", "data-expand": key },
        isCut ? words.step.more(bytes.length - cutAt) : words.step.less,
      ),
    ),
  );
}
