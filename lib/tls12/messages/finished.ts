/**
 * Finished: the first protected message; proves that both sides saw the same handshake.
 * RFC 5246 §7.4.9.
 * @module
 */

import { type Codec, fixed, struct } from "../../codec/codec.ts";
import { verifyDataLength } from "../key_schedule.ts";

//  struct { opaque verify_data[verify_data_length]; } Finished;
export interface Finished {
  readonly verifyData: Uint8Array;
}
export const finished: Codec<Finished> = struct<{ verifyData: Uint8Array }>({ verifyData: fixed(verifyDataLength) });
