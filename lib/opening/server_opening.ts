/**
 * What the commands of the server's opening do: choose the version, and hand over to it.
 * RFC 5246 appendix E.1; RFC 8446 §4.2.1.
 * @module
 */

import { type CommandTable, createMachine, type Machine } from "../endpoint.ts";
import { PeerIncompatibleError } from "../error.ts";
import { findExtension } from "../extensions/extension.ts";
import { supportedVersions } from "../extensions/supported_versions.ts";
import { lifecycleCommands } from "../lifecycle.ts";
import { type ClientHello, decodeClientHello } from "../messages/client_hello.ts";
import { describeHello } from "../messages/describe_hello.ts";
import { nameOf, ProtocolVersion } from "../registry.ts";
import { serverVersions } from "../server_versions.ts";
import type { ServerSettings } from "../settings.ts";
import { serverOpeningChart, type ServerOpeningCommands } from "./server_opening_chart.ts";

/** A server at its very beginning. */
export function serverOpening(config: ServerSettings): Machine {
  return createMachine({
    chart: serverOpeningChart,
    commands: openingCommands,
    describe: describeHello,
    config,
    known: undefined,
  });
}

const openingCommands: CommandTable<ServerOpeningCommands, undefined, ServerSettings, never> = {
  ...lifecycleCommands,

  handOver: (_, { message }, { config }) => {
    const hello = decodeClientHello(message.body);
    for (const [version, endpoint] of serverVersions) {
      if (!offersVersion(hello, version)) continue;
      const offer = {
        clientRandom: hello.random.slice(),
        extensionTypes: (hello.extensions ?? []).map(({ type }) => type),
      };
      return { handOver: { machine: endpoint(offer, config), event: { type: "peer.clientHello", message } } };
    }
    // RFC 5246 appendix E.1 MUST: "If server supports (or is willing to use) only versions greater than client_version, it MUST send a "protocol_version" alert message and close the connection."
    throw new PeerIncompatibleError("protocol_version", "Cannot agree on a version", {
      ours: [...serverVersions.keys()].map((version) => nameOf(ProtocolVersion, version)),
      theirs: (listedVersions(hello) ?? [hello.clientVersion]).map((version) => nameOf(ProtocolVersion, version)),
    });
  },
};

/** RFC 8446 §4.2.1: a client that lists its versions means just those; else client_version is the highest of them. */
function offersVersion(hello: ClientHello, version: number): boolean {
  return listedVersions(hello)?.includes(version) ?? hello.clientVersion >= version;
}

function listedVersions({ extensions }: ClientHello): readonly number[] | undefined {
  return findExtension(extensions, "supported_versions", supportedVersions);
}
