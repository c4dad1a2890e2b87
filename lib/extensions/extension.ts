/**
 * The list of extensions at the end of a hello, and the checks on the list as a whole.
 * RFC 5246 §7.4.1.4. What an extension says is in the file of its name.
 * @module
 */

import { type Codec, decode, encode, opaque, optional, struct, uint16, vector } from "../codec/codec.ts";
import { DecodeError, PeerMisbehavedError } from "../error.ts";
import { ExtensionType, type ExtensionTypeName, nameOf } from "../registry.ts";

//  struct {
//      ExtensionType extension_type;
//      opaque extension_data<0..2^16-1>;
//  } Extension;
export interface Extension {
  readonly type: number;
  readonly data: Uint8Array;
}
const extension: Codec<Extension> = struct<{ type: number; data: Uint8Array }>({
  type: uint16,
  data: opaque(0, 2 ** 16 - 1),
});

/** Extension extensions<0..2^16-1>, or nothing at all (RFC 5246 §7.4.1.2). */
export const extensions: Codec<readonly Extension[] | undefined> = optional(vector(extension, 0, 2 ** 16 - 1));

/** One extension, made. */
export function extensionOf<Value>(name: ExtensionTypeName, codec: Codec<Value>, value: Value): Extension {
  return { type: ExtensionType[name], data: encode(codec, value) };
}

/** What one extension of a list says, or `undefined` when it isn't there. */
export function findExtension<Value>(
  list: readonly Extension[] | undefined,
  name: ExtensionTypeName,
  codec: Codec<Value>,
): Value | undefined {
  const found = list?.find(({ type }) => type === ExtensionType[name]);
  return found && decode(codec, found.data, name);
}

/** Whether an extension is there. */
export function hasExtension(list: readonly Extension[] | undefined, name: ExtensionTypeName): boolean {
  return list?.some(({ type }) => type === ExtensionType[name]) ?? false;
}

/** RFC 5246 §7.4.1.4 MUST: "There MUST NOT be more than one extension of the same type." */
export function checkNoDuplicates(list: readonly Extension[] | undefined, message: string): void {
  const seen = new Set<number>();
  for (const { type } of list ?? []) {
    if (seen.has(type)) {
      throw new DecodeError(`Cannot accept ${message}: extension ${nameOf(ExtensionType, type)} is there twice`);
    }
    seen.add(type);
  }
}

/**
 * Throws illegal_parameter for a list of more than `max` extensions, the limit of our own against floods. Not decode_error:
 * the bytes are what they should be, it is their number that is out of range. As with a handshake message that is too long.
 */
export function checkExtensionCount(list: readonly Extension[] | undefined, max: number, message: string): void {
  const count = list?.length ?? 0;
  if (count <= max) return;
  throw new PeerMisbehavedError(
    "illegal_parameter",
    `Cannot accept ${message}: it has ${count} extensions, more than ${max}`,
  );
}

/** Throws unsupported_extension for an answer to something that wasn't asked. */
export function checkSolicited(
  list: readonly Extension[] | undefined,
  offered: readonly number[],
  message: string,
): void {
  for (const { type } of list ?? []) {
    // RFC 5246 §7.4.1.4 MUST: "If a client receives an extension type in ServerHello that it did not request in the associated ClientHello, it MUST abort the handshake with an unsupported_extension fatal alert."
    if (!offered.includes(type)) {
      throw new PeerMisbehavedError(
        "unsupported_extension",
        `Cannot accept ${message}: extension ${nameOf(ExtensionType, type)} was not offered`,
      );
    }
  }
}
