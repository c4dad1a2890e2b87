/**
 * How TLS 1.2 protects a record with a block cipher in CBC mode and HMAC: a fresh IV in each record, padding, and a MAC
 * either of the plaintext and encrypted with it, or of the ciphertext (encrypt-then-MAC).
 * In: one direction's keys and a source of randomness. Out: its cipher.
 * The old order tells an attacker who can measure time what the padding was ("Lucky Thirteen"). Here the same work is
 * done whatever it was, without early exits, as far as JavaScript lets one. That isn't all the way: off by default.
 * RFC 5246 §6.2.3.1, §6.2.3.2; RFC 7366 §3.
 * @module
 */

import { concat, constantTimeEqual } from "../codec/bytes.ts";
import type { CbcSuiteElement, HashElement, RandomSource } from "../crypto/provider.ts";
import type { RecordCipher } from "../record/protection.ts";
import { authenticatedHeader, badRecordMac } from "./authenticated_header.ts";
import type { DirectionKeys } from "./key_schedule.ts";

type MacAndKey = Pick<DirectionKeys, "macKey" | "key">;

/** RFC 5246 §6.2.3.2: IV + encrypted(content + MAC + padding + padding_length). */
export function macThenEncryptCipher(
  { blockCipher, mac }: CbcSuiteElement,
  { macKey, key }: MacAndKey,
  random: RandomSource,
): RecordCipher {
  const { blockLength } = blockCipher;
  return {
    seal: (sequenceNumber, type, plaintext) => {
      const header = authenticatedHeader(sequenceNumber, type, plaintext.length);
      // RFC 5246 §6.2.3.2 MUST: "The Initialization Vector (IV) SHOULD be chosen at random, and MUST be unpredictable."
      const iv = random(blockLength);
      const content = padded(blockLength, plaintext, mac.hmac(macKey, concat(header, plaintext)));
      return concat(iv, blockCipher.encrypt(key, iv, content));
    },
    open: (sequenceNumber, type, fragment) => {
      const { iv, ciphertext } = parted(fragment, blockLength, mac.outputLength);
      const content = blockCipher.decrypt(key, iv, ciphertext);
      const padding = checkedPadding(content, mac.outputLength);
      const plaintext = content.subarray(0, content.length - padding.length - 1 - mac.outputLength);
      const header = authenticatedHeader(sequenceNumber, type, plaintext.length);
      const expected = mac.hmac(macKey, concat(header, plaintext));
      evenOut(mac, header.length + plaintext.length, padding.length);
      const given = content.subarray(plaintext.length, plaintext.length + mac.outputLength);
      const isRight = constantTimeEqual(given, expected);
      // RFC 5246 §6.2.3.2 MUST: "The receiver MUST check this padding and MUST use the bad_record_mac alert to indicate
      // padding errors."
      if ((Number(isRight) & Number(padding.isRight)) === 0) throw badRecordMac();
      return plaintext.slice();
    },
  };
}

/** RFC 7366 §3: IV + encrypted(content + padding + padding_length) + MAC. */
export function encryptThenMacCipher(
  { blockCipher, mac }: CbcSuiteElement,
  { macKey, key }: MacAndKey,
  random: RandomSource,
): RecordCipher {
  const { blockLength } = blockCipher;
  /** The length is that of GenericBlockCipher, of which the MAC is no part (RFC 7366 §3). */
  const macOf = (sequenceNumber: number, type: number, encrypted: Uint8Array): Uint8Array =>
    mac.hmac(macKey, concat(authenticatedHeader(sequenceNumber, type, encrypted.length), encrypted));
  return {
    seal: (sequenceNumber, type, plaintext) => {
      const iv = random(blockLength);
      const encrypted = concat(iv, blockCipher.encrypt(key, iv, padded(blockLength, plaintext)));
      return concat(encrypted, macOf(sequenceNumber, type, encrypted));
    },
    open: (sequenceNumber, type, fragment) => {
      const encrypted = fragment.subarray(0, Math.max(0, fragment.length - mac.outputLength));
      const { iv, ciphertext } = parted(encrypted, blockLength, 0);
      const expected = macOf(sequenceNumber, type, encrypted);
      // RFC 7366 §3 SHALL: "The MAC SHALL be evaluated before any further processing such as decryption is performed,
      // and if the MAC verification fails, then processing SHALL terminate immediately."
      // RFC 7366 §3 MUST: "For TLS, a fatal bad_record_mac MUST be generated"
      if (!constantTimeEqual(fragment.subarray(encrypted.length), expected)) throw badRecordMac();
      const content = blockCipher.decrypt(key, iv, ciphertext);
      const padding = checkedPadding(content, 0);
      if (!padding.isRight) throw badRecordMac();
      return content.slice(0, content.length - padding.length - 1);
    },
  };
}

