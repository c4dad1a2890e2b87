/**
 * Pins: the keys of which one must stand in the path, whoever else signs.
 * Enters: pins as text, and the keys of a path. Leaves: why none of them is pinned, or `undefined`.
 * A pin is the SHA-256 of a SubjectPublicKeyInfo (RFC 7469 §2.4, §2.6). Whether the path is valid is for others to say.
 * @module
 */

import { decodeBase64, encodeBase64 } from "../codec/base64.ts";
import { TlsUsageError } from "../error.ts";
import type { CryptoProvider } from "../crypto/provider.ts";
import type { Issuer } from "./issuer.ts";

/** Pins that were read: as `spkiPin` writes them, each once. */
export interface ParsedPins {
  readonly pins: readonly string[];
}

/** What pins are made with: every provider has it. */
export type PinHashes = Pick<CryptoProvider["hashes"], "sha256">;

/**
 * The pin of a key: `sha256/` and the SHA-256 of its SubjectPublicKeyInfo in base64.
 *
 * @example
 * spkiPin(certificate, nobleProvider.hashes); // "sha256/++MBgDH5WGvL9Bcn5Be30cRcL0f5O+NyoXuWtQdX1aI="
 */
export function spkiPin({ spki }: Pick<Issuer, "spki">, hashes: PinHashes): string {
  return pinText(hashes.sha256.digest(spki));
}

/**
 * Reads pins: `sha256/` and base64, or 64 hexadecimal digits. Throws TlsUsageError for text that is neither, and for an
 * empty list, which no path could meet.
 */
export function parsePins(pins: readonly string[]): ParsedPins {
  if (!Array.isArray(pins)) throw new TlsUsageError(`Cannot use pins: a list of texts is needed, not ${typeof pins}`);
  if (pins.length === 0) {
    throw new TlsUsageError(
      "Cannot use pins: the list is empty, so that nobody could be accepted; leave it out for none",
    );
  }
  return { pins: [...new Set(pins.map(parsePin))] };
}

/**
 * Why none of the keys is pinned; `undefined` when one is. `path` is whole, its trust anchor included.
 * RFC 7469 §2.6: one of the path's pins must be among the known ones.
 */
export function pinFault(
  path: readonly Pick<Issuer, "spki">[],
  { pins }: ParsedPins,
  hashes: PinHashes,
): string | undefined {
  const present = path.map((issuer) => spkiPin(issuer, hashes));
  if (present.some((pin) => pins.includes(pin))) return undefined;
  return `none of the path's keys is pinned: they are ${listed(present)}, and pinned are ${listed(pins)}`;
}

function parsePin(pin: string): string {
  if (typeof pin !== "string") throw new TlsUsageError(`Cannot use pins: one of them is ${typeof pin}, not a text`);
  if (/^[0-9a-f]{64}$/i.test(pin)) {
    return pinText(Uint8Array.from(pin.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)));
  }
  const hash = pin.startsWith(prefix) ? decodeBase64(pin.slice(prefix.length)) : undefined;
  if (hash?.length === hashLength) return pin;
  throw new TlsUsageError(
    `Cannot use ${JSON.stringify(pin.slice(0, maxShown))} as a pin: it is neither "${prefix}" with the base64 of a ` +
      `SHA-256 (44 characters) nor 64 hexadecimal digits`,
  );
}

function pinText(hash: Uint8Array): string {
  return prefix + encodeBase64(hash);
}

function listed(pins: readonly string[]): string {
  const more = pins.length > maxListed ? ` and ${pins.length - maxListed} more` : "";
  return pins.slice(0, maxListed).join(", ") + more;
}

const prefix = "sha256/";
/** Of SHA-256, in bytes. */
const hashLength = 32;
const maxShown = 80;
const maxListed = 8;
