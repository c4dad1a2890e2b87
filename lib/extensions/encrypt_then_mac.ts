/**
 * encrypt_then_mac: with a CBC suite, the MAC shall cover the ciphertext. Empty in both hellos.
 * RFC 7366 §2.
 * @module
 */

import { type Codec, empty } from "../codec/codec.ts";

/** RFC 7366 §2: "the "extension_data" field of this extension SHALL be empty." */
export const encryptThenMac: Codec<undefined> = empty;
