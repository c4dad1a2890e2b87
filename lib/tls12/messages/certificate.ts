/**
 * Certificate: a chain of DER certificates, the sender's own first.
 * RFC 5246 §7.4.2.
 * @module
 */

import { type Codec, opaque, vector } from "../../codec/codec.ts";

//  opaque ASN.1Cert<1..2^24-1>;
//  struct { ASN.1Cert certificate_list<0..2^24-1>; } Certificate;
export const certificate: Codec<readonly Uint8Array[]> = vector(opaque(1, 2 ** 24 - 1), 0, 2 ** 24 - 1);
