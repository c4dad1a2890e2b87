/**
 * ClientHello: the same bytes in every version.
 * RFC 5246 §7.4.1.2.
 * @module
 */

import { type Codec, decode, fixed, opaque, struct, uint16, uint8, vector } from "../codec/codec.ts";
import { checkExtensionCount, checkNoDuplicates, type Extension, extensions } from "../extensions/extension.ts";
import { defaultLimits } from "../limits.ts";
import type { Limits } from "../settings.ts";

/** What a hello is held to. */
type HelloLimits = Pick<Limits, "maxExtensions">;

//  struct {
//      ProtocolVersion client_version;
//      Random random;
//      SessionID session_id;                               -- opaque SessionID<0..32>;
//      CipherSuite cipher_suites<2..2^16-2>;
//      CompressionMethod compression_methods<1..2^8-1>;
//      select (extensions_present) { case false: struct {}; case true: Extension extensions<0..2^16-1>; };
//  } ClientHello;
export interface ClientHello {
  readonly clientVersion: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: readonly number[];
  readonly extensions: readonly Extension[] | undefined;
}
export const clientHello: Codec<ClientHello> = struct<{
  clientVersion: number;
  random: Uint8Array;
  sessionId: Uint8Array;
  cipherSuites: readonly number[];
  compressionMethods: readonly number[];
  extensions: readonly Extension[] | undefined;
}>({
  clientVersion: uint16,
  random: fixed(32),
  sessionId: opaque(0, 32),
  cipherSuites: vector(uint16, 2, 2 ** 16 - 2),
  compressionMethods: vector(uint8, 1, 2 ** 8 - 1),
  extensions,
});

/** Decodes a ClientHello and checks that no extension comes twice, and that there aren't too many. */
export function decodeClientHello(body: Uint8Array, { maxExtensions }: HelloLimits = defaultLimits): ClientHello {
  // RFC 5246 §7.4.1.2 MUST: "it MUST check that the amount of data in the message precisely matches one of these formats; if not, then it MUST send a fatal "decode_error" alert."
  const hello = decode(clientHello, body, "ClientHello");
  checkExtensionCount(hello.extensions, maxExtensions, "ClientHello");
  checkNoDuplicates(hello.extensions, "ClientHello");
  return hello;
}
