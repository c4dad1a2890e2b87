/**
 * The pseudorandom function of TLS 1.2: a secret, a label and a seed become as many bytes as are wanted.
 * RFC 5246 §5.
 * @module
 */

import { asciiBytes, concat } from "../codec/bytes.ts";
import type { HashElement } from "../crypto/provider.ts";

/** PRF(secret, label, seed) = P_<hash>(secret, label + seed), `length` bytes of it. */
export function prf(
  hash: HashElement,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array<ArrayBuffer> {
  const labelAndSeed = concat(asciiBytes(label), seed);
  const output = new Uint8Array(Math.ceil(length / hash.outputLength) * hash.outputLength);
  // A(0) = seed, A(i) = HMAC_hash(secret, A(i-1)); the output is HMAC_hash(secret, A(i) + seed), i = 1, 2, …
  let a: Uint8Array = labelAndSeed;
  for (let offset = 0; offset < length; offset += hash.outputLength) {
    a = hash.hmac(secret, a);
    output.set(hash.hmac(secret, concat(a, labelAndSeed)), offset);
  }
  return output.slice(0, length);
}
