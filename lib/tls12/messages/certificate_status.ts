/**
 * CertificateStatus: what a responder says of the server's certificate, stapled to it.
 * RFC 6066 §8. The response stays as it is: bytes, for whoever can read OCSP (RFC 6960).
 * @module
 */

import { type Codec, opaque, struct, uint8 } from "../../codec/codec.ts";
import type { Reader } from "../../codec/reader.ts";
import { DecodeError } from "../../error.ts";
import { CertificateStatusType } from "../../registry.ts";

//  struct {
//      CertificateStatusType status_type;
//      select (status_type) { case ocsp: OCSPResponse; } response;     -- opaque OCSPResponse<1..2^24-1>;
//  } CertificateStatus;
export interface CertificateStatus {
  /** Always `ocsp`: no other type has a shape. */
  readonly statusType: number;
  /** The whole OCSPResponse, in DER. */
  readonly response: Uint8Array;
}
export const certificateStatus: Codec<CertificateStatus> = struct<{ statusType: number; response: Uint8Array }>({
  statusType: { read: readOcspType, write: uint8.write },
  response: opaque(1, 2 ** 24 - 1),
});

/** What follows another type has no shape, so the message can't be decoded. */
function readOcspType(reader: Reader, what: string): number {
  const statusType = uint8.read(reader, what);
  if (statusType === CertificateStatusType.ocsp) return statusType;
  // RFC 5246 §7.2.2: "A message could not be decoded because some field was out of the specified range"
  throw new DecodeError(`Cannot decode ${what}: it is ${statusType}, and only ocsp is defined (RFC 6066 §8)`);
}
