/** The pseudorandom function of RFC 5246 §5 on node:crypto, said once more: independent of noble and of lib. */
import { createHmac } from "node:crypto";

export function prfOracle(hash: string, secret: Uint8Array, label: string, seed: Uint8Array, length: number): Buffer {
  const hmac = (data: Uint8Array): Buffer => createHmac(hash, secret).update(data).digest();
  const labelled = Buffer.concat([Buffer.from(label, "latin1"), seed]);
  let output = Buffer.alloc(0);
  for (let a = hmac(labelled); output.length < length; a = hmac(a)) {
    output = Buffer.concat([output, hmac(Buffer.concat([a, labelled]))]);
  }
  return output.subarray(0, length);
}
