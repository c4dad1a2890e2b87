/**
 * ec_point_formats: how points may be written. Only one way is left: uncompressed.
 * RFC 8422 §5.1.2, §5.2.
 * @module
 */

import { type Codec, uint8, vector } from "../codec/codec.ts";
import { PeerMisbehavedError } from "../error.ts";
import { ECPointFormat } from "../registry.ts";

//  struct { ECPointFormat ec_point_format_list<1..2^8-1> } ECPointFormatList;
export const ecPointFormats: Codec<readonly number[]> = vector(uint8, 1, 2 ** 8 - 1);

/**
 * The list that we send.
 * RFC 8422 §5.1 MUST: "If the Supported Point Formats Extension is indeed sent, it MUST contain the value 0 (uncompressed) as one of the items in the list of point formats."
 * RFC 8422 §5.2 MUST: "The Supported Point Formats Extension, when used, MUST contain the value 0 (uncompressed) as one of the items in the list of point formats."
 */
export const ourPointFormats: readonly number[] = [ECPointFormat.uncompressed];

/** Throws illegal_parameter when a peer's list lacks the one format that everybody must understand. */
export function checkPointFormats(formats: readonly number[] | undefined, message: string): void {
  // RFC 8422 §5.1.2 MUST: "If the client sends the extension and the extension does not contain the uncompressed point format, and the client has used the Supported Groups extension to indicate support for any of the curves defined in this specification, then the server MUST abort the handshake and return an illegal_parameter alert."
  if (formats === undefined || formats.includes(ECPointFormat.uncompressed)) return;
  throw new PeerMisbehavedError(
    "illegal_parameter",
    `Cannot accept ${message}: ec_point_formats lacks uncompressed (RFC 8422 §5.1.2)`,
  );
}
