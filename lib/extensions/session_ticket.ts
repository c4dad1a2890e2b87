/**
 * session_ticket: the client shows a ticket, or that it would take one; the server announces a new one.
 * RFC 5077 §3.2. What is in a ticket only the server knows that made it.
 * @module
 */

import { type Codec, empty, rest } from "../codec/codec.ts";

/** RFC 5077 §3.2: "The extension_data field of SessionTicket extension contains the ticket." -- without a length. */
export const sessionTicket: Codec<Uint8Array> = rest;

/** RFC 5077 §3.2: "The server uses a zero-length SessionTicket extension" -- in the server's hello. */
export const sessionTicketAnswer: Codec<undefined> = empty;
