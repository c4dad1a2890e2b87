/**
 * Bytes as text and back, in one way only: padded, canonical base64.
 * RFC 4648 §4.
 * @module
 */

/** RFC 4648 §4, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const group = (bytes[index] ?? 0) << 16 | (bytes[index + 1] ?? 0) << 8 | (bytes[index + 2] ?? 0);
    text += alphabet.charAt(group >> 18) + alphabet.charAt(group >> 12 & 63);
    text += alphabet.charAt(group >> 6 & 63) + alphabet.charAt(group & 63);
  }
  const surplus = (3 - bytes.length % 3) % 3;
  return surplus === 0 ? text : text.slice(0, -surplus) + "=".repeat(surplus);
}

/** RFC 4648 §4: padded, canonical base64 without blanks; `undefined` for anything else. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const surplus = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  if (text.length % 4 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 4 * 3 - surplus);
  let [rest, restLength, written] = [0, 0, 0]; // bits that don't fill a byte yet
  for (let index = 0; index < text.length - surplus; index++) {
    const digit = values[text.charCodeAt(index)];
    if (digit === undefined) return undefined;
    rest = rest << 6 | digit;
    restLength += 6;
    if (restLength < 8) continue;
    restLength -= 8;
    bytes[written++] = rest >> restLength;
    rest &= (1 << restLength) - 1;
  }
  // RFC 4648 §3.5: the bits that fill up the last digit are zero, or two texts would mean the same bytes.
  return rest === 0 ? bytes : undefined;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** By a digit's character code. */
const values: readonly (number | undefined)[] = Array.from(
  { length: 128 },
  (_, code) => alphabet.includes(String.fromCharCode(code)) ? alphabet.indexOf(String.fromCharCode(code)) : undefined,
);
