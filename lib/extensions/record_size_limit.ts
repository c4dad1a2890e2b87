/**
 * record_size_limit: each side says how much plaintext it takes in one protected record. Nothing is negotiated: the two
 * limits are independent of each other.
 * RFC 8449 §4, §5.
 * @module
 */

import { type Codec, uint16 } from "../codec/codec.ts";
import { PeerMisbehavedError } from "../error.ts";
import { type Extension, hasExtension } from "./extension.ts";

//  uint16 RecordSizeLimit;
/** In bytes of plaintext. A limit above what the version allows anyway is legal in a ClientHello: it limits nothing. */
export const recordSizeLimit: Codec<number> = uint16;

/** The smallest limit that may be sent, in bytes. */
export const smallestRecordSizeLimit: number = 64;

/** Throws illegal_parameter for a limit that is too small; `message` is where it stood. */
export function checkRecordSizeLimit(limit: number, message: string): void {
  // RFC 8449 §4 MUST: "Endpoints MUST NOT send a "record_size_limit" extension with a value smaller than 64. An endpoint MUST treat receipt of a smaller value as a fatal error and generate an "illegal_parameter" alert."
  if (limit >= smallestRecordSizeLimit) return;
  throw new PeerMisbehavedError(
    "illegal_parameter",
    `Cannot accept ${message}: record_size_limit is ${limit}, less than ${smallestRecordSizeLimit} (RFC 8449 §4)`,
  );
}

/** Throws illegal_parameter for a ServerHello with both extensions that limit a record. */
export function checkOneRecordLimit(list: readonly Extension[] | undefined): void {
  // RFC 8449 §5 MUST: "A client MUST treat receipt of both "max_fragment_length" and "record_size_limit" as a fatal error, and it SHOULD generate an "illegal_parameter" alert."
  if (!hasExtension(list, "max_fragment_length") || !hasExtension(list, "record_size_limit")) return;
  throw new PeerMisbehavedError(
    "illegal_parameter",
    "Cannot accept ServerHello: it has both max_fragment_length and record_size_limit (RFC 8449 §5)",
  );
}
