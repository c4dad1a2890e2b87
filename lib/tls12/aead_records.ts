/**
 * How TLS 1.2 seals a record with an AEAD: nonces, and the header as additional data.
 * In: one direction's key and fixed IV. Out: its cipher.
 * RFC 5246 §6.2.3.3; RFC 5288 §3 (GCM); RFC 7905 §2 (ChaCha20-Poly1305).
 * @module
 */

import { concat } from "../codec/bytes.ts";
import type { AeadElement } from "../crypto/provider.ts";
import type { RecordCipher } from "../record/protection.ts";
import { authenticatedHeader, badRecordMac, uint64 } from "./authenticated_header.ts";

/** In bytes. */
const explicitNonceLength = 8;

/** RFC 5288 §3: nonce = salt[4] + nonce_explicit[8], sent before the ciphertext; ours is the sequence number. */
export function explicitNonceCipher(aead: AeadElement, key: Uint8Array, salt: Uint8Array): RecordCipher {
  return {
    seal: (sequenceNumber, type, plaintext) => {
      const explicit = uint64(sequenceNumber);
      const aad = authenticatedHeader(sequenceNumber, type, plaintext.length);
      return concat(explicit, aead.seal(key, concat(salt, explicit), aad, plaintext));
    },
    open: (sequenceNumber, type, fragment) => {
      const length = fragment.length - explicitNonceLength - aead.tagLength;
      if (length < 0) throw badRecordMac();
      const nonce = concat(salt, fragment.subarray(0, explicitNonceLength));
      const aad = authenticatedHeader(sequenceNumber, type, length);
      return opened(aead.open(key, nonce, aad, fragment.subarray(explicitNonceLength)));
    },
  };
}

/** RFC 7905 §2: nonce = the sequence number, padded to 12 bytes, XOR the IV; nothing of it is sent. */
export function exclusiveOrCipher(aead: AeadElement, key: Uint8Array, iv: Uint8Array): RecordCipher {
  const nonceFor = (sequenceNumber: number): Uint8Array => {
    const nonce = iv.slice();
    uint64(sequenceNumber).forEach((byte, index) => nonce[index + 4] = (iv[index + 4] ?? 0) ^ byte);
    return nonce;
  };
  return {
    seal: (sequenceNumber, type, plaintext) =>
      aead.seal(key, nonceFor(sequenceNumber), authenticatedHeader(sequenceNumber, type, plaintext.length), plaintext),
    open: (sequenceNumber, type, fragment) => {
      const length = fragment.length - aead.tagLength;
      if (length < 0) throw badRecordMac();
      const aad = authenticatedHeader(sequenceNumber, type, length);
      return opened(aead.open(key, nonceFor(sequenceNumber), aad, fragment));
    },
  };
}

function opened(plaintext: Uint8Array<ArrayBuffer> | undefined): Uint8Array<ArrayBuffer> {
  // RFC 5246 §6.2.3.3 MUST: "If the decryption fails, a fatal bad_record_mac alert MUST be generated."
  if (plaintext === undefined) throw badRecordMac();
  return plaintext;
}
