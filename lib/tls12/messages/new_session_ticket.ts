/**
 * NewSessionTicket: the server hands out a ticket, before it changes to the new keys.
 * RFC 5077 §3.3. A ticket of no bytes says that there is none after all.
 * @module
 */

import { type Codec, opaque, struct, uint32 } from "../../codec/codec.ts";

//  struct {
//      uint32 ticket_lifetime_hint;
//      opaque ticket<0..2^16-1>;
//  } NewSessionTicket;
export interface NewSessionTicket {
  /** In seconds from when the ticket is received; 0: the server doesn't say. */
  readonly ticketLifetimeHint: number;
  readonly ticket: Uint8Array;
}
export const newSessionTicket: Codec<NewSessionTicket> = struct<{ ticketLifetimeHint: number; ticket: Uint8Array }>({
  ticketLifetimeHint: uint32,
  ticket: opaque(0, 2 ** 16 - 1),
});
