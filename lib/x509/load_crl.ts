/**
 * The caller's revocation lists, in whatever form they lie in a file.
 * Enters: PEM text, or bytes that are PEM or DER. Leaves: lists.
 * Throws TlsUsageError: what is wrong with a configuration is the caller's mistake, not a peer's. RFC 7468 §7.
 * @module
 */

import { TlsError, TlsUsageError } from "../error.ts";
import { type CertificateRevocationList, decodeCertificateRevocationList } from "./crl.ts";
import { Tag } from "./der.ts";
import { decodePem, type PemBlock } from "./pem.ts";

/**
 * All revocation lists of a PEM text, in their order, or the one in a DER. Blocks of other kinds are skipped.
 * Throws TlsUsageError when there is none, or one is broken.
 *
 * @example
 * const crls = loadCertificateRevocationLists(pemText);
 */
export function loadCertificateRevocationLists(source: string | Uint8Array): readonly CertificateRevocationList[] {
  if (typeof source !== "string" && !(source instanceof Uint8Array)) {
    throw new TlsUsageError(`${cannotLoad}: a string or a Uint8Array is needed, not ${typeof source}`);
  }
  try {
    if (typeof source === "string") return listsOf(decodePem(source));
    return isDer(source) ? [decodeCertificateRevocationList(source)] : listsOf(decodePem(textOf(source)));
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    throw new TlsUsageError(`${cannotLoad}: ${error.message}`, { cause: error });
  }
}

function listsOf(blocks: readonly PemBlock[]): readonly CertificateRevocationList[] {
  const wanted = blocks.filter(({ label }) => label === crlLabel);
  if (wanted.length > 0) return wanted.map(decodeBlock);
  const found = blocks.length === 0
    ? "there is neither PEM nor DER in it (the content of a file is needed, not its path)"
    : `there is only ${[...new Set(blocks.map(({ label }) => `"${label}"`))].join(", ")} in it`;
  throw new TlsUsageError(`${cannotLoad}: ${found}, no "${crlLabel}"`);
}

function decodeBlock({ bytes, line }: PemBlock): CertificateRevocationList {
  try {
    return decodeCertificateRevocationList(bytes);
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    const where = `in the PEM block "${crlLabel}" of line ${line}`;
    throw new TlsUsageError(`${cannotLoad}: ${error.message} (${where})`, { cause: error });
  }
}

/** A SEQUENCE begins with the character "0", as text before the first block of a PEM may. */
function isDer(source: Uint8Array): boolean {
  if (source[0] !== Tag.SEQUENCE) return false;
  const [dash] = pemBegin;
  for (let at = source.indexOf(dash); at >= 0; at = source.indexOf(dash, at + 1)) {
    if (pemBegin.every((byte, index) => source[at + index] === byte)) return false;
  }
  return true;
}

/** Piece by piece: lists are long, and a function's arguments are not to be so many. */
function textOf(bytes: Uint8Array): string {
  const texts: string[] = [];
  for (let start = 0; start < bytes.length; start += pieceLength) {
    texts.push(String.fromCharCode(...bytes.subarray(start, start + pieceLength)));
  }
  return texts.join("");
}

const pieceLength = 2 ** 12;
/** `-----BEGIN `. */
const pemBegin = [0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x42, 0x45, 0x47, 0x49, 0x4e, 0x20] as const;
const crlLabel = "X509 CRL";
const cannotLoad = "Cannot load revocation lists";
