/**
 * Trust anchors in the packed form that `lib/roots/unpack.ts` reads. Enters: their fields. Leaves: bytes, always the same
 * for the same fields.
 * @module
 */

import { latin1Text } from "../../lib/codec/bytes.ts";
import { Writer } from "../../lib/codec/writer.ts";
import { firstReference } from "../../lib/roots/unpack.ts";
import { DerReader, Tag } from "../../lib/x509/der.ts";
import { decodeSubjectPublicKeyInfo } from "../../lib/x509/spki.ts";
import type { TrustAnchorFields } from "../../lib/x509/trust_anchor.ts";

/** What the packed form can say of a trust anchor; notAfter in whole seconds. */
export type PackableRoot = Required<Omit<TrustAnchorFields, "notBefore" | "notAfter">> & { readonly notAfter: number };

/** Packs them, in their order. Throws RangeError on a field that doesn't fit. */
export function packRoots(roots: readonly PackableRoot[]): Uint8Array {
  const writer = new Writer();
  const seen = new Map<string, number>();
  for (const { subject, spki, keyIdentifier, nameConstraints, notAfter } of roots) {
    writePieces(writer, seen, namePieces(subject));
    writePieces(writer, seen, keyPieces(spki));
    writePieces(writer, seen, keyIdentifier === undefined ? [] : [keyIdentifier]);
    writePieces(writer, seen, nameConstraints === undefined ? [] : [nameConstraints]);
    writer.uint(4, notAfter / 1000);
  }
  return writer.bytes();
}

function writePieces(writer: Writer, seen: Map<string, number>, pieces: readonly Uint8Array[]): void {
  writer.uint(1, pieces.length);
  for (const piece of pieces) {
    const key = latin1Text(piece);
    const index = seen.get(key);
    if (index !== undefined) {
      writer.uint(2, firstReference + index);
      continue;
    }
    if (piece.length >= firstReference) throw new RangeError(`Cannot pack a piece of ${piece.length} bytes`);
    seen.set(key, seen.size);
    writer.prefixed(2, () => writer.put(piece));
  }
}

/** Countries and organizations repeat. */
function namePieces(subject: Uint8Array): readonly Uint8Array[] {
  const names = new DerReader(subject).enter(Tag.SEQUENCE, "subject");
  const pieces: Uint8Array[] = [];
  while (names.remaining > 0) pieces.push(names.element("subject").whole);
  return pieces;
}

/** What stands before and after the bytes that only one key has, repeats. */
function keyPieces(spki: Uint8Array): readonly Uint8Array[] {
  const { publicKey } = decodeSubjectPublicKeyInfo(spki);
  if (publicKey?.type !== "rsa" && publicKey?.type !== "ec") return [spki];
  const own = publicKey.type === "rsa" ? publicKey.modulus : publicKey.point;
  // It is a view of the same memory.
  const start = own.byteOffset - spki.byteOffset;
  const parts = [spki.subarray(0, start), own, spki.subarray(start + own.length)];
  return parts.filter((part) => part.length > 0);
}
