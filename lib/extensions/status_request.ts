/**
 * status_request: the client would like to see what a responder says of the server's certificate (OCSP stapling).
 * RFC 6066 §8. The answer itself is a message of its own, CertificateStatus.
 * @module
 */

import { type Codec, decode, empty, opaque, rest, struct, uint8, vector } from "../codec/codec.ts";
import { CertificateStatusType } from "../registry.ts";

//  struct {
//      CertificateStatusType status_type;
//      select (status_type) { case ocsp: OCSPStatusRequest; } request;
//  } CertificateStatusRequest;
// RFC 6066 §8 SHALL: "The "extension_data" field of this extension SHALL contain "CertificateStatusRequest""
export interface CertificateStatusRequest {
  readonly statusType: number;
  /** As it is on the wire: only the status type tells its shape. */
  readonly request: Uint8Array;
}
export const certificateStatusRequest: Codec<CertificateStatusRequest> = struct<{
  statusType: number;
  request: Uint8Array;
}>({ statusType: uint8, request: rest });

/** RFC 6066 §8: "with empty "extension_data" in the extended server hello". */
export const statusRequestAnswer: Codec<undefined> = empty;

//  struct {
//      ResponderID responder_id_list<0..2^16-1>;               -- opaque ResponderID<1..2^16-1>;
//      Extensions request_extensions;                          -- opaque Extensions<0..2^16-1>;
//  } OCSPStatusRequest;
const ocspStatusRequestCodec = struct<{ responderIdList: readonly Uint8Array[]; requestExtensions: Uint8Array }>({
  responderIdList: vector(opaque(1, 2 ** 16 - 1), 0, 2 ** 16 - 1),
  requestExtensions: opaque(0, 2 ** 16 - 1),
});

/** What we ask for. RFC 6066 §8: "A zero-length "responder_id_list" sequence" leaves the choice to the server. */
export const ocspStatusRequest: CertificateStatusRequest = {
  statusType: CertificateStatusType.ocsp,
  request: new Uint8Array(4), // both lists are empty: two lengths of two bytes
};

/**
 * Whether the client asks for OCSP. What it says of responders and extensions is read and not used: we staple what the
 * embedder has, and ask nobody. Another type of status is nothing that we have, so it is as if nobody had asked.
 * Throws DecodeError when what says to be an OCSPStatusRequest is none.
 */
export function asksForOcsp({ statusType, request }: CertificateStatusRequest): boolean {
  if (statusType !== CertificateStatusType.ocsp) return false;
  decode(ocspStatusRequestCodec, request, "status_request.request");
  return true;
}
