/**
 * signed_certificate_timestamp: proofs that the server's certificate was logged (Certificate Transparency).
 * They are carried, not checked: whoever has a list of logs can check them.
 * RFC 6962 §3.3, §3.3.1.
 * @module
 */

import { type Codec, empty, opaque, vector } from "../codec/codec.ts";

/** RFC 6962 §3.3.1: "with the appropriate type and empty "extension_data"" -- in the client's hello. */
export const sctRequest: Codec<undefined> = empty;

//  opaque SerializedSCT<1..2^16-1>;
//  struct { SerializedSCT sct_list <1..2^16-1>; } SignedCertificateTimestampList;
/** RFC 6962 §3.3 MUST: "At least one SCT MUST be included." -- in the server's hello. Each stays as it is: bytes. */
export const signedCertificateTimestampList: Codec<readonly Uint8Array[]> = vector(
  opaque(1, 2 ** 16 - 1),
  1,
  2 ** 16 - 1,
);
