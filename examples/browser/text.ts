/**
 * Bytes and numbers as people read them; what a peer sent can't turn the text around or hide in it.
 * @module
 */

/** In lower case, two digits for each byte, without blanks. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Control and format characters are escaped, save line breaks and tabs where asked. */
export function printable(text: string, keepsLines = false): string {
  const pattern = keepsLines ? /(?![\r\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu : /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
  return text.replace(pattern, (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}

/** UTF-8, with a sign in place of what isn't. */
export function utf8Text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** `2.31 ms`. */
export function milliseconds(duration: number): string {
  return `${duration.toFixed(duration < 100 ? 2 : 0)} ms`;
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

/** Without the parents that are the same for all: the chart's `live`, and `handshake` in it. */
export function shortState(state: string): string {
  return state.replace(/^live\./, "").replace(/^handshake\./, "");
}

/** In groups of four bytes, between which a line may end. */
export function groupedHex(bytes: Uint8Array): string {
  return (hex(bytes).match(/.{1,8}/g) ?? []).join(" ");
}

/** A long name in parts, between which a line may end: `TLS_`, `ECDHE_` … */
export function partsOf(name: string): readonly string[] {
  return name.match(/.+?(?:_|\.(?=[A-Za-z])|(?=Or[A-Z])|$)/g) ?? [];
}
