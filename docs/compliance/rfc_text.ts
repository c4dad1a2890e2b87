/**
 * The RFCs' own words, where somebody put their texts: beside the repository, or in the folder that RFC_SHELF names.
 * They aren't ours to publish. Enters: an RFC's name. Leaves: its sections and the sentences that oblige somebody.
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** A sentence with a word in capitals that obliges: MUST, SHALL or REQUIRED. */
export interface Sentence {
  readonly rfc: string;
  readonly section: string;
  readonly text: string;
}

const folder = fileURLToPath(new URL("../../../shared/rfc/", import.meta.url));
const shelves = [process.env["RFC_SHELF"], folder].filter((one): one is string => one !== undefined);

const texts = new Map<string, string | undefined>();
const sections = new Map<string, readonly Section[]>();

/** `RFC 5246` → its whole text without page breaks; `undefined` when it isn't at hand. */
export function rfcText(rfc: string): string | undefined {
  if (!texts.has(rfc)) texts.set(rfc, readText(rfc));
  return texts.get(rfc);
}

function readText(rfc: string): string | undefined {
  const name = `${rfc.replace(" ", "").toLowerCase()}.txt`;
  const file = shelves.map((shelf) => resolve(shelf, name)).find(existsSync);
  return file === undefined ? undefined : withoutPages(readFileSync(file, "utf8"));
}

/** Without the foot of one page and the head of the next. A sentence that goes on stays one paragraph. */
export function withoutPages(text: string): string {
  return text.replace(
    /([^\n]*)\n+[^\n]*\[Page \d+\]\s*\f?\s*RFC \d+[^\n]*\n+/g,
    (_, before: string) => /[.:;?!}|+]\s*$|^\s*$/.test(before) ? `${before}\n\n` : `${before}\n`,
  );
}

/** From a section's heading to the next one's; a heading stands at the margin and has no page number. */
export function sectionOf(section: string, text: string): string | undefined {
  const found = sectionsOf(text).filter(({ number }) => number === section);
  return found.length === 0 ? undefined : found.map(({ body }) => body).join("\n");
}

/** Every sentence that obliges somebody, in its order. `undefined` when the text isn't at hand. */
export function sentencesOf(rfc: string, text: string | undefined = rfcText(rfc)): readonly Sentence[] | undefined {
  return text === undefined
    ? undefined
    : sectionsOf(text).flatMap(({ number, body }) =>
      body.split(/\n\s*\n/).flatMap((paragraph) =>
        paragraph.replace(/\s+/g, " ").trim().split(/(?<=[.?!]\)?)\s+(?=[A-Z"(])/)
      ).filter((sentence) => obliging.test(sentence)).map((sentence) => ({ rfc, section: number, text: sentence }))
    );
}

/** What of a sentence's obliging words isn't within one of these quotes: their positions. */
export function unquoted({ text }: Sentence, quotes: readonly string[]): readonly number[] {
  const words = squeezed(text);
  const pieces = quotes.flatMap((quote) => quote.split("…").map(squeezed)).filter((piece) => piece !== "");
  const spans = pieces.flatMap((piece) => {
    if (piece.includes(words)) return [[0, words.length] as const];
    const start = words.indexOf(piece);
    return start < 0 ? [] : [[start, start + piece.length] as const];
  });
  const all = [...words.matchAll(/MUST|SHALL|REQUIRED/g)].map(({ index }) => index);
  return all.filter((position) => !spans.some(([start, end]) => start <= position && position < end));
}

/** Whether a text has the words of a quote, one piece after the other where something is left out (`…`). */
export function says(text: string, quote: string): boolean {
  const words = squeezed(text);
  let from = 0;
  return quote.split("…").map(squeezed).every((piece) => {
    const found = words.indexOf(piece, from);
    from = found + piece.length;
    return found >= 0;
  });
}

/** Line breaks and spaces don't count: a word may be parted at a line's end. */
export function squeezed(text: string): string {
  return text.replace(/\s+/g, "");
}

const obliging = /\b(?:MUST|SHALL|REQUIRED)\b/;

interface Section {
  readonly number: string;
  readonly body: string;
}

function sectionsOf(text: string): readonly Section[] {
  const known = sections.get(text);
  if (known !== undefined) return known;
  const headings = [
    ...text.matchAll(/^(?:Appendix )?((?:[0-9]+|[A-Z])(?:\.[0-9]+)*)(?:\.? {2}|\. )(?!.*\. ?\. ?\. ?\.)/gm),
  ];
  const found = headings.map(({ 1: number = "", index }, place) => ({
    number,
    body: text.slice(index, headings[place + 1]?.index),
  }));
  sections.set(text, found);
  return found;
}
