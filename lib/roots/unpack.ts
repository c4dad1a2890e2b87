/**
 * The packed form of trust anchors: names and keys, in which every piece that repeats is written once.
 * Enters: the bytes that `docs/roots/pack.ts` makes. Leaves: the fields of each trust anchor; DecodeError on other bytes.
 *
 * A root is four fields, each some pieces one after the other, and notAfter: subject (its RelativeDistinguishedNames),
 * SubjectPublicKeyInfo, key identifier and name constraints (no piece where there are none). A field is the number of
 * its pieces in one byte; a piece is two bytes, which are its length, or 2^15 and how many new pieces came before the
 * one that it repeats. notAfter is in seconds since 1970, in four bytes. All numbers are big-endian.
 * @module
 */

import { decodeBase64 } from "../codec/base64.ts";
import { joined } from "../codec/bytes.ts";
import { Reader } from "../codec/reader.ts";
import { DecodeError, InternalError } from "../error.ts";
import { derSequence } from "../x509/der_writer.ts";
import type { TrustAnchorFields } from "../x509/trust_anchor.ts";

/** Where packed roots come from. */
export interface PackedSource {
  /** Of the release that they come from: `2026-10-21`. */
  readonly date: string;
  readonly nodeVersion: string;
  /** The version of Mozilla's NSS whose list it is; `undefined` when nobody said. */
  readonly nssVersion: string | undefined;
  readonly count: number;
  /** Of the packed bytes, in hexadecimal. */
  readonly sha256: string;
}

/** From here on two bytes say which piece is repeated; below, how long a new one is. */
export const firstReference: number = 2 ** 15;

/** The bytes of base64 in lines. Throws InternalError when it is none. */
export function packedBytes(text: string): Uint8Array {
  const bytes = decodeBase64(text.replaceAll("\n", ""));
  if (bytes === undefined) throw new InternalError("Cannot read the packed roots: they are not base64");
  return bytes;
}

/** The trust anchors in packed bytes, in their order. */
export function unpackRoots(packed: Uint8Array): readonly TrustAnchorFields[] {
  const reader = new Reader(packed);
  const seen: Uint8Array[] = [];
  const roots: TrustAnchorFields[] = [];
  while (reader.remaining > 0) {
    const what = `root ${roots.length}`;
    const field = (name: string): readonly Uint8Array[] => readPieces(reader, seen, `${what}.${name}`);
    roots.push({
      subject: derSequence(...field("subject")),
      spki: joined(field("spki")),
      keyIdentifier: whole(field("keyIdentifier")),
      nameConstraints: whole(field("nameConstraints")),
      notAfter: reader.uint(4, `${what}.notAfter`) * 1000,
    });
  }
  return roots;
}

/** `seen`: the new pieces so far, to which those of this field are added. */
function readPieces(reader: Reader, seen: Uint8Array[], what: string): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let count = reader.uint(1, what); count > 0; count--) {
    const head = reader.uint(2, what);
    const piece = head < firstReference ? reader.take(head, what) : seen[head - firstReference];
    if (piece === undefined) throw new DecodeError(`Cannot decode ${what}: there is no piece ${head - firstReference}`);
    if (head < firstReference) seen.push(piece);
    pieces.push(piece);
  }
  return pieces;
}

function whole(pieces: readonly Uint8Array[]): Uint8Array | undefined {
  return pieces.length === 0 ? undefined : joined(pieces);
}
