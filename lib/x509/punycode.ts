/**
 * Punycode: how a label with characters beyond ASCII is written in the DNS.
 * Enters: a label. Leaves: its A-label. RFC 3492 §6.1, §6.3; RFC 5890 §2.3.2.1.
 * Encodes only, and knows not which characters labels may have (RFC 5891).
 * @module
 */

/**
 * A label as it stands in the DNS, `xn--…` where it has characters beyond ASCII. In lower case, normalized (NFC).
 *
 * @example
 * aLabel("Bücher"); // "xn--bcher-kva"
 */
export function aLabel(label: string): string {
  const text = label.toLowerCase().normalize("NFC");
  return isAscii(text) ? text : `xn--${encodePunycode(text)}`;
}

/** RFC 3492 §6.3. Lone surrogates are encoded as they are. */
export function encodePunycode(text: string): string {
  const codePoints = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const basic = codePoints.filter((codePoint) => codePoint < initialN);
  let output = String.fromCharCode(...basic) + (basic.length > 0 ? "-" : "");
  let delta = 0;
  let n = initialN;
  let bias = initialBias;
  for (let count = basic.length; count < codePoints.length;) {
    const next = codePoints.reduce(
      (least, codePoint) => codePoint >= n && codePoint < least ? codePoint : least,
      Infinity,
    );
    delta += (next - n) * (count + 1);
    n = next;
    for (const codePoint of codePoints) {
      if (codePoint < n) delta++;
      if (codePoint !== n) continue;
      output += variableLengthInteger(delta, bias);
      bias = adaptedBias(delta, count + 1, count === basic.length);
      delta = 0;
      count++;
    }
    delta++;
    n++;
  }
  return output;
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}

/** RFC 3492 §3.3. */
function variableLengthInteger(value: number, bias: number): string {
  let digits = "";
  let rest = value;
  for (let k = base;; k += base) {
    const threshold = Math.min(Math.max(k - bias, tMin), tMax);
    if (rest < threshold) return digits + digitTexts.charAt(rest);
    digits += digitTexts.charAt(threshold + (rest - threshold) % (base - threshold));
    rest = Math.floor((rest - threshold) / (base - threshold));
  }
}

/** RFC 3492 §6.1. */
function adaptedBias(firstDelta: number, count: number, isFirst: boolean): number {
  let delta = Math.floor(firstDelta / (isFirst ? damp : 2));
  delta += Math.floor(delta / count);
  let k = 0;
  for (; delta > Math.floor((base - tMin) * tMax / 2); k += base) delta = Math.floor(delta / (base - tMin));
  return k + Math.floor((base - tMin + 1) * delta / (delta + skew));
}

/** RFC 3492 §5: 0 to 25 are letters, then come the digits. */
const digitTexts = "abcdefghijklmnopqrstuvwxyz0123456789";

/** RFC 3492 §5. */
const base = 36;
const tMin = 1;
const tMax = 26;
const skew = 38;
const damp = 700;
const initialBias = 72;
const initialN = 128;
