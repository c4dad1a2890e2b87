/**
 * max_fragment_length: a client with little memory asks for short records, and the server agrees or is silent.
 * RFC 6066 §4. The newer and better record_size_limit (RFC 8449) comes before it.
 * @module
 */

import { type Codec, uint8 } from "../codec/codec.ts";
import { PeerMisbehavedError } from "../error.ts";
import { MaxFragmentLength } from "../registry.ts";

//  enum { 2^9(1), 2^10(2), 2^11(3), 2^12(4), (255) } MaxFragmentLength;
// RFC 6066 §4 SHALL: "The "extension_data" field of this extension SHALL contain:"
/** The code, not the length: `fragmentLengthOf` tells the bytes. */
export const maxFragmentLength: Codec<number> = uint8;

const lengths: readonly (readonly [bytes: number, code: number])[] = Object.entries(MaxFragmentLength).map((
  [bytes, code],
) => [Number(bytes), code]);

/** The length that a code means, in bytes of plaintext; throws illegal_parameter for a code that means none. */
export function fragmentLengthOf(code: number, message: string): number {
  const found = lengths.find(([, one]) => one === code);
  if (found !== undefined) return found[0];
  // RFC 6066 §4 MUST: "If a server receives a maximum fragment length negotiation request for a value other than the allowed values, it MUST abort the handshake with an "illegal_parameter" alert."
  throw new PeerMisbehavedError(
    "illegal_parameter",
    `Cannot accept ${message}: max_fragment_length is ${code}, and only 1 to 4 mean a length (RFC 6066 §4)`,
  );
}

/** The code for a length in bytes, or `undefined` for a length that has none. */
export function fragmentLengthCode(bytes: number): number | undefined {
  return lengths.find(([one]) => one === bytes)?.[1];
}

/** Throws illegal_parameter for a ServerHello that agrees to something else than what was asked. Both are codes. */
export function checkFragmentLengthAnswer(answer: number, asked: number): void {
  // RFC 6066 §4 MUST: "Similarly, if a client receives a maximum fragment length negotiation response that differs from the length it requested, it MUST also abort the handshake with an "illegal_parameter" alert."
  if (answer === asked) return;
  throw new PeerMisbehavedError(
    "illegal_parameter",
    `Cannot accept ServerHello: max_fragment_length is ${answer}, and ${asked} was asked for (RFC 6066 §4)`,
  );
}
