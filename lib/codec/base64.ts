/**
 * Bytes as text and back, in one way only: padded, canonical base64.
 * RFC 4648 §4.
 * @module
 */

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

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values: ReadonlyMap<string, number> = new Map(Array.from(alphabet, (character, value) => [character, value]));
