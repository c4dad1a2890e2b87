/**
 * signature_algorithms: which signatures the client can verify, best first. RFC 8446 §4.2.3 renamed the pairs of
 * hash and signature that RFC 5246 has here; the two bytes are the same.
 * RFC 5246 §7.4.1.4.1.
 * @module
 */

import { type Codec, uint16, vector } from "../codec/codec.ts";

//  SignatureAndHashAlgorithm supported_signature_algorithms<2..2^16-2>;
export const signatureAlgorithms: Codec<readonly number[]> = vector(uint16, 2, 2 ** 16 - 2);
