/**
 * server_name: which of a server's names the client wants. The server's answer is empty.
 * RFC 6066 §3.
 * @module
 */

import { asciiBytes, latin1Text } from "../codec/bytes.ts";
import { type Codec, empty, opaque, struct, uint8, vector } from "../codec/codec.ts";
import { PeerMisbehavedError } from "../error.ts";
import { NameType } from "../registry.ts";

//  struct {
//      NameType name_type;
//      select (name_type) { case host_name: HostName; } name;      -- opaque HostName<1..2^16-1>;
//  } ServerName;
//  struct { ServerName server_name_list<1..2^16-1> } ServerNameList;
// RFC 6066 §3 SHALL: "The "extension_data" field of this extension SHALL contain "ServerNameList""
// RFC 6066 §11.1 MUST: "Implementations MUST ensure that a buffer overflow does not occur, whatever the values of the length fields in server_name."
export interface ServerName {
  readonly nameType: number;
  readonly name: Uint8Array;
}
export const serverNameList: Codec<readonly ServerName[]> = vector(
  struct<{ nameType: number; name: Uint8Array }>({ nameType: uint8, name: opaque(1, 2 ** 16 - 1) }),
  1,
  2 ** 16 - 1,
);

/** RFC 6066 §3 SHALL: "The "extension_data" field of this extension SHALL be empty." -- in the server's hello. */
export const serverNameAnswer: Codec<undefined> = empty;

/** The list that a client sends for one host name. */
export function serverNameListOf(hostName: string): readonly ServerName[] {
  return [{ nameType: NameType.host_name, name: asciiBytes(hostName) }];
}

/** The host name in a client's list, in lower case; `undefined` when it holds none. */
export function hostNameOf(list: readonly ServerName[]): string | undefined {
  // RFC 6066 §3 MUST: "The ServerNameList MUST NOT contain more than one name of the same name_type."
  const [first, second] = list.filter(({ nameType }) => nameType === NameType.host_name);
  if (second) throw new PeerMisbehavedError("illegal_parameter", "Cannot accept server_name: two host names");
  if (first === undefined) return undefined;
  const text = latin1Text(first.name);
  // RFC 6066 §3: "a byte string using ASCII encoding without a trailing dot".
  if (!/^[\x21-\x7e]+$/.test(text) || text.endsWith(".") || text.length > 255) {
    throw new PeerMisbehavedError(
      "illegal_parameter",
      `Cannot accept server_name: ${JSON.stringify(text.slice(0, 255))} is no host name`,
    );
  }
  return text.toLowerCase();
}
