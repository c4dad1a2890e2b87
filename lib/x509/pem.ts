/**
 * PEM: labelled blocks of base64 in text, as certificates and keys lie in files.
 * Enters: text. Leaves: blocks with their bytes; DecodeError says the line and the rule. And back.
 * RFC 7468; the header lines of RFC 1421 §4.6, which old encrypted keys carry. Doesn't know what the bytes mean.
 * @module
 */

import { decodeBase64, encodeBase64 } from "../codec/base64.ts";
import { DecodeError, mustBeBytes } from "../error.ts";

export { decodeBase64, encodeBase64 } from "../codec/base64.ts";

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
  // Some editors begin a file with a byte order mark, which bytes read one by one show as three characters.
  const lines = text.replace(/^(?:\ufeff|\xef\xbb\xbf)/, "").split(/\r\n|\r|\n/).map((line) => line.trim());
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
  mustBeBytes("encode PEM", bytes);
  const lines = encodeBase64(bytes).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
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
