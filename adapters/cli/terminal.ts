/**
 * Text for a terminal of 100 columns: colours where they are wanted, hexadecimal, aligned facts, numbers with units.
 * Knows neither TLS nor streams beyond what says whether colours are wanted.
 * @module
 */

import { styleText } from "node:util";

/** In characters. */
export const lineWidth = 100;
const indent = "    ";
const labelWidth = 20;
const valueWidth: number = lineWidth - indent.length - labelWidth;

/** Each function returns the text as it is, or coloured. */
export interface Palette {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly client: (text: string) => string;
  readonly server: (text: string) => string;
  readonly secret: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
}

type Style = Parameters<typeof styleText>[0];

/** Colours only where a person looks at them and hasn't asked for none (https://no-color.org). */
export function paletteFor(
  stream: { readonly isTTY?: boolean },
  { NO_COLOR, TERM }: Readonly<Record<string, string | undefined>>,
): Palette {
  const isColoured = stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb";
  const style = (format: Style) => (text: string): string =>
    // Whether the stream is a terminal has been asked above, of the right one.
    isColoured ? styleText(format, text, { validateStream: false }) : text;
  return {
    strong: style("bold"),
    faint: style("dim"),
    client: style("cyan"),
    server: style("yellow"),
    secret: style("magenta"),
    good: style("green"),
    bad: style("red"),
  };
}

/** What is known about something, for one line or several. */
export interface Fact {
  readonly label: string;
  readonly values: readonly string[];
  readonly paint?: ((text: string) => string) | undefined;
  /** Default: faint. */
  readonly paintLabel?: ((text: string) => string) | undefined;
}

/** A fact; values that don't fit are wrapped at blanks. */
export function fact(label: string, value: string | readonly string[], paint?: Fact["paint"]): Fact {
  const values = typeof value === "string" ? [value] : value;
  return { label, values: values.flatMap(wrapped), paint };
}

/** Labels in a column of their own, values beside them; a label that is too long stands above them. */
export function factLines(facts: readonly Fact[], { faint }: Palette): readonly string[] {
  return facts.flatMap(({ label, values, paint = (text: string) => text, paintLabel = faint }) => {
    const isLong = label.length >= labelWidth;
    const lines = values.map((value, index) => {
      const beside = index === 0 && !isLong ? label : "";
      return value === "" ? "" : `${indent}${paintLabel(beside.padEnd(labelWidth))}${paint(value)}`;
    });
    return isLong ? [`${indent}${paintLabel(label)}`, ...lines] : lines;
  });
}

/** Text in lines that fit beside a label. A word that is longer than a line stays whole. */
export function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > valueWidth) {
      lines.push(line);
      line = word;
      continue;
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** In lower case, two digits for each byte. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** All bytes when there are at most `limit`, else that many and the length. */
export function shortHex(bytes: Uint8Array, limit = 32): string {
  if (bytes.length === 0) return "empty";
  return bytes.length <= limit ? hex(bytes) : `${hex(bytes.subarray(0, limit))}… ${byteCount(bytes.length)}`;
}

/** All bytes, in as many lines as they need. */
export function hexLines(bytes: Uint8Array): readonly string[] {
  return hex(bytes).match(/.{1,64}/g) ?? ["empty"];
}

/** `1 byte`, `2,048 bytes`. */
export function byteCount(count: number): string {
  return count === 1 ? "1 byte" : `${count.toLocaleString("en-US")} bytes`;
}

/** `1 record`, `3 records`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

export function milliseconds(duration: number): string {
  return `${duration.toFixed(duration < 100 ? 2 : 0)} ms`;
}

/** What a peer sent can't move the cursor, colour the screen or turn the text around: such characters are escaped. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
