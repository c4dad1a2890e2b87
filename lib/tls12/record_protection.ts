/**
 * How TLS 1.2 seals a record with an AEAD: nonces and additional data.
 * RFC 5246 §6.2.3.3; RFC 5288 §3 (GCM); RFC 7905 §2 (ChaCha20-Poly1305).
 * @module
 */

import { concat } from "../codec/bytes.ts";
import type { AeadSuiteElement, CipherSuiteElement, RandomSource } from "../crypto/provider.ts";
import { InternalError, PeerMisbehavedError } from "../error.ts";
import type { RecordCipher } from "../record/protection.ts";
import { ProtocolVersion } from "../registry.ts";
import { traitsOf } from "./cipher_suites.ts";
import type { RecordKeys } from "./key_schedule.ts";

/** In bytes. */
const explicitNonceLength = 8;

/** What CBC records need besides keys; AEAD records don't look at it. */
export interface RecordOptions {
  /** Whether RFC 7366 was negotiated. */
  readonly encryptThenMac: boolean;
  /** For the IV of each record. */
  readonly random: RandomSource;
}

/** One direction's cipher. */
export function recordCipher(suite: CipherSuiteElement, keys: RecordKeys, _options: RecordOptions): RecordCipher {
  const { records } = traitsOf(suite);
  if (suite.aead === undefined) throw new InternalError("Cannot protect records with CBC yet");
  return records === "explicitNonce"
    ? explicitNonceCipher(suite, keys.key, keys.iv)
    : exclusiveOrCipher(suite, keys.key, keys.iv);
}

/** RFC 5288 §3: nonce = salt[4] + nonce_explicit[8], the latter sent before the ciphertext; ours is the sequence number. */
function explicitNonceCipher({ aead }: AeadSuiteElement, key: Uint8Array, salt: Uint8Array): RecordCipher {
  return {
    seal: (sequenceNumber, type, plaintext) => {
      const explicit = uint64(sequenceNumber);
      const aad = additionalData(sequenceNumber, type, plaintext.length);
      return concat(explicit, aead.seal(key, concat(salt, explicit), aad, plaintext));
    },
    open: (sequenceNumber, type, fragment) => {
      const length = fragment.length - explicitNonceLength - aead.tagLength;
      if (length < 0) throw badRecordMac();
      const nonce = concat(salt, fragment.subarray(0, explicitNonceLength));
      const aad = additionalData(sequenceNumber, type, length);
      return opened(aead.open(key, nonce, aad, fragment.subarray(explicitNonceLength)));
    },
  };
}

/** RFC 7905 §2: nonce = the sequence number, padded to 12 bytes, XOR the IV; nothing of it is sent. */
function exclusiveOrCipher({ aead }: AeadSuiteElement, key: Uint8Array, iv: Uint8Array): RecordCipher {
  const nonceFor = (sequenceNumber: number): Uint8Array => {
    const nonce = iv.slice();
    uint64(sequenceNumber).forEach((byte, index) => nonce[index + 4] = (iv[index + 4] ?? 0) ^ byte);
    return nonce;
  };
  return {
    seal: (sequenceNumber, type, plaintext) =>
      aead.seal(key, nonceFor(sequenceNumber), additionalData(sequenceNumber, type, plaintext.length), plaintext),
    open: (sequenceNumber, type, fragment) => {
      const length = fragment.length - aead.tagLength;
      if (length < 0) throw badRecordMac();
      const aad = additionalData(sequenceNumber, type, length);
      return opened(aead.open(key, nonceFor(sequenceNumber), aad, fragment));
    },
  };
}

/** RFC 5246 §6.2.3.3: seq_num + TLSCompressed.type + TLSCompressed.version + TLSCompressed.length. */
function additionalData(sequenceNumber: number, type: number, length: number): Uint8Array {
  const version = ProtocolVersion["TLSv1.2"];
  const rest = Uint8Array.of(type, version >> 8, version & 0xff, length >> 8, length & 0xff);
  return concat(uint64(sequenceNumber), rest);
}

function opened(plaintext: Uint8Array<ArrayBuffer> | undefined): Uint8Array<ArrayBuffer> {
  if (plaintext === undefined) throw badRecordMac();
  return plaintext;
}

/** One error for every cause, so that a peer learns nothing from it. */
function badRecordMac(): PeerMisbehavedError {
  // RFC 5246 §6.2.3.3 MUST: "If the decryption fails, a fatal bad_record_mac alert MUST be generated."
  return new PeerMisbehavedError(
    "bad_record_mac",
    "Cannot decrypt record: it was changed on its way, or made with other keys",
  );
}

function uint64(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value % 2 ** 32);
  return bytes;
}
