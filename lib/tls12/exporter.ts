/**
 * Keying material for an application, bound to the connection.
 * Enters: the connection's secrets, a label, maybe a context. Leaves: as many secret bytes as are wanted, or TlsUsageError.
 * RFC 5705 §4. Doesn't know whether the connection may export: RFC 7627 §5.4 decides that elsewhere.
 * @module
 */

import { concat } from "../codec/bytes.ts";
import { encode, opaque } from "../codec/codec.ts";
import type { HashElement } from "../crypto/provider.ts";
import { TlsUsageError } from "../error.ts";
import { prf } from "./prf.ts";

/**
 * RFC 5705 §4: `length` bytes for the use that the label names. No context isn't the same as an empty one.
 * Throws TlsUsageError: a label that isn't printable ASCII, or one of TLS's own, a context longer than 65535 bytes,
 * a length that isn't 1 to 65535.
 */
export function exportKeyingMaterial(
  hash: HashElement,
  masterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  label: string,
  context: Uint8Array | undefined,
  length: number,
): Uint8Array<ArrayBuffer> {
  checkLabel(label);
  checkContext(context);
  if (!Number.isInteger(length) || length < 1 || length > maxLength) {
    throw new TlsUsageError(
      `Cannot export keying material: length is a number of bytes from 1 to ${maxLength}, not ${String(length)}`,
    );
  }
  const contextValue = context === undefined ? new Uint8Array(0) : encode(opaque(0, maxContextLength), context);
  return prf(hash, masterSecret, label, concat(clientRandom, serverRandom, contextValue), length);
}

function checkLabel(label: string): void {
  if (typeof label !== "string" || !/^[\x20-\x7e]*$/.test(label)) {
    throw new TlsUsageError(
      `Cannot export keying material: a label is printable ASCII text, not ${JSON.stringify(label)}`,
    );
  }
  if (labelsOfTls.includes(label)) {
    throw new TlsUsageError(`Cannot export keying material: TLS itself uses the label "${label}"`);
  }
}

function checkContext(context: Uint8Array | undefined): void {
  if (context === undefined) return;
  if (!(context instanceof Uint8Array)) {
    throw new TlsUsageError(`Cannot export keying material: context must be a Uint8Array, not ${typeof context}`);
  }
  if (context.length > maxContextLength) {
    throw new TlsUsageError(
      `Cannot export keying material: a context has up to ${maxContextLength} bytes, not ${context.length}`,
    );
  }
}

/** RFC 5246 §6.3, §7.4.9, §8.1; RFC 7627 §4. What they are for would be in the application's hands. */
const labelsOfTls: readonly string[] = [
  "client finished",
  "server finished",
  "master secret",
  "extended master secret",
  "key expansion",
];

/** RFC 5705 §4: its length is a uint16. */
const maxContextLength = 2 ** 16 - 1;

/** In bytes. The RFC knows no end; more than this nobody needs, and a mistake would cost much time. */
const maxLength = 2 ** 16 - 1;
