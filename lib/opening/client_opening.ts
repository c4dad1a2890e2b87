/**
 * What the commands of the client's opening do: send the ClientHello, and hand over to the version that the
 * ServerHello names.
 * RFC 5246 §7.4.1.2, appendix E.1.
 * @module
 */

import { encode } from "../codec/codec.ts";
import { clientVersions } from "../client_versions.ts";
import { type CommandTable, createMachine, type Machine } from "../endpoint.ts";
import { InternalError, PeerIncompatibleError } from "../error.ts";
import { protocolName, protocolNameList } from "../extensions/application_layer_protocol_negotiation.ts";
import { ecPointFormats, ourPointFormats } from "../extensions/ec_point_formats.ts";
import { extendedMasterSecret } from "../extensions/extended_master_secret.ts";
import { type Extension, extensionOf } from "../extensions/extension.ts";
import { renegotiationInfo } from "../extensions/renegotiation_info.ts";
import { serverNameList, serverNameListOf } from "../extensions/server_name.ts";
import { signatureAlgorithms } from "../extensions/signature_algorithms.ts";
import { supportedGroups } from "../extensions/supported_groups.ts";
import { lifecycleCommands } from "../lifecycle.ts";
import { clientHello } from "../messages/client_hello.ts";
import { describeHello } from "../messages/describe_hello.ts";
import { handshakeMessage } from "../messages/handshake.ts";
import { decodeServerHello } from "../messages/server_hello.ts";
import { CipherSuite, CompressionMethod, NamedGroup, nameOf, ProtocolVersion, SignatureScheme } from "../registry.ts";
import type { ClientSettings } from "../settings.ts";
import type { Offer } from "../tls12/known.ts";
import { isIpAddress } from "../x509/names.ts";
import { clientOpeningChart, type ClientOpeningCommands } from "./client_opening_chart.ts";

interface Known {
  readonly offer: Offer | undefined;
}

/** A client at its very beginning. */
export function clientOpening(config: ClientSettings): Machine {
  const known: Known = { offer: undefined };
  return createMachine({
    chart: clientOpeningChart,
    commands: openingCommands,
    describe: describeHello,
    config,
    known,
  });
}

const openingCommands: CommandTable<ClientOpeningCommands, Known, ClientSettings, never> = {
  ...lifecycleCommands,

  sendClientHello: (_, __, { config }) => {
    const clientRandom = config.random(32);
    const extensions = offeredExtensions(config);
    const body = encode(clientHello, {
      clientVersion: ProtocolVersion["TLSv1.2"],
      random: clientRandom,
      sessionId: new Uint8Array(0),
      cipherSuites: config.cipherSuites.map(({ name }) => CipherSuite[name]),
      compressionMethods: [CompressionMethod.null],
      extensions,
    });
    return {
      learned: { offer: { clientRandom, extensionTypes: extensions.map(({ type }) => type) } },
      send: { content: "handshake", message: handshakeMessage("client_hello", body) },
    };
  },

  handOver: ({ offer }, { message }, { config }) => {
    const { serverVersion } = decodeServerHello(message.body);
    const endpoint = clientVersions.get(serverVersion);
    if (offer === undefined) throw new InternalError("Cannot hand over: no ClientHello was sent");
    // RFC 5246 appendix E.1 MUST: "If the version chosen by the server is not supported by the client (or not acceptable), the client MUST send a "protocol_version" alert message and close the connection."
    if (endpoint === undefined) {
      throw new PeerIncompatibleError("protocol_version", "Cannot agree on a version", {
        ours: [...clientVersions.keys()].map((version) => nameOf(ProtocolVersion, version)),
        theirs: [nameOf(ProtocolVersion, serverVersion)],
      });
    }
    return { handOver: { machine: endpoint(offer, config), event: { type: "peer.serverHello", message } } };
  },
};

function offeredExtensions(config: ClientSettings): readonly Extension[] {
  const { serverName, namedGroups, signatureSchemes, alpnProtocols } = config;
  const groups = namedGroups.map(({ name }) => NamedGroup[name]);
  const schemes = signatureSchemes.map(({ name }) => SignatureScheme[name]);
  return [
    // RFC 6066 §3: "Literal IPv4 and IPv6 addresses are not permitted in "HostName"."
    ...(serverName === undefined || isIpAddress(serverName)
      ? []
      : [extensionOf("server_name", serverNameList, serverNameListOf(serverName))]),
    extensionOf("extended_master_secret", extendedMasterSecret, undefined),
    extensionOf("renegotiation_info", renegotiationInfo, new Uint8Array(0)),
    extensionOf("supported_groups", supportedGroups, groups),
    extensionOf("ec_point_formats", ecPointFormats, ourPointFormats),
    extensionOf("signature_algorithms", signatureAlgorithms, schemes),
    ...(alpnProtocols.length === 0
      ? []
      : [extensionOf("application_layer_protocol_negotiation", protocolNameList, alpnProtocols.map(protocolName))]),
  ];
}
