/**
 * What a ClientHello says, as plain data: for embedders that choose a configuration by it, and for fingerprints.
 * Enters: the raw handshake message. Leaves: facts. RFC 5246 §7.4.1.2.
 * It judges nothing: the facts of a hello that a server would refuse can be told as well, as far as they can be read.
 * @module
 */

import { latin1Text } from "../codec/bytes.ts";
import { type Codec, decode, rest, struct, uint24, uint8 } from "../codec/codec.ts";
import { DecodeError, TlsError } from "../error.ts";
import { protocolNameList } from "../extensions/application_layer_protocol_negotiation.ts";
import { ecPointFormats } from "../extensions/ec_point_formats.ts";
import { type Extension, findExtension } from "../extensions/extension.ts";
import { hostNameOf, serverNameList } from "../extensions/server_name.ts";
import { signatureAlgorithms } from "../extensions/signature_algorithms.ts";
import { supportedGroups } from "../extensions/supported_groups.ts";
import { supportedVersions } from "../extensions/supported_versions.ts";
import { type ExtensionTypeName, HandshakeType, nameOf } from "../registry.ts";
import { clientHello } from "./client_hello.ts";

/** Lists are in the client's order. Numbers are those on the wire, GREASE (RFC 8701) among them: `CipherSuite` names them. */
export interface ClientHelloFacts {
  /** The whole handshake message with its header of 4 bytes: a copy. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The version in the fixed part of the message, which in TLS 1.3 is always that of TLS 1.2. */
  readonly clientVersion: number;
  /** Of supported_versions (RFC 8446 §4.2.1) where that is there, else `clientVersion` alone. */
  readonly versions: readonly number[];
  /** In bytes, 0 to 32. */
  readonly sessionIdLength: number;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: readonly number[];
  /** The types of all extensions; one that is there twice is here twice. */
  readonly extensions: readonly number[];
  /** In lower case; `undefined` when there is none, and when it is no host name. */
  readonly serverName: string | undefined;
  readonly namedGroups: readonly number[];
  readonly signatureSchemes: readonly number[];
  readonly pointFormats: readonly number[];
  /** A protocol's name is bytes: one character (below 256) for each. */
  readonly alpnProtocols: readonly string[];
}

/**
 * The facts of a ClientHello, from the handshake message with its header of 4 bytes.
 * Throws DecodeError for anything that isn't one whole ClientHello. An extension whose content is malformed is listed,
 * and says nothing.
 */
export function clientHelloFacts(message: Uint8Array): ClientHelloFacts {
  // Not slice(): that of Node's Buffer is a view.
  const bytes = new Uint8Array(message);
  const hello = decode(clientHello, bodyOf(bytes), "ClientHello");
  const list = <Element>(name: ExtensionTypeName, codec: Codec<readonly Element[]>): readonly Element[] =>
    readable(() => findExtension(hello.extensions, name, codec)) ?? [];
  const versions = list("supported_versions", supportedVersions);
  return {
    bytes,
    clientVersion: hello.clientVersion,
    versions: versions.length > 0 ? versions : [hello.clientVersion],
    sessionIdLength: hello.sessionId.length,
    cipherSuites: hello.cipherSuites,
    compressionMethods: hello.compressionMethods,
    extensions: (hello.extensions ?? []).map(({ type }) => type),
    serverName: readable(() => serverNameIn(hello.extensions)),
    namedGroups: list("supported_groups", supportedGroups),
    signatureSchemes: list("signature_algorithms", signatureAlgorithms),
    pointFormats: list("ec_point_formats", ecPointFormats),
    alpnProtocols: list("application_layer_protocol_negotiation", protocolNameList).map(latin1Text),
  };
}

const handshakeFrame = struct<{ type: number; length: number; body: Uint8Array }>({
  type: uint8,
  length: uint24,
  body: rest,
});

function bodyOf(message: Uint8Array): Uint8Array {
  const { type, length, body } = decode(handshakeFrame, message, "ClientHello");
  if (type !== HandshakeType.client_hello) {
    throw new DecodeError(`Cannot decode ClientHello: it is ${nameOf(HandshakeType, type)}`);
  }
  if (length !== body.length) {
    throw new DecodeError(`Cannot decode ClientHello: its length is ${length}, and ${body.length} bytes follow`);
  }
  return body;
}

function serverNameIn(extensions: readonly Extension[] | undefined): string | undefined {
  const names = findExtension(extensions, "server_name", serverNameList);
  return names && hostNameOf(names);
}

/** What can be read, or `undefined` for what a peer has spoilt. */
function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TlsError) return undefined;
    throw error;
  }
}
