/**
 * The one message of the change cipher spec protocol.
 * RFC 5246 §7.1.
 * @module
 */

import { type Codec, decode, struct, uint8 } from "../codec/codec.ts";
import { PeerMisbehavedError } from "../error.ts";

//  struct {
//      enum { change_cipher_spec(1), (255) } type;
//  } ChangeCipherSpec;
export interface ChangeCipherSpec {
  readonly type: number;
}
export const changeCipherSpec: Codec<ChangeCipherSpec> = struct<{ type: number }>({ type: uint8 });

export const changeCipherSpecType: number = 1;

/** Throws on everything but the single byte 1. */
export function checkChangeCipherSpec(fragment: Uint8Array): void {
  const { type } = decode(changeCipherSpec, fragment, "ChangeCipherSpec");
  if (type !== changeCipherSpecType) {
    throw new PeerMisbehavedError("illegal_parameter", `Cannot accept ChangeCipherSpec: its value is ${type}, not 1`);
  }
}
