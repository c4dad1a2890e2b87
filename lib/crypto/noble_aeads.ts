/**
 * AES-GCM and ChaCha20-Poly1305 of @noble/ciphers as elements of a provider.
 * A key or nonce of the wrong length is a fault of ours and throws; a wrong tag is `undefined`, whatever caused it.
 * RFC 5116 §5.1, §5.2; RFC 8439 §2.8.
 * @module
 */

import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 as nobleChacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { AeadElement } from "./provider.ts";

type Cipher = (key: Uint8Array, nonce: Uint8Array, additionalData: Uint8Array) => {
  encrypt(plaintext: Uint8Array): Uint8Array<ArrayBuffer>;
  decrypt(sealed: Uint8Array): Uint8Array<ArrayBuffer>;
};

const tagLength = 16;
const nonceLength = 12;

export const aes128Gcm: AeadElement = /* @__PURE__ */ aead("AES_128_GCM", 16, gcm);
export const aes256Gcm: AeadElement = /* @__PURE__ */ aead("AES_256_GCM", 32, gcm);
export const chacha20Poly1305: AeadElement = /* @__PURE__ */ aead("CHACHA20_POLY1305", 32, nobleChacha20poly1305);

function aead(name: AeadElement["name"], keyLength: number, cipher: Cipher): AeadElement {
  const checkLengths = (key: Uint8Array, nonce: Uint8Array): void => {
    // gcm would take a key of another length for another AES, and a longer nonce by hashing it.
    if (key.length !== keyLength) throw new RangeError(`${name} needs a key of ${keyLength} bytes, not ${key.length}`);
    if (nonce.length !== nonceLength) throw new RangeError(`${name} needs a nonce of 12 bytes, not ${nonce.length}`);
  };
  return {
    name,
    keyLength,
    tagLength,
    seal: (key, nonce, additionalData, plaintext) => {
      checkLengths(key, nonce);
      return cipher(key, nonce, additionalData).encrypt(plaintext);
    },
    open: (key, nonce, additionalData, sealed) => {
      checkLengths(key, nonce);
      try {
        return cipher(key, nonce, additionalData).decrypt(sealed);
      } catch {
        return undefined; // a wrong tag, or too few bytes to hold one
      }
    },
  };
}
