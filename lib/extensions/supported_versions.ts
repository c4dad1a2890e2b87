/**
 * supported_versions, as far as a stack without TLS 1.3 needs it: a client that lists versions here offers no others.
 * RFC 8446 §4.2.1.
 * @module
 */

import { type Codec, uint16, vector } from "../codec/codec.ts";

//  case client_hello: ProtocolVersion versions<2..254>;
export const supportedVersions: Codec<readonly number[]> = vector(uint16, 2, 254);
