/**
 * encrypt_then_mac: with a CBC suite, the MAC shall cover the ciphertext. Empty in both hellos.
 * RFC 7366 §2, §3.
 * @module
 */

import { type Codec, empty } from "../codec/codec.ts";
import { PeerMisbehavedError } from "../error.ts";
import { type Extension, hasExtension } from "./extension.ts";

/** RFC 7366 §2 SHALL: "The "extension_type" value for this extension SHALL be 22 (0x16), and the "extension_data" field of this extension SHALL be empty." */
export const encryptThenMac: Codec<undefined> = empty;

/** Throws illegal_parameter for a ServerHello that agrees to it with a suite that has no separate MAC. */
export function checkEncryptThenMacAnswer(list: readonly Extension[] | undefined, usesBlockCipher: boolean): void {
  // RFC 7366 §3 MUST: "If a server receives an encrypt-then-MAC request extension from a client and then selects a stream or Authenticated Encryption with Associated Data (AEAD) ciphersuite, it MUST NOT send an encrypt-then-MAC response extension back to the client."
  if (usesBlockCipher || !hasExtension(list, "encrypt_then_mac")) return;
  throw new PeerMisbehavedError(
    "illegal_parameter",
    "Cannot accept ServerHello: encrypt_then_mac has no meaning with its cipher suite (RFC 7366 §3)",
  );
}
