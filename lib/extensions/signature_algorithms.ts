/**
 * signature_algorithms: which signatures the client can verify, best first, in the handshake, and in certificates, unless
 * signature_algorithms_cert (RFC 8446 §4.2.3) lists those. RFC 8446 renamed the pairs of hash and signature that RFC 5246
 * has here; the two bytes are the same.
 * RFC 5246 §7.4.1.4.1.
 * @module
 */

import { type Codec, uint16, vector } from "../codec/codec.ts";
import { PeerMisbehavedError } from "../error.ts";
import { type Extension, hasExtension } from "./extension.ts";

//  SignatureAndHashAlgorithm supported_signature_algorithms<2..2^16-2>;
export const signatureAlgorithms: Codec<readonly number[]> = vector(uint16, 2, 2 ** 16 - 2);

/** Throws illegal_parameter for a ServerHello that has one of these extensions: unlike others they are never answered. */
export function checkNotAnswered(list: readonly Extension[] | undefined): void {
  for (const name of ["signature_algorithms", "signature_algorithms_cert"] as const) {
    // RFC 5246 §7.4.1.4.1 MUST: "Servers MUST NOT send this extension."
    if (!hasExtension(list, name)) continue;
    throw new PeerMisbehavedError(
      "illegal_parameter",
      `Cannot accept ServerHello: ${name} has no place in it (RFC 5246 §7.4.1.4.1, RFC 8446 §4.2)`,
    );
  }
}
