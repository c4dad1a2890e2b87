/**
 * renegotiation_info: ties a renegotiation to the handshake before it. We never renegotiate, so ours is empty,
 * and so must the peer's be.
 * RFC 5746 §3.2.
 * @module
 */

import { type Codec, opaque } from "../codec/codec.ts";
import { PeerMisbehavedError } from "../error.ts";

//  struct { opaque renegotiated_connection<0..255> } RenegotiationInfo;
export const renegotiationInfo: Codec<Uint8Array> = opaque(0, 255);

/** Throws handshake_failure when the first handshake of a connection claims to be a renegotiation. */
export function checkInitialHandshake(renegotiatedConnection: Uint8Array | undefined, message: string): void {
  // RFC 5746 §3.4 MUST: "The client MUST then verify that the length of the "renegotiated_connection" field is zero, and if it is not, MUST abort the handshake (by sending a fatal handshake_failure alert)."
  if (renegotiatedConnection === undefined || renegotiatedConnection.length === 0) return;
  throw new PeerMisbehavedError(
    "handshake_failure",
    `Cannot accept ${message}: renegotiation_info is not empty in a first handshake (RFC 5746 §3.4, §3.6)`,
  );
}
