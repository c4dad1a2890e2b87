/**
 * AES in CBC mode of @noble/ciphers as elements of a provider: whole blocks, no padding.
 * A key, an IV or blocks of the wrong length are a fault of ours and throw.
 * NIST SP 800-38A §6.2; RFC 5246 §6.2.3.2.
 * @module
 */

import { cbc } from "@noble/ciphers/aes.js";
import type { BlockCipherElement } from "./provider.ts";

const blockLength = 16;

export const aes128Cbc: BlockCipherElement = /* @__PURE__ */ aesCbc("AES_128_CBC", 16);
export const aes256Cbc: BlockCipherElement = /* @__PURE__ */ aesCbc("AES_256_CBC", 32);

function aesCbc(name: BlockCipherElement["name"], keyLength: number): BlockCipherElement {
  const cipher = (key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): ReturnType<typeof cbc> => {
    if (key.length !== keyLength) throw new RangeError(`${name} needs a key of ${keyLength} bytes, not ${key.length}`);
    if (iv.length !== blockLength) throw new RangeError(`${name} needs an IV of 16 bytes, not ${iv.length}`);
    if (blocks.length % blockLength !== 0) {
      throw new RangeError(`${name} needs whole blocks, not ${blocks.length} bytes`);
    }
    return cbc(key, iv, { disablePadding: true });
  };
  return {
    name,
    keyLength,
    blockLength,
    encrypt: (key, iv, blocks) => cipher(key, iv, blocks).encrypt(blocks),
    decrypt: (key, iv, blocks) => cipher(key, iv, blocks).decrypt(blocks),
  };
}
