/**
 * CertificateVerify: the client signs all messages so far, and so proves that its certificate is its own.
 * RFC 5246 §7.4.8.
 * @module
 */

import { type Codec, opaque, struct, uint16 } from "../../codec/codec.ts";

//  struct {
//      digitally-signed struct { opaque handshake_messages[handshake_messages_length]; }
//  } CertificateVerify;
//  struct { SignatureAndHashAlgorithm algorithm; opaque signature<0..2^16-1>; } DigitallySigned;      -- RFC 5246 §4.7
export interface CertificateVerify {
  readonly algorithm: number;
  readonly signature: Uint8Array;
}
export const certificateVerify: Codec<CertificateVerify> = struct<{ algorithm: number; signature: Uint8Array }>({
  algorithm: uint16,
  signature: opaque(0, 2 ** 16 - 1),
});
