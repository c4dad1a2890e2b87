/**
 * PEM: labelled blocks of base64 in text, as certificates and keys lie in files.
 * Enters: text. Leaves: blocks with their bytes; DecodeError says the line and the rule. And back.
 * RFC 7468; the header lines of RFC 1421 §4.6, which old encrypted keys carry. Doesn't know what the bytes mean.
 * @module
 */

import { DecodeError } from "../error.ts";

export interface PemBlock {
  /** What the block says it is: `CERTIFICATE`, `PRIVATE KEY` … */
  readonly label: string;
  /** Header lines before the base64 (`Proc-Type: 4,ENCRYPTED`), as they stand. */
  readonly headers: readonly string[];
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The line of `-----BEGIN`, counted from 1. */
  readonly line: number;
}

/**
 * All blocks of a text, in their order; text around and between them is ignored.
 *
 * @example
 * decodePem("-----BEGIN DEMO-----\nAQI=\n-----END DEMO-----\n")[0]?.bytes; // Uint8Array [1, 2]
 */
export function decodePem(text: string): readonly PemBlock[] {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
  const blocks: PemBlock[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const label = boundaryLabel("BEGIN", line);
    if (label === undefined) {
      if (boundaryLabel("END", line) !== undefined) throw pemError(index, `"${line}" without its BEGIN`);
      continue;
    }
    let end = index + 1;
    while (end < lines.length && !lines[end]?.startsWith("-----")) end++;
    if (end === lines.length) throw pemError(index, `the block "${label}" has no END line`);
    if (boundaryLabel("END", lines[end] ?? "") !== label) {
      throw pemError(end, `"-----END ${label}-----" expected, "${lines[end]}" found`);
    }
    blocks.push(decodeBlock(label, lines.slice(index + 1, end), index));
    index = end;
  }
  return blocks;
}

/** One block of PEM, with lines of 64 characters (RFC 7468 §2). */
export function encodePem(label: string, bytes: Uint8Array): string {
  const lines = encodeBase64(bytes).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** RFC 4648 §4, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const [one = 0, two = 0, three = 0] = bytes.subarray(index, index + 3);
    const group = one << 16 | two << 8 | three;
    for (const shift of [18, 12, 6, 0]) text += alphabet[group >> shift & 63] ?? "";
  }
  const surplus = (3 - bytes.length % 3) % 3;
  return surplus === 0 ? text : text.slice(0, -surplus) + "=".repeat(surplus);
}

/** RFC 4648 §4: padded, canonical base64 without blanks; `undefined` for anything else. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const surplus = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  if (text.length % 4 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 4 * 3 - surplus);
  let group = 0;
  for (let index = 0; index < text.length; index++) {
    const padding = index >= text.length - surplus;
    const digit = padding ? 0 : values.get(text.charAt(index));
    if (digit === undefined) return undefined;
    group = (group << 6 | digit) & 0xffffff;
    if (index % 4 < 3) continue;
    const start = (index >> 2) * 3;
    bytes.set([group >> 16, group >> 8 & 255, group & 255].slice(0, bytes.length - start), start);
    // RFC 4648 §3.5: the bits that fill up the last digit are zero, or two texts would mean the same bytes.
    if (bytes.length - start < 3 && (group & (surplus === 2 ? 0xffff : 0xff)) !== 0) return undefined;
  }
  return bytes;
}

function decodeBlock(label: string, lines: readonly string[], begin: number): PemBlock {
  const blank = lines.indexOf("");
  const headers = (lines[0] ?? "").includes(":") ? lines.slice(0, blank < 0 ? lines.length : blank) : [];
  const body = lines.slice(headers.length);
  const wrong = body.findIndex((line) => /[^A-Za-z0-9+/=]/.test(line));
  if (wrong >= 0) {
    throw pemError(begin + 1 + headers.length + wrong, `the block "${label}" has a character that is not base64`);
  }
  const bytes = decodeBase64(body.join(""));
  if (bytes === undefined) throw pemError(begin, `the base64 of the block "${label}" is cut off or not canonical`);
  if (bytes.length === 0) throw pemError(begin, `the block "${label}" is empty`);
  return { label, headers, bytes, line: begin + 1 };
}

function boundaryLabel(kind: "BEGIN" | "END", line: string): string | undefined {
  const match = /^-----(BEGIN|END) ([\x21-\x2c\x2e-\x7e]+(?:[ -][\x21-\x2c\x2e-\x7e]+)*)-----$/.exec(line);
  return match?.[1] === kind ? match[2] : undefined;
}

function pemError(lineIndex: number, rule: string): DecodeError {
  return new DecodeError(`Cannot decode PEM at line ${lineIndex + 1}: ${rule}`);
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values: ReadonlyMap<string, number> = new Map(Array.from(alphabet, (character, value) => [character, value]));