/** As few bytes of padding as fill the last block; each one says how many there are before the last. */
function padded(blockLength: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  // RFC 5246 §6.2.3.2 MUST: "The padding length MUST be such that the total size of the GenericBlockCipher structure is a multiple of the cipher's block length."
  // RFC 8449 §4.1 MUST: "An endpoint MUST NOT add padding to records that would cause the protected record to exceed the size of a protected record that contains the maximum amount of plaintext and the minimum permitted amount of padding."
  const paddingLength = blockLength - 1 - length % blockLength;
  // RFC 5246 §6.2.3.2 MUST: "Each uint8 in the padding data vector MUST be filled with the padding length value."
  return concat(...parts, new Uint8Array(paddingLength + 1).fill(paddingLength));
}

interface Parts {
  readonly iv: Uint8Array;
  /** One whole block at least, with room for a MAC of `macLength` and the length of the padding. */
  readonly ciphertext: Uint8Array;
}

/** Lengths are public: they are on the wire. */
function parted(encrypted: Uint8Array, blockLength: number, macLength: number): Parts {
  const ciphertext = encrypted.subarray(blockLength);
  if (ciphertext.length % blockLength !== 0 || ciphertext.length < macLength + 1) throw badRecordMac();
  return { iv: encrypted.subarray(0, blockLength), ciphertext };
}

interface Padding {
  readonly isRight: boolean;
  /** Without the byte that says it; 0 for a padding that isn't right. */
  readonly length: number;
}

/**
 * Every byte that could be padding is looked at, without a branch, whatever the last one says. A padding that leaves no
 * room for the MAC isn't right.
 */
function checkedPadding(content: Uint8Array, macLength: number): Padding {
  const length = content[content.length - 1] ?? 0;
  const room = content.length - 1 - macLength;
  // A shift spreads the sign over the number: all ones for a negative one, else zero.
  let wrong = (room - length) >> 31;
  for (let index = 1; index <= Math.min(maxPaddingLength, content.length - 1); index++) {
    const isBehind = (length - index) >> 31;
    wrong |= ~isBehind & (length ^ (content[content.length - 1 - index] ?? 0));
  }
  const isWrong = (wrong | -wrong) >> 31;
  // RFC 5246 §6.2.3.2: "if the pad appears to be incorrect, the implementation might assume a zero-length pad and then
  // compute the MAC."
  return { isRight: isWrong === 0, length: length & ~isWrong };
}

/**
 * RFC 5246 §6.2.3.2 MUST: "implementations MUST ensure that record processing time is essentially the same whether or
 * not the padding is correct."
 * A MAC over fewer bytes takes fewer steps of its hash: those that a padding of no bytes would have taken are made up
 * for, so that their sum depends on the record's length alone. `length`: of what the MAC covers, in bytes.
 */
function evenOut(mac: HashElement, length: number, paddingLength: number): void {
  const { shift, overhead } = hashSteps[mac.name];
  const steps = (bytes: number): number => (bytes + overhead + (1 << shift) - 1) >> shift;
  const missing = steps(length + paddingLength) - steps(length);
  mac.digest(zeros.subarray(0, ((missing + 1) << shift) - overhead));
}

/**
 * FIPS 180-4 §5.1: a hash takes a step for each block of 2^shift bytes, the last of which end with a one bit and the
 * length: `overhead` bytes.
 */
const hashSteps: Readonly<Record<HashElement["name"], { readonly shift: number; readonly overhead: number }>> = {
  sha1: { shift: 6, overhead: 9 },
  sha256: { shift: 6, overhead: 9 },
  sha384: { shift: 7, overhead: 17 },
  sha512: { shift: 7, overhead: 17 },
};

const maxPaddingLength = 255;

/** More than `evenOut` can need: making as many as it needs would take its time too. */
const zeros = new Uint8Array(512);
