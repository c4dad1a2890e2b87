/**
 * Hashes and HMAC of @noble/hashes as elements of a provider.
 * FIPS 180-4; RFC 2104.
 * @module
 */

import { hmac } from "@noble/hashes/hmac.js";
import { sha1 as nobleSha1 } from "@noble/hashes/legacy.js";
import { sha256 as nobleSha256, sha384 as nobleSha384, sha512 as nobleSha512 } from "@noble/hashes/sha2.js";
import type { HashElement } from "./provider.ts";

/** For identifiers (RFC 5280 §4.2.1.2, RFC 6960 §4.1.1) and in the HMAC of old suites: never for signatures. */
export const sha1: HashElement = {
  name: "sha1",
  outputLength: 20,
  digest: (message) => nobleSha1(message),
  hmac: (key, message) => hmac(nobleSha1, key, message),
};

export const sha256: HashElement = {
  name: "sha256",
  outputLength: 32,
  digest: (message) => nobleSha256(message),
  hmac: (key, message) => hmac(nobleSha256, key, message),
};

export const sha384: HashElement = {
  name: "sha384",
  outputLength: 48,
  digest: (message) => nobleSha384(message),
  hmac: (key, message) => hmac(nobleSha384, key, message),
};

export const sha512: HashElement = {
  name: "sha512",
  outputLength: 64,
  digest: (message) => nobleSha512(message),
  hmac: (key, message) => hmac(nobleSha512, key, message),
};
