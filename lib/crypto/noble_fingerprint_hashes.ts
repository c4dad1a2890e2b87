/**
 * The two hashes of ClientHello fingerprints (JA3, JA4), of @noble/hashes. Not part of a provider: nothing in a handshake
 * may find MD5 there.
 * RFC 1321; FIPS 180-4.
 * @module
 */

import { md5 as nobleMd5 } from "@noble/hashes/legacy.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

/** For fingerprints only: MD5 is broken, and JA3 is a name that proves nothing. */
export function md5(bytes: Uint8Array): Uint8Array {
  return nobleMd5(bytes);
}

/** SHA-256, for JA4. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}
