/**
 * IP addresses between text and bytes, strictly, and the ranges of name constraints.
 * Enters: text or bytes. Leaves: 4 or 16 bytes, or text. RFC 5952, RFC 6943 §3.1.1, RFC 5280 §4.2.1.10.
 * @module
 */

/**
 * The bytes of an address written the one usual way (`192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1`), or `undefined`.
 * No leading zeros or shortened forms in IPv4; no brackets, no zone in IPv6.
 *
 * @example
 * parseIpAddress("192.0.2.1"); // Uint8Array [192, 0, 2, 1]
 */
export function parseIpAddress(text: string): Uint8Array | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** An address of 4 or 16 bytes as text (RFC 5952 §4). */
export function ipAddressText(address: Uint8Array): string {
  if (address.length !== 16) return address.join(".");
  const groups = Array.from(
    { length: 8 },
    (_, index) => (address[index * 2] ?? 0) << 8 | (address[index * 2 + 1] ?? 0),
  );
  const text = groups.map((group) => group.toString(16)).join(":");
  // RFC 5952 §4.2.2, §4.2.3: the longest run of at least two zeros, the first one where there are several.
  const runs = text.match(/\b0(?::0)+\b/g) ?? [];
  const longest = runs.reduce((best, run) => run.length > best.length ? run : best, "");
  if (longest === "") return text;
  const start = text.search(new RegExp(`\\b${longest}\\b`));
  return `${text.slice(0, start).replace(/:$/, "")}::${text.slice(start + longest.length).replace(/^:/, "")}`;
}

/** RFC 5280 §4.2.1.10: an address with its mask (8 or 32 bytes), the mask being ones followed by zeros (RFC 4632). */
export function isContiguousMask(addressAndMask: Uint8Array): boolean {
  if (addressAndMask.length !== 8 && addressAndMask.length !== 32) return false;
  const mask = Array.from(
    addressAndMask.subarray(addressAndMask.length / 2),
    (byte) => byte.toString(2).padStart(8, "0"),
  );
  return /^1*0*$/.test(mask.join(""));
}

/** Whether an address lies in the range that an address and its mask stand for. */
export function isWithinRange(address: Uint8Array, addressAndMask: Uint8Array): boolean {
  const { length } = address;
  if (addressAndMask.length !== 2 * length) return false;
  return address.every((byte, index) => {
    const mask = addressAndMask[length + index] ?? 0;
    return (byte & mask) === ((addressAndMask[index] ?? 0) & mask);
  });
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  const legal = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return legal ? Uint8Array.from(parts, Number) : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1));
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 16 ? Uint8Array.from(head) : undefined;
  // RFC 4291 §2.2: "::" stands for one group of zeros or more.
  if (tail === undefined || head.length + tail.length > 14) return undefined;
  return Uint8Array.from([...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail]);
}

/** Groups between colons as bytes; the last one of the address may be written as IPv4 (RFC 4291 §2.2). */
function parseGroups(text: string, last: boolean): readonly number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    const ipv4 = last && index === groups.length - 1 && group.includes(".") ? parseIpv4(group) : undefined;
    if (ipv4 === undefined && !/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    bytes.push(...ipv4 ?? [value >> 8, value & 255]);
  }
  return bytes;
}
