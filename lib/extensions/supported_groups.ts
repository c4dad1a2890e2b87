/**
 * supported_groups: the groups that the client can use, best first. A server doesn't send it in TLS 1.2.
 * RFC 8422 §5.1.1.
 * @module
 */

import { type Codec, uint16, vector } from "../codec/codec.ts";

//  struct { NamedCurve named_curve_list<2..2^16-1> } NamedCurveList;
export const supportedGroups: Codec<readonly number[]> = vector(uint16, 2, 2 ** 16 - 1);
