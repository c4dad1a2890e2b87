/**
 * The frame around every handshake message.
 * RFC 5246 §7.4. Knows nothing of what is inside.
 * @module
 */

import { concat } from "../codec/bytes.ts";
import { encode, uint24, uint8 } from "../codec/codec.ts";
import { HandshakeType, type HandshakeTypeName } from "../registry.ts";

//  struct {
//      HandshakeType msg_type;    /* handshake type */
//      uint24 length;             /* bytes in message */
//      select (HandshakeType) { … } body;
//  } Handshake;
export interface HandshakeMessage {
  readonly type: number;
  readonly body: Uint8Array;
  /** The whole message with its header: what enters the transcript. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** In bytes. */
export const handshakeHeaderLength: number = 4;

/** A message from its name and body. */
export function handshakeMessage(name: HandshakeTypeName, body: Uint8Array): HandshakeMessage {
  const type = HandshakeType[name];
  return { type, body, bytes: concat(encode(uint8, type), encode(uint24, body.length), body) };
}
