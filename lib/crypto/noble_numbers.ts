/**
 * Big-endian numbers in as many bytes as they need, or as many as noble wants.
 * RFC 8017 §4; SEC 1 §2.3.7.
 * @module
 */

/** The same number without leading zeros; no bytes at all for zero. A view. */
export function withoutLeadingZeros(number: Uint8Array): Uint8Array {
  let start = 0;
  while (number[start] === 0) start++;
  return number.subarray(start);
}

/** The same number in `length` bytes, or in more where it doesn't fit. */
export function withLength(number: Uint8Array, length: number): Uint8Array {
  if (number.length === length) return number;
  const digits = withoutLeadingZeros(number);
  if (digits.length >= length) return digits;
  const whole = new Uint8Array(length);
  whole.set(digits, length - digits.length);
  return whole;
}
