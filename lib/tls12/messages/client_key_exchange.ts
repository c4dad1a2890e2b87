/**
 * ClientKeyExchange for ECDHE: the client's ephemeral public key.
 * RFC 5246 §7.4.7, RFC 8422 §5.7.
 * @module
 */

import { type Codec, opaque, struct } from "../../codec/codec.ts";

//  struct { ECPoint ecdh_Yc; } ClientECDiffieHellmanPublic;       -- opaque point <1..2^8-1>;
export interface ClientKeyExchange {
  readonly ecdhYc: Uint8Array;
}
export const clientKeyExchange: Codec<ClientKeyExchange> = struct<{ ecdhYc: Uint8Array }>({
  ecdhYc: opaque(1, 2 ** 8 - 1),
});
