/**
 * ServerHelloDone: the server has said everything that its flight needs. Empty.
 * RFC 5246 §7.4.5.
 * @module
 */

import { type Codec, empty } from "../../codec/codec.ts";

//  struct { } ServerHelloDone;
export const serverHelloDone: Codec<undefined> = empty;
