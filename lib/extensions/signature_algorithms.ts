/**
 * signature_algorithms: which signatures the client can verify, best first. RFC 8446 §4.2.3 renamed the pairs of
 * hash and signature that RFC 5246 has here; the two bytes are the same.
 * RFC 5246 §7.4.1.4.1.
 * @module
 */

import { type Codec, uint16, vector } from "../codec/codec.ts";
import { PeerMisbehavedError } from "../error.ts";
import { type Extension, hasExtension } from "./extension.ts";

//  SignatureAndHashAlgorithm supported_signature_algorithms<2..2^16-2>;
export const signatureAlgorithms: Codec<readonly number[]> = vector(uint16, 2, 2 ** 16 - 2);

/** Throws illegal_parameter for a ServerHello that has this extension: unlike others it is never answered. */
export function checkNotAnswered(list: readonly Extension[] | undefined): void {
  // RFC 5246 §7.4.1.4.1 MUST: "Servers MUST NOT send this extension."
  if (!hasExtension(list, "signature_algorithms")) return;
  throw new PeerMisbehavedError(
    "illegal_parameter",
    "Cannot accept ServerHello: signature_algorithms has no place in it (RFC 5246 §7.4.1.4.1)",
  );
}
