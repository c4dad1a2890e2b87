/**
 * CertificateRequest: which certificates the server would accept from the client.
 * RFC 5246 §7.4.4.
 * @module
 */

import { type Codec, opaque, struct, uint16, uint8, vector } from "../../codec/codec.ts";

//  struct {
//      ClientCertificateType certificate_types<1..2^8-1>;
//      SignatureAndHashAlgorithm supported_signature_algorithms<2..2^16-2>;
//      DistinguishedName certificate_authorities<0..2^16-1>;       -- opaque DistinguishedName<1..2^16-1>;
//  } CertificateRequest;
export interface CertificateRequest {
  readonly certificateTypes: readonly number[];
  readonly supportedSignatureAlgorithms: readonly number[];
  readonly certificateAuthorities: readonly Uint8Array[];
}
export const certificateRequest: Codec<CertificateRequest> = struct<{
  certificateTypes: readonly number[];
  supportedSignatureAlgorithms: readonly number[];
  certificateAuthorities: readonly Uint8Array[];
}>({
  certificateTypes: vector(uint8, 1, 2 ** 8 - 1),
  supportedSignatureAlgorithms: vector(uint16, 2, 2 ** 16 - 2),
  certificateAuthorities: vector(opaque(1, 2 ** 16 - 1), 0, 2 ** 16 - 1),
});
