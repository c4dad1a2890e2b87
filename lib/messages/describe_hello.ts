/**
 * Both hellos, decoded for people who watch: names where there are names.
 * Used by traces only; proves nothing.
 * @module
 */

import { latin1Text } from "../codec/bytes.ts";
import { type Codec, decode } from "../codec/codec.ts";
import { protocolNameList } from "../extensions/application_layer_protocol_negotiation.ts";
import { type Extension, findExtension } from "../extensions/extension.ts";
import { maxFragmentLength } from "../extensions/max_fragment_length.ts";
import { recordSizeLimit } from "../extensions/record_size_limit.ts";
import { hostNameOf, serverNameList } from "../extensions/server_name.ts";
import { sessionTicket } from "../extensions/session_ticket.ts";
import { signatureAlgorithms } from "../extensions/signature_algorithms.ts";
import { signedCertificateTimestampList } from "../extensions/signed_certificate_timestamp.ts";
import { certificateStatusRequest } from "../extensions/status_request.ts";
import { supportedGroups } from "../extensions/supported_groups.ts";
import {
  CertificateStatusType,
  CipherSuite,
  ExtensionType,
  type ExtensionTypeName,
  HandshakeType,
  MaxFragmentLength,
  NamedGroup,
  nameOf,
  ProtocolVersion,
  SignatureScheme,
} from "../registry.ts";
import type { MessageFields } from "../trace.ts";
import { clientHello } from "./client_hello.ts";
import type { HandshakeMessage } from "./handshake.ts";
import { serverHello } from "./server_hello.ts";

/** Throws DecodeError for a hello that is malformed; `undefined` for any other message. */
export function describeHello({ type, body }: HandshakeMessage): MessageFields | undefined {
  if (type === HandshakeType.client_hello) return describeClientHello(body);
  if (type === HandshakeType.server_hello) return describeServerHello(body);
  return undefined;
}

function describeClientHello(body: Uint8Array): MessageFields {
  const hello = decode(clientHello, body, "ClientHello");
  const list = hello.extensions;
  const names = findExtension(list, "server_name", serverNameList);
  return {
    client_version: nameOf(ProtocolVersion, hello.clientVersion),
    random: hello.random,
    session_id: hello.sessionId,
    cipher_suites: hello.cipherSuites.map((suite) => nameOf(CipherSuite, suite)),
    extensions: extensionNames(list),
    server_name: (names && hostNameOf(names)) ?? "",
    supported_groups: (findExtension(list, "supported_groups", supportedGroups) ?? []).map((group) =>
      nameOf(NamedGroup, group)
    ),
    signature_algorithms: (findExtension(list, "signature_algorithms", signatureAlgorithms) ?? []).map((scheme) =>
      nameOf(SignatureScheme, scheme)
    ),
    alpn: protocols(list),
    ...fieldOf(
      list,
      "status_request",
      certificateStatusRequest,
      ({ statusType }) => nameOf(CertificateStatusType, statusType),
    ),
    ...fieldOf(list, "session_ticket", sessionTicket, (ticket) => ticket),
    ...recordLimits(list),
  };
}

function describeServerHello(body: Uint8Array): MessageFields {
  const hello = decode(serverHello, body, "ServerHello");
  return {
    server_version: nameOf(ProtocolVersion, hello.serverVersion),
    random: hello.random,
    session_id: hello.sessionId,
    cipher_suite: nameOf(CipherSuite, hello.cipherSuite),
    extensions: extensionNames(hello.extensions),
    alpn: protocols(hello.extensions),
    ...fieldOf(hello.extensions, "signed_certificate_timestamp", signedCertificateTimestampList, (list) => list),
    ...recordLimits(hello.extensions),
  };
}

/** Both are lengths in bytes. */
function recordLimits(list: readonly Extension[] | undefined): MessageFields {
  return {
    ...fieldOf(list, "max_fragment_length", maxFragmentLength, (code) => nameOf(MaxFragmentLength, code)),
    ...fieldOf(list, "record_size_limit", recordSizeLimit, String),
  };
}

/** What an extension says, under its name; no field at all where it isn't there. */
function fieldOf<Value>(
  list: readonly Extension[] | undefined,
  name: ExtensionTypeName,
  codec: Codec<Value>,
  describe: (value: Value) => MessageFields[string],
): MessageFields {
  const value = findExtension(list, name, codec);
  return value === undefined ? {} : { [name]: describe(value) };
}

function extensionNames(list: readonly Extension[] | undefined): readonly string[] {
  return (list ?? []).map(({ type }) => nameOf(ExtensionType, type));
}

function protocols(list: readonly Extension[] | undefined): readonly string[] {
  return (findExtension(list, "application_layer_protocol_negotiation", protocolNameList) ?? []).map(latin1Text);
}
