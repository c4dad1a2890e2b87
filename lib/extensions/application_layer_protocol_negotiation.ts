/**
 * application_layer_protocol_negotiation: the client lists protocols, the server picks one.
 * RFC 7301 §3.1, §3.2.
 * @module
 */

import { latin1Text } from "../codec/bytes.ts";
import { type Codec, opaque, vector } from "../codec/codec.ts";
import { PeerIncompatibleError, PeerMisbehavedError } from "../error.ts";

//  opaque ProtocolName<1..2^8-1>;
//  struct { ProtocolName protocol_name_list<2..2^16-1> } ProtocolNameList;
// RFC 7301 §3.1 SHALL: "The "extension_data" field of the ("application_layer_protocol_negotiation(16)") extension SHALL contain a "ProtocolNameList" value."
export const protocolNameList: Codec<readonly Uint8Array[]> = vector(opaque(1, 2 ** 8 - 1), 2, 2 ** 16 - 1);

/** Text to wire: a protocol name is bytes, written here as one character (below 256) for each. */
export function protocolName(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The server's choice: the first of its own protocols that the client offers. */
export function chooseProtocol(ours: readonly string[], offered: readonly Uint8Array[]): string {
  const theirs = offered.map(latin1Text);
  const chosen = ours.find((name) => theirs.includes(name));
  if (chosen !== undefined) return chosen;
  // RFC 7301 §3.2 SHALL: "In the event that the server supports no protocols that the client advertises, then the server SHALL respond with a fatal "no_application_protocol" alert."
  throw new PeerIncompatibleError("no_application_protocol", "Cannot agree on an application protocol (ALPN)", {
    ours,
    theirs,
  });
}

/** What the server's answer means to a client that offered `ours`. */
export function checkChosenProtocol(ours: readonly string[], answer: readonly Uint8Array[]): string {
  const [chosen, ...others] = answer.map(latin1Text);
  // RFC 7301 §3.1 MUST: "the "ProtocolNameList" MUST contain exactly one "ProtocolName"."
  if (chosen === undefined || others.length > 0) {
    throw new PeerMisbehavedError(
      "illegal_parameter",
      "Cannot accept ServerHello: ALPN must hold exactly one protocol",
    );
  }
  if (!ours.includes(chosen)) {
    throw new PeerMisbehavedError(
      "illegal_parameter",
      `Cannot accept ServerHello: ALPN protocol ${JSON.stringify(chosen)} was not offered (${ours.join(", ")})`,
    );
  }
  return chosen;
}
