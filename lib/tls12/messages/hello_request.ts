/**
 * HelloRequest: the server asks for a new handshake. Empty; it never enters the transcript.
 * RFC 5246 §7.4.1.1.
 * @module
 */

import { type Codec, empty } from "../../codec/codec.ts";

//  struct { } HelloRequest;
export const helloRequest: Codec<undefined> = empty;
