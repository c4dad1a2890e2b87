/**
 * ServerHello: the same bytes in every version.
 * RFC 5246 §7.4.1.3.
 * @module
 */

import { type Codec, decode, fixed, opaque, struct, uint16, uint8 } from "../codec/codec.ts";
import { checkExtensionCount, checkNoDuplicates, type Extension, extensions } from "../extensions/extension.ts";
import { defaultLimits } from "../limits.ts";
import type { Limits } from "../settings.ts";

/** What a hello is held to. */
type HelloLimits = Pick<Limits, "maxExtensions">;

//  struct {
//      ProtocolVersion server_version;
//      Random random;
//      SessionID session_id;                               -- opaque SessionID<0..32>;
//      CipherSuite cipher_suite;
//      CompressionMethod compression_method;
//      select (extensions_present) { case false: struct {}; case true: Extension extensions<0..2^16-1>; };
//  } ServerHello;
export interface ServerHello {
  readonly serverVersion: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly extensions: readonly Extension[] | undefined;
}
export const serverHello: Codec<ServerHello> = struct<{
  serverVersion: number;
  random: Uint8Array;
  sessionId: Uint8Array;
  cipherSuite: number;
  compressionMethod: number;
  extensions: readonly Extension[] | undefined;
}>({
  serverVersion: uint16,
  random: fixed(32),
  sessionId: opaque(0, 32),
  cipherSuite: uint16,
  compressionMethod: uint8,
  extensions,
});

/** Decodes a ServerHello and checks that no extension comes twice, and that there aren't too many. */
export function decodeServerHello(body: Uint8Array, { maxExtensions }: HelloLimits = defaultLimits): ServerHello {
  const hello = decode(serverHello, body, "ServerHello");
  checkExtensionCount(hello.extensions, maxExtensions, "ServerHello");
  checkNoDuplicates(hello.extensions, "ServerHello");
  return hello;
}
