/**
 * ServerKeyExchange for ECDHE: the server's ephemeral public key, signed.
 * RFC 5246 §7.4.3, RFC 8422 §5.4.
 * @module
 */

import { type Codec, opaque, struct, uint16, uint8 } from "../../codec/codec.ts";
import { PeerMisbehavedError } from "../../error.ts";
import type { Reader } from "../../codec/reader.ts";
import { ECCurveType, nameOf } from "../../registry.ts";

//  struct {
//      ECCurveType curve_type;         -- named_curve(3); every other one is refused
//      NamedCurve namedcurve;
//      ECPoint public;                 -- opaque point <1..2^8-1>;
//  } ServerECDHParams;
export interface ServerEcdhParams {
  readonly curveType: number;
  readonly namedCurve: number;
  readonly public: Uint8Array;
}
export const serverEcdhParams: Codec<ServerEcdhParams> = struct<{
  curveType: number;
  namedCurve: number;
  public: Uint8Array;
}>({ curveType: { read: readNamedCurveType, write: uint8.write }, namedCurve: uint16, public: opaque(1, 2 ** 8 - 1) });

//  struct {
//      ServerECDHParams params;
//      digitally-signed struct { opaque client_random[32]; opaque server_random[32]; ServerECDHParams params; } signed_params;
//  } ServerKeyExchange;
//  struct { SignatureAndHashAlgorithm algorithm; opaque signature<0..2^16-1>; } DigitallySigned;      -- RFC 5246 §4.7
export interface ServerKeyExchange {
  readonly params: ServerEcdhParams;
  readonly algorithm: number;
  readonly signature: Uint8Array;
}
export const serverKeyExchange: Codec<ServerKeyExchange> = struct<{
  params: ServerEcdhParams;
  algorithm: number;
  signature: Uint8Array;
}>({ params: serverEcdhParams, algorithm: uint16, signature: opaque(0, 2 ** 16 - 1) });

/** RFC 8422 §5.4: named_curve "is now the only remaining format"; what follows another type has another shape. */
function readNamedCurveType(reader: Reader, what: string): number {
  const curveType = uint8.read(reader, what);
  if (curveType === ECCurveType.named_curve) return curveType;
  throw new PeerMisbehavedError(
    "illegal_parameter",
    `Cannot accept ServerKeyExchange: its curve_type is ${nameOf(ECCurveType, curveType)}, not named_curve`,
  );
}
